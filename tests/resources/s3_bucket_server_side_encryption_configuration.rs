//! `aws_s3_bucket_server_side_encryption_configuration`.

use crate::support::cases::{Cases, run};

fn body(rule: &str, by_default: &str) -> String {
    format!(
        "bucket = aws_s3_bucket.web.id\nrule {{\n{rule}\n  apply_server_side_encryption_by_default {{\n{by_default}\n  }}\n}}\n"
    )
}

#[test]
fn bucket_server_side_encryption_configuration() {
    let key = "sse_algorithm = \"aws:kms\"\nkms_master_key_id = \"arn:aws:kms:eu-west-1:123456789012:key/one\"";
    run(&Cases {
        type_name: "aws_s3_bucket_server_side_encryption_configuration",
        setup: r#"resource "aws_s3_bucket" "web" { bucket = "web-artifacts" }"#,
        minimal: &body("", "sse_algorithm = \"AES256\""),
        full: &[&body("bucket_key_enabled = true\nblocked_encryption_types = [\"SSE-C\"]", key)],
        changes: &[
            &body("bucket_key_enabled = true", key),
            &body("bucket_key_enabled = false", "sse_algorithm = \"aws:kms\""),
            &body("blocked_encryption_types = [\"NONE\"]", "sse_algorithm = \"aws:kms:dsse\""),
            &body("", "sse_algorithm = \"AES256\""),
        ],
        import: Some("{bucket}"),
        import_ignores: &[],
    });
}
