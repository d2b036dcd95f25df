//! `glaz init`.

use insta::assert_snapshot;

use crate::support::stack::stack;

const ONE: &str = "resource \"terraform_data\" \"a\" {}\n";

#[test]
fn a_stack_without_modules() {
    let output = stack().file("main.tf", ONE).run(&["init", "-no-color", "-input=false"]).succeeds();
    assert_snapshot!(output.text(), @r"
    Initializing the backend...
    Initializing provider plugins...
    - All providers are built in: there is nothing to download.

    glaz has been successfully initialized!

    The configuration can be planned now:

        glaz plan
    ");
}

#[test]
fn an_empty_folder() {
    stack().run(&["init"]).succeeds().says("initialized in an empty directory");
}

#[test]
fn lines_of_json() {
    let output = stack().file("main.tf", ONE).run(&["init", "-json"]).succeeds();
    let lines: Vec<serde_json::Value> = output.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["type"], "version");
    assert_eq!(lines[1]["message_code"], "initializing_backend_message");
    assert_eq!(lines[1]["@module"], "terraform.ui");
    let output = stack().file("main.tf", "resource \"x\" {}\n").run(&["init", "-json"]).fails();
    let last: serde_json::Value = serde_json::from_str(output.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["@level"], "error");
    assert_eq!(last["diagnostic"]["summary"], "Missing name for resource");
    assert_eq!(last["diagnostic"]["range"]["filename"], "main.tf");
}

#[test]
fn problems_of_the_configuration_and_of_its_backend() {
    let says = |text: &str, flags: &[&str], expected: &str| {
        let args: Vec<&str> = ["init"].iter().chain(flags).copied().collect();
        stack().file("main.tf", text).run(&args).fails().says(expected);
    };
    says("resource \"terraform_data\" \"a\" {\n", &[], "Error: Unclosed configuration block");
    says("terraform {\n  backend \"nope\" {}\n}\n", &[], "Error: Unsupported backend type");
    says("terraform {\n  backend \"local\" {\n    pathh = \"a\"\n  }\n}\n", &[], "Error: Unsupported argument");
    says("terraform {\n  backend \"local\" {\n    path = var.p\n  }\n}\n", &[], "Error: Variables not allowed");
    says("terraform {\n  backend \"local\" {\n    path = \"\"\n  }\n}\n", &[], "Error: Invalid local state file path");
    says("terraform {\n  backend \"local\" {\n    path = [1]\n  }\n}\n", &[], "Error: Incorrect attribute value type");
    let local = "terraform {\n  backend \"local\" {}\n}\n";
    says(local, &["-backend-config=x=1"], "Error: Invalid backend configuration argument");
    says(local, &["-backend-config=nowhere"], "Error: Failed to read file");
    says(ONE, &["-migrate-state", "-reconfigure"], "Error: Invalid init options");
    says(ONE, &["-migrate-state", "-json"], "mutually-exclusive");
    says(ONE, &["-lockfile=soft"], "Error: Failed to parse command-line flags");
    let file = stack().file("main.tf", local).file("b.hcl", "pathh = \"x\"\n");
    file.run(&["init", "-backend-config=b.hcl"]).fails().says("--> b.hcl:1").says("Unsupported argument");
    stack().file("main.tf", "terraform {\n  backend \"nope\" {}\n}\n").run(&["init", "-backend=false"]).succeeds();
}

#[test]
fn a_state_that_cannot_be_read() {
    let stack = stack().file("main.tf", ONE).file("terraform.tfstate", "{\"version\": 5}");
    stack.run(&["init"]).fails();
}

#[test]
fn what_init_cannot_do_is_refused() {
    let local = "terraform {\n  backend \"local\" {}\n}\n";
    let init = |flag: &str| stack().file("main.tf", local).run(&["init", flag]);
    init("-backend-config=path=x").succeeds().says("Successfully configured the backend \"local\"!");
    init("-create-bucket").fails().says("Error: Invalid init options");
    init("-reconfigure").succeeds();
    stack().run(&["providers", "lock", "-platform=linux_amd64"]).succeeds().says("nothing to lock");
}

#[test]
fn a_folder_that_starts_as_a_copy_of_a_module() {
    let empty =
        || stack().file("../module/main.tf", ONE).file("../module/sub/x.tf", ONE).file("../module/.hidden", "x");
    let stack = empty();
    stack.run(&["init", "-from-module=../module"]).succeeds().says("Copying configuration from \"../module\"...");
    assert_eq!(stack.files(), ["main.tf", "sub"]);
    stack.run(&["init", "-from-module=../module"]).fails().says("already contains files.");
    let stack = empty().file("README.md", "");
    stack.run(&["init", "-from-module=../module"]).fails().says("Error: Can't populate non-empty directory");
    let says = |source: &str, expected: &str| {
        let stack = empty();
        stack.run(&["init", &format!("-from-module={source}")]).fails().says(expected);
        assert_eq!(stack.files(), [""; 0], "{source}");
    };
    says("../nope", "Error: Failed to download module");
    says("foo", "Error: Invalid module source address");
    says("git::file:///nonexistent", "Error: Failed to download module");
    let stack = empty();
    let output = stack.run(&["init", "-from-module=../module//sub", "-json"]);
    output.succeeds().says("copying_configuration_message");
    assert_eq!(stack.files(), ["x.tf"]);
}

#[test]
fn folders_of_tests() {
    let stack = stack().file("main.tf", ONE).file("mine/x.tftest.hcl", "");
    for command in ["init", "get", "validate", "providers"] {
        let named = |folder: &str| stack.run(&[command, &format!("-test-directory={folder}")]).succeeds();
        named("nope").says("Warning: Test directory does not exist");
        named("mine").never_says("Warning");
    }
    stack.run(&["validate", "-no-tests", "-test-directory=nope"]).succeeds().never_says("Warning");
}
