//! Changes -> steps: what apply does, and what each step needs done before.
//!
//! A replacement is two ordinary steps; `replace` chooses the edges between them and to others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::change::{Action, Change};
use super::replace;
use crate::address::{Address, Resource};
use crate::diagnostic::{Diagnostic, Report};

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Makes an object.
    Create,
    /// Changes an object.
    Update,
    /// Deletes an object.
    Delete,
    /// Reads a data source.
    Read,
}

/// One step of apply.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its place in the plan.
    pub number: usize,
    /// What it does.
    pub what: What,
    /// Index of its change in the plan.
    pub change: usize,
    /// The instance.
    pub address: Address,
    /// Indices of the steps that must be done before.
    pub needs: Vec<usize>,
}

/// Where the steps of a change are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    /// Create, update or read.
    pub make: Option<usize>,
    /// Delete.
    pub delete: Option<usize>,
}

/// Steps under construction: edges are sets until the end.
pub(super) struct Draft<'a> {
    pub changes: &'a [Change],
    pub pairs: Vec<Pair>,
    pub steps: Vec<Step>,
    pub needs: Vec<BTreeSet<usize>>,
    /// Current (not deposed) objects by address.
    pub by_address: IndexMap<&'a Address, usize>,
    /// All changes of a block, for dependencies recorded in state.
    pub by_resource: BTreeMap<Resource, Vec<usize>>,
}

/// The steps of the changes, in an order that respects what each needs.
///
/// # Errors
/// Steps need each other in a circle.
pub fn steps(changes: &[Change]) -> Result<Vec<Step>, Report> {
    let mut draft = Draft::new(changes);
    make_edges(&mut draft);
    replace::edges(&mut draft);
    sorted(draft)
}

impl<'a> Draft<'a> {
    fn new(changes: &'a [Change]) -> Self {
        let mut draft = Self {
            changes,
            pairs: Vec::new(),
            steps: Vec::new(),
            needs: Vec::new(),
            by_address: IndexMap::new(),
            by_resource: BTreeMap::new(),
        };
        for (at, change) in changes.iter().enumerate() {
            let (make, delete) = match change.action {
                Action::NoOp | Action::Forget => (None, None),
                Action::Read => (Some(What::Read), None),
                Action::Create => (Some(What::Create), None),
                Action::Update => (Some(What::Update), None),
                Action::Replace { .. } => (Some(What::Create), Some(What::Delete)),
                Action::Delete => (None, Some(What::Delete)),
            };
            let delete = delete.map(|what| draft.push(what, at));
            let make = make.map(|what| draft.push(what, at));
            draft.pairs.push(Pair { make, delete });
            if change.deposed.is_none() {
                draft.by_address.insert(&change.address, at);
            }
            draft.by_resource.entry(without_keys(&change.address.resource)).or_default().push(at);
        }
        draft
    }

    fn push(&mut self, what: What, change: usize) -> usize {
        self.steps.push(Step {
            number: self.steps.len(),
            what,
            change,
            address: self.changes[change].address.clone(),
            needs: Vec::new(),
        });
        self.needs.push(BTreeSet::new());
        self.steps.len() - 1
    }

    /// `step` runs after `first`.
    pub(super) fn edge(&mut self, step: usize, first: usize) {
        if step != first {
            self.needs[step].insert(first);
        }
    }
}

/// State files record dependencies without the instance keys of modules.
pub fn without_keys(resource: &Resource) -> Resource {
    use crate::address::ModulePath;
    let module = resource.module.0.iter().fold(ModulePath::root(), |path, step| path.child(&step.name, None));
    Resource { module, ..resource.clone() }
}

/// What makes an object runs after what makes those it depends on, also through objects that do not change.
fn make_edges(draft: &mut Draft<'_>) {
    let changes = draft.changes;
    let mut frontier: Vec<Option<BTreeSet<usize>>> = vec![None; changes.len()];
    for start in 0..changes.len() {
        let mut stack = vec![start];
        while let Some(&at) = stack.last() {
            if frontier[at].is_some() {
                stack.pop();
                continue;
            }
            let below: Vec<usize> = changes[at]
                .dependencies
                .iter()
                .filter_map(|address| draft.by_address.get(address).copied())
                .filter(|&b| b != at)
                .collect();
            let open: Vec<usize> =
                below.iter().copied().filter(|&b| frontier[b].is_none() && !stack.contains(&b)).collect();
            if !open.is_empty() {
                stack.extend(open);
                continue;
            }
            let makers: BTreeSet<usize> =
                below.iter().filter_map(|&b| frontier[b].as_ref()).flatten().copied().collect();
            let own = draft.pairs[at].make;
            if let Some(make) = own {
                makers.iter().for_each(|&first| draft.edge(make, first));
            }
            frontier[at] = Some(own.map_or(makers, |make| [make].into()));
            stack.pop();
        }
    }
}

