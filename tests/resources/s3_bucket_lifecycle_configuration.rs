//! `aws_s3_bucket_lifecycle_configuration`.

use crate::support::cases::{Cases, run};
use crate::support::stack::stack;

const BUCKET: &str = r#"resource "aws_s3_bucket" "web" { bucket = "web-artifacts" }"#;

fn body(rules: &str) -> String {
    format!("bucket = aws_s3_bucket.web.id\n{rules}\n")
}

const PLAIN: &str = r#"
    rule {
      id     = "old"
      status = "Enabled"
      filter {}
      expiration {
        days = 90
      }
    }
"#;

const RICH: &str = r#"
    rule {
      id     = "logs"
      status = "Enabled"
      filter {
        and {
          prefix                   = "logs/"
          object_size_greater_than = 1000
          tags                     = { keep = "no" }
        }
      }
      transition {
        days          = 30
        storage_class = "STANDARD_IA"
      }
      transition {
        days          = 60
        storage_class = "GLACIER"
      }
      expiration {
        days = 365
      }
      noncurrent_version_transition {
        noncurrent_days = 30
        storage_class   = "GLACIER"
      }
      noncurrent_version_expiration {
        noncurrent_days           = 60
        newer_noncurrent_versions = 3
      }
      abort_incomplete_multipart_upload {
        days_after_initiation = 7
      }
    }
    rule {
      id     = "one"
      status = "Disabled"
      filter {
        tag {
          key   = "tmp"
          value = "yes"
        }
      }
      expiration {
        date = "2040-01-01T00:00:00Z"
      }
    }
    rule {
      id     = "markers"
      status = "Enabled"
      expiration {
        expired_object_delete_marker = true
      }
    }
"#;

#[test]
fn bucket_lifecycle_configuration() {
    run(&Cases {
        type_name: "aws_s3_bucket_lifecycle_configuration",
        setup: BUCKET,
        minimal: &body(PLAIN),
        full: &[&body(RICH)],
        changes: &[&body(RICH), &body(&PLAIN.replace("filter {}", "filter {\n  prefix = \"tmp/\"\n}")), &body(PLAIN)],
        import: Some("{bucket}"),
        import_ignores: &[],
    });
}

#[test]
fn mistakes_are_found_before_s3_finds_them() {
    let rule = PLAIN.replace("days = 90", "days = 90\n  expired_object_delete_marker = true");
    let text =
        format!("{BUCKET}\nresource \"aws_s3_bucket_lifecycle_configuration\" \"it\" {{\n{}{rule}}}\n", body(""));
    let stack = stack().unchecked().file("main.tf", text).aws();
    stack.plan().fails().says("more than one of `date`, `days`");
}
