resource "aws_lb_target_group" "green" {
  target_type = "instance"
}

resource "aws_lb_target_group" "blue" {
  target_type = "instance"
}
