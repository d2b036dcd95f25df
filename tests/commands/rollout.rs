//! Blue and green: what a deployment moves is no drift, and a new revision is a deployment.

use serde_json::{Value as Json, json};

use crate::support::stack::{Stack, stack};

/// A service under CodeDeploy with everything it needs, and not more. `IMAGE`, `COUNT` and `CONFIG` are filled in.
const STACK: &str = concat!(
    include_str!("network.tf"),
    r#"
resource "aws_lb" "web" {
  name       = "web"
  subnets    = [for subnet in aws_subnet.one : subnet.id]
  depends_on = [aws_internet_gateway.one]
}

resource "aws_lb_target_group" "web" {
  for_each    = toset(["blue", "green"])
  name        = "web-${each.key}"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.one.id
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web["blue"].arn
  }
LISTENER
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "web" {
  family                   = "web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  container_definitions = jsonencode([
    { name = "web", image = "IMAGE", portMappings = [{ containerPort = 80 }] },
  ])
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = COUNT
  launch_type     = "FARGATE"
  deployment_controller {
    type = "CODE_DEPLOY"
  }
  network_configuration {
    subnets = [for subnet in aws_subnet.one : subnet.id]
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.web["blue"].arn
    container_name   = "web"
    container_port   = 80
  }
  depends_on = [aws_lb_listener.web]
SERVICE
}

resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "codedeploy.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_codedeploy_app" "web" {
  name             = "web"
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_group" "web" {
  app_name               = aws_codedeploy_app.web.name
  deployment_group_name  = "prod"
  service_role_arn       = aws_iam_role.deploy.arn
  deployment_config_name = "CONFIG"
  deployment_style {
    deployment_type   = "BLUE_GREEN"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }
  ecs_service {
    cluster_name = aws_ecs_cluster.main.name
    service_name = aws_ecs_service.web.name
  }
  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [aws_lb_listener.web.arn]
      }
      target_group {
        name = aws_lb_target_group.web["blue"].name
      }
      target_group {
        name = aws_lb_target_group.web["green"].name
      }
    }
  }
  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }
    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = 5
    }
  }
  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"]
  }
}
"#
);

/// What is filled in.
pub(super) struct Filled<'a> {
    pub image: &'a str,
    pub count: u32,
    pub config: &'a str,
    pub listener: &'a str,
    pub service: &'a str,
}

pub(super) const PLAIN: Filled<'static> =
    Filled { image: "web:1", count: 2, config: "ECSAllAtOnce", listener: "", service: "" };

pub(super) fn text(filled: &Filled) -> String {
    STACK
        .replace("IMAGE", filled.image)
        .replace("COUNT", &filled.count.to_string())
        .replace("CONFIG", &format!("CodeDeployDefault.{}", filled.config))
        .replace("LISTENER", filled.listener)
        .replace("SERVICE", filled.service)
}

pub(super) fn with_image(image: &str) -> String {
    text(&Filled { image, ..PLAIN })
}

pub(super) fn service() -> Stack {
    let stack = stack().aws().file("main.tf", text(&PLAIN));
    // Every look shows the next step of a deployment.
    stack.emulator().clock(r#"{"speed": 0, "per_poll": "next"}"#);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack
}

/// Registers a revision and deploys it, as a pipeline would.
pub(super) fn pipeline_deploys(stack: &Stack, image: &str) -> String {
    let emulator = stack.emulator();
    let registered = emulator.call(
        "ecs",
        "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition",
        &json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
            "containerDefinitions": [{ "name": "web", "image": image, "portMappings": [{ "containerPort": 80 }] }],
        }),
    );
    let arn = registered["taskDefinition"]["taskDefinitionArn"].as_str().unwrap().to_owned();
    let spec = json!({ "version": 0.0, "Resources": [{ "TargetService": { "Type": "AWS::ECS::Service", "Properties": {
        "TaskDefinition": arn, "LoadBalancerInfo": { "ContainerName": "web", "ContainerPort": 80 },
    } } }] });
    let made = emulator.call(
        "codedeploy",
        "CodeDeploy_20141006.CreateDeployment",
        &json!({
            "applicationName": "web", "deploymentGroupName": "prod",
            "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } },
        }),
    );
    made["deploymentId"].as_str().unwrap().to_owned()
}

