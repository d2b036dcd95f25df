//! Objects that share an id and are not the same: parts of one object, and objects of two regions.

use super::recovery::{killed, left};
use crate::support::stack::{Stack, stack};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const ROLLBACK: &[&str] = &["apply", "-auto-approve", "-rollback"];

/// A repository and its two policies, which have its name as their id.
fn repository(name: &str) -> String {
    format!(
        r#"
resource "aws_ecr_repository" "{name}" {{
  name = "web"
}}

resource "aws_ecr_lifecycle_policy" "{name}" {{
  repository = aws_ecr_repository.{name}.name
  policy = jsonencode({{ rules = [{{
    rulePriority = 1
    selection    = {{ tagStatus = "any", countType = "imageCountMoreThan", countNumber = 9 }}
    action       = {{ type = "expire" }}
  }}] }})
}}

resource "aws_ecr_repository_policy" "{name}" {{
  repository = aws_ecr_repository.{name}.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = "*", Action = "ecr:*" }}]
  }})
}}
"#
    )
}

/// Attributes by type and name.
fn attributes(stack: &Stack) -> Vec<(String, serde_json::Value)> {
    let state = stack.state();
    let resources = state["resources"].as_array().cloned().unwrap_or_default();
    let name = |one: &serde_json::Value| format!("{}.{}", one["type"], one["name"]);
    resources.iter().map(|one| (name(one), one["instances"][0]["attributes"].clone())).collect()
}

#[test]
fn parts_that_were_renamed_get_their_own_names_back() {
    let stack = stack().aws().file("main.tf", repository("a"));
    stack.apply().succeeds();
    let before = attributes(&stack);
    let moved = ["repository", "lifecycle_policy", "repository_policy"]
        .map(|kind| format!("moved {{\n  from = aws_ecr_{kind}.a\n  to   = aws_ecr_{kind}.b\n}}\n"))
        .concat();
    let network = "resource \"aws_vpc\" \"x\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";
    stack.write("main.tf", format!("{}{moved}{network}", repository("b")));
    killed(&stack, APPLY, "CreateVpc", true);
    stack.run(ROLLBACK).fails().says("The interrupted run was undone");
    assert_eq!(attributes(&stack), before);
    stack.write("main.tf", repository("a"));
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}

const PROVIDERS: &str = r#"
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "b"
  region = "eu-west-3"
}
"#;

/// A repository of one name in each of two regions.
fn in_two_regions(other: &str) -> [String; 2] {
    let one = |name, more| format!("resource \"aws_ecr_repository\" \"{name}\" {{\n  name = \"web\"\n  {more}\n}}\n");
    let first = format!("{PROVIDERS}{}", one("a", ""));
    let both = format!("{first}{}", one("b", other));
    [first, both]
}

const OTHERS: [&str; 2] = ["provider = aws.b", "region = \"eu-west-3\""];

#[test]
fn what_was_made_in_another_region_is_taken_over() {
    for other in OTHERS {
        let [first, both] = in_two_regions(other);
        let stack = stack().aws().file("main.tf", first);
        stack.apply().succeeds();
        stack.write("main.tf", both);
        killed(&stack, APPLY, "CreateRepository", true);
        stack.apply().succeeds().says("aws_ecr_repository.b: the interrupted run made web; taken over");
        stack.assert_nothing_to_do();
        stack.destroy().succeeds();
        stack.emulator().assert_empty();
    }
}

#[test]
fn what_stands_in_the_way_in_another_region_can_be_taken_over() {
    for other in OTHERS {
        let [first, both] = in_two_regions(other);
        let stack = stack().aws().file("main.tf", both.clone());
        stack.apply().succeeds();
        stack.run(&["state", "rm", "aws_ecr_repository.b"]).succeeds();
        stack.run(APPLY).fails().says("It exists already and is not in the state");
        stack.run(&["apply", "-auto-approve", "-adopt"]).succeeds();
        stack.write("main.tf", first);
        stack.apply().succeeds().says("1 destroyed");
        assert_eq!(left(&stack, "repository"), 1, "{:?}", stack.emulator().leftovers());
    }
}

/// A network whose first part is changed by a second run that is interrupted as well.
fn network(name: &str) -> String {
    format!(
        r#"
resource "aws_vpc" "a" {{
  cidr_block = "10.0.0.0/16"
  tags       = {{ Name = "{name}" }}
}}

resource "aws_subnet" "a" {{
  vpc_id     = aws_vpc.a.id
  cidr_block = "10.0.1.0/24"
}}

resource "aws_eip" "a" {{
  domain     = "vpc"
  depends_on = [aws_subnet.a]
}}
"#
    )
}

#[test]
fn two_interrupted_runs_are_undone_in_the_order_of_what_needs_what() {
    let stack = stack().aws().file("main.tf", network("one"));
    killed(&stack, APPLY, "AllocateAddress", false);
    stack.write("main.tf", network("two"));
    killed(&stack, APPLY, "AllocateAddress", false);
    stack.run(ROLLBACK).fails().says("The interrupted run was undone: ");
    stack.emulator().assert_empty();
}

#[test]
fn a_saved_plan_that_was_interrupted_is_undone_without_it() {
    let stack = stack().aws().file("main.tf", network("one"));
    stack.run(&["plan", "-out=p"]).succeeds();
    killed(&stack, &["apply", "p"], "AllocateAddress", false);
    let refused = stack.run(&["apply", "-rollback", "p"]).fails();
    refused.says("An interrupted run is undone without a plan").says("    glaz apply -rollback");
    stack.run(&["apply", "p"]).fails().says("Saved plan is stale").says("    glaz apply -rollback");
    stack.run(ROLLBACK).fails().says("The interrupted run was undone: ");
    stack.emulator().assert_empty();
}

#[test]
fn what_became_an_object_of_another_type_is_what_it_was() {
    let stack = stack().file("main.tf", "resource \"null_resource\" \"a\" {\n  triggers = { k = \"v\" }\n}\n");
    stack.apply().succeeds();
    let before = attributes(&stack);
    let moved = "moved {\n  from = null_resource.a\n  to   = terraform_data.b\n}\n";
    let fails = "resource \"terraform_data\" \"fails\" {\n  depends_on = [terraform_data.b]\n  provisioner \"local-exec\" {\n    command = \"exit 1\"\n  }\n}\n";
    let now = "resource \"terraform_data\" \"b\" {\n  triggers_replace = tomap({ k = \"v\" })\n}\n";
    stack.write("main.tf", format!("{now}{moved}{fails}"));
    stack.run(ROLLBACK).fails().says("The run was rolled back");
    assert_eq!(attributes(&stack), before);
}
