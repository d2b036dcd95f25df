//! The stack this tool is made for, whole; and how many calls reading it takes.

use std::collections::BTreeMap;

use crate::support::stack::{Stack, stack};

pub(super) fn example() -> Stack {
    stack().aws().copy("examples/bluegreen").copy("stacks/bluegreen").inside("examples/bluegreen")
}

/// Apply, empty second plan, destroy, nothing left.
#[track_caller]
fn lives_and_dies(stack: &Stack) {
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    let count = stack.instances().len();
    assert!((40..100).contains(&count), "{count} instances");
    stack.destroy().succeeds();
    assert!(stack.instances().is_empty());
    stack.emulator().assert_empty();
}

#[test]
fn with_its_defaults() {
    lives_and_dies(&example());
}

#[test]
fn dev() {
    lives_and_dies(&example().flag("-var-file=dev.tfvars"));
}

#[test]
fn prod_is_protected_until_told_otherwise() {
    let stack = example().flag("-var-file=prod.tfvars");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    let stack = stack.flag("-var=deletion_protection=false").flag("-var=force_destroy=true");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_change_in_place_and_a_replacement() {
    let stack = example();
    stack.apply().succeeds();
    let stack = stack.flag("-var=log_retention_days=14");
    stack.plan().ends_with(2).says("0 to add, 1 to change, 0 to destroy");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    let stack = stack.flag("-var=domain_name=other.test");
    stack.plan().ends_with(2).says("aws_route53_zone.this[0] must be replaced");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

/// Calls of a plan by operation.
fn calls_of_a_plan(stack: &Stack) -> BTreeMap<String, usize> {
    stack.emulator().forget_calls();
    stack.assert_nothing_to_do();
    let mut calls = BTreeMap::new();
    for call in stack.emulator().calls() {
        *calls.entry(call.operation).or_insert(0) += 1;
    }
    calls
}

#[test]
fn forty_of_a_type_are_read_together() {
    let stack = stack().aws().file(
        "main.tf",
        r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  count      = 40
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.${count.index}.0/24"
}

resource "aws_lb_target_group" "main" {
  count    = 40
  name     = "group-${count.index}"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_cloudwatch_log_group" "main" {
  count = 40
  name  = "/group/${count.index}"
}

resource "aws_ecs_cluster" "main" {
  count = 40
  name  = "cluster-${count.index}"
}

resource "aws_iam_role" "main" {
  count              = 5
  name               = "role-${count.index}"
  assume_role_policy = <<-JSON
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
  JSON
}
"#,
    );
    stack.apply().succeeds();
    let calls = calls_of_a_plan(&stack);
    insta::assert_debug_snapshot!(calls, @r#"
    {
        "DescribeClusters": 1,
        "DescribeLogGroups": 1,
        "DescribeNetworkAcls": 1,
        "DescribeRouteTables": 1,
        "DescribeSecurityGroups": 1,
        "DescribeSubnets": 1,
        "DescribeTags": 2,
        "DescribeTargetGroupAttributes": 40,
        "DescribeTargetGroups": 2,
        "DescribeVpcAttribute": 3,
        "DescribeVpcs": 1,
        "GetRole": 5,
        "ListAttachedRolePolicies": 5,
        "ListRolePolicies": 5,
        "ListTagsForResource": 40,
    }
    "#);
}

#[test]
fn reading_the_example() {
    let stack = example();
    stack.apply().succeeds();
    let calls = calls_of_a_plan(&stack);
    let all: usize = calls.values().sum();
    assert!(all <= 70, "{all} calls: {calls:#?}");
    for batched in ["DescribeSubnets", "DescribeTargetGroups", "DescribeListeners", "DescribeAddresses"] {
        assert_eq!(calls.get(batched), Some(&1), "{batched}: {calls:#?}");
    }
    // Once for what the stack says of it, once for its task sets.
    assert_eq!(calls.get("DescribeServices"), Some(&2), "{calls:#?}");
}
