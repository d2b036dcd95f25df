//! What is said about common mistakes beside the place: the values it is about, the function called, what was meant.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::stack::stack;

/// What a plan of this file says. It must fail.
#[track_caller]
fn plan(text: &str) -> String {
    stack().file("main.tf", text).plan().fails().text()
}

#[test]
fn values_of_references() {
    let said = plan(
        "variable \"names\" {\n  default = [\"a\", \"b\"]\n}\nlocals {\n  at   = 2\n  last = var.names[local.at]\n}\noutput \"o\" {\n  value = local.last\n}\n",
    );
    assert_snapshot!(said, @r#"
    Error: Invalid index
     --> main.tf:6:19
      |
    6 |   last = var.names[local.at]
      |                   ^^^^^^^^^^
      |
      = note: local.at is 2
      = note: var.names is tuple with 2 elements

      The given key does not identify an element in this collection value: the given index is greater
      than or equal to the length of the collection.
    "#);
}

#[test]
fn conditions_and_repetition() {
    let cases = [
        (
            "variable \"size\" {\n  default = 3\n  validation {\n    condition     = var.size > 5\n    error_message = \"Too small.\"\n  }\n}\n",
            "= note: var.size is 3\n",
        ),
        (
            "variable \"secret\" {\n  sensitive = true\n  default   = [\"a\"]\n}\nresource \"terraform_data\" \"b\" {\n  for_each = toset(var.secret)\n}\n",
            "= note: var.secret has a sensitive value\n",
        ),
        (
            "resource \"terraform_data\" \"a\" {\n}\nresource \"terraform_data\" \"c\" {\n  count = terraform_data.a.id == \"x\" ? 1 : 2\n}\n",
            "= note: terraform_data.a.id is a string, known only after apply\n",
        ),
        (
            "resource \"terraform_data\" \"d\" {\n  count = 2\n  lifecycle {\n    precondition {\n      condition     = count.index < 1\n      error_message = \"Too many.\"\n    }\n  }\n}\n",
            "= note: count.index is 1\n  = note: with terraform_data.d[1]\n",
        ),
        (
            "variable \"secret\" {\n  sensitive = true\n  default   = \"hidden\"\n}\noutput \"o\" {\n  sensitive = true\n  value     = var.secret + 1\n}\n",
            "Unsuitable value for left operand",
        ),
    ];
    for (text, part) in cases {
        let said = plan(text);
        assert!(said.contains(part), "{part}\n{said}");
        assert!(!said.contains("hidden"), "{said}");
    }
}

#[test]
fn what_was_meant() {
    let cases = [
        ("data.terraform_remote_state.a.x", "There is no data source"),
        ("terraform_remote_state.net.outputs", "Did you mean data.terraform_remote_state.net?"),
        ("terraform_dta.web.id", "Did you mean terraform_data.web?"),
        ("variable.size", "It is written var.size."),
        ("locals.tag", "It would be written local.tag."),
        ("local.one.nmae", "Did you mean \"name\"?"),
        ("local.one.zzzzzz", "It has: name, size."),
        ("local.one[\"nmae\"]", "Did you mean \"name\"?"),
        ("tomap(local.one).siz", "Did you mean \"size\"?"),
        ("[local.one].name", "Name one of its elements, such as [0], or write [*]"),
        ("module.m.adress", "Did you mean \"address\"?"),
        ("replace(\"x\")", "= note: while calling replace(str, substr, replace)"),
        ("format(\"%d\", \"x\")", "= note: while calling format(format, args...)"),
        (
            "templatefile(\"t.tpl\", { nme = 1 })",
            "the template uses name (t.tpl:2,8-12), but vars has no such key, only nme",
        ),
        ("templatestring(local.template, {})", "<templatestring argument>:1,3-10: Call to unknown function"),
    ];
    let base = stack()
        .file("t.tpl", "hello\ndear ${name}\n")
        .file("m/main.tf", "output \"address\" {\n  value = 1\n}\n")
        .file(
            "base.tf",
            r#"
variable "size" {
  default = 3
}
locals {
  one      = { name = 1, size = 2 }
  template = "$${missing(1)}"
}
module "m" {
  source = "./m"
}
resource "terraform_data" "web" {
}
data "terraform_remote_state" "net" {
  backend = "local"
  config  = { path = "x" }
}
"#,
        );
    for (expression, part) in cases {
        base.write("main.tf", format!("output \"o\" {{\n  value = {expression}\n}}\n"));
        let said = base.plan().fails().text();
        let plain = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains(part), "{part}\n{said}");
    }
}

