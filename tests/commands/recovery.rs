//! What a run that ended too early has made is known again, and nothing else; objects that stand in the way; undoing.

use crate::support::stack::{Stack, stack};

/// Objects that nothing but their ids distinguishes.
const NAMELESS: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "main" {
  vpc_id = aws_internet_gateway.main.vpc_id
}

resource "aws_eip" "main" {
  domain     = "vpc"
  depends_on = [aws_route_table.main]
}

resource "aws_security_group" "main" {
  name_prefix = "main-"
  vpc_id      = aws_vpc.main.id
  depends_on  = [aws_eip.main]
}

resource "aws_route53_zone" "main" {
  name       = "example.test"
  depends_on = [aws_security_group.main]
}

# In the way of what AWS puts into a new group until that is taken out.
resource "aws_vpc_security_group_egress_rule" "main" {
  security_group_id = aws_security_group.main.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_route" "main" {
  route_table_id         = aws_route_table.main.id
  gateway_id             = aws_internet_gateway.main.id
  destination_cidr_block = "0.0.0.0/0"
  depends_on             = [aws_route53_zone.main]
}
"#;

/// Runs `apply` until a call of the operation has arrived (or, `after`, had its effect), and kills it there.
pub(super) fn killed(stack: &Stack, args: &[&str], operation: &str, after: bool) {
    stack.emulator().hold(&format!(r#"{{"operation": "{operation}", "after": {after}}}"#));
    let mut run = stack.start(args);
    while stack.emulator().held().is_empty() {
        assert!(!run.is_over(), "the run ended before {operation}");
    }
    run.kill();
    run.wait();
    stack.emulator().drop_held();
}

fn count(stack: &Stack, operation: &str) -> usize {
    stack.emulator().calls().iter().filter(|call| call.operation == operation && call.status < 300).count()
}

pub(super) fn left(stack: &Stack, kind: &str) -> usize {
    let left = stack.emulator().leftovers();
    left.iter().filter(|one| one.kind.to_lowercase().replace(['-', '_', ' '], "") == kind).count()
}

/// The objects stay, and nobody remembers them.
fn forget(stack: &Stack) {
    std::fs::remove_file(stack.path("terraform.tfstate")).unwrap();
}

const MAKING: [&str; 7] = [
    "CreateVpc",
    "CreateInternetGateway",
    "CreateRouteTable",
    "AllocateAddress",
    "CreateSecurityGroup",
    "CreateHostedZone",
    "CreateRoute",
];

#[test]
fn what_nothing_distinguishes_is_known_again() {
    let stack = stack().aws().file("main.tf", NAMELESS);
    for operation in MAKING {
        killed(&stack, &["apply", "-auto-approve"], operation, true);
    }
    stack.apply().succeeds().says("taken over");
    stack.assert_nothing_to_do();
    for (operation, kind) in
        MAKING.iter().zip(["vpc", "internetgateway", "routetable", "elasticip", "securitygroup", "hostedzone", "route"])
    {
        assert!(left(&stack, kind) <= 1, "{operation}: {:?}", stack.emulator().leftovers());
    }
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn what_somebody_else_made_alike_is_left_alone() {
    let stack = stack().aws().file("main.tf", NAMELESS);
    stack.apply().succeeds();
    let foreign = stack.emulator().leftovers().len();
    forget(&stack);
    for operation in MAKING {
        killed(&stack, &["apply", "-auto-approve"], operation, false);
    }
    stack.apply().succeeds().says("the interrupted run made nothing");
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    assert_eq!(stack.emulator().leftovers().len(), foreign);
}

#[test]
fn a_mark_is_taken_off_again() {
    let stack = stack().aws().file("main.tf", NAMELESS);
    killed(&stack, &["apply", "-auto-approve"], "DeleteTags", false);
    let plan = stack.plan().ends_with(2);
    assert!(plan.text().contains("taken over"), "{}", plan.raw());
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert!(!stack.read("terraform.tfstate").contains("glaz:"));
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn without_the_permission_to_tag_objects_are_made_all_the_same() {
    let stack = stack().aws().file("main.tf", "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n");
    stack.emulator().faults(
        r#"[{"kind": "deny", "operation": "CreateVpc", "count": 1}, {"kind": "deny", "operation": "DeleteTags"}]"#,
    );
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

const GROUP: &str = r#"
resource "aws_cloudwatch_log_group" "main" {
  name              = "/main"
  retention_in_days = 7
}

resource "aws_iam_role" "main" {
  name               = "main"
  path               = "/one/"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ecs.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}
"#;

#[test]
fn what_stands_in_the_way_is_taken_over_when_asked_for() {
    let stack = stack().aws().file("main.tf", GROUP);
    stack.apply().succeeds();
    forget(&stack);
    stack.write("main.tf", GROUP.replace("= 7", "= 14"));
    let refused = stack.apply().fails();
    for said in [
        "1 of 2 attributes are as wanted",
        "`retention_in_days`",
        "glaz import aws_cloudwatch_log_group.main /main",
        "glaz import aws_ecs_cluster.main main",
        "-adopt",
    ] {
        assert!(refused.text().contains(said), "{said}: {}", refused.raw());
    }
    assert!(stack.instances().is_empty());
    stack.with_flags(&["apply", "-auto-approve", "-adopt"]).succeeds().says("3 imported, 0 added");
    stack.assert_nothing_to_do();
    assert_eq!(stack.instances().len(), 3);
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

/// Some attributes mean what was there: the plan to make it knew nothing of that.
#[test]
fn what_says_the_same_in_other_words_is_taken_over() {
    let text = "resource \"aws_ecr_repository\" \"main\" {\n  name = \"main\"\n}\n";
    let stack = stack().aws().unchecked().file("main.tf", text);
    stack.apply().succeeds();
    forget(&stack);
    stack.with_flags(&["apply", "-auto-approve", "-adopt"]).succeeds().says("1 imported, 0 added, 0 changed");
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn what_would_have_to_be_replaced_is_not_taken_over() {
    let stack = stack().aws().file("main.tf", GROUP);
    stack.apply().succeeds();
    forget(&stack);
    stack.write("main.tf", GROUP.replace("/one/", "/two/"));
    let refused = stack.with_flags(&["apply", "-auto-approve", "-adopt"]).fails();
    assert!(refused.text().contains("`path` cannot be changed in place"), "{}", refused.raw());
    assert_eq!(stack.instances(), ["aws_cloudwatch_log_group.main", "aws_ecs_cluster.main"]);
    assert_eq!(count(&stack, "DeleteRole"), 0);
}

pub(super) const NETWORK: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "one" }
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
"#;
pub(super) const MORE: &str = r#"
resource "aws_lb_target_group" "main" {
  name     = "main"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_subnet.more.vpc_id
}

resource "aws_subnet" "more" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.2.0/24"
}
"#;
pub(super) const ROLLBACK: &[&str] = &["apply", "-auto-approve", "-rollback", "-parallelism=1"];

#[test]
fn a_failed_run_is_undone() {
    let stack = stack().aws().file("main.tf", NETWORK);
    stack.apply().succeeds();
    stack.write("main.tf", format!("{}{MORE}", NETWORK.replace("one", "two").replace("10.0.1.0", "10.0.3.0")));
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "CreateTargetGroup"}]"#);
    let failed = stack.run(ROLLBACK).fails();
    assert!(failed.text().contains("The run was rolled back"), "{}", failed.raw());
    assert!(failed.text().contains("aws_subnet.main"), "what was deleted is named: {}", failed.raw());
    assert_eq!(stack.instances(), ["aws_vpc.main"]);
    assert!(stack.read("terraform.tfstate").contains("\"one\""), "the tag is as it was");
    assert_eq!(left(&stack, "subnet"), 0);
    stack.emulator().no_faults();
    stack.write("main.tf", NETWORK);
    stack.plan().ends_with(2).says("1 to add, 0 to change, 0 to destroy");
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_rollback_that_is_killed_leaves_nothing_unknown() {
    let stack = stack().aws().file("main.tf", format!("{NETWORK}{MORE}"));
    stack.emulator().faults(r#"[{"kind": "deny", "operation": "CreateTargetGroup"}]"#);
    killed(&stack, ROLLBACK, "DeleteSubnet", true);
    stack.emulator().no_faults();
    stack.apply().succeeds().says("the interrupted run deleted it");
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn how_long_things_took_is_remembered() {
    let balancer = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = "eu-west-1${["a", "b"][count.index]}"
}

resource "aws_lb" "main" {
  name     = "main"
  internal = true
  subnets  = aws_subnet.main[*].id
}
"#;
    let stack = stack().aws().file("main.tf", balancer);
    stack.emulator().settings(r#"{"load_balancer_provisioning_polls": 3}"#);
    stack.apply().succeeds();
    let text = stack.read(".terraform/glaz-durations.json");
    let measured: serde_json::Value = serde_json::from_str(&text).unwrap();
    let seconds = measured["aws_lb"]["create"][0].as_f64().unwrap();
    assert!(seconds > 1.0, "{text}");
    // What makes no sense is no failure.
    stack.write(".terraform/glaz-durations.json", "{");
    stack.destroy().succeeds();
}
