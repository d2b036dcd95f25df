//! `moved`, `removed` and `import` blocks with the real binary.

use crate::support::stack::stack;

#[test]
fn a_moved_object_stays_the_same_object() {
    let stack = stack().file("main.tf", "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n");
    stack.apply().succeeds();
    let before = stack.read("terraform.tfstate");
    let id = before.split("\"id\": \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let stack = stack.file(
        "main.tf",
        "moved {\n  from = terraform_data.a\n  to   = terraform_data.b\n}\nresource \"terraform_data\" \"b\" {\n  input = 1\n}\n",
    );
    stack
        .plan()
        .ends_with(2)
        .says("# terraform_data.a has moved to terraform_data.b")
        .says("Plan: 0 to add, 0 to change, 0 to destroy.");
    stack.apply().succeeds();
    let after = stack.read("terraform.tfstate");
    assert!(after.contains(&id) && after.contains("\"name\": \"b\"") && !after.contains("\"name\": \"a\""), "{after}");
    stack.assert_nothing_to_do();
}

#[test]
fn a_removed_object_is_forgotten_and_stays() {
    let stack = stack().file("main.tf", "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}\n");
    stack.apply().succeeds();
    let stack = stack.file(
        "main.tf",
        "removed {\n  from = terraform_data.a\n  lifecycle {\n    destroy = false\n  }\n}\nresource \"terraform_data\" \"b\" {}\n",
    );
    stack.plan().ends_with(2).says("terraform_data.a will no longer be managed").says("destroy = false is set");
    stack.apply().succeeds().says("Some objects will no longer be managed").says("0 destroyed");
    assert_eq!(stack.instances(), ["terraform_data.b"]);
    stack.assert_nothing_to_do();
}

#[test]
fn a_removed_block_runs_its_provisioners() {
    let stack = stack().file("main.tf", "resource \"terraform_data\" \"a\" {\n  input = \"fine\"\n}\n");
    stack.apply().succeeds();
    let removed = r#"
removed {
  from = terraform_data.a
  provisioner "local-exec" {
    when    = destroy
    command = "echo ${self.input} > last-word"
  }
}
"#;
    let stack = stack.file("main.tf", removed);
    stack.apply().succeeds().says("1 destroyed");
    assert_eq!(stack.read("last-word"), "fine\n");
}

#[test]
fn an_import_takes_over_what_exists() {
    let config = r#"
import {
  for_each = { x = "one", y = "two" }
  to       = terraform_data.a[each.key]
  id       = each.value
}
resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input    = { x = "changed", y = null }[each.key]
}
output "ids" {
  value = [for one in terraform_data.a : one.id]
}
"#;
    let stack = stack().file("main.tf", config);
    stack
        .plan()
        .ends_with(2)
        .says("terraform_data.a[\"y\"] will be imported")
        .says("(imported from \"one\")")
        .says("Plan: 2 to import, 0 to add, 1 to change, 0 to destroy.");
    stack.apply().succeeds().says("2 imported, 0 added, 1 changed, 0 destroyed").says("\"one\",").says("\"two\",");
    stack.assert_nothing_to_do();
}

const WITHOUT_BLOCK: &str = r#"
import {
  to = terraform_data.a
  id = "one \"a\""
}
import {
  to = terraform_data.b
  id = "two"
}
output "id" {
  value = terraform_data.b.id
}
"#;

const GENERATED: &str = r#"# __generated__ by glaz
# Please review these resources and move them into your main configuration files.

# __generated__ by glaz from "one \"a\""
resource "terraform_data" "a" {
  input            = null
  triggers_replace = null
}

# __generated__ by glaz from "two"
resource "terraform_data" "b" {
  input            = null
  triggers_replace = null
}
"#;

#[test]
fn blocks_are_generated_for_what_is_imported() {
    let stack = stack().file("main.tf", WITHOUT_BLOCK);
    stack
        .run(&["plan", "-generate-config-out=gen.tf"])
        .succeeds()
        .says("Plan: 2 to import, 0 to add, 0 to change, 0 to destroy.")
        .says("Warning: Config generation is experimental")
        .says("were written to gen.tf");
    assert_eq!(stack.read("gen.tf"), GENERATED);
    stack.run(&["plan", "-generate-config-out=gen.tf"]).fails().says("Error: Target generated file already exists");
    stack.run(&["plan", "-generate-config-out=other.tf"]).succeeds().never_says("experimental");
    assert_eq!(stack.files(), ["gen.tf", "main.tf"]);
    stack.apply().succeeds().says("2 imported, 0 added, 0 changed, 0 destroyed");
    stack.assert_nothing_to_do();
    // What is in the state already, and lost its block, gets one instead of being destroyed.
    std::fs::remove_file(stack.path("gen.tf")).unwrap();
    stack
        .run(&["plan", "-generate-config-out=again.tf"])
        .succeeds()
        .says("No changes.")
        .says("were written to again.tf");
    assert_eq!(stack.read("again.tf"), GENERATED);
    stack.assert_nothing_to_do();
}

#[test]
fn a_saved_plan_has_what_was_generated() {
    for file in ["gen.tf", "gen.txt"] {
        let stack = stack().file("main.tf", WITHOUT_BLOCK);
        let flag = format!("-generate-config-out={file}");
        stack.run(&["plan", "-out=p", &flag]).succeeds().says("Saved the plan to: p");
        std::fs::remove_file(stack.path(file)).unwrap();
        stack.run(&["apply", "p"]).succeeds().says("2 imported, 0 added, 0 changed, 0 destroyed");
        assert_eq!(stack.instances(), ["terraform_data.a", "terraform_data.b"]);
    }
}

#[test]
fn programs_are_told_what_was_generated() {
    let import = "import {\n  to = terraform_data.a\n  id = \"one\"\n}\n";
    let stack = stack().file("main.tf", import);
    let text = "resource \"terraform_data\" \"a\" {\n  input            = null\n  triggers_replace = null\n}";
    stack.run(&["plan", "-out=p", "-generate-config-out=gen.tf"]).succeeds();
    let plan: serde_json::Value = serde_json::from_str(&stack.run(&["show", "-json", "p"]).succeeds().out).unwrap();
    assert_eq!(plan["resource_changes"][0]["change"]["generated_config"], text);
    assert_eq!(plan["configuration"]["root_module"], serde_json::json!({}));

    std::fs::remove_file(stack.path("gen.tf")).unwrap();
    let lines = stack.run(&["plan", "-json", "-generate-config-out=gen.tf"]).succeeds().out;
    let mut lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let planned = lines.find(|line| line["type"] == "planned_change").unwrap();
    assert_eq!(
        (&planned["change"]["action"], &planned["change"]["generated_config"]),
        (&"import".into(), &text.into())
    );
}

#[test]
fn nothing_is_generated_where_it_cannot_be() {
    let stack = stack().file("main.tf", WITHOUT_BLOCK);
    for mode in ["-destroy", "-refresh-only"] {
        let out = stack.run(&["plan", mode, "-generate-config-out=gen.tf"]);
        out.fails().says("Error: Invalid generate-config-out flag");
    }
    stack
        .run(&["plan", "-generate-config-out=none/gen.tf"])
        .fails()
        .says("Error: Failed to create target generated file");
    stack.write("main.tf", "import {\n  to = terraform_data.a[0]\n  id = \"one\"\n}\n");
    stack
        .run(&["plan", "-generate-config-out=gen.tf"])
        .fails()
        .says("Error: Configuration for import target does not exist");
    assert_eq!(stack.files(), ["main.tf"]);
}
