//! `glaz migrate-controller`: a service goes from CodeDeploy to ECS's own blue/green.

use serde_json::json;

use super::rollout::{Filled, PLAIN, attribute, by_ecs, pipeline_deploys, service, text, until_quiet};
use crate::support::stack::{Stack, stack};

fn canary() -> Stack {
    let stack = service();
    stack.write("main.tf", text(&Filled { config: "ECSCanary10Percent5Minutes", ..PLAIN }));
    stack.apply().succeeds();
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack
}

fn calls(stack: &Stack, operation: &str) -> usize {
    stack.emulator().calls().into_iter().filter(|call| call.operation == operation).count()
}

#[test]
fn a_service_goes_over_with_its_files() {
    let stack = canary();
    let run = stack.run(&["migrate-controller", "web", "-write", "-auto-approve"]);
    run.succeeds()
        .says("CANARY: 10 % of the traffic, the rest after 5 min; old tasks stay 5 min")
        .says("-    type = \"CODE_DEPLOY\"")
        .says("+    type = \"ECS\"")
        .says("+      production_listener_rule   = aws_lb_listener_rule.web_production.arn")
        .says("aws_codedeploy_deployment_group.web will be destroyed")
        .says("aws_ecs_service.web will be updated in-place")
        .says("Going back:")
        .says("PRODUCTION_TRAFFIC_SHIFT done")
        .says("web is deployed by ECS. Written: main.tf.");
    stack.run(&["fmt", "-check"]).ends_with(0);
    stack.plan().ends_with(0).says("web: green 100 %, revision 1, by ECS");
    stack.assert_nothing_to_do();
    stack.run(&["status", "web"]).succeeds().says("2 of 2 tasks running");
    // From here on ECS brings revisions out.
    stack.write("main.tf", stack.read("main.tf").replace("web:1", "web:2"));
    stack.apply().succeeds().says("PRODUCTION_TRAFFIC_SHIFT done");
    assert_eq!(calls(&stack, "CreateDeployment"), 0);
    stack.run(&["migrate-controller", "web", "-auto-approve"]).succeeds().says("say already what ECS needs");
    // A destroy stops what still bakes and waits for it; here time does not flow by itself.
    until_quiet(&stack);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn the_target_group_with_the_tasks_comes_first() {
    let stack = canary();
    pipeline_deploys(&stack, "web:theirs");
    until_quiet(&stack);
    let run = stack.run(&["migrate-controller", "aws_ecs_service.web", "-write", "-auto-approve", "-wait=traffic"]);
    run.succeeds()
        .says("+    target_group_arn = aws_lb_target_group.web[\"green\"].arn")
        .says("+      alternate_target_group_arn = aws_lb_target_group.web[\"blue\"].arn")
        .says("web: revision 2 again, with other settings, through ECS, CANARY");
    stack.plan().ends_with(0).says("web: blue 100 %, revision 2, by ECS");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
}

#[test]
fn files_stay_as_they_are_until_they_are_to_be_written() {
    let stack = canary();
    let before = stack.read("main.tf");
    let nobody = stack.run(&["migrate-controller", "web"]);
    nobody.ends_with(1).says("error asking for approval").says("Stack files, to be changed");
    assert_eq!(attribute(&stack, "aws_ecs_service", "deployment_controller")[0]["type"], "CODE_DEPLOY");
    let run = stack.run(&["migrate-controller", "web", "-auto-approve"]);
    run.succeeds().says("The stack files still say CODE_DEPLOY").says("glaz migrate-controller web -write");
    assert_eq!(stack.read("main.tf"), before);
    // Nothing is left to do but to write them.
    let run = stack.run(&["migrate-controller", "web", "-write", "-auto-approve"]);
    run.succeeds().says("+resource \"aws_lb_listener_rule\" \"web_production\"").says("No changes");
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn what_is_under_way_is_not_interrupted() {
    let stack = canary();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let id = pipeline_deploys(&stack, "web:2");
    stack.emulator().clock(r#"{"advance": 60}"#);
    let run = stack.run(&["migrate-controller", "web", "-write", "-auto-approve"]);
    run.ends_with(1).says("A deployment is under way").says(&id).says("glaz deploy web -stop");
    // The same for a change of the files by hand.
    let by_hand = text(&Filled { config: "ECSCanary10Percent5Minutes", ..PLAIN }).replace("CODE_DEPLOY", "ECS");
    stack.write("main.tf", by_hand);
    stack.plan().ends_with(1).says("A deployment is under way").says(&id);
    assert_eq!(calls(&stack, "UpdateService"), 0);
}

#[test]
fn an_interrupted_migration_goes_on() {
    for flags in [&["-write"][..], &[]] {
        let stack = canary();
        stack.emulator().hold(r#"{"service": "ecs", "operation": "UpdateService", "call": 1, "after": true}"#);
        let run = stack.start(&[&["migrate-controller", "web", "-auto-approve"], flags].concat());
        while stack.emulator().held().is_empty() {}
        run.kill();
        drop(run.wait());
        stack.emulator().drop_held();
        let again = stack.run(&["migrate-controller", "web", "-write", "-auto-approve"]);
        again.succeeds().says("is under way: following it").says("PRODUCTION_TRAFFIC_SHIFT done");
        assert_eq!(calls(&stack, "UpdateService"), 1);
        stack.assert_nothing_to_do();
        assert!(!stack.instances().iter().any(|one| one.contains("codedeploy")), "{:?}", stack.instances());
    }
}

#[test]
fn functions_that_fail_bring_everything_back_and_the_group_stays() {
    let stack = canary();
    let spec = "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: REVISION\n        LoadBalancerInfo:\n          ContainerName: web\n          ContainerPort: 80\nHooks:\n  - AfterAllowTestTraffic: check\n";
    let revision = attribute(&stack, "aws_ecs_service", "task_definition");
    let content = spec.replace("REVISION", revision.as_str().unwrap());
    let revision = json!({ "revisionType": "AppSpecContent", "appSpecContent": { "content": content } });
    let order = json!({ "applicationName": "web", "deploymentGroupName": "prod", "revision": revision });
    stack.emulator().call("codedeploy", "CodeDeploy_20141006.CreateDeployment", &order);
    until_quiet(&stack);
    let migrate = ["migrate-controller", "web", "-write", "-auto-approve"];
    stack.run(&migrate).ends_with(1).says("Functions are called on the way").says("AfterAllowTestTraffic: check");
    stack.emulator().hooks(r#"{"check": {"result": "Failed"}}"#);
    let run = stack.run(&[&migrate[..], &["-hooks=keep"]].concat());
    run.ends_with(1)
        .says("+      lifecycle_stages = [\"POST_TEST_TRAFFIC_SHIFT\"]")
        .says("The deployment failed")
        .says("It was rolled back");
    assert!(stack.instances().iter().any(|one| one == "aws_codedeploy_deployment_group.web"));
    // The service is with ECS; what is left is done by the next apply.
    stack.emulator().hooks(r#"{"check": {"result": "Succeeded"}}"#);
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.assert_nothing_to_do();
}

#[test]
fn others_than_codedeploy_are_refused() {
    let stack = stack().aws().file("main.tf", by_ecs("web:1", "ROLLING"));
    stack.apply().succeeds();
    stack
        .run(&["migrate-controller", "web"])
        .ends_with(1)
        .says("Not deployed by CodeDeploy")
        .says("task by task already");
    stack.run(&["migrate-controller", "other"]).ends_with(1).says("Unknown service");
}

#[test]
fn rules_test_listener_and_alarms_go_over() {
    let more = r#"
resource "aws_lb_listener_rule" "all" {
  listener_arn = aws_lb_listener.web.arn
  priority     = 7
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web["blue"].arn
  }
  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

resource "aws_lb_listener" "test" {
  load_balancer_arn = aws_lb.web.arn
  port              = 8080
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web["blue"].arn
  }
}
"#;
    let text = text(&PLAIN)
        .replace(
            "      prod_traffic_route {",
            "      test_traffic_route {\n        listener_arns = [aws_lb_listener.test.arn]\n      }\n      prod_traffic_route {",
        )
        .replace(
            "  auto_rollback_configuration {",
            "  alarm_configuration {\n    alarms  = [\"5xx\"]\n    enabled = true\n  }\n  auto_rollback_configuration {",
        )
        .replace("\"DEPLOYMENT_STOP_ON_REQUEST\"]", "\"DEPLOYMENT_STOP_ON_REQUEST\", \"DEPLOYMENT_STOP_ON_ALARM\"]")
        .replace("depends_on = [aws_lb_listener.web]", "depends_on = [aws_lb_listener.web, aws_lb_listener_rule.all]");
    let stack = stack().aws().file("main.tf", text + more);
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "web", "-write", "-auto-approve"]);
    run.succeeds()
        .says("5xx end a deployment and roll it back")
        .says("+      production_listener_rule   = aws_lb_listener_rule.all.arn")
        .says("+      test_listener_rule         = aws_lb_listener_rule.web_test.arn")
        .says("aws_lb_listener_rule.all will be updated in-place")
        .says("+  depends_on = [aws_lb_listener.web, aws_lb_listener_rule.all, aws_iam_role_policy_attachment.web_load_balancers]");
    assert!(!stack.read("main.tf").contains("web_production"));
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_listener_of_a_network_load_balancer_is_told_itself() {
    let text = text(&PLAIN)
        .replace(
            "  name       = \"web\"\n  subnets",
            "  name       = \"web\"\n  load_balancer_type = \"network\"\n  subnets",
        )
        .replace("\"HTTP\"", "\"TCP\"");
    let stack = stack().aws().file("main.tf", text);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "web", "-write", "-auto-approve", "-wait=traffic"]);
    run.succeeds()
        .says("which gets the second target group with weight 0")
        .says("ECS waits 10 min wherever it moves")
        .says("+      production_listener_rule   = aws_lb_listener.web.arn")
        .says("aws_lb_listener.web will be updated in-place");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    stack.write("main.tf", stack.read("main.tf").replace("web:1", "web:2"));
    stack.apply().succeeds().says("PRODUCTION_TRAFFIC_SHIFT done");
    stack.plan().ends_with(0).says("revision 2, by ECS");
    until_quiet(&stack);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn the_files_of_a_module_are_written() {
    let call = "module \"app\" {\n  source = \"./app\"\n}\n";
    let stack = stack().aws().file("app/web.tf", text(&PLAIN)).file("main.tf", call);
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "web", "-write", "-auto-approve", "-wait=traffic"]);
    run.succeeds().says("module.app.aws_ecs_service.web will be updated in-place").says("Written: app/web.tf.");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
}

/// Names that are given once.
fn named(text: &str) -> String {
    text.replace("= \"web\"", "= var.name")
        .replace("= \"main\"", "= var.name")
        .replace("= \"deploy\"", "= \"${var.name}-deploy\"")
        .replace("\"web-${each.key}\"", "\"${var.name}-${each.key}\"")
        + "\nvariable \"name\" {\n  type = string\n}\n"
}

#[test]
fn services_of_a_module_that_is_called_twice_go_over_together() {
    let call = |name: &str| format!("module \"{name}\" {{\n  source = \"./app\"\n  name   = \"{name}\"\n}}\n");
    let stack = stack().aws().file("app/web.tf", named(&text(&PLAIN))).file("main.tf", call("one") + &call("two"));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "one", "-write", "-auto-approve", "-wait=traffic"]);
    run.succeeds()
        .says("name_prefix = \"ecs-web-traffic-\"")
        .says("module.one.aws_codedeploy_deployment_group.web will be destroyed")
        .says("module.two.aws_codedeploy_deployment_group.web will be destroyed")
        .says("one and two are deployed by ECS. Written: app/web.tf.");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_service_with_count_goes_over_with_what_it_needs() {
    let counted = text(&PLAIN)
        .replace(
            "resource \"aws_ecs_service\" \"web\" {\n",
            "resource \"aws_ecs_service\" \"web\" {\n  count           = 1\n",
        )
        .replace("aws_ecs_service.web.name", "aws_ecs_service.web[0].name");
    let stack = stack().aws().file("main.tf", counted);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "web", "-write", "-auto-approve", "-wait=traffic"]);
    run.succeeds()
        .says("+      production_listener_rule   = aws_lb_listener_rule.web_production[count.index].arn")
        .says("+  role       = aws_iam_role.web_load_balancers[count.index].name")
        .says("aws_codedeploy_deployment_group.web will be destroyed");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

