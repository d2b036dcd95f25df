//! Cases of `aws_lb_listener`.

use crate::support::cases::{Cases, run};
use crate::support::stack::stack;

#[test]
fn listener() {
    run(&Cases {
        type_name: "aws_lb_listener",
        setup: concat!(include_str!("setups/network.tf"), include_str!("setups/target_groups.tf")),
        minimal: r#"load_balancer_arn = aws_lb.it.arn
port              = 80
default_action {
  type             = "forward"
  target_group_arn = aws_lb_target_group.blue.arn
}"#,
        full: &[r#"load_balancer_arn = aws_lb.it.arn
port              = 443
protocol        = "HTTPS"
certificate_arn = "arn:aws:iam::123456789012:server-certificate/standing"
ssl_policy      = "ELBSecurityPolicy-TLS13-1-2-2021-06"
tags            = { Name = "full" }
routing_http_request_x_amzn_tls_version_header_name                = "X-Tls"
routing_http_request_x_amzn_tls_cipher_suite_header_name           = "X-Cipher"
routing_http_response_server_enabled                               = false
routing_http_response_strict_transport_security_header_value       = "max-age=63072000"
routing_http_response_access_control_allow_origin_header_value     = "https://example.com"
mutual_authentication {
  mode = "passthrough"
}
default_action {
  type  = "authenticate-oidc"
  order = 1
  authenticate_oidc {
    issuer                     = "https://id.example.com"
    authorization_endpoint     = "https://id.example.com/authorize"
    token_endpoint             = "https://id.example.com/token"
    user_info_endpoint         = "https://id.example.com/user"
    client_id                  = "it"
    client_secret              = "secret"
    session_timeout            = 3600
    on_unauthenticated_request = "deny"
  }
}
default_action {
  type  = "forward"
  order = 2
  forward {
    target_group {
      arn    = aws_lb_target_group.blue.arn
      weight = 90
    }
    target_group {
      arn    = aws_lb_target_group.green.arn
      weight = 10
    }
    stickiness {
      enabled  = true
      duration = 600
    }
  }
}"#],
        changes: &[
            r#"load_balancer_arn = aws_lb.it.arn
port              = 80

default_action {
  type = "forward"
  forward {
    target_group {
      arn    = aws_lb_target_group.blue.arn
      weight = 100
    }
  }
}"#,
            r#"load_balancer_arn = aws_lb.it.arn
port              = 81
tags = { Name = "it" }
routing_http_response_server_enabled = false
default_action {
  type = "forward"
  forward {
    target_group {
      arn    = aws_lb_target_group.blue.arn
      weight = 0
    }
    target_group {
      arn = aws_lb_target_group.green.arn
    }
  }
}"#,
            r#"load_balancer_arn = aws_lb.it.arn
port              = 80
tags = { Name = "other" }
default_action {
  type = "redirect"
  redirect {
    protocol    = "HTTPS"
    port        = "443"
    status_code = "HTTP_301"
  }
}"#,
            r#"load_balancer_arn = aws_lb.it.arn
port              = 80
protocol        = "HTTPS"
certificate_arn = "arn:aws:iam::123456789012:server-certificate/standing"
default_action {
  type = "fixed-response"
  fixed_response {
    content_type = "text/plain"
    message_body = "not here"
    status_code  = "404"
  }
}"#,
            r#"load_balancer_arn = aws_lb.it.arn
port              = 80
protocol          = "HTTP"
default_action {
  type             = "forward"
  target_group_arn = aws_lb_target_group.blue.arn
}"#,
        ],
        import: Some("{arn}"),
        import_ignores: &["default_action"],
    });
}

#[test]
fn only_the_listener_of_a_gateway_has_no_port() {
    let listener = |kind: &str, more: &str| {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";
        let action = format!(
            "default_action {{\n    type = \"forward\"\n    target_group_arn = \"{arn}:targetgroup/a/b\"\n  }}"
        );
        let text = format!("load_balancer_arn = \"{arn}:loadbalancer/{kind}/a/b\"\n  {more}\n  {action}");
        let text = format!("resource \"aws_lb_listener\" \"it\" {{\n  {text}\n}}\n");
        stack().file("main.tf", text).run(&["validate"])
    };
    listener("app", "protocol = \"HTTP\"").fails().says("A listener has a port");
    listener("app", "").fails().says("A listener has a port");
    listener("net", "port = 80").fails().says("needs a protocol");
    listener("app", "port = 80").succeeds();
    listener("gwy", "").succeeds();
}

#[test]
fn a_port_that_is_taken_away_is_missed_by_the_plan() {
    let body = |port: &str| {
        let setup = concat!(include_str!("setups/network.tf"), include_str!("setups/target_groups.tf"));
        format!(
            "{setup}\nresource \"aws_lb_listener\" \"it\" {{\n  load_balancer_arn = aws_lb.it.arn\n  {port}\n  default_action {{\n    type = \"forward\"\n    target_group_arn = aws_lb_target_group.blue.arn\n  }}\n}}\n"
        )
    };
    let stack = stack().unchecked().aws().file("main.tf", body("port = 80"));
    stack.apply().succeeds();
    stack.write("main.tf", body(""));
    stack.plan().fails().says("A listener has a port");
}
