//! A block that was renamed, without a `moved` block: the object is deleted, and made anew under the same name.

use super::hidden_order::{STACK, becomes, in_order};
use crate::support::stack::stack;

/// The role has the name of the service: what has the one text need not mean the other.
fn with_role(block: &str) -> String {
    let attachment = r#"
resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}
"#;
    format!("{STACK}{attachment}")
        .replace("  name = \"execution\"\n", "  name = \"web\"\n")
        .replace("\"aws_iam_role\" \"execution\"", &format!("\"aws_iam_role\" \"{block}\""))
        .replace("aws_iam_role.execution", &format!("aws_iam_role.{block}"))
}

#[test]
fn a_role_goes_first_and_takes_its_policies_along() {
    let stack = becomes(&with_role("execution"), &with_role("renamed"));
    in_order(&stack, &["DeleteRolePolicy", "DetachRolePolicy"], "DeleteRole");
    in_order(&stack, &["DeleteRole"], "CreateRole");
    in_order(&stack, &["CreateRole"], "AttachRolePolicy");
    in_order(&stack, &["CreateRole"], "RegisterTaskDefinition");
    in_order(&stack, &["PutRolePolicy", "AttachRolePolicy"], "UpdateService");
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn what_cannot_go_first_is_said_to_be_in_the_state() {
    let renamed = |name: &str| {
        STACK
            .replace("\"aws_lb_target_group\" \"web\"", &format!("\"aws_lb_target_group\" \"{name}\""))
            .replace("aws_lb_target_group.web", &format!("aws_lb_target_group.{name}"))
    };
    let stack = stack().unchecked().aws().file("main.tf", renamed("web"));
    stack.apply().succeeds();
    stack.write("main.tf", renamed("other"));
    for flags in [&["apply", "-auto-approve"][..], &["apply", "-auto-approve", "-adopt"]] {
        let refused = stack.with_flags(flags).fails();
        refused
            .says("A target group named web exists already")
            .says("The state has it as aws_lb_target_group.web")
            .says("from = aws_lb_target_group.web")
            .says("to   = aws_lb_target_group.other")
            .never_says("not in the state")
            .never_says("glaz import");
    }
    stack.write("moved.tf", "moved {\n  from = aws_lb_target_group.web\n  to   = aws_lb_target_group.other\n}\n");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn what_another_block_has_is_not_offered() {
    let cluster = |name: &str| format!("resource \"aws_ecs_cluster\" \"{name}\" {{\n  name = \"main\"\n}}\n");
    let stack = stack().unchecked().aws().file("main.tf", cluster("one"));
    stack.apply().succeeds();
    stack.write("main.tf", cluster("one") + &cluster("two"));
    let refused = stack.with_flags(&["apply", "-auto-approve", "-adopt"]).fails();
    refused.says("The state has it as aws_ecs_cluster.one.").never_says("not in the state").never_says("moved {");
}
