//! Mistakes in stack files: each is found in the plan, points into the file, and says what is wrong and what to do.

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

/// What a plan of this file says. It must fail, and must change nothing.
#[track_caller]
fn plan(text: &str) -> String {
    said(&stack().file("main.tf", text))
}

#[track_caller]
fn said(stack: &Stack) -> String {
    let before = stack.files();
    let output = stack.plan().fails();
    assert_eq!(stack.files(), before, "a plan that fails leaves nothing behind");
    assert_eq!(output.out, "", "what went wrong is told on standard error");
    output.text()
}

#[test]
fn syntax() {
    assert_snapshot!(plan("resource \"terraform_data\" \"a\" {\n  input = [1, 2\n}\n\nlocals {\n  x = = 3\n}\n"), @r#"
    Error: Missing item separator
     --> main.tf:3:1
      |
    2 |   input = [1, 2
    3 | }
      | ^

      Elements are separated by commas.
    "#);
}

#[test]
fn unknown_attribute_with_a_near_miss() {
    assert_snapshot!(plan("resource \"terraform_data\" \"a\" {\n  inptu = 1\n}\n"), @r#"
    Error: Unsupported argument
     --> main.tf:2:3
      |
    2 |   inptu = 1
      |   ^^^^^

      An argument named "inptu" is not expected here. Did you mean "input"?
    "#);
}

#[test]
fn unknown_type_with_a_near_miss() {
    assert_snapshot!(plan("resource \"teraform_data\" \"a\" {\n}\n"), @r#"
    Error: Invalid resource type
     --> main.tf:1:10
      |
    1 | resource "teraform_data" "a" {
      |          ^^^^^^^^^^^^^^^

      There is no resource type "teraform_data". Did you mean "terraform_data"?
    "#);
}

#[cfg(feature = "aws")]
#[test]
fn wrong_type() {
    assert_snapshot!(plan("resource \"aws_vpc\" \"a\" {\n  cidr_block           = \"10.0.0.0/16\"\n  enable_dns_hostnames = \"perhaps\"\n}\n"), @r#"
    Error: Incorrect attribute value type
     --> main.tf:3:26
      |
    3 |   enable_dns_hostnames = "perhaps"
      |                          ^^^^^^^^^

      The value of "enable_dns_hostnames" does not fit: a bool is required.
    "#);
}

#[cfg(feature = "aws")]
#[test]
fn missing_required_argument() {
    assert_snapshot!(plan("resource \"aws_subnet\" \"a\" {\n  cidr_block = \"10.0.0.0/24\"\n}\n"), @r#"
    Error: Missing required argument
     --> main.tf:1:1
      |
    1 | resource "aws_subnet" "a" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^

      The argument "vpc_id" is required, but it is not given.
    "#);
}

#[test]
fn unknown_reference() {
    let text = "resource \"terraform_data\" \"web\" {\n  input = 1\n}\n\noutput \"x\" {\n  value = terraform_data.wbe.output\n}\n";
    assert_snapshot!(plan(text), @r#"
    Error: Reference to undeclared resource
     --> main.tf:6:11
      |
    6 |   value = terraform_data.wbe.output
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^

      There is no resource "terraform_data" "wbe" in the root module. Did you mean "web"?
    "#);
}

#[test]
fn unknown_variable_and_local() {
    assert_snapshot!(plan("variable \"name\" {\n  default = \"x\"\n}\n\nlocals {\n  a = var.nmae\n  b = local.c\n}\n"), @r#"
    Error: Reference to undeclared input variable
     --> main.tf:6:7
      |
    6 |   a = var.nmae
      |       ^^^^^^^^

      There is no variable "nmae" in the root module. Did you mean "name"?

    Error: Reference to undeclared local value
     --> main.tf:7:7
      |
    7 |   b = local.c
      |       ^^^^^^^

      There is no local value "c" in the root module.
    "#);
}

#[test]
fn cycle() {
    let text = "resource \"terraform_data\" \"a\" {\n  input = terraform_data.b.output\n}\n\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.output\n}\n";
    assert_snapshot!(plan(text), @r#"
    Error: Cycle: terraform_data.a, terraform_data.b
     --> main.tf:1:1
      |
    1 | resource "terraform_data" "a" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: terraform_data.b is here.
      |
     ::: main.tf:5:1
      |
    5 | resource "terraform_data" "b" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      Each of these needs the next, and the last needs the first: terraform_data.a, terraform_data.b.
      Nothing can come first. Remove one of the references.
    "#);
}

#[cfg(feature = "aws")]
#[test]
fn bad_cidr() {
    assert_snapshot!(plan("resource \"aws_vpc\" \"a\" {\n  cidr_block = \"10.0.0.0\"\n}\n"), @r#"
    Error: Invalid argument
     --> main.tf:2:16
      |
    1 | resource "aws_vpc" "a" {
    2 |   cidr_block = "10.0.0.0"
      |                ^^^^^^^^^^

      "10.0.0.0" is not an IPv4 network in CIDR notation, such as "10.0.0.0/16".
    "#);
    assert_snapshot!(plan("resource \"aws_vpc\" \"a\" {\n  cidr_block = \"10.0.0.1/16\"\n}\n"), @r#"
    Error: Invalid argument
     --> main.tf:2:16
      |
    1 | resource "aws_vpc" "a" {
    2 |   cidr_block = "10.0.0.1/16"
      |                ^^^^^^^^^^^^^

      "10.0.0.1/16" has bits set beyond its prefix. The network is "10.0.0.0/16".
    "#);
}

#[cfg(feature = "aws")]
#[test]
fn policy_that_is_no_json() {
    let text = "resource \"aws_iam_role\" \"a\" {\n  name               = \"a\"\n  assume_role_policy = \"{ Version = 2012 }\"\n}\n";
    assert_snapshot!(plan(text), @r#"
    Error: Invalid argument
     --> main.tf:3:24
      |
    1 | resource "aws_iam_role" "a" {
    2 |   name               = "a"
    3 |   assume_role_policy = "{ Version = 2012 }"
      |                        ^^^^^^^^^^^^^^^^^^^^

      This is not valid JSON: key must be a string at line 1 column 3. Build it with `jsonencode(...)`
      to be sure of its form.
    "#);
}

#[test]
fn value_that_a_variable_does_not_take() {
    let text = "variable \"count_of_tasks\" {\n  type = number\n\n  validation {\n    condition     = var.count_of_tasks > 0\n    error_message = \"At least one task is needed.\"\n  }\n}\n";
    assert_snapshot!(said(&stack().file("main.tf", text).flag("-var=count_of_tasks=0")), @r#"
    Error: Invalid value for variable
     --> main.tf:1:1
      |
    1 | variable "count_of_tasks" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: var.count_of_tasks is 0
      = note: The condition is here.
      |
     ::: main.tf:5:21
      |
    5 |     condition     = var.count_of_tasks > 0
      |                     ^^^^^^^^^^^^^^^^^^^^^^

      At least one task is needed.
    "#);
    assert_snapshot!(said(&stack().file("main.tf", text).flag("-var=count_of_tasks=many")), @r#"
    Error: Invalid value for input variable
     --> main.tf:1:1
      |
    1 | variable "count_of_tasks" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^

      In -var count_of_tasks=...: The value given for the variable "count_of_tasks" does not fit its
      type: a number is required.
    "#);
    assert_snapshot!(said(&stack().file("main.tf", text)), @r#"
    Error: No value for required variable
     --> main.tf:1:1
      |
    1 | variable "count_of_tasks" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^

      The variable "count_of_tasks" has no value and no default. Give it with -var, in a variables file,
      or in the environment as TF_VAR_count_of_tasks.
    "#);
}

#[test]
fn all_at_once() {
    let output =
        plan("resource \"terraform_data\" \"a\" {\n  inptu = 1\n}\n\noutput \"x\" {\n  value = var.nothing\n}\n");
    assert!(output.contains("inptu") && output.contains("nothing"), "{output}");
}

#[test]
fn no_such_folder() {
    stack().run(&["-chdir=nowhere", "plan"]).fails().says("nowhere");
    stack().run(&["plan", "nowhere"]).fails().says("nowhere");
}

#[test]
fn not_utf8() {
    let output = said(&stack().file("main.tf", b"locals {\n  a = \"\xff\"\n}\n"));
    assert!(output.contains("main.tf"), "{output}");
}

#[test]
fn a_flag_that_does_not_exist_is_named() {
    stack()
        .file("main.tf", "")
        .run(&["plan", "-nope"])
        .ends_with(1)
        .says("Failed to parse command-line flags")
        .says("--nope");
}

#[test]
fn values_of_variables_count_in_the_order_of_the_command_line() {
    let text = "variable \"a\" { default = \"default\" }\noutput \"a\" { value = var.a }\n";
    let stack = stack().file("main.tf", text).file("x.tfvars", "a = \"file\"\n");
    stack.run(&["plan", "-var", "a=flag", "-var-file=x.tfvars"]).succeeds().says("\"file\"");
    stack.run(&["plan", "-var-file=x.tfvars", "-var", "a=flag"]).succeeds().says("\"flag\"");
    let refused = stack.run(&["plan", "-var", "a = flag"]).fails().says("Error: Invalid -var option");
    refused.says("-var \"a=VALUE\"").never_says("flag");
}

#[test]
fn count_wins_over_for_each_of_an_override_and_escapes_belong_to_the_type() {
    let stack = stack()
        .file("main.tf", "resource \"terraform_data\" \"a\" {\n  count = 2\n  _ {\n    input = 1\n  }\n}\n")
        .file("override.tf", "resource \"terraform_data\" \"a\" {\n  for_each = toset([\"x\"])\n}\n");
    stack.plan().ends_with(2).says("terraform_data.a[1]").says("2 to add");
    stack.write("main.tf", "resource \"terraform_data\" \"b\" {\n  _ {\n    count = 1\n  }\n}\n");
    stack.write("override.tf", "");
    stack.plan().ends_with(1).says("Unsupported argument").says("count = 1");
}

#[test]
fn a_wrong_count_of_a_module_is_found_once() {
    let call = |rest: &str| format!("module \"m\" {{\n  source = \"./m\"\n  {rest}\n}}\n");
    let stack = stack().file("m/main.tf", "").file("main.tf", call("count = var.nope"));
    stack.run(&["validate"]).fails().says("Reference to undeclared input variable").says("count = var.nope");
    stack.write("main.tf", call("depends_on = [terraform_data.nope]"));
    let told = stack.run(&["validate"]).fails().says("Reference to undeclared resource").text();
    assert_eq!(told.matches("Error:").count(), 1, "{told}");
}

#[test]
fn only_what_is_managed_can_be_replaced() {
    let stack = stack().file("main.tf", "resource \"terraform_data\" \"a\" {}\n");
    stack.apply().succeeds();
    for address in ["data.x.y", "module.m[\"a\"].data.x.y", "ephemeral.x.y"] {
        let refused = stack.run(&["plan", "-replace", address]).fails();
        let refused = refused.says(&format!("Error: Invalid force-replace address \"{address}\""));
        refused.says("Only managed resources can be used with the -replace=... option.");
    }
}
