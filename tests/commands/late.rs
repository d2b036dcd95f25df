//! Making calls that AWS carries out after the run that sent them was killed: what comes is taken over or deleted, whatever
//! was done meanwhile.

use crate::support::stack::{Running, Stack, stack};

/// When runs begin, in seconds since 1970.
const NOW: u64 = 1_800_000_000;
const JOURNAL: &str = "terraform.tfstate.journal";
const APPLY: &[&str] = &["apply", "-auto-approve"];
const DESTROY: &[&str] = &["destroy", "-auto-approve"];

const NETWORK: &str = "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";
const GROUP: &str =
    "resource \"aws_cloudwatch_log_group\" \"main\" {\n  name              = \"/main\"\n  retention_in_days = 7\n}\n";

const REVISION: &str = r#"
resource "aws_ecs_task_definition" "main" {
  family                   = "web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  container_definitions    = jsonencode([{ name = "web", image = "web:1", essential = true }])
}
"#;

/// An apply that was killed; its making call has arrived and had no effect yet. So many calls like it are held.
fn killed(text: &str, operation: &str, count: u32) -> Stack {
    let stack = stack().aws().file("main.tf", text);
    stack.emulator().hold(&format!(r#"{{"operation": "{operation}", "count": {count}}}"#));
    let run = held(&stack, stack.start_at(NOW, APPLY), 1);
    run.kill();
    run.wait();
    stack
}

/// The run, once so many calls are held.
fn held(stack: &Stack, mut run: Running, count: usize) -> Running {
    while stack.emulator().held().len() < count {
        assert!(!run.is_over(), "the run ended before its call");
    }
    run
}

fn made(stack: &Stack, operation: &str) -> usize {
    stack.emulator().calls().iter().filter(|call| call.operation == operation && call.status == 200).count()
}

/// The call of the killed run has its effect.
fn comes(stack: &Stack, operation: &str) {
    let before = made(stack, operation);
    stack.emulator().release_one();
    while made(stack, operation) == before {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn has_journal(stack: &Stack) -> bool {
    stack.files().iter().any(|name| name == JOURNAL)
}

fn networks(stack: &Stack) -> usize {
    stack.emulator().leftovers().iter().filter(|one| one.kind.eq_ignore_ascii_case("vpc")).count()
}

/// Nothing is left to do, nothing is left in the end.
#[track_caller]
fn is_over(stack: &Stack) {
    assert!(!has_journal(stack), "{:?}", stack.files());
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn what_comes_before_the_next_run_is_over_is_deleted_by_the_one_after() {
    let stack = killed(NETWORK, "CreateVpc", 2);
    let run = held(&stack, stack.start_at(NOW + 10, APPLY), 2);
    comes(&stack, "CreateVpc");
    stack.emulator().release();
    let next = run.wait().succeeds();
    next.says("made nothing so far").says("after all; another one took its place, so it is to be deleted");
    assert!(!has_journal(&stack), "{:?}", stack.files());
    assert_eq!(networks(&stack), 2);
    stack.at(NOW + 20, APPLY).succeeds().says("0 added, 0 changed, 1 destroyed");
    assert_eq!(networks(&stack), 1);
    is_over(&stack);
}

/// The run was killed when it had the answer; reads do not tell of the object for twenty seconds.
#[test]
fn what_was_made_is_waited_for_until_reads_tell_of_it() {
    let stack = stack().aws().file("main.tf", NETWORK);
    stack.emulator().faults(r#"[{"kind": "stale", "service": "ec2", "seconds": 20}]"#);
    stack.emulator().hold(r#"{"operation": "DeleteTags"}"#);
    let run = held(&stack, stack.start_at(NOW, APPLY), 1);
    run.kill();
    run.wait();
    stack.emulator().drop_held();
    let run = stack.at(NOW + 3, APPLY).succeeds().says("cannot be read yet. It is waited for, [TIME] at most.");
    run.says("taken over").says("0 added, 0 changed, 0 destroyed");
    assert_eq!(networks(&stack), 1);
    stack.emulator().no_faults();
    is_over(&stack);
}

/// The same with one that somebody deleted meanwhile: it is not waited for without end.
#[test]
fn what_was_made_and_is_gone_is_made_again() {
    let stack = stack().aws().file("main.tf", NETWORK);
    stack.emulator().hold(r#"{"operation": "DeleteTags"}"#);
    let run = held(&stack, stack.start_at(NOW, APPLY), 1);
    run.kill();
    run.wait();
    stack.emulator().drop_held();
    let journal = stack.read(JOURNAL);
    let id = &journal[journal.find("vpc-").unwrap()..][..21];
    stack.emulator().form("ec2", &format!("Action=DeleteVpc&Version=2016-11-15&VpcId={id}"));
    assert_eq!(networks(&stack), 0);
    stack.at(NOW + 3, APPLY).succeeds().says("made nothing").says("1 added, 0 changed, 0 destroyed");
    is_over(&stack);
}

#[test]
fn what_comes_later_is_looked_for_again() {
    let stack = killed(NETWORK, "CreateVpc", 1);
    let next = stack.at(NOW + 10, APPLY).succeeds();
    next.says("made nothing so far").says("Warning: A call of the interrupted run may still have its effect");
    assert!(has_journal(&stack));
    // Nobody is kept from changing the state meanwhile.
    stack.at(NOW + 12, &["taint", "aws_vpc.main"]).succeeds();
    stack.at(NOW + 14, &["untaint", "aws_vpc.main"]).succeeds();
    stack.at(NOW + 16, APPLY).succeeds().says("made nothing so far").says("may still have its effect");
    comes(&stack, "CreateVpc");
    stack.at(NOW + 18, APPLY).succeeds().says("after all; another one took its place").says("1 destroyed");
    assert_eq!(networks(&stack), 1);
    is_over(&stack);
}

#[test]
fn what_comes_after_a_destroy_is_taken_over_and_deleted() {
    let stack = killed(NETWORK, "CreateVpc", 1);
    stack.at(NOW + 10, DESTROY).succeeds().says("A call of the interrupted run may still have its effect");
    comes(&stack, "CreateVpc");
    stack.at(NOW + 20, DESTROY).succeeds().says("taken over").says("1 destroyed");
    assert!(!has_journal(&stack), "{:?}", stack.files());
    stack.emulator().assert_empty();
}

#[test]
fn two_minutes_later_nothing_comes_any_more() {
    let stack = killed(NETWORK, "CreateVpc", 1);
    stack.at(NOW + 10, DESTROY).succeeds().says("made nothing so far");
    stack.at(NOW + 119, DESTROY).succeeds().says("made nothing so far");
    stack.at(NOW + 120, DESTROY).succeeds().says("made nothing").never_says("so far");
    assert!(!has_journal(&stack), "{:?}", stack.files());
    stack.emulator().drop_held();
}

#[test]
fn a_revision_that_comes_before_a_newer_one_goes() {
    let stack = killed(REVISION, "RegisterTaskDefinition", 2);
    let run = held(&stack, stack.start_at(NOW + 10, APPLY), 2);
    comes(&stack, "RegisterTaskDefinition");
    stack.emulator().release();
    run.wait().succeeds().says("after all; another one took its place");
    let plan = stack.at(NOW + 20, &["plan"]).succeeds();
    plan.says("deposed object").says("0 to add, 0 to change, 1 to destroy");
    stack.at(NOW + 30, APPLY).succeeds().says("1 destroyed");
    is_over(&stack);
}

#[test]
fn what_stands_in_the_way_by_then_is_taken_over_without_a_question() {
    let stack = killed(GROUP, "CreateLogGroup", 2);
    stack.write("main.tf", GROUP.replace("= 7", "= 14"));
    let run = held(&stack, stack.start_at(NOW + 10, APPLY), 2);
    comes(&stack, "CreateLogGroup");
    stack.emulator().release();
    run.wait().succeeds().says("made nothing so far").says("1 imported, 0 added");
    is_over(&stack);
}

#[test]
fn a_second_one_of_its_name_cannot_come() {
    let stack = killed(GROUP, "CreateLogGroup", 1);
    let next = stack.at(NOW + 10, APPLY).succeeds();
    next.says("made nothing so far").never_says("may still have its effect");
    stack.emulator().release();
    is_over(&stack);
}

#[test]
fn what_a_lost_answer_made_is_not_made_twice_while_nobody_knows_of_it() {
    for (text, service, operation) in [(NETWORK, "ec2", "CreateVpc"), (GROUP, "logs", "CreateLogGroup")] {
        let stack = stack().aws().file("main.tf", text);
        stack.emulator().faults(&format!(
            r#"[{{"kind": "reset", "operation": "{operation}", "after": true, "count": 1}}, {{"kind": "stale", "service": "{service}", "seconds": 20}}]"#
        ));
        stack.apply().succeeds();
        stack.emulator().no_faults();
        assert_eq!(stack.emulator().leftovers().len(), 1, "{:?}", stack.emulator().leftovers());
        is_over(&stack);
    }
}
