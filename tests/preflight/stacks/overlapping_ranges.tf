resource "aws_subnet" "public_b" {
  cidr_block = "10.0.0.128/25"
}
