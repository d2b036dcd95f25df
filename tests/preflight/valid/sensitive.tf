# Values that may not be shown are not looked at.
resource "aws_subnet" "public_b" {
  cidr_block        = sensitive("10.0.0.128/25")
  availability_zone = sensitive("eu-west-1a")
}

resource "aws_ecs_service" "web" {
  health_check_grace_period_seconds = sensitive(60)

  network_configuration {
    subnets          = [aws_subnet.public_a.id, aws_subnet.private_b.id]
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = sensitive(true)
  }
}

# --- beside it ---

resource "aws_ecs_service" "rolling" {
  name                               = "rolling"
  cluster                            = aws_ecs_cluster.main.id
  task_definition                    = aws_ecs_task_definition.web.arn
  launch_type                        = "FARGATE"
  desired_count                      = sensitive(1)
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = sensitive(150)

  network_configuration {
    subnets         = [aws_subnet.private_a.id]
    security_groups = [aws_security_group.tasks.id]
  }
}