/// Two services of one block, each with its own target groups and listener.
fn repeated() -> String {
    let text = text(&PLAIN);
    let (start, end) = ("resource \"aws_lb_target_group\"", "resource \"aws_lb_listener\"");
    let (start, end) = (text.find(start).unwrap(), text.find(end).unwrap());
    let group = |name: &str| {
        text[start..end]
            .replace("\"web\" {", &format!("\"{name}\" {{"))
            .replace("toset([\"blue\", \"green\"])", "local.names")
            .replace("\"web-${each.key}\"", &format!("\"${{each.key}}-{name}\""))
    };
    let rest = text[end..]
        .replace("aws_lb_target_group.web[\"blue\"]", "aws_lb_target_group.blue[each.key]")
        .replace("aws_lb_target_group.web[\"green\"]", "aws_lb_target_group.green[each.key]")
        .replace(
            "\"aws_lb_listener\" \"web\" {\n",
            "\"aws_lb_listener\" \"web\" {\n  for_each          = { api = 81, web = 80 }\n",
        )
        .replace("  port              = 80\n", "  port              = each.value\n")
        .replace(
            "\"aws_ecs_service\" \"web\" {\n  name            = \"web\"",
            "\"aws_ecs_service\" \"web\" {\n  for_each        = local.names\n  name            = each.key",
        )
        .replace(
            "\"aws_codedeploy_deployment_group\" \"web\" {\n",
            "\"aws_codedeploy_deployment_group\" \"web\" {\n  for_each               = local.names\n",
        )
        .replace("= \"prod\"", "= each.key")
        .replace("aws_ecs_service.web.name", "aws_ecs_service.web[each.key].name")
        .replace("[aws_lb_listener.web.arn]", "[aws_lb_listener.web[each.key].arn]");
    let names = "locals {\n  names = toset([\"api\", \"web\"])\n}\n\n";
    names.to_owned() + &text[..start] + &group("blue") + &group("green") + &rest
}