#[test]
fn blocks_and_syntax() {
    let cases = [
        (
            "resource \"terraform_data\" {\n}\n",
            "A resource block has 2 labels (type, name). Write it as resource \"TYPE\" \"NAME\"",
        ),
        ("variable \"a\" \"b\" {\n}\n", "A variable block has only one label (name)."),
        ("output \"o\" {\n  value = <<-EOT\n  x\n}\n", "a line with EOT alone is missing"),
        ("/* x\noutput \"o\" {\n  value = 1\n}\n", "The comment that starts here has no end"),
        ("locals {\n  a = local.b\n  b = local.a\n}\n", "= note: local.b is here."),
    ];
    for (text, part) in cases {
        let said = plan(text);
        let plain = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains(part), "{part}\n{said}");
    }
}

#[test]
fn the_same_in_json() {
    let text = "locals {\n  a = { s = \"x\" }\n}\noutput \"o\" {\n  value = core::upper(local.a)\n}\n";
    let output = stack().file("main.tf", text).run(&["validate", "-json"]).fails();
    let answer: Value = serde_json::from_str(&output.out).expect("JSON");
    let snippet = &answer["diagnostics"][0]["snippet"];
    assert_eq!(snippet["values"], json!([{"traversal": "local.a", "statement": "is object with 1 attribute \"s\""}]));
    assert_eq!(
        snippet["function_call"],
        json!({
            "called_as": "core::upper",
            "signature": {"name": "upper", "params": [{"name": "str", "type": "string"}], "return_type": "string"},
        })
    );
}

#[test]
fn winrm_is_refused_before_anything_is_made() {
    let text = r#"
variable "how" {
  default = "winrm"
}
resource "terraform_data" "a" {
  connection {
    type = var.how
    host = "127.0.0.1"
  }
  provisioner "local-exec" {
    command = "echo made"
  }
  provisioner "remote-exec" {
    inline = ["dir"]
  }
}
"#;
    let stack = stack().file("main.tf", text);
    let output = stack.apply().fails().says("connection type 'winrm' not supported").never_says("made");
    assert!(output.text().contains("main.tf:7:12"), "{}", output.text());
    assert!(!stack.files().contains(&"terraform.tfstate".to_owned()));
    stack.run(&["validate"]).succeeds();
    stack.write("main.tf", text.replace("var.how", "\"winrm\""));
    stack.run(&["validate"]).fails().says("connection type 'winrm' not supported");
    stack.write("main.tf", text.replace("var.how", "\"ssh\"\n    timeout = \"5\""));
    stack.plan().fails().says("timeout must be a duration such as");
}

#[test]
fn commands_that_there_are_not() {
    let stack = stack().file("main.tf", "");
    stack.run(&["test", "-verbose"]).fails().says("Test files are not supported");
    stack.run(&["plan", "-foo"]).fails().says("unexpected argument").never_says("tip:");
    stack.run(&["plna"]).fails().says("'plan'");
}

#[test]
fn where_a_value_comes_from() {
    let text = "variable \"n\" {\n  type = number\n}\n";
    let stack = stack().file("main.tf", text);
    let said = stack.run(&["plan", "-var", "n=x"]).fails().text();
    assert!(said.contains("In -var n=...: The value given"), "{said}");
    assert!(!said.contains("declared here"), "{said}");
}

#[test]
fn what_could_not_be_started() {
    let exec = |more: &str| {
        let text = format!(
            "resource \"terraform_data\" \"a\" {{\n  provisioner \"local-exec\" {{\n    command = \"pwd\"\n    {more}\n  }}\n}}\n"
        );
        stack().file("main.tf", text).apply().fails()
    };
    exec("interpreter = [\"no-such-shell\"]").says("the program \"no-such-shell\" cannot be started");
    exec("working_dir = \"nowhere\"").says("nowhere cannot be used");
    let text = "data \"external\" \"a\" {\n  program = [\"true\"]\n  working_dir = \"nowhere\"\n}\n";
    stack().file("main.tf", text).plan().fails().says("its working_dir nowhere cannot be used");
}

#[test]
fn local_modules_are_told_once() {
    let stack = stack().file("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n").file("m/main.tf", "");
    stack.run(&["get"]).succeeds().says("- m in m");
    stack.run(&["get"]).succeeds().never_says("- m in m");
    stack.run(&["init", "-upgrade"]).succeeds();
}

#[test]
fn what_may_turn_out_to_be_null_is_not_held_against_it() {
    let files = "variable \"s\" {\n  type = number\n}\nresource \"aws_iam_role\" \"r\" {\n  name                = var.s == 0 ? \"x\" : null\n  name_prefix         = var.s == 0 ? null : \"x\"\n  managed_policy_arns = null\n  assume_role_policy  = var.trust\n}\nvariable \"trust\" {}\n";
    let checked = stack().aws().file("main.tf", files).run(&["validate"]).succeeds();
    assert!(!checked.raw().contains("deprecated"), "{}", checked.raw());
    let files = files.replace("managed_policy_arns = null", "managed_policy_arns = []");
    stack().aws().file("main.tf", &files).run(&["validate"]).succeeds().says("Argument is deprecated");
}
