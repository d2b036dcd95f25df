# A configuration of another stack, whose name says little, behind a network load balancer.
resource "aws_lb" "main" {
  load_balancer_type = "network"
}

resource "aws_lb_listener" "production" {
  protocol = "TCP"
}

resource "aws_lb_listener" "test" {
  protocol = "TCP"
}

resource "aws_codedeploy_deployment_group" "web" {
  deployment_config_name = "was-Canary-once"
}
