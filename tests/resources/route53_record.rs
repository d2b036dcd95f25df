//! `aws_route53_record`.

use crate::support::cases::{Cases, run};

const ZONE: &str = r#"
    resource "aws_route53_zone" "z" {
      name = "example.com"
    }
    resource "aws_route53_health_check" "h" {
      type = "TCP"
      fqdn = "example.com"
      port = 443
    }
"#;

#[test]
fn route53_record() {
    run(&Cases {
        type_name: "aws_route53_record",
        setup: ZONE,
        minimal: r#"
            zone_id = aws_route53_zone.z.zone_id
            name    = "www"
            type    = "A"
            ttl     = 300
            records = ["192.0.2.1"]
        "#,
        full: &[
            r#"
            zone_id         = aws_route53_zone.z.zone_id
            name            = "WWW.example.com."
            type            = "A"
            ttl             = 60
            records         = ["192.0.2.1", "192.0.2.2"]
            set_identifier  = "blue"
            health_check_id = aws_route53_health_check.h.id
            allow_overwrite = true
            weighted_routing_policy {
              weight = 10
            }
            "#,
            r#"
            zone_id = aws_route53_zone.z.zone_id
            name    = "*.example.com"
            type    = "TXT"
            ttl     = 60
            records = ["v=spf1 -all", "first\"\"second"]
            "#,
            r#"
            zone_id = aws_route53_zone.z.zone_id
            name    = ""
            type    = "MX"
            ttl     = 60
            records = ["10 Mail.example.com."]
            "#,
            r#"
            zone_id = aws_route53_zone.z.zone_id
            name    = "alias"
            type    = "A"
            alias {
              name                   = "dualstack.Web-1.eu-west-1.elb.amazonaws.com."
              zone_id                = "Z32O12XQLNTSW2"
              evaluate_target_health = true
            }
            "#,
            r#"
            zone_id        = aws_route53_zone.z.zone_id
            name           = "geo"
            type           = "A"
            ttl            = 60
            records        = ["192.0.2.1"]
            set_identifier = "de"
            geolocation_routing_policy {
              country = "DE"
            }
            "#,
            r#"
            zone_id        = aws_route53_zone.z.zone_id
            name           = "near"
            type           = "A"
            ttl            = 60
            records        = ["192.0.2.1"]
            set_identifier = "frankfurt"
            geoproximity_routing_policy {
              bias = 10
              coordinates {
                latitude  = "50.11"
                longitude = "8.68"
              }
            }
            "#,
            r#"
            zone_id                          = aws_route53_zone.z.zone_id
            name                             = "multi"
            type                             = "A"
            ttl                              = 60
            records                          = ["192.0.2.1"]
            set_identifier                   = "one"
            multivalue_answer_routing_policy = true
            "#,
        ],
        changes: &[
            r#"
            zone_id = aws_route53_zone.z.zone_id
            name    = "www"
            type    = "A"
            ttl     = 60
            records = ["192.0.2.1", "192.0.2.2"]
            "#,
            r#"
            zone_id = aws_route53_zone.z.zone_id
            name    = "www"
            type    = "A"
            alias {
              name                   = "web-1.eu-west-1.elb.amazonaws.com"
              zone_id                = "Z32O12XQLNTSW2"
              evaluate_target_health = false
            }
            "#,
            r#"
            zone_id        = aws_route53_zone.z.zone_id
            name           = "www"
            type           = "A"
            ttl            = 60
            records        = ["192.0.2.1"]
            set_identifier = "blue"
            latency_routing_policy {
              region = "eu-west-1"
            }
            "#,
            r#"
            zone_id         = aws_route53_zone.z.zone_id
            name            = "www"
            type            = "A"
            ttl             = 60
            records         = ["192.0.2.1"]
            set_identifier  = "blue"
            health_check_id = aws_route53_health_check.h.id
            failover_routing_policy {
              type = "PRIMARY"
            }
            "#,
            r#"
            zone_id = aws_route53_zone.z.zone_id
            name    = "www"
            type    = "CNAME"
            ttl     = 60
            records = ["Other.example.com."]
            "#,
        ],
        import: Some("{id}"),
        import_ignores: &["allow_overwrite"],
    });
}
