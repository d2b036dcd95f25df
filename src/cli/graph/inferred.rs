//! Order that the files do not state, for the picture.

use std::collections::{BTreeMap, BTreeSet};

use super::GraphArgs;
use crate::address::{Address, Resource};
use crate::cli::Globals;
use crate::cli::render::graph::Edge;
use crate::cli::run::request;
use crate::cli::stack::{Stack, StackArgs};
use crate::diagnostic::Diagnostic;
use crate::lang::Phase;
use crate::lang::dependencies::{Dependencies, Kind};
use crate::plan::saved::Saved;
use crate::plan::steps::block_of;
use crate::plan::{self, Inferred, Options, Plan, Purpose, What};
use crate::state::State;

/// Reasons of needs between steps of a plan, by their places: the step that needs, and the one that is needed.
pub(super) type Reasons = BTreeMap<(usize, usize), &'static str>;

/// Finds it with a plan that asks nobody, of what the files want or, in order to delete, of what the state has. When there
/// can be none, as without values of variables, a line says so.
pub(super) async fn find(
    all: &Dependencies,
    args: &GraphArgs,
    deleted: Option<&State>,
    globals: &Globals,
) -> Vec<Edge> {
    let is_aws = |kind: &Kind| matches!(kind, Kind::Resource(resource) if resource.type_name.starts_with("aws_"));
    if !all.nodes.iter().any(|node| is_aws(&node.kind)) {
        return Vec::new();
    }
    match infer(args, deleted, globals).await {
        Ok(found) => drawn(all, &edges(all, &found)),
        Err(problem) => {
            say_none(problem.as_ref(), globals);
            Vec::new()
        }
    }
}

fn say_none(problem: Option<&Diagnostic>, globals: &Globals) {
    let why = problem.map(|problem| format!(" ({})", problem.summary)).unwrap_or_default();
    globals.shell.err(&format!("Order that the files do not state is not drawn: there is no plan{why}.\n"));
}

async fn infer(
    args: &GraphArgs,
    deleted: Option<&State>,
    globals: &Globals,
) -> Result<Vec<Inferred>, Option<Diagnostic>> {
    let stack_args = StackArgs { dir: args.dir.clone(), ..StackArgs::default() };
    let stack = Stack::open(&stack_args, globals, Phase::Plan).await.map_err(|failure| first(failure.report.0))?;
    let none = State::of_lineage("");
    let mode = if deleted.is_some() { Purpose::Destroy } else { Purpose::Normal };
    let (state, options) =
        (deleted.unwrap_or(&none), Options { mode, offline: true, refresh: false, ..Options::default() });
    let plan = plan::draw(request(&stack, state, &options)).await.map_err(|problems| first(problems.0))?;
    Ok(plan::inferred(&plan, request(&stack, state, &options)))
}

fn first(all: Vec<Diagnostic>) -> Option<Diagnostic> {
    all.into_iter().find(Diagnostic::is_error)
}

/// The needs of a saved plan's steps that the files do not state. When they cannot be found, a line says so, and all needs
/// are drawn alike.
pub(super) async fn of_saved(saved: &Saved, globals: &Globals) -> Reasons {
    match Stack::reopen(saved, globals).await {
        Ok(stack) => reasons(&saved.plan, &plan::inferred(&saved.plan, request(&stack, &saved.state, &saved.options))),
        Err(failure) => {
            say_none(first(failure.report.0).as_ref(), globals);
            Reasons::new()
        }
    }
}

fn reasons(plan: &Plan, found: &[Inferred]) -> Reasons {
    let by_ends: BTreeMap<(bool, &Address, &Address), &'static str> =
        found.iter().map(|one| ((one.is_deletion, &one.later, &one.first), one.why)).collect();
    let mut reasons = Reasons::new();
    for (at, step) in plan.steps.iter().enumerate() {
        for need in super::operation::needs(step) {
            let Some(needed) = plan.steps.get(need) else { continue };
            let ends = match (step.what == What::Delete, needed.what == What::Delete) {
                (false, false) => (false, &step.address, &needed.address),
                (true, true) => (true, &needed.address, &step.address),
                _ => continue,
            };
            if let Some(why) = by_ends.get(&ends) {
                reasons.insert((at, need), *why);
            }
        }
    }
    reasons
}

/// Edges between the blocks that are nodes: from what comes later to what it waits for.
fn edges(all: &Dependencies, found: &[Inferred]) -> Vec<Edge> {
    let node = |address: &Address| {
        let wanted = block_of(address);
        let is_meant = |resource: &Resource| *resource == *wanted;
        all.nodes.iter().position(|node| matches!(&node.kind, Kind::Resource(resource) if is_meant(resource)))
    };
    let mut edges: BTreeMap<(usize, usize), &'static str> = BTreeMap::new();
    for one in found {
        let (from, to) = if one.is_deletion { (&one.first, &one.later) } else { (&one.later, &one.first) };
        if let (Some(from), Some(to)) = (node(from), node(to)) {
            edges.entry((from, to)).or_insert(one.why);
        }
    }
    edges.into_iter().map(|((from, to), why)| Edge { from, to, why: Some(why) }).collect()
}

/// Those that the others do not imply.
pub(super) fn drawn(all: &Dependencies, inferred: &[Edge]) -> Vec<Edge> {
    inferred.iter().enumerate().filter(|(at, _)| !is_implied(all, inferred, *at)).map(|(_, edge)| *edge).collect()
}

/// Whether the other edges lead from one end of an inferred edge to the other.
fn is_implied(all: &Dependencies, inferred: &[Edge], at: usize) -> bool {
    let Edge { from, to, .. } = inferred[at];
    let others = |node: usize| {
        let rest = inferred.iter().enumerate().filter(move |(other, edge)| *other != at && edge.from == node);
        rest.map(|(_, edge)| edge.to)
    };
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(node) = open.pop() {
        if node == to {
            return true;
        }
        if seen.insert(node) {
            open.extend(all.nodes[node].needs.iter().copied().chain(others(node)));
        }
    }
    false
}
