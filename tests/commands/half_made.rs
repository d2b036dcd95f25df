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

/// The answers of this call are lost once after its effect, in each way in which that happens.
fn lost_once(operation: &str) -> [String; 2] {
    [json!({"kind": "error_after"}), json!({"kind": "reset", "after": true})].map(|mut rule| {
        rule["operation"] = json!(operation);
        rule["count"] = json!(1);
        json!([rule]).to_string()
    })
}

/// The group with these ports open.
fn group(ports: &[u16]) -> String {
    let rule = |port: &u16| {
        format!(
            "\n  ingress {{\n    protocol    = \"tcp\"\n    from_port   = {port}\n    to_port     = {port}\n    cidr_blocks = [\"10.0.0.0/8\"]\n  }}\n"
        )
    };
    let rules: String = ports.iter().map(rule).collect();
    GROUP.replace("  name   = \"main\"\n", &format!("  name   = \"main\"\n{rules}"))
}

#[test]
fn a_new_group_whose_call_got_no_answer_is_whole() {
    let stack = stack().aws().unchecked().file("main.tf", group(&[80]));
    for operation in ["RevokeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"] {
        for fault in lost_once(operation) {
            stack.emulator().faults(&fault);
            stack.apply().succeeds();
            whole(&stack);
        }
    }
}

#[test]
fn rules_of_a_group_change_whose_calls_get_no_answer() {
    let stack = stack().aws().unchecked().file("main.tf", group(&[80, 90]));
    stack.apply().succeeds();
    let mut port = 80;
    for operation in ["RevokeSecurityGroupIngress", "AuthorizeSecurityGroupIngress"] {
        for fault in lost_once(operation) {
            port += 1;
            stack.write("main.tf", group(&[port, 90]));
            stack.emulator().faults(&fault);
            stack.apply().succeeds();
            stack.assert_nothing_to_do();
        }
    }
    // The same while they are changed back.
    let role = r#"
resource "aws_iam_role" "after" {
  name               = "after"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ecs.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  depends_on         = [aws_security_group.main]
}
"#;
    stack.write("main.tf", format!("{}{role}", group(&[99, 90])));
    stack.emulator().hold(r#"{"operation": "CreateRole"}"#);
    let run = stack.start(&["apply", "-auto-approve", "-rollback", "-check=false"]);
    while stack.emulator().held().is_empty() {}
    let refused = json!({"kind": "deny", "operation": "CreateRole"});
    let lost = json!({"kind": "error_after", "operation": "AuthorizeSecurityGroupIngress", "count": 1});
    stack.emulator().faults(&json!([refused, lost]).to_string());
    stack.emulator().drop_held();
    run.wait().fails().says("1 are changed back");
    stack.emulator().no_faults();
    stack.write("main.tf", group(&[port, 90]));
    whole(&stack);
}

#[test]
fn a_profile_whose_role_was_added_without_an_answer_is_whole() {
    let profile = r#"
resource "aws_iam_role" "main" {
  name               = "main"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_instance_profile" "main" {
  name = "main"
  role = aws_iam_role.main.name
}
"#;
    let stack = stack().aws().file("main.tf", profile);
    for fault in lost_once("AddRoleToInstanceProfile") {
        stack.emulator().faults(&fault);
        stack.apply().succeeds();
        whole(&stack);
    }
}

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
