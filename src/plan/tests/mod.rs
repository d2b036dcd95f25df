//! Plans of toy types, from Markdown pages: under each heading a stack (` ```tf `, a first line `# file NAME` starts
//! another file), perhaps what state remembers (` ```state `: one object a line) and what is planned (` ```plan `).

mod linear;
mod toys;

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::diagnostic::Report;
use crate::lang::{Environment, Phase, load};
use crate::plan::{Action, Change, Options, Plan, Purpose, Request, draw};
use crate::resource::Surroundings;
use crate::resource::model::{Field as _, Model as _};
use crate::state::{Instance, InstanceKey, State};

const PAGES: &[(&str, &str)] = &[
    ("moved", include_str!("moved.md")),
    ("removed", include_str!("removed.md")),
    ("import", include_str!("import.md")),
    ("lifecycle", include_str!("lifecycle.md")),
];

/// One section of a page.
#[derive(Default)]
struct Section {
    title: String,
    stack: String,
    state: String,
    plan: String,
    is_destroy: bool,
}

fn sections(page: &str) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    let mut open: Option<String> = None;
    for line in page.lines() {
        match (&open, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                if let Some(section) = found.last_mut() {
                    section.is_destroy |= kind == "destroy";
                }
                open = Some(kind.to_owned());
            }
            (Some(_), Some(_)) => open = None,
            (Some(kind), None) => {
                let Some(section) = found.last_mut() else { continue };
                let text = match kind.as_str() {
                    "tf" => &mut section.stack,
                    "state" => &mut section.state,
                    _ => &mut section.plan,
                };
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    found.push(Section { title: title.to_owned(), ..Section::default() });
                }
            }
        }
    }
    found
}

/// `toy.a size=1 made_of=wood tainted deposed=00000001`.
fn remembered(text: &str) -> State {
    let mut state = State::of_lineage("toys");
    for line in text.lines() {
        let mut words = line.split(' ');
        let address: crate::address::Address = words.next().and_then(|word| word.parse().ok()).expect("an address");
        let mut toy = toys::Toy { id: Some(format!("id of {address}")), ..toys::Toy::default() };
        let (mut tainted, mut deposed, mut first, mut deps) = (false, None, false, Vec::new());
        for word in words {
            match word.split_once('=').unwrap_or((word, "")) {
                ("size", size) => toy.size = size.parse().ok(),
                ("made_of", text) => toy.made_of = Some(text.to_owned()),
                ("id", text) => toy.id = Some(text.to_owned()),
                ("tainted", _) => tainted = true,
                ("deposed", key) => deposed = Some(key.to_owned()),
                ("create_first", _) => first = true,
                ("after", block) => deps.push(block.parse::<crate::address::Address>().expect("an address").resource),
                (other, _) => panic!("{other}"),
            }
        }
        let provider = "provider[\"registry.terraform.io/hashicorp/toy\"]";
        let object = toy.encode_element();
        let instance = Instance::new(provider, 0, &object, &toys::Toy::schema().ty).expect("an object");
        let instance = Instance { tainted, create_before_destroy: first, dependencies: deps, ..instance };
        state.instances.insert(InstanceKey { address, deposed }, instance);
    }
    state
}

#[allow(clippy::disallowed_methods)]
fn folder(stack: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let mut path = dir.path().join("main.tf");
    let mut files: std::collections::BTreeMap<_, String> = [(path.clone(), String::new())].into();
    for line in stack.lines() {
        if let Some(name) = line.strip_prefix("# file ") {
            path = dir.path().join(name);
        } else {
            let text = files.entry(path.clone()).or_default();
            text.push_str(line);
            text.push('\n');
        }
    }
    for (path, text) in files {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    dir
}

/// The plan of a section; `state` is what is remembered, when it does not stand on the page.
async fn planned(section: &Section, state: Option<State>) -> Result<Plan, Report> {
    let dir = folder(&section.stack);
    let loaded = load(dir.path());
    loaded.report.or(())?;
    let clock = Clock::pinned(Duration::ZERO, 1);
    let env = Environment {
        workspace: "default".into(),
        root: dir.path().to_owned(),
        cwd: dir.path().to_owned(),
        home: None,
        clock: clock.clone(),
        plan_time: Duration::ZERO,
        phase: Phase::Plan,
    };
    let options =
        Options { mode: if section.is_destroy { Purpose::Destroy } else { Purpose::Normal }, ..Options::default() };
    let (state, registry) = (state.unwrap_or_else(|| remembered(&section.state)), toys::registry());
    let around = Surroundings { clock, environment: Arc::default(), agent: "test".into() };
    let request = Request {
        config: &loaded.config,
        inputs: &[],
        env: &env,
        state: &state,
        registry: &registry,
        around: &around,
        options: &options,
        rollouts: None,
    };
    draw(request).await
}

fn line(change: &Change) -> String {
    let what = match change.action {
        Action::NoOp => "keep",
        Action::Read => "read",
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace { create_first: false } => "replace",
        Action::Replace { create_first: true } => "replace, create first",
        Action::Delete => "delete",
        Action::Forget => "forget",
    };
    let mut text = format!("{what} {}", change.address);
    text.extend(change.deposed.iter().map(|key| format!(" deposed {key}")));
    text.extend(change.moved_from.iter().map(|from| format!(" from {from}")));
    text.extend(change.importing.iter().map(|id| format!(" import {id}")));
    if change.reason != crate::plan::Reason::None {
        text.push_str(&format!(" ({:?})", change.reason));
    }
    text
}

fn text(planned: Result<Plan, Report>) -> String {
    let (mut lines, report) = match planned {
        Ok(plan) => (plan.changes.iter().filter(|change| change.is_shown()).map(line).collect(), plan.warnings),
        Err(report) => (Vec::new(), report),
    };
    lines.sort();
    let mut problems: Vec<String> = report
        .0
        .iter()
        .map(|problem| format!("{}: {}", if problem.is_error() { "error" } else { "warning" }, problem.summary))
        .collect();
    problems.sort();
    lines.extend(problems);
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

#[tokio::test]
async fn pages() {
    let mut wrong = String::new();
    for (page, source) in PAGES {
        for section in sections(source) {
            let got = text(planned(&section, None).await);
            if got != section.plan {
                let title = &section.title;
                wrong.push_str(&format!("{page}.md, {title}\n--- expected\n{}--- got\n{got}\n", section.plan));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
