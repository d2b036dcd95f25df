resource "aws_ecs_service" "web" {
  load_balancer {
    target_group_arn = aws_lb_target_group.other.arn
    container_name   = "web"
    container_port   = 8080
  }
}

# --- beside it ---

resource "aws_lb_target_group" "other" {
  name        = "other"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id
}
