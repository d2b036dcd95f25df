//! `glaz state pull`.

use crate::support::stack::stack;

const ONE: &str = "resource \"terraform_data\" \"a\" {\n  input = sensitive(\"hush\")\n}\n";

#[test]
fn prints_the_file() {
    let stack = stack().file("main.tf", ONE);
    assert_eq!(stack.run(&["state", "pull"]).succeeds().raw(), "(exit status: 0)", "nothing when there is no state");
    stack.apply().succeeds();
    let pulled = stack.run(&["state", "pull"]).succeeds();
    assert_eq!(pulled.out, stack.read("terraform.tfstate"));
    assert_eq!(pulled.err, "");
}

#[test]
fn of_another_file() {
    let stack = stack().file("main.tf", ONE);
    stack.apply().succeeds();
    std::fs::rename(stack.path("terraform.tfstate"), stack.path("other.tfstate")).unwrap();
    assert_eq!(stack.run(&["state", "pull", "-state=other.tfstate"]).succeeds().out, stack.read("other.tfstate"));
    stack.write("other.tfstate", "{");
    stack.run(&["state", "pull", "-state=other.tfstate"]).fails().says("The state is cut off");
}
