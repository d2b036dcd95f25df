# A name for the load balancer. Everything here is left out if `dns` is null.

locals {
  zone_id = (
    var.dns == null ? null :
    var.dns.create_zone ? one(aws_route53_zone.this[*].zone_id) :
    var.dns.zone_id
  )

  # "" stands for the zone's apex.
  fqdn = (
    var.dns == null ? null :
    var.dns.record_name == "" ? var.dns.zone_name :
    "${var.dns.record_name}.${var.dns.zone_name}"
  )
}

# A new zone answers nobody until the registrar (or the parent zone) delegates to
# its name servers, see the output `name_servers`. Making it again changes them.
resource "aws_route53_zone" "this" {
  count = var.dns == null ? 0 : var.dns.create_zone ? 1 : 0

  name          = var.dns.zone_name
  comment       = "Made for ${var.name}"
  force_destroy = var.force_destroy

  tags = local.tags
}

resource "aws_route53_record" "this" {
  count = var.dns == null ? 0 : 1

  zone_id = local.zone_id
  name    = local.fqdn
  type    = "A"

  # An alias, because a CNAME may not stand at the apex. `zone_id` in here is the
  # load balancer's own zone, not the one above.
  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }
}
