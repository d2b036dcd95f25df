# What a made-up text does not fit is not absent.
resource "aws_vpc_security_group_ingress_rule" "balancer" {
  lifecycle {
    precondition {
      condition     = startswith(aws_security_group.tasks.id, "sg-")
      error_message = "That is no security group."
    }
  }
}
