//! Tags without a value, and the mark of new objects where it may not be taken off.

use super::recovery::killed;
use crate::support::stack::stack;

#[test]
fn a_tag_that_is_null_is_no_tag() {
    let text =
        |tags: &str| format!("resource \"aws_vpc\" \"main\" {{\n  cidr_block = \"10.0.0.0/16\"\n  tags = {tags}\n}}\n");
    let stack = stack().aws().unchecked().file("main.tf", text(r#"{ Name = "v", CostCenter = null }"#));
    stack.apply().succeeds();
    let vpcs = stack
        .emulator()
        .form("ec2", "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag-key&Filter.1.Value.1=CostCenter");
    assert!(!vpcs.contains("CostCenter"), "{vpcs}");
    stack.assert_nothing_to_do();
    let state = stack.state();
    assert_eq!(state["resources"][0]["instances"][0]["attributes"]["tags_all"], serde_json::json!({ "Name": "v" }));
    // A value that comes and goes.
    stack.write("main.tf", text(r#"{ Name = "v", CostCenter = "7" }"#));
    stack.apply().succeeds();
    stack.write("main.tf", text(r#"{ Name = "v", CostCenter = null }"#));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    // Only nulls.
    stack.write("main.tf", text("{ CostCenter = null }"));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_default_tag_that_is_null_is_no_tag() {
    let provider = "provider \"aws\" {\n  default_tags {\n    tags = { Team = \"web\", CostCenter = null }\n  }\n}\n";
    let vpc = "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";
    let stack = stack().aws().unchecked().file("main.tf", format!("{provider}{vpc}"));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    let tags = &stack.state()["resources"][0]["instances"][0]["attributes"]["tags_all"];
    assert_eq!(*tags, serde_json::json!({ "Team": "web" }));
    stack.destroy().succeeds();
}

const OBJECTS: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
  tags       = { Name = "one" }
}

resource "aws_iam_role" "main" {
  name               = "main"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ecs.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}
"#;

const DENIED: &str = r#"[
  {"kind": "deny", "operation": "DeleteTags"}, {"kind": "deny", "operation": "UntagRole"},
  {"kind": "deny", "operation": "UntagResource"}
]"#;

#[test]
fn without_the_right_to_untag_objects_are_whole_all_the_same() {
    let stack = stack().aws().unchecked().file("main.tf", OBJECTS);
    stack.emulator().faults(DENIED);
    let first = stack.apply().succeeds().says("Warning: A permission is missing");
    for permission in ["ec2:DeleteTags", "iam:UntagRole", "ecs:UntagResource"] {
        let times = first.text().matches(permission).count();
        assert_eq!(times, 1, "{permission}: {}", first.raw());
    }
    stack.assert_nothing_to_do();
    assert!(!stack.read("terraform.tfstate").contains("glaz:"));
    stack.write("main.tf", OBJECTS.replace("\"one\"", "\"two\""));
    stack.apply().succeeds().never_says("glaz:step");
    stack.assert_nothing_to_do();
    stack.emulator().no_faults();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_mark_that_a_killed_run_left_stops_nobody() {
    let stack = stack().aws().unchecked().file("main.tf", OBJECTS);
    killed(&stack, &["apply", "-auto-approve", "-check=false", "-parallelism=1"], "DeleteTags", false);
    stack.emulator().faults(DENIED);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert!(!stack.read("terraform.tfstate").contains("glaz:"));
}

/// Whoever takes the object over takes the mark off; until then it is no change that anybody planned.
#[test]
fn a_mark_that_a_killed_run_left_is_no_change() {
    let vpc = "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";
    let apply: &[&str] = &["apply", "-auto-approve", "-check=false"];
    for (goes_on, after) in
        [(apply, "0 changed"), (&["apply", "-auto-approve", "-refresh-only", "-check=false"], "No changes")]
    {
        let stack = stack().aws().unchecked().file("main.tf", vpc);
        killed(&stack, apply, "CreateVpc", true);
        for plan in [vec!["plan"], vec!["plan", "-refresh=false"], vec!["plan", "-refresh-only"]] {
            let args: Vec<&str> = plan.into_iter().chain(["-check=false", "-detailed-exitcode"]).collect();
            stack.run(&args).succeeds().says("taken over").never_says("glaz:step");
        }
        stack.run(goes_on).succeeds().says(after).never_says("glaz:step");
        assert!(!stack.read("terraform.tfstate").contains("glaz:"));
        let tags = stack.emulator().form("ec2", "Action=DescribeTags&Version=2016-11-15");
        assert!(!tags.contains("glaz:step"), "{goes_on:?}: {tags}");
        stack.run(&["plan", "-refresh-only", "-check=false", "-detailed-exitcode"]).succeeds();
        stack.assert_nothing_to_do();
        stack.destroy().succeeds();
        stack.emulator().assert_empty();
    }
}