/// Puts the steps in an order that respects their needs; the given order where it leaves a choice.
fn sorted(draft: Draft<'_>) -> Result<Vec<Step>, Report> {
    let count = draft.steps.len();
    let mut waiting: Vec<usize> = draft.needs.iter().map(BTreeSet::len).collect();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (step, needs) in draft.needs.iter().enumerate() {
        needs.iter().for_each(|&first| after[first].push(step));
    }
    let mut ready: BTreeSet<usize> = (0..count).filter(|&step| waiting[step] == 0).collect();
    let mut place = vec![usize::MAX; count];
    let mut order = Vec::with_capacity(count);
    while let Some(step) = ready.pop_first() {
        place[step] = order.len();
        order.push(step);
        for &next in &after[step] {
            waiting[next] -= 1;
            if waiting[next] == 0 {
                ready.insert(next);
            }
        }
    }
    if order.len() < count {
        let stuck: Vec<String> =
            (0..count).filter(|&step| waiting[step] > 0).map(|step| label(&draft.steps[step])).collect();
        return Err(
            Diagnostic::error("Cycle", format!("These steps wait for each other: {}.", stuck.join(", "))).into()
        );
    }
    let Draft { steps, needs, .. } = draft;
    let mut slots: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let take = |step: usize| {
        let needs = needs[step].iter().map(|&first| place[first]).collect();
        slots[step].take().map(|one| Step { number: place[step], needs, ..one })
    };
    Ok(order.into_iter().filter_map(take).collect())
}

fn label(step: &Step) -> String {
    let what = match step.what {
        What::Create => "create",
        What::Update => "update",
        What::Delete => "delete",
        What::Read => "read",
    };
    format!("{what} {}", step.address)
}

/// One step per line with what it needs: the format of planning tests.
pub fn to_text(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        text.push_str(&label(step));
        if !step.needs.is_empty() {
            let needs: Vec<String> = step.needs.iter().map(|&first| label(&steps[first])).collect();
            // Writing to a String cannot fail.
            let _ = write!(text, " <- {}", needs.join(", "));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::change::Reason;
    use crate::value::{Type, Value};

    /// `"b replace <- a"`: an object, what happens to it, what it depends on (also as recorded in state).
    fn plan(lines: &[&str]) -> String {
        let change = |line: &&str| {
            let (head, deps) = line.split_once(" <- ").unwrap_or((line, ""));
            let (name, action) = head.split_once(' ').unwrap_or((head, "no-op"));
            let action = match action {
                "create" => Action::Create,
                "update" => Action::Update,
                "replace" => Action::Replace { create_first: false },
                "replace-cbd" => Action::Replace { create_first: true },
                "delete" => Action::Delete,
                _ => Action::NoOp,
            };
            let deps = || deps.split(", ").filter(|dep| !dep.is_empty()).map(|dep| Resource::managed("t", dep));
            let dependencies = match action {
                Action::Delete => BTreeSet::new(),
                _ => deps().map(|dep| Address::new(dep, None)).collect(),
            };
            Change {
                address: Address::new(Resource::managed("t", name), None),
                deposed: None,
                moved_from: None,
                importing: None,
                provider: crate::plan::provider::Connections::parse("provider[\"p\"]"),
                action,
                reason: Reason::None,
                before: Value::null(Type::Any),
                after: Value::null(Type::Any),
                changed: Vec::new(),
                dependencies,
                recorded: deps().collect(),
                span: None,
            }
        };
        let changes: Vec<Change> = lines.iter().map(change).collect();
        steps(&changes).map_or_else(|report| format!("{:?}", report.0), |steps| to_text(&steps)).replace("t.", "")
    }

    #[test]
    fn makers_follow_what_they_depend_on_also_through_unchanged_ones() {
        assert_eq!(plan(&["a create", "b <- a", "c update <- b"]), "create a\nupdate c <- create a\n");
    }

    #[test]
    fn deletes_go_backwards_and_after_updates_that_let_go() {
        assert_eq!(plan(&["a delete", "b delete <- a"]), "delete b\ndelete a <- delete b\n");
        assert_eq!(plan(&["b update <- a", "a delete"]), "update b\ndelete a <- update b\n");
    }

    #[test]
    fn replacement_deletes_dependents_first_and_makes_them_last() {
        assert_eq!(
            plan(&["a replace", "b replace <- a", "c update <- b"]),
            "delete b\ndelete a <- delete b\ncreate a <- delete a\ncreate b <- create a, delete b\nupdate c <- create b\n"
        );
    }

    #[test]
    fn create_first_deletes_when_everybody_has_moved() {
        assert_eq!(
            plan(&["a replace-cbd", "b update <- a"]),
            "create a\nupdate b <- create a\ndelete a <- create a, update b\n"
        );
        assert_eq!(
            plan(&["a replace-cbd", "b replace-cbd <- a"]),
            "create a\ncreate b <- create a\ndelete b <- create b\ndelete a <- create a, delete b, create b\n"
        );
    }
}
