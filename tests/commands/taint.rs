//! `glaz taint`, `untaint`, `force-unlock` and `state lock-info`.

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

const MAIN: &str = "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"c\" {\n  count = 2\n}\n";

fn applied() -> Stack {
    let stack = stack().file("main.tf", MAIN);
    stack.apply().succeeds();
    stack
}

#[test]
fn taint_and_untaint() {
    let stack = applied();
    let before = stack.read("terraform.tfstate");
    assert_snapshot!(stack.run(&["taint", "terraform_data.c[1]"]).succeeds().text(), @"Resource instance terraform_data.c[1] has been marked as tainted.");
    assert_eq!(stack.read("terraform.tfstate.backup"), before);
    assert_eq!(stack.state()["serial"], 2);
    stack.run(&["taint", "terraform_data.c[1]"]).succeeds();
    assert_eq!(stack.state()["serial"], 2, "nothing changed");
    stack.plan().ends_with(2).says("terraform_data.c[1] is tainted, so must be replaced");
    assert_snapshot!(stack.run(&["untaint", "terraform_data.c[1]"]).succeeds().text(), @"Resource instance terraform_data.c[1] has been successfully untainted.");
    stack.assert_nothing_to_do();
    assert_snapshot!(stack.run(&["untaint", "terraform_data.c[1]"]).fails().text(), @r#"
    Error: Resource instance is not tainted

      Resource instance terraform_data.c[1] is not currently tainted, and so it cannot be untainted.
    "#);
}

#[test]
fn what_is_not_there() {
    let stack = applied();
    let before = stack.read("terraform.tfstate");
    for command in ["taint", "untaint"] {
        stack.run(&[command, "terraform_data.x"]).fails().says("Error: No such resource instance");
        stack.run(&[command, "terraform_data.c"]).fails().says("terraform_data.c[0]?");
        stack
            .run(&[command, "-allow-missing", "terraform_data.x"])
            .succeeds()
            .says("Warning: No such resource instance");
        stack.run(&[command, "module.m"]).fails().says("Error: Invalid address");
        stack.run(&[command, "a["]).fails().says("Error: Index value required");
        stack.run(&[command]).fails();
    }
    stack.run(&["taint", "data.a.b"]).fails().says("Resource instance data.a.b cannot be tainted");
    assert_eq!(stack.read("terraform.tfstate"), before);
    std::fs::remove_file(stack.path("terraform.tfstate")).unwrap();
    stack.run(&["taint", "terraform_data.a"]).fails().says("has no resource instances at all");
    assert_eq!(stack.files(), ["main.tf"]);
}

#[test]
fn an_object_that_waits_for_its_successor() {
    let stack = applied();
    let text = stack.read("terraform.tfstate");
    let deposed = text.replacen("\"schema_version\"", "\"deposed\": \"0123abcd\",\n          \"schema_version\"", 1);
    stack.write("terraform.tfstate", deposed);
    assert_snapshot!(stack.run(&["taint", "terraform_data.a"]).fails().text(), @r#"
    Error: No such resource instance

      Resource instance terraform_data.a is currently part-way through a create_before_destroy
      replacement action. Run "glaz apply" to complete its replacement before tainting it.
    "#);
    stack.run(&["untaint", "-allow-missing", "terraform_data.a"]).fails().says("before untainting it");
    stack
        .run(&["state", "show", "terraform_data.a"])
        .fails()
        .says("only the deposed object")
        .never_says("Did you mean");
    stack.apply().succeeds();
    stack.run(&["taint", "terraform_data.a"]).succeeds();
}

#[test]
fn the_backup_can_be_elsewhere_or_nowhere() {
    let stack = applied();
    stack.run(&["taint", "-backup=kept", "terraform_data.a"]).succeeds();
    stack.run(&["untaint", "-backup=-", "terraform_data.a"]).succeeds();
    assert_eq!(stack.files(), ["kept", "main.tf", "terraform.tfstate"]);
}

#[test]
fn who_holds_the_lock() {
    let stack = applied();
    stack.run(&["state", "lock-info"]).succeeds().says("terraform.tfstate is not locked.");
    assert_eq!(stack.run(&["state", "lock-info", "-json"]).succeeds().out, "null\n");
    stack.run(&["force-unlock", "-force", "0c5e"]).fails().says("Failed to unlock state: LocalState not locked");
    let holder = super::state_file::Holder::of(&stack);
    assert_snapshot!(stack.run(&["state", "lock-info"]).succeeds().text(), @r#"
    terraform.tfstate is locked.

      Who:       ann@desk
      Operation: OperationTypeApply
      Since:     [DATE]
      Version:   1.11.4
      ID:        0c5e
    "#);
    stack.run(&["state", "lock-info", "-json"]).succeeds().says("\"Who\": \"ann@desk\"");
    stack
        .run(&["force-unlock", "0c5e"])
        .fails()
        .says("Local state cannot be unlocked by another process")
        .says("ann@desk");
    for args in [
        &["taint", "terraform_data.a"][..],
        &["state", "rm", "terraform_data.a"],
        &["state", "mv", "terraform_data.a", "terraform_data.b"],
        &["state", "push", "main.tf"],
    ] {
        stack.run(args).fails();
    }
    stack.run(&["taint", "terraform_data.a"]).fails().says("The state is locked");
    stack.run(&["state", "list"]).succeeds();
    stack.run(&["taint", "-lock=false", "terraform_data.a"]).succeeds();
    drop(holder);
    stack.run(&["untaint", "terraform_data.a"]).succeeds();
    // What is left of a run that was killed says nothing.
    stack.write(".terraform.tfstate.lock.info", "{\"ID\":\"0c5e\"}");
    stack.run(&["state", "lock-info"]).succeeds().says("is not locked");
    std::fs::remove_file(stack.path("terraform.tfstate")).unwrap();
    stack.run(&["state", "lock-info"]).succeeds().says("is not locked");
}
