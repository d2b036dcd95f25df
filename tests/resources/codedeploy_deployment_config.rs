//! `aws_codedeploy_deployment_config`.

use crate::support::cases::{Cases, run};

#[test]
fn codedeploy_deployment_config() {
    run(&Cases {
        type_name: "aws_codedeploy_deployment_config",
        setup: "",
        minimal: r#"
            deployment_config_name = "it"
            compute_platform       = "ECS"
        "#,
        full: &[
            r#"
            deployment_config_name = "it"
            compute_platform       = "ECS"
            traffic_routing_config {
              type = "TimeBasedCanary"
              time_based_canary {
                interval   = 5
                percentage = 20
              }
            }
            "#,
            r#"
            deployment_config_name = "it"
            compute_platform       = "Lambda"
            traffic_routing_config {
              type = "TimeBasedLinear"
              time_based_linear {
                interval   = 1
                percentage = 10
              }
            }
            "#,
            r#"
            deployment_config_name = "it"
            minimum_healthy_hosts {
              type  = "FLEET_PERCENT"
              value = 75
            }
            zonal_config {
              first_zone_monitor_duration_in_seconds = 600
              monitor_duration_in_seconds            = 60
              minimum_healthy_hosts_per_zone {
                type  = "HOST_COUNT"
                value = 1
              }
            }
            "#,
        ],
        changes: &[
            r#"
            deployment_config_name = "it"
            compute_platform       = "ECS"
            traffic_routing_config {
              type = "AllAtOnce"
            }
            "#,
            r#"
            deployment_config_name = "it"
            compute_platform       = "ECS"
            traffic_routing_config {
              type = "TimeBasedLinear"
              time_based_linear {
                interval   = 2
                percentage = 50
              }
            }
            "#,
        ],
        import: Some("{deployment_config_name}"),
        import_ignores: &[],
    });
}
