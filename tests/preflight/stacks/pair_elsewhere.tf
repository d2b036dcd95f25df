# --- beside it ---

resource "aws_lb" "other" {
  name            = "other"
  subnets         = [aws_subnet.public_a.id, aws_subnet.public_b.id]
  security_groups = [aws_security_group.balancer.id]
}

resource "aws_lb_listener" "other" {
  load_balancer_arn = aws_lb.other.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.green.arn
  }
}
