//! Runs that are killed in the middle of a rollout, and what the next run makes of it.

use serde_json::json;

use super::rollout::{revision, service, until_quiet, with_image};

#[test]
fn a_run_that_was_killed_around_the_start_of_its_deployment_starts_one() {
    for (is_after, calls) in [(false, 2), (true, 1)] {
        let stack = service();
        stack.write("main.tf", with_image("web:2"));
        stack.emulator().forget_calls();
        let held = json!({ "service": "codedeploy", "operation": "CreateDeployment", "call": 1, "after": is_after });
        stack.emulator().hold(&held.to_string());
        let mut run = stack.start(&["apply", "-auto-approve"]);
        while stack.emulator().held().is_empty() {
            assert!(!run.is_over(), "it ended before it deployed");
        }
        run.kill();
        drop(run.wait());
        stack.emulator().drop_held();
        let plan = stack.plan().ends_with(2);
        if is_after {
            plan.says("was started by a run before");
        }
        stack.apply().succeeds().says(if is_after { "following it" } else { "started, all traffic at once" });
        // One that was dropped before its effect counts as a call.
        assert_eq!(
            stack.emulator().calls().into_iter().filter(|call| call.operation == "CreateDeployment").count(),
            calls
        );
        until_quiet(&stack);
        stack.plan().ends_with(0).says("green 100 %, revision 2");
        assert_eq!(revision(&stack, 1)["status"], "ACTIVE");
    }
}

#[test]
fn a_run_that_was_killed_while_old_tasks_went_has_deployed() {
    let stack = service();
    stack.write("main.tf", with_image("web:2"));
    stack.emulator().hold(r#"{"service": "codedeploy", "operation": "BatchGetDeploymentTargets", "call": 8}"#);
    let mut run = stack.start(&["apply", "-auto-approve", "-wait=finished"]);
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "it ended before the old tasks went");
    }
    run.kill();
    drop(run.wait());
    stack.emulator().drop_held();
    stack.apply().succeeds().says("the interrupted run was changing it");
    until_quiet(&stack);
    stack.plan().ends_with(0).says("green 100 %, revision 2");
    let started = stack.emulator().calls().into_iter().filter(|call| call.operation == "CreateDeployment").count();
    assert_eq!(started, 1);
}

#[test]
fn a_run_that_was_killed_is_taken_up_again() {
    let stack = service();
    stack.write("main.tf", with_image("web:2"));
    stack.emulator().hold(r#"{"service": "codedeploy", "operation": "BatchGetDeploymentTargets", "call": 2}"#);
    let mut run = stack.start(&["apply", "-auto-approve"]);
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "it ended before it looked a second time");
    }
    run.kill();
    drop(run.wait());
    stack.emulator().drop_held();
    stack.apply().succeeds().says("brings this out already: following it").says("AllowTraffic done");
    stack.plan().ends_with(0).says("green 100 %, revision 2");
    // The old revision stays for the way back, as without the kill.
    assert_eq!(revision(&stack, 1)["status"], "ACTIVE");
    let started = stack.emulator().calls().into_iter().filter(|call| call.operation == "CreateDeployment").count();
    assert_eq!(started, 1);
}
