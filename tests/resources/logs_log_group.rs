//! `aws_cloudwatch_log_group`.

use crate::support::cases::{Cases, run};

#[test]
fn log_group() {
    run(&Cases {
        type_name: "aws_cloudwatch_log_group",
        setup: "",
        minimal: r#"name = "/app/web""#,
        full: &[
            r#"
            name              = "/app/web"
            retention_in_days = 14
            log_group_class   = "INFREQUENT_ACCESS"
            kms_key_id        = "arn:aws:kms:eu-west-1:123456789012:key/0b5c1c2e-5d5f-4a53-a0f6-3d4b6f0c9a11"
            skip_destroy      = false
            tags              = { Name = "web" }
            "#,
            r#"name_prefix = "app-""#,
        ],
        changes: &[
            r#"
            name              = "/app/web"
            retention_in_days = 30
            tags              = { Name = "web", Env = "dev" }
            "#,
            r#"
            name              = "/app/web"
            retention_in_days = 60
            kms_key_id        = "arn:aws:kms:eu-west-1:123456789012:key/0b5c1c2e-5d5f-4a53-a0f6-3d4b6f0c9a11"
            tags              = { Name = "api" }
            "#,
            r#"name = "/app/web""#,
            r#"
            name            = "/app/other"
            log_group_class = "INFREQUENT_ACCESS"
            "#,
        ],
        import: Some("{name}"),
        import_ignores: &["skip_destroy"],
    });
}
