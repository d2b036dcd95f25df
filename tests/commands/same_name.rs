//! What a task definition uses is made anew, while its old revision stays for the way back: under the same name the old one
//! goes first, under another one the new one comes first.

use super::bluegreen;
use super::hidden_order::{STACK, becomes, in_order};

const ROLE: &str = "  name = \"execution\"\n";

#[test]
fn a_role_that_keeps_its_name_goes_first_and_takes_its_policies_along() {
    let stack = becomes(STACK, &STACK.replace(ROLE, "  name = \"execution\"\n  path = \"/x/\"\n"));
    in_order(&stack, &["DeleteRolePolicy"], "DeleteRole");
    in_order(&stack, &["DeleteRole"], "CreateRole");
    in_order(&stack, &["CreateRole"], "RegisterTaskDefinition");
    in_order(&stack, &["PutRolePolicy"], "UpdateService");
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

#[test]
fn a_role_that_is_renamed_stays_with_its_policies_until_the_service_has_the_new_one() {
    let stack = becomes(STACK, &STACK.replace(ROLE, "  name = \"other\"\n"));
    in_order(&stack, &["CreateRole", "PutRolePolicy"], "UpdateService");
    in_order(&stack, &["UpdateService"], "DeleteRolePolicy");
    in_order(&stack, &["DeleteRolePolicy"], "DeleteRole");
    stack.assert_nothing_to_do();
}

#[test]
fn a_repository_that_keeps_its_name_goes_first() {
    let repository = r#"
resource "aws_ecr_repository" "web" {
  name = "web"
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({ rules = [{
    rulePriority = 1
    selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 9 }
    action       = { type = "expire" }
  }] })
}
"#;
    let told = "environment = [{ name = \"FROM\", value = aws_ecr_repository.web.repository_url }]\n    portMappings";
    let text = format!("{STACK}{repository}").replace("portMappings", told);
    let encrypted =
        "  name = \"web\"\n  encryption_configuration {\n    encryption_type = \"KMS\"\n  }\n}\n\nresource \"aws_ecr_l";
    let stack = becomes(&text, &text.replace("  name = \"web\"\n}\n\nresource \"aws_ecr_l", encrypted));
    in_order(&stack, &["DeleteRepository"], "CreateRepository");
    in_order(&stack, &["CreateRepository"], "RegisterTaskDefinition");
    stack.assert_nothing_to_do();
}

#[test]
fn what_the_files_say_of_the_order_is_kept() {
    let first = "\"aws_ecs_task_definition\" \"web\" {\n  lifecycle {\n    create_before_destroy = true\n  }\n";
    let text = STACK.replace("\"aws_ecs_task_definition\" \"web\" {\n", first);
    let stack = crate::support::stack::stack().file("main.tf", text.clone()).aws();
    stack.apply().succeeds();
    stack.write("main.tf", text.replace(ROLE, "  name = \"execution\"\n  path = \"/x/\"\n"));
    stack.plan().ends_with(2).says("+/- resource \"aws_iam_role\" \"execution\"");
}

#[test]
fn each_role_of_the_example_can_be_made_anew() {
    let stack = bluegreen::example();
    stack.apply().succeeds();
    for name in ["task", "execution"] {
        stack.emulator().clock(r#"{"advance": 7200}"#);
        stack.emulator().clock(r#"{"speed": 0, "per_poll": "next"}"#);
        let replace = format!("-replace=module.service.aws_iam_role.{name}");
        let plan = stack.with_flags(&["plan", &replace]).succeeds();
        plan.says(&format!("-/+ resource \"aws_iam_role\" \"{name}\""))
            .says("+/- resource \"aws_ecs_task_definition\" \"this\"");
        stack.with_flags(&["apply", "-auto-approve", &replace]).succeeds();
        stack.emulator().clock(r#"{"advance": 7200}"#);
        stack.assert_nothing_to_do();
    }
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}
