# A rule of some group; which one is known after apply.
resource "aws_vpc_security_group_ingress_rule" "balancer" {
  security_group_id = lower(trimspace(element(split(" ", "${aws_security_group.tasks.id} tasks"), 0)))
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  security_group_id = terraform_data.group.id
}

# --- beside it ---

resource "terraform_data" "group" {}
