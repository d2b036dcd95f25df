//! `glaz console` with its expressions piped in.

use crate::support::stack::{Output, Stack, stack};

const STACK: &str = r#"
variable "a" { default = 1 }
variable "region" { type = string }
variable "password" {
  default   = "hush"
  sensitive = true
}
locals { name = "x-${var.region}" }
resource "terraform_data" "one" { input = { a = var.a } }
resource "terraform_data" "pair" {
  count = 2
  input = count.index
}
resource "terraform_data" "each" {
  for_each = toset(["x"])
  input    = each.key
}
module "m" {
  source = "./m"
  a      = var.a
}
"#;
const MODULE: &str = r#"
variable "a" {}
resource "terraform_data" "in" { input = var.a }
output "text" { value = "m-${var.a}" }
output "made" { value = terraform_data.in.output }
"#;

fn example() -> Stack {
    stack().file("main.tf", STACK).file("m/m.tf", MODULE)
}

/// Pipes the text into the console.
fn console(stack: &Stack, flags: &str, input: &str) -> Output {
    stack.write("in.txt", input);
    stack.start_shell(&format!("\"$glaz\" console {flags} <in.txt")).wait()
}

#[track_caller]
fn prints(stack: &Stack, flags: &str, input: &str, expected: &str) {
    let output = console(stack, flags, input).succeeds();
    assert_eq!(output.out, format!("{expected}\n"), "{input}\n{}", output.err);
}

#[test]
fn the_last_result_of_lines() {
    let stack = stack();
    for (input, expected) in [
        ("1 + 1", "2"),
        ("1\n2\n\"x\"", "\"x\""),
        ("1\n\n", ""),
        ("", ""),
        ("upper(\"a\")\r\n", "\"A\""),
        ("[1, true, null]", "[\n  1,\n  true,\n  null,\n]"),
        ("{ a = \"x\\ny\" }", "{\n  \"a\" = <<-EOT\n  x\n  y\n  EOT\n}"),
        ("type([1, {b = \"\"}])", "tuple([\n    number,\n    object({\n        b: string,\n    }),\n])"),
        ("(type(null))", "dynamic"),
        ("  path.module  ", "\".\""),
    ] {
        prints(&stack, "", input, expected);
    }
    assert_eq!(console(&stack, "", "1\nexit\n2").succeeds().out, "");
    console(&stack, "", "help").succeeds().says("type exit");
    assert!(stack.files().iter().all(|name| name == "in.txt"), "the console writes nothing");
}

#[test]
fn the_first_error_ends_it() {
    let stack = example();
    for (input, summary) in [
        ("1 +", "Missing expression"),
        ("local.nope", "Reference to undeclared local value"),
        ("var.b", "Reference to undeclared input variable"),
        ("terraform_data", "Invalid reference"),
        ("terraform_data.none", "Reference to undeclared resource"),
        ("terraform_data.pair.input", "Missing resource instance key"),
        ("module.n", "Reference to undeclared module"),
        ("nope()", "Call to unknown function"),
        ("[type(1)]", "Invalid use of type function"),
        ("type()", "Not enough function arguments"),
        ("each.key", "Reference to \"each\" in context without for_each"),
    ] {
        let output = console(&stack, "", &format!("1\n{input}\n2")).fails().says(summary).says("<console-input>:1:");
        assert_eq!(output.out, "", "nothing of {input} is printed");
    }
}

#[test]
fn values_of_the_state() {
    let stack = example();
    prints(&stack, "", "terraform_data.one", "(known after apply)");
    prints(&stack, "", "module.m", "{\n  \"made\" = (known after apply)\n  \"text\" = \"m-1\"\n}");
    stack.run(&["apply", "-auto-approve", "-var=region=eu"]).succeeds();
    prints(&stack, "", "terraform_data.one.output", "{\n  \"a\" = 1\n}");
    prints(&stack, "", "terraform_data.pair[*].output", "[\n  0,\n  1,\n]");
    prints(&stack, "", "terraform_data.each[\"x\"].input", "\"x\"");
    prints(&stack, "", "module.m.made", "1");
    prints(&stack, "", "type(terraform_data.one.input)", "object({\n    a: number,\n})");
    console(&stack, "", "terraform_data.pair[2]").fails().says("Invalid index");
    // What the files want now does not matter without -plan.
    prints(&stack, "-var a=7", "terraform_data.one.input", "{\n  \"a\" = 1\n}");
    prints(&stack, "-plan -var a=7", "terraform_data.one.input.a", "\"7\"");
    prints(&stack, "-plan -var a=7", "terraform_data.one.output", "(known after apply)");
    stack.write("main.tf", STACK.replace("count = 2", "count = 3"));
    prints(&stack, "", "length(terraform_data.pair)", "2");
    prints(&stack, "-plan -var region=eu", "length(terraform_data.pair)", "3");
    std::fs::rename(stack.path("terraform.tfstate"), stack.path("other.tfstate")).unwrap();
    prints(&stack, "-state=other.tfstate", "terraform_data.pair[1].output", "1");
}

#[test]
fn values_of_variables() {
    let stack = example();
    prints(&stack, "", "local.name", "(known after apply)");
    prints(&stack, "-var region=eu", "local.name", "\"x-eu\"");
    stack.write("v.tfvars", "region = \"us\"\n");
    prints(&stack, "-var-file=v.tfvars", "local.name", "\"x-us\"");
    prints(&stack, "", "[var.password]", "[\n  (sensitive value),\n]");
    prints(&stack, "", "nonsensitive(var.password)", "\"hush\"");
}

#[test]
fn a_mistake_in_the_stack_spoils_only_what_needs_it() {
    let stack = example().file("bad.tf", "locals {\n  bad = 1 + \"x\"\n  worse = local.bad\n}\n");
    let output = console(&stack, "", "var.a").succeeds().says("Invalid operand").says("not known here");
    assert_eq!(output.out, "1\n");
    assert_eq!(console(&stack, "", "local.worse").succeeds().out, "(known after apply)\n");
    stack.write("bad.tf", "locals {");
    assert_eq!(console(&stack, "", "1").fails().out, "");
}
