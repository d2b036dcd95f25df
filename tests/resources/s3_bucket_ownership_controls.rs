//! `aws_s3_bucket_ownership_controls`.

use crate::support::cases::{Cases, run};

fn body(ownership: &str) -> String {
    format!("bucket = aws_s3_bucket.web.id\nrule {{\n  object_ownership = \"{ownership}\"\n}}\n")
}

#[test]
fn bucket_ownership_controls() {
    run(&Cases {
        type_name: "aws_s3_bucket_ownership_controls",
        setup: r#"resource "aws_s3_bucket" "web" { bucket = "web-artifacts" }"#,
        minimal: &body("BucketOwnerPreferred"),
        full: &[],
        changes: &[&body("ObjectWriter"), &body("BucketOwnerEnforced")],
        import: Some("{bucket}"),
        import_ignores: &[],
    });
}
