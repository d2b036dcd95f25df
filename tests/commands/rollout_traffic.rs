//! Where the requests go, however it is written, and what uses values that a deployment moves.

use super::rollout::{
    FORWARD, Filled, PLAIN, attribute, by_ecs, pipeline_deploys, service, text, until_quiet, with_image,
};
use crate::support::stack::{Stack, stack};

/// A forward to both target groups, with this stickiness.
fn weighted(blue: u32, green: u32, stickiness: &str) -> String {
    let group = |name: &str, weight: u32| {
        format!(
            "      target_group {{\n        arn    = aws_lb_target_group.web[\"{name}\"].arn\n        weight = {weight}\n      }}\n"
        )
    };
    format!(
        "  default_action {{\n    type = \"forward\"\n    forward {{\n{}{}{stickiness}    }}\n  }}",
        group("blue", blue),
        group("green", green)
    )
}

fn sticky(seconds: u32) -> String {
    format!("      stickiness {{\n        enabled  = {}\n        duration = {seconds}\n      }}\n", seconds > 1)
}

/// The stack with a rule beside the default action of its listener, which does the same.
fn doing(action: &str) -> String {
    let rule = format!(
        "\nresource \"aws_lb_listener_rule\" \"api\" {{\n  listener_arn = aws_lb_listener.web.arn\n  priority     = 5\n{}\n  condition {{\n    path_pattern {{\n      values = [\"/api/*\"]\n    }}\n  }}\n}}\n",
        action.replace("default_action", "action")
    );
    text(&PLAIN).replace(FORWARD, action) + &rule
}

/// Weights of the target groups of the default action, as AWS has them.
fn weights(stack: &Stack) -> String {
    let listener = attribute(stack, "aws_lb_listener", "arn");
    let body =
        format!("Action=DescribeListeners&Version=2015-12-01&ListenerArns.member.1={}", listener.as_str().unwrap());
    stack.emulator().form("elasticloadbalancing", &body)
}

#[test]
fn one_forward_is_no_change_however_it_is_written() {
    let stack = service();
    stack.write("main.tf", doing(FORWARD));
    stack.apply().succeeds();
    let others = [weighted(100, 0, ""), weighted(1, 0, ""), weighted(100, 0, &sticky(1))];
    for is_deployed in [false, true] {
        for other in others.iter().map(String::as_str).chain([FORWARD]) {
            stack.write("main.tf", doing(other));
            stack.assert_nothing_to_do();
        }
        if !is_deployed {
            // Remembered in the long form, the short one is the same all the way.
            stack.write("main.tf", doing(&others[0]));
            stack.apply().succeeds();
            pipeline_deploys(&stack, "web:7");
            until_quiet(&stack);
        }
    }
    stack.plan().ends_with(0).says("green 100 %, revision 2");
    // How long a client is kept is the person's; where it is sent stays with the controller.
    for seconds in [600, 900] {
        stack.write("main.tf", doing(&weighted(100, 0, &sticky(seconds))));
        stack.plan().ends_with(2).says("0 to add, 2 to change, 0 to destroy").says(&format!("{seconds}"));
        stack.apply().succeeds();
        stack.plan().ends_with(0).says("green 100 %, revision 2");
        assert!(weights(&stack).contains(&format!("<DurationSeconds>{seconds}</DurationSeconds>")));
    }
    pipeline_deploys(&stack, "web:8");
    until_quiet(&stack);
    stack.plan().ends_with(0).says("blue 100 %, revision 3");
    stack.write("main.tf", doing(FORWARD));
    stack.plan().ends_with(2).says("- stickiness");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    // The weights that the person turns are a change, and this one would lead nowhere.
    stack.write("main.tf", doing(&weighted(0, 100, "")));
    stack.plan().ends_with(1).says("Traffic would reach no tasks");
}

