//! Undoing runs that were killed, and runs that bring out a service under CodeDeploy.

use serde_json::{Value as Json, json};

use super::recovery::{MORE, NETWORK, ROLLBACK, killed, left};
use super::rollout::{FORWARD, REDIRECT, attribute, service, until_quiet, with_image};
use crate::support::bucket::{block, keys};
use crate::support::stack::{Output, Stack, stack};

fn revision(stack: &Stack, number: u32) -> Json {
    let family = json!({ "taskDefinition": format!("web:{number}") });
    let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
    stack.emulator().call("ecs", target, &family)["taskDefinition"]["status"].clone()
}

/// A role that is made after something else, and that the tests refuse to make.
fn role(after: &str) -> String {
    format!(
        r#"
resource "aws_iam_role" "after" {{
  name               = "after"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Principal = {{ Service = "ecs.amazonaws.com" }}, Action = "sts:AssumeRole" }}] }})
  depends_on         = [{after}]
}}
"#
    )
}

const NO_ROLES: &str = r#"[{"kind": "deny", "operation": "CreateRole"}]"#;

#[test]
fn the_revision_of_a_failed_deployment_goes() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.write("main.tf", with_image("web:bad"));
    let failed = stack.run(ROLLBACK).fails();
    assert!(failed.text().contains("1 of the objects it made are deleted"), "{}", failed.raw());
    assert!(!failed.text().contains("cannot be brought back"), "{}", failed.raw());
    assert_eq!((revision(&stack, 1), revision(&stack, 2)), ("ACTIVE".into(), "INACTIVE".into()));
    assert!(attribute(&stack, "aws_ecs_task_definition", "arn").as_str().unwrap().ends_with(":1"));
    stack.write("main.tf", with_image("web:1"));
    stack.assert_nothing_to_do();
}

#[test]
fn what_a_deployment_brought_stays_with_all_that_it_needs() {
    let stack = service();
    let group = "\nresource \"aws_cloudwatch_log_group\" \"web\" {\n  name = \"/web\"\n}\n";
    let next = with_image("web:2").replace(
        "  memory                   = \"512\"\n",
        "  memory                   = \"512\"\n  depends_on               = [aws_cloudwatch_log_group.web]\n",
    );
    let next = format!("{next}{group}{}", role("aws_vpc.one"));
    stack.write("main.tf", &next);
    stack.emulator().faults(NO_ROLES);
    let failed = stack.run(ROLLBACK).fails();
    for said in [
        "was undone in part",
        "The deployment of aws_ecs_service.web stays",
        "What stays needs these",
        "aws_cloudwatch_log_group.web",
        "aws_ecs_task_definition.web",
    ] {
        assert!(failed.text().contains(said), "{said}: {}", failed.raw());
    }
    assert!(!failed.text().contains("cannot be brought back"), "{}", failed.raw());
    assert_eq!((revision(&stack, 1), revision(&stack, 2)), ("ACTIVE".into(), "ACTIVE".into()));
    stack.emulator().no_faults();
    stack.plan().ends_with(2).says("1 to add, 0 to change, 0 to destroy");
    stack.apply().succeeds();
    stack.destroy().succeeds();
    assert_eq!((revision(&stack, 1), revision(&stack, 2)), ("INACTIVE".into(), "INACTIVE".into()));
    stack.emulator().assert_empty();
}

#[test]
fn what_a_controller_governs_is_planned_again_after_it_was_changed_back() {
    let stack = service();
    let next = with_image("web:1").replace(FORWARD, REDIRECT);
    stack.write("main.tf", format!("{next}{}", role("aws_lb_listener.web")));
    stack.emulator().faults(NO_ROLES);
    // The rules are against it, and CodeDeploy could not go on.
    let failed = stack.run(&[ROLLBACK, &["-check=false"]].concat()).fails();
    assert!(failed.text().contains("1 are changed back"), "{}", failed.raw());
    stack.emulator().no_faults();
    stack.write("main.tf", next);
    stack.run(&["plan", "-check=false"]).succeeds().says("0 to add, 1 to change, 0 to destroy");
    stack.write("main.tf", with_image("web:1"));
    stack.assert_nothing_to_do();
}

/// What the state has of objects: the revisions that are remembered, and what is noted with the service.
fn objects(stack: &Stack) -> (Vec<Json>, Json) {
    let state = stack.state();
    let of = |kind: &str| {
        let mut all = state["resources"].as_array().unwrap().iter().filter(|one| one["type"] == kind);
        all.next().unwrap()["instances"].clone()
    };
    (of("aws_ecs_task_definition").as_array().unwrap().clone(), of("aws_ecs_service"))
}

