# Who writes out the zone of AWS's load balancers has looked it up.
resource "aws_route53_record" "web" {
  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = "Z32O12XQLNTSW2"
    evaluate_target_health = true
  }
}
