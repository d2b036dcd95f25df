# What a made-up text does not fit is not absent.
resource "aws_vpc_security_group_ingress_rule" "balancer" {
  count = 0
}
# --- beside it ---
resource "aws_vpc_security_group_ingress_rule" "checked" {
  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080

  lifecycle {
    precondition {
      condition     = startswith(aws_security_group.tasks.id, "sg-")
      error_message = "That is no security group."
    }
  }
}
