//! The example among services that stumble: throttling, errors after the effect, broken connections, reads that lag
//! behind, roles that nobody knows yet, slow provisioning, a full disk, two runs at once, a clock that jumps. Each ends
//! with everything there once and nothing to do, or with a clear error and the state right.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::json;

use super::bluegreen::example;
use crate::support::stack::{Stack, stack};

/// What begins the names of calls that make something which did not exist.
const MAKING: [&str; 5] = ["Create", "Allocate", "Register", "Run", "AuthorizeSecurityGroup"];

/// Calls of a run that make something, by operation.
fn making(stack: &Stack) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    for call in stack.emulator().calls() {
        if MAKING.iter().any(|start| call.operation.starts_with(start)) && call.operation != "CreateTags" {
            *calls.entry(call.operation).or_insert(0) += 1;
        }
    }
    calls
}

/// What an undisturbed run makes: calls by operation, and objects by type.
fn undisturbed() -> (Stack, BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let stack = example();
    stack.apply().succeeds();
    let (calls, objects) = (making(&stack), objects(&stack));
    stack.destroy().succeeds();
    (stack, calls, objects)
}

/// Objects in the account by type.
fn objects(stack: &Stack) -> BTreeMap<String, usize> {
    let mut objects = BTreeMap::new();
    for one in stack.emulator().leftovers() {
        *objects.entry(format!("{} {}", one.service, one.kind)).or_insert(0) += 1;
    }
    objects
}

/// The disturbance is over: nothing is to be done, and nothing is left after a destroy.
#[track_caller]
fn whole(stack: &Stack) {
    stack.emulator().no_faults();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    assert!(stack.instances().is_empty());
    stack.emulator().assert_empty();
}

#[test]
fn throttled_all_along() {
    let stack = example();
    stack.emulator().faults(r#"[{"kind": "throttle", "rate": 0.3, "seed": 7}]"#);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    let calls = stack.emulator().calls();
    let refused = calls.iter().filter(|call| [400, 503].contains(&call.status)).count();
    assert!(refused * 5 > calls.len(), "{refused} of {} calls throttled", calls.len());
    stack.emulator().assert_empty();
}

/// Runs the example once more while each making call fails at its first try, by a fault of this kind.
#[track_caller]
fn every_making_call_fails_once(fault: &serde_json::Value) {
    let (stack, calls, objects_before) = undisturbed();
    let rule = |(operation, count): (&String, &usize)| {
        let mut rule = fault.clone();
        rule["operation"] = json!(operation);
        rule["count"] = json!(count);
        rule
    };
    let rules: Vec<_> = calls.iter().map(rule).collect();
    assert!(rules.len() > 15, "{calls:?}");
    stack.emulator().faults(&json!(rules).to_string());
    stack.apply().succeeds();
    assert_eq!(objects(&stack), objects_before, "everything is there once");
    whole(&stack);
}

#[test]
fn errors_after_the_effect_of_every_making_call() {
    every_making_call_fails_once(&json!({"kind": "error_after"}));
}

#[test]
fn connections_broken_after_the_effect_of_every_making_call() {
    every_making_call_fails_once(&json!({"kind": "reset", "after": true}));
}

#[test]
fn connections_broken_before_the_effect_of_every_making_call() {
    every_making_call_fails_once(&json!({"kind": "reset"}));
}

#[test]
fn reads_that_lag_behind() {
    let stack = example();
    let rules: Vec<_> = ["ec2", "elbv2", "iam", "ecr", "logs", "route53"]
        .iter()
        .map(|service| json!({"kind": "stale", "service": service, "reads": 3}))
        .collect();
    stack.emulator().faults(&json!(rules).to_string());
    stack.apply().succeeds();
    whole(&stack);
}

/// Twenty seconds of our own clock, which moves by waiting alone.
#[test]
fn reads_that_lag_behind_for_twenty_seconds() {
    let stack = example();
    let services = ["ec2", "elbv2", "iam", "ecr", "logs", "route53"];
    let rules = services.map(|service| json!({"kind": "stale", "service": service, "seconds": 20}));
    stack.emulator().faults(&json!(rules).to_string());
    stack.apply().succeeds();
    whole(&stack);
}

#[test]
fn roles_that_are_not_known_yet() {
    let stack = example();
    stack.emulator().faults(
        &json!([
            {
                "kind": "deny", "operation": "CreateDeploymentGroup", "count": 3, "status": 400,
                "code": "InvalidRoleException",
                "message": "AWS CodeDeploy does not have the permissions required to assume the role."
            },
            {
                "kind": "deny", "operation": "CreateService", "count": 3, "status": 400,
                "code": "InvalidParameterException",
                "message": "Unable to assume role and validate the listeners configured on your load balancer. Please verify that the ECS service role being passed has the proper permissions."
            },
            {
                "kind": "deny", "operation": "RegisterTaskDefinition", "count": 3, "status": 400,
                "code": "ClientException", "message": "Role is not valid"
            },
        ])
        .to_string(),
    );
    stack.apply().succeeds();
    whole(&stack);
}

#[test]
fn roles_that_are_never_known() {
    let stack = example();
    let message = "AWS CodeDeploy does not have the permissions required to assume the role.";
    let rule = json!({
        "kind": "deny", "operation": "CreateDeploymentGroup", "status": 400,
        "code": "InvalidRoleException", "message": message
    });
    stack.emulator().faults(&json!([rule]).to_string());
    let output = stack.apply().fails();
    let text = output.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("That can pass by itself (the role or its policies are not known everywhere yet)"), "{text}");
    stack.emulator().no_faults();
    stack.apply().succeeds();
    whole(&stack);
}

