//! `aws_ecs_cluster`.

use crate::support::cases::{Cases, run};

#[test]
fn ecs_cluster() {
    run(&Cases {
        type_name: "aws_ecs_cluster",
        setup: "",
        minimal: r#"name = "it""#,
        full: &[r#"
            name = "it"
            setting {
              name  = "containerInsights"
              value = "enhanced"
            }
            configuration {
              execute_command_configuration {
                kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
                logging    = "OVERRIDE"
                log_configuration {
                  cloud_watch_encryption_enabled = true
                  cloud_watch_log_group_name     = "sessions"
                  s3_bucket_encryption_enabled   = true
                  s3_bucket_name                 = "sessions"
                  s3_key_prefix                  = "it"
                }
              }
              managed_storage_configuration {
                fargate_ephemeral_storage_kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
                kms_key_id                           = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
              }
            }
            service_connect_defaults {
              namespace = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1"
            }
            tags = { a = "1" }
        "#],
        changes: &[
            r#"
            name = "it"
            setting {
              name  = "containerInsights"
              value = "enabled"
            }
            tags = { a = "1", b = "2" }
            "#,
            r#"
            name = "it"
            setting {
              name  = "containerInsights"
              value = "disabled"
            }
            configuration {
              execute_command_configuration {
                logging = "OVERRIDE"
                log_configuration {
                  cloud_watch_log_group_name = "sessions"
                }
              }
            }
            tags = { b = "3" }
            "#,
            r#"
            name = "it"
            configuration {
              execute_command_configuration {
                logging = "NONE"
              }
            }
            service_connect_defaults {
              namespace = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1"
            }
            "#,
            r#"name = "it""#,
            r#"name = "other""#,
        ],
        import: Some("{name}"),
        import_ignores: &[],
    });
}
