resource "aws_route" "private" {
  destination_cidr_block = "10.9.0.0/16"
}
