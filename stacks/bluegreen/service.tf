# Cluster, task definition, service.

locals {
  # A revision from our own repository, by tag or by digest, or any other image.
  image = (
    var.image_version == null ? var.image :
    startswith(var.image_version, "sha256:") ? "${aws_ecr_repository.this.repository_url}@${var.image_version}" :
    "${aws_ecr_repository.this.repository_url}:${var.image_version}"
  )

  # Keys that are only there if they are set: ECS knows no `null` in here.
  container_options = {
    command = length(var.command) > 0 ? var.command : null

    # Maps come sorted by key, so the JSON does not change by itself.
    environment = length(var.environment) > 0 ? [
      for name, value in var.environment : { name = name, value = value }
    ] : null

    secrets = length(var.secrets) > 0 ? [
      for name, arn in var.secrets : { name = name, valueFrom = arn }
    ] : null
  }

  container = merge(
    {
      name      = local.container_name
      image     = local.image
      essential = true

      # With awsvpc, host and container port are the same.
      portMappings = [{
        containerPort = var.container_port
        hostPort      = var.container_port
        protocol      = "tcp"
      }]

      # A process 1 that reaps children and passes SIGTERM on.
      linuxParameters = { initProcessEnabled = true }

      # Fargate needs all three of them.
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.this.name
          awslogs-region        = local.region
          awslogs-stream-prefix = local.container_name
        }
      }
    },
    { for key, value in local.container_options : key => value if value != null },
  )
}

# --- cluster -----------------------------------------------------------------

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = var.container_insights ? "enabled" : "disabled"
  }

  tags = local.tags
}

# The service below says FARGATE itself. This is for what runs beside it, such as
# a migration started by hand, which may as well be cheap.
resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 1
  }
}

# --- task definition ---------------------------------------------------------

# Immutable: every change is a new revision, and a new revision is a deployment.
resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory)

  execution_role_arn = aws_iam_role.execution.arn # ECS: pull, logs, secrets
  task_role_arn      = aws_iam_role.task.arn      # the application

  # Must be what the image was built for ("exec format error" otherwise).
  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([local.container])

  tags = local.tags
}

# --- service -----------------------------------------------------------------

resource "aws_ecs_service" "this" {
  name    = var.name
  cluster = aws_ecs_cluster.this.id

  # A later change of the task definition, the network or the load balancer is not
  # an update but a deployment, which glaz starts and watches. What a deployment
  # moved, here or in a pipeline, it takes as it is. Terraform would move it back,
  # and needs
  #   lifecycle { ignore_changes = [task_definition, load_balancer, desired_count] }
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.desired_count

  launch_type      = "FARGATE"
  platform_version = "LATEST"

  # Don't add wait_for_steady_state: under CODE_DEPLOY the service reports no
  # deployments of its own, and Terraform's wait never ends.
  deployment_controller {
    type = "CODE_DEPLOY"
  }

  network_configuration {
    subnets          = [for subnet in aws_subnet.private : subnet.id]
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = false # private subnets, out through NAT
  }

  # Exactly one block. Green belongs to the deployment group.
  load_balancer {
    target_group_arn = aws_lb_target_group.this["blue"].arn
    container_name   = local.container_name
    container_port   = var.container_port
  }

  # The default of 0 has slow starters killed before they are up.
  health_check_grace_period_seconds = var.health_check_grace_period_seconds

  enable_execute_command  = var.enable_execute_command
  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"

  # Lets a destroy take running tasks along in one step.
  force_delete = var.force_destroy

  tags = local.tags

  depends_on = [
    # Blue must be behind a listener ("does not have an associated load balancer").
    aws_lb_listener.production,
    aws_lb_listener.test,

    # Tasks start at once, and need their permissions, a way to the registry and
    # open doors by then. On the way down, a service that has lost its roles or
    # its network hangs in DRAINING.
    aws_iam_role_policy_attachment.execution,
    aws_iam_role_policy.execution_secrets,
    aws_iam_role_policy_attachment.task,
    aws_iam_role_policy.task_execute_command,
    aws_route.private_nat,
    aws_route_table_association.private,
    aws_vpc_security_group_ingress_rule.tasks_from_load_balancer,
    aws_vpc_security_group_egress_rule.tasks_to_anywhere,
    aws_vpc_security_group_egress_rule.load_balancer_to_tasks,

    # A cluster takes one change at a time.
    aws_ecs_cluster_capacity_providers.this,
  ]
}
