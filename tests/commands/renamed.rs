//! A block that was renamed, without a `moved` block: the object is deleted, and made anew under the same name.

use super::hidden_order::{STACK, becomes, in_order};

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
