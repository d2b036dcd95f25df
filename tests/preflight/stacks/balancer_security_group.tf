resource "aws_vpc_security_group_ingress_rule" "web" {
  for_each = { production = 443, test = 8080 }
}
