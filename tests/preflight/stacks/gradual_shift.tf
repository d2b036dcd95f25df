resource "aws_lb" "main" {
  load_balancer_type = "network"
}

resource "aws_lb_listener" "production" {
  protocol = "TCP"
}

resource "aws_lb_listener" "test" {
  protocol = "TCP"
}