#[test]
fn services_with_for_each_go_over_in_one_plan() {
    let stack = stack().aws().file("main.tf", repeated());
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "api", "-write", "-auto-approve"]);
    run.succeeds()
        .says("+      alternate_target_group_arn = aws_lb_target_group.green[each.key].arn")
        .says("+  for_each = local.names")
        .says("aws_codedeploy_deployment_group.web[\"api\"] will be destroyed")
        .says("aws_codedeploy_deployment_group.web[\"web\"] will be destroyed")
        .says("aws_codedeploy_app.web will be destroyed")
        .says("api and web are deployed by ECS. Written: main.tf.");
    until_quiet(&stack);
    stack.plan().ends_with(0).says("web: green 100 %, revision 1, by ECS").says("api: green 100 %");
    stack.run(&["status"]).succeeds().says("2 of 2 tasks running");
    assert!(!stack.instances().iter().any(|one| one.contains("codedeploy")), "{:?}", stack.instances());
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

/// The listeners and target groups of two services, `one` and `two`.
fn of_two(text: &str) -> String {
    text.replace("toset([\"blue\", \"green\"])", "toset([\"one-blue\", \"one-green\", \"two-blue\", \"two-green\"])")
        .replace("\"web-${each.key}\"", "each.key")
        .replace("aws_lb_target_group.web[\"blue\"]", "aws_lb_target_group.web[\"${each.key}-blue\"]")
        .replace(
            "\"aws_lb_listener\" \"web\" {\n",
            "\"aws_lb_listener\" \"web\" {\n  for_each          = { one = 80, two = 81 }\n",
        )
        .replace("  port              = 80\n", "  port              = each.value\n")
}

