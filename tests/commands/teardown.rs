//! The last time: what stands in the way of a destroy, what it needs, and what it leaves.

use serde_json::json;

use crate::support::stack::{Stack, stack};

const HOLDING: &str = r#"
resource "aws_ecr_repository" "web" {
  name = "web"
}

resource "aws_route53_zone" "main" {
  name = "example.com"
}

resource "aws_route53_record" "own" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "own.example.com"
  type    = "A"
  ttl     = 60
  records = ["192.0.2.1"]
}
"#;

/// Puts a record in the zone, as somebody else would.
fn foreign_record(stack: &Stack, name: &str) {
    let state = stack.state();
    let resources = state["resources"].as_array().unwrap();
    let zone = resources.iter().find(|one| one["type"] == "aws_route53_zone").unwrap();
    let id = zone["instances"][0]["attributes"]["zone_id"].as_str().unwrap();
    let body = format!(
        r#"<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>CREATE</Action><ResourceRecordSet><Name>{name}</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.2</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"#
    );
    let path = format!("/2013-04-01/hostedzone/{id}/rrset");
    let (status, answer) = stack.emulator().exchange("route53", "POST", &path, &body);
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn what_is_not_empty_stops_the_plan_unless_it_is_to_be_emptied() {
    let stack = stack().file("main.tf", HOLDING).aws();
    stack.apply().succeeds();
    // What the stack itself has in the zone is no hindrance.
    stack.run(&["plan", "-destroy"]).succeeds().never_says("Not empty");
    stack.emulator().push("web", "1");
    stack.emulator().push("web", "2");
    foreign_record(&stack, "theirs.example.com");
    let output = stack.destroy().fails();
    output
        .says("Error: Not empty")
        .says("aws_ecr_repository.web is to be deleted and holds 2 images")
        .says("aws_route53_zone.main is to be deleted and holds 1 record")
        .says("theirs.example.com A")
        .never_says("own.example.com A");
    assert_eq!(stack.instances().len(), 3, "nothing was deleted");
    let output = stack.run(&["destroy", "-auto-approve", "-empty"]).succeeds();
    output.says("Warning: Not empty").says("aws_ecr_repository.web is deleted with 2 images");
    stack.emulator().assert_empty();
}

#[test]
fn the_force_argument_counts_too() {
    let text = HOLDING.replace("name = \"web\"\n", "name = \"web\"\n  force_delete = true\n");
    let stack = stack().file("main.tf", text).aws();
    stack.apply().succeeds();
    stack.emulator().push("web", "1");
    stack.destroy().succeeds().says("aws_ecr_repository.web is deleted with 1 image ");
    stack.emulator().assert_empty();
}

const BUCKET: &str = r#"
resource "aws_s3_bucket" "files" {
  bucket = "files-of-the-stack"
}

resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.id
  versioning_configuration {
    status = "Enabled"
  }
}
"#;

/// Puts objects into the bucket: the second version of the first one, and a deleted one.
fn fill(stack: &Stack) {
    for (method, key) in [("PUT", "a.txt"), ("PUT", "a.txt"), ("PUT", "b.txt"), ("DELETE", "b.txt")] {
        let (status, answer) = stack.emulator().exchange("s3", method, &format!("/files-of-the-stack/{key}"), "text");
        assert!(matches!(status, 200 | 204), "{method} {key}: {answer}");
    }
}

