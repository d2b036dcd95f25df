//! What the binary does with a case, in the shape of the recorded answers.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value, json};

use super::super::exact;
use super::super::tool::{Ended, Folder};
use super::{Case, Step};

static ID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b").expect("a pattern")
});

/// Made-up ids become `<id N of ADDRESS>`, by the address at which they were first seen.
#[derive(Default)]
struct Ids {
    labels: HashMap<String, String>,
    counts: HashMap<String, usize>,
}

impl Ids {
    fn learn(&mut self, id: Option<&str>, address: &str) {
        let Some(id) = id.filter(|id| ID.is_match(id) && id.len() == 36 && !self.labels.contains_key(*id)) else {
            return;
        };
        let count = self.counts.entry(address.to_owned()).or_default();
        *count += 1;
        self.labels.insert(id.to_owned(), format!("<id {count} of {address}>"));
    }

    fn text(&self, text: &str) -> String {
        let label = |found: &Captures<'_>| self.labels.get(&found[0]).cloned().unwrap_or_else(|| found[0].to_owned());
        ID.replace_all(text, label).into_owned()
    }

    fn labelled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|one| self.labelled(one)).collect(),
            Value::Object(entries) => {
                Value::Object(entries.iter().map(|(name, one)| (self.text(name), self.labelled(one))).collect())
            }
            _ => value.clone(),
        }
    }
}

/// What every step of the case gave.
pub fn play(folder: &Path, case: &Case) -> Vec<Value> {
    let work = Folder::new();
    let mut ids = Ids::default();
    let steps = case.steps.iter().enumerate();
    steps.map(|(at, step)| one(&work, &folder.join(format!("step-{}", at + 1)), step, &mut ids)).collect()
}

fn one(work: &Folder, files: &Path, step: &Step, ids: &mut Ids) -> Value {
    if !step.keep {
        work.lay(files);
    }
    let mut seen = Map::new();
    let run = |args: &[&str]| work.run(args, &step.env);
    if step.note.as_deref() != Some("noinit") {
        seen.insert("init".into(), stage(&run(&["init", "-no-color", "-input=false"])));
    }
    seen.insert("pre".into(), commands(work, &step.pre, &step.env));
    if step.mode != "none" {
        seen.insert("validate".into(), stage(&run(&["validate", "-no-color"])));
    }
    let mode: &[&str] = match step.mode.as_str() {
        "destroy" => &["-destroy"],
        "refresh-only" => &["-refresh-only"],
        _ => &[],
    };
    if matches!(step.mode.as_str(), "apply" | "plan" | "destroy" | "refresh-only") {
        let mut args = vec!["plan", "-no-color", "-input=false", "-out=tfplan"];
        args.extend(mode);
        args.extend(step.args.iter().map(String::as_str));
        let ended = run(&args);
        let mut plan = stage(&ended);
        if ended.well() {
            shown_plan(&run(&["show", "-json", "tfplan"]).stdout, plan.as_object_mut().expect("an object"));
            if step.mode != "plan" {
                let mut args = vec!["apply", "-no-color", "-input=false"];
                args.extend(step.apply_args.iter().map(String::as_str));
                args.push("tfplan");
                seen.insert("apply".into(), stage(&run(&args)));
            }
        }
        seen.insert("plan".into(), plan);
    }
    seen.insert("post".into(), commands(work, &step.post, &step.env));
    let pulled = run(&["state", "pull"]);
    let state = if pulled.well() { state(&pulled.stdout, ids) } else { Value::Null };
    seen.insert("state".into(), state);
    let _ = std::fs::remove_file(work.path.join("tfplan")); // there is none when the plan failed
    ids.labelled(&Value::Object(seen))
}

fn stage(ended: &Ended) -> Value {
    json!({ "rc": ended.code, "errors": ended.errors, "warnings": ended.warnings })
}

/// The extra commands of a step; `@cat` and `@ls` look at files.
fn commands(work: &Folder, all: &[Vec<String>], env: &BTreeMap<String, String>) -> Value {
    let run = |words: &Vec<String>| {
        let looked = |text: std::io::Result<String>| match text {
            Ok(text) => json!({ "cmd": words, "rc": 0, "stdout": text }),
            Err(_) => json!({ "cmd": words, "rc": 1, "stdout": "" }),
        };
        match words[0].as_str() {
            "@cat" => looked(std::fs::read_to_string(work.path.join(&words[1]))),
            "@ls" => looked(Ok(names(&work.path.join(&words[1])))),
            _ => {
                let ended = work.run(words, env);
                json!({ "cmd": words, "rc": ended.code, "stdout": ended.stdout, "errors": ended.errors })
            }
        }
    };
    all.iter().map(run).collect()
}

fn names(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.join("\n")
}

