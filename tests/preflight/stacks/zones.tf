resource "aws_subnet" "public_b" {
  availability_zone = "eu-west-1a"
}
