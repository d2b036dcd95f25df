# rule: overlapping_ranges
resource "aws_subnet" "public_b" {
  cidr_block = "10.1.0.0/24"
}
