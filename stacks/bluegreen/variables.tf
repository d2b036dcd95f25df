# --- in general --------------------------------------------------------------

variable "name" {
  description = "Name of the stack; everything in it is called this, or starts with it. Changing it makes everything anew."
  type        = string

  # The narrowest rule wins: load balancer and target groups take 32 characters,
  # "-green" included, and repositories only lower case and single separators.
  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 3 && length(var.name) <= 26
    error_message = "name must have 3 to 26 characters: lower-case letters, digits and single hyphens, starting with a letter."
  }

  validation {
    condition     = !startswith(var.name, "internal-")
    error_message = "name must not start with \"internal-\", which load balancers keep for themselves."
  }
}

variable "tags" {
  description = "Tags for everything in the stack, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "force_destroy" {
  description = "Let a destroy take along what it would otherwise stumble over: images, foreign DNS records, running tasks. For dev stacks."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Protect the load balancer from deletion. Set it to false (and apply) before a destroy."
  type        = bool
  default     = false
}

# --- network -----------------------------------------------------------------

variable "vpc_cidr" {
  description = "Address range of the VPC, /16 to /19. The subnets are cut out of it."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr))
    error_message = "vpc_cidr must be an IPv4 range such as 10.20.0.0/16."
  }

  # Only looks at the prefix once the range is one.
  validation {
    condition     = !can(cidrnetmask(var.vpc_cidr)) || try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false)
    error_message = "vpc_cidr must start at its network address: 10.20.0.0/16, not 10.20.1.0/16."
  }

  # A load balancer needs public subnets of /27 or larger, so the VPC /19.
  validation {
    condition     = !can(cidrnetmask(var.vpc_cidr)) || try(contains(range(16, 20), tonumber(split("/", var.vpc_cidr)[1])), false)
    error_message = "vpc_cidr must be between /16 and /19 in size."
  }
}

variable "availability_zone_count" {
  description = "Zones to spread over; each gets a public and a private subnet. The load balancer needs two."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3, 4, 5, 6], var.availability_zone_count)
    error_message = "availability_zone_count must be a whole number from 2 to 6."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones instead of one in each: cheaper, but if its zone fails, no task anywhere reaches the registry."
  type        = bool
  default     = true
}

variable "ingress_cidr_blocks" {
  description = "Who may use the service."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = alltrue([for cidr in var.ingress_cidr_blocks : can(cidrnetmask(cidr))])
    error_message = "ingress_cidr_blocks must be IPv4 ranges such as 203.0.113.0/24."
  }
}

variable "test_ingress_cidr_blocks" {
  description = "Who, besides the tasks' own network, may see a new revision on the test listener."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.test_ingress_cidr_blocks : can(cidrnetmask(cidr))])
    error_message = "test_ingress_cidr_blocks must be IPv4 ranges such as 203.0.113.0/24."
  }
}

# --- load balancer -----------------------------------------------------------

variable "tls" {
  description = "Serve HTTPS on 443 with this (issued) certificate, and redirect port 80 to it. Null: HTTP on 80."
  type = object({
    certificate_arn = string
    ssl_policy      = optional(string, "ELBSecurityPolicy-TLS13-1-2-2021-06")
  })
  default = null

  # The ARN may be known only after apply (a certificate made in the same run).
  validation {
    condition     = var.tls == null ? true : can(regex("^arn:[^:]+:(acm|iam):", var.tls.certificate_arn))
    error_message = "tls.certificate_arn must be the ARN of a certificate in ACM (or IAM)."
  }
}

variable "test_listener_port" {
  description = "Port on which a new revision can be seen before it gets traffic."
  type        = number
  default     = 8080

  validation {
    condition     = var.test_listener_port >= 1 && var.test_listener_port <= 65535 && floor(var.test_listener_port) == var.test_listener_port
    error_message = "test_listener_port must be a port, 1 to 65535."
  }

  validation {
    condition     = !contains([80, 443], var.test_listener_port)
    error_message = "test_listener_port must differ from the production ports, 80 and 443."
  }
}

