//! Preconditions, postconditions and checks: what is told, and what becomes of the values behind them.

use serde_json::{Value, json};

use crate::support::stack::{Stack, stack};

fn outputs(stack: &Stack) -> Value {
    let all: Value = serde_json::from_str(&stack.run(&["output", "-json"]).succeeds().out).unwrap();
    all.as_object().unwrap().iter().map(|(name, one)| (name.clone(), one["value"].clone())).collect()
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
