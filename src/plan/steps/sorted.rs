//! The order of the steps.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Draft, Join, Node, Step, label};
use crate::diagnostic::{Diagnostic, Report};

/// Puts the steps in an order that respects their needs; the given order where it leaves a choice.
pub(super) fn sorted(mut draft: Draft<'_>) -> Result<Vec<Step>, Report> {
    let count = draft.steps.len();
    for needs in draft.needs.iter_mut().chain(&mut draft.joins) {
        needs.sort_unstable();
        needs.dedup();
    }
    let mut waiting: Vec<usize> = draft.needs.iter().chain(&draft.joins).map(Vec::len).collect();
    let node = |node: &Node| match node {
        Node::Step(step) => *step,
        Node::Join(join) => count + join,
    };
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); waiting.len()];
    for (at, needs) in draft.needs.iter().chain(&draft.joins).enumerate() {
        needs.iter().for_each(|first| after[node(first)].push(at));
    }
    let mut ready: BTreeSet<usize> = (0..count).filter(|&step| waiting[step] == 0).collect();
    let mut place = vec![usize::MAX; count];
    let mut order = Vec::with_capacity(count);
    let mut joined: Vec<(usize, usize)> = Vec::new();
    let mut done = Vec::new();
    while let Some(step) = ready.pop_first() {
        place[step] = order.len();
        order.push(step);
        done.push(step);
        while let Some(node) = done.pop() {
            for &next in &after[node] {
                waiting[next] -= 1;
                if waiting[next] == 0 && next < count {
                    ready.insert(next);
                } else if waiting[next] == 0 {
                    joined.push((next - count, order.len()));
                    done.push(next);
                }
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
    let mut joins: Vec<Option<Arc<Join>>> = vec![None; draft.joins.len()];
    for (number, (join, place_of_join)) in joined.into_iter().enumerate() {
        let (steps, inner) = split(&draft.joins[join], &place, &joins);
        joins[join] = Some(Arc::new(Join { number, place: place_of_join, steps, joins: inner }));
    }
    let Draft { steps, needs, .. } = draft;
    let mut slots: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let take = |step: usize| {
        let (needs, joins) = split(&needs[step], &place, &joins);
        slots[step].take().map(|one| Step { number: place[step], needs, joins, ..one })
    };
    Ok(order.into_iter().filter_map(take).collect())
}

/// Steps by their final place, and joins.
fn split(nodes: &[Node], place: &[usize], joins: &[Option<Arc<Join>>]) -> (Vec<usize>, Vec<Arc<Join>>) {
    let steps = nodes.iter().filter_map(|node| match node {
        Node::Step(step) => Some(place[*step]),
        Node::Join(_) => None,
    });
    let inner = nodes.iter().filter_map(|node| match node {
        Node::Join(join) => joins[*join].clone(),
        Node::Step(_) => None,
    });
    (steps.collect(), inner.collect())
}
