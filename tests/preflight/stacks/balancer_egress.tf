# rule: balancer_security_group
resource "aws_vpc_security_group_egress_rule" "tasks" {
  from_port = 80
  to_port   = 80
}
