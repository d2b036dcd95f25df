//! Who waits for a deployment, because it refers to what that turns: provisioners, providers, data sources, outputs.

use super::rollout::{PLAIN, attribute, by_ecs, service, text, until_quiet, with_image};
use crate::support::stack::{Output, Stack, stack};

/// Where something stands in the output.
#[track_caller]
fn at(output: &Output, text: &str) -> usize {
    output.out.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", output.raw()))
}

/// A new revision goes live, and what came of it leaves nothing to do.
#[track_caller]
fn brings_out(stack: &Stack, image: &str, flags: &[&str]) -> Output {
    stack.write("main.tf", with_image(image));
    let apply = stack.with_flags(&[&["apply", "-auto-approve"], flags].concat()).succeeds();
    stack.assert_nothing_to_do();
    until_quiet(stack);
    stack.assert_nothing_to_do();
    apply
}

#[test]
fn a_provisioner_is_told_where_the_listener_leads_after_the_deployment() {
    let stack = service();
    let told = r#"
resource "terraform_data" "told" {
  triggers_replace = aws_ecs_task_definition.web.arn
  provisioner "local-exec" {
    command = "echo ${local.group} ${aws_ecs_service.web.task_definition} >> told.txt"
  }
}

locals {
  group = aws_lb_listener.web.default_action[0].target_group_arn
}
"#;
    stack.write("uses.tf", told);
    stack.apply().succeeds();
    let apply = brings_out(&stack, "web:2", &["-wait=started"]).says("it is followed until all traffic has moved");
    assert!(at(&apply, "aws_ecs_service.web: Deployment complete") < at(&apply, "terraform_data.told: Creating"));
    let told = stack.read("told.txt");
    let last = told.lines().last().unwrap();
    assert!(last.contains("web-green") && last.ends_with("task-definition/web:2"), "{told}");
}

#[test]
fn a_provider_is_configured_after_the_deployment() {
    let stack = service();
    let uses = r#"
provider "aws" {
  alias = "tagged"
  default_tags {
    tags = { group = aws_lb_listener.web.default_action[0].target_group_arn }
  }
}

resource "aws_cloudwatch_log_group" "kept" {
  provider = aws.tagged
  name     = "kept"
}

resource "aws_cloudwatch_log_group" "replaced" {
  provider = aws.tagged
  name     = "IMAGE"
}
"#;
    let write = |image: &str| stack.write("uses.tf", uses.replace("IMAGE", &image.replace(':', "-")));
    write("web:1");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    write("web:2");
    let apply = brings_out(&stack, "web:2", &[]);
    assert!(
        at(&apply, "aws_ecs_service.web: Deployment complete") < at(&apply, "aws_cloudwatch_log_group.kept: Modif")
    );
    let tags = attribute(&stack, "aws_cloudwatch_log_group", "tags_all").to_string();
    assert!(tags.contains("web-green"), "{tags}");
}

#[test]
fn a_data_source_is_read_after_the_deployment() {
    let stack = service();
    let uses = r#"
data "external" "live" {
  program    = ["/bin/sh", "-c", "cat > /dev/null; echo '{\"read\": \"'$(cat runs 2>/dev/null)'\"}'"]
  query      = { group = aws_lb_listener.web.default_action[0].target_group_arn }
}

data "external" "named" {
  program    = ["/bin/sh", "-c", "cat > /dev/null; echo '{}'"]
  depends_on = [aws_lb_listener.web]
}

output "live" {
  value = data.external.live.query.group
}
"#;
    stack.write("uses.tf", uses);
    stack.apply().succeeds();
    let apply = brings_out(&stack, "web:2", &["-wait=Install"]).says("targetgroup/web-green");
    let deployed = at(&apply, "aws_ecs_service.web: Deployment complete");
    assert!(deployed < at(&apply, "data.external.live: Reading..."));
    assert!(deployed < at(&apply, "data.external.named: Reading..."));
}

