//! The rules: a stack on which none speaks, and for each rule a stack on which it does, and no other.
//!
//! `base.tf` is the good stack. A file in `stacks/` overrides parts of it, and makes what stands below the line
//! `# --- beside it ---`; it belongs to the rule of its name, or to the one that its first line names.

mod account;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::support::emulator::repository;
use crate::support::stack::{Output, Stack, stack};

const BESIDE: &str = "# --- beside it ---\n";

fn base() -> Stack {
    let text = std::fs::read_to_string(repository().join("tests/preflight/base.tf")).unwrap();
    stack().file("main.tf", text)
}

/// Numbers and names of what was found.
fn found(output: &Output) -> BTreeSet<String> {
    let answer: Json = serde_json::from_str(&output.out).unwrap_or_else(|_| panic!("no JSON:\n{}", output.raw()));
    let findings = answer["findings"].as_array().unwrap().iter();
    findings.map(|one| one["rule"].as_str().unwrap().replace('-', "_")).collect()
}

/// Names of the rules, as in file names.
fn rules() -> BTreeSet<String> {
    let output = stack().run(&["check", "-list", "-json"]).succeeds();
    let listed: Json = serde_json::from_str(&output.out).unwrap();
    listed.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().replace('-', "_")).collect()
}

#[test]
fn a_good_stack_passes_every_rule() {
    let output = base().run(&["check", "-offline", "-json"]).succeeds();
    assert!(found(&output).is_empty(), "{}", output.raw());
    base().run(&["check", "-offline"]).succeeds().says("rules found nothing.");
}

#[test]
fn the_examples_pass_every_rule() {
    for values in ["dev.tfvars", "prod.tfvars"] {
        let stack = stack().copy("examples").copy("stacks").inside("examples/bluegreen");
        let file = format!("-var-file={values}");
        let output = stack.run(&["check", "-offline", "-json", &file]).succeeds();
        assert!(found(&output).is_empty(), "{values}: {}", output.raw());
    }
}

#[test]
fn each_rule_speaks_on_its_stack_and_no_other_does() {
    let folder = repository().join("tests/preflight/stacks");
    let mut shown = BTreeSet::new();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let rule = text.lines().next().and_then(|line| line.strip_prefix("# rule: ")).unwrap_or(stem).to_owned();
        let (over, beside) = text.split_once(BESIDE).unwrap_or((&text, ""));
        let output =
            base().file("case_override.tf", over).file("beside.tf", beside).run(&["check", "-offline", "-json"]);
        let found = found(&output);
        if found != BTreeSet::from([rule.clone()]) {
            wrong.push(format!("{stem}: {found:?}"));
        }
        shown.insert(rule);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let by_account: BTreeSet<String> = account::SHOWN.iter().map(ToString::to_string).collect();
    let silent: Vec<String> =
        rules().into_iter().filter(|rule| !shown.contains(rule) && !by_account.contains(rule)).collect();
    assert!(silent.is_empty(), "no stack on which these speak: {silent:?}");
}

#[test]
fn a_rule_has_the_name_of_its_file() {
    let folder = repository().join("src/preflight/rules");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let stems = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    assert_eq!(stems.filter(|stem| stem != "mod").collect::<BTreeSet<_>>(), rules());
}

#[test]
fn a_finding_underlines_the_line_and_says_what_to_do() {
    let stack = base().file("case_override.tf", "resource \"aws_ecs_service\" \"web\" {\n  load_balancer {\n    target_group_arn = aws_lb_target_group.blue.arn\n    container_name   = \"wep\"\n    container_port   = 8080\n  }\n}\n");
    insta::assert_snapshot!(stack.run(&["check", "-offline"]).fails().text(), @r#"
    Error: Container or port not in the task definition
     --> case_override.tf:4:24
      |
    4 |     container_name   = "wep"
      |                        ^^^^^

      There is no container "wep" in aws_ecs_task_definition.web (it has: web). Use one of these names.

      Help: glaz check -explain K03 says more.
    "#);
    // A plan says the same, before it asks anybody for anything more.
    let sarif = stack.run(&["check", "-offline", "-sarif"]).fails();
    let sarif: Json = serde_json::from_str(&sarif.out).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "K03");
    let region = &result["locations"][0]["physicalLocation"];
    assert_eq!(region["artifactLocation"]["uri"], "case_override.tf");
    assert_eq!(region["region"]["startLine"], 4);
}

#[test]
fn a_comment_allows_a_finding() {
    let over = |comment: &str| {
        format!("resource \"aws_ecs_service\" \"web\" {{\n  {comment}\n  health_check_grace_period_seconds = 0\n}}\n")
    };
    let findings = |comment: &str| {
        found(&base().file("case_override.tf", over(comment)).run(&["check", "-offline", "-json"]).succeeds()).len()
    };
    assert_eq!(findings(""), 1);
    assert_eq!(findings("# glaz:allow K09 it starts at once"), 0);
    assert_eq!(findings("// glaz:allow pair-alike, grace-period"), 0);
    assert_eq!(findings("# glaz:allow K10"), 1, "another rule");
}

#[test]
fn a_rule_explains_itself() {
    let stack = stack();
    let by_number = stack.run(&["check", "-explain", "k03"]).succeeds();
    assert_eq!(by_number.out, stack.run(&["check", "-explain=container-port"]).succeeds().out);
    by_number.says("portMappings");
    stack.run(&["check", "-explain", "K99"]).fails().says("There is no rule \"K99\"").says("glaz check -list");
}
