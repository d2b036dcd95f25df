//! `glaz refresh`.

use insta::assert_snapshot;

use crate::support::stack::stack;

const FILE: &str = "resource \"local_file\" \"a\" {\n  filename = \"${path.module}/a.txt\"\n  content  = \"one\"\n}\noutput \"o\" {\n  value = local_file.a.content\n}\n";

#[test]
fn the_state_follows_without_a_question() {
    let stack = stack().file("main.tf", FILE);
    stack.apply().succeeds();
    std::fs::remove_file(stack.path("a.txt")).unwrap();
    stack.run(&["refresh", "-lock-timeout=1s", "-backup=before.json"]).succeeds();
    assert!(stack.instances().is_empty());
    assert!(stack.read("before.json").contains("local_file"));
    assert!(!stack.path("a.txt").exists(), "nothing is made");
}

#[test]
fn nothing_to_refresh() {
    let stack = stack().file("main.tf", FILE);
    assert_snapshot!(stack.run(&["refresh"]).succeeds().text(), @r"
    Warning: Empty or non-existent state

      There are currently no remote objects tracked in the state, so there is nothing to refresh.
    ");
    let output = stack.run(&["refresh", "-json"]).succeeds();
    let lines: Vec<serde_json::Value> = output.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[1]["@message"], "Warning: Empty or non-existent state");
    assert_eq!(lines[2]["outputs"], serde_json::json!({}));
    assert!(!stack.path("terraform.tfstate").exists());
}

#[test]
fn what_makes_no_sense() {
    let stack = stack().file("main.tf", FILE);
    stack.run(&["refresh", "-refresh=false"]).fails().says("Error: Incompatible refresh options");
    stack.run(&["refresh", "-state-out=x"]).fails().says("Error: -state-out is not supported");
    stack.run(&["apply", "-state-out=x", "-auto-approve"]).fails().says("-state=x");
    assert_eq!(stack.files(), ["main.tf"]);
}

#[test]
fn data_sources_wait_for_what_the_refresh_found_changed() {
    let text = r#"
resource "local_file" "a" {
  filename = "${path.module}/a.txt"
  content  = "one"
}

data "local_file" "seen" {
  filename   = "${path.module}/a.txt"
  depends_on = [local_file.a]
}

output "seen" {
  value = data.local_file.seen.content
}
"#;
    let stack = stack().file("main.tf", text);
    stack.apply().succeeds();
    // Somebody writes over it: the file is made anew by the apply, and what stands there now is nobody's answer.
    stack.write("a.txt", "two");
    stack.run(&["plan"]).succeeds().says("data.local_file.seen will be read during apply").never_says("\"two\"");
    stack.apply().succeeds().says("seen = \"one\"");
    stack.assert_nothing_to_do();
}

