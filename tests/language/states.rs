//! State files that the real terraform wrote: read, shown, and planned on.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::json;

use super::exact::{difference, read};
use super::known;
use super::tool::{Folder, folders, side_by_side};

#[derive(Deserialize)]
struct Answer {
    state_list: String,
    outputs: String,
    show_json: String,
    plan_exitcode: i32,
    plan_actions: BTreeMap<String, Vec<String>>,
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

fn misses(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("an answer");
    let answer: Answer = serde_json::from_str(&text).expect("an answer");
    let (work, env) = (Folder::new(), BTreeMap::new());
    work.lay(folder);
    let run = |args: &[&str]| work.run(args, &env);
    let json = |text: &str| read(text).unwrap_or_else(|_| json!({ "not json": text }));
    run(&["init", "-input=false"]);
    let mut found = Vec::new();
    let mut put = |what: &str, told: Option<String>| {
        let id = folder.file_name().expect("a name").to_string_lossy();
        found.extend(told.map(|told| format!("{id}/{what}: {told}")));
    };
    let list = run(&["state", "list"]).stdout;
    put("list", (sorted(&list) != sorted(&answer.state_list)).then_some(list.clone()));
    put("output", difference(&json(&answer.outputs), &json(&run(&["output", "-json"]).stdout), "outputs"));
    let (want, got) = (json(&answer.show_json), json(&run(&["show", "-json"]).stdout));
    for part in ["values", "checks"] {
        put("show", difference(&want[part], &got[part], part));
    }
    let plan = run(&["plan", "-input=false", "-detailed-exitcode", "-out=tfplan"]);
    let shown = json(&run(&["show", "-json", "tfplan"]).stdout);
    let actions: BTreeMap<String, Vec<String>> = shown["resource_changes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let address = one["address"].as_str().unwrap_or_default();
            let deposed = if one["deposed"].is_string() { " (deposed)" } else { "" };
            let actions = one["change"]["actions"].as_array().into_iter().flatten();
            let actions = actions.filter_map(|action| action.as_str().map(str::to_owned)).collect();
            (format!("{address}{deposed}"), actions)
        })
        .collect();
    let same = plan.code == answer.plan_exitcode && actions == answer.plan_actions;
    put(
        "plan",
        (!same)
            .then(|| format!("want {} {:?} got {} {actions:?}", answer.plan_exitcode, answer.plan_actions, plan.code)),
    );
    found
}

#[test]
fn states_of_terraform_are_read() {
    let samples = folders("state");
    let tried = samples.len();
    known::compare("States", tried, &side_by_side(samples, misses));
}
