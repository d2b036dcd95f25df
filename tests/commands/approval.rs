//! Questions of an apply on a terminal: whether the plan is wanted, and whether an object that stands in the way is. Yes, no, and
//! Ctrl-C in place of an answer.

use crate::support::stack::{Stack, stack};

const GROUP: &str = r#"
resource "aws_cloudwatch_log_group" "main" {
  name              = "/main"
  retention_in_days = 7
}
"#;
const PLANNED: &str = "Do you want to perform these actions?";
const IN_THE_WAY: &str = "Do you want to take it over?";

fn made(stack: &Stack) -> usize {
    stack.emulator().calls().iter().filter(|call| call.operation == "CreateLogGroup" && call.status == 200).count()
}

fn is_unlocked(stack: &Stack) {
    stack.run(&["state", "lock-info"]).succeeds().says("not locked");
}

#[test]
fn the_plan_is_approved_or_not() {
    let stack = stack().aws().file("main.tf", GROUP);
    for answer in ["no", "y", ""] {
        let mut run = stack.start_on_terminal(&["apply"]);
        run.sees(PLANNED).types(answer);
        let (shown, code) = run.ends();
        assert!(shown.contains("Cancelled. Nothing was changed.") && code == Some(1), "{answer}: {shown}");
    }
    let mut run = stack.start_on_terminal(&["apply"]);
    run.sees(PLANNED).interrupt();
    let (shown, code) = run.ends();
    assert!(shown.contains("Stopped.") && code == Some(130), "{shown}");
    assert_eq!(made(&stack), 0);
    let left: Vec<_> = stack.files().into_iter().filter(|name| name.contains("tfstate")).collect();
    assert!(left.is_empty(), "{left:?}");
    is_unlocked(&stack);
    let mut run = stack.start_on_terminal(&["apply"]);
    run.sees(PLANNED).types("yes");
    let (shown, code) = run.ends();
    assert!(shown.contains("1 added") && code == Some(0), "{shown}");
    let mut run = stack.start_on_terminal(&["destroy"]);
    run.sees("Do you really want to destroy all resources?").types("yes");
    assert_eq!(run.ends().1, Some(0));
    stack.emulator().assert_empty();
}

/// The object exists, and nobody remembers it.
fn in_the_way() -> Stack {
    let stack = stack().aws().file("main.tf", GROUP);
    stack.apply().succeeds();
    std::fs::remove_file(stack.path("terraform.tfstate")).unwrap();
    stack.write("main.tf", GROUP.replace("= 7", "= 14"));
    stack
}

#[test]
fn what_stands_in_the_way_is_taken_over_on_a_yes() {
    let stack = in_the_way();
    let mut run = stack.start_on_terminal(&["apply"]);
    run.sees(PLANNED).types("yes");
    run.sees(IN_THE_WAY).types("yes");
    let (shown, code) = run.ends();
    for said in
        ["aws_cloudwatch_log_group.main exists already (/main)", "1 of 2 attributes are as wanted", "1 imported"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert_eq!(code, Some(0), "{shown}");
    stack.assert_nothing_to_do();
}

#[test]
fn what_stands_in_the_way_stays_on_a_no() {
    let stack = in_the_way();
    let mut run = stack.start_on_terminal(&["apply"]);
    run.sees(PLANNED).types("yes");
    run.sees(IN_THE_WAY).types("no");
    let (shown, code) = run.ends();
    assert!(shown.contains("glaz import aws_cloudwatch_log_group.main /main") && code == Some(1), "{shown}");
    assert!(stack.instances().is_empty());
    is_unlocked(&stack);
}

/// The run does not wait for an answer that does not come.
#[test]
fn ctrl_c_is_an_answer_too() {
    let stack = in_the_way();
    let mut run = stack.start_on_terminal(&["apply"]);
    run.sees(PLANNED).types("yes");
    run.sees(IN_THE_WAY).interrupt();
    let (shown, code) = run.ends();
    assert!(shown.contains("Stopping") && shown.contains("Interrupted") && code == Some(1), "{shown}");
    assert!(stack.instances().is_empty());
    is_unlocked(&stack);
    // It was there before, and it was not made by that run.
    stack.apply().fails().says("glaz import aws_cloudwatch_log_group.main /main");
}
