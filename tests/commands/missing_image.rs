//! The first time: the repository is made by the same run as the service that needs an image from it.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::support::stack::{Stack, stack};
use crate::support::terminal::OnTerminal;

/// A service whose image is in a repository of the stack, and something that depends on the service.
const STACK: &str = r#"
resource "aws_vpc" "one" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "one" {
  vpc_id     = aws_vpc.one.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_ecr_repository" "web" {
  name         = "team/web"
  force_delete = true
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
  container_definitions    = jsonencode([{ name = "web", image = "${aws_ecr_repository.web.repository_url}:3f2a91c" }])
  runtime_platform {
    cpu_architecture = "ARM64"
  }
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 2
  launch_type     = "FARGATE"
  network_configuration {
    subnets          = [aws_subnet.one.id]
    assign_public_ip = true
  }
}

resource "terraform_data" "after" {
  input = aws_ecs_service.web.name
}
"#;

const URL: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

fn web() -> Stack {
    stack().file("main.tf", STACK).aws()
}

fn push(stack: &Stack) {
    stack.emulator().push("team/web", "3f2a91c");
}

fn count(stack: &Stack) -> Json {
    let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
    let answer = stack.emulator().call("ecs", target, &json!({ "cluster": "main", "services": ["web"] }));
    answer["services"][0]["desiredCount"].clone()
}

#[test]
fn everything_else_is_made_and_the_next_run_goes_on() {
    let stack = web();
    stack.plan().ends_with(2).says("Image was not pushed").says("aws_ecr_repository.web is made by this plan");
    let output = stack.apply().fails();
    for line in [
        "The tasks of aws_ecs_service.web could not start",
        &format!("aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin {URL}"),
        "docker build --platform linux/arm64 --tag web:3f2a91c .",
        &format!("docker tag web:3f2a91c {URL}/team/web:3f2a91c"),
        &format!("docker push {URL}/team/web:3f2a91c"),
        "-wait-image=10m",
    ] {
        assert!(output.err.contains(line), "nothing says {line:?}:\n{}", output.raw());
    }
    let made = stack.instances();
    assert!(made.iter().any(|one| one == "aws_ecs_task_definition.web"), "{made:?}");
    assert!(!made.iter().any(|one| one == "aws_ecs_service.web"), "{made:?}");
    // What is there already is asked for.
    stack.plan().ends_with(2).says("was never pushed");
    push(&stack);
    stack.plan().ends_with(2).never_says("pushed");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert_eq!(count(&stack), 2);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn an_image_that_is_pushed_meanwhile_is_waited_for() {
    let stack = web();
    stack.emulator().hold(r#"{"service": "ecr", "operation": "DescribeImages", "call": 3, "count": 1}"#);
    let mut run = stack.start(&["apply", "-auto-approve", "-wait-image=10m"]);
    let start = Instant::now();
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over() && start.elapsed() < Duration::from_secs(60), "it did not look a third time");
    }
    push(&stack);
    stack.emulator().release();
    run.wait().succeeds().says("docker push").says("Waiting for it, up to");
    let calls = stack.emulator().calls();
    let made = calls.iter().filter(|call| call.operation == "CreateService").count();
    assert_eq!(made, 1);
    stack.assert_nothing_to_do();
}

#[test]
fn waiting_has_an_end() {
    let output = web().run(&["apply", "-auto-approve", "-wait-image=1m"]).fails();
    output
        .says("Image was not pushed")
        .says("It was waited for")
        .says("docker push")
        .never_says("terraform_data.after: Creating");
}

#[test]
fn a_service_may_start_without_tasks() {
    let stack = web();
    stack.run(&["apply", "-auto-approve", "-start-empty"]).succeeds().says("aws_ecs_service.web starts without tasks");
    assert_eq!(count(&stack), 0);
    // The next apply has the same to say, until the image is there.
    stack.apply().fails().says("Image was not pushed");
    push(&stack);
    stack.plan().ends_with(2).says("desired_count");
    stack.apply().succeeds();
    assert_eq!(count(&stack), 2);
    stack.assert_nothing_to_do();
}

#[test]
fn where_the_number_of_tasks_is_ignored_a_person_starts_them() {
    let ignoring = STACK.replace(
        "  desired_count   = 2\n",
        "  desired_count   = 2\n  lifecycle {\n    ignore_changes = [desired_count]\n  }\n",
    );
    let stack = stack().aws().file("main.tf", ignoring);
    stack
        .run(&["apply", "-auto-approve", "-start-empty"])
        .succeeds()
        .says("An apply does not start them")
        .says("/main --service web --desired-count 2")
        .never_says("Apply again when");
    push(&stack);
    stack.assert_nothing_to_do();
}

#[test]
fn on_a_terminal_a_question_asks_what_is_to_be_done_meanwhile() {
    const QUESTION: &str = "What is to be done about aws_ecs_service.web meanwhile?";
    let stack = web();
    let approved = || {
        let mut run = stack.start_on_terminal(&["apply"]);
        run.sees("Enter a value:").types("yes");
        run.sees("docker push").sees(QUESTION);
        run
    };
    let ends = |mut run: OnTerminal, answer: &str| {
        run.types(answer);
        run.ends()
    };
    let (shown, code) = ends(approved(), "no");
    assert!(shown.contains("Image was not pushed") && code == Some(1), "{code:?}: {shown}");
    let (shown, code) = ends(approved(), "empty");
    assert!(shown.contains("starts without tasks") && code == Some(0), "{code:?}: {shown}");
    assert_eq!(count(&stack), 0);
    let run = approved();
    push(&stack);
    let (shown, code) = ends(run, "wait");
    assert!(shown.contains("Apply complete!") && code == Some(0), "{code:?}: {shown}");
    assert_eq!(count(&stack), 2);
    // Ctrl-C needs no answer, and deploys nothing.
    stack.write("main.tf", STACK.replace("3f2a91c", "7c81d02"));
    let run = approved();
    run.interrupt();
    let (shown, code) = run.ends();
    assert!(shown.contains("Image was not pushed") && code == Some(1), "{code:?}: {shown}");
}

#[test]
fn who_may_not_look_is_not_kept_from_anything() {
    let stack = web();
    stack.emulator().faults(r#"[{"service": "ecr", "operation": "DescribeImages", "kind": "deny"}]"#);
    stack.apply().succeeds().says("Image not looked for");
    assert_eq!(count(&stack), 2);
}

#[test]
fn a_deployment_of_an_image_that_nobody_pushed_is_not_started() {
    let stack = web();
    push_later(&stack);
    let text = STACK.replace("3f2a91c", "7c81d02");
    stack.write("main.tf", text);
    stack.apply().fails().says("Image was not pushed").says("docker push").says("7c81d02");
    let calls = stack.emulator().calls();
    assert!(!calls.iter().any(|call| call.operation == "UpdateService"));
}

/// Brings the stack up with its image.
fn push_later(stack: &Stack) {
    stack.run(&["apply", "-auto-approve", "-target=aws_ecr_repository.web"]).succeeds();
    push(stack);
    stack.apply().succeeds();
}