#[test]
fn a_bucket_goes_with_all_versions_when_it_is_to_be_emptied() {
    let stack = stack().file("main.tf", BUCKET).aws();
    stack.apply().succeeds();
    stack.run(&["plan", "-destroy"]).succeeds().never_says("Not empty");
    fill(&stack);
    let counted = "1 object, 2 older versions and 1 delete marker";
    let output = stack.destroy().fails();
    output
        .says("Error: Not empty")
        .says(&format!("aws_s3_bucket.files is to be deleted and holds {counted}"))
        .says("no state knows of (a.txt, b.txt)")
        .says("set `force_destroy = true`");
    assert_eq!(stack.instances().len(), 2, "nothing was deleted");
    // Who may not list what is in it learns it from the refusal.
    stack.emulator().faults(r#"[{"service": "s3", "operation": "ListObjectVersions", "kind": "deny"}]"#);
    stack.destroy().fails().says("BucketNotEmpty").says("by -empty");
    stack.emulator().no_faults();
    let output = stack.run(&["destroy", "-auto-approve", "-empty"]).succeeds();
    output.says("Warning: Not empty").says(&format!("aws_s3_bucket.files is deleted with {counted}"));
    stack.emulator().assert_empty();
}

#[test]
fn a_bucket_with_the_force_argument_goes_without_files_too() {
    let text = BUCKET.replace("\"files-of-the-stack\"\n", "\"files-of-the-stack\"\n  force_destroy = true\n");
    let stack = stack().file("main.tf", text).aws();
    stack.apply().succeeds();
    fill(&stack);
    std::fs::remove_file(stack.path("main.tf")).unwrap();
    stack.destroy().succeeds().says("is deleted with 1 object");
    stack.emulator().assert_empty();
}

/// Names that XML says only in code, or not at all, and those that the code itself changes.
#[test]
fn a_bucket_with_odd_names_is_emptied_too() {
    let stack = stack().file("main.tf", BUCKET).aws();
    stack.apply().succeeds();
    for key in ["%01", "a%0Db", "%1B%5B31m", "a%20b%2Bc%2525", "%C3%BC"] {
        for method in ["PUT", "PUT", "DELETE"] {
            let (status, answer) =
                stack.emulator().exchange("s3", method, &format!("/files-of-the-stack/{key}"), "text");
            assert!(matches!(status, 200 | 204), "{method} {key}: {answer}");
        }
    }
    let output = stack.destroy().fails();
    output.says("holds 10 older versions and 5 delete markers").never_says("\u{1b}[31m").never_says("\u{1}");
    stack.run(&["destroy", "-auto-approve", "-empty"]).succeeds();
    stack.emulator().assert_empty();
}

const NETWORK: &str = r#"
resource "aws_vpc" "one" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "one" {
  vpc_id     = aws_vpc.one.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_security_group" "one" {
  name   = "one"
  vpc_id = aws_vpc.one.id
}

resource "aws_iam_role" "one" {
  name = "one"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

output "subnet" {
  value = aws_subnet.one.id
}

output "group" {
  value = aws_security_group.one.id
}
"#;

fn output_of(stack: &Stack, name: &str) -> String {
    stack.run(&["output", "-raw", name]).succeeds().out.trim().to_owned()
}

#[test]
fn a_refusal_names_who_is_in_the_way() {
    let stack = stack().file("main.tf", NETWORK).aws();
    stack.apply().succeeds();
    let (subnet, group) = (output_of(&stack, "subnet"), output_of(&stack, "group"));
    let ec2 = |action: &str| stack.emulator().form("ec2", &format!("Action={action}&Version=2016-11-15"));
    ec2(&format!("CreateNetworkInterface&SubnetId={subnet}&SecurityGroupId.1={group}&Description=theirs"));
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    stack
        .emulator()
        .form("iam", &format!("Action=AttachRolePolicy&Version=2010-05-08&RoleName=one&PolicyArn={policy}"));
    let output = stack.destroy().fails();
    let err = output.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(err.contains("In use by: network interface eni-"), "{}", output.raw());
    assert!(err.contains("(theirs)"), "{}", output.raw());
    assert!(err.contains(&format!("In use by: attached policy {policy}")), "{}", output.raw());
}

#[test]
fn a_destroy_needs_no_right_files() {
    let provider = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n";
    let stack = stack().file("provider.tf", provider).file("main.tf", NETWORK).aws();
    stack.apply().succeeds();
    stack.write("main.tf", "resource \"aws_vpc\" {\n  cidr_block = \n");
    stack.plan().fails();
    let output = stack.destroy().succeeds();
    output.says("The stack files have ").says("main.tf:").says("with the provider blocks that can be read");
    assert!(stack.instances().is_empty());
    stack.emulator().assert_empty();
}

#[test]
fn files_that_cannot_be_evaluated_are_left_alone() {
    let stack = stack().file("main.tf", NETWORK).aws();
    stack.apply().succeeds();
    stack.write(
        "main.tf",
        format!(
            "{NETWORK}\nlocals {{\n  wrong = aws_vpc.other.id\n}}\noutput \"wrong\" {{\n  value = local.wrong\n}}\n"
        ),
    );
    stack.destroy().succeeds().says("Everything is deleted from the state alone");
    stack.emulator().assert_empty();
}

#[test]
fn broken_files_still_protect() {
    let protected = NETWORK.replace(
        "cidr_block = \"10.0.0.0/16\"\n",
        "cidr_block = \"10.0.0.0/16\"\n  lifecycle {\n    prevent_destroy = true\n  }\n",
    );
    let stack = stack().file("main.tf", &protected).aws();
    stack.apply().succeeds();
    stack.write("broken.tf", "resource \"aws_vpc\" {\n");
    stack.destroy().fails().says("Instance cannot be destroyed").says("aws_vpc.one");
    assert_eq!(stack.instances().len(), 4);
}

/// A service behind a load balancer, whose targets drain for fifty minutes.
const DRAINING: &str = concat!(
    include_str!("network.tf"),
    r#"
resource "aws_lb" "web" {
  name    = "web"
  subnets = [for subnet in aws_subnet.one : subnet.id]
}

resource "aws_lb_target_group" "web" {
  name                 = "web"
  port                 = 80
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = aws_vpc.one.id
  deregistration_delay = 3000
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_ecs_cluster" "main" {
  name = "main"
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "web" {
  family                   = "web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  container_definitions    = jsonencode([{ name = "web", image = "nginx:1.27", portMappings = [{ containerPort = 80 }] }])
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 1
  launch_type     = "FARGATE"
  network_configuration {
    subnets          = [for subnet in aws_subnet.one : subnet.id]
    assign_public_ip = true
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "web"
    container_port   = 80
  }
}
"#
);

fn draining(settings: &str) -> Stack {
    let stack = stack().file("main.tf", DRAINING).aws();
    stack.emulator().settings(settings);
    stack.apply().succeeds();
    stack
}

fn count(stack: &Stack, operation: &str) -> usize {
    stack.emulator().calls().iter().filter(|call| call.operation == operation).count()
}

#[test]
fn draining_takes_as_long_as_the_target_group_says() {
    let stack = draining(r#"{"deregistration_factor": 1}"#);
    // The default limit of a service is twenty minutes; glaz looks every ten seconds, and here a look takes as long.
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 10}"#);
    stack.emulator().forget_calls();
    stack.destroy().succeeds();
    assert!(count(&stack, "DescribeServices") > 200, "{}", count(&stack, "DescribeServices"));
    assert_eq!(count(&stack, "ModifyTargetGroupAttributes"), 0);
    stack.emulator().assert_empty();
}

#[test]
fn draining_can_be_shortened() {
    let stack = draining(r#"{"deregistration_factor": 1}"#);
    stack.emulator().clock(r#"{"speed": 0, "per_poll": 10}"#);
    stack.emulator().forget_calls();
    stack.run(&["destroy", "-auto-approve", "-drain=5s"]).succeeds().says("drain for ");
    assert!(count(&stack, "DescribeServices") < 50, "{}", count(&stack, "DescribeServices"));
    assert_eq!(count(&stack, "ModifyTargetGroupAttributes"), 1);
    stack.emulator().assert_empty();
}

#[test]
fn the_end_of_a_destroy_tells_what_is_left() {
    let stack = stack().file("main.tf", DRAINING).aws();
    stack.emulator().settings(r#"{"container_insights_log_group": 1}"#);
    // Older than what the stack registers: somebody else's.
    let revision =
        json!({ "family": "web", "containerDefinitions": [{ "name": "web", "image": "nginx:1.28", "memory": 128 }] });
    stack.emulator().call("ecs", "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition", &revision);
    stack.apply().succeeds();
    let output = stack.destroy().succeeds();
    output
        .says("Looked for leftovers: log groups, network interfaces, revisions of task definitions.")
        .says("log group /aws/ecs/containerinsights/main/performance (made by Container Insights of the cluster)")
        .says("aws logs delete-log-group --log-group-name '/aws/ecs/containerinsights/main/performance' --region eu-west-1")
        .says("revision web:1, still active")
        .says("aws ecs deregister-task-definition --task-definition web:1 --region eu-west-1");
}

#[test]
fn nothing_left_is_said_too() {
    let stack = draining("{}");
    stack
        .destroy()
        .succeeds()
        .says("Looked for leftovers: log groups, network interfaces, revisions of task definitions. Found none.");
    stack.emulator().assert_empty();
}

#[test]
fn who_may_not_look_for_leftovers_has_destroyed_everything_all_the_same() {
    let stack = draining("{}");
    stack.emulator().faults(r#"[{"service": "logs", "operation": "DescribeLogGroups", "kind": "deny"}]"#);
    stack.destroy().succeeds().says("Not all of them could be looked for: log groups (");
}

#[test]
fn a_check_that_cannot_be_looked_at_keeps_nothing_from_going() {
    let files = "resource \"terraform_data\" \"a\" {}\ncheck \"health\" {\n  data \"terraform_remote_state\" \"r\" {\n    backend = \"local\"\n    config  = { path = \"none.tfstate\" }\n  }\n  assert {\n    condition     = data.terraform_remote_state.r.outputs.x == 1\n    error_message = \"down\"\n  }\n}\n";
    let stack = stack().file("main.tf", files);
    stack.run(&["apply", "-auto-approve"]).succeeds().says("Warning: ");
    let gone = stack.run(&["destroy", "-auto-approve"]).succeeds().says("Resources: 1 destroyed");
    assert!(!gone.raw().contains("Warning"), "{}", gone.raw());
}

#[test]
fn outputs_go_with_the_first_object() {
    let files = "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    when    = destroy\n    command = \"false\"\n  }\n}\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.id\n}\noutput \"b\" {\n  value = terraform_data.b.id\n}\n";
    let stack = stack().file("main.tf", files);
    stack.run(&["apply", "-auto-approve"]).succeeds();
    stack.run(&["destroy", "-auto-approve"]).fails();
    assert_eq!(stack.instances(), ["terraform_data.a"]);
    assert_eq!(stack.state()["outputs"], json!({}));
}
