# --- beside it ---

resource "aws_ecs_service" "rolling" {
  name                               = "rolling"
  cluster                            = aws_ecs_cluster.main.id
  task_definition                    = aws_ecs_task_definition.web.arn
  launch_type                        = "FARGATE"
  desired_count                      = 1
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 150

  network_configuration {
    subnets         = [aws_subnet.private_a.id]
    security_groups = [aws_security_group.tasks.id]
  }
}
