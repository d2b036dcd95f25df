//! `glaz workspace`, and the state of the workspace that is selected.

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

const MAIN: &str = "resource \"terraform_data\" \"a\" {\n  input = terraform.workspace\n}\noutput \"o\" {\n  value = terraform_data.a.output\n}\n";

fn list(stack: &Stack) -> String {
    stack.run(&["workspace", "list"]).succeeds().out
}

#[test]
fn each_has_a_state_of_its_own() {
    let stack = stack().file("main.tf", MAIN);
    stack.apply().succeeds();
    assert_eq!(list(&stack), "* default\n\n");
    assert_snapshot!(stack.run(&["workspace", "new", "eu"]).succeeds().text(), @r#"
    Created and switched to workspace "eu"!

    You're now on a new, empty workspace. Workspaces isolate their state,
    so if you run "glaz plan" glaz will not see any existing state
    for this configuration.
    "#);
    assert_eq!(list(&stack), "  default\n* eu\n\n");
    assert_eq!(stack.read(".terraform/environment"), "eu");
    stack.run(&["state", "list"]).fails().says("No state file was found");
    stack.apply().succeeds();
    assert_eq!(stack.run(&["output", "-raw", "o"]).out, "eu");
    assert!(stack.read("terraform.tfstate.d/eu/terraform.tfstate").contains("\"eu\""));
    stack.assert_nothing_to_do();

    stack.run(&["workspace", "select", "default"]).succeeds().says("Switched to workspace \"default\".");
    assert_eq!(stack.run(&["workspace", "show"]).out, "default\n");
    assert_eq!(stack.run(&["output", "-raw", "o"]).out, "default");
    assert_eq!(stack.run(&["workspace", "select", "default"]).succeeds().out, "", "nothing to switch");
}

#[test]
fn delete_refuses_what_would_be_lost() {
    let stack = stack().file("main.tf", MAIN);
    stack.run(&["workspace", "new", "eu"]).succeeds();
    stack.apply().succeeds();
    assert_snapshot!(stack.run(&["workspace", "delete", "eu"]).fails().text(), @r#"
    Workspace "eu" is your active workspace.

    You cannot delete the currently active workspace. Please switch to another workspace and try again.
    "#);
    stack.run(&["workspace", "select", "default"]).succeeds();
    assert_snapshot!(stack.run(&["workspace", "delete", "eu"]).fails().text(), @r#"
    Error: Workspace is not empty

      Workspace "eu" is currently tracking the following resource instances:
        - terraform_data.a

      Deleting this workspace would make glaz lose track of the objects behind them; you would have to
      delete those by hand. Destroy them first. To delete the workspace and forget about them, use
      -force.
    "#);
    assert_snapshot!(stack.run(&["workspace", "delete", "-force", "eu"]).succeeds().text(), @r#"
    Deleted workspace "eu"!
    WARNING: "eu" was non-empty.
    The resources managed by the deleted workspace may still exist,
    but are no longer manageable by glaz since the state has
    been deleted.
    "#);
    assert_eq!(list(&stack), "* default\n\n");
    assert!(!stack.path("terraform.tfstate.d/eu").exists());
    stack.run(&["workspace", "delete", "eu"]).fails().says("Workspace \"eu\" doesn't exist.");

    stack.run(&["workspace", "new", "us"]).succeeds();
    stack.run(&["workspace", "delete", "default"]).fails().says("cannot delete default state");
    assert_eq!(list(&stack), "  default\n* us\n\n");
}

#[test]
fn select_or_create() {
    let stack = stack().file("main.tf", MAIN);
    stack.run(&["workspace", "select", "eu"]).fails().says("You can create this workspace with the \"new\" subcommand");
    stack
        .run(&["workspace", "select", "-or-create", "eu"])
        .succeeds()
        .says("Created and switched to workspace \"eu\"!");
    assert_eq!(stack.run(&["workspace", "select", "-or-create", "eu"]).succeeds().out, "");
    stack.run(&["workspace", "new", "eu"]).fails().says("Workspace \"eu\" already exists");
    for name in ["a b", "a/b", "", "..", "ä"] {
        stack.run(&["workspace", "new", name]).fails().says("is not allowed. The name must contain only URL safe");
    }
    stack.run(&["workspace", "new"]).fails();
    assert_eq!(list(&stack), "  default\n* eu\n\n");
}

#[test]
fn a_copy_of_a_state() {
    let stack = stack().file("main.tf", MAIN);
    stack.apply().succeeds();
    stack.run(&["workspace", "new", "-state=no.tfstate", "eu"]).fails().says("Failed to read the given file");
    assert_eq!(list(&stack), "* default\n\n", "nothing was made");
    stack.run(&["workspace", "new", "-state=terraform.tfstate", "eu"]).succeeds();
    let copy: serde_json::Value =
        serde_json::from_str(&stack.read("terraform.tfstate.d/eu/terraform.tfstate")).unwrap();
    assert_eq!(copy["resources"], stack.state()["resources"]);
    assert_eq!(copy["serial"], 1);
    assert_ne!(copy["lineage"], stack.state()["lineage"]);
}

#[test]
fn the_environment_overrides() {
    let stack = stack().file("main.tf", MAIN).env("TF_WORKSPACE", "eu");
    assert_eq!(stack.run(&["workspace", "show"]).out, "eu\n");
    stack.run(&["workspace", "new", "us"]).fails().says("overridden using the TF_WORKSPACE");
    stack.run(&["workspace", "select", "default"]).fails().says("overridden using the TF_WORKSPACE");
    stack.apply().succeeds();
    assert!(stack.path("terraform.tfstate.d/eu/terraform.tfstate").exists(), "made by the first write");
    assert!(!stack.path(".terraform").exists());
    stack.run(&["workspace", "list"]).says("* eu").says("being overridden using the TF_WORKSPACE");
    let stack = stack.env("TF_WORKSPACE", "a/b");
    stack.run(&["workspace", "show"]).fails().says("Error: Invalid workspace name set using TF_WORKSPACE");
    stack.plan().fails().says("Error: Invalid workspace name set using TF_WORKSPACE");
    stack.run(&["output"]).fails().says("Error: Invalid workspace name set using TF_WORKSPACE");
}

#[test]
fn the_data_folder_can_be_elsewhere() {
    let stack = stack().file("main.tf", MAIN).env("TF_DATA_DIR", "data");
    stack.run(&["workspace", "new", "eu"]).succeeds();
    assert_eq!(stack.read("data/environment"), "eu");
    assert_eq!(stack.run(&["workspace", "show"]).out, "eu\n");
    stack.write("data/environment", "../../x");
    stack.run(&["workspace", "show"]).fails().says("Error: Error selecting workspace");
    stack.write("data/environment", " \n");
    assert_eq!(stack.run(&["workspace", "show"]).out, "default\n");
}

#[test]
fn the_backend_block_says_where() {
    let backend = "terraform {\n  backend \"local\" {\n    path          = \"sub/my.tfstate\"\n    workspace_dir = \"more\"\n  }\n}\n";
    let stack = stack().file("main.tf", MAIN).file("backend.tf", backend);
    stack.apply().succeeds();
    assert!(stack.read("sub/my.tfstate").contains("terraform_data"));
    assert_eq!(stack.run(&["state", "list"]).out, "terraform_data.a\n");
    assert_eq!(stack.run(&["output", "-raw", "o"]).out, "default");
    stack.run(&["workspace", "new", "eu"]).succeeds();
    stack.apply().succeeds();
    assert!(stack.path("more/eu/terraform.tfstate").exists());
    assert_eq!(stack.files(), [".terraform", "backend.tf", "main.tf", "more", "sub"]);
}

#[test]
fn a_wrong_backend_block() {
    let stack = stack().file("main.tf", MAIN);
    stack.write("backend.tf", "terraform {\n  backend \"local\" {\n    pathh = \"x\"\n  }\n}\n");
    assert_snapshot!(stack.plan().fails().text(), @r#"
    Error: Backend initialization required, please run "terraform init"
     --> backend.tf:3:5
      |
    3 |     pathh = "x"
      |     ^^^^^

      The backend block cannot be used. Unsupported argument: An argument named "pathh" is not expected
      here. Did you mean "path"? Nothing was read or changed.
    "#);
    stack.run(&["state", "pull"]).fails().says("Backend initialization required");
    stack.write("backend.tf", "terraform {\n  backend \"nope\" {}\n}\n");
    stack.plan().fails().says("Error: Invalid backend type");
    stack.write("backend.tf", "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n  }\n}\n");
    stack.plan().fails().says("Error: Backend initialization required").says("Missing Required Value");
    stack.run(&["state", "list"]).fails().says("The attribute \"key\" is required");
    assert_eq!(stack.files(), ["backend.tf", "main.tf"]);
}
