//! Plans in files: `plan -out`, `apply FILE`, `show FILE`.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::bucket::remote_with;
use crate::support::stack::{Stack, stack};

const FILES: &str = r#"
variable "size" {
  default = 1
}

variable "token" {
  default   = "none"
  sensitive = true
}

resource "terraform_data" "first" {
  input = var.size
}

resource "terraform_data" "second" {
  for_each = toset(["a"])
  input    = "${terraform_data.first.id} ${var.token}"
}

output "size" {
  value = terraform_data.first.output
}
"#;

fn planned(flags: &[&str]) -> Stack {
    let stack = stack().file("main.tf", FILES);
    let args: Vec<&str> = ["plan", "-out=p"].iter().chain(flags).copied().collect();
    stack.run(&args).succeeds().says("Saved the plan to: p");
    stack
}

#[test]
fn what_was_planned_is_applied_and_nothing_else() {
    let stack = planned(&["-var", "size=5", "-var", "token=hush"]);
    stack.write("main.tf", "resource \"terraform_data\" \"other\" {}");
    stack.write("terraform.tfvars", "size = 9");
    let show = stack.run(&["show", "p"]).succeeds().says("Plan: 2 to add, 0 to change, 0 to destroy.");
    show.never_says("hush");
    stack.run(&["apply", "p"]).succeeds().says("Resources: 2 added").says("size = \"5\"").never_says("hush");
    assert_eq!(stack.instances(), ["terraform_data.first", "terraform_data.second[\"a\"]"]);
    let mode = stack.path("p").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn it_can_be_applied_once() {
    let stack = planned(&[]);
    stack.run(&["apply", "p"]).succeeds();
    stack.run(&["apply", "p"]).fails().says("Error: Saved plan is stale");
    // A plan without changes leaves the state as it is.
    stack.run(&["plan", "-out=q"]).succeeds().says("No changes.");
    let before = stack.read("terraform.tfstate");
    stack.run(&["apply", "q"]).succeeds();
    stack.run(&["apply", "q"]).succeeds().says("0 added, 0 changed, 0 destroyed");
    assert_eq!(stack.read("terraform.tfstate"), before);
}

#[test]
fn the_state_must_be_the_one_it_was_planned_from() {
    let stack = planned(&[]);
    stack.apply().succeeds();
    stack.run(&["apply", "p"]).fails().says("Error: Saved plan is stale");

    stack.run(&["plan", "-out=p", "-var", "size=2"]).succeeds();
    let state = stack.read("terraform.tfstate");
    std::fs::remove_file(stack.path("terraform.tfstate")).unwrap();
    stack.run(&["apply", "p"]).fails().says("Error: Saved plan does not match the given state");
    assert!(!stack.files().iter().any(|name| name == "terraform.tfstate" && !stack.read(name).is_empty()));

    let lineage = serde_json::from_str::<serde_json::Value>(&state).unwrap()["lineage"].as_str().unwrap().to_owned();
    stack.write("terraform.tfstate", state.replace(&lineage, "11111111-2222-3333-4444-555555555555"));
    stack.run(&["apply", "p"]).fails().says("Error: Saved plan does not match the given state");

    stack.write("terraform.tfstate", state);
    stack.run(&["apply", "p"]).succeeds().says("0 added, 1 changed, 0 destroyed");
}

#[test]
fn its_variables_cannot_be_changed() {
    let stack = planned(&["-var", "size=5", "-var", "token=hush"]);
    let refused = stack.run(&["apply", "-var", "token=loud", "p"]).fails();
    refused.says("Error: Can't change variable when applying a saved plan").never_says("hush").never_says("loud");
    stack.run(&["apply", "-var", "none=1", "p"]).fails().says("Error: Value for undeclared variable");
    stack.write("x.tfvars", "size = 6");
    stack.write("terraform.tfvars", "other = 6");
    stack.run(&["apply", "-var-file=x.tfvars", "p"]).fails().says("x.tfvars:1");
    assert!(!stack.path("terraform.tfstate").exists() || stack.read("terraform.tfstate").is_empty());
    stack.run(&["apply", "-var", "size=5", "p"]).succeeds().says("Warning: Value for undeclared variable");
}

#[test]
fn ephemeral_values_are_given_again() {
    let files =
        "variable \"key\" {\n  ephemeral = true\n  type      = string\n}\nresource \"terraform_data\" \"a\" {}\n";
    let stack = stack().file("main.tf", files);
    stack.run(&["plan", "-out=p", "-var", "key=hush"]).succeeds();
    assert!(!String::from_utf8_lossy(&std::fs::read(stack.path("p")).unwrap()).contains("hush"));
    stack.run(&["apply", "p"]).fails().says("Error: No value for required variable");
    stack.run(&["apply", "-var", "key=hush", "p"]).succeeds();
}

#[test]
fn a_file_that_a_function_reads_and_that_was_changed_stops_it() {
    let stack = stack()
        .file("main.tf", "resource \"terraform_data\" \"a\" {\n  input = file(\"text\")\n}\n")
        .file("text", "one");
    stack.run(&["plan", "-out=p"]).succeeds();
    stack.write("text", "two");
    stack.run(&["apply", "p"]).fails().says("Error: The plan no longer holds").says("terraform_data.a");
    stack.write("text", "one");
    stack.run(&["apply", "p"]).succeeds();
}

#[test]
fn modules_are_part_of_it() {
    let stack = stack()
        .file("main.tf", "module \"m\" {\n  source = \"./m\"\n  name   = \"x\"\n}\n")
        .file("m/main.tf", "variable \"name\" {}\nresource \"terraform_data\" \"a\" {\n  input = var.name\n}\n");
    stack.run(&["plan", "-out=p"]).succeeds();
    std::fs::remove_dir_all(stack.path("m")).unwrap();
    stack.run(&["apply", "p"]).succeeds().says("module.m.terraform_data.a: Creation complete");
}

#[test]
fn what_is_no_plan() {
    let stack = planned(&[]);
    let whole = std::fs::read(stack.path("p")).unwrap();
    stack.write("p", &whole[..whole.len() / 2]);
    stack.run(&["apply", "p"]).fails().says("Error: Failed to load \"p\" as a plan file");
    stack.run(&["show", "p"]).fails();
    stack.run(&["apply", "none"]).fails().says("Error: Failed to load \"none\" as a plan file");
    stack.run(&["apply", "main.tf"]).fails().says("no plan that glaz saved");
    assert!(!stack.path("terraform.tfstate").exists());
}

#[test]
fn planning_flags_belong_to_plan() {
    let stack = planned(&[]);
    stack.run(&["apply", "-destroy", "p"]).fails().says("Error: Planning options with a saved plan");
    stack.run(&["apply", "-replace=terraform_data.first", "p"]).fails().says("-replace");
}

#[test]
fn deletion_is_saved_too() {
    let stack = planned(&[]);
    stack.run(&["apply", "p"]).succeeds();
    stack.run(&["plan", "-destroy", "-out=d"]).succeeds();
    stack.run(&["apply", "d"]).succeeds().says("Destroy complete! Resources: 2 destroyed.");
    assert!(stack.instances().is_empty());
}

#[test]
fn json_has_variables_as_they_were_given() {
    let text = "variable \"size\" { type = number }\nvariable \"list\" { type = list(number) }\n\
                variable \"shape\" { type = object({ a = optional(number, 4), b = string }) }\n\
                variable \"port\" {\n  type    = string\n  default = 80\n}\n";
    let stack = stack().file("main.tf", text).file("terraform.tfvars", "shape = { b = 5 }\n");
    stack.run(&["plan", "-out=p", "-var=size=5", "-var=list=[\"1\"]"]).succeeds();
    let plan: serde_json::Value = serde_json::from_str(&stack.run(&["show", "-json", "p"]).succeeds().out).unwrap();
    // Terraform 1.11 says the same of this.
    let expected = serde_json::json!({
        "size": { "value": "5" }, "list": { "value": ["1"] }, "shape": { "value": { "b": 5 } }, "port": { "value": "80" }
    });
    assert_eq!(plan["variables"], expected);
}

#[test]
fn json_is_what_terraform_documents() {
    let stack = planned(&["-var", "token=hush"]);
    let shown = stack.run(&["show", "-json", "p"]).succeeds();
    let plan: serde_json::Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(plan["format_version"], "1.2");
    assert_eq!((&plan["applyable"], &plan["complete"], &plan["errored"]), (&true.into(), &true.into(), &false.into()));
    assert_eq!(plan["variables"]["size"]["value"], 1);
    let change = &plan["resource_changes"][1];
    assert_eq!(change["address"], "terraform_data.second[\"a\"]");
    assert_eq!(change["index"], "a");
    assert_eq!(change["change"]["actions"], serde_json::json!(["create"]));
    assert_eq!(change["change"]["after_unknown"]["id"], true);
    assert_eq!(change["change"]["before"], serde_json::Value::Null);
    assert_eq!(change["change"]["after_sensitive"]["input"], true);
    assert_eq!(plan["output_changes"]["size"]["after_unknown"], true);
    assert_eq!(plan["planned_values"]["root_module"]["resources"][0]["values"]["input"], 1);
    assert_eq!(plan["timestamp"], "2026-01-01T00:00:00Z");
}

const MODULE: &str = r#"
variable "v" {}

resource "terraform_data" "c" {
  for_each = toset(["k1", "k2"])
  input    = var.v
}

output "ids" {
  value = [for c in terraform_data.c : c.id]
}
"#;
const BEFORE: &str = r#"
resource "terraform_data" "a" {
  input            = 1
  triggers_replace = ["t1"]
}

resource "terraform_data" "b" {
  count = 2
  input = terraform_data.a.output
}

module "m" {
  source = "./m"
  v      = terraform_data.b[0].id
}

output "o" {
  value = terraform_data.a.id
}

output "sec" {
  value     = "s3cret"
  sensitive = true
}

check "c" {
  assert {
    condition     = terraform_data.a.id != ""
    error_message = "no"
  }
}
"#;
const AFTER: &str = r#"
resource "terraform_data" "a" {
  input            = 2
  triggers_replace = ["t2"]
}

resource "terraform_data" "bb" {
  count = 1
  input = terraform_data.a.output
}

moved {
  from = terraform_data.b
  to   = terraform_data.bb
}

import {
  to = terraform_data.imp
  id = "theid"
}

resource "terraform_data" "imp" {
  input = "x"
}

output "o" {
  value = terraform_data.a.id
}

output "lit" {
  value = "l"
}
"#;

/// As Terraform 1.11.4 tells it of the same stack.
#[test]
fn json_tells_what_a_plan_starts_from_and_what_it_may_be_due_to() {
    let stack = stack().file("main.tf", BEFORE).file("m/main.tf", MODULE);
    let shown = || -> serde_json::Value {
        stack.run(&["plan", "-out=p"]).succeeds();
        serde_json::from_str(&stack.run(&["show", "-json", "p"]).succeeds().out).unwrap()
    };
    let from = |resource: &str, path: &[&str]| serde_json::json!({"resource": resource, "attribute": path});
    let plan = shown();
    let relevant = [
        from("terraform_data.a", &["id"]),
        from("terraform_data.a", &["output"]),
        from("terraform_data.b[0]", &["id"]),
        from("module.m.terraform_data.c", &[]),
    ];
    assert_eq!(plan["relevant_attributes"], serde_json::json!(relevant));
    let outputs = serde_json::json!({"sec": {"sensitive": true, "value": "s3cret", "type": "string"}});
    assert_eq!(plan["prior_state"]["values"], serde_json::json!({"outputs": outputs, "root_module": {}}));
    stack.run(&["apply", "p"]).succeeds();
    stack.write("main.tf", AFTER);
    let plan = shown();
    assert_eq!(plan["relevant_attributes"], serde_json::json!(relevant[..2]));
    let prior = &plan["prior_state"];
    let names: Vec<&str> = prior["values"]["root_module"]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["address"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["terraform_data.a", "terraform_data.bb[0]", "terraform_data.bb[1]", "terraform_data.imp"]);
    assert_eq!(prior["values"]["outputs"]["lit"]["value"], "l");
    assert!(prior.get("checks").is_none(), "{prior}");
}

#[test]
fn lines_of_json_tell_a_run() {
    let kinds = |out: &str| -> Vec<String> {
        let lines = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.map(|line| line["type"].as_str().unwrap().to_owned()).collect()
    };
    let stack = planned(&[]);
    let plan = stack.run(&["plan", "-json", "-var", "token=hush"]).succeeds().never_says("hush");
    let planned = ["version", "planned_change", "planned_change", "change_summary", "outputs"];
    assert_eq!(kinds(&plan.out), planned);
    stack.run(&["apply", "-json"]).fails().says("Plan file or auto-approve required");
    let apply = stack.run(&["apply", "-json", "p"]).succeeds();
    let applied = "version planned_change planned_change apply_start apply_complete apply_start apply_complete change_summary outputs";
    assert_eq!(kinds(&apply.out).join(" "), applied);
    assert_eq!(apply.err, "");
    let failed = stack.run(&["apply", "-json", "p"]).fails();
    assert_eq!(kinds(&failed.out), ["version", "diagnostic"]);
    failed.says("Saved plan is stale");
}

#[test]
fn after_a_plan_that_failed_no_older_one_is_applied() {
    let files = r#"
variable "v" {
  default = "one"
}

resource "terraform_data" "a" {
  input = var.v
  lifecycle {
    precondition {
      condition     = var.v != "two"
      error_message = "never two"
    }
  }
}
"#;
    let stack = stack().file("main.tf", files);
    stack.run(&["plan", "-out=p"]).succeeds();
    stack.run(&["plan", "-out=p", "-var", "v=two"]).fails().says("never two");
    stack.run(&["apply", "p"]).fails().says("Failed to load \"p\" as a plan file");
    assert!(!stack.path("p").exists() && !stack.path("terraform.tfstate").exists());

    // An encrypted one goes too; what is no plan stays.
    let secret = "terraform {\n  encryption {\n    key_provider \"pbkdf2\" \"k\" {\n      passphrase = \"a passphrase of some length\"\n      iterations = 200000\n    }\n    method \"aes_gcm\" \"m\" {\n      keys = key_provider.pbkdf2.k\n    }\n    plan {\n      method = method.aes_gcm.m\n    }\n  }\n}\n";
    stack.write("secret.tf", secret);
    stack.run(&["plan", "-out=p"]).succeeds();
    assert!(stack.read("p").contains("encrypted_data"));
    stack.run(&["plan", "-out=p", "-var", "v=two"]).fails();
    assert!(!stack.path("p").exists());
    stack.run(&["plan", "-out=main.tf", "-var", "v=two"]).fails().says("never two");
    assert_eq!(stack.read("main.tf"), files);
}

#[test]
fn it_is_about_the_workspace_it_was_made_in() {
    let stack = planned(&[]);
    stack.run(&["workspace", "new", "other"]).succeeds();
    let refused = stack.run(&["apply", "p"]).fails().says("Error: Saved plan is for another workspace");
    refused.says("glaz workspace select default");
    assert!(
        !stack.path("terraform.tfstate").exists()
            && !stack.path("terraform.tfstate.d/other/terraform.tfstate").exists()
    );
    stack.run(&["show", "p"]).succeeds().says("Plan: 2 to add");
    stack.run(&["workspace", "select", "default"]).succeeds();
    stack.run(&["apply", "p"]).succeeds().says("Resources: 2 added");
}

fn resource(name: &str) -> String {
    format!("resource \"terraform_data\" \"{name}\" {{}}\n")
}

/// Where there is no state yet, the folder and its files say which stack it is.
#[test]
fn a_first_plan_is_for_the_stack_it_was_made_for() {
    let stack = stack().file("a/main.tf", resource("a")).file("a/n.tf", "").file("b/main.tf", resource("b"));
    stack.run(&["-chdir=a", "plan", "-out=p"]).succeeds();
    let refused = stack.run(&["-chdir=b", "apply", "../a/p"]).fails();
    let refused = refused.says("Error: Saved plan is for another stack").says("Its files are main.tf,");
    refused.says("not the same here: main.tf, n.tf").says("-chdir=DIR");
    // Nobody knows whether an empty folder is the one: the state would be made in it.
    stack.run(&["apply", "a/p"]).fails().says("no configuration files are here");
    stack.write("c/main.tf", resource("a"));
    stack.write("c/n.tf", "");
    stack.write("c/more.tf", resource("more"));
    stack.run(&["-chdir=c", "apply", "../a/p"]).fails().says("here are more than these");
    for folder in ["", "b/", "c/"] {
        let state = stack.path(&format!("{folder}terraform.tfstate"));
        assert!(!state.exists() || std::fs::read(&state).unwrap().is_empty(), "{}", state.display());
    }
    // The same files elsewhere: a pipeline that applies in another place.
    std::fs::remove_file(stack.path("c/more.tf")).unwrap();
    stack.run(&["-chdir=c", "apply", "../a/p"]).succeeds().says("1 added");
    // Other files in the same folder, by whichever name.
    stack.write("a/main.tf", resource("other"));
    std::os::unix::fs::symlink("a", stack.path("link")).unwrap();
    stack.run(&["-chdir=link", "apply", "p"]).succeeds().says("terraform_data.a: Creation complete");
}

#[test]
fn a_first_plan_names_its_folder_when_that_is_another_one() {
    let stack = stack().file("a/main.tf", resource("a"));
    stack.run(&["plan", "-out=p", "a"]).succeeds();
    stack.write("a/main.tf", resource("b"));
    stack.run(&["apply", "p"]).succeeds().says("terraform_data.a: Creation complete");
    assert!(stack.path("a/terraform.tfstate").exists());
}

#[test]
fn a_first_plan_goes_without_files_where_its_backend_says_the_state() {
    let stack = remote_with(&resource("a"), "use_lockfile = true");
    stack.run(&["plan", "-out=p"]).succeeds();
    stack.write("alone/p", std::fs::read(stack.path("p")).unwrap());
    stack.write("other/main.tf", resource("b"));
    stack.run(&["-chdir=other", "apply", "../p"]).fails().says("Error: Saved plan is for another stack");
    stack.run(&["-chdir=alone", "apply", "p"]).succeeds().says("1 added");
    assert!(!stack.path("alone/terraform.tfstate").exists());
    stack.assert_nothing_to_do();
}
