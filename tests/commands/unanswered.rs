//! Ctrl-C and SIGTERM while the bucket of the state answers no more: the run ends, and the next one goes on from the
//! journal. The calls that are held here would never end.

use super::recovery::left;
use crate::support::bucket::{BOTH, items, keys, remote_with};
use crate::support::stack::{Output, Running, Stack};

const NETWORK: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

output "subnet" {
  value = aws_subnet.main.id
}
"#;

const APPLY: &[&str] = &["apply", "-auto-approve"];
const SIGNALS: [fn(&Running); 2] = [Running::interrupt, Running::terminate];

fn network(more: &str) -> Stack {
    remote_with(NETWORK, more)
}

/// A run whose calls of this kind are held, once there is one.
#[track_caller]
fn held(stack: &Stack, rule: &str) -> Running {
    stack.emulator().hold(rule);
    let mut run = stack.start(APPLY);
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "the run ended before {rule}");
    }
    run
}

/// The end of a run that gets the signal now: its calls are still held, and lost after that.
#[track_caller]
fn end(stack: &Stack, run: Running, signal: fn(&Running)) -> Output {
    signal(&run);
    let output = run.wait();
    assert!(output.code.is_some(), "it did not end:\n{}", output.raw());
    stack.emulator().drop_held();
    output
}

/// What was done is known: nothing is made twice, nothing is left.
#[track_caller]
fn goes_on(stack: &Stack) {
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert_eq!((left(stack, "vpc"), left(stack, "subnet")), (1, 1));
    assert_eq!(keys(stack), ["a/state"]);
    stack.destroy().succeeds();
    assert_eq!((left(stack, "vpc"), left(stack, "subnet")), (0, 0));
}

/// How often a run without a hold-up calls the bucket.
fn calls(stack: &Stack) -> usize {
    stack.emulator().forget_calls();
    stack.apply().succeeds();
    let calls = stack.emulator().calls().iter().filter(|call| call.service == "s3").count();
    stack.destroy().succeeds();
    calls
}

/// Every fourth call to the bucket, from this one on, is the first that is never answered; with its effect or without.
fn at_calls(first: usize, is_after: bool) {
    let stack = network(BOTH);
    let all = calls(&stack);
    assert!(all > 12, "{all}");
    for (at, signal) in (first..=all).step_by(4).zip(SIGNALS.into_iter().cycle()) {
        let rule = format!(r#"{{"service": "s3", "call": {at}, "count": 0, "after": {is_after}}}"#);
        let run = held(&stack, &rule);
        end(&stack, run, signal);
        goes_on(&stack);
    }
}

#[test]
fn at_any_call() {
    at_calls(1, false);
}

#[test]
fn at_any_call_that_had_its_effect() {
    at_calls(3, true);
}

#[test]
fn while_a_call_is_under_way() {
    for signal in SIGNALS {
        let stack = network(BOTH);
        let run = held(&stack, r#"{"operation": "CreateSubnet", "after": true}"#);
        stack.emulator().hold(r#"{"service": "s3", "count": 0}"#);
        end(&stack, run, signal)
            .fails()
            .says("Error: Interrupted")
            .says("1 made")
            .says("the journal. One step was still under way")
            .says("Error: The state was not written")
            .says("s3://states/a/state could not be written in time")
            .says("Error: Error releasing the state lock");
        goes_on(&stack);
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let stack = network(BOTH);
    let mut run = held(&stack, r#"{"service": "s3", "operation": "PutObject", "call": 3, "count": 0}"#);
    while !run.is_over() {
        run.interrupt();
    }
    end(&stack, run, |_| {}).ends_with(130).says("Stopped at once");
    goes_on(&stack);
}

#[test]
fn a_lock_elsewhere_is_released() {
    let stack = network("dynamodb_table = \"locks\"");
    let run = held(&stack, r#"{"service": "s3", "operation": "PutObject", "call": 3, "count": 0}"#);
    let output = end(&stack, run, Running::interrupt).fails();
    output.says("Error: The state was not written").never_says("releasing the state lock");
    assert_eq!(items(&stack), serde_json::json!([]));
    goes_on(&stack);
}

#[test]
fn while_only_the_journal_is_removed() {
    for signal in SIGNALS {
        let stack = network(BOTH);
        let run = held(&stack, r#"{"service": "s3", "operation": "DeleteObjects", "count": 0}"#);
        let output = end(&stack, run, signal).succeeds().says("Apply complete!");
        output.says("Warning: The journal was not removed").never_says("The state was not written");
        stack.assert_nothing_to_do();
        goes_on(&stack);
    }
}
