//! The data source `terraform_remote_state`.

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

const OTHER: &str = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": [], "outputs": {
  "plain": {"value": {"a": [1, "x"]}, "type": ["object", {"a": ["tuple", ["number", "string"]]}]},
  "secret": {"value": "hunter2", "type": "string", "sensitive": true}}}"#;

fn data(arguments: &str, rest: &str) -> Stack {
    let text = format!("data \"terraform_remote_state\" \"a\" {{\n  {arguments}\n}}\n{rest}");
    stack()
        .file("main.tf", text)
        .file("other/terraform.tfstate", OTHER)
        .file("other/dirs/dev/terraform.tfstate", OTHER.replace("\"x\"", "\"dev\""))
}

#[test]
fn outputs_of_another_stack() {
    let stack = data(
        "backend = \"local\"\n  config = { path = \"other/terraform.tfstate\" }\n  defaults = { plain = 1, more = 2 }",
        "output \"a\" {\n  value = data.terraform_remote_state.a.outputs.plain.a[1]\n}\n\
         output \"more\" {\n  value = data.terraform_remote_state.a.outputs.more\n}\n\
         output \"workspace\" {\n  value = data.terraform_remote_state.a.workspace\n}\n",
    );
    stack.apply().succeeds().never_says("hunter2");
    let outputs = stack.state()["outputs"].clone();
    assert_eq!(outputs["a"]["value"], "x");
    assert_eq!(outputs["more"]["value"], 2);
    assert_eq!(outputs.get("workspace").and_then(|one| one["value"].as_str()), None);
    stack.assert_nothing_to_do();
    stack.write("other/terraform.tfstate", OTHER.replace("\"x\"]", "\"y\"]"));
    stack.plan().ends_with(2).says("\"x\" -> \"y\"");
}

#[test]
fn a_workspace_of_another_stack() {
    let stack = data(
        "backend = \"local\"\n  workspace = \"dev\"\n  config = { workspace_dir = \"other/dirs\" }",
        "output \"a\" {\n  value = data.terraform_remote_state.a.outputs.plain.a[1]\n}\n",
    );
    stack.apply().succeeds();
    assert_eq!(stack.state()["outputs"]["a"]["value"], "dev");
}

/// As in Terraform: whoever reads another state decides anew what is secret.
#[test]
fn sensitive_outputs_come_without_their_mark() {
    let config = "backend = \"local\"\n  config = { path = \"other/terraform.tfstate\" }";
    let secret = "value = data.terraform_remote_state.a.outputs.secret";
    data(config, &format!("output \"a\" {{\n  {secret}\n}}\n")).apply().succeeds();
    let stack = data(config, &format!("output \"a\" {{\n  {secret}\n  sensitive = true\n}}\n"));
    stack.apply().succeeds().says("a = <sensitive>");
    assert_eq!(stack.state()["outputs"]["a"]["value"], "hunter2");
}

#[test]
fn wrong_arguments() {
    let text = |arguments: &str| data(arguments, "").plan().fails().text();
    assert_snapshot!(text("backend = \"nope\""), @r#"
    Error: Invalid backend configuration
     --> main.tf:2:13
      |
    1 | data "terraform_remote_state" "a" {
    2 |   backend = "nope"
      |             ^^^^^^

      There is no backend type named "nope".
    "#);
    assert_snapshot!(text("backend = \"local\"\n  config = { pathh = \"x\" }"), @r#"
    Error: Invalid backend configuration
     --> main.tf:3:12
      |
    1 | data "terraform_remote_state" "a" {
    2 |   backend = "local"
    3 |   config = { pathh = "x" }
      |            ^^^^^^^^^^^^^^^

      The given configuration is not valid for backend "local": unexpected attribute "pathh".
    "#);
    let says = |arguments: &str, summary: &str, detail: &str| {
        data(arguments, "").plan().fails().says(summary).says(detail);
    };
    says(
        "backend = \"gcs\"\n  config = {}",
        "Invalid backend configuration",
        "glaz cannot read states from the backend",
    );
    says("backend = \"s3\"", "Invalid backend configuration", "attribute \"bucket\" is required");
    says("backend = \"local\"\n  defaults = \"x\"", "Invalid default values", "as an object");
    says(
        "backend = \"local\"\n  config = { path = \"nothing\" }",
        "Unable to find remote state",
        "No stored state was found",
    );
    says("backend = \"local\"\n  config = { path = \"main.tf\" }", "Error loading state error", "main.tf");
}
