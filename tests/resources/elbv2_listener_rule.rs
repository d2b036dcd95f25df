//! Cases of `aws_lb_listener_rule`.

use crate::support::cases::{Cases, run};

#[test]
fn listener_rule() {
    run(&Cases {
        type_name: "aws_lb_listener_rule",
        setup: concat!(
            include_str!("setups/network.tf"),
            include_str!("setups/target_groups.tf"),
            r#"resource "aws_lb_listener" "it" {
  load_balancer_arn = aws_lb.it.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.blue.arn
  }
}
"#
        ),
        minimal: r#"listener_arn = aws_lb_listener.it.arn
action {
  type             = "forward"
  target_group_arn = aws_lb_target_group.blue.arn
}
condition {
  path_pattern {
    values = ["/api/*"]
  }
}"#,
        full: &[r#"listener_arn = aws_lb_listener.it.arn
priority = 100
tags     = { Name = "full" }
action {
  type = "forward"
  forward {
    target_group {
      arn    = aws_lb_target_group.blue.arn
      weight = 3
    }
    target_group {
      arn = aws_lb_target_group.green.arn
    }
  }
}
transform {
  type = "url-rewrite"
  url_rewrite_config {
    rewrite {
      regex   = "^/api"
      replace = "/v1"
    }
  }
}
condition {
  host_header {
    values = ["a.example.com"]
  }
}
condition {
  http_header {
    http_header_name = "X-Mode"
    values           = ["a"]
  }
}
condition {
  http_request_method {
    values = ["GET"]
  }
}
condition {
  query_string {
    key   = "q"
    value = "a"
  }
}
condition {
  source_ip {
    values = ["10.0.0.0/8"]
  }
}"#],
        changes: &[
            r#"listener_arn = aws_lb_listener.it.arn
priority = 10
action {
  type             = "forward"
  target_group_arn = aws_lb_target_group.green.arn
}
condition {
  path_pattern {
    values = ["/api/*", "/v1/*"]
  }
}"#,
            r#"listener_arn = aws_lb_listener.it.arn
priority = 20
tags = { Name = "it" }
action {
  type             = "forward"
  target_group_arn = aws_lb_target_group.green.arn
}
condition {
  query_string {
    value = "a"
  }
  query_string {
    key   = "q"
    value = "b"
  }
}
transform {
  type = "host-header-rewrite"
  host_header_rewrite_config {
    rewrite {
      regex   = "^a"
      replace = "b"
    }
  }
}"#,
            r#"listener_arn = aws_lb_listener.it.arn
action {
  type             = "forward"
  target_group_arn = aws_lb_target_group.green.arn
}
condition {
  host_header {
    values = ["a.example.com"]
  }
}
condition {
  http_request_method {
    values = ["GET", "HEAD"]
  }
}"#,
            r#"listener_arn = aws_lb_listener.it.arn
action {
  type             = "forward"
  target_group_arn = aws_lb_target_group.blue.arn
}
condition {
  path_pattern {
    values = ["/api/*"]
  }
}"#,
        ],
        import: Some("{arn}"),
        import_ignores: &[],
    });
}
