//! Cases of `aws_lb`.

use crate::support::cases::{Cases, run};

#[test]
fn load_balancer() {
    run(&Cases {
        type_name: "aws_lb",
        setup: include_str!("setups/network.tf"),
        minimal: r#"name    = "it"
subnets = [aws_subnet.a.id, aws_subnet.b.id]"#,
        full: &[
            r#"name                                        = "full"
internal                                    = true
load_balancer_type                          = "application"
subnets                                     = [aws_subnet.a.id, aws_subnet.b.id, aws_subnet.c.id]
security_groups                             = [aws_security_group.a.id]
ip_address_type                             = "ipv4"
idle_timeout                                = 120
client_keep_alive                           = 600
enable_http2                                = false
drop_invalid_header_fields                  = true
desync_mitigation_mode                      = "strictest"
preserve_host_header                        = true
enable_tls_version_and_cipher_suite_headers = true
enable_xff_client_port                      = true
xff_header_processing_mode                  = "preserve"
enable_waf_fail_open                        = true
enable_zonal_shift                          = true
tags                                        = { Name = "full" }
access_logs {
  bucket  = "logs"
  prefix  = "requests"
  enabled = true
}
connection_logs {
  bucket  = "logs"
  enabled = true
}
health_check_logs {
  bucket = "logs"
}
minimum_load_balancer_capacity {
  capacity_units = 100
}"#,
            r#"name_prefix                      = "net-"
internal                         = true
load_balancer_type               = "network"
enable_cross_zone_load_balancing = true
dns_record_client_routing_policy = "availability_zone_affinity"
security_groups                  = [aws_security_group.a.id]
subnet_mapping {
  subnet_id            = aws_subnet.a.id
  private_ipv4_address = "10.9.1.9"
}
subnet_mapping {
  subnet_id = aws_subnet.b.id
}"#,
        ],
        changes: &[
            r#"name    = "it"
subnets = [aws_subnet.a.id, aws_subnet.b.id]

idle_timeout               = 120
drop_invalid_header_fields = true"#,
            r#"name    = "it"
subnets = [aws_subnet.a.id, aws_subnet.b.id]

enable_deletion_protection = true
enable_http2               = false
tags                       = { Name = "it" }"#,
            r#"name    = "it"
subnets = [aws_subnet.a.id, aws_subnet.b.id]

security_groups = [aws_security_group.a.id, aws_security_group.b.id]
tags            = { Name = "other", more = "" }"#,
            r#"name            = "it"
subnets         = [aws_subnet.b.id, aws_subnet.c.id]
security_groups = [aws_security_group.b.id]
access_logs {
  bucket  = "logs"
  enabled = true
}"#,
            r#"name    = "it"
subnets = [aws_subnet.a.id, aws_subnet.b.id]

access_logs {
  bucket  = "logs"
  enabled = false
}
minimum_load_balancer_capacity {
  capacity_units = 200
}"#,
            r#"name    = "it"
subnets = [aws_subnet.a.id, aws_subnet.b.id]"#,
        ],
        import: Some("{arn}"),
        import_ignores: &["access_logs", "connection_logs", "health_check_logs"],
    });
}
