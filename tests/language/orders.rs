//! The order of an apply: what must be complete before what starts, from the graph of the real terraform.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::known;
use super::tool::{Folder, folders, side_by_side};

#[derive(Deserialize)]
struct Case {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    mode: String,
    args: Vec<String>,
    #[serde(default)]
    pre: Vec<Vec<String>>,
    #[serde(default)]
    keep: bool,
}

#[derive(Deserialize)]
struct Answer {
    ops: BTreeSet<String>,
    order: Vec<(String, String)>,
}

/// `apply_start` and `apply_complete` of the event stream: the kind, and "create ADDRESS".
fn events(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told = lines.filter_map(|line| {
        let kind = line["type"].as_str()?.strip_prefix("apply_")?.to_owned();
        let hook = line.get("hook")?;
        let action = hook["action"].as_str().filter(|action| matches!(*action, "create" | "update" | "delete"))?;
        Some((kind, format!("{action} {}", hook["resource"]["addr"].as_str()?)))
    });
    told.filter(|(kind, _)| matches!(kind.as_str(), "start" | "complete" | "errored")).collect()
}

/// What is wrong with the order, if anything.
fn problem(answer: &Answer, events: &[(String, String)]) -> Option<String> {
    let seen: BTreeSet<_> = events.iter().map(|(_, what)| what.clone()).collect();
    if seen != answer.ops {
        return Some(format!("want operations {:?} got {seen:?}", answer.ops));
    }
    let at = |kind: &str, what: &str| events.iter().position(|(one, other)| one == kind && other == what);
    answer.order.iter().find_map(|(first, second)| {
        let (done, start) = (at("complete", first), at("start", second));
        let right = done.is_some() && start.is_some() && done < start;
        (!right).then(|| format!("`{first}` must be complete before `{second}` starts in {events:?}"))
    })
}

fn misses(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("case.json")).expect("a case");
    let case: Case = serde_json::from_str(&text).expect("a case");
    let (work, env) = (Folder::new(), BTreeMap::new());
    let mut found = Vec::new();
    for (at, step) in case.steps.iter().enumerate() {
        let files = folder.join(format!("step-{}", at + 1));
        if !step.keep {
            work.lay(&files);
        }
        work.run(&["init", "-input=false"], &env);
        step.pre.iter().for_each(|words| drop(work.run(words, &env)));
        let mut args = vec!["apply", "-json", "-auto-approve", "-input=false"];
        args.extend((step.mode == "destroy").then_some("-destroy"));
        args.extend(step.args.iter().map(String::as_str));
        let ended = work.run(&args, &env);
        let text = std::fs::read_to_string(files.join("expected.json")).expect("an answer");
        let answer: Answer = serde_json::from_str(&text).expect("an answer");
        let wrong = if ended.well() { problem(&answer, &events(&ended.stdout)) } else { Some(ended.stdout) };
        let id = folder.file_name().expect("a name").to_string_lossy();
        found.extend(wrong.map(|wrong| format!("{id}/{}: {wrong} ({})", at + 1, case.name)));
    }
    found
}

#[test]
fn applies_keep_terraforms_order() {
    let cases = folders("order");
    let tried = cases.len();
    known::compare("Orders", tried, &side_by_side(cases, misses));
}
