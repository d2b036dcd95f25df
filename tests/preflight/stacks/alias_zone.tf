resource "aws_route53_record" "web" {
  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = aws_route53_zone.main.zone_id
    evaluate_target_health = true
  }
}
