//! Expressions whose values, types and problems the real terraform answered. `corpus/expr` says where they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use glaz::clock::Clock;
use glaz::lang::{Environment, Evaluator, Loaded, Phase, load};
use glaz::value::{Data, Value, json};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::exact::read;
use super::toy::Toy;

/// Records that must at least be answered right. Raise it when more are.
const PASSED: usize = 6224;
/// Records that must fail and give the same summaries. Raise it when more do.
const SUMMARIES: usize = 2253;

/// Summary of a value that the state cannot hold.
const UNSTORED: &str = "Failed to serialize state";

/// One line of the corpus.
#[derive(Deserialize)]
struct Record {
    id: String,
    cat: String,
    expr: String,
    ok: bool,
    #[serde(default)]
    wrap: bool,
    json: Option<Box<RawValue>>,
    #[serde(rename = "type")]
    ty: Option<Box<RawValue>>,
    summaries: Option<BTreeSet<String>>,
    planned: Option<Planned>,
}

#[derive(Deserialize)]
struct Planned {
    after: Box<RawValue>,
    after_unknown: Box<RawValue>,
}

fn exact(text: &str) -> serde_json::Value {
    read(text).expect("JSON")
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language/corpus/expr")
}

/// The value of `output "v"`, or the summaries of the problems.
fn evaluate(dir: &Path, record: &Record) -> Result<Value, BTreeSet<String>> {
    let expr = if record.wrap { format!("[\n{}\n]", record.expr) } else { record.expr.clone() };
    #[allow(clippy::disallowed_methods)] // a test's own folder
    std::fs::write(dir.join("main.tf"), format!("output \"v\" {{\n  value = {expr}\n}}\n")).expect("a file");
    let Loaded { config, report, .. } = load(dir);
    let summaries = |report: &glaz::diagnostic::Report| {
        report.0.iter().filter(|one| one.is_error()).map(|one| one.summary.to_string()).collect::<BTreeSet<_>>()
    };
    if report.has_errors() {
        return Err(summaries(&report));
    }
    let env = Environment {
        workspace: "default".into(),
        root: dir.to_owned(),
        cwd: dir.to_owned(),
        home: Some("/nonexistent".into()),
        clock: Clock::pinned(Duration::from_secs(1_763_000_000), 1),
        plan_time: Duration::from_secs(1_763_000_000),
        phase: if record.planned.is_some() { Phase::Plan } else { Phase::Apply },
    };
    let outcome = Evaluator::new(config, &[], &env).run(&mut Toy).map_err(|report| summaries(&report))?;
    let value = outcome.outputs["v"].value.unmarked();
    // What the state cannot hold, such as an infinite number, is refused by the apply.
    if value.is_wholly_known() && json::to_json(&value).is_err() {
        return Err([UNSTORED.to_owned()].into());
    }
    Ok(value)
}

/// What a plan in JSON shows of a value: what is known, and what is not.
fn shown(value: &Value) -> (Option<String>, String) {
    if value.is_wholly_known() { (json::to_json(value).ok(), "false".into()) } else { shown_inside(value) }
}

fn shown_inside(value: &Value) -> (Option<String>, String) {
    let quoted = |name: &str| serde_json::Value::from(name).to_string();
    match &value.data {
        Data::Unknown(_) => (None, "true".into()),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => {
            (json::to_json(value).ok(), "false".into())
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            let parts: Vec<_> = entries.iter().map(|(name, value)| (quoted(name), shown_inside(value))).collect();
            let known: Vec<_> =
                parts.iter().filter_map(|(name, (after, _))| Some(format!("{name}:{}", after.as_ref()?))).collect();
            let unknown = parts.iter().filter(|(_, (_, unknown))| unknown != "false");
            let unknown: Vec<_> = unknown.map(|(name, (_, unknown))| format!("{name}:{unknown}")).collect();
            (Some(format!("{{{}}}", known.join(","))), format!("{{{}}}", unknown.join(",")))
        }
        _ => {
            let parts: Vec<_> = value.children().map(shown_inside).collect();
            let known: Vec<_> = parts.iter().map(|(after, _)| after.as_deref().unwrap_or("null")).collect();
            let unknown: Vec<_> = parts.iter().map(|(_, unknown)| unknown.as_str()).collect();
            (Some(format!("[{}]", known.join(","))), format!("[{}]", unknown.join(",")))
        }
    }
}

