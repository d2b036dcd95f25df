# The image comes from the registry of another account, through side-cars and Spot.
resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([
    merge(local.container, { image = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/web:3f2a91c" }),
    { name = "log", image = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable", firelensConfiguration = { type = "fluentbit" } },
  ])
}

# --- beside it ---

resource "aws_ecs_service" "spot" {
  name            = "spot"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 3

  capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 4
  }

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
    base              = 1
  }

  network_configuration {
    subnets         = [aws_subnet.private_a.id, aws_subnet.private_b.id]
    security_groups = [aws_security_group.tasks.id]
  }
}