#[test]
fn what_uses_a_deployed_service_gets_what_is_live() {
    let stack = service();
    let uses = r#"
resource "terraform_data" "live" {
  input = { revision = aws_ecs_service.web.task_definition, count = aws_ecs_service.web.desired_count }
}

output "live" {
  value = terraform_data.live.output
}

output "group" {
  value = tolist(aws_ecs_service.web.load_balancer)[0].target_group_arn
}
"#;
    stack.write("uses.tf", uses);
    stack.apply().succeeds().says("task-definition/web:1");
    // By a deployment of our own, which it waits for.
    stack.write("main.tf", with_image("web:2"));
    let apply = stack.apply().succeeds();
    let at = |text: &str| apply.out.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", apply.out));
    assert!(at("aws_ecs_service.web: Deployment complete") < at("terraform_data.live: Modif"));
    apply.says("task-definition/web:2").says("targetgroup/web-green");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    // By a pipeline's.
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.apply().succeeds().says("task-definition/web:3").says("targetgroup/web-blue");
    stack.assert_nothing_to_do();
    // What nobody wants to be elsewhere waits for nobody.
    stack.write("main.tf", text(&Filled { image: "web:2", count: 3, ..PLAIN }));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

/// What refers to where the listener leads, in an output and in a resource.
const LED: &str = r#"
resource "terraform_data" "led" {
  input = { group = aws_lb_listener.web.default_action[0].target_group_arn, listener = aws_lb_listener.web.arn }
}

resource "terraform_data" "apart" {
  input = aws_lb_listener.web.arn
}

output "led" {
  value = terraform_data.led.output.group
}

output "group" {
  value = aws_lb_listener.web.default_action[0].target_group_arn
}

output "weights" {
  value = [for one in flatten(aws_lb_listener_rule.api.action[*].forward[*].target_group[*]) : one.weight]
}
"#;

#[test]
fn what_refers_to_where_a_listener_leads_gets_what_is_live() {
    let stack = service();
    let rule = doing(FORWARD).replace(text(&PLAIN).as_str(), "");
    stack.write("uses.tf", rule + LED);
    stack.apply().succeeds().says("targetgroup/web-blue");
    stack.assert_nothing_to_do();
    stack.write("main.tf", with_image("web:2"));
    let plan = stack.plan();
    plan.ends_with(2).says("2 to change").says("(known after apply)");
    stack.with_flags(&["plan", "-out=saved"]).succeeds();
    let apply = stack.with_flags(&["apply", "saved"]).succeeds();
    let at = |text: &str| apply.out.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", apply.out));
    assert!(at("aws_ecs_service.web: Deployment complete") < at("terraform_data.led: Modif"));
    assert!(apply.out.contains("targetgroup/web-green"), "{}", apply.out);
    assert!(!apply.out.contains("targetgroup/web-blue"), "{}", apply.out);
    assert!(attribute(&stack, "aws_lb_listener", "default_action").to_string().contains("web-green"));
    // Neither what is read again nor what is remembered is a change.
    stack.with_flags(&["plan", "-detailed-exitcode", "-refresh=false"]).ends_with(0);
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    // The other way round, and by a pipeline.
    stack.write("main.tf", with_image("web:3"));
    stack.apply().succeeds().says("targetgroup/web-blue");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    pipeline_deploys(&stack, "web:7");
    until_quiet(&stack);
    stack.apply().succeeds().says("targetgroup/web-green");
    stack.assert_nothing_to_do();
}

#[test]
fn what_a_deployment_needs_does_not_wait_for_it() {
    let stack = service();
    // The role of the deployment group comes before each deployment, and the number of instances before each plan.
    let needed = LED.replace(
        "terraform_data\" \"apart\" {",
        "terraform_data\" \"apart\" {\n  count = endswith(local.group, \"x\") ? 0 : 1",
    ) + "locals {\n  group = aws_lb_listener.web.default_action[0].target_group_arn\n}\n";
    let needed = needed.replace("aws_lb_listener_rule.api.action", "aws_lb_listener.web.default_action");
    stack.write("uses.tf", needed);
    stack.apply().succeeds();
    stack.write("main.tf", with_image("web:2"));
    stack.apply().succeeds().says("Deployment complete");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    // Its tags: whatever the role depends on.
    stack.write("uses.tf", LED.replace("aws_lb_listener_rule.api.action", "aws_lb_listener.web.default_action"));
    let tagged = |image: &str| {
        with_image(image)
            .replace("name = \"deploy\"", "name = \"deploy\"\n  tags = { group = terraform_data.led.output.group }")
    };
    stack.write("main.tf", tagged("web:2"));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.write("main.tf", tagged("web:3"));
    stack.apply().succeeds().says("Deployment complete");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn traffic_on_targets_that_are_not_healthy_is_an_error() {
    let stack = service();
    stack.emulator().images(r#"{"web:bad": {"problem": "unhealthy"}}"#);
    stack.write("main.tf", with_image("web:bad"));
    // All at once, into a target group that no listener used before: nothing is checked before the traffic is there.
    let apply = stack.apply().ends_with(1);
    let apply =
        apply.says("The new tasks are not healthy").says("moved all traffic to web-green").says("Health checks failed");
    apply.says("glaz deploy web -rollback");
    until_quiet(&stack);
    stack.emulator().images(r#"{"web:bad": null}"#);
    stack.write("main.tf", with_image("web:2"));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

/// A service that ECS deploys behind a network load balancer.
fn behind_a_network_balancer(image: &str) -> String {
    let text = by_ecs(image, "BLUE_GREEN");
    let end = text.find("resource \"aws_lb_listener_rule\"").unwrap();
    let rest = text.find("resource \"aws_iam_role\" \"ecs\"").unwrap();
    let text = text[..end].to_owned() + &text[rest..];
    text.replace(
        "  name       = \"web\"\n  subnets",
        "  name               = \"web\"\n  load_balancer_type = \"network\"\n  subnets",
    )
    .replace("\"HTTP\"", "\"TCP\"")
    .replace("aws_lb_listener_rule.web.arn", "aws_lb_listener.web.arn")
}

#[test]
fn a_listener_of_a_network_load_balancer_names_the_live_group_alone() {
    let stack = stack().aws().file("main.tf", behind_a_network_balancer("web:1"));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    for (image, live) in [("web:2", "green"), ("web:3", "blue")] {
        stack.write("main.tf", behind_a_network_balancer(image));
        stack.apply().succeeds().says("PRODUCTION_TRAFFIC_SHIFT done");
        until_quiet(&stack);
        stack.plan().ends_with(0).says(&format!("web: {live} 100 %"));
    }
}

#[test]
fn a_rule_with_one_target_group_is_refused_for_an_application_load_balancer() {
    let both = by_ecs("web:1", "BLUE_GREEN");
    let (start, end) =
        (both.find("    type = \"forward\"\n    forward {").unwrap(), both.find("  }\n  condition").unwrap());
    let one = "    type             = \"forward\"\n    target_group_arn = aws_lb_target_group.web[\"blue\"].arn\n";
    let stack = stack().aws().file("main.tf", both[..start].to_owned() + one + &both[end..]);
    stack.plan().ends_with(1).says("Listener rule without one of the two target groups").says("web[\"green\"]");
    // As AWS says it.
    let apply = stack.with_flags(&["apply", "-auto-approve", "-check=false"]);
    apply.ends_with(1).says("testListenerRule is required");
}
