resource "aws_lb_listener" "test" {
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.green.arn
  }
}
