//! Order that the files do not state, for the picture.

use std::collections::BTreeSet;

use super::GraphArgs;
use crate::cli::Globals;
use crate::cli::render::graph::Edge;
use crate::cli::run::request;
use crate::cli::stack::{Stack, StackArgs};
use crate::diagnostic::Diagnostic;
use crate::lang::Phase;
use crate::lang::dependencies::{Dependencies, Kind};
use crate::plan::{self, Inferred, Options};
use crate::state::State;

/// Finds it with a plan that asks nobody. When there can be none, as without values of variables, a line says so.
pub(super) async fn find(all: &Dependencies, args: &GraphArgs, globals: &Globals) -> Vec<Edge> {
    let is_aws = |kind: &Kind| matches!(kind, Kind::Resource(resource) if resource.type_name.starts_with("aws_"));
    if !all.nodes.iter().any(|node| is_aws(&node.kind)) {
        return Vec::new();
    }
    match infer(args, globals).await {
        Ok(found) => edges(all, &found),
        Err(problem) => {
            let why = problem.map(|problem| format!(" ({})", problem.summary)).unwrap_or_default();
            globals.shell.err(&format!("Order that the files do not state is not drawn: there is no plan{why}.\n"));
            Vec::new()
        }
    }
}

async fn infer(args: &GraphArgs, globals: &Globals) -> Result<Vec<Inferred>, Option<Diagnostic>> {
    let stack_args = StackArgs { dir: args.dir.clone(), ..StackArgs::default() };
    let first = |all: Vec<Diagnostic>| all.into_iter().find(Diagnostic::is_error);
    let stack = Stack::open(&stack_args, globals, Phase::Plan).await.map_err(|failure| first(failure.report.0))?;
    let (state, options) = (State::of_lineage(""), Options { offline: true, refresh: false, ..Options::default() });
    let plan = plan::draw(request(&stack, &state, &options)).await.map_err(|problems| first(problems.0))?;
    Ok(plan::inferred(&plan, request(&stack, &state, &options)))
}

/// The edges between nodes that are drawn, without those that the others imply.
fn edges(all: &Dependencies, found: &[Inferred]) -> Vec<Edge> {
    let node = |wanted: &crate::address::Resource| {
        all.nodes.iter().position(|node| matches!(&node.kind, Kind::Resource(resource) if resource == wanted))
    };
    let edge = |one: &Inferred| Some(Edge { from: node(&one.later)?, to: node(&one.first)?, why: Some(one.why) });
    let drawn: Vec<Edge> = found.iter().filter_map(edge).collect();
    drawn.iter().enumerate().filter(|(at, _)| !is_implied(all, &drawn, *at)).map(|(_, edge)| *edge).collect()
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
