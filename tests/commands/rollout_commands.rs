//! `glaz deploy` beside other runs, and what `glaz status` tells of troubles.

use serde_json::{Value as Json, json};

use super::rollout::{PLAIN, attribute, pipeline_deploys, service, text, until_quiet, with_image};
use crate::support::stack::Stack;

#[test]
fn what_was_deployed_by_hand_is_in_the_state_and_the_next_plan_is_empty() {
    let stack = service();
    let serial = stack.state()["serial"].as_i64().unwrap();
    stack.run(&["deploy", "web", "-image=web:hot", "-wait=finished"]).succeeds();
    let live = |stack: &Stack| attribute(stack, "aws_ecs_service", "task_definition").as_str().unwrap().to_owned();
    assert!(live(&stack).ends_with(":2"), "{}", live(&stack));
    assert!(stack.state()["serial"].as_i64().unwrap() > serial);
    stack.plan().ends_with(0).says("image of container web kept: :hot");
    stack.run(&["deploy", "web", "-rollback", "-wait=finished"]).succeeds();
    assert!(live(&stack).ends_with(":1"));
    stack.assert_nothing_to_do();
    // What fails is recorded as well: the lock is let go, and the state has what runs.
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.run(&["deploy", "web", "-image=web:bad"]).ends_with(1).says("The deployment failed");
    assert!(live(&stack).ends_with(":1"));
    stack.assert_nothing_to_do();
}

#[test]
fn two_deployments_at_once_are_refused() {
    let stack = service();
    stack.emulator().hold(r#"{"service": "codedeploy", "operation": "CreateDeployment", "call": 1}"#);
    let mut run = stack.start(&["deploy", "web", "-image=web:2"]);
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "it ended before it deployed");
    }
    stack.run(&["deploy", "web", "-image=web:3"]).ends_with(1).says("The state is locked");
    stack.write("main.tf", with_image("web:4"));
    stack.apply().ends_with(1).says("The state is locked");
    // Looking is always possible.
    stack.run(&["status"]).succeeds();
    stack.emulator().release();
    run.wait().succeeds();
    stack.write("main.tf", with_image("web:1"));
    stack.plan().ends_with(0).says("image of container web kept: :2");
}

