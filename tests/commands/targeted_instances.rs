//! Plans about some instances of a block: what expressions see of the others, and how far a deletion goes.

use serde_json::{Value as Json, json};

use crate::support::stack::{Stack, stack};

const COUNTED: &str = r#"
variable "v" {
  default = 1
}

variable "n" {
  default = 2
}

resource "terraform_data" "x" {
  count = var.n
  input = "${var.v}-${count.index}"
}

resource "terraform_data" "y" {
  input = terraform_data.x[*].id
}

output "first" {
  value = terraform_data.x[0].id
}

output "x" {
  value = terraform_data.x[*].input
}

output "length" {
  value = length(terraform_data.x)

  precondition {
    condition     = length(terraform_data.x) < 4
    error_message = "There are too many."
  }
}
"#;

const KEYED: &str = r#"
variable "v" {
  default = 1
}

variable "keys" {
  type    = list(string)
  default = ["a", "b"]
}

resource "terraform_data" "x" {
  for_each = toset(var.keys)
  input    = sensitive("${var.v}-${each.key}")
}

output "a" {
  value = terraform_data.x["a"].id
}

output "all" {
  value     = { for key, one in terraform_data.x : key => one.input }
  sensitive = true
}
"#;

const MODULES: &str = r#"
variable "v" {
  default = 1
}

module "app" {
  source   = "./m"
  for_each = toset(["blue", "green"])
  v        = var.v
}

output "apps" {
  value = { for key, app in module.app : key => app.inputs }
}
"#;

const MODULE: &str = r#"
variable "v" {}

resource "terraform_data" "svc" {}

resource "terraform_data" "leaf" {
  count            = 2
  input            = "${var.v}-${count.index}"
  triggers_replace = terraform_data.svc.id
}

module "sub" {
  source = "./sub"
  count  = 2
  svc    = terraform_data.svc.id
}

output "inputs" {
  value = terraform_data.leaf[*].input
}
"#;

const SUB: &str = "variable \"svc\" {}\n\nresource \"terraform_data\" \"end\" {\n  input = var.svc\n}\n";

fn modules() -> Stack {
    stack().file("main.tf", MODULES).file("m/main.tf", MODULE).file("m/sub/main.tf", SUB)
}

/// The value of an output, as state has it.
fn output(stack: &Stack, name: &str) -> Json {
    stack.state()["outputs"][name]["value"].clone()
}

fn apply(stack: &Stack, flags: &[&str]) {
    stack.run(&[&["apply", "-auto-approve"], flags].concat()).succeeds();
}

/// The [`instances`] that are left after a deletion with these flags.
fn left(stack: &Stack, flags: &[&str]) -> (Vec<String>, usize) {
    stack.run(&[&["destroy", "-auto-approve"], flags].concat()).succeeds();
    instances(stack)
}

/// The instances that state has, without what is in `module.sub`, and how many are in that.
fn instances(stack: &Stack) -> (Vec<String>, usize) {
    let list = stack.run(&["state", "list"]).succeeds().out;
    let all = list.lines().filter(|line| line.contains("terraform_data")).map(str::to_owned);
    let (inner, own): (Vec<String>, _) = all.partition(|one| one.contains("module.sub"));
    (own, inner.len())
}

fn of(app: &str) -> Vec<String> {
    ["leaf[0]", "leaf[1]", "svc"].map(|name| format!("module.app[\"{app}\"].terraform_data.{name}")).to_vec()
}

#[test]
fn expressions_see_the_instances_that_are_not_targeted() {
    let stack = stack().file("main.tf", COUNTED);
    stack.apply().succeeds();
    let before = stack.state();
    let nothing = stack.run(&["plan", "-detailed-exitcode", "-target=terraform_data.x[1]"]).succeeds();
    nothing.says("No changes.");
    apply(&stack, &["-var=v=2", "-target=terraform_data.x[1]", "-target=terraform_data.y"]);
    assert_eq!(stack.state()["resources"][1], before["resources"][1]);
    assert_eq!(stack.state()["outputs"]["first"], before["outputs"]["first"]);
    assert_eq!(output(&stack, "x"), json!(["1-0", "2-1"]));
    apply(&stack, &["-var=v=3", "-target=terraform_data.x[0]"]);
    assert_eq!(output(&stack, "x"), json!(["3-0", "2-1"]));
    stack.run(&["plan", "-refresh-only", "-detailed-exitcode", "-target=terraform_data.x[1]"]).succeeds();
}

