//! What people complain about elsewhere (issues of hashicorp/terraform-provider-aws), each as a stack that works here.

use serde_json::Value as Json;

use super::native::{BREAKER, rolling};
use super::rollout::{Filled, PLAIN, by_ecs, pipeline_deploys, service, text, until_quiet, with_image};
use crate::support::stack::{Stack, stack};

/// The calls of an operation, in their order.
fn calls(stack: &Stack, operation: &str) -> Vec<usize> {
    let all = stack.emulator().calls();
    all.iter().enumerate().filter(|(_, call)| call.operation == operation).map(|(at, _)| at).collect()
}

/// #12703: a new revision of a service under CodeDeploy is an error of UpdateService. #28918: nothing starts the deployment.
#[test]
fn a_new_revision_under_codedeploy_is_a_deployment_and_no_refused_update() {
    let stack = service();
    stack.emulator().forget_calls();
    stack.write("main.tf", with_image("web:2"));
    stack.apply().succeeds().says("Deployment complete");
    assert_eq!(calls(&stack, "CreateDeployment").len(), 1, "{:?}", stack.emulator().calls());
    assert!(calls(&stack, "UpdateService").is_empty());
    stack.assert_nothing_to_do();
}

/// #28129: CodeDeploy leaves a weighted forward behind, which the next change of the listener takes out, or fails at.
#[test]
fn a_listener_keeps_its_weights_when_something_else_of_it_changes() {
    let stack = service();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    let changed = text(&PLAIN).replace(
        "  port              = 80\n  protocol          = \"HTTP\"",
        "  port              = 8080\n  protocol          = \"HTTP\"",
    );
    stack.write("main.tf", changed);
    stack.plan().ends_with(2).says("0 to add, 1 to change, 0 to destroy").never_says("target_group");
    stack.apply().succeeds();
    stack.plan().ends_with(0).says("green 100 %, revision 2");
    pipeline_deploys(&stack, "web:8");
    until_quiet(&stack);
    stack.plan().ends_with(0).says("blue 100 %, revision 3");
}

/// #45678: under ECS's own blue/green every apply brings out into the same target group.
#[test]
fn deployments_of_ecs_alternate_between_the_target_groups() {
    let stack = stack().aws().file("main.tf", by_ecs("web:1", "BLUE_GREEN"));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    until_quiet(&stack);
    for (image, live) in [("web:2", "green"), ("web:3", "blue"), ("web:4", "green")] {
        stack.write("main.tf", by_ecs(image, "BLUE_GREEN"));
        stack.apply().succeeds();
        until_quiet(&stack);
        stack.plan().ends_with(0).says(&format!("web: {live} 100 %"));
    }
}

/// #3414: the destroy of a service hangs, because what it needs is deleted first.
#[test]
fn a_destroy_takes_the_service_before_what_it_needs() {
    let role = r#"
resource "aws_iam_role" "run" {
  name = "run"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "deploy" {
  role       = aws_iam_role.deploy.name
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS"
}

resource "aws_iam_role_policy_attachment" "run" {
  role       = aws_iam_role.run.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}
"#;
    let filled = text(&Filled { image: "web:1", ..PLAIN });
    let filled = filled.replace(
        "  memory                   = \"512\"\n",
        "  memory                   = \"512\"\n  execution_role_arn       = aws_iam_role.run.arn\n",
    );
    let stack = stack().aws().file("main.tf", filled + role);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": "next"}"#);
    stack.apply().succeeds();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.emulator().forget_calls();
    stack.destroy().succeeds();
    let gone = calls(&stack, "DeleteService")[0];
    assert!(calls(&stack, "DetachRolePolicy").last().is_some_and(|at| *at > gone), "the role that tasks start with");
    for operation in ["DeleteListener", "DeleteTargetGroup", "DeleteCluster"] {
        assert!(calls(&stack, operation).iter().all(|at| *at > gone), "{operation}");
    }
    let listener = calls(&stack, "DeleteListener")[0];
    assert!(calls(&stack, "DeleteTargetGroup").iter().all(|at| *at > listener));
    stack.emulator().assert_empty();
}

/// #19519: a rolling deployment that the circuit breaker takes back is told as a success by who waits for a steady state.
#[test]
fn a_deployment_that_the_circuit_breaker_takes_back_is_a_failure() {
    let text = |image: &str| rolling(image, &format!("{BREAKER}  wait_for_steady_state = true\n"));
    let stack = stack().aws().file("main.tf", text("web:1"));
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 5}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "exits"}}"#);
    stack.write("main.tf", text("web:bad"));
    stack.apply().ends_with(1).says("The deployment failed").says("the old tasks are back");
    stack.plan().ends_with(2).says("web: revision 1");
    stack.write("main.tf", text("web:3"));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

/// Nothing of it needs a line of `ignore_changes`.
#[test]
fn none_of_it_needs_ignore_changes() {
    let stack = service();
    assert!(!stack.read("main.tf").contains("ignore_changes"));
    for image in ["web:7", "web:8", "web:9"] {
        pipeline_deploys(&stack, image);
        until_quiet(&stack);
        stack.assert_nothing_to_do();
    }
    let configured = super::rollout::revision(&stack, 4)["containerDefinitions"][0]["image"].clone();
    assert_eq!(configured, Json::from("web:9"));
}
