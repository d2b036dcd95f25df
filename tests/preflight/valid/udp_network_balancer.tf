# A network load balancer for UDP, checked over TCP.
resource "aws_lb" "main" {
  load_balancer_type = "network"
}

resource "aws_lb_target_group" "blue" {
  protocol = "TCP_UDP"
  health_check {
    path = null
  }
}

resource "aws_lb_target_group" "green" {
  protocol = "TCP_UDP"
  health_check {
    path = null
  }
}

resource "aws_lb_listener" "production" {
  protocol = "UDP"
}

resource "aws_lb_listener" "test" {
  protocol = "TCP_UDP"
}

resource "aws_vpc_security_group_ingress_rule" "web" {
  ip_protocol = "udp"
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  ip_protocol = "udp"
}

resource "aws_codedeploy_deployment_group" "web" {
  deployment_config_name = "CodeDeployDefault.ECSAllAtOnce"
}
