//! Services that somebody outside deploys, with task sets of their own.

use serde_json::{Value as Json, json};

use super::rollout::{attribute, revision, until_quiet, with_image};
use crate::support::stack::{Stack, stack};

/// The service of the others, under an outside controller.
fn outside(image: &str, count: u32) -> String {
    let text = with_image(image);
    let (start, end) = ("resource \"aws_ecs_service\" \"web\"", "resource \"aws_iam_role\" \"deploy\"");
    let service = r#"
resource "aws_ecs_service" "web" {
  name          = "web"
  cluster       = aws_ecs_cluster.main.id
  desired_count = COUNT
  deployment_controller {
    type = "EXTERNAL"
  }
  depends_on = [aws_lb_listener.web]
}
"#;
    let (start, end) = (text.find(start).unwrap(), text.find(end).unwrap());
    text[..start].to_owned() + &service.replace("COUNT", &count.to_string()) + &text[end..end]
}

fn ecs(stack: &Stack, operation: &str, more: &Json) -> Json {
    let mut body = json!({ "cluster": "main", "service": "web" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = stack.emulator().call("ecs", &format!("AmazonEC2ContainerServiceV20141113.{operation}"), &body);
    until_quiet(stack);
    answer
}

/// Attributes of the instances of a type, with their keys.
fn instances(stack: &Stack, kind: &str) -> Vec<(Json, Json)> {
    let state = stack.state();
    let found = state["resources"].as_array().unwrap().iter().find(|one| one["type"] == kind).unwrap();
    let all = found["instances"].as_array().unwrap().iter();
    all.map(|one| (one["index_key"].clone(), one["attributes"].clone())).collect()
}

fn group(stack: &Stack, name: &str) -> Json {
    let all = instances(stack, "aws_lb_target_group");
    all.into_iter().find(|(key, _)| key == name).unwrap().1["arn"].clone()
}

/// Makes a task set; its ARN.
fn makes(stack: &Stack, definition: &str, in_group: &str) -> Json {
    let subnets: Vec<Json> = instances(stack, "aws_subnet").into_iter().map(|(_, one)| one["id"].clone()).collect();
    let made = ecs(
        stack,
        "CreateTaskSet",
        &json!({
            "taskDefinition": definition, "launchType": "FARGATE", "externalId": in_group,
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": subnets } },
            "loadBalancers": [{ "targetGroupArn": group(stack, in_group), "containerName": "web", "containerPort": 80 }],
            "scale": { "value": 100.0, "unit": "PERCENT" },
        }),
    );
    made["taskSet"]["taskSetArn"].clone()
}

fn is_primary(stack: &Stack, set: &Json) {
    ecs(stack, "UpdateServicePrimaryTaskSet", &json!({ "primaryTaskSet": set }));
}

fn leads_to(stack: &Stack, name: &str) {
    let listener = attribute(stack, "aws_lb_listener", "arn");
    let body = format!(
        "Action=ModifyListener&Version=2015-12-01&ListenerArn={}&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={}",
        listener.as_str().unwrap(),
        group(stack, name).as_str().unwrap()
    );
    stack.emulator().form("elasticloadbalancing", &body);
}

fn applied() -> Stack {
    let stack = stack().aws().file("main.tf", outside("web:1", 2));
    stack.apply().succeeds();
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 5}"#);
    stack
}

#[test]
fn task_sets_of_an_outside_controller_govern() {
    let stack = applied();
    stack.assert_nothing_to_do();
    let blue = makes(&stack, "web:1", "blue");
    is_primary(&stack, &blue);
    stack.plan().ends_with(0).says("web: web-blue 100 %, revision 1, by the external controller");
    let green = makes(&stack, "web:1", "green");
    is_primary(&stack, &green);
    leads_to(&stack, "green");
    // Two sets of tasks, and the traffic with the second: theirs, and never planned as a change.
    stack.plan().ends_with(0).says("web: green 100 %, revision 1, by the external controller");
    let status = stack.run(&["status", "web"]).succeeds();
    status.says("PRIMARY").says("ACTIVE").says("2 of 2 tasks running");
    stack.run(&["deploy", "web", "-stop"]).ends_with(1).says("Deployed by an outside controller");
    stack.run(&["migrate-controller", "web"]).ends_with(1).says("Not deployed by CodeDeploy").says("EXTERNAL");
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn what_an_outside_controller_does_between_two_plans_is_no_change() {
    let stack = applied();
    let blue = makes(&stack, "web:1", "blue");
    is_primary(&stack, &blue);
    stack.apply().succeeds();
    // It scales a set, registers a revision and brings that out, and takes the old set away.
    ecs(&stack, "UpdateTaskSet", &json!({ "taskSet": blue, "scale": { "value": 50.0, "unit": "PERCENT" } }));
    stack.plan().ends_with(0).says("revision 1, by the external controller");
    ecs(
        &stack,
        "RegisterTaskDefinition",
        &json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
            "containerDefinitions": [{ "name": "web", "image": "web:7", "portMappings": [{ "containerPort": 80 }] }],
        }),
    );
    let green = makes(&stack, "web:2", "green");
    is_primary(&stack, &green);
    leads_to(&stack, "green");
    let kept = "image of container web kept: :7, set by a pipeline (revision 2)";
    stack.plan().ends_with(0).says("green 100 %, revision 2").says(kept);
    ecs(&stack, "DeleteTaskSet", &json!({ "taskSet": blue, "force": true }));
    stack.plan().ends_with(0).says("revision 2, by the external controller").says(kept);
    // The number of tasks is the person's, and so is its drift.
    stack.write("main.tf", outside("web:1", 3));
    stack.plan().ends_with(2).says("2 -> 3");
    stack.apply().succeeds();
    ecs(&stack, "UpdateService", &json!({ "desiredCount": 5 }));
    stack.plan().ends_with(2).says("5 -> 3");
    stack.apply().succeeds();
    // A revision of the stack's own waits for the controller; none that a set runs is deregistered.
    let again = makes(&stack, "web:1", "blue");
    stack.write("main.tf", outside("web:3", 3));
    stack.with_flags(&["apply", "-auto-approve", "-take=stack"]).succeeds();
    assert_eq!([1, 2, 3].map(|number| revision(&stack, number)["status"].clone()), ["ACTIVE"; 3].map(Json::from));
    stack.plan().ends_with(0).says("revision 2, by the external controller");
    is_primary(&stack, &again);
    stack.plan().ends_with(0).says("revision 1, by the external controller");
    stack.destroy().succeeds();
    assert_eq!([1, 2, 3].map(|number| revision(&stack, number)["status"].clone()), ["INACTIVE"; 3].map(Json::from));
    stack.emulator().assert_empty();
}
