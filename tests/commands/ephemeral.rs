//! Ephemeral resources with the real binary: opened in the plan and again in the apply, and stored nowhere.

use crate::support::stack::stack;

const STACK: &str = r#"
resource "terraform_data" "size" { input = 12 }

ephemeral "random_password" "late" {
  length = terraform_data.size.output
  lifecycle {
    precondition {
      condition     = terraform_data.size.output > 3
      error_message = "Too short."
    }
    postcondition {
      condition     = length(self.result) == 12
      error_message = "Not as long as asked for."
    }
  }
}

ephemeral "tls_private_key" "keys" {
  count     = 2
  algorithm = "ED25519"
}

module "twice" {
  source = "./twice"
  secret = ephemeral.random_password.late.result
}

resource "terraform_data" "user" {
  input = ephemeralasnull(ephemeral.tls_private_key.keys[1].private_key_pem)
  provisioner "local-exec" {
    command = "printf '%s %s %s' $${#ONE} $${#TWO} \"$PUBLIC\" > lengths.txt"
    environment = {
      ONE    = ephemeral.random_password.late.result
      TWO    = module.twice.secret
      PUBLIC = ephemeral.tls_private_key.keys[0].public_key_openssh
    }
  }
}

check "length" {
  assert {
    condition     = length(ephemeral.random_password.late.result) == 12
    error_message = "Not as long as asked for."
  }
}
"#;

const TWICE: &str = r#"
variable "secret" {
  type      = string
  ephemeral = true
}
output "secret" {
  value     = "${var.secret}${var.secret}"
  ephemeral = true
}
"#;

#[test]
fn opened_late_and_stored_nowhere() {
    let stack = stack().file("main.tf", STACK).file("twice/main.tf", TWICE);
    stack.run(&["validate"]).succeeds();
    stack.run(&["plan", "-out=saved"]).succeeds();
    let json = stack.run(&["show", "-json", "saved"]).succeeds().raw();
    assert!(!json.contains("\"ephemeral\",\"type\"") && !json.contains("BEGIN"), "{json}");
    let applied = stack.run(&["apply", "saved"]).succeeds().raw();
    let place = |text: &str| applied.find(text).unwrap_or_else(|| panic!("no {text} in {applied}"));
    assert!(place("terraform_data.size: Creation complete") < place("ephemeral.random_password.late: Opening..."));
    assert!(place("ephemeral.random_password.late: Opening complete") < place("terraform_data.user: Creating..."));
    assert!(place("terraform_data.user: Creation complete") < place("ephemeral.tls_private_key.keys[0]: Closing..."));
    let lengths = stack.read("lengths.txt");
    assert!(lengths.starts_with("12 24 ssh-ed25519 "), "{lengths}");
    let state = stack.read("terraform.tfstate");
    assert!(!state.contains("PRIVATE KEY") && !state.contains("\"mode\": \"ephemeral\""), "{state}");
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
}

#[test]
fn machine_readable_lines() {
    let stack = stack().file("main.tf", STACK).file("twice/main.tf", TWICE);
    let lines = stack.run(&["apply", "-json", "-auto-approve"]).succeeds().raw();
    for kind in ["ephemeral_op_start", "ephemeral_op_complete"] {
        for action in ["open", "close"] {
            let is = |line: &str| line.contains(kind) && line.contains(&format!("\"action\":\"{action}\""));
            assert!(lines.lines().any(is), "{kind} {action}: {lines}");
        }
    }
}

#[test]
fn a_condition_that_does_not_hold_stops_what_follows() {
    let stack = stack().file("main.tf", STACK.replace("> 3", "> 30")).file("twice/main.tf", TWICE);
    let refused = stack.run(&["apply", "-auto-approve"]).fails().text();
    assert!(refused.contains("Resource precondition failed") && refused.contains("Too short."), "{refused}");
    let state = stack.read("terraform.tfstate");
    assert!(state.contains("\"size\"") && !state.contains("\"user\""), "{state}");
}

#[test]
fn what_is_no_ephemeral_resource() {
    for (text, summary) in [
        ("ephemeral \"terraform_data\" \"a\" {}", "Invalid ephemeral resource"),
        ("ephemeral \"random_password\" \"a-b\" {}\nlocals {\n  a = ephemeral.random_password\n}", "Invalid reference"),
        (
            "ephemeral \"random_password\" \"a\" {\n  length = 3\n  lifecycle {\n    prevent_destroy = true\n  }\n}",
            "Invalid ephemeral resource lifecycle argument",
        ),
        (
            "ephemeral \"random_password\" \"a\" {\n  length = 3\n  provisioner \"local-exec\" {\n    command = \"x\"\n  }\n}",
            "Unsupported block type",
        ),
        (
            "ephemeral \"random_password\" \"a\" {\n  length = 3\n  locals {}\n}",
            "Reserved block type name in ephemeral block",
        ),
        ("ephemeral \"random_password\" \"9\" {\n  length = 3\n}", "Invalid ephemeral resource name"),
        (
            "ephemeral \"random_password\" \"a\" {\n  length = 3\n}\nephemeral \"random_password\" \"a\" {\n  length = 3\n}",
            "Duplicate ephemeral \"random_password\" configuration",
        ),
        ("import {\n  to = ephemeral.random_password.a\n  id = \"x\"\n}", "Invalid import address"),
    ] {
        let refused = stack().file("main.tf", text).run(&["validate"]).fails().text();
        assert!(refused.contains(&format!("Error: {summary}")), "{text}: {refused}");
    }
}
