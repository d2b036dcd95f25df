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