#[test]
fn a_revision_that_became_the_current_one_again_gives_way_again() {
    let stack = service();
    stack.emulator().clock(r#"{"per_poll": 300}"#);
    stack.emulator().images(r#"{"web:bad": {"problem": "missing"}}"#);
    stack.write("main.tf", with_image("web:bad"));
    stack.apply().fails().says("The deployment failed");
    let before = objects(&stack);
    assert_eq!(before.0.len(), 2);
    // Going back takes the one that runs for the current one; then the other cannot be removed.
    stack.write("main.tf", with_image("web:1"));
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "DeregisterTaskDefinition"}]"#);
    stack.run(ROLLBACK).fails().says("The run failed and was undone: 0 of the objects");
    assert_eq!(objects(&stack), before);
    stack.emulator().no_faults();
    // It can be removed, and then something else fails: it is gone, and nobody wants it back.
    stack.write("main.tf", format!("{}{}", with_image("web:1"), role("aws_ecs_service.web")));
    stack.emulator().faults(NO_ROLES);
    stack.run(ROLLBACK).fails().never_says("the next apply makes them anew");
    stack.emulator().no_faults();
    assert_eq!((revision(&stack, 1), revision(&stack, 2)), ("ACTIVE".into(), "INACTIVE".into()));
    stack.write("main.tf", with_image("web:1"));
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_revision_that_somebody_went_back_to_is_remembered_as_before() {
    let stack = service();
    stack.write("main.tf", with_image("web:2"));
    stack.apply().succeeds();
    until_quiet(&stack);
    stack.run(&["deploy", "web", "-rollback", "-wait=finished"]).succeeds();
    let before = objects(&stack);
    stack.write("main.tf", format!("{}{}", with_image("web:1"), role("aws_vpc.one")));
    stack.emulator().faults(NO_ROLES);
    stack.run(ROLLBACK).fails().says("The run failed and was undone");
    assert_eq!(objects(&stack), before);
    stack.emulator().no_faults();
    // So the next plan says what it would have said without that run.
    stack.write("main.tf", with_image("web:2"));
    let kept = "image of container web kept: :1, set by going back to revision 1";
    stack.plan().ends_with(0).says(kept).never_says("has caught up");
    stack.write("main.tf", with_image("web:1"));
    stack.apply().succeeds();
    assert_eq!(attribute(&stack, "aws_ecs_task_definition", "revision"), 1);
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

const APPLY: &[&str] = &["apply", "-auto-approve", "-parallelism=1"];

/// A network; then a run that moves, forgets, changes, replaces and makes, and is killed when all but its last call is
/// done.
fn killed_network() -> Stack {
    let stack = changed_network();
    killed(&stack, APPLY, "CreateTargetGroup", true);
    stack
}

/// The same run, stopped by Ctrl-C.
fn stopped_network() -> Stack {
    let stack = changed_network();
    stopped(&stack, APPLY, "CreateTargetGroup", true).says("glaz apply -rollback");
    stack
}

/// Runs a command until a call of the operation has arrived (or, `after`, had its effect), and stops it there.
fn stopped(stack: &Stack, args: &[&str], operation: &str, after: bool) -> Output {
    stack.emulator().hold(&format!(r#"{{"operation": "{operation}", "after": {after}}}"#));
    let mut run = stack.start(args);
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "the run ended before {operation}");
    }
    run.interrupt();
    let output = run.wait().ends_with(1).says("Interrupted");
    stack.emulator().drop_held();
    output
}

/// A network, and stack files that move, forget, change, replace and make.
fn changed_network() -> Stack {
    const BEFORE: &str = r#"
resource "aws_ecs_cluster" "old" {
  name = "moved"
}

resource "aws_ecs_cluster" "left" {
  name = "left"
}

output "tag" {
  value = aws_vpc.main.tags.Name
}
"#;
    const AFTER: &str = r#"
resource "aws_ecs_cluster" "new" {
  name = "moved"
}

moved {
  from = aws_ecs_cluster.old
  to   = aws_ecs_cluster.new
}

removed {
  from = aws_ecs_cluster.left
  lifecycle {
    destroy = false
  }
}

output "tag" {
  value = aws_vpc.main.tags.Name
}
"#;
    let stack = stack().aws().file("main.tf", format!("{NETWORK}{BEFORE}"));
    stack.apply().succeeds();
    stack.write("main.tf", format!("{}{MORE}{AFTER}", NETWORK.replace("\"one\"", "\"two\"")));
    stack
}

fn is_as_before(stack: &Stack, killed: &str) {
    assert_eq!(
        stack.instances(),
        ["aws_ecs_cluster.left", "aws_ecs_cluster.old", "aws_subnet.main", "aws_vpc.main"],
        "{killed}"
    );
    assert_eq!((left(stack, "subnet"), left(stack, "targetgroup")), (1, 0), "{:?}", stack.emulator().leftovers());
    assert_eq!(stack.state()["outputs"]["tag"]["value"], "one");
    assert!(!stack.path("terraform.tfstate.journal").exists());
}

/// Undoes what the run of [`killed_network`] did.
#[track_caller]
fn undoes_all(stack: &Stack) -> Output {
    let said = [
        "aws_subnet.more: it was made: it is deleted",
        "aws_vpc.main: it was changed: it is changed back",
        "aws_ecs_cluster.new: it is remembered as aws_ecs_cluster.old again",
        "aws_ecs_cluster.left: it was forgotten: it is remembered again",
        "The interrupted run was undone: 2 of the objects it made are deleted, 1 are changed back.",
    ];
    said.iter().fold(stack.run(ROLLBACK).ends_with(1), |output, said| output.says(said))
}

#[test]
fn what_a_killed_run_did_is_undone_when_asked_for() {
    let stack = killed_network();
    let config = stack.read("main.tf");
    // Nobody can be asked.
    stack.run(&["apply", "-rollback", "-input=false"]).fails().says("Nothing was changed");
    undoes_all(&stack).says("was not applied");
    is_as_before(&stack, "");
    // From here on it is the flag for what fails.
    stack.run(ROLLBACK).succeeds();
    stack.assert_nothing_to_do();
    assert_eq!(stack.read("main.tf"), config);
}

#[test]
fn what_a_stopped_run_did_is_undone_when_asked_for() {
    let stack = stopped_network();
    assert!(stack.instances().contains(&"aws_ecs_cluster.new".to_owned()), "the state has it all");
    undoes_all(&stack);
    is_as_before(&stack, "stopped");
    stack.run(ROLLBACK).succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn an_undoing_of_a_stopped_run_goes_on_after_a_kill_and_after_a_stop() {
    let stack = stopped_network();
    killed(&stack, ROLLBACK, "DeleteTargetGroup", true);
    stopped(&stack, ROLLBACK, "DeleteSubnet", false);
    killed(&stack, ROLLBACK, "CreateTags", true);
    stack.run(ROLLBACK).ends_with(1).says("The interrupted run was undone");
    is_as_before(&stack, "stopped");
}

#[test]
fn what_a_stopped_run_did_is_undone_with_the_state_in_a_bucket() {
    let stack = changed_network();
    assert_eq!(stack.emulator().exchange("s3", "PUT", "/states", "").0, 200);
    stack.write("backend.tf", block("use_lockfile = true"));
    stack.run(&["init", "-migrate-state", "-force-copy"]).succeeds();
    stopped(&stack, APPLY, "CreateTargetGroup", true).says("glaz apply -rollback");
    let is_journal = |key: &String| key.starts_with("a/state.journal/");
    assert!(keys(&stack).iter().any(is_journal), "{:?}", keys(&stack));
    killed(&stack, ROLLBACK, "DeleteTargetGroup", true);
    stack.run(ROLLBACK).ends_with(1).says("The interrupted run was undone");
    assert_eq!(keys(&stack), ["a/state"]);
    let listed = stack.run(&["state", "list"]).succeeds().text();
    let names: Vec<&str> = listed.lines().collect();
    assert_eq!(names, ["aws_ecs_cluster.left", "aws_ecs_cluster.old", "aws_subnet.main", "aws_vpc.main"]);
    assert_eq!((left(&stack, "subnet"), left(&stack, "targetgroup")), (1, 0), "{:?}", stack.emulator().leftovers());
    stack.run(&["output", "-raw", "tag"]).succeeds().says("one");
    stack.run(ROLLBACK).succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn a_stopped_run_that_was_left_behind_is_not_undone() {
    // Gone on with.
    let stack = stopped_network();
    stack.apply().succeeds();
    stack.run(ROLLBACK).succeeds().says("No changes");
    stack.assert_nothing_to_do();
    assert!(!stack.path("terraform.tfstate.journal").exists());
    // Changed by hand, by which nothing is lost and nobody is warned.
    let stack = changed_network();
    stopped(&stack, APPLY, "CreateTargetGroup", false);
    stack.apply().succeeds();
    stack.write("main.tf", stack.read("main.tf").replace("\"two\"", "\"three\""));
    stopped(&stack, APPLY, "CreateTags", false).says("One step");
    stack.run(&["plan", "-refresh-only"]).succeeds();
    stack.run(ROLLBACK).ends_with(1);
    stack.run(&["state", "mv", "aws_subnet.more", "aws_subnet.else"]).succeeds().never_says("interrupted");
    stack.run(&["state", "mv", "aws_subnet.else", "aws_subnet.more"]).succeeds();
    stack.run(ROLLBACK).succeeds().says("0 added, 1 changed, 0 destroyed");
    stack.assert_nothing_to_do();
}

#[test]
fn the_state_of_a_failed_run_goes_back_with_it() {
    let stack = changed_network();
    let made = r#"
resource "aws_cloudwatch_log_group" "theirs" {
  name              = "/theirs"
  retention_in_days = 7
}
"#;
    let other = self::stack().env("AWS_ENDPOINT_URL", &stack.emulator().url()).file("main.tf", made);
    let imports = r#"
import {
  to = aws_cloudwatch_log_group.theirs
  id = "/theirs"
}
"#;
    other.apply().succeeds();
    stack.write("main.tf", format!("{}{}{imports}", stack.read("main.tf"), made.replace("= 7", "= 14")));
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "CreateTargetGroup"}]"#);
    let failed = stack.run(ROLLBACK).fails().text();
    for said in [
        "The run was rolled back",
        "1 of the objects it made are deleted",
        "took over are as they were found, and no longer in the state",
    ] {
        assert!(failed.contains(said), "{said}: {failed}");
    }
    is_as_before(&stack, "failed");
    stack.emulator().no_faults();
    other.assert_nothing_to_do();
    stack.apply().succeeds().says("1 imported");
    stack.assert_nothing_to_do();
}

#[test]
fn an_undoing_that_was_killed_is_gone_on_with() {
    for (operation, after) in [("DeleteTargetGroup", true), ("DeleteSubnet", false), ("CreateTags", true)] {
        let stack = killed_network();
        killed(&stack, ROLLBACK, operation, after);
        stack.run(ROLLBACK).ends_with(1).says("The interrupted run was undone");
        is_as_before(&stack, operation);
    }
}

#[test]
fn a_deployment_of_a_killed_run_is_stopped_before_it_is_undone() {
    let stack = service();
    stack.write("main.tf", with_image("web:2"));
    stack.emulator().hold(r#"{"service": "codedeploy", "operation": "BatchGetDeploymentTargets", "call": 2}"#);
    let run = stack.start(&["apply", "-auto-approve"]);
    while stack.emulator().held().is_empty() {}
    run.kill();
    drop(run.wait());
    stack.emulator().drop_held();
    stack.emulator().clock(r#"{"per_poll": 0}"#);
    stack.run(ROLLBACK).ends_with(1).says("A deployment is under way").says("Nothing was undone");
    stack.emulator().clock(r#"{"per_poll": 60}"#);
    stack.run(&["deploy", "web", "-stop"]).succeeds();
    stack.emulator().clock(r#"{"advance": 7200}"#);
    let undone = stack.run(ROLLBACK).ends_with(1).text();
    assert!(undone.contains("1 of the objects it made are deleted"), "{undone}");
    assert_eq!((revision(&stack, 1), revision(&stack, 2)), ("ACTIVE".into(), "INACTIVE".into()));
    stack.write("main.tf", with_image("web:1"));
    stack.assert_nothing_to_do();
}

/// What was never made is missing everywhere: where the files take one of several, and where outputs tell of it.
#[test]
fn a_run_that_came_to_little_is_undone_whatever_the_files_refer_to() {
    const INDEXED: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.${count.index}.0/24"
}

resource "aws_lb_target_group" "main" {
  for_each = toset(["one"])
  name     = each.value
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_subnet.main[1].vpc_id
}

output "group" {
  value = aws_lb_target_group.main["one"].arn
}
"#;
    for (operation, after) in [("CreateVpc", true), ("CreateSubnet", true), ("CreateTargetGroup", false)] {
        let stack = stack().aws().file("main.tf", INDEXED);
        killed(&stack, APPLY, operation, after);
        // The undoing is killed as well.
        killed(&stack, ROLLBACK, "DeleteVpc", false);
        stack.run(ROLLBACK).ends_with(1).says("The interrupted run was undone");
        assert!(!stack.path("terraform.tfstate.journal").exists());
        stack.emulator().assert_empty();
    }
}