/// A revision as ECS tells it.
pub(super) fn revision(stack: &Stack, number: u32) -> Json {
    let family = json!({ "taskDefinition": format!("web:{number}") });
    let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
    stack.emulator().call("ecs", target, &family)["taskDefinition"].clone()
}

/// Lets everything that is under way come to its end.
pub(super) fn until_quiet(stack: &Stack) {
    stack.emulator().clock(r#"{"advance": 7200}"#);
}

pub(super) fn attribute(stack: &Stack, kind: &str, name: &str) -> Json {
    let state = stack.state();
    let resources = state["resources"].as_array().unwrap();
    let found = resources.iter().find(|one| one["type"] == kind).unwrap();
    found["instances"][0]["attributes"][name].clone()
}

#[test]
fn a_new_revision_is_a_deployment() {
    let stack = service();
    stack.plan().ends_with(0).says("web: blue 100 %, revision 1, by CodeDeploy");
    stack.write("main.tf", with_image("web:2"));
    let plan = stack.plan();
    plan.ends_with(2)
        .says("web: revision 1 -> (known after apply) through CodeDeploy web/prod, CodeDeployDefault.ECSAllAtOnce")
        .says("all traffic at once; old tasks stay 5 min")
        .says("1 to add, 1 to change, 1 to destroy");
    stack.apply().succeeds().says("AllowTraffic done").says("aws_ecs_service.web: Deployment complete");
    assert!(attribute(&stack, "aws_ecs_service", "task_definition").as_str().unwrap().ends_with(":2"));
    stack.plan().ends_with(0).says("web: green 100 %, revision 2, by CodeDeploy d-");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    // The old revision stays for the way back, until everything goes.
    assert_eq!(revision(&stack, 1)["status"], "ACTIVE");
    stack.destroy().succeeds();
    assert_eq!(revision(&stack, 1)["status"], "INACTIVE");
    stack.emulator().assert_empty();
}

#[test]
fn what_a_pipeline_deployed_is_no_drift() {
    let stack = service();
    let first = pipeline_deploys(&stack, "web:other");
    until_quiet(&stack);
    stack.plan().ends_with(0).says(&format!("web: green 100 %, revision 2, by CodeDeploy {first}"));
    // References see what is live.
    stack.write("outputs.tf", "output \"live\" {\n  value = aws_ecs_service.web.task_definition\n}\n");
    stack.apply().succeeds().says("task-definition/web:2");
    stack.assert_nothing_to_do();
    // Another part of the service changes; what runs stays.
    stack.write("main.tf", text(&Filled { count: 3, ..PLAIN }));
    stack.plan().ends_with(2).says("0 to add, 1 to change, 0 to destroy").says("desired_count");
    stack.apply().succeeds();
    stack.plan().ends_with(0).says("green 100 %, revision 2");
    // A revision of the stack's own is a deployment again; that both changed the image has to be decided.
    stack.write("main.tf", text(&Filled { count: 3, image: "web:3", ..PLAIN }));
    stack.plan().ends_with(1).says("Conflicting changes of a task definition");
    let plan = stack.with_flags(&["plan", "-detailed-exitcode", "-take=stack"]);
    plan.ends_with(2).says("web: revision 2 -> (known after apply) through CodeDeploy");
    stack.with_flags(&["apply", "-auto-approve", "-take=stack"]).succeeds();
    stack.plan().ends_with(0).says("blue 100 %, revision 3");
}

/// What the production listener does.
pub(super) const FORWARD: &str = r#"  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web["blue"].arn
  }"#;
/// Something else that it could do.
pub(super) const REDIRECT: &str = r#"  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }"#;

