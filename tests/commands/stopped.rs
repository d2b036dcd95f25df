//! Ctrl-C and SIGTERM where a run does not do what was planned: while it looks up what an interrupted run left, looks for
//! leftovers, or undoes. A call that never ends holds nobody up there either.

use super::recovery::{killed, left};
use crate::support::stack::{Output, Running, Stack, stack};

const NETWORK: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_lb_target_group" "main" {
  name     = "group"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_subnet.main.vpc_id
}
"#;

const APPLY: &[&str] = &["apply", "-auto-approve"];
const SIGNALS: [fn(&Running); 2] = [Running::interrupt, Running::terminate];

/// When runs begin, in seconds since 1970.
const NOW: u64 = 1_800_000_000;

/// The run, once a call is held.
#[track_caller]
fn held(stack: &Stack, mut run: Running) -> Running {
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "the run ended before the call");
    }
    run
}

/// The end of a run that gets the signal now: its calls are still held.
#[track_caller]
fn end(stack: &Stack, run: Running, signal: fn(&Running)) -> Output {
    signal(&run);
    let output = run.wait();
    stack.emulator().drop_held();
    assert!(!stack.files().iter().any(|name| name.contains("lock.info")), "the lock is held: {:?}", stack.files());
    output
}

/// The end of a run that gets the signal while this call and all later ones are held.
#[track_caller]
fn stopped(stack: &Stack, args: &[&str], call: &str, signal: fn(&Running)) -> Output {
    stack.emulator().hold(call);
    end(stack, held(stack, stack.start(args)), signal)
}

fn has_journal(stack: &Stack) -> bool {
    stack.files().iter().any(|name| name.contains("journal"))
}

#[track_caller]
fn goes_on(stack: &Stack) {
    stack.emulator().no_faults();
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert_eq!((left(stack, "vpc"), left(stack, "subnet"), left(stack, "targetgroup")), (1, 1, 1));
    stack.destroy().succeeds();
    assert!(!has_journal(stack), "{:?}", stack.files());
    stack.emulator().assert_empty();
}

#[test]
fn while_it_looks_up_what_was_left_open() {
    for signal in SIGNALS {
        let stack = stack().aws().file("main.tf", NETWORK);
        killed(&stack, APPLY, "CreateVpc", true);
        let output = stopped(&stack, APPLY, r#"{"operation": "DescribeVpcs", "count": 0}"#, signal);
        output.ends_with(130).says("Stopped. One call of the interrupted run is still open");
        assert!(has_journal(&stack));
        goes_on(&stack);
    }
}

#[test]
fn while_it_finishes_what_it_took_over() {
    let stack = stack().aws().file("main.tf", NETWORK);
    killed(&stack, APPLY, "CreateVpc", true);
    let call = r#"{"operation": "DeleteTags", "count": 0, "after": true}"#;
    stopped(&stack, APPLY, call, Running::interrupt).ends_with(130).says("is still open");
    goes_on(&stack);
}

#[test]
fn while_it_looks_again_for_what_may_come_late() {
    let stack = stack().aws().file("main.tf", NETWORK);
    stack.emulator().hold(r#"{"operation": "CreateVpc"}"#);
    let run = held(&stack, stack.start_at(NOW, APPLY));
    run.kill();
    run.wait();
    stack.emulator().drop_held();
    // The first looks it up, the second waits for the one that the run made.
    stack.emulator().hold(r#"{"operation": "DescribeVpcs", "call": 3, "count": 0}"#);
    let run = held(&stack, stack.start_at(NOW + 10, APPLY));
    let output = end(&stack, run, Running::interrupt).succeeds();
    output.says("may still have its effect").says("3 added");
    assert!(has_journal(&stack));
    goes_on(&stack);
}

#[test]
fn while_it_looks_for_leftovers() {
    let stack = stack().aws().file("main.tf", NETWORK);
    stack.apply().succeeds();
    let call = r#"{"operation": "DescribeNetworkInterfaces", "count": 0}"#;
    let output = stopped(&stack, &["destroy", "-auto-approve"], call, Running::interrupt).succeeds();
    output.says("3 destroyed").says("The look for leftovers was given up.");
    stack.emulator().assert_empty();
}

#[test]
fn while_a_data_source_is_read() {
    const ZONES: &str = r#"
data "aws_availability_zones" "all" {
  depends_on = [aws_lb_target_group.main]
}

output "zones" {
  value = data.aws_availability_zones.all.names
}
"#;
    for signal in SIGNALS {
        let stack = stack().aws().file("main.tf", NETWORK).file("zones.tf", ZONES);
        let output =
            stopped(&stack, APPLY, r#"{"operation": "DescribeAvailabilityZones", "count": 0}"#, signal).fails();
        output.says("3 made, 0 changed, 0 deleted, 0 not started").says("One step was still under way");
        stack.emulator().no_faults();
        stack.apply().succeeds().says("eu-west-1a");
        goes_on(&stack);
    }
}

const ROLLBACK: &[&str] = &["apply", "-auto-approve", "-rollback"];

#[test]
fn while_a_failed_run_is_undone() {
    for after in [false, true] {
        let stack = stack().aws().file("main.tf", NETWORK);
        stack.emulator().faults(r#"[{"kind": "deny", "operation": "CreateTargetGroup"}]"#);
        let call = format!(r#"{{"operation": "DeleteSubnet", "count": 0, "after": {after}}}"#);
        let output = stopped(&stack, ROLLBACK, &call, Running::interrupt).fails();
        output.says("was undone in part").says("The person asked to stop").says("One step was still under way");
        assert!(has_journal(&stack));
        goes_on(&stack);
    }
}

#[test]
fn while_an_interrupted_run_is_undone() {
    for after in [false, true] {
        let stack = stack().aws().file("main.tf", NETWORK);
        killed(&stack, APPLY, "CreateTargetGroup", true);
        let call = format!(r#"{{"operation": "DeleteTargetGroup", "count": 0, "after": {after}}}"#);
        let output = stopped(&stack, ROLLBACK, &call, Running::terminate).fails();
        output.says("was undone in part").says("The person asked to stop");
        // Whoever asks for it again gets all of it undone.
        stack.run(ROLLBACK).fails().says("The interrupted run was undone");
        assert!(!has_journal(&stack), "{:?}", stack.files());
        stack.emulator().assert_empty();
    }
}
