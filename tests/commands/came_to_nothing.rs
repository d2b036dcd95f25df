//! Making calls that come to nothing, or of which that is not certain.

use super::recovery::{killed, left};
use crate::support::stack::stack;

const APPLY: &[&str] = &["apply", "-auto-approve"];

fn role(name: &str) -> String {
    format!(
        "resource \"aws_iam_role\" \"a\" {{\n  name               = \"{name}\"\n  assume_role_policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = {{ Service = \"ecs-tasks.amazonaws.com\" }} }}] }})\n  lifecycle {{\n    create_before_destroy = true\n  }}\n}}\n"
    )
}

#[test]
fn an_object_stays_the_current_one_when_its_replacement_is_not_made() {
    let stack = stack().aws().file("main.tf", role("one"));
    stack.apply().succeeds();
    stack.write("main.tf", role("two"));
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "CreateRole"}]"#);
    for _ in 0..2 {
        stack.run(APPLY).fails().says("+/- create replacement and then destroy");
        stack.run(&["state", "show", "aws_iam_role.a"]).succeeds().says("one").never_says("deposed");
        assert_eq!(left(&stack, "role"), 1);
    }
    stack.emulator().no_faults();
    stack.write("main.tf", role("one"));
    stack.assert_nothing_to_do();
    stack.write("main.tf", role("two"));
    stack.apply().succeeds().says("1 added, 0 changed, 1 destroyed");
    assert_eq!(left(&stack, "role"), 1);
    stack.assert_nothing_to_do();
}

#[test]
fn it_stays_so_after_a_kill_before_the_replacement_is_made() {
    let stack = stack().aws().file("main.tf", role("one"));
    stack.apply().succeeds();
    stack.write("main.tf", role("two"));
    killed(&stack, APPLY, "CreateRole", false);
    stack.run(&["state", "list"]).succeeds().says("aws_iam_role.a");
    stack.write("main.tf", role("one"));
    stack.run(APPLY).succeeds().says("0 added, 0 changed, 0 destroyed");
    assert_eq!(left(&stack, "role"), 1);
    stack.write("main.tf", role("two"));
    stack.run(APPLY).succeeds().says("1 added, 0 changed, 1 destroyed");
    stack.assert_nothing_to_do();
}

#[test]
fn a_run_that_goes_back_finds_the_old_object_where_it_was() {
    let stack = stack().aws().file("main.tf", role("one"));
    stack.apply().succeeds();
    stack.write("main.tf", role("two"));
    killed(&stack, APPLY, "CreateRole", true);
    stack.run(&["apply", "-auto-approve", "-rollback"]).fails().says("was undone");
    stack.write("main.tf", role("one"));
    stack.assert_nothing_to_do();
    assert_eq!(left(&stack, "role"), 1);
}

const VPC: &str = "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";

#[test]
fn what_cannot_be_looked_up_after_a_lost_answer_is_not_made_twice() {
    let stack = stack().aws().file("main.tf", VPC);
    for faults in [
        r#"[{"kind": "error_after", "operation": "CreateVpc", "count": 1}, {"kind": "deny", "operation": "DescribeVpcs"}]"#,
        r#"[{"kind": "reset", "after": true, "operation": "CreateVpc", "count": 1}, {"kind": "deny", "operation": "DescribeVpcs"}]"#,
    ] {
        stack.emulator().faults(faults);
        stack.run(APPLY).fails().says("An earlier try got no answer");
        assert!(stack.files().iter().any(|name| name.contains("journal")), "{:?}", stack.files());
        stack.emulator().no_faults();
        stack.apply().succeeds().says("taken over");
        assert_eq!(left(&stack, "vpc"), 1);
        stack.assert_nothing_to_do();
        stack.destroy().succeeds();
        stack.emulator().assert_empty();
    }
}

#[test]
fn a_try_that_is_refused_after_a_lost_answer_leaves_it_open() {
    let stack = stack().aws().file("main.tf", role("one"));
    // The answer to the first is lost, and no read tells of it before the second is refused.
    stack.emulator().faults(
        r#"[{"kind": "stale", "service": "iam", "seconds": 100}, {"kind": "error_after", "operation": "CreateRole", "count": 1}, {"kind": "deny", "operation": "CreateRole"}]"#,
    );
    stack.run(APPLY).fails().says("An earlier try got no answer");
    stack.emulator().no_faults();
    stack.apply().succeeds().says("taken over");
    assert_eq!(left(&stack, "role"), 1);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_provider_that_a_data_source_configures_is_known_to_the_next_run() {
    const REGION: &str = r#"
data "terraform_remote_state" "base" {
  backend = "local"
  config = {
    path = "base/terraform.tfstate"
  }
}

provider "aws" {
  region = data.terraform_remote_state.base.outputs.region
}

resource "terraform_data" "other" {}
"#;
    const BASE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{"region":{"value":"eu-west-1","type":"string"}},"resources":[]}"#;
    for arguments in [APPLY, &["apply", "-auto-approve", "-target=terraform_data.other"]] {
        let stack = stack().aws().file("main.tf", VPC).file("region.tf", REGION).file("base/terraform.tfstate", BASE);
        killed(&stack, APPLY, "CreateVpc", true);
        stack.run(arguments).succeeds().says("taken over");
        stack.apply().succeeds();
        assert_eq!(left(&stack, "vpc"), 1);
        stack.assert_nothing_to_do();
        stack.destroy().succeeds();
        stack.emulator().assert_empty();
    }
}
