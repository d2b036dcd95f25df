# The internet in two routes, and a gateway known after apply.
resource "aws_route_table" "public" {
  route {
    cidr_block = "0.0.0.0/1"
    gateway_id = terraform_data.gateway.id
  }
  route {
    cidr_block = "128.0.0.0/1"
    gateway_id = terraform_data.gateway.id
  }
}

# --- beside it ---

resource "terraform_data" "gateway" {}
