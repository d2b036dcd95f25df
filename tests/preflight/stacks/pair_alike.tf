resource "aws_lb_target_group" "green" {
  health_check {
    path = "/"
  }
}