#[test]
fn target_groups_that_are_passed_in_keep_their_names() {
    let text = text(&PLAIN);
    let middle = text.find("resource \"aws_ecs_cluster\"").unwrap();
    let app = named(&text[middle..])
        .replace("aws_lb_target_group.web[\"blue\"]", "var.groups.blue")
        .replace("aws_lb_target_group.web[\"green\"]", "var.groups.green")
        .replace("aws_lb_listener.web.arn", "var.listener")
        .replace("  depends_on = [aws_lb_listener.web]\n", "")
        .replace("[for subnet in aws_subnet.one : subnet.id]", "var.subnets");
    let variables = ["groups", "listener", "subnets"].map(|name| format!("\nvariable \"{name}\" {{}}\n")).concat();
    let network = of_two(&text[..middle]);
    let call = |name: &str| {
        format!(
            "module \"{name}\" {{\n  source   = \"./app\"\n  name     = \"{name}\"\n  listener = aws_lb_listener.web[\"{name}\"].arn\n  subnets  = [for subnet in aws_subnet.one : subnet.id]\n  groups = {{\n    blue  = aws_lb_target_group.web[\"{name}-blue\"]\n    green = aws_lb_target_group.web[\"{name}-green\"]\n  }}\n}}\n"
        )
    };
    let main = network + &call("one") + &call("two");
    let stack = stack().aws().file("app/web.tf", app + &variables).file("main.tf", main);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "two", "-write", "-auto-approve", "-wait=traffic"]);
    run.succeeds()
        .says("+      alternate_target_group_arn = var.groups.green.arn")
        .says("+  listener_arn = var.listener")
        .says("two and one are deployed by ECS. Written: app/web.tf.");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn what_a_module_knows_by_its_name_alone_is_to_be_passed_in() {
    let text = text(&PLAIN);
    let middle = text.find("resource \"aws_ecs_cluster\"").unwrap();
    let app = named(&text[middle..])
        .replace("aws_lb_target_group.web[\"blue\"].arn", "var.blue_arn")
        .replace("aws_lb_target_group.web[\"blue\"].name", "var.blue")
        .replace("aws_lb_target_group.web[\"green\"].name", "var.green")
        .replace("aws_lb_listener.web.arn", "var.listener")
        .replace("  depends_on = [aws_lb_listener.web]\n", "")
        .replace("[for subnet in aws_subnet.one : subnet.id]", "var.subnets");
    let variables = ["blue", "blue_arn", "green", "listener", "subnets"];
    let variables = variables.map(|name| format!("\nvariable \"{name}\" {{}}\n")).concat();
    let network = of_two(&text[..middle]);
    let call = |name: &str, more: &str| {
        format!(
            "module \"{name}\" {{\n  source   = \"./app\"\n  name     = \"{name}\"\n  listener = aws_lb_listener.web[\"{name}\"].arn\n  subnets  = [for subnet in aws_subnet.one : subnet.id]\n  blue     = aws_lb_target_group.web[\"{name}-blue\"].name\n  blue_arn = aws_lb_target_group.web[\"{name}-blue\"].arn\n  green    = aws_lb_target_group.web[\"{name}-green\"].name\n{more}}}\n"
        )
    };
    let stack = stack().aws().file("app/web.tf", app.clone() + &variables);
    stack.write("main.tf", network.clone() + &call("one", "") + &call("two", ""));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "two", "-write", "-auto-approve"]).fails();
    run.says("The services of the block differ")
        .says(
            "alternate_target_group_arn = \"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/two-green/",
        )
        .says(
            "alternate_target_group_arn = \"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/one-green/",
        )
        .says("by a variable that holds the object's ARN");
    assert_eq!(stack.read("app/web.tf"), app.clone() + &variables, "nothing is written");
    stack.assert_nothing_to_do();
    // As it says.
    let green = |name: &str| format!("  green_arn = aws_lb_target_group.web[\"{name}-green\"].arn\n");
    stack.write("app/web.tf", app + &variables + "\nvariable \"green_arn\" {}\n");
    stack.write("main.tf", network + &call("one", &green("one")) + &call("two", &green("two")));
    stack.apply().succeeds();
    let run = stack.run(&["migrate-controller", "two", "-write", "-auto-approve", "-wait=traffic"]);
    run.succeeds().says("+      alternate_target_group_arn = var.green_arn").says("two and one are deployed by ECS.");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
}
