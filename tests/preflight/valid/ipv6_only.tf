# Everything goes over IPv6.
resource "aws_route_table" "private" {
  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = "eigw-0123456789abcdef0"
  }
}

resource "aws_route" "private" {
  destination_cidr_block = "10.9.0.0/16"
}
