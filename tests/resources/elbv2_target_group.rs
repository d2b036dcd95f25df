//! Cases of `aws_lb_target_group`.

use crate::support::cases::{Cases, run};

#[test]
fn target_group() {
    run(&Cases {
        type_name: "aws_lb_target_group",
        setup: r#"resource "aws_vpc" "it" { cidr_block = "10.9.0.0/16" }"#,
        minimal: r#"name     = "it"
port     = 80
protocol = "HTTP"
vpc_id   = aws_vpc.it.id"#,
        full: &[
            r#"name                              = "full"
port                              = 8080
protocol                          = "HTTP"
protocol_version                  = "HTTP2"
vpc_id                            = aws_vpc.it.id
target_type                       = "ip"
ip_address_type                   = "ipv4"
deregistration_delay              = 15
slow_start                        = 30
load_balancing_algorithm_type     = "round_robin"
load_balancing_anomaly_mitigation = "off"
load_balancing_cross_zone_enabled = "false"
tags                              = { Name = "full" }
health_check {
  enabled             = true
  healthy_threshold   = 2
  unhealthy_threshold = 4
  interval            = 20
  timeout             = 4
  protocol            = "HTTP"
  port                = "8081"
  path                = "/health"
  matcher             = "200-299"
}
stickiness {
  type            = "app_cookie"
  cookie_name     = "session"
  cookie_duration = 600
}
target_group_health {
  dns_failover {
    minimum_healthy_targets_count      = "2"
    minimum_healthy_targets_percentage = "50"
  }
  unhealthy_state_routing {
    minimum_healthy_targets_count      = 2
    minimum_healthy_targets_percentage = "50"
  }
}"#,
            r#"name_prefix            = "net-"
port                   = 443
protocol               = "TCP"
vpc_id                 = aws_vpc.it.id
connection_termination = true
preserve_client_ip     = "false"
proxy_protocol_v2      = true
health_check {
  protocol = "TCP"
}
stickiness {
  type    = "source_ip"
  enabled = true
}
target_health_state {
  enable_unhealthy_connection_termination = false
  unhealthy_draining_interval             = 60
}"#,
            r#"name                               = "function"
target_type                        = "lambda"
lambda_multi_value_headers_enabled = true
health_check {
  enabled = true
  path    = "/"
}"#,
        ],
        changes: &[
            r#"name     = "it"
port     = 80
protocol = "HTTP"
vpc_id   = aws_vpc.it.id
deregistration_delay = 15"#,
            r#"name     = "it"
port     = 80
protocol = "HTTP"
vpc_id   = aws_vpc.it.id

slow_start                        = 60
load_balancing_cross_zone_enabled = "true"
tags                              = { Name = "it" }"#,
            r#"name     = "it"
port     = 80
protocol = "HTTP"
vpc_id   = aws_vpc.it.id

tags = { Name = "other", more = "" }
health_check {
  path    = "/health"
  matcher = "200,204"
}"#,
            r#"name     = "it"
port     = 80
protocol = "HTTP"
vpc_id   = aws_vpc.it.id

load_balancing_algorithm_type     = "weighted_random"
load_balancing_anomaly_mitigation = "on"
health_check {
  path     = "/health"
  interval = 60
}
stickiness {
  type = "lb_cookie"
}"#,
            r#"name     = "it"
port     = 80
protocol = "HTTP"
vpc_id   = aws_vpc.it.id

stickiness {
  type    = "lb_cookie"
  enabled = false
}
target_group_health {
  unhealthy_state_routing {
    minimum_healthy_targets_count = 3
  }
}"#,
            r#"name     = "it"
port     = 80
protocol = "HTTP"
vpc_id   = aws_vpc.it.id"#,
        ],
        import: Some("{arn}"),
        import_ignores: &[],
    });
}
