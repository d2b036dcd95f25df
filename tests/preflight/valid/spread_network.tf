# The network is another stack's, and what of it is meant is known after apply.
resource "aws_lb" "main" {
  subnets         = terraform_data.subnet[*].id
  security_groups = [terraform_data.group.id]
}

resource "aws_subnet" "public_b" {
  vpc_id     = terraform_data.vpc.id
  cidr_block = "10.1.0.0/24"
}

# --- beside it ---

resource "terraform_data" "vpc" {}

resource "terraform_data" "subnet" {
  count = 2
}

resource "terraform_data" "group" {}
