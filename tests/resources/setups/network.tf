resource "aws_vpc" "it" { cidr_block = "10.9.0.0/16" }
resource "aws_internet_gateway" "it" { vpc_id = aws_vpc.it.id }
resource "aws_subnet" "a" {
  vpc_id            = aws_internet_gateway.it.vpc_id
  cidr_block        = "10.9.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {
  vpc_id            = aws_internet_gateway.it.vpc_id
  cidr_block        = "10.9.2.0/24"
  availability_zone = "eu-west-1b"
}
resource "aws_subnet" "c" {
  vpc_id            = aws_internet_gateway.it.vpc_id
  cidr_block        = "10.9.3.0/24"
  availability_zone = "eu-west-1c"
}
resource "aws_security_group" "a" {
  name   = "a"
  vpc_id = aws_vpc.it.id
}
resource "aws_security_group" "b" {
  name   = "b"
  vpc_id = aws_vpc.it.id
}
