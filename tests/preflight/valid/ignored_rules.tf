# Rules inside a group count when it is made, and no more.
resource "aws_security_group" "tasks" {
  ingress {
    protocol    = "tcp"
    from_port   = 8080
    to_port     = 8080
    cidr_blocks = ["10.0.0.0/16"]
  }

  lifecycle {
    ignore_changes = [ingress]
  }
}