#[test]
fn slow_provisioning() {
    let stack = example();
    stack.emulator().settings(
        r#"{"load_balancer_provisioning_polls": 12, "nat_gateway_pending_polls": 8, "nat_gateway_deleting_polls": 8, "ecs_provisioning_seconds": 60, "ecs_pulling_seconds": 120}"#,
    );
    stack.apply().succeeds();
    whole(&stack);
}

/// A role with a policy, in a file of its own each.
const ROLES: &str = r#"
resource "aws_iam_role" "main" {
  count              = 12
  name               = "role-${count.index}"
  description        = "a role that fills the journal: ${join("", [for n in range(60) : "0123456789"])}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs.amazonaws.com" } }] })
}
"#;

#[test]
fn a_disk_that_fills_up_while_objects_are_made() {
    let stack = stack().aws().file("main.tf", ROLES);
    // Files may become 8 KiB large: the journal takes some of the roles. The signal of the limit is ignored, so that
    // writing fails as on a full disk.
    let output =
        stack.start_shell("trap '' XFSZ; ulimit -f 16; exec \"$glaz\" apply -auto-approve -parallelism=2").wait();
    assert_eq!(output.code, Some(1), "{}", output.raw());
    let made = stack.emulator().leftovers().len();
    assert!((1..12).contains(&made), "{made} roles were made: {}", output.raw());
    output.says("journal");
    // Nothing was made whose intent was not on disk: the next run knows all of them.
    stack.apply().succeeds();
    assert_eq!(stack.emulator().leftovers().len(), 12);
    assert_eq!(stack.instances().len(), 12);
    whole(&stack);
}

