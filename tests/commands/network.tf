resource "aws_vpc" "one" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "one" {
  vpc_id = aws_vpc.one.id
}

resource "aws_subnet" "one" {
  for_each          = { a = "10.0.1.0/24", b = "10.0.2.0/24" }
  vpc_id            = aws_vpc.one.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = each.value
}