#[test]
fn canary_weights_are_no_drift_and_not_to_be_crossed() {
    let stack = service();
    stack.write("main.tf", text(&Filled { config: "ECSCanary10Percent5Minutes", ..PLAIN }));
    stack.apply().succeeds();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let id = pipeline_deploys(&stack, "web:2");
    stack.emulator().clock(r#"{"advance": 120}"#);
    let plan = stack.plan();
    plan.ends_with(0).says("web: blue 90 %, green 10 %").says(&format!("deployment {id} under way"));
    let config = Filled { config: "ECSCanary10Percent5Minutes", ..PLAIN };
    let crossing = text(&config).replace(FORWARD, REDIRECT);
    stack.write("main.tf", crossing);
    stack.plan().ends_with(1).says("A deployment is under way").says(&id);
}

#[test]
fn a_failed_deployment_is_rolled_back_and_says_why() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.write("main.tf", with_image("web:bad"));
    let apply = stack.apply();
    apply.ends_with(1).says("The deployment failed").says("CannotPullContainerError").says("rolled back");
    // What runs is what ran before, and the stack file still wants the other.
    stack.plan().ends_with(2).says("web: revision 1 -> 2 through CodeDeploy");
    stack.write("main.tf", with_image("web:1"));
    stack.apply().succeeds();
    stack.plan().ends_with(0).says("revision 1");
}

#[test]
fn mending_a_failed_deployment_keeps_the_revision_that_ran() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.write("main.tf", with_image("web:bad"));
    stack.apply().ends_with(1).says("The deployment failed");
    stack.write("main.tf", with_image("web:3"));
    stack.apply().succeeds();
    assert_eq!([1, 2, 3].map(|number| revision(&stack, number)["status"].clone()), ["ACTIVE"; 3].map(Json::from));
    stack.destroy().succeeds();
    assert_eq!([1, 2, 3].map(|number| revision(&stack, number)["status"].clone()), ["INACTIVE"; 3].map(Json::from));
}

#[test]
fn the_last_revisions_are_kept_with_those_that_failed() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    let applies = |image: &str| {
        stack.write("main.tf", with_image(image));
        let flags = ["apply", "-auto-approve", "-keep-revisions=1", "-take=stack"];
        let output = stack.with_flags(&flags);
        until_quiet(&stack);
        output
    };
    let statuses = |last: u32| -> String {
        (1..=last).map(|number| revision(&stack, number)["status"].as_str().unwrap()[..1].to_owned()).collect()
    };
    applies("web:2").succeeds();
    applies("web:bad").ends_with(1).says("The deployment failed");
    applies("web:3").succeeds();
    assert_eq!(statuses(4), "IIAA");
    // That of a pipeline's counts as well.
    pipeline_deploys(&stack, "web:theirs");
    until_quiet(&stack);
    applies("web:4").succeeds();
    assert_eq!(statuses(6), "IIIIAA");
    stack.destroy().succeeds();
    assert_eq!(statuses(6), "IIIIII");
    stack.emulator().assert_empty();
}

