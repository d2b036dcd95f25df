//! A destroy when the stack files are gone: where the state is, and which regions its objects are in.

use crate::support::stack::{Stack, stack};

const STACK: &str = r#"
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "us"
  region = "us-east-1"
}

resource "aws_vpc" "near" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "far" {
  provider   = aws.us
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "far" {
  provider   = aws.us
  vpc_id     = aws_vpc.far.id
  cidr_block = "10.1.0.0/24"
}

resource "aws_iam_role" "far" {
  provider = aws.us
  name     = "far"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
"#;

const BACKEND: &str = "terraform {\n  backend \"s3\" {\n    bucket         = \"states\"\n    key            = \"a/state\"\n    region         = \"eu-west-1\"\n    use_path_style = true\n  }\n}\n";

fn lose(stack: &Stack, files: &[&str]) {
    files.iter().for_each(|file| std::fs::remove_file(stack.path(file)).unwrap());
}

/// Changes every attribute of a name in the state, or takes it out.
fn edit(stack: &Stack, name: &str, change: impl Fn(&str) -> Option<String>) {
    let mut state = stack.state();
    for resource in state["resources"].as_array_mut().unwrap() {
        for instance in resource["instances"].as_array_mut().unwrap() {
            let attributes = instance["attributes"].as_object_mut().unwrap();
            let Some(before) = attributes.remove(name) else { continue };
            if let Some(after) = change(before.as_str().unwrap()) {
                attributes.insert(name.to_owned(), after.into());
            }
        }
    }
    stack.write("terraform.tfstate", state.to_string());
}

#[test]
fn regions_of_all_provider_configurations_come_from_the_state() {
    let stack = stack().file("main.tf", STACK).aws();
    stack.apply().succeeds();
    // The state of a Terraform that does not write the region of each object: ARNs have it.
    edit(&stack, "region", |_| None);
    lose(&stack, &["main.tf"]);
    let away = stack.start_shell("AWS_REGION=ap-south-1 $glaz destroy -auto-approve").wait();
    away.succeeds().says("Destroy complete! Resources: 4 destroyed.");
    stack.emulator().assert_empty();
}

#[test]
fn a_plan_made_without_files_can_be_applied() {
    let stack = stack().file("main.tf", STACK).aws();
    stack.apply().succeeds();
    lose(&stack, &["main.tf"]);
    stack.run(&["plan", "-destroy", "-out=p"]).succeeds();
    stack.run(&["apply", "p"]).succeeds().says("4 destroyed");
    stack.emulator().assert_empty();
}

#[test]
fn what_is_nowhere_to_be_found_is_not_forgotten() {
    let stack = stack().file("main.tf", STACK).aws();
    stack.apply().succeeds();
    edit(&stack, "region", |_| None);
    edit(&stack, "arn", |arn| Some(arn.replace(":us-east-1:", ":us-west-2:")));
    lose(&stack, &["main.tf"]);
    stack.destroy().fails().says("Nothing of the stack was found").says("region us-west-2");
    assert_eq!(stack.instances().len(), 4);
}

#[test]
fn a_state_in_a_bucket_is_found_where_it_was_used_last() {
    let stack = stack().file("main.tf", STACK).file("backend.tf", BACKEND).aws();
    stack.run(&["init", "-create-bucket"]).succeeds();
    stack.apply().succeeds();
    let record = stack.read(".terraform/terraform.tfstate");
    lose(&stack, &["backend.tf"]);
    // Files that are right and say nothing of a backend may mean it.
    stack.destroy().fails().says("The backend \"s3\" was used last, and there is no backend block now.");
    let (providers, _) = STACK.split_once("resource").unwrap();
    stack.write("main.tf", format!("{providers}resource \"aws_vpc\" {{\n"));
    stack.run(&["plan", "-destroy"]).succeeds().says("where it was used last: backend \"s3\"").says("4 to destroy");
    lose(&stack, &["main.tf"]);
    stack.run(&["plan", "-destroy", "-target=aws_subnet.far", "-out=p"]).succeeds();
    stack.run(&["apply", "p"]).succeeds().says("1 destroyed");
    stack.destroy().succeeds().says("where it was used last: backend \"s3\"").says("3 destroyed");
    assert_eq!(stack.read(".terraform/terraform.tfstate"), record, "what the files said stays remembered");
    let left = stack.emulator().leftovers();
    assert!(left.iter().all(|one| one.service == "s3"), "{left:?}");
}

#[test]
fn nobody_is_told_that_all_is_well_where_there_is_no_state() {
    stack().aws().destroy().succeeds().says("There is no state here").says("-state=FILE");
}
