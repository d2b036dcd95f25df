//! The rules: a stack on which none speaks, and for each rule a stack on which it does, and no other.
//!
//! `base.tf` is the good stack. A file in `stacks/` overrides parts of it, and makes what stands below the line
//! `# --- beside it ---`; it belongs to the rule of its name, or to the one that its first line names. A file in `valid/`
//! changes the good stack in the same way into one that works as well, and on which no rule may speak.

mod account;
mod elsewhere;

use std::collections::BTreeSet;

use glaz::preflight;
use serde_json::Value as Json;

use crate::support::emulator::repository;
use crate::support::stack::{Output, Stack, stack};

const BESIDE: &str = "# --- beside it ---\n";

fn base_text() -> String {
    std::fs::read_to_string(repository().join("tests/preflight/base.tf")).unwrap()
}

fn base() -> Stack {
    stack().file("main.tf", base_text())
}

/// The good stack with the changes of a file.
fn changed(text: &str) -> Stack {
    let (over, beside) = text.split_once(BESIDE).unwrap_or((text, ""));
    base().file("case_override.tf", over).file("beside.tf", beside)
}

/// Name and text of every file in a folder of cases.
fn cases(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(repository().join("tests/preflight").join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (stem, std::fs::read_to_string(&path).unwrap())
    };
    paths.map(read).collect()
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
    let mut shown = BTreeSet::new();
    let mut wrong = Vec::new();
    for (stem, text) in cases("stacks") {
        let rule = text.lines().next().and_then(|line| line.strip_prefix("# rule: ")).unwrap_or(&stem).to_owned();
        let output = changed(&text).run(&["check", "-offline", "-json"]);
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
fn no_rule_speaks_on_a_valid_stack() {
    let mut wrong = Vec::new();
    for (stem, text) in cases("valid") {
        let output = changed(&text).run(&["check", "-offline", "-json"]);
        if output.code != Some(0) || !found(&output).is_empty() {
            wrong.push(format!("{stem}: {}", output.raw()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names are given once in an account and a region: a module that is used for two has each of them twice.
#[test]
fn two_regions_have_the_same_names() {
    let (provider, module) =
        base_text().split_once("# --- network").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let needs = "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n";
    let root = r#"
        provider "aws" {
          alias  = "us"
          region = "us-east-1"
        }
        module "eu" {
          source = "./web"
        }
        module "us" {
          source    = "./web"
          providers = { aws = aws.us }
        }
    "#;
    let stack = stack().file("main.tf", format!("{provider}{root}")).file("web/main.tf", format!("{needs}# {module}"));
    stack.run(&["init"]).succeeds();
    let output = stack.run(&["check", "-offline", "-json"]).succeeds();
    assert!(found(&output).is_empty(), "{}", output.raw());
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
    assert_eq!(findings("/* glaz:allow K09*/"), 0);
    assert_eq!(findings("# glaz:allow K10"), 1, "another rule");
    assert_eq!(findings("# glaz:allow K10 since the grace-period is short"), 1, "a word of the reason");
    let above = |comment: &str| format!("{comment}\n{}", over(""));
    let of = |text: &str| {
        found(&base().file("case_override.tf", text).run(&["check", "-offline", "-json"]).succeeds()).len()
    };
    assert_eq!(of(&above("# glaz:allow K09 it starts at once")), 0, "above the block of an override file");
    assert_eq!(of(&above("# glaz:allow K10 it starts at once")), 1, "another rule");
    let elsewhere = format!("{}\n# glaz:allow K09\nlocals {{}}\n", over(""));
    assert_eq!(of(&elsewhere), 1, "above another block");
    let misspelt = base().file("case_override.tf", over("# glaz:allow K09, K0 9 for no reason"));
    let output = misspelt.run(&["check", "-offline", "-json"]).succeeds();
    assert!(
        found(&output).is_empty() && output.err.contains("Unknown rule") && output.err.contains("\"K0\""),
        "{}",
        output.raw()
    );
}

#[test]
fn a_rule_explains_itself() {
    let stack = stack();
    let by_number = stack.run(&["check", "-explain", "k03"]).succeeds();
    assert_eq!(by_number.out, stack.run(&["check", "-explain=container-port"]).succeeds().out);
    assert!(
        by_number
            .out
            .starts_with("K03 container-port: Container or port not in the task definition\n\nA service names")
    );
    stack.run(&["check", "-explain", "K99"]).fails().says("There is no rule \"K99\"").says("glaz check -list");
}

/// The list of mistakes that the rules come from is whole: each has a rule, or an explanation of what finds it instead.
#[test]
fn each_well_known_mistake_is_explained() {
    let numbered = (1..=25).chain(31..=39).chain(41..=46).map(|number| format!("K{number:02}"));
    let others = [2, 5, 6, 8, 9, 10, 13, 20, 27, 28].map(|number| format!("001-{number}"));
    for code in numbered.chain(others).chain(["004-2".to_owned()]) {
        let ways = usize::from(preflight::rule(&code).is_some()) + usize::from(preflight::elsewhere(&code).is_some());
        assert_eq!(ways, 1, "{code}");
    }
    let stack = stack();
    let said = stack.run(&["check", "-explain", "k20"]).succeeds();
    assert!(
        said.out.starts_with("K19, K20, K21: What deployments and scaling moved, undone by files\n\nThe revision,")
    );
    stack.run(&["check", "-explain", "001-10"]).succeeds().says("container-port (K03)");
}
