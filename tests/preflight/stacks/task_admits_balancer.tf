resource "aws_vpc_security_group_ingress_rule" "balancer" {
  from_port = 80
  to_port   = 80
}
