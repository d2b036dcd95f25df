resource "aws_ecs_service" "web" {
  network_configuration {
    subnets         = [aws_subnet.public_a.id, aws_subnet.public_b.id]
    security_groups = [aws_security_group.tasks.id]
  }
}
