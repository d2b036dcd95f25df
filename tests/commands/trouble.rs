//! Services that refuse, stumble, or are not there.

use std::time::Duration;

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

const NETWORK: &str = r#"resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main" } # what a create without an answer is found by
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
"#;

fn network() -> Stack {
    stack().aws().file("main.tf", NETWORK)
}

/// The part of the output from the first problem on.
fn problem(text: &str) -> String {
    text.split_once("--- standard error\n").map_or(text, |(_, problem)| problem).trim().to_owned()
}

/// The problem is over: the next run goes on, and nothing is left in the end.
#[track_caller]
fn goes_on(stack: &Stack) {
    stack.emulator().no_faults();
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn no_credentials() {
    let stack = network().without_env("AWS_ACCESS_KEY_ID").without_env("AWS_SECRET_ACCESS_KEY");
    assert_snapshot!(problem(&stack.apply().fails().text()), @r#"
    Error: No usable AWS credentials
     --> main.tf:1:1
      |
    1 | resource "aws_vpc" "main" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^

      Creating aws_vpc.main failed: No AWS credentials were found: not in the provider block, not in the
      environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not in the profile `default`,
      and none are given by the machine. Set the variables, or name a profile that has credentials in
      `profile` or AWS_PROFILE; `aws configure` makes one. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and
      AWS_SECRET_ACCESS_KEY, or sign in with `aws sso login`. Nothing was changed by this call.
    "#);
    assert!(stack.emulator().calls().is_empty());
}

#[test]
fn no_region() {
    let stack = network().without_env("AWS_REGION");
    assert_snapshot!(problem(&stack.plan().fails().text()), @r#"
    Error: Invalid provider configuration

      No AWS region is set. Set `region` in a `provider "aws"` block, the environment variable
      AWS_REGION, or `region` in the AWS profile.
    "#);
    stack.write("main.tf", format!("provider \"aws\" {{\n  max_retries = 3\n}}\n\n{NETWORK}"));
    assert_snapshot!(problem(&stack.plan().fails().text()), @r#"
    Error: Invalid provider configuration
     --> main.tf:1:1
      |
    1 | provider "aws" {
      | ^^^^^^^^^^^^^^

      No AWS region is set. Set `region` in a `provider "aws"` block, the environment variable
      AWS_REGION, or `region` in the AWS profile.
    "#);
    // Nobody needs a region where nothing of AWS is used.
    stack.write("main.tf", "provider \"aws\" {}\n\nresource \"terraform_data\" \"a\" {}\n");
    stack.apply().succeeds();
    assert!(stack.emulator().calls().is_empty());
}

#[test]
fn endpoint_that_nobody_answers() {
    let stack = stack().file("main.tf", NETWORK);
    let output = stack.apply().fails();
    assert!(output.time < Duration::from_secs(10), "told after {:?}", output.time);
    assert_snapshot!(problem(&output.text()), @r#"
    Error: The service cannot be reached
     --> main.tf:1:1
      |
    1 | resource "aws_vpc" "main" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^

      Creating aws_vpc.main failed: Connection refused (os error 111). Check the network, the region and
      a custom endpoint (AWS_ENDPOINT_URL). Run the command again when it answers.
    "#);
}

#[test]
fn denied() {
    let stack = network();
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "CreateSubnet"}]"#);
    assert_snapshot!(problem(&stack.apply().fails().text()), @r#"
    Error: Access denied
     --> main.tf:6:1
      |
    6 | resource "aws_subnet" "main" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      Creating aws_subnet.main failed: User: arn:aws:iam::123456789012:user/emulator is not authorized
      to perform: ec2:CreateSubnet. The credentials in use may not do this. Add the permission to their
      role or user, or use others. Run the command again then.

      CreateSubnet answered UnauthorizedOperation
    "#);
    assert_eq!(stack.instances(), ["aws_vpc.main"], "what was made is remembered");
    goes_on(&stack);
}

#[test]
fn denied_reads() {
    let stack = network();
    stack.apply().succeeds();
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "DescribeVpcs"}]"#);
    assert_snapshot!(problem(&stack.plan().fails().text()), @r#"
    Error: Access denied
     --> main.tf:1:1
      |
    1 | resource "aws_vpc" "main" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^

      Reading aws_vpc.main failed: User: arn:aws:iam::123456789012:user/emulator is not authorized to
      perform: ec2:DescribeVpcs. The credentials in use may not do this. Add the permission to their
      role or user, or use others. Run the command again then.

      DescribeVpcs answered UnauthorizedOperation
    "#);
    goes_on(&stack);
}

#[test]
fn throttled() {
    let stack = network();
    stack.emulator().faults(r#"[{"kind": "throttle", "count": 12}]"#);
    stack.apply().succeeds();
    goes_on(&stack);
}

#[test]
fn errors_without_and_with_effect() {
    for kind in ["error_before", "error_after"] {
        let stack = network();
        let rule = |operation| format!(r#"{{"kind": "{kind}", "operation": "{operation}", "count": 1}}"#);
        stack.emulator().faults(&format!("[{}, {}]", rule("CreateVpc"), rule("CreateSubnet")));
        stack.apply().succeeds();
        assert_eq!(stack.emulator().leftovers().len(), 2, "{kind}: {:?}", stack.emulator().leftovers());
        goes_on(&stack);
    }
}

#[test]
fn connection_broken_after_the_effect() {
    let stack = network();
    stack.emulator().faults(r#"[{"kind": "reset", "operation": "CreateVpc", "after": true, "count": 1}]"#);
    stack.apply().succeeds();
    assert_eq!(stack.emulator().leftovers().len(), 2, "{:?}", stack.emulator().leftovers());
    goes_on(&stack);
}

#[test]
fn delete_that_is_denied() {
    let stack = network();
    stack.apply().succeeds();
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "DeleteVpc"}]"#);
    stack.destroy().fails().says("aws_vpc.main");
    assert_eq!(stack.instances(), ["aws_vpc.main"], "what is still there is remembered");
    stack.emulator().no_faults();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}
