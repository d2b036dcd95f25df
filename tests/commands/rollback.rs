//! Undoing runs of a service under CodeDeploy.

use serde_json::{Value as Json, json};

use super::recovery::ROLLBACK;
use super::rollout::{attribute, service, with_image};
use crate::support::stack::Stack;

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
    let next = format!("{next}{group}{}", role("aws_ecs_service.web"));
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
    let redirect = r#"  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }"#;
    let forward = "  default_action {\n    type             = \"forward\"\n    target_group_arn = aws_lb_target_group.web[\"blue\"].arn\n  }";
    let next = with_image("web:1").replace(forward, redirect);
    stack.write("main.tf", format!("{next}{}", role("aws_lb_listener.web")));
    stack.emulator().faults(NO_ROLES);
    let failed = stack.run(ROLLBACK).fails();
    assert!(failed.text().contains("1 are changed back"), "{}", failed.raw());
    stack.emulator().no_faults();
    stack.write("main.tf", next);
    stack.plan().ends_with(2).says("0 to add, 1 to change, 0 to destroy");
    stack.write("main.tf", with_image("web:1"));
    stack.assert_nothing_to_do();
}
