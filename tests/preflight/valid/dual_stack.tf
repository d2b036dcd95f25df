# Both generations of addresses, in the network and in DNS.
resource "aws_vpc" "main" {
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "public_a" {
  ipv6_cidr_block = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 0)
}

resource "aws_subnet" "public_b" {
  ipv6_cidr_block = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 1)
}

resource "aws_lb" "main" {
  ip_address_type = "dualstack"
}

# --- beside it ---

resource "aws_route53_record" "six" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "example.com"
  type    = "AAAA"

  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = aws_lb.main.zone_id
    evaluate_target_health = true
  }
}
