//! Edges of deletion and replacement: the only place that chooses them.
//!
//! - What depends on an object is deleted before it.
//! - An object that no longer uses another lets go (is updated) before that one is deleted, for good or to be made anew.
//!   Terraform deletes first; AWS then refuses while the old one is still in use.
//! - Delete before create: the new object follows the deletion of the old one.
//! - Create before delete: the old object goes after everything that used it has moved to the new one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::change::{Action, Change};
use super::circle::{self, Edge};
use super::hidden::After;
use super::steps::{Draft, Node, Recorded, block_of, without_keys};
use crate::address::{Address, Resource};

/// Adds the edges of every deletion.
pub(super) fn edges(draft: &mut Draft<'_>, recorded: Recorded) {
    let changes = draft.changes;
    // Changes that delete, by block: that is how state records dependencies.
    let mut deleting: BTreeMap<Arc<Resource>, Vec<usize>> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate() {
        let pair = draft.pairs[at];
        let Some(delete) = pair.delete else { continue };
        if let Some(make) = pair.make {
            match change.action {
                Action::Replace { create_first: true } => draft.edge(delete, Node::Step(make)),
                _ => draft.edge(make, Node::Step(delete)),
            }
        }
        deleting.entry(block_of(&change.address)).or_default().push(at);
    }
    if deleting.is_empty() {
        return;
    }
    let moved: Vec<Edge> = changes.iter().enumerate().flat_map(|(at, change)| moved_edges(draft, at, change)).collect();
    let letting_go = letting_go(draft, &deleting);
    match recorded {
        Recorded::All => {
            recorded_edges(draft, &deleting);
            moved.into_iter().for_each(|one| draft.edge(one.delete, Node::Step(one.first)));
        }
        Recorded::Likely => {
            let mut edges = each_recorded(draft, &deleting);
            edges.extend(moved);
            circle::edges(draft, &edges);
        }
    }
    circle::clear_edges(draft, &letting_go);
}

/// The same by order that nothing states: what comes later is deleted before what comes first, or lets go of it.
pub(super) fn hidden_edges(draft: &mut Draft<'_>, hidden: &After) {
    for (later, firsts) in hidden {
        let Some(&later) = draft.by_address.get(later) else { continue };
        let pair = draft.pairs[later];
        let lets_go = pair.last().filter(|_| draft.changes[later].action == Action::Update);
        for first in firsts {
            let Some(&first) = draft.by_address.get(first) else { continue };
            let Some(delete) = draft.pairs[first].delete else { continue };
            let lets_go = lets_go.filter(|_| draft.changes[first].action == Action::Delete);
            pair.delete.into_iter().chain(lets_go).for_each(|step| draft.edge(delete, Node::Step(step)));
        }
    }
}

/// What state says depends on a block is deleted before the block's objects are, or lets go of them.
fn recorded_edges(draft: &mut Draft<'_>, deleting: &BTreeMap<Arc<Resource>, Vec<usize>>) {
    let changes = draft.changes;
    let places: HashMap<&Resource, usize> = deleting.keys().map(|block| &**block).zip(0..).collect();
    // By block: deletions, and updates, of what depends on it.
    let mut before: Vec<[Vec<Node>; 2]> = vec![Default::default(); deleting.len()];
    for (at, change) in changes.iter().enumerate() {
        let pair = draft.pairs[at];
        let lets_go = pair.last().filter(|_| change.action == Action::Update);
        if pair.delete.is_none() && lets_go.is_none() {
            continue;
        }
        for block in change.had.iter() {
            let Some(place) = places.get(&**block).copied() else { continue };
            if **block == without_keys(&change.address.resource) {
                continue;
            }
            before[place][0].extend(pair.delete.map(Node::Step));
            before[place][1].extend(lets_go.map(Node::Step));
        }
    }
    for ([deletions, updates], objects) in before.into_iter().zip(deleting.values()) {
        // Many with many: through one node in the middle.
        let nodes = |draft: &mut Draft<'_>, nodes| if objects.len() > 1 { draft.join(nodes) } else { nodes };
        let (deletions, updates) = (nodes(draft, deletions), nodes(draft, updates));
        for &object in objects {
            let Some(delete) = draft.pairs[object].delete else { continue };
            deletions.iter().for_each(|&first| draft.edge(delete, first));
            if changes[object].action == Action::Delete {
                updates.iter().for_each(|&first| draft.edge(delete, first));
            }
        }
    }
}

/// The same edges one by one.
fn each_recorded(draft: &Draft<'_>, deleting: &BTreeMap<Arc<Resource>, Vec<usize>>) -> Vec<Edge> {
    let changes = draft.changes;
    let mut edges = Vec::new();
    for (user, change) in changes.iter().enumerate() {
        let pair = draft.pairs[user];
        let lets_go = pair.last().filter(|_| change.action == Action::Update);
        let own = without_keys(&change.address.resource);
        for &used in change.had.iter().filter(|block| ***block != own).filter_map(|block| deleting.get(block)).flatten()
        {
            let Some(delete) = draft.pairs[used].delete else { continue };
            let lets_go = lets_go.filter(|_| changes[used].action == Action::Delete);
            edges.extend(pair.delete.into_iter().chain(lets_go).map(|first| Edge { delete, used, first, user }));
        }
    }
    edges
}

/// `at` uses objects that are replaced create-first: their old ones go after `at` has moved.
fn moved_edges(draft: &Draft<'_>, user: usize, change: &Change) -> Vec<Edge> {
    let Some(first) = draft.pairs[user].last() else { return Vec::new() };
    let edge = |address: &Address| {
        let used = *draft.by_address.get(address)?;
        let is_create_first = draft.changes[used].action == (Action::Replace { create_first: true });
        let delete = draft.pairs[used].delete.filter(|_| is_create_first)?;
        Some(Edge { delete, used, first, user })
    };
    change.dependencies.iter().filter_map(edge).collect()
}

/// Updates that no longer refer to what is made anew, and the deletion of the old object. One that depends on the new object
/// all the same, through others, cannot come first where the old one is deleted before that is made.
fn letting_go(draft: &Draft<'_>, deleting: &BTreeMap<Arc<Resource>, Vec<usize>>) -> Vec<Edge> {
    let changes = draft.changes;
    let mut edges = Vec::new();
    for (user, change) in changes.iter().enumerate().filter(|(_, change)| change.action == Action::Update) {
        let Some(first) = draft.pairs[user].last() else { continue };
        let left = change.had.iter().filter(|block| !change.recorded.contains(*block));
        for &used in left.filter_map(|block| deleting.get(block)).flatten() {
            let is_replaced = matches!(changes[used].action, Action::Replace { .. });
            let delete = draft.pairs[used].delete.filter(|_| is_replaced);
            edges.extend(delete.map(|delete| Edge { delete, used, first, user }));
        }
    }
    edges
}
