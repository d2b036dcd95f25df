//! The cases every AWS type must pass, run with the real binary against the emulator.
//!
//! | case | what must hold |
//! |---|---|
//! | minimal | apply; second plan empty; an import reads the same attributes; destroy leaves nothing |
//! | full | for each body: apply; second plan empty; destroy leaves nothing |
//! | changes | bodies applied one after the other; after each the second plan is empty |
//! | vanished | deleted behind our back: the plan makes it again, the apply heals it |
//!
//! Each case has an empty account and folder of its own. All are run, and all that failed are told together.
//! `GLAZ_CASE=full` runs only the cases whose name starts so.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::stack::{Stack, stack};

/// What the cases of a type need. Bodies are the inside of `resource TYPE "it" { ... }`.
pub struct Cases<'a> {
    /// Such as `aws_lb_target_group`.
    pub type_name: &'static str,
    /// Other blocks the bodies refer to.
    pub setup: &'a str,
    /// As little as possible.
    pub minimal: &'a str,
    /// Everything that can be set together (several bodies when arguments exclude each other).
    pub full: &'a [&'a str],
    /// Bodies applied one after the other, from `minimal` on: each argument set, changed, removed. After each the
    /// second plan must be empty.
    pub changes: &'a [&'a str],
    /// The text for `import`, with `{attribute}` for attributes of the object; `None` when Terraform has no import.
    pub import: Option<&'static str>,
    /// Attributes that an import cannot tell, so that a plan after it may show them.
    pub import_ignores: &'static [&'static str],
}

/// Runs all cases of the type.
#[track_caller]
pub fn run(cases: &Cases<'_>) {
    let mut failed = Failures::default();
    failed.run("minimal", || minimal(cases));
    for (at, body) in cases.full.iter().enumerate() {
        failed.run(&format!("full {at}"), || full(cases, body));
    }
    if !cases.changes.is_empty() {
        failed.run("changes", || changes(cases));
    }
    failed.run("vanished", || vanished(cases));
    assert!(failed.texts.is_empty(), "{} failed:\n\n{}", cases.type_name, failed.texts.join("\n"));
}

/// What failed, so far.
#[derive(Default)]
struct Failures {
    texts: Vec<String>,
}

impl Failures {
    fn run(&mut self, name: &str, case: impl FnOnce()) {
        let only = std::env::var("GLAZ_CASE").unwrap_or_default();
        if !name.starts_with(&only) {
            return;
        }
        // The emulator and the folder of a failed case are dropped with it.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(case)) {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic");
            self.texts.push(format!("== {name}\n{text}\n"));
        }
    }
}

/// A stack with this body.
fn with(cases: &Cases<'_>, body: &str) -> Stack {
    stack().unchecked().aws().file("main.tf", text(cases, body))
}

fn text(cases: &Cases<'_>, body: &str) -> String {
    format!("{}\n\nresource \"{}\" \"it\" {{\n{body}\n}}\n", cases.setup, cases.type_name)
}

fn minimal(cases: &Cases<'_>) {
    let stack = with(cases, cases.minimal);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert_id(&stack, cases.type_name);
    if let Some(text) = cases.import {
        super::import::assert_same(&stack, cases.type_name, text, cases.import_ignores);
    }
    destroy(&stack, cases.minimal);
}

/// What a type calls the same as its id is the same.
fn assert_id(stack: &Stack, type_name: &str) {
    let provider = glaz::aws::provider();
    let resource = provider.resources().iter().find(|one| one.type_name() == type_name).unwrap();
    let state = stack.state();
    let objects = state["resources"].as_array().unwrap().iter().filter(|one| one["type"] == type_name);
    for object in objects.flat_map(|one| one["instances"].as_array().unwrap()) {
        let attributes = &object["attributes"];
        if let Some(name) = resource.same_as_id() {
            assert_eq!(attributes["id"], attributes[name], "{name}");
        }
    }
}

fn full(cases: &Cases<'_>, body: &str) {
    let stack = with(cases, body);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    destroy(&stack, body);
}

fn changes(cases: &Cases<'_>) {
    let stack = with(cases, cases.minimal);
    stack.apply().succeeds();
    for (at, body) in cases.changes.iter().enumerate() {
        stack.write("main.tf", text(cases, body));
        let change = stack.apply();
        assert!(change.code == Some(0), "change {at} fails:\n{}", change.raw());
        let plan = stack.plan();
        assert!(plan.code == Some(0), "after change {at} the second plan is not empty:\n{}", plan.raw());
    }
    destroy(&stack, &cases.changes.concat());
}

/// Deletes everything, then puts the state back that says it is there.
fn vanished(cases: &Cases<'_>) {
    let stack = with(cases, cases.minimal);
    stack.apply().succeeds();
    let (state, instances) = (stack.read("terraform.tfstate"), stack.instances());
    stack.destroy().succeeds();
    stack.write("terraform.tfstate", state);
    stack.plan().ends_with(2).says(&format!("{} to add, 0 to change, 0 to destroy", instances.len()));
    stack.apply().succeeds();
    assert_eq!(stack.instances(), instances, "the apply did not make everything again");
    stack.assert_nothing_to_do();
    destroy(&stack, cases.minimal);
}

#[track_caller]
fn destroy(stack: &Stack, bodies: &str) {
    stack.destroy().succeeds();
    assert_eq!(stack.instances(), Vec::<String>::new(), "the state still remembers instances");
    // `skip_destroy` and the like leave the object on purpose.
    if !bodies.contains("skip_destroy") {
        stack.emulator().assert_empty();
    }
}
