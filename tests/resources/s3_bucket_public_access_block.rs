//! `aws_s3_bucket_public_access_block`.

use crate::support::cases::{Cases, run};

#[test]
fn bucket_public_access_block() {
    run(&Cases {
        type_name: "aws_s3_bucket_public_access_block",
        setup: r#"resource "aws_s3_bucket" "web" { bucket = "web-artifacts" }"#,
        minimal: "bucket = aws_s3_bucket.web.id",
        full: &[r#"
            bucket                  = aws_s3_bucket.web.id
            block_public_acls       = true
            block_public_policy     = true
            ignore_public_acls      = true
            restrict_public_buckets = true
            "#],
        changes: &[
            r#"
            bucket              = aws_s3_bucket.web.id
            block_public_acls   = true
            block_public_policy = true
            "#,
            r#"
            bucket                  = aws_s3_bucket.web.id
            block_public_acls       = false
            ignore_public_acls      = true
            restrict_public_buckets = true
            "#,
            r#"
            bucket       = aws_s3_bucket.web.id
            skip_destroy = true
            "#,
        ],
        import: Some("{bucket}"),
        import_ignores: &["skip_destroy"],
    });
}
