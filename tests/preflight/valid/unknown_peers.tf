# Who may come in is known after apply.
resource "aws_vpc_security_group_ingress_rule" "balancer" {
  referenced_security_group_id = terraform_data.group.id
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  cidr_ipv4                    = "${aws_eip.nat.private_ip}/32"
  referenced_security_group_id = null
}

# --- beside it ---

resource "terraform_data" "group" {}
