# rule: container_port
resource "aws_ecs_service" "web" {
  load_balancer {
    target_group_arn = aws_lb_target_group.blue.arn
    container_name   = "wep"
    container_port   = 8080
  }
}
