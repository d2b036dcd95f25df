//! Plans about a part of the stack, and plans that only refresh: `-target`, `-exclude`, `-replace`, `-refresh-only`.

use crate::support::stack::{Stack, stack};

const FILES: &str = r#"
variable "v" {
  default = "1"
}

resource "terraform_data" "a" {
  input = "${var.v}a"
}

resource "terraform_data" "b" {
  input = terraform_data.a.output
}

resource "terraform_data" "c" {
  count = 2
  input = "${var.v}c"
}

module "m" {
  source = "./m"
}

output "ab" {
  value = [terraform_data.a.output, terraform_data.b.output]
}

output "c" {
  value = terraform_data.c[*].output
}
"#;

const MODULE: &str = "resource \"terraform_data\" \"a\" {}\n";

fn files() -> Stack {
    stack().file("main.tf", FILES).file("m/main.tf", MODULE)
}

fn actions(stack: &Stack, flags: &[&str]) -> Vec<String> {
    let args: Vec<&str> = ["plan", "-out=p"].iter().chain(flags).copied().collect();
    stack.run(&args).succeeds();
    let plan: serde_json::Value = serde_json::from_str(&stack.run(&["show", "-json", "p"]).succeeds().out).unwrap();
    let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
    let one = |change: &serde_json::Value| {
        let words: Vec<&str> =
            change["change"]["actions"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        format!("{} {}", words.join("/"), change["address"].as_str().unwrap())
    };
    changes.iter().map(one).collect()
}

#[test]
fn a_target_takes_what_it_needs_along() {
    let stack = files();
    assert_eq!(actions(&stack, &["-target=terraform_data.b"]), ["create terraform_data.a", "create terraform_data.b"]);
    assert_eq!(actions(&stack, &["-target=terraform_data.c[1]"]), ["create terraform_data.c[1]"]);
    assert_eq!(actions(&stack, &["-target=module.m"]), ["create module.m.terraform_data.a"]);
    assert!(actions(&stack, &["-target=terraform_data.none"]).is_empty());
    let applied = stack.run(&["apply", "-auto-approve", "-target=terraform_data.b"]).succeeds();
    applied.says("Warning: Resource targeting is in effect").says("Warning: Applied changes may be incomplete");
    assert_eq!(stack.instances(), ["terraform_data.a", "terraform_data.b"]);
    // An output that needs nothing else is part of it.
    assert_eq!(stack.state()["outputs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["ab"]);
}

#[test]
fn what_is_not_targeted_stays_as_it_is() {
    let stack = files();
    stack.apply().succeeds();
    let before = stack.state();
    stack.run(&["apply", "-auto-approve", "-var=v=2", "-target=terraform_data.c[0]"]).succeeds();
    let after = stack.state();
    assert_eq!(before["outputs"]["ab"], after["outputs"]["ab"]);
    let input =
        |state: &serde_json::Value, at: usize| state["resources"][2]["instances"][at]["attributes"]["input"].clone();
    assert_eq!(input(&after, 0)["value"], "2c");
    assert_eq!(input(&after, 1), input(&before, 1));
    stack.run(&["plan", "-detailed-exitcode", "-target=terraform_data.a"]).succeeds().says("No changes.");
}

#[test]
fn a_saved_plan_keeps_its_targets() {
    let stack = files();
    stack.run(&["plan", "-out=p", "-target=terraform_data.a"]).succeeds();
    let json: serde_json::Value = serde_json::from_str(&stack.run(&["show", "-json", "p"]).out).unwrap();
    assert_eq!(json["complete"], false);
    stack.run(&["apply", "p"]).succeeds().says("Applied changes may be incomplete");
    assert_eq!(stack.instances(), ["terraform_data.a"]);
}

#[test]
fn exclude_leaves_out_what_depends_on_it() {
    let stack = files();
    let without_a = ["create terraform_data.c[0]", "create terraform_data.c[1]", "create module.m.terraform_data.a"];
    assert_eq!(actions(&stack, &["-exclude=terraform_data.a"]), without_a);
    assert_eq!(
        actions(&stack, &["-exclude=module.m", "-exclude=terraform_data.c[0]"]),
        ["create terraform_data.a", "create terraform_data.b", "create terraform_data.c[1]"]
    );
}

#[test]
fn destroying_a_target_takes_dependents_along_and_excluding_keeps_what_is_needed() {
    let stack = files();
    stack.apply().succeeds();
    let deleted = ["delete terraform_data.a", "delete terraform_data.b"];
    assert_eq!(actions(&stack, &["-destroy", "-target=terraform_data.a"]), deleted);
    assert_eq!(
        actions(&stack, &["-destroy", "-exclude=terraform_data.b"]),
        ["delete terraform_data.c[0]", "delete terraform_data.c[1]", "delete module.m.terraform_data.a"]
    );
    stack.run(&["destroy", "-auto-approve", "-target=terraform_data.a"]).succeeds().says("2 destroyed");
    assert!(stack.state()["outputs"].get("c").is_some());
    stack.destroy().succeeds();
    assert!(stack.instances().is_empty());
}

#[test]
fn a_count_that_is_known_only_after_apply_is_reached_by_a_target() {
    let files = "resource \"terraform_data\" \"a\" {\n  input = 2\n}\nresource \"terraform_data\" \"b\" {\n  count = terraform_data.a.output\n}\n";
    let stack = stack().file("main.tf", files);
    stack.apply().fails().says("Error: Invalid count argument");
    stack.run(&["apply", "-auto-approve", "-target=terraform_data.a"]).succeeds();
    stack.apply().succeeds().says("2 added");
    stack.destroy().succeeds().says("3 destroyed");
}

#[test]
fn what_names_nothing() {
    let stack = files();
    stack.run(&["plan", "-target=x"]).fails().says("Error: Invalid target \"x\"");
    stack.run(&["plan", "-exclude=a b"]).fails().says("Error: Invalid exclude \"a b\"");
    stack.run(&["plan", "-replace=module.m"]).fails().says("Error: Invalid force-replace address \"module.m\"");
    stack.run(&["plan", "-target=t.a", "-exclude=t.b"]).fails().says("Error: Incompatible targeting options");
    stack.run(&["plan", "-nope"]).fails().says("Error: Failed to parse command-line flags");
}

#[test]
fn modes_that_do_not_go_together() {
    let stack = files();
    stack.run(&["plan", "-destroy", "-refresh-only"]).fails().says("Error: Incompatible plan mode options");
    stack.run(&["plan", "-refresh-only", "-refresh=false"]).fails().says("Error: Incompatible refresh options");
    stack.run(&["plan", "-destroy", "-replace=terraform_data.a"]).fails().says("Error: Unsupported plan mode");
}

#[test]
fn replace_needs_the_whole_address() {
    let stack = files();
    stack.apply().succeeds();
    stack
        .run(&["plan", "-replace=terraform_data.c"])
        .succeeds()
        .says("Warning: Incompletely-matched force-replace resource instance")
        .says("-replace='terraform_data.c[0]'")
        .says("No changes.");
    let replaced = stack.run(&["apply", "-auto-approve", "-replace=terraform_data.c[0]"]).succeeds();
    replaced.says("will be replaced, as requested").says("1 added, 0 changed, 1 destroyed");
}

#[test]
fn refresh_only_changes_the_state_and_nothing_else() {
    let stack = stack().file("main.tf", "resource \"local_file\" \"a\" {\n  filename = \"f\"\n  content  = \"x\"\n}\nresource \"terraform_data\" \"b\" {}\n");
    stack.run(&["apply", "-auto-approve", "-target=local_file.a"]).succeeds();
    stack.run(&["plan", "-refresh-only", "-detailed-exitcode"]).succeeds().says("still matches the configuration");
    std::fs::remove_file(stack.path("f")).unwrap();
    let plan = stack.run(&["plan", "-refresh-only", "-detailed-exitcode", "-out=p"]).ends_with(2);
    plan.says("local_file.a has been deleted").says("This is a refresh-only plan").never_says("terraform_data.b");
    let json: serde_json::Value = serde_json::from_str(&stack.run(&["show", "-json", "p"]).out).unwrap();
    assert_eq!(json["resource_drift"][0]["address"], "local_file.a");
    assert_eq!(json["resource_drift"][0]["change"]["actions"], serde_json::json!(["delete"]));
    assert!(json.get("resource_changes").is_none());
    stack.run(&["apply", "p"]).succeeds().says("0 added, 0 changed, 0 destroyed");
    assert!(stack.instances().is_empty());
    assert!(!stack.path("f").exists());
}

#[test]
fn compact_warnings_are_headlines() {
    let stack = files();
    let plan = stack.run(&["plan", "-compact-warnings", "-target=terraform_data.a"]).succeeds();
    plan.says("- Resource targeting is in effect").never_says("Warning: Resource targeting");
}

/// A part goes: what the rest of the stack cannot tell is nobody's business.
#[test]
fn a_part_is_destroyed_whatever_the_rest_cannot_tell() {
    let files = "variable \"v\" {\n  default = \"bad\"\n  validation {\n    condition     = var.v == \"good\"\n    error_message = \"never\"\n  }\n}\ndata \"terraform_remote_state\" \"r\" {\n  backend = \"local\"\n  config  = { path = \"none.tfstate\" }\n}\nresource \"terraform_data\" \"other\" {\n  input = data.terraform_remote_state.r.outputs.x\n}\noutput \"o\" {\n  value = data.terraform_remote_state.r.outputs.y\n}\nresource \"terraform_data\" \"a\" {}\n";
    let stack = stack().file("main.tf", "resource \"terraform_data\" \"a\" {}\n");
    stack.run(&["apply", "-auto-approve"]).succeeds();
    let stack = stack.file("main.tf", files);
    stack.run(&["destroy", "-auto-approve", "-target=terraform_data.a"]).succeeds().says("Resources: 1 destroyed");
    assert!(stack.instances().is_empty());
}

/// What is shown to be copied is one word for a shell.
#[test]
fn flags_to_copy_are_in_quotes_where_a_shell_needs_them() {
    let text = "resource \"terraform_data\" \"NAME\" {\n  for_each = toset([\"a b\", \"it's\"])\n}\n";
    let stack = stack().file("main.tf", text.replace("NAME", "k"));
    stack.apply().succeeds();
    let said = stack.run(&["plan", "-replace=terraform_data.k"]).succeeds();
    said.says("-replace='terraform_data.k[\"a b\"]'").says(r#"-replace='terraform_data.k["it'\''s"]'"#);
    let moved = "moved {\n  from = terraform_data.k\n  to   = terraform_data.n\n}\n";
    stack.write("main.tf", text.replace("NAME", "n") + moved);
    let said = stack.run(&["plan", "-target=terraform_data.n[\"it's\"]"]).fails();
    said.says("Moved resource instances excluded by targeting").says("-target='terraform_data.n[\"a b\"]'");
    let said = stack.start_shell(r#"$glaz plan -target='terraform_data.k["a b"]' -target='terraform_data.k["it'\''s"]' -target='terraform_data.n["a b"]' -target='terraform_data.n["it'\''s"]'"#);
    said.wait().succeeds();
}