#[test]
fn instances_that_are_not_made_and_those_that_are_wanted_no_more() {
    let stack = stack().file("main.tf", COUNTED);
    apply(&stack, &["-target=terraform_data.x[1]"]);
    assert_eq!((output(&stack, "x"), output(&stack, "first")), (json!([null, "1-1"]), Json::Null));
    // What is not there yet is nothing to make others from.
    stack
        .run(&["apply", "-auto-approve", "-target=terraform_data.x[1]", "-target=terraform_data.y"])
        .fails()
        .says("Name that object too");
    apply(&stack, &["-var=n=3"]);
    apply(&stack, &["-var=n=1", "-var=v=2", "-target=terraform_data.x[0]"]);
    assert_eq!((output(&stack, "x"), output(&stack, "length")), (json!(["2-0", "1-1", "1-2"]), json!(3)));
    apply(&stack, &["-var=n=1", "-target=terraform_data.x[2]"]);
    assert_eq!(output(&stack, "x"), json!(["2-0", "1-1"]));
    stack.run(&["plan", "-var=n=5", "-target=terraform_data.x[4]"]).fails().says("There are too many.");
    // Nor does one that is gone give its place to the next.
    stack.run(&["state", "rm", "terraform_data.x[0]"]).succeeds();
    apply(&stack, &["-refresh-only"]);
    assert_eq!(output(&stack, "x"), json!([null, "1-1"]));
}

#[test]
fn instances_with_keys() {
    let stack = stack().file("main.tf", KEYED);
    stack.run(&["apply", "-auto-approve", "-target=terraform_data.x[\"b\"]"]).fails().says("Error: Invalid index");
    stack.apply().succeeds();
    let a = output(&stack, "a");
    let flags = ["-var=v=2", "-var=keys=[\"a\", \"b\", \"c\"]", "-target=terraform_data.x[\"b\"]"];
    let planned = stack.run(&[&["plan", "-out=p"], &flags[..]].concat()).succeeds();
    planned.says("1 to change").never_says("1-a").never_says("2-b");
    stack.run(&["apply", "p"]).succeeds().never_says("1-a");
    assert_eq!((output(&stack, "a"), output(&stack, "all")), (a.clone(), json!({"a": "1-a", "b": "2-b"})));
    apply(&stack, &["-refresh-only", "-target=terraform_data.x[\"b\"]"]);
    apply(&stack, &["-var=keys=[\"b\"]", "-var=v=3", "-target=terraform_data.x[\"b\"]"]);
    assert_eq!((output(&stack, "a"), output(&stack, "all")), (a, json!({"a": "1-a", "b": "3-b"})));
}

#[test]
fn a_target_inside_a_module_instance() {
    let stack = modules();
    stack.apply().succeeds();
    apply(&stack, &["-var=v=2", "-target=module.app[\"green\"].terraform_data.leaf[1]"]);
    // What else the module holds is not targeted, and so is no output of it.
    assert_eq!(output(&stack, "apps"), json!({"blue": ["1-0", "1-1"], "green": ["1-0", "1-1"]}));
    apply(&stack, &["-var=v=3", "-target=module.app[\"blue\"]"]);
    assert_eq!(output(&stack, "apps"), json!({"blue": ["3-0", "3-1"], "green": ["1-0", "2-1"]}));
}

#[test]
fn a_deletion_stays_in_its_module_instance() {
    for target in ["-target=module.app[\"green\"]", "-target=module.app[\"green\"].terraform_data.svc"] {
        let stack = modules();
        stack.apply().succeeds();
        assert_eq!(left(&stack, &[target]), (of("blue"), 2), "{target}");
    }
    let stack = modules();
    stack.apply().succeeds();
    assert_eq!(left(&stack, &["-exclude=module.app[\"blue\"]"]), (of("blue"), 2));
    assert_eq!(left(&stack, &["-exclude=module.app[\"blue\"].module.sub[1]"]), (vec![of("blue")[2].clone()], 1));
}

