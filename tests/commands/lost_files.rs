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

/// What the files that are left lack: a provider configuration with an alias, and one inside of a module.
#[test]
fn provider_blocks_that_are_lost_come_from_the_state() {
    let providers = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n";
    let alias = "provider \"aws\" {\n  alias  = \"us\"\n  region = \"us-east-1\"\n}\n";
    let main = "resource \"aws_vpc\" \"far\" {\n  provider   = aws.us\n  cidr_block = \"10.1.0.0/16\"\n}\nresource \"aws_vpc\" \"near\" {\n  cidr_block = \"10.0.0.0/16\"\n}\nmodule \"in\" {\n  source = \"./in\"\n}\n";
    let module = "provider \"aws\" {\n  region = \"us-west-2\"\n}\nresource \"aws_vpc\" \"it\" {\n  cidr_block = \"10.2.0.0/16\"\n}\nmodule \"deep\" {\n  source = \"./deep\"\n}\n";
    let deep = "provider \"aws\" {\n  region = \"ap-south-1\"\n}\nresource \"aws_vpc\" \"it\" {\n  cidr_block = \"10.3.0.0/16\"\n}\n";
    let stack = stack()
        .file("providers.tf", format!("{providers}{alias}"))
        .file("main.tf", main)
        .file("in/main.tf", module)
        .file("in/deep/main.tf", deep)
        .aws();
    stack.apply().succeeds();
    let state = stack.read("terraform.tfstate");
    let broken = "resource \"aws_vpc\" {\n";
    let modules = ["module.in.provider[", "module.in.module.deep.provider["];
    // The blocks that can be read are used, the others come from the state; and the same from a saved plan.
    stack.write("providers.tf", providers);
    stack.write("main.tf", broken);
    let plan = stack.run(&["plan", "-destroy", "-out=p"]).succeeds();
    plan.says("No block of ").says("hashicorp/aws\"].us").says(modules[0]).says(modules[1]);
    stack.run(&["apply", "p"]).succeeds().says("4 destroyed");
    stack.emulator().assert_empty();
    // In modules also without any files.
    stack.write("providers.tf", format!("{providers}{alias}"));
    stack.write("main.tf", main);
    stack.write("terraform.tfstate", &state);
    stack.apply().succeeds();
    lose(&stack, &["providers.tf", "main.tf"]);
    stack.destroy().succeeds().says("4 destroyed");
    stack.emulator().assert_empty();
}
