//! What is left of a making call that nobody heard the end of, and of calls after it that fail.

use serde_json::json;

use super::recovery::killed;
use crate::support::stack::{Stack, stack};

const APPLY: &[&str] = &["apply", "-auto-approve"];

/// Settings of a bucket, whose ids the stack file chooses.
const SETTINGS: &str = r#"
resource "aws_s3_bucket" "b" {
  bucket = "half-made"
}

resource "aws_s3_bucket_public_access_block" "b" {
  bucket            = aws_s3_bucket.b.id
  block_public_acls = true
}

resource "aws_s3_bucket_ownership_controls" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "${aws_s3_bucket.b.arn}/*" }]
  })
  depends_on = [aws_s3_bucket_public_access_block.b]
}
"#;

const SETTING: [&str; 3] = ["PutPublicAccessBlock", "PutBucketOwnershipControls", "PutBucketPolicy"];

#[track_caller]
fn whole(stack: &Stack) {
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_run_killed_while_a_bucket_is_set_up_goes_on() {
    let stack = stack().aws().file("main.tf", SETTINGS).flag("-check=false");
    for operation in SETTING {
        for after in [false, true] {
            killed(&stack, &[APPLY, &["-check=false"]].concat(), operation, after);
            stack.apply().succeeds();
            stack.assert_nothing_to_do();
            stack.destroy().succeeds();
        }
    }
    stack.emulator().assert_empty();
}

#[test]
fn a_setting_of_a_bucket_that_gets_no_answer_is_asked_for_again() {
    let stack = stack().aws().file("main.tf", SETTINGS).flag("-check=false");
    for fault in [json!({"kind": "error_after"}), json!({"kind": "reset"}), json!({"kind": "reset", "after": true})] {
        let rule = |operation: &str| {
            let mut rule = fault.clone();
            rule["operation"] = json!(operation);
            rule["count"] = json!(1);
            rule
        };
        stack.emulator().faults(&json!(SETTING.map(rule)).to_string());
        stack.apply().succeeds();
        stack.assert_nothing_to_do();
        stack.destroy().succeeds();
    }
    stack.emulator().assert_empty();
}

const GROUP: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "main" {
  name   = "main"
  vpc_id = aws_vpc.main.id
}
"#;

/// Rules of groups of the stack that let something out.
fn outgoing(stack: &Stack) -> usize {
    let state = stack.state();
    let groups = state["resources"].as_array().unwrap().iter().find(|one| one["type"] == "aws_security_group").unwrap();
    let id = groups["instances"][0]["attributes"]["id"].as_str().unwrap();
    let body = format!("Action=DescribeSecurityGroups&Version=2016-11-15&GroupId.1={id}");
    let answer = stack.emulator().form("ec2", &body);
    answer.matches("<cidrIp>").count()
}

#[test]
fn a_group_that_still_lets_everything_out_is_made_anew() {
    let stack = stack().aws().unchecked().file("main.tf", GROUP);
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "RevokeSecurityGroupEgress"}]"#);
    stack.apply().fails().says("RevokeSecurityGroupEgress");
    assert_eq!(outgoing(&stack), 1);
    stack.emulator().no_faults();
    stack.plan().ends_with(2).says("is tainted, so must be replaced");
    stack.apply().succeeds();
    assert_eq!(outgoing(&stack), 0);
    whole(&stack);
}

#[test]
fn a_group_is_closed_by_the_run_after_a_kill() {
    let stack = stack().aws().unchecked().file("main.tf", GROUP);
    killed(&stack, &[APPLY, &["-check=false"]].concat(), "RevokeSecurityGroupEgress", false);
    stack.apply().succeeds().says("taken over").says("0 destroyed");
    assert_eq!(outgoing(&stack), 0);
    whole(&stack);
}
