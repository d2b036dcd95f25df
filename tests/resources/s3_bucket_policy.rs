//! `aws_s3_bucket_policy`.

use crate::support::cases::{Cases, run};
use crate::support::stack::stack;

const BUCKET: &str = r#"resource "aws_s3_bucket" "web" { bucket = "web-artifacts" }"#;

fn body(effect: &str, action: &str, principal: &str) -> String {
    format!(
        r#"
        bucket = aws_s3_bucket.web.id
        policy = jsonencode({{
          Version = "2012-10-17"
          Statement = [{{
            Effect    = "{effect}"
            Action    = {action}
            Principal = {principal}
            Resource  = [aws_s3_bucket.web.arn, "${{aws_s3_bucket.web.arn}}/*"]
          }}]
        }})
        "#
    )
}

const ACCOUNT: &str = r#"{ AWS = "arn:aws:iam::123456789012:root" }"#;

#[test]
fn bucket_policy() {
    run(&Cases {
        type_name: "aws_s3_bucket_policy",
        setup: BUCKET,
        minimal: &body("Allow", "\"s3:GetObject\"", ACCOUNT),
        full: &[],
        changes: &[&body("Allow", "[\"s3:GetObject\", \"s3:PutObject\"]", ACCOUNT), &body("Deny", "\"s3:*\"", "\"*\"")],
        import: Some("{bucket}"),
        import_ignores: &[],
    });
}

/// The order that the files do not state: a public policy after what lets it, which goes last.
#[test]
fn a_public_policy_waits_for_the_public_access_block() {
    let block = "resource \"aws_s3_bucket_public_access_block\" \"web\" {\n  bucket = aws_s3_bucket.web.id\n}\n";
    let policy =
        format!("resource \"aws_s3_bucket_policy\" \"it\" {{\n{}}}\n", body("Allow", "\"s3:GetObject\"", "\"*\""));
    let stack = stack().unchecked().file("main.tf", format!("{BUCKET}\n{policy}{block}")).aws();
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    let calls: Vec<String> = stack.emulator().calls().into_iter().map(|call| call.operation).collect();
    let at = |name: &str| calls.iter().position(|call| call == name).unwrap();
    assert!(at("DeleteBucketPolicy") < at("DeletePublicAccessBlock"));
    stack.emulator().assert_empty();
}

#[test]
fn a_policy_of_another_bucket_is_refused() {
    let policy =
        body("Allow", "\"s3:GetObject\"", ACCOUNT).replace("aws_s3_bucket.web.arn, ", "\"arn:aws:s3:::other\", ");
    let text = format!(
        "resource \"aws_s3_bucket_policy\" \"it\" {{\n{}}}\n",
        policy.replace("aws_s3_bucket.web.id", "\"web\"").replace("${aws_s3_bucket.web.arn}", "arn:aws:s3:::web")
    );
    let stack = stack().unchecked().file("main.tf", text).aws();
    stack.plan().fails().says("arn:aws:s3:::other");
}
