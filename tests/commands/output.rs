//! `glaz output`.

use insta::assert_snapshot;

use crate::support::stack::stack;

const MAIN: &str = "output \"text\" {\n  value = \"a\\nb\"\n}\noutput \"n\" {\n  value = 1.50\n}\noutput \"yes\" {\n  value = true\n}\noutput \"list\" {\n  value = [\"a\", 1]\n}\noutput \"secret\" {\n  value     = \"hush\"\n  sensitive = true\n}\noutput \"none\" {\n  value = null\n}\n";

#[test]
fn all_and_one() {
    let stack = stack().file("main.tf", MAIN);
    stack.apply().succeeds();
    assert_snapshot!(stack.run(&["output"]).succeeds().text(), @r#"
    list = [
      "a",
      1,
    ]
    n = 1.5
    secret = <sensitive>
    text = <<EOT
    a
    b
    EOT
    yes = true
    "#);
    assert_eq!(stack.run(&["output", "list"]).succeeds().out, "[\n  \"a\",\n  1,\n]\n");
    assert_eq!(stack.run(&["output", "secret"]).succeeds().out, "\"hush\"\n");
    assert_eq!(stack.run(&["output", "-raw", "text"]).succeeds().out, "a\nb");
    assert_eq!(stack.run(&["output", "-raw", "n"]).succeeds().out, "1.5");
    assert_eq!(stack.run(&["output", "-raw", "yes"]).succeeds().out, "true");
    assert_eq!(stack.run(&["output", "-json", "list"]).succeeds().out, "[\"a\",1]\n");
    stack.run(&["output", "-json"]).succeeds().says("\"hush\"").never_says("none");
}

#[test]
fn mistakes() {
    let stack = stack().file("main.tf", MAIN);
    stack.run(&["output"]).succeeds().says("Warning: No outputs found");
    stack.run(&["output", "text"]).succeeds().says("Warning: No outputs found");
    assert_eq!(stack.run(&["output", "-json"]).succeeds().out, "{}\n");
    stack.run(&["output", "-json", "text"]).fails().says("Error: Output \"text\" not found");
    stack.apply().succeeds();
    for name in ["nope", "none"] {
        stack.run(&["output", name]).fails().says(&format!("Error: Output \"{name}\" not found"));
    }
    stack.run(&["output", "texxt"]).fails().says("Did you mean \"text\"?");
    stack.run(&["output", "-raw", "list"]).fails().says("Error: Unsupported value for raw output");
    stack.run(&["output", "-raw"]).fails().says("Error: Output name required");
    stack.run(&["output", "text", "n"]).fails().says("Error: Unexpected argument");
    stack.run(&["output", "-raw", "-json", "n"]).fails().says("Error: Invalid output format");
}

/// What an output was is not lost because what it is cannot be told: others read it.
#[test]
fn one_that_fails_stays_what_it_was() {
    let module = r#"
variable "x" {}

output "o" {
  value = "v${var.x}"
  precondition {
    condition     = var.x < 2
    error_message = "too much"
  }
}
"#;
    let text = r#"
variable "v" {
  default = 1
}

resource "terraform_data" "x" {
  triggers_replace = var.v
  input            = var.v
}

output "index" {
  value = ["a", "b"][terraform_data.x.output]
}

output "other" {
  value = terraform_data.x.output
}

output "gone" {
  value = 1
}

module "m" {
  source = "./m"
  x      = terraform_data.x.output
}

output "module" {
  value = module.m.o
}
"#;
    let stack = stack().file("main.tf", text).file("m/main.tf", module);
    stack.apply().succeeds();
    stack.write("main.tf", text.replace("output \"gone\" {\n  value = 1\n}\n", ""));
    stack.run(&["apply", "-auto-approve", "-var", "v=2"]).fails().says("Invalid index").says("too much");
    let outputs = stack.state()["outputs"].clone();
    let outputs: Vec<(&String, &serde_json::Value)> =
        outputs.as_object().unwrap().iter().map(|(name, output)| (name, &output["value"])).collect();
    let outputs = serde_json::json!(outputs);
    assert_eq!(outputs, serde_json::json!([["index", "b"], ["module", "v1"], ["other", "2"]]));
}