#[test]
fn another_deployment_under_way_is_refused_awaited_or_superseded() {
    let stack = service();
    let busy = |image: &str| {
        stack.emulator().clock(r#"{"per_poll": 0}"#);
        let id = pipeline_deploys(&stack, image);
        stack.emulator().clock(r#"{"advance": 60}"#);
        // Slow enough that it is still under way when the run comes to it.
        stack.emulator().clock(r#"{"per_poll": 5}"#);
        id
    };
    let id = busy("web:theirs");
    stack.write("main.tf", with_image("web:2"));
    // Both changed the image: ours counts.
    let deciding = |more: &[&str]| stack.with_flags(&[&["apply", "-auto-approve", "-take=stack"], more].concat());
    deciding(&[]).ends_with(1).says("A deployment is under way").says(&id).says("-on-running=wait");
    deciding(&["-on-running=wait"]).succeeds();
    stack.plan().ends_with(0).says("revision 3");
    until_quiet(&stack);
    let id = busy("web:theirs-again");
    stack.write("main.tf", with_image("web:3"));
    deciding(&["-on-running=supersede", "-wait=finished"]).succeeds().says(&format!("stopping deployment {id}"));
    stack.plan().ends_with(0).says("revision 5");
}

#[test]
fn the_usual_ignore_changes_go_on_working() {
    let lines = |names: &str| format!("  lifecycle {{\n    ignore_changes = {names}\n  }}");
    for (of_service, of_listener) in [
        ("[task_definition, load_balancer, desired_count]", "[default_action]"),
        (
            "[task_definition, load_balancer[0].target_group_arn]",
            "[default_action[0].forward, default_action[0].target_group_arn]",
        ),
        ("all", "all"),
    ] {
        let stack = service();
        let (listener, service) = (lines(of_listener), lines(of_service));
        let ignoring = |image| text(&Filled { image, listener: &listener, service: &service, ..PLAIN });
        stack.write("main.tf", ignoring("web:1"));
        stack.assert_nothing_to_do();
        stack.write("main.tf", ignoring("web:2"));
        stack.plan().ends_with(2).says("1 to add, 0 to change, 1 to destroy");
        stack.apply().succeeds();
        // The service goes on running it.
        assert_eq!(revision(&stack, 1)["status"], "ACTIVE");
        pipeline_deploys(&stack, "web:theirs");
        until_quiet(&stack);
        stack.plan().ends_with(0).says("green 100 %, revision 3");
        stack.destroy().succeeds();
    }
}

#[test]
fn what_leads_out_of_the_pair_is_real_drift() {
    let stack = service();
    let listener = attribute(&stack, "aws_lb_listener", "arn");
    let emulator = stack.emulator();
    let body = format!(
        "Action=ModifyListener&Version=2015-12-01&ListenerArn={}&DefaultActions.member.1.Type=fixed-response&DefaultActions.member.1.FixedResponseConfig.StatusCode=503",
        listener.as_str().unwrap()
    );
    emulator.form("elasticloadbalancing", &body);
    stack.plan().ends_with(2).says("aws_lb_listener.web will be updated in-place");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn the_number_of_tasks_belongs_to_auto_scaling_where_there_is_any() {
    let stack = service();
    let target = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 1, "MaxCapacity": 10,
    });
    let update = json!({ "cluster": "main", "service": "web", "desiredCount": 5 });
    stack.emulator().call("ecs", "AmazonEC2ContainerServiceV20141113.UpdateService", &update);
    stack.plan().ends_with(2).says("desired_count");
    let call = "AnyScaleFrontendService.RegisterScalableTarget";
    stack.emulator().call("application-autoscaling", call, &target);
    stack.assert_nothing_to_do();
    // What the person changes counts all the same.
    stack.write("main.tf", text(&Filled { count: 3, ..PLAIN }));
    stack.plan().ends_with(2).says("5 -> 3");
}

#[test]
fn a_service_without_a_deployment_group_cannot_be_deployed() {
    let stack = service();
    let all = with_image("web:2");
    let start = all.find("resource \"aws_codedeploy_deployment_group\"").unwrap();
    let without = all[..start].to_owned();
    // The group that goes still brings this out; without it nobody can.
    stack.write("main.tf", without.replace("web:2", "web:1"));
    stack.apply().succeeds();
    stack.write("main.tf", without);
    stack.plan().ends_with(1).says("No deployment group").says("task_definition = aws_ecs_task_definition.web.arn");
}

#[test]
fn a_deployment_is_stopped_and_its_traffic_goes_back() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let id = pipeline_deploys(&stack, "web:2");
    stack.emulator().clock(r#"{"advance": 60}"#);
    stack.emulator().clock(r#"{"per_poll": 5}"#);
    stack
        .run(&["deploy", "web", "-stop"])
        .succeeds()
        .says(&format!("stopping deployment {id}"))
        .says("brought the traffic back");
    stack.plan().ends_with(0).says("web: blue 100 %, revision 1");
}

#[test]
fn a_deployment_that_waits_goes_on_when_told() {
    let stack = service();
    let waiting = text(&PLAIN).replace(
        "action_on_timeout = \"CONTINUE_DEPLOYMENT\"",
        "action_on_timeout    = \"STOP_DEPLOYMENT\"\n      wait_time_in_minutes = 60",
    );
    stack.write("main.tf", &waiting);
    stack.apply().succeeds();
    stack.write("main.tf", waiting.replace("web:1", "web:2"));
    stack.plan().ends_with(2).says("waits up to 60 min for `glaz deploy web -continue`");
    // Slow enough that nobody's patience ends before.
    stack.emulator().clock(r#"{"per_poll": 5}"#);
    stack.with_flags(&["apply", "-auto-approve", "-wait=AfterInstall"]).succeeds();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    stack.emulator().clock(r#"{"advance": 60}"#);
    stack.emulator().clock(r#"{"per_poll": 5}"#);
    stack.run(&["deploy", "web", "-continue"]).succeeds().says("goes on").says("AllowTraffic done");
    stack.plan().says("web: green 100 %, revision 2");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn everything_goes_also_while_something_is_deployed() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let id = pipeline_deploys(&stack, "web:2");
    stack.emulator().clock(r#"{"advance": 30}"#);
    stack.emulator().clock(r#"{"per_poll": 5}"#);
    stack.destroy().succeeds().says(&format!("stopping deployment {id}"));
}

/// The same service, deployed by ECS itself.
pub(super) fn by_ecs(image: &str, strategy: &str) -> String {
    let text = with_image(image);
    let start = text.find("resource \"aws_iam_role\" \"deploy\"").unwrap();
    text[..start]
        .replace(
            "  deployment_controller {\n    type = \"CODE_DEPLOY\"\n  }\n",
            &format!("  deployment_configuration {{\n    strategy             = \"{strategy}\"\n    bake_time_in_minutes = \"5\"\n  }}\n"),
        )
        .replace(
            "    container_port   = 80\n  }\n  depends_on",
            "    container_port   = 80\n    advanced_configuration {\n      alternate_target_group_arn = aws_lb_target_group.web[\"green\"].arn\n      production_listener_rule   = aws_lb_listener_rule.web.arn\n      role_arn                   = aws_iam_role.ecs.arn\n    }\n  }\n  depends_on",
        )
        + r#"
resource "aws_lb_listener_rule" "web" {
  listener_arn = aws_lb_listener.web.arn
  priority     = 10
  action {
    type = "forward"
    forward {
      dynamic "target_group" {
        for_each = { blue = 100, green = 0 }
        content {
          arn    = aws_lb_target_group.web[target_group.key].arn
          weight = target_group.value
        }
      }
    }
  }
  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

resource "aws_iam_role" "ecs" {
  name = "ecs"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "ecs" {
  role       = aws_iam_role.ecs.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
}
"#
}

#[test]
fn a_strategy_of_ecs_is_followed_and_its_weights_are_no_drift() {
    let stack = stack().aws().file("main.tf", by_ecs("web:1", "BLUE_GREEN"));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    // The first one bakes as well.
    until_quiet(&stack);
    stack.write("main.tf", by_ecs("web:2", "BLUE_GREEN"));
    stack
        .plan()
        .ends_with(2)
        .says("web: revision 1 -> (known after apply) through ECS, BLUE_GREEN")
        .says("old tasks stay 5 min");
    stack.apply().succeeds().says("PRODUCTION_TRAFFIC_SHIFT done").says("aws_ecs_service.web: Deployment complete");
    stack.plan().ends_with(0).says("web: green 100 %, revision 2");
    until_quiet(&stack);
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn everything_goes_also_while_ecs_deploys() {
    let stack = stack().aws().file("main.tf", by_ecs("web:1", "CANARY"));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    let revision = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{ "name": "web", "image": "web:2", "portMappings": [{ "containerPort": 80 }] }],
    });
    let call = |name: &str, body: &Json| {
        stack.emulator().call("ecs", &format!("AmazonEC2ContainerServiceV20141113.{name}"), body)
    };
    let arn = call("RegisterTaskDefinition", &revision)["taskDefinition"]["taskDefinitionArn"].clone();
    call("UpdateService", &json!({ "cluster": "main", "service": "web", "taskDefinition": arn }));
    stack.emulator().clock(r#"{"advance": 30}"#);
    // The list of deployments is no look that moves time on: the way back never ends, and the wait for it does.
    let kept = stack.destroy().fails().says("stopping deployment ");
    kept.says("The deployment takes too long").says("It was waited for the end of deployment");
    assert!(!stack.instances().is_empty());
    stack.emulator().clock(r#"{"speed": 600, "per_poll": 30}"#);
    // What the pipeline registered goes with the task definition.
    stack.destroy().succeeds().says("Found none.");
    assert!(stack.instances().is_empty());
}

#[test]
fn a_failed_deployment_of_ecs_says_why() {
    let stack = stack().aws().file("main.tf", by_ecs("web:1", "CANARY"));
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 30}"#);
    stack.apply().succeeds();
    stack.emulator().clock(r#"{"per_poll": 600}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.write("main.tf", by_ecs("web:bad", "CANARY"));
    stack.apply().ends_with(1).says("The deployment failed");
    stack.plan().ends_with(2).says("through ECS, CANARY");
}
