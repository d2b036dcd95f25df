//! `moved` and `removed` blocks with the real binary.

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