#[test]
fn a_waiting_deployment_says_how_to_let_it_go_on() {
    let stack = service();
    let waiting = text(&PLAIN).replace(
        "action_on_timeout = \"CONTINUE_DEPLOYMENT\"",
        "action_on_timeout    = \"STOP_DEPLOYMENT\"\n      wait_time_in_minutes = 60",
    );
    stack.write("main.tf", &waiting);
    stack.apply().succeeds();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    pipeline_deploys(&stack, "web:2");
    stack.emulator().clock(r#"{"advance": 60}"#);
    stack.run(&["status", "web"]).succeeds().says("ready, waits for `glaz deploy web -continue`");
    // A run that watches it holds the lock: it goes on all the same.
    stack.emulator().clock(r#"{"per_poll": 5}"#);
    stack.run(&["deploy", "web", "-continue", "-wait=traffic"]).succeeds().says("goes on");
}

#[test]
fn nothing_is_registered_beside_a_deployment_under_way() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    pipeline_deploys(&stack, "web:2");
    let registered = |stack: &Stack| {
        stack.emulator().calls().into_iter().filter(|call| call.operation == "RegisterTaskDefinition").count()
    };
    let before = registered(&stack);
    stack.run(&["deploy", "web", "-image=web:3"]).ends_with(1).says("A deployment is under way");
    assert_eq!(registered(&stack), before);
}

#[test]
fn services_beside_what_is_repeated_by_what_exists() {
    let stack = service();
    let repeated = "resource \"terraform_data\" \"each\" {\n  for_each = toset([aws_vpc.one.id])\n}\n";
    stack.write("each.tf", repeated);
    stack.apply().succeeds();
    stack.run(&["status", "web"]).succeeds().says("web: blue 100 %");
}

#[test]
fn status_tells_alarms_and_what_failed_last() {
    let stack = service();
    let with_alarms = |text: String| {
        text.replace(
            "  auto_rollback_configuration {",
            "  alarm_configuration {\n    enabled = true\n    alarms  = [\"web-5xx\", \"web-gone\"]\n  }\n  auto_rollback_configuration {",
        )
    };
    stack.emulator().alarms(r#"{"web-5xx": "OK"}"#);
    stack.write("main.tf", with_alarms(with_image("web:1")));
    stack.apply().succeeds();
    stack.run(&["status"]).succeeds().says("web-5xx OK").says("web-gone does not exist");
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.write("main.tf", with_alarms(with_image("web:bad")));
    stack.apply().ends_with(1).says("The deployment failed");
    until_quiet(&stack);
    stack.emulator().alarms(r#"{"web-5xx": "ALARM"}"#);
    let status = stack.run(&["status", "web"]);
    status
        .succeeds()
        .says("web-5xx ALARM: set by a test")
        .says("failed")
        .says("CannotPullContainerError")
        .says("rolled back by d-");
    let json: Json = serde_json::from_str(&stack.run(&["status", "-json"]).out).unwrap();
    let web = &json["services"][0];
    assert_eq!(web["alarms"][0], json!({ "name": "web-5xx", "state": "ALARM", "reason": "set by a test" }));
    assert_eq!(web["alarms"][1]["state"], Json::Null);
    let failures = &web["last_failures"];
    assert_eq!(failures["deployments"][0]["status"], "Failed");
    assert!(failures["deployments"][0]["time"].as_str().unwrap().ends_with('Z'), "{failures}");
    assert!(failures["tasks"][0]["reason"].as_str().unwrap().contains("CannotPullContainerError"), "{failures}");
    assert!(failures["events"][0]["message"].as_str().unwrap().contains("web"), "{failures}");
    // What may not be asked is no reason to tell nothing.
    stack.emulator().faults(r#"[{"service": "cloudwatch", "operation": "DescribeAlarms", "kind": "deny"}]"#);
    stack.run(&["status"]).succeeds().says("the credentials lack cloudwatch:DescribeAlarms").says("failed");
}

#[test]
fn what_goes_back_already_is_not_stopped() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let id = pipeline_deploys(&stack, "web:2");
    stack.emulator().clock(r#"{"advance": 60}"#);
    // The way back takes its time.
    stack.emulator().settings(r#"{"lifecycle_event_seconds": 60}"#);
    let stop = json!({ "deploymentId": id, "autoRollbackEnabled": true });
    stack.emulator().call("codedeploy", "CodeDeploy_20141006.StopDeployment", &stop);
    stack.emulator().clock(r#"{"advance": 5}"#);
    stack.emulator().clock(r#"{"per_poll": 1}"#);
    stack.emulator().forget_calls();
    let run = stack.run(&["deploy", "web", "-stop"]).succeeds();
    run.says("brings the traffic back already: waiting until it is over").says("brought the traffic back");
    assert!(!stack.emulator().calls().iter().any(|call| call.operation == "StopDeployment"));
    stack.plan().ends_with(0).says("web: blue 100 %, revision 1");
}

#[test]
fn status_follows_a_deployment_on_a_terminal() {
    let stack = service();
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 0}"#);
    let mut screen = stack.start_on_terminal(&["status", "web"]);
    screen.sees("web: blue 100 %, revision 1");
    // From here on every look is a moment later.
    stack.emulator().clock(r#"{"per_poll": "next"}"#);
    let id = pipeline_deploys(&stack, "web:2");
    screen.sees(&format!("deployment {id} under way")).sees("▸").sees("✓ Install").sees("green 100 %, revision 2");
    screen.interrupt();
    let (shown, code) = screen.ends();
    assert_eq!(code, Some(0));
    // Each look takes the place of the one before.
    assert!(shown.matches("\u{1b}[H\u{1b}[2J").count() > 2, "{shown}");
    let mut once = stack.start_on_terminal(&["status", "-once"]);
    once.sees("revision 2");
    assert_eq!(once.ends().1, Some(0));
}

#[test]
fn deploy_takes_no_image_without_a_name_and_asks_once() {
    let stack = service();
    for wrong in ["-image=", "-image=web=", "-image==web:2", "-image=web: 2"] {
        stack.run(&["deploy", "web", wrong]).ends_with(1).says("give an image without spaces");
    }
    stack.write("more.tf", "variable \"tag\" {\n  type = string\n}\noutput \"tag\" {\n  value = var.tag\n}\n");
    let mut run = stack.start_on_terminal(&["deploy", "web", "-auto-approve"]);
    run.sees("var.tag").types("one");
    let (shown, code) = run.ends();
    assert_eq!((shown.matches("var.tag").count(), code), (1, Some(0)), "{shown}");
}

#[test]
fn status_shows_what_is_live() {
    let stack = service();
    let status = stack.run(&["status", "web"]);
    status.succeeds().says("web: blue 100 %, revision 1, by CodeDeploy").says("2 of 2 tasks running").says("2 healthy");
    let json: Json = serde_json::from_str(&stack.run(&["status", "-json"]).out).unwrap();
    let web = &json["services"][0];
    assert_eq!(web["service"], "web");
    assert_eq!(web["deployment_group"], "prod");
    assert_eq!(web["traffic"][0]["target_group"], "web-blue");
    assert_eq!(web["task_sets"][0]["running"], 2);
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let id = pipeline_deploys(&stack, "web:2");
    stack.emulator().clock(r#"{"advance": 30}"#);
    stack.run(&["status"]).succeeds().says(&format!("deployment {id} under way")).says("✓ Install");
    stack.run(&["status", "other"]).ends_with(1).says("Unknown service").says("There are: web.");
}

#[test]
fn deploy_brings_out_an_image_and_goes_back() {
    let stack = service();
    stack.run(&["deploy", "web", "-image=web=web:hot", "-wait=finished"]).succeeds().says("AllowTraffic done");
    // What was deployed by hand is no drift, and the stack file keeps its word for the next revision.
    stack.plan().ends_with(0).says("web: green 100 %, revision 2");
    stack.run(&["deploy", "web", "-rollback", "-wait=finished"]).succeeds().says("back to");
    stack.plan().ends_with(0).says("web: blue 100 %, revision 1");
    stack.run(&["deploy", "web", "-image=nobody=x"]).ends_with(1).says("Unknown container").says("it has web");
    stack.run(&["deploy", "web", "-stop"]).ends_with(1).says("Nothing is being deployed");
    stack.write("main.tf", with_image("web:2"));
    stack.run(&["deploy", "web", "-auto-approve"]).succeeds().says("aws_ecs_service.web: Deployment complete");
    stack.plan().ends_with(0).says("revision 3");
}

#[test]
fn a_way_back_that_nobody_waits_for_is_remembered() {
    let stack = service();
    stack.write("main.tf", with_image("web:2"));
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let run = stack.run(&["deploy", "web", "-rollback", "-wait=started"]).succeeds();
    run.says("back to ").says("task-definition/web:1 is being brought out");
    until_quiet(&stack);
    stack.plan().ends_with(0).says("image of container web kept: :1, set by going back to revision 1");
}

#[test]
fn a_way_back_that_fails_is_told() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let id = pipeline_deploys(&stack, "web:2");
    stack.emulator().clock(r#"{"advance": 60}"#);
    // The way back takes its time, and somebody stops it.
    stack.emulator().settings(r#"{"lifecycle_event_seconds": 60}"#);
    stack.emulator().clock(r#"{"per_poll": 1}"#);
    stack.emulator().hold(r#"{"service": "codedeploy", "operation": "GetDeployment", "call": 3}"#);
    let mut run = stack.start(&["deploy", "web", "-stop"]);
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "it ended before the traffic went back");
    }
    let codedeploy =
        |name: &str, body: &Json| stack.emulator().call("codedeploy", &format!("CodeDeploy_20141006.{name}"), body);
    let running = json!({ "applicationName": "web", "deploymentGroupName": "prod", "includeOnlyStatuses": ["Created", "InProgress"] });
    let back = codedeploy("ListDeployments", &running)["deployments"][0].as_str().unwrap().to_owned();
    assert_ne!(back, id);
    codedeploy("StopDeployment", &json!({ "deploymentId": back, "autoRollbackEnabled": false }));
    stack.emulator().release();
    run.wait()
        .ends_with(1)
        .says(&format!("stopping deployment {id}"))
        .says("The traffic was not brought back")
        .says(&format!("{back} was to bring the traffic back, and failed"));
    stack.run(&["status"]).succeeds().says("ACTIVE").says(&format!("rolled back by {back}"));
}
