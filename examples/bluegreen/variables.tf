# The defaults are a small environment that costs little and goes away easily.

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-west-3"
}

variable "project" {
  description = "What this is about; the first half of all names."
  type        = string
  default     = "hello"
}

variable "environment" {
  description = "dev, staging, prod; the second half of all names."
  type        = string
  default     = "dev"

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
  }
}

# --- network -----------------------------------------------------------------

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
  default     = "10.20.0.0/16"
}

variable "availability_zone_count" {
  description = "Zones to spread over, at least two."
  type        = number
  default     = 2
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones, or one in each."
  type        = bool
  default     = true
}

variable "test_ingress_cidr_blocks" {
  description = "Who may look at a new revision before it gets traffic, such as your office: [\"203.0.113.0/24\"]."
  type        = list(string)
  default     = []
}

# --- container ---------------------------------------------------------------

variable "image_version" {
  description = "Tag or digest of an image you have pushed. Null: a placeholder that answers on port 80."
  type        = string
  default     = null
}

variable "container_port" {
  description = "Port the application listens on."
  type        = number
  default     = 80
}

variable "health_check_path" {
  description = "Path that answers 200 while the application is well."
  type        = string
  default     = "/"
}

variable "cpu" {
  description = "CPU units of a task; 1024 are one vCPU."
  type        = number
  default     = 256
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
  default     = 512
}

variable "desired_count" {
  description = "Tasks to run."
  type        = number
  default     = 1
}

variable "app_settings" {
  description = "Environment variables of the application, next to APP_ENV."
  type        = map(string)
  default     = {}
}

# --- deployments -------------------------------------------------------------

variable "deployment_config_name" {
  description = "How production moves to a new revision."
  type        = string
  default     = "CodeDeployDefault.ECSCanary10Percent5Minutes"
}

variable "termination_wait_minutes" {
  description = "How long the old tasks stay for a quick way back."
  type        = number
  default     = 5
}

# --- name --------------------------------------------------------------------

variable "domain_name" {
  description = "Zone to create; the service becomes www in it. `.test` is reserved and resolves nowhere, so put a domain of yours. Null: no zone."
  type        = string
  default     = "hello-dev.test"
}

variable "certificate_arn" {
  description = "Issued ACM certificate for www.<domain_name>, in the same region. Null: plain HTTP."
  type        = string
  default     = null
}

# --- operations --------------------------------------------------------------

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 7
}

variable "enable_execute_command" {
  description = "Allow shells in running tasks. To be decided before the first apply."
  type        = bool
  default     = true
}

variable "container_insights" {
  description = "Collect detailed metrics (billed)."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Protect the load balancer from deletion."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Let a destroy take images, records and running tasks along."
  type        = bool
  default     = true
}
