# Those who may come in are named by another stack.
resource "aws_vpc_security_group_ingress_rule" "web" {
  for_each                     = { production = 80 }
  cidr_ipv4                    = null
  referenced_security_group_id = "sg-0123456789abcdef0"
}

# --- beside it ---

resource "aws_vpc_security_group_ingress_rule" "test" {
  security_group_id = aws_security_group.balancer.id
  prefix_list_id    = "pl-0123456789abcdef0"
  ip_protocol       = "tcp"
  from_port         = 8000
  to_port           = 8999
}
