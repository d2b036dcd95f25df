//! Runs that do not come to their end: Ctrl-C once and twice, a kill. The next run goes on where they were.

use std::time::{Duration, Instant};

use crate::support::stack::{Running, Stack, stack};

const SUBNETS: usize = 3;

/// A network whose subnets take their time.
fn network(latency: u32) -> Stack {
    let text = format!(
        r#"
resource "aws_vpc" "main" {{
  cidr_block = "10.0.0.0/16"
}}

resource "aws_subnet" "main" {{
  count      = {SUBNETS}
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.${{count.index}}.0/24"
}}

resource "aws_lb_target_group" "main" {{
  count    = 2
  name     = "group-${{count.index}}"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_subnet.main[count.index].vpc_id
}}
"#
    );
    let stack = stack().aws().file("main.tf", text);
    slow(&stack, latency);
    stack
}

fn slow(stack: &Stack, latency: u32) {
    let rule = |operation| format!(r#"{{"kind": "latency", "operation": "{operation}", "ms": {latency}}}"#);
    stack.emulator().faults(&format!("[{}, {}]", rule("CreateSubnet"), rule("CreateTargetGroup")));
}

/// Waits until the run has done this in the account and is in the middle of what follows.
fn after(stack: &Stack, run: &mut Running, operation: &str, times: usize) {
    let start = Instant::now();
    while count(stack, operation) < times {
        assert!(!run.is_over(), "the run ended before {operation}");
        assert!(start.elapsed() < Duration::from_secs(60), "{operation} is never called");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(150));
}

fn count(stack: &Stack, operation: &str) -> usize {
    stack.emulator().calls().iter().filter(|call| call.operation == operation && call.status == 200).count()
}

/// The next apply goes on; everything is there once; nothing is left in the end.
#[track_caller]
fn goes_on(stack: &Stack) {
    stack.emulator().no_faults();
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert_eq!(stack.instances().len(), 1 + SUBNETS + 2);
    let left = stack.emulator().leftovers();
    let of = |kind: &str| {
        left.iter().filter(|one| one.kind.to_lowercase().replace(['-', '_', ' '], "").contains(kind)).count()
    };
    assert_eq!((of("vpc"), of("subnet"), of("targetgroup")), (1, SUBNETS, 2), "{left:?}");
    assert!(!stack.files().iter().any(|name| name.contains("journal")), "{:?}", stack.files());
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn once_starts_nothing_more_and_saves() {
    let stack = network(800);
    let mut run = stack.start(&["apply", "-auto-approve"]);
    after(&stack, &mut run, "CreateVpc", 1);
    run.interrupt();
    run.wait().fails().says("Stopping").says("Interrupted");
    let instances = stack.instances();
    assert!(instances.contains(&"aws_vpc.main".to_owned()), "{instances:?}");
    assert!(!instances.iter().any(|name| name.starts_with("aws_lb_target_group")), "no new ones start: {instances:?}");
    settle(&stack, SUBNETS);
    goes_on(&stack);
    assert_eq!(count(&stack, "CreateSubnet"), SUBNETS, "calls that were under way are finished or looked up");
}

#[test]
fn a_call_that_never_ends_holds_nobody_up() {
    for signal in [Running::interrupt, Running::terminate] {
        let stack = network(0);
        stack.emulator().hold(r#"{"operation": "CreateSubnet", "count": 0, "after": true}"#);
        let mut run = stack.start(&["apply", "-auto-approve"]);
        while stack.emulator().held().len() < SUBNETS {
            assert!(!run.is_over(), "the run ended before the subnets");
        }
        signal(&run);
        // The calls are still held: the run ends without them.
        run.wait().fails().says("Interrupted").says("3 steps were still under way");
        assert_eq!(stack.instances(), ["aws_vpc.main"]);
        assert!(stack.files().contains(&"terraform.tfstate.journal".to_owned()), "{:?}", stack.files());
        stack.emulator().drop_held();
        let next = stack.apply().succeeds();
        assert_eq!(next.out.matches("taken over").count(), SUBNETS, "{}", next.raw());
        goes_on(&stack);
    }
}

#[test]
fn twice_stops_at_once_and_nothing_is_lost() {
    let stack = network(0);
    stack.emulator().hold(r#"{"operation": "CreateSubnet", "count": 0, "after": true}"#);
    let mut run = stack.start(&["apply", "-auto-approve"]);
    while stack.emulator().held().len() < SUBNETS {
        assert!(!run.is_over(), "the run ended before the subnets");
    }
    // Two that come together are one.
    while !run.is_over() {
        run.interrupt();
        std::thread::sleep(Duration::from_millis(20));
    }
    run.wait().ends_with(130).says("Stopped at once");
    stack.emulator().drop_held();
    let next = stack.apply().succeeds();
    assert!(next.out.matches("taken over").count() == SUBNETS, "{}", next.raw());
    goes_on(&stack);
}

#[test]
fn killed_again_and_again() {
    let stack = network(400);
    for (operation, times) in
        [("CreateVpc", 1), ("CreateSubnet", 1), ("CreateSubnet", SUBNETS), ("CreateTargetGroup", 1)]
    {
        if count(&stack, operation) >= times && operation != "CreateSubnet" {
            continue;
        }
        let mut run = stack.start(&["apply", "-auto-approve"]);
        while count(&stack, operation) < times && !run.is_over() {
            std::thread::sleep(Duration::from_millis(3));
        }
        if !run.is_over() {
            run.kill();
        }
        run.wait();
        // What was under way in the account comes to its end there.
        std::thread::sleep(Duration::from_millis(500));
    }
    goes_on(&stack);
    let made = ["CreateVpc", "CreateSubnet", "CreateTargetGroup"].map(|operation| count(&stack, operation));
    assert_eq!(made, [1, SUBNETS, 2], "nothing was made twice");
}

#[test]
fn destroy_is_killed() {
    let stack = network(0);
    stack.apply().succeeds();
    stack.emulator().faults(r#"[{"kind": "latency", "operation": "DeleteSubnet", "ms": 500}]"#);
    let mut run = stack.start(&["destroy", "-auto-approve"]);
    after(&stack, &mut run, "DeleteTargetGroup", 2);
    run.kill();
    run.wait();
    std::thread::sleep(Duration::from_millis(600));
    stack.emulator().no_faults();
    stack.destroy().succeeds();
    assert!(stack.instances().is_empty());
    stack.emulator().assert_empty();
}

/// Waits until the account has done so many calls for subnets, though nobody listens any more.
fn settle(stack: &Stack, subnets: usize) {
    let start = Instant::now();
    while count(stack, "CreateSubnet") < subnets && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
}
