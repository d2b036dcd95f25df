//! What must not mislead the run after an interrupted one: reads that lag behind a change or a deletion, deletions that go
//! on, and a mark that is taken off already.

use super::recovery::{killed, left};
use crate::support::stack::{Running, Stack, stack};

/// When runs begin, in seconds since 1970.
const NOW: u64 = 1_800_000_000;
const APPLY: &[&str] = &["apply", "-auto-approve"];
const DESTROY: &[&str] = &["destroy", "-auto-approve"];

fn network(more: &str) -> String {
    format!("resource \"aws_vpc\" \"main\" {{\n  cidr_block = \"10.0.0.0/16\"\n{more}}}\n")
}

const GATEWAY: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_nat_gateway" "main" {
  subnet_id         = aws_subnet.main.id
  connectivity_type = "private"
}
"#;

/// The run, once so many calls are held.
fn held(stack: &Stack, mut run: Running, count: usize) -> Running {
    while stack.emulator().held().len() < count {
        assert!(!run.is_over(), "the run ended before its call");
    }
    run
}

#[track_caller]
fn is_over(stack: &Stack, kind: &str) {
    assert!(!stack.files().iter().any(|name| name.contains("journal")), "{:?}", stack.files());
    stack.assert_nothing_to_do();
    assert_eq!(left(stack, kind), 1);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

/// Finishing what was taken over takes off the mark by which it was found: the run after the next one must know it too.
#[test]
fn what_was_taken_over_is_known_after_another_kill() {
    for after in [false, true] {
        let stack = stack().aws().file("main.tf", network(""));
        killed(&stack, APPLY, "CreateVpc", true);
        killed(&stack, APPLY, "DeleteTags", after);
        stack.apply().succeeds().says("taken over").never_says("will be created");
        is_over(&stack, "vpc");
    }
}

/// An apply that was killed while it changed the network.
fn killed_while_changing() -> Stack {
    let stack = stack().aws().file("main.tf", network(""));
    stack.at(NOW - 60, APPLY).succeeds();
    stack.write("main.tf", network("  enable_dns_support = false\n"));
    stack.emulator().hold(r#"{"operation": "ModifyVpcAttribute"}"#);
    let run = held(&stack, stack.start_at(NOW, APPLY), 1);
    run.kill();
    run.wait();
    stack.emulator().drop_held();
    stack
}

/// The next reads of networks say that there is none.
fn unknown(stack: &Stack, count: u32) {
    let rule = format!(
        r#"[{{"kind": "deny", "operation": "DescribeVpcs", "code": "InvalidVpcID.NotFound", "status": 400, "count": {count}}}]"#
    );
    stack.emulator().faults(&rule);
}

#[test]
fn what_was_being_changed_is_looked_for_before_it_counts_as_gone() {
    let stack = killed_while_changing();
    unknown(&stack, 5);
    let next = stack.at(NOW + 3, APPLY).succeeds().says("cannot be read now. It is looked for, [TIME] at most.");
    next.says("0 added, 1 changed, 0 destroyed");
    is_over(&stack, "vpc");
}

#[test]
fn what_was_being_changed_and_is_gone_is_made_again() {
    let stack = killed_while_changing();
    unknown(&stack, 1000);
    let plan = stack.at(NOW + 31, &["plan"]).succeeds().says("it cannot be read now").never_says("looked for");
    plan.says("has been deleted").says("1 to add, 0 to change, 0 to destroy");
}

/// A destroy that was killed when its call to delete the network had arrived, and had no effect yet.
fn killed_while_deleting() -> Stack {
    let stack = stack().aws().file("main.tf", network(""));
    stack.at(NOW - 60, APPLY).succeeds();
    stack.emulator().hold(r#"{"operation": "DeleteVpc"}"#);
    let run = held(&stack, stack.start_at(NOW, DESTROY), 1);
    run.kill();
    run.wait();
    stack
}

#[test]
fn a_deletion_that_comes_late_is_waited_for_where_the_object_is_wanted() {
    let stack = killed_while_deleting();
    stack.emulator().hold(r#"{"operation": "DescribeVpcs", "call": 2}"#);
    let run = held(&stack, stack.start_at(NOW + 3, APPLY), 2);
    stack.emulator().release_one();
    while left(&stack, "vpc") > 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    stack.emulator().release();
    let next = run.wait().succeeds().says("It is looked at again, [TIME] at most.");
    next.says("the interrupted run deleted it").says("1 added, 0 changed, 0 destroyed");
    is_over(&stack, "vpc");
}

#[test]
fn a_deletion_that_never_came_is_not_waited_for_without_end() {
    let stack = killed_while_deleting();
    stack.emulator().drop_held();
    let next = stack.at(NOW + 3, APPLY).succeeds().says("It is looked at again, [TIME] at most.");
    next.says("it is still there").says("0 added, 0 changed, 0 destroyed");
    is_over(&stack, "vpc");
}

#[test]
fn who_wants_it_gone_deletes_it_again() {
    let stack = killed_while_deleting();
    stack.emulator().drop_held();
    let next = stack.at(NOW + 3, DESTROY).succeeds().never_says("looked at again");
    next.says("it is still there").says("1 destroyed");
    stack.emulator().assert_empty();
}

/// Who stops a destroy and applies at once is not told that everything is there.
#[test]
fn what_goes_on_being_deleted_is_made_anew() {
    let stack = stack().aws().file("main.tf", GATEWAY);
    stack.apply().succeeds();
    stack.emulator().settings(r#"{"nat_gateway_deleting_polls": 6}"#);
    stack.emulator().hold(r#"{"operation": "DescribeNatGateways", "call": 2, "count": 0}"#);
    let run = held(&stack, stack.start(DESTROY), 1);
    run.interrupt();
    run.wait().fails().says("One step was still under way");
    stack.emulator().drop_held();
    let next = stack.apply().succeeds().says("the interrupted run was deleting it; that goes on");
    next.says("Warning: An object is being deleted").says("1 added, 0 changed, 1 destroyed");
    is_over(&stack, "natgateway");
}