variable "health_check" {
  description = "When a task counts as healthy. The same for blue and green."
  type = object({
    path                = optional(string, "/")
    matcher             = optional(string, "200")
    interval            = optional(number, 15)
    timeout             = optional(number, 5)
    healthy_threshold   = optional(number, 2)
    unhealthy_threshold = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = startswith(var.health_check.path, "/")
    error_message = "health_check.path must start with a slash."
  }

  validation {
    condition     = var.health_check.interval >= 5 && var.health_check.interval <= 300
    error_message = "health_check.interval must be 5 to 300 seconds."
  }

  validation {
    condition     = var.health_check.timeout >= 2 && var.health_check.timeout < var.health_check.interval
    error_message = "health_check.timeout must be at least 2 seconds and shorter than the interval."
  }

  validation {
    condition = alltrue([
      for threshold in [var.health_check.healthy_threshold, var.health_check.unhealthy_threshold] :
      threshold >= 2 && threshold <= 10
    ])
    error_message = "health_check thresholds must be 2 to 10."
  }
}

variable "deregistration_delay_seconds" {
  description = "How long a stopping task may finish its requests."
  type        = number
  default     = 30

  validation {
    condition     = var.deregistration_delay_seconds >= 0 && var.deregistration_delay_seconds <= 3600
    error_message = "deregistration_delay_seconds must be 0 to 3600."
  }
}

# --- container ---------------------------------------------------------------

variable "image" {
  description = "Image to run while `image_version` is null. The default answers on port 80, so that the stack comes up before your first image."
  type        = string
  default     = "public.ecr.aws/docker/library/nginx:1.27-alpine"

  validation {
    condition     = can(regex("(:[A-Za-z0-9_][A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})$", var.image)) && !endswith(var.image, ":latest")
    error_message = "image needs a tag other than latest, or a digest: a rollback must find the image it ran before."
  }
}

variable "image_version" {
  description = "Tag (a commit, say) or digest (sha256:...) of an image in the stack's repository. It must have been pushed. Null: run `image`."
  type        = string
  default     = null

  validation {
    condition     = var.image_version == null ? true : can(regex("^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|sha256:[0-9a-f]{64})$", var.image_version)) && var.image_version != "latest"
    error_message = "image_version must be a tag other than latest, or a digest."
  }
}

variable "container_port" {
  description = "Port the application listens on. Changing it closes the old port to the tasks that still run, so expect an interruption until the deployment is through."
  type        = number
  default     = 80

  validation {
    condition     = var.container_port >= 1 && var.container_port <= 65535 && floor(var.container_port) == var.container_port
    error_message = "container_port must be a port, 1 to 65535."
  }
}

variable "command" {
  description = "Command to run instead of the image's own."
  type        = list(string)
  default     = []
}

variable "environment" {
  description = "Environment variables. Anyone who may read the task definition can read them; for passwords there is `secrets`."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Environment variables read from Secrets Manager or SSM at start: name to ARN. A key inside a secret: arn:...:secret:db-AbCdEf:password::"
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for arn in values(var.secrets) : can(regex(
        "^arn:[^:]+:(ssm:[^:]+:[0-9]{12}:parameter/.+|secretsmanager:[^:]+:[0-9]{12}:secret:[^:]+(:[^:]*:[^:]*:[^:]*)?)$",
        arn,
      ))
    ])
    error_message = "secrets must map names to full ARNs of SSM parameters or secrets; what follows a secret's name is ':json-key:stage:version', three parts that may be empty."
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), keys(var.environment))) == 0
    error_message = "The same variable is both in secrets and in environment."
  }
}

variable "secret_kms_key_arns" {
  description = "Customer-managed keys the secrets are encrypted with. Not needed for AWS's own keys."
  type        = list(string)
  default     = []
}

variable "task_policy_arns" {
  description = "Policies for the application itself, under names of your choice: { queue = aws_iam_policy.queue.arn }"
  type        = map(string)
  default     = {}
}

# --- service -----------------------------------------------------------------

locals {
  # Memory (MiB) that Fargate allows for each size of CPU.
  fargate_memory = {
    "256"   = [512, 1024, 2048]
    "512"   = range(1024, 4096 + 1, 1024)
    "1024"  = range(2048, 8192 + 1, 1024)
    "2048"  = range(4096, 16384 + 1, 1024)
    "4096"  = range(8192, 30720 + 1, 1024)
    "8192"  = range(16384, 61440 + 1, 4096)
    "16384" = range(32768, 122880 + 1, 8192)
  }
}

variable "cpu" {
  description = "CPU of a task in units; 1024 are one vCPU."
  type        = number
  default     = 256

  validation {
    condition     = contains(keys(local.fargate_memory), tostring(var.cpu))
    error_message = "cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384."
  }
}

variable "memory" {
  description = "Memory of a task in MiB. Fargate sells CPU and memory in pairs."
  type        = number
  default     = 512

  validation {
    condition     = try(contains(local.fargate_memory[tostring(var.cpu)], var.memory), false)
    error_message = "Fargate has no task with cpu ${var.cpu} and ${var.memory} MiB. With this cpu, memory may be: ${try(join(", ", local.fargate_memory[tostring(var.cpu)]), "(cpu itself is not valid)")}."
  }
}