#[test]
fn a_state_cut_in_half() {
    let stack = stack().file("main.tf", "resource \"terraform_data\" \"a\" {\n  input = \"one\"\n}\n");
    stack.apply().succeeds();
    stack.write("main.tf", "resource \"terraform_data\" \"a\" {\n  input = \"two\"\n}\n");
    stack.apply().succeeds();
    let text = stack.read("terraform.tfstate");
    let half = &text[..text.len() / 2];
    stack.write("terraform.tfstate", half);
    let backup = stack.read("terraform.tfstate.backup");
    assert_snapshot!(stack.apply().fails().text(), @r#"
    Error: The state is cut off

      terraform.tfstate ends in the middle, at line 17: whatever wrote it last did not finish. Nothing
      was changed. Going on without the state would create everything again.

      Help: The backup holds the state before the last change. To go back to it:

        cp [STACK]/terraform.tfstate.backup [STACK]/terraform.tfstate
    "#);
    assert_eq!(
        (stack.read("terraform.tfstate").as_str(), stack.read("terraform.tfstate.backup")),
        (half, backup.clone())
    );
    stack.write("terraform.tfstate", backup);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn two_applies_at_once() {
    let text = "resource \"aws_vpc\" \"main\" {\n  count      = 3\n  cidr_block = \"10.${count.index}.0.0/16\"\n}\n";
    let stack = stack().aws().file("main.tf", text);
    stack.emulator().faults(r#"[{"kind": "latency", "operation": "CreateVpc", "ms": 300}]"#);
    let first = stack.start(&["apply", "-auto-approve"]);
    while stack.emulator().calls().is_empty() {
        std::thread::yield_now();
    }
    stack.apply().fails().says("The state is locked").says("OperationTypeApply");
    first.wait().succeeds();
    assert_eq!(stack.emulator().leftovers().len(), 3);
    whole(&stack);
}

#[test]
fn a_clock_that_was_set_back_between_runs() {
    let text =
        "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n  tags       = { Name = \"main\" }\n}\n";
    let stack = stack().aws().file("main.tf", text);
    let rule = r#"[{"kind": "error_before", "operation": "CreateVpc"}]"#;
    for time in [1_767_225_600_u64, 1_546_300_800, 2_147_558_400] {
        let stack = &stack;
        stack.emulator().faults(rule);
        stack.at(time, &["apply", "-auto-approve"]).fails().says("The service failed");
        stack.emulator().no_faults();
        stack.at(31_536_000, &["apply", "-auto-approve"]).succeeds();
        assert_eq!(stack.emulator().leftovers().len(), 1);
        stack.assert_nothing_to_do();
        stack.at(time, &["destroy", "-auto-approve"]).succeeds();
        stack.emulator().assert_empty();
    }
}

/// Somebody corrects the machine's clock, back by years and forward by decades, while a run waits for a load balancer.
#[test]
fn a_clock_that_is_set_during_a_run() {
    let stack = example();
    stack.emulator().settings(r#"{"load_balancer_provisioning_polls": 6}"#);
    let jumps = "1767225600,5=1546300800,15=2147558400,30=1767225600";
    let applied = stack.at(jumps, &["apply", "-auto-approve"]).succeeds();
    let balancer = applied.out.lines().find_map(|line| line.split_once("aws_lb.this: Creation complete after "));
    let time = balancer.and_then(|(_, rest)| rest.split(' ').next());
    assert!(time.is_some_and(|time| !time.contains('h')), "what a step took is no matter of the clock: {time:?}");
    whole(&stack);
}

#[test]
fn a_mistyped_id_is_told_after_a_minute() {
    let text = "resource \"aws_route\" \"a\" {\n  route_table_id         = \"rtb-0123456789abcdef0\"\n  destination_cidr_block = \"0.0.0.0/0\"\n  gateway_id             = \"igw-0123456789abcdef0\"\n}\n";
    let stack = stack().aws().file("main.tf", text);
    let output = stack.apply().fails();
    let problem = output.text().split_once("--- standard error\n").unwrap().1.trim().to_owned();
    assert_snapshot!(problem.rsplit_once("\n\n").unwrap().0, @r#"
    Error: The service refused the call
     --> main.tf:1:1
      |
    1 | resource "aws_route" "a" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^

      Creating aws_route.a failed: The routeTable ID 'rtb-[ID]' does not exist. That can
      pass by itself (the new route table is not known everywhere yet), so it was asked 7 times in 36
      seconds, but it did not pass.
    "#);
}

#[test]
fn interfaces_of_a_load_balancer_that_leave_late() {
    let stack = stack().aws().file("main.tf", BALANCER);
    stack.apply().succeeds();
    stack.emulator().settings(r#"{"interface_lingering_seconds": 400}"#);
    stack.emulator().forget_calls();
    stack.destroy().succeeds();
    let calls = stack.emulator().calls();
    let count = |operation: &str| calls.iter().filter(|call| call.operation == operation).count();
    assert_eq!(count("DeleteSubnet"), 2, "subnets wait for the interfaces: {calls:?}");
    assert!(count("DescribeNetworkInterfaces") > 3, "{calls:?}");
    stack.emulator().assert_empty();
}

#[test]
fn rules_exchange_their_priorities() {
    let text = |priorities: [u32; 3]| {
        let rule = |(name, priority): (&str, &u32)| {
            format!(
                "resource \"aws_lb_listener_rule\" \"{name}\" {{\n  listener_arn = aws_lb_listener.it.arn\n  priority = {priority}\n  action {{\n    type = \"fixed-response\"\n    fixed_response {{\n      content_type = \"text/plain\"\n    }}\n  }}\n  condition {{\n    path_pattern {{\n      values = [\"/{name}\"]\n    }}\n  }}\n}}\n"
            )
        };
        format!("{BALANCER}{}", ["a", "b", "c"].into_iter().zip(&priorities).map(rule).collect::<String>())
    };
    let stack = stack().aws().file("main.tf", text([1, 2, 3]));
    stack.apply().succeeds();
    stack.write("main.tf", text([2, 3, 1]));
    stack.plan().ends_with(2).says("0 to add, 3 to change, 0 to destroy");
    stack.apply().succeeds();
    whole(&stack);
}

const BALANCER: &str = r#"
resource "aws_vpc" "it" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "it" {
  count             = 2
  vpc_id            = aws_vpc.it.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = "eu-west-1${["a", "b"][count.index]}"
}

resource "aws_lb" "it" {
  name     = "it"
  internal = true
  subnets  = aws_subnet.it[*].id
}

resource "aws_lb_listener" "it" {
  load_balancer_arn = aws_lb.it.arn
  port              = 80
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
    }
  }
}
"#;