/// What the JSON of a plan says, without what the corpus does not compare.
fn shown_plan(text: &str, plan: &mut Map<String, Value>) {
    let Ok(shown) = exact::read(text) else {
        plan.insert("unreadable".into(), text.chars().take(200).collect::<String>().into());
        return;
    };
    let changes: Vec<_> = items(&shown["resource_changes"]).map(change).collect();
    plan.insert("changes".into(), changes.into());
    let kept = ["actions", "before", "after", "after_unknown", "after_sensitive"];
    let outputs = shown["output_changes"].as_object().into_iter().flatten();
    let outputs = outputs.map(|(name, one)| (name.clone(), picked(one, &kept)));
    plan.insert("outputs".into(), Value::Object(outputs.collect()));
    let drift = items(&shown["resource_drift"]).map(|one| {
        let actions: Vec<_> = items(&one["change"]["actions"]).filter_map(Value::as_str).collect();
        format!("{} {}", one["address"].as_str().unwrap_or_default(), actions.join("/"))
    });
    let mut drift: Vec<_> = drift.collect();
    drift.sort();
    plan.insert("drift".into(), drift.into());
    let checks = items(&shown["checks"]).map(|one| {
        let instances = items(&one["instances"]).map(|one| {
            let problems = items(&one["problems"]).map(|problem| problem["message"].clone());
            let told: Vec<_> = std::iter::once(one["status"].clone()).chain(problems).collect();
            (displayed(one), Value::from(told))
        });
        let instances: Map<_, _> = instances.collect();
        (displayed(one), json!({ "status": one["status"], "instances": instances }))
    });
    plan.insert("checks".into(), Value::Object(checks.collect()));
}

fn displayed(check: &Value) -> String {
    check["address"]["to_display"].as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn picked(from: &Value, names: &[&str]) -> Value {
    let entries = names.iter().map(|name| ((*name).to_owned(), from.get(*name).cloned().unwrap_or(Value::Null)));
    Value::Object(entries.collect())
}

fn change(one: &Value) -> Value {
    let change = &one["change"];
    let mut entry =
        picked(change, &["actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive"]);
    entry["address"] = one["address"].clone();
    for name in ["previous_address", "action_reason"] {
        if one[name].is_string() {
            entry[name] = one[name].clone();
        }
    }
    let mut paths: Vec<_> = items(&change["replace_paths"]).map(Value::to_string).collect();
    if !paths.is_empty() {
        paths.sort();
        entry["replace_paths"] = paths.into();
    }
    if change["importing"].is_object() {
        entry["importing"] = change["importing"]["id"].clone();
    }
    if one["deposed"].is_string() {
        entry["deposed"] = true.into();
    }
    entry
}

/// The state after a step: objects and outputs, in the shape of the recorded answers.
fn state(text: &str, ids: &mut Ids) -> Value {
    if text.trim().is_empty() {
        return Value::Null;
    }
    let Ok(read) = exact::read(text) else { return json!({ "unreadable": text }) };
    let objects =
        || items(&read["resources"]).flat_map(|block| items(&block["instances"]).map(move |one| (block, one)));
    for deposed in [false, true] {
        for (block, one) in objects().filter(|(_, one)| one["deposed"].is_string() == deposed) {
            ids.learn(one["attributes"]["id"].as_str(), &address(block, one));
        }
    }
    let mut resources: Vec<_> = objects()
        .map(|(block, one)| {
            let mut needs: Vec<_> = items(&one["dependencies"]).map(|need| need.as_str().unwrap_or_default()).collect();
            needs.sort_unstable();
            let mut paths: Vec<_> = items(&one["sensitive_attributes"]).map(Value::to_string).collect();
            paths.sort();
            let mut object = json!({
                "address": address(block, one),
                "attributes": ids.labelled(&one["attributes"]),
                "dependencies": needs,
                "create_before_destroy": one["create_before_destroy"].as_bool().unwrap_or_default(),
                "tainted": one["status"] == "tainted",
                "deposed": one["deposed"].is_string(),
            });
            if !paths.is_empty() {
                object["sensitive"] = paths.into();
            }
            object
        })
        .collect();
    resources.sort_by_key(|one| (one["address"].to_string(), one["deposed"].as_bool(), one["attributes"].to_string()));
    let outputs = read["outputs"].as_object().into_iter().flatten().map(|(name, one)| {
        let sensitive = one["sensitive"].as_bool().unwrap_or_default();
        (name.clone(), json!({ "value": ids.labelled(&one["value"]), "type": one["type"], "sensitive": sensitive }))
    });
    json!({ "resources": resources, "outputs": Value::Object(outputs.collect()) })
}

fn address(block: &Value, one: &Value) -> String {
    let word = |name: &str| block[name].as_str().unwrap_or_default();
    let module = if word("module").is_empty() { String::new() } else { format!("{}.", word("module")) };
    let data = if word("mode") == "data" { "data." } else { "" };
    let plain = format!("{module}{data}{}.{}", word("type"), word("name"));
    match &one["index_key"] {
        Value::Null => plain,
        key if exact::number(key).is_some() => format!("{plain}[{}]", exact::number(key).unwrap_or_default()),
        key => format!("{plain}[{}]", key.to_string().replace("${", "$${").replace("%{", "%%{")),
    }
}