/// What is wrong with the answer; the second is what is wrong with the summaries of a right refusal.
fn judge(record: &Record, answer: &Result<Value, BTreeSet<String>>) -> (Option<String>, Option<String>) {
    let value = match (record.ok, answer) {
        (true, Err(summaries)) => return (Some(format!("refused: {summaries:?}")), None),
        (false, Ok(_)) => return (Some("accepted".into()), None),
        (false, Err(summaries)) => {
            let wanted = record.summaries.clone().unwrap_or_default();
            return (None, (wanted != *summaries).then(|| format!("want {wanted:?} got {summaries:?}")));
        }
        (true, Ok(value)) => value,
    };
    if let Some(planned) = &record.planned {
        let (after, unknown) = shown(value);
        let after = after.unwrap_or_else(|| "null".into());
        let same = exact(planned.after.get()) == exact(&after) && exact(planned.after_unknown.get()) == exact(&unknown);
        return (
            (!same).then(|| format!("want {} / {} got {after} / {unknown}", planned.after, planned.after_unknown)),
            None,
        );
    }
    let value = if record.wrap { value.elements().map_or(value, |elements| &elements[0]) } else { value };
    let Ok(text) = json::to_json(value) else { return (Some("not known".into()), None) };
    let wanted = record.json.as_ref().map_or("null", |raw| raw.get());
    if exact(wanted) != exact(&text) {
        return (Some(format!("want {wanted} got {text}")), None);
    }
    let ty = json::type_to_json(&value.ty());
    let wanted = record.ty.as_ref().map_or("null", |raw| raw.get());
    ((exact(wanted) != exact(&ty)).then(|| format!("want type {wanted} got {ty}")), None)
}

#[test]
fn expressions_have_terraforms_values() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path();
    std::fs::copy(corpus().join("prelude.tf"), dir.join("prelude.tf")).expect("a copy");
    std::os::unix::fs::symlink(corpus().join("fixtures"), dir.join("fixtures")).expect("a link");
    let text = std::fs::read_to_string(corpus().join("exprs.jsonl")).expect("the corpus");
    let mut records: Vec<Record> = text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    // Those with resources last: they need another file.
    records.sort_by_key(|record| record.planned.is_some());
    let only = option_env!("GLAZ_ONLY_CATEGORY");
    let mut base = false;
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut passed, mut refused, mut same) = (0, 0, 0);
    let mut misses = String::new();
    for record in records.iter().filter(|record| only.is_none_or(|only| record.cat == only)) {
        if record.planned.is_some() && !base {
            std::fs::copy(corpus().join("unknown-base.tf"), dir.join("unknown-base.tf")).expect("a copy");
            base = true;
        }
        let answer = std::panic::catch_unwind(|| evaluate(dir, record));
        let (wrong, summary) = answer.map_or((Some("panicked".into()), None), |answer| judge(record, &answer));
        let count = counts.entry(record.cat.clone()).or_default();
        count.1 += 1;
        if let Some(wrong) = &wrong {
            misses += &format!("{} [{}] {:?}: {wrong}\n", record.id, record.cat, record.expr);
        } else {
            count.0 += 1;
            passed += 1;
        }
        if !record.ok {
            refused += 1;
            same += usize::from(wrong.is_none() && summary.is_none());
            if let Some(summary) = summary {
                misses += &format!("{} [{}] {:?}: summaries: {summary}\n", record.id, record.cat, record.expr);
            }
        }
    }
    let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expressions.txt");
    #[allow(clippy::disallowed_methods)] // a report for people
    std::fs::write(&report, &misses).expect("a file");
    let lines: Vec<_> = counts
        .iter()
        .filter(|(_, (good, all))| good < all)
        .map(|(category, (good, all))| format!("{category} {good}/{all}"))
        .collect();
    let summary = format!(
        "{passed}/{} passed, {same}/{refused} with the same summaries; not full: {}; misses in {}",
        records.len(),
        lines.join(", "),
        report.display()
    );
    #[allow(clippy::print_stdout)] // the numbers are what one looks at
    {
        println!("{summary}");
    }
    assert!(only.is_some() || (passed >= PASSED && same >= SUMMARIES), "{summary}");
}
