//! `aws_route53_health_check`.

use crate::support::cases::{Cases, run};

#[test]
fn route53_health_check() {
    run(&Cases {
        type_name: "aws_route53_health_check",
        setup: r#"
            resource "aws_route53_health_check" "child" {
              type = "TCP"
              fqdn = "example.com"
              port = 443
            }
        "#,
        minimal: r#"
            type = "HTTPS"
            fqdn = "example.com"
        "#,
        full: &[
            r#"
            type               = "HTTPS_STR_MATCH"
            fqdn               = "Example.com"
            ip_address         = "192.0.2.44"
            port               = 8443
            resource_path      = "/healthy"
            search_string      = "fine"
            request_interval   = 10
            failure_threshold  = 5
            measure_latency    = true
            invert_healthcheck = true
            disabled           = true
            enable_sni         = false
            reference_name     = "shop"
            regions            = ["us-east-1", "eu-west-1", "ap-southeast-1"]
            tags               = { a = "1" }
            "#,
            r#"
            type                   = "CALCULATED"
            child_health_threshold = 1
            child_healthchecks     = [aws_route53_health_check.child.id]
            "#,
            r#"
            type                            = "CLOUDWATCH_METRIC"
            cloudwatch_alarm_name           = "errors"
            cloudwatch_alarm_region         = "eu-west-1"
            insufficient_data_health_status = "Healthy"
            triggers                        = { a = "1" }
            "#,
        ],
        changes: &[
            r#"
            type               = "HTTPS"
            fqdn               = "www.example.com"
            port               = 8443
            resource_path      = "/healthy"
            failure_threshold  = 2
            invert_healthcheck = true
            disabled           = true
            enable_sni         = false
            regions            = ["us-east-1", "eu-west-1", "ap-southeast-1"]
            tags               = { a = "1", b = "2" }
            "#,
            r#"
            type          = "HTTPS"
            fqdn          = "www.example.com"
            resource_path = "/other"
            regions       = ["us-east-1", "eu-west-1", "us-west-2"]
            tags          = { b = "3" }
            "#,
            r#"
            type = "HTTPS"
            fqdn = "example.com"
            "#,
        ],
        import: Some("{id}"),
        import_ignores: &["reference_name", "triggers"],
    });
}
