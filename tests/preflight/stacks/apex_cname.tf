# rule: alias_zone
# --- beside it ---

resource "aws_route53_record" "apex" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "example.com"
  type    = "CNAME"
  ttl     = 60
  records = ["elsewhere.example.net"]
}
