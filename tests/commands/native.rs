//! Deployments of ECS's own that go on without us, task by task, and services that somebody else deploys.

use serde_json::json;

use super::rollout::{by_ecs, revision, until_quiet, with_image};
use crate::support::stack::{Stack, stack};

/// The service of the others, deployed by ECS task by task.
pub(super) fn rolling(image: &str, more: &str) -> String {
    let text = with_image(image);
    let end = text.find("resource \"aws_iam_role\" \"deploy\"").unwrap();
    text[..end].replace("  deployment_controller {\n    type = \"CODE_DEPLOY\"\n  }\n", more)
}

pub(super) const BREAKER: &str = "  deployment_circuit_breaker {\n    enable   = true\n    rollback = true\n  }\n";

fn applied(text: String) -> Stack {
    let stack = stack().aws().file("main.tf", text);
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 5}"#);
    stack
}

fn calls(stack: &Stack, operation: &str) -> usize {
    stack.emulator().calls().into_iter().filter(|call| call.operation == operation).count()
}

#[test]
fn a_rolling_deployment_is_followed_task_by_task() {
    let stack = applied(rolling("web:1", BREAKER));
    stack.assert_nothing_to_do();
    stack.run(&["status", "web"]).succeeds().says("web: revision 1, by ECS").says("2 of 2 tasks running");
    stack.write("main.tf", rolling("web:2", BREAKER));
    stack
        .plan()
        .ends_with(2)
        .says("web: revision 1 -> (known after apply) through ECS, ROLLING")
        .says("task by task, at least 100 % and at most 200 % of them at a time");
    stack.emulator().clock(r#"{"per_poll": 1}"#);
    let apply = stack.apply();
    apply.succeeds().says("0 of 2 new tasks running, 2 pending, 2 old").says("2 of 2 new tasks running");
    stack.assert_nothing_to_do();
    stack.run(&["deploy", "web", "-image=web=web:hot"]).succeeds().says("new tasks running").says("is brought out");
    stack.run(&["deploy", "web", "-rollback"]).succeeds().says("back to");
    stack.destroy().succeeds();
}

#[test]
fn a_circuit_breaker_brings_the_old_tasks_back() {
    let stack = applied(rolling("web:1", BREAKER));
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.write("main.tf", rolling("web:bad", BREAKER));
    let apply = stack.apply();
    apply
        .ends_with(1)
        .says("failed, 2 old")
        .says("A task stopped: CannotPullContainerError")
        .says("The deployment failed")
        .says("circuit breaker")
        .says("It was rolled back");
    stack.plan().ends_with(2).says("web: revision 1 -> 2 through ECS, ROLLING");
    stack.write("main.tf", rolling("web:1", BREAKER));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

/// Half an hour of the run's own clock, during which no task starts.
#[test]
fn a_rolling_deployment_has_a_time_limit() {
    let stack = applied(rolling("web:1", BREAKER));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 0}"#);
    stack.write("main.tf", rolling("web:2", BREAKER));
    stack.apply().ends_with(1).says("The deployment takes too long").says("ECS goes on with it");
    // ECS goes on with it, and so does the next run.
    stack.emulator().clock(r#"{"per_poll": 5}"#);
    stack.apply().succeeds().says("is under way: following it");
    stack.assert_nothing_to_do();
}

/// The stack with an alarm that the service itself heeds.
fn alarmed(image: &str) -> String {
    let alarms = "  alarms {\n    enable      = true\n    rollback    = true\n    alarm_names = [\"web-5xx\"]\n  }\n";
    let canary = "    canary_configuration {\n      canary_percent              = 10\n      canary_bake_time_in_minutes = \"5\"\n    }\n  }\n";
    let text = by_ecs(image, "CANARY");
    let end = "    bake_time_in_minutes = \"5\"\n";
    text.replace(&format!("{end}  }}\n"), &format!("{end}{canary}{alarms}"))
}

#[test]
fn an_alarm_of_the_service_brings_the_old_tasks_back_and_is_told() {
    let stack = applied(alarmed("web:1"));
    stack.emulator().alarms(r#"{"web-5xx": "OK"}"#);
    stack.emulator().clock(r#"{"per_poll": 30}"#);
    stack.run(&["status"]).succeeds().says("web-5xx OK").says("CANARY: 10 % of the traffic, the rest after 5 min");
    stack.write("main.tf", alarmed("web:2"));
    stack.emulator().hold(r#"{"service": "ecs", "operation": "DescribeServiceDeployments", "call": 4}"#);
    let mut run = stack.start(&["apply", "-auto-approve"]);
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "it ended before the alarm rang");
    }
    stack.emulator().alarms(r#"{"web-5xx": "ALARM"}"#);
    stack.emulator().release();
    run.wait().ends_with(1).says("The deployment failed").says("web-5xx").says("It was rolled back");
    let status = stack.run(&["status"]).succeeds();
    let status = status.says("web-5xx ALARM: set by a test").says("ROLLBACK_SUCCESSFUL").says("blue 100 %, revision 1");
    // Tasks that ECS took away are no failures.
    assert!(!status.raw().contains("Scaling activity"), "{}", status.raw());
    let json: serde_json::Value = serde_json::from_str(&stack.run(&["status", "-json"]).out).unwrap();
    let web = &json["services"][0];
    assert_eq!((&web["controller"], &web["strategy"]), (&json!("ecs"), &json!("CANARY")));
    assert_eq!(web["last_failures"]["tasks"], json!([]));
}

#[test]
fn without_a_circuit_breaker_nobody_waits_for_ever() {
    let stack = applied(rolling("web:1", ""));
    stack.emulator().images(r#"{"web:bad": {"problem": "exits", "code": 7}}"#);
    stack.write("main.tf", rolling("web:bad", ""));
    let apply = stack.apply();
    apply
        .ends_with(1)
        .says("does not come to an end")
        .says("`deployment_circuit_breaker` of the service is off")
        .says("exit code 7");
    stack.plan().ends_with(2).says("is watched to its end");
    stack.run(&["status", "web"]).succeeds().says("new tasks running").says("exit code 7");
    let json: serde_json::Value = serde_json::from_str(&stack.run(&["status", "-json"]).out).unwrap();
    assert_eq!(json["services"][0]["deployment"]["tasks"]["old"], 2);
    stack.run(&["deploy", "web", "-stop"]).succeeds().says("was stopped");
    stack.plan().ends_with(2).says("web: revision 1 -> 2 through ECS, ROLLING");
}

#[test]
fn a_deployment_whose_watcher_was_killed_is_watched_again() {
    for strategy in [by_ecs, |image: &str, _: &str| rolling(image, BREAKER)] {
        let stack = applied(strategy("web:1", "BLUE_GREEN"));
        stack.write("main.tf", strategy("web:2", "BLUE_GREEN"));
        stack.emulator().forget_calls();
        stack.emulator().clock(r#"{"per_poll": 1}"#);
        stack.emulator().hold(r#"{"service": "ecs", "operation": "DescribeServiceDeployments", "call": 2}"#);
        let run = stack.start(&["apply", "-auto-approve"]);
        while stack.emulator().held().is_empty() {}
        run.kill();
        drop(run.wait());
        stack.emulator().drop_held();
        stack.plan().ends_with(2).says("was started by a run that did not see it through");
        stack.apply().succeeds().says("is under way: following it").says("aws_ecs_service.web: Deployment complete");
        assert_eq!(calls(&stack, "UpdateService"), 1);
        // The old revision stays for the way back, as without the kill.
        assert_eq!(revision(&stack, 1)["status"], "ACTIVE");
        until_quiet(&stack);
        stack.assert_nothing_to_do();
        stack.destroy().succeeds();
        assert_eq!(revision(&stack, 1)["status"], "INACTIVE");
    }
}