#[test]
fn nobody_waits_for_what_nobody_needs() {
    let stack = service();
    stack.write("uses.tf", "output \"name\" {\n  value = aws_ecs_service.web.name\n}\n");
    stack.apply().succeeds();
    stack.write("main.tf", with_image("web:2"));
    let apply = stack.with_flags(&["apply", "-auto-approve", "-wait=started"]).succeeds();
    apply.never_says("followed until").never_says("AllowTraffic");
    until_quiet(&stack);
    // What was started is live, and is taken for what was wanted.
    stack.plan().says("green 100 %, revision 2").never_says("to add, 1");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn what_the_plan_must_know_is_said_to_lag_behind() {
    let stack = service();
    let count = r#"
resource "terraform_data" "blue" {
  count = strcontains(aws_lb_listener.web.default_action[0].target_group_arn, "blue") ? 1 : 0
}
"#;
    stack.write("uses.tf", count);
    stack.apply().succeeds();
    stack.write("main.tf", with_image("web:2"));
    let apply = stack.apply().succeeds();
    apply.says("Traffic is referred to before it moves").says("plan and apply once more after the deployment");
    stack.apply().succeeds().says("1 destroyed").never_says("referred to before");
    stack.assert_nothing_to_do();
}

#[test]
fn two_services_whose_roles_name_each_others_listeners() {
    let text = |image: &str| {
        let other = text(&PLAIN);
        let other = &other[other.find("resource \"aws_lb\" \"web\"").unwrap()..];
        let mut both = with_image(image);
        let mut other = other.replace("IMAGE", image).replace("web:1", image);
        for name in [
            "\"web\"",
            "_group.web",
            ".web.",
            ".web]",
            "\"deploy\"",
            ".deploy.",
            "\"web-$",
            "/web",
            "\"main\"",
            ".main.",
        ] {
            let renamed = name.replace("web", "api").replace("deploy", "api_deploy").replace("main", "api_main");
            other = other.replace(name, &renamed);
        }
        other = other
            .replace("name = \"api\", image", "name = \"web\", image")
            .replace("container_name   = \"api\"", "container_name   = \"web\"");
        let tag = |of: &str| {
            format!(
                "\n  tags = {{ leads = aws_lb_listener.{of}.default_action[0].target_group_arn }}\n  assume_role_policy"
            )
        };
        both = both.replace("\n  assume_role_policy", &tag("api"));
        other = other.replace("\n  assume_role_policy", &tag("web"));
        both + &other
    };
    let stack = stack().aws().file("main.tf", text("web:1"));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": "next"}"#);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.write("main.tf", text("web:2"));
    let apply = stack.apply().succeeds();
    apply.says("Traffic is referred to before it moves").never_says("Cycle").never_says("bug in glaz");
    until_quiet(&stack);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn a_provider_that_something_new_configures_is_connected_when_that_is_there() {
    let late = r#"
resource "terraform_data" "region" {
  input = "eu-west-1"
}

provider "aws" {
  alias  = "late"
  region = terraform_data.region.output
}

resource "aws_cloudwatch_log_group" "late" {
  provider = aws.late
  name     = "late"
}
"#;
    let stack = stack().aws().file("main.tf", late);
    let apply = stack.apply().succeeds();
    assert!(at(&apply, "terraform_data.region: Creation complete") < at(&apply, "group.late: Creating"));
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn an_output_of_ecs_s_own_deployment_has_what_is_live() {
    let stack = stack().aws().file("main.tf", by_ecs("web:1", "BLUE_GREEN"));
    let uses = "output \"weights\" {\n  value = { for one in aws_lb_listener_rule.web.action[0].forward[0].target_group : one.arn => one.weight }\n}\n";
    stack.write("uses.tf", uses);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.write("main.tf", by_ecs("web:2", "BLUE_GREEN"));
    stack.with_flags(&["apply", "-auto-approve", "-wait=started"]).succeeds().says("it is followed until");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
}
