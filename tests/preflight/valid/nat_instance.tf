# The way out is an instance of somebody else's.
resource "aws_route" "private" {
  nat_gateway_id       = null
  network_interface_id = "eni-0123456789abcdef0"
}