variable "cpu_architecture" {
  description = "What the image is built for: X86_64, or ARM64 (cheaper; also what Apple silicon builds by default)."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "cpu_architecture must be X86_64 or ARM64."
  }
}

variable "desired_count" {
  description = "Tasks to run. A deployment runs twice as many for a while."
  type        = number
  default     = 2

  validation {
    condition     = var.desired_count >= 0 && floor(var.desired_count) == var.desired_count
    error_message = "desired_count must be a whole number, 0 or more."
  }
}

variable "health_check_grace_period_seconds" {
  description = "How long a new task may fail its health checks. Longer than the application takes to start."
  type        = number
  default     = 60

  validation {
    condition     = var.health_check_grace_period_seconds >= 0
    error_message = "health_check_grace_period_seconds must not be negative."
  }
}

variable "enable_execute_command" {
  description = "Allow `aws ecs execute-command` into running tasks. Decide before the first apply: a service under CodeDeploy does not take the change."
  type        = bool
  default     = false
}

variable "container_insights" {
  description = "Collect CloudWatch Container Insights metrics (billed per metric)."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How long logs are kept; 0 is for ever."
  type        = number
  default     = 30

  validation {
    condition = contains(
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
    error_message = "log_retention_days must be a value CloudWatch knows: 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "images_kept" {
  description = "Images to keep in the repository. An expired one can't be rolled back to."
  type        = number
  default     = 30

  validation {
    condition     = var.images_kept >= 5
    error_message = "images_kept must be at least 5, or a rollback may find nothing."
  }
}

# --- deployments -------------------------------------------------------------

variable "deployment_config_name" {
  description = "How production moves: CodeDeployDefault.ECSCanary10Percent5Minutes, ...ECSCanary10Percent15Minutes, ...ECSLinear10PercentEvery1Minutes, ...ECSLinear10PercentEvery3Minutes, ...ECSAllAtOnce, or one of your own for ECS."
  type        = string
  default     = "CodeDeployDefault.ECSCanary10Percent5Minutes"

  validation {
    condition     = !startswith(var.deployment_config_name, "CodeDeployDefault.") || startswith(var.deployment_config_name, "CodeDeployDefault.ECS")
    error_message = "${var.deployment_config_name} is not for ECS. AWS's own for ECS start with \"CodeDeployDefault.ECS\"."
  }
}

variable "approval_wait_minutes" {
  description = "Wait that long for somebody to let a deployment continue, after the test listener shows it; without an answer it is stopped. 0: don't wait."
  type        = number
  default     = 0

  validation {
    condition     = var.approval_wait_minutes >= 0 && var.approval_wait_minutes <= 2880
    error_message = "approval_wait_minutes must be 0 to 2880 (two days)."
  }
}

variable "termination_wait_minutes" {
  description = "How long the old tasks stay after a deployment, for a quick way back. The next deployment can't start before."
  type        = number
  default     = 5

  validation {
    condition     = var.termination_wait_minutes >= 0 && var.termination_wait_minutes <= 2880
    error_message = "termination_wait_minutes must be 0 to 2880 (two days)."
  }
}

variable "rollback_alarm_names" {
  description = "CloudWatch alarms that stop a deployment and roll it back."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.rollback_alarm_names) <= 10
    error_message = "CodeDeploy watches at most 10 alarms."
  }
}

# --- DNS ---------------------------------------------------------------------

variable "dns" {
  description = "Name for the service. Null: only the load balancer's own name."
  type = object({
    zone_name   = string                 # "example.org"
    record_name = optional(string, "")   # "www"; "" is the zone itself
    create_zone = optional(bool, true)   # false: the zone exists already,
    zone_id     = optional(string, null) #        and this is its id
  })
  default = null

  validation {
    condition     = var.dns == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z][a-z0-9-]*$", var.dns.zone_name))
    error_message = "dns.zone_name must be a domain in lower case and without a dot at its end, such as example.org."
  }

  validation {
    condition     = var.dns == null ? true : can(regex("^$|^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$", var.dns.record_name))
    error_message = "dns.record_name is the part in front of the zone, such as www."
  }

  validation {
    condition     = var.dns == null ? true : var.dns.create_zone == (var.dns.zone_id == null)
    error_message = "Either let the stack create the zone, or set create_zone = false and give its zone_id."
  }
}