#[test]
fn a_plan_that_only_refreshes_says_what_it_would_remember() {
    let text = |name: &str, output: &str| {
        let moved = "moved {\n  from = terraform_data.a\n  to   = terraform_data.b\n}\n";
        let block = format!("resource \"terraform_data\" \"{name}\" {{\n  input = \"x\"\n}}\n");
        let moved = if name == "b" { moved } else { "" };
        format!("{block}{moved}output \"o\" {{\n  value = \"{output}\"\n}}\n")
    };
    let stack = stack().file("main.tf", text("a", "one"));
    stack.apply().succeeds();
    let plan = || stack.run(&["plan", "-refresh-only"]).succeeds();
    plan().says("No changes. Your infrastructure still matches the configuration.");
    stack.write("main.tf", text("a", "two"));
    plan().says("~ o = \"one\" -> \"two\"").says("save these new output values").never_says("No changes");

    stack.write("main.tf", text("b", "one"));
    let moved = "  # terraform_data.a has moved to terraform_data.b\n    resource \"terraform_data\" \"b\" {\n";
    plan().says(moved).says("This is a refresh-only plan").never_says("No changes");
    let lines = stack.run(&["plan", "-refresh-only", "-json"]).succeeds().out;
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
    assert!(of("planned_change").is_empty());
    let drift = &of("resource_drift")[0]["change"];
    assert_eq!((&drift["action"], &drift["previous_resource"]["addr"]), (&"move".into(), &"terraform_data.a".into()));

    stack.write("main.tf", text("b", "two"));
    plan().says(moved).says("~ o = \"one\" -> \"two\"").never_says("No changes");
    stack.run(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    assert_eq!(stack.instances(), ["terraform_data.b"]);
}

/// What was deleted behind our back is found, whatever names it.
#[test]
fn an_object_that_is_missing_keeps_no_refresh_from_telling() {
    let text = r#"
resource "terraform_data" "x" {
  for_each = toset(["blue", "green"])
  input    = each.key
}

resource "terraform_data" "y" {
  count            = 2
  input            = terraform_data.x["green"].id
  triggers_replace = 1
  lifecycle {
    replace_triggered_by = [terraform_data.x["green"]]
  }
}
"#;
    let stack = stack().file("main.tf", text);
    let refreshes = || {
        stack.run(&["plan", "-refresh-only"]).succeeds().says("No changes.");
        stack.run(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    };
    refreshes();
    stack.apply().succeeds();
    stack.run(&["state", "rm", "terraform_data.x[\"green\"]"]).succeeds();
    refreshes();
    stack.run(&["refresh"]).succeeds();
    assert_eq!(stack.instances(), ["terraform_data.x[\"blue\"]", "terraform_data.y[0]", "terraform_data.y[1]"]);
    // Mistakes in the files are told all the same.
    stack.write("main.tf", text.replace("each.key", "each.kee"));
    stack.run(&["plan", "-refresh-only"]).fails().says("each.kee");
    stack.write("main.tf", text.replace("input    =", "imput    ="));
    stack.run(&["plan", "-refresh-only"]).fails().says("imput");
}

/// As Terraform 1.11 says it, which has lines for reading what exists besides.
#[test]
fn lines_of_json_end_with_outputs_unless_everything_goes() {
    let text = r#"
resource "terraform_data" "a" {
  input = 1
}

resource "terraform_data" "b" {
  input = 1
}

check "c" {
  assert {
    condition     = terraform_data.a.output == 2
    error_message = "never"
  }
}
"#;
    let stack = stack().file("main.tf", text);
    let kinds = |args: &[&str]| -> (String, serde_json::Value) {
        let out = stack.run(args).succeeds().out;
        let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
        (kinds.join(" "), lines.last().unwrap()["outputs"].clone())
    };
    let none = serde_json::json!({});
    stack.apply().succeeds();
    let (apply, outputs) = kinds(&["apply", "-auto-approve", "-json"]);
    assert_eq!((apply.as_str(), &outputs), ("version change_summary diagnostic change_summary outputs", &none));
    let (apply, _) = kinds(&["apply", "-refresh-only", "-auto-approve", "-json"]);
    assert_eq!(apply, "version change_summary diagnostic change_summary outputs");
    assert_eq!(kinds(&["refresh", "-json"]), ("version diagnostic outputs".to_owned(), none.clone()));

    stack.write("o.tf", "output \"o\" {\n  value = terraform_data.b.input\n}\n");
    let (refresh, outputs) = kinds(&["refresh", "-json"]);
    assert_eq!(refresh, "version diagnostic outputs");
    assert_eq!(outputs["o"]["value"], 1);
    let (destroy, _) = kinds(&["destroy", "-auto-approve", "-json", "-target=terraform_data.a"]);
    assert!(destroy.starts_with("version planned_change change_summary") && !destroy.ends_with("outputs"), "{destroy}");
    stack.apply().succeeds();
    let flags = ["-auto-approve", "-target=terraform_data.a"];
    stack.run(&[&["destroy"][..], &flags].concat()).succeeds().never_says("\nOutputs:\n");
    stack.apply().succeeds();
    stack.run(&[&["apply", "-destroy"][..], &flags].concat()).succeeds().says("Outputs:");
    // What is left of checks is not looked at.
    let (destroy, _) = kinds(&["apply", "-destroy", "-auto-approve", "-json"]);
    assert!(destroy.ends_with("change_summary outputs"), "{destroy}");
    assert!(stack.read("terraform.tfstate").contains("check.c"));
    assert_eq!(stack.run(&["show", "-json"]).succeeds().out, "{\"format_version\":\"1.0\"}\n");
}
