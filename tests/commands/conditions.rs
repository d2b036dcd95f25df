//! Preconditions, postconditions and checks: what is told, and what becomes of the values behind them.

use serde_json::{Value, json};

use crate::support::stack::{Stack, stack};

const REFUSED: &str = r#"
variable "v" {
  default = "ok"
}

resource "terraform_data" "a" {
  input = var.v
  lifecycle {
    postcondition {
      condition     = self.output != "bad"
      error_message = "never bad"
    }
  }
}

locals {
  said = "is ${terraform_data.a.output}"
}

output "said" {
  value = local.said
}

output "input" {
  value = terraform_data.a.input
}

check "after" {
  assert {
    condition     = terraform_data.a.input != "bad"
    error_message = "bad after all"
  }
}
"#;

fn outputs(stack: &Stack) -> Value {
    let all: Value = serde_json::from_str(&stack.run(&["output", "-json"]).succeeds().out).unwrap();
    all.as_object().unwrap().iter().map(|(name, one)| (name.clone(), one["value"].clone())).collect()
}

fn checks(stack: &Stack) -> Vec<Value> {
    let shown: Value = serde_json::from_str(&stack.run(&["show", "-json"]).succeeds().out).unwrap();
    shown["checks"].as_array().unwrap().clone()
}

#[test]
fn outputs_do_not_take_a_value_that_a_postcondition_refuses() {
    let stack = stack().file("main.tf", REFUSED);
    stack.run(&["apply", "-auto-approve", "-var", "v=bad"]).fails().says("never bad");
    // What the plan knew it promised.
    assert_eq!(outputs(&stack), json!({"input": "bad"}));
    let all = checks(&stack);
    let status = |name: &str| all.iter().find(|one| one["address"]["name"] == name).unwrap()["status"].clone();
    assert_eq!((status("after"), status("a")), (json!("unknown"), json!("fail")));

    stack.apply().succeeds();
    assert_eq!(outputs(&stack), json!({"input": "ok", "said": "is ok"}));
    stack.run(&["apply", "-auto-approve", "-var", "v=bad"]).fails();
    assert_eq!(outputs(&stack), json!({"input": "bad", "said": "is ok"}));
    let state = stack.state();
    let object = &state["resources"][0]["instances"][0]["attributes"];
    assert_eq!(object["output"]["value"], "bad", "the object is what it is: {object}");
}

#[test]
fn a_data_source_that_is_refused_while_applying() {
    let files = r#"
variable "v" {
  default = "ok"
}

resource "local_file" "a" {
  filename = "${path.module}/a.txt"
  content  = var.v
}

data "local_file" "seen" {
  filename = local_file.a.filename
  depends_on = [local_file.a]
  lifecycle {
    postcondition {
      condition     = self.content != "bad"
      error_message = "never bad"
    }
  }
}

output "seen" {
  value = data.local_file.seen.content
}
"#;
    let stack = stack().file("main.tf", files);
    stack.apply().succeeds();
    stack.run(&["apply", "-auto-approve", "-var", "v=bad"]).fails().says("never bad");
    assert_eq!(outputs(&stack), json!({"seen": "ok"}));
}

const REFRESHED: &str = r#"
variable "v" {
  default = "ok"
}

variable "w" {
  default = "ok"
}

resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition     = var.v != "bad"
      error_message = "wrong before"
    }
    postcondition {
      condition     = var.v != "bad" && self.id != ""
      error_message = "wrong after"
    }
  }
}

output "v" {
  value = var.v
}

output "w" {
  value = var.w
  precondition {
    condition     = var.w != "bad"
    error_message = "wrong output"
  }
}
"#;

#[test]
fn conditions_only_warn_where_nothing_is_planned() {
    let stack = stack().file("main.tf", REFRESHED);
    stack.apply().succeeds();
    let plan = stack.run(&["plan", "-refresh-only", "-var", "v=bad", "-var", "w=bad", "-out=p"]).succeeds();
    let plan = plan.says("Warning: Resource precondition failed").says("wrong before").says("wrong after");
    plan.says("Warning: Module output value precondition failed").says("wrong output").never_says("Error");
    stack.run(&["plan", "-var", "v=bad"]).fails().says("Error: Resource precondition failed");

    let flags = ["apply", "-auto-approve", "-refresh-only", "-var"];
    let apply = |more: &[&str]| stack.run(&[&flags[..], more].concat());
    apply(&["v=bad"]).succeeds().says("Warning: Resource postcondition failed");
    assert_eq!(outputs(&stack), json!({"v": "bad", "w": "ok"}));
    // That of an output is an error of the apply; what was found is remembered all the same.
    apply(&["v=new", "-var", "w=bad"]).fails().says("Error: Module output value precondition failed");
    assert_eq!(outputs(&stack), json!({"v": "new", "w": "bad"}));
    // One that cannot be evaluated is no warning.
    stack.write("main.tf", REFRESHED.replace("var.v != \"bad\" && self.id != \"\"", "tobool(var.v)"));
    stack.run(&["plan", "-refresh-only"]).fails().says("Error: ").never_says("wrong after");
}

#[test]
fn where_a_condition_of_a_module_stands() {
    let module = r#"
variable "v" {
  validation {
    condition     = var.v != "q"
    error_message = "no"
  }
}

output "z" {
  value = var.v
  precondition {
    condition     = var.v != "q"
    error_message = "no"
  }
}

check "k" {
  assert {
    condition     = var.v != "q"
    error_message = "no"
  }
}
"#;
    let main = "module \"m\" {\n  source   = \"./m\"\n  for_each = toset([\"a.b\"])\n  v        = \"v\"\n}\nresource \"terraform_data\" \"a\" {}\n";
    let stack = stack().file("main.tf", main).file("m/main.tf", module);
    stack.apply().succeeds();
    let all = checks(&stack);
    for name in ["z", "v", "k"] {
        let one = all.iter().find(|one| one["address"]["name"] == name).unwrap();
        assert_eq!(one["address"]["module"], "module.m");
        let instance = &one["instances"][0]["address"];
        assert_eq!(instance["module"], "module.m[\"a.b\"]");
        assert!(instance["to_display"].as_str().unwrap().ends_with(&format!(".{name}")), "{instance}");
    }
}

/// Two instances of a module, and in each resources that go over those of another.
fn chained(input: &str, more: &str) -> Stack {
    let main = "module \"m\" {\n  source   = \"./m\"\n  for_each = { x = [\"a\", \"b\"], y = [\"c\"] }\n  names    = toset(each.value)\n}\n";
    let module = "variable \"names\" {\n  type = set(string)\n}\nresource \"terraform_data\" \"r\" {\n  for_each = var.names\n  input    = each.key\n}\n";
    let user = format!(
        "resource \"terraform_data\" \"p\" {{\n  for_each = terraform_data.r\n  input    = {input}\n{more}}}\n"
    );
    stack().file("main.tf", main).file("m/main.tf", format!("{module}{user}"))
}

#[test]
fn what_goes_over_resources_is_known_in_every_module_instance() {
    let stack = chained("each.value.id", "");
    stack.run(&["apply", "-auto-approve", "-parallelism=1"]).succeeds().says("Resources: 6 added");
    stack.assert_nothing_to_do();
    let refused = "  lifecycle {\n    postcondition {\n      condition     = each.value.output != \"NAME\"\n      error_message = \"not this one\"\n    }\n  }\n";
    for name in ["a", "c"] {
        let stack = chained("each.key", &refused.replace("NAME", name));
        stack.run(&["apply", "-auto-approve"]).fails().says("not this one");
    }
}
