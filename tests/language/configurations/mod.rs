//! Configurations in steps: every stage of every step must answer as the real terraform did.
//!
//! A step lays its files down (the state stays from the step before) and runs what its mode names: `init`, `validate`,
//! `plan -out`, `show -json`, `apply` of that plan, `state pull`. [`compare`] says in which facets the answers differ.

mod compare;
mod observe;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::tool::{folders, side_by_side};
use super::{exact, known};

#[derive(Deserialize)]
struct Case {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    mode: String,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    apply_args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    pre: Vec<Vec<String>>,
    #[serde(default)]
    post: Vec<Vec<String>>,
    note: Option<String>,
    #[serde(default)]
    keep: bool,
}

fn misses(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("case.json")).expect("a case");
    let case: Case = serde_json::from_str(&text).expect("a case");
    let id = folder.file_name().expect("a name").to_string_lossy();
    let mut found = Vec::new();
    for (at, got) in observe::play(folder, &case).iter().enumerate() {
        let step = at + 1;
        let want = std::fs::read_to_string(folder.join(format!("step-{step}/expected.json"))).expect("an answer");
        let want = exact::read(&want).expect("an answer");
        for (facet, text) in compare::differences(&want, got) {
            found.push(format!("{id}/{step}/{facet}: {} ({})", text, case.name));
        }
    }
    found
}

#[test]
fn configurations_are_answered_as_terraform_does() {
    let only = option_env!("GLAZ_ONLY_CASE");
    let mut cases = folders("cases");
    cases.retain(|path| only.is_none_or(|only| path.ends_with(only)));
    let tried = cases.len();
    let misses = side_by_side(cases, misses);
    if only.is_some() {
        assert!(misses.is_empty(), "{}", misses.join("\n"));
    } else {
        known::compare("Configurations", tried, &misses);
    }
}