#[test]
fn a_deletion_of_instances_goes_through_objects_outside() {
    let files = MODULES.replace("var.v\n", "terraform_data.root.id\n")
        + "\nresource \"terraform_data\" \"root\" {\n  input = module.one[\"x\"].id\n}\n\nmodule \"one\" {\n  source = \"./one\"\n  for_each = toset([\"x\", \"y\"])\n}\n";
    let one = "resource \"terraform_data\" \"svc\" {}\n\noutput \"id\" {\n  value = terraform_data.svc.id\n}\n";
    let stack =
        stack().file("main.tf", files).file("m/main.tf", MODULE).file("m/sub/main.tf", SUB).file("one/main.tf", one);
    stack.apply().succeeds();
    // State remembers of the root object only that it needs the module, and not which instance.
    let svc = |key: &str| format!("module.{key}.terraform_data.svc");
    let stay = (vec![svc("app[\"blue\"]"), svc("app[\"green\"]"), svc("one[\"x\"]")], 4);
    assert_eq!(left(&stack, &["-target=module.one[\"y\"]"]), stay);
}

#[test]
fn a_deletion_is_evaluated_with_what_it_is_not_about() {
    let stack = stack().file(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n\nresource \"terraform_data\" \"b\" {\n  count = terraform_data.a.output\n}\n",
    );
    stack.run(&["apply", "-auto-approve", "-target=terraform_data.a"]).succeeds();
    stack.apply().succeeds();
    stack.run(&["destroy", "-auto-approve", "-target=terraform_data.b[0]"]).succeeds().says("1 destroyed");
    assert_eq!(stack.instances(), ["terraform_data.a"]);
}

#[test]
fn excluding_a_module_instance_leaves_the_others_whole() {
    let stack = modules();
    apply(&stack, &["-exclude=module.app[\"blue\"]"]);
    assert_eq!(instances(&stack), (of("green"), 2));
    stack.apply().succeeds().says("5 added, 0 changed, 0 destroyed");
    apply(&stack, &["-var=v=2", "-exclude=module.app[\"green\"]"]);
    // What needs the module as a whole is excluded too.
    assert_eq!(output(&stack, "apps"), json!({"blue": ["1-0", "1-1"], "green": ["1-0", "1-1"]}));
    apply(&stack, &["-var=v=2"]);
    assert_eq!(output(&stack, "apps"), json!({"blue": ["2-0", "2-1"], "green": ["2-0", "2-1"]}));
}

#[test]
fn checks_that_are_not_looked_at_are_remembered_as_such() {
    let stack = stack().file("main.tf", COUNTED);
    let statuses = || {
        let state = stack.state();
        let checks = state["check_results"].as_array().cloned().unwrap_or_default();
        let status =
            |one: &Json| format!("{} {}", one["config_addr"].as_str().unwrap(), one["status"].as_str().unwrap());
        (checks.iter().map(status).collect::<Vec<_>>(), checks[0]["objects"].clone())
    };
    stack.apply().succeeds();
    let passed = json!([{"object_addr": "output.length", "status": "pass"}]);
    assert_eq!(statuses(), (vec!["output.length pass".to_owned()], passed.clone()));
    stack.write("more.tf", "resource \"terraform_data\" \"other\" {}\n");
    apply(&stack, &["-target=terraform_data.other"]);
    assert_eq!(statuses(), (vec!["output.length unknown".to_owned()], Json::Null));
    apply(&stack, &["-target=terraform_data.x"]);
    assert_eq!(statuses(), (vec!["output.length pass".to_owned()], passed));
    stack.run(&["destroy", "-auto-approve", "-target=terraform_data.other"]).succeeds();
    assert_eq!(statuses(), (vec!["output.length unknown".to_owned()], Json::Null));
}
