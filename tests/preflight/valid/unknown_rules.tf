# How many rules there are is known after apply.
resource "aws_security_group" "tasks" {
  dynamic "ingress" {
    for_each = data.aws_availability_zones.all.names
    content {
      protocol    = "tcp"
      from_port   = 8080
      to_port     = 8080
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  for_each          = toset([])
  security_group_id = aws_security_group.balancer.id
}

# --- beside it ---

data "aws_availability_zones" "all" {}
