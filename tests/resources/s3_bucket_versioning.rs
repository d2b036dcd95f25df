//! `aws_s3_bucket_versioning`.

use crate::support::cases::{Cases, run};
use crate::support::stack::stack;

const BUCKET: &str = r#"resource "aws_s3_bucket" "web" { bucket = "web-artifacts" }"#;

fn body(status: &str) -> String {
    format!("bucket = aws_s3_bucket.web.id\nversioning_configuration {{\n  status = \"{status}\"\n}}\n")
}

#[test]
fn bucket_versioning() {
    let owned = format!("{}expected_bucket_owner = \"123456789012\"\n", body("Enabled"));
    run(&Cases {
        type_name: "aws_s3_bucket_versioning",
        setup: BUCKET,
        minimal: &body("Enabled"),
        full: &[&owned, &body("Disabled")],
        changes: &[&body("Suspended"), &body("Enabled"), &owned],
        import: Some("{bucket}"),
        import_ignores: &[],
    });
}

#[test]
fn what_was_kept_once_cannot_be_disabled() {
    let text =
        |status: &str| format!("{BUCKET}\nresource \"aws_s3_bucket_versioning\" \"it\" {{\n{}}}\n", body(status));
    let stack = stack().unchecked().file("main.tf", text("Enabled")).aws();
    stack.apply().succeeds();
    stack.write("main.tf", text("Disabled"));
    stack.plan().fails().says("cannot be updated from 'Enabled' to 'Disabled'");
}
