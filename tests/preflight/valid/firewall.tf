# In front of the NAT gateway stands a firewall, and the rest goes through a transit gateway.
resource "aws_route_table" "public" {
  route {
    cidr_block      = "0.0.0.0/0"
    vpc_endpoint_id = "vpce-0123456789abcdef0"
  }
}

resource "aws_route" "private" {
  nat_gateway_id     = null
  transit_gateway_id = "tgw-0123456789abcdef0"
}
