//! `glaz import`.

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

const MAIN: &str = "variable \"n\" {\n  default = 2\n}\nresource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"c\" {\n  count = var.n\n}\nresource \"terraform_data\" \"f\" {\n  for_each = toset([\"x\"])\n  input    = each.key\n}\nmodule \"m\" {\n  source = \"./m\"\n}\n";

fn written() -> Stack {
    stack().file("main.tf", MAIN).file("m/m.tf", "resource \"terraform_data\" \"r\" {}\n")
}

#[test]
fn an_object_becomes_an_instance() {
    let stack = written();
    assert_snapshot!(stack.run(&["import", "terraform_data.a", "my-id"]).succeeds().text(), @r#"
    terraform_data.a: Importing from ID "my-id"...
    terraform_data.a: Import complete

    Import successful!

    The resources that were imported are shown above. These resources are now in
    your state and will henceforth be managed by glaz.
    "#);
    let state = stack.state();
    assert_eq!(state["serial"], 1);
    assert_eq!(state["resources"][0]["instances"][0]["attributes"]["id"], "my-id");
    let before = stack.read("terraform.tfstate");
    stack.run(&["import", "terraform_data.f[\"x\"]", "fx"]).succeeds();
    assert_eq!(stack.read("terraform.tfstate.backup"), before);
    stack.run(&["import", "-var", "n=3", "terraform_data.c[2]", "c2"]).succeeds();
    stack.run(&["import", "module.m.terraform_data.r", "r"]).succeeds();
    stack.plan().ends_with(2).says("2 to add, 1 to change, 1 to destroy");
}

#[test]
fn refusals() {
    let stack = written();
    stack.run(&["import", "terraform_data.a", "my-id"]).succeeds();
    let before = stack.read("terraform.tfstate");
    for (address, says) in [
        ("terraform_data.a", "Error: Resource already managed by Terraform"),
        ("terraform_data.x", "Error: resource address \"terraform_data.x\" does not exist in the configuration."),
        ("module.m.terraform_data.x", "create its configuration in module.m."),
        ("module.x.terraform_data.a", "Error: Import to non-existent module"),
        ("terraform_data.c[7]", "Error: Configuration for import target does not exist"),
        ("terraform_data.c", "Error: Configuration for import target does not exist"),
        ("terraform_data.f[\"y\"]", "Error: Configuration for import target does not exist"),
        ("module.m", "Error: Invalid address"),
        ("a[", "Error: Index value required"),
        ("data.terraform_data.a", "Error: A managed resource address is required."),
    ] {
        stack.run(&["import", address, "id"]).fails().says(says);
    }
    stack.run(&["import", "terraform_data.a"]).fails();
    assert_eq!(stack.read("terraform.tfstate"), before);
    assert_eq!(stack.files(), ["m", "main.tf", "terraform.tfstate"]);
    stack.run(&["import", "-config=m", "terraform_data.r", "x"]).succeeds();
    assert_eq!(stack.files(), ["m", "main.tf", "terraform.tfstate", "terraform.tfstate.backup"]);
    assert!(!stack.path("m/terraform.tfstate").exists(), "only the configuration is elsewhere");
}

#[test]
fn without_configuration() {
    let stack = stack();
    stack.run(&["import", "terraform_data.a", "x"]).fails().says("Error: No Terraform configuration files");
    assert_eq!(stack.files(), [] as [&str; 0]);
}

#[test]
fn types_that_cannot_be_imported() {
    let stack = stack().file("main.tf", "resource \"null_resource\" \"a\" {}\n");
    stack.run(&["import", "null_resource.a", "x"]).fails();
    assert_eq!(stack.files(), ["main.tf"]);
}

/// Whoever imports mends: what else is wrong in the stack is no matter of it.
#[test]
fn nothing_but_the_object_matters() {
    let text = r#"
variable "v" {
  default = "1"
}

resource "terraform_data" "kept" {
  triggers_replace = var.v
  lifecycle {
    prevent_destroy = true
    precondition {
      condition     = var.v != "3"
      error_message = "not three"
    }
  }
}

resource "terraform_data" "x" {
  for_each = toset(["a", "b"])
}

resource "terraform_data" "uses" {
  input = terraform_data.x["b"].id
}

output "a" {
  value = terraform_data.x["a"].id
}

output "b" {
  value = terraform_data.x["b"].id
}

output "one" {
  value = 1
}

output "endless" {
  value = 1 / (length(var.v) - 1)
}
"#;
    let stack = stack().file("main.tf", text);
    stack.run(&["apply", "-auto-approve", "-target=terraform_data.kept"]).succeeds();
    stack.run(&["import", "-var", "v=2", "terraform_data.x[\"a\"]", "ia"]).succeeds();
    assert_eq!(stack.instances(), ["terraform_data.kept", "terraform_data.x[\"a\"]"]);
    stack.run(&["output", "-json"]).succeeds().says("\"ia\"").says("\"one\"").never_says("\"b\"");
    let import = stack.run(&["import", "-var", "v=3", "terraform_data.x[\"b\"]", "ib"]).succeeds();
    import.says("Warning: Resource precondition failed").says("not three");
    stack.run(&["output", "-json"]).succeeds().says("\"ib\"");
}

/// As Terraform's documentation has it: the block is written after the import.
#[test]
fn the_block_may_be_empty() {
    let block = |name: &str, inside: &str| format!("resource \"aws_ecs_cluster\" \"{name}\" {{{inside}}}\n");
    let stack = stack().aws().unchecked().file("main.tf", block("first", "\n  name = \"web\"\n"));
    stack.apply().succeeds();
    stack.run(&["state", "rm", "aws_ecs_cluster.first"]).succeeds();
    stack.write("main.tf", block("second", "") + "resource \"aws_vpc\" \"other\" {}\n");
    stack.run(&["import", "aws_ecs_cluster.second", "web"]).succeeds();
    assert_eq!(stack.instances(), ["aws_ecs_cluster.second"]);
    stack.plan().ends_with(1).says("name");
    stack.write("main.tf", block("second", "\n  name = \"web\"\n"));
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}
