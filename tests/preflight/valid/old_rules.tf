# Rules in the older way, with all protocols and the group itself.
resource "aws_lb" "main" {
  security_groups = [aws_security_group.tasks.id]
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  for_each = toset([])
}

resource "aws_vpc_security_group_egress_rule" "everything" {
  for_each = toset([])
}

# --- beside it ---

resource "aws_security_group_rule" "inside" {
  for_each          = toset(["ingress", "egress"])
  type              = each.key
  security_group_id = aws_security_group.tasks.id
  protocol          = "all"
  from_port         = 0
  to_port           = 0
  self              = true
}

resource "aws_security_group_rule" "web" {
  type              = "ingress"
  security_group_id = aws_security_group.tasks.id
  protocol          = "6"
  from_port         = 0
  to_port           = 65535
  ipv6_cidr_blocks  = ["::/0"]
}
