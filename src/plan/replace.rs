//! Edges of deletion and replacement: the only place that chooses them.
//!
//! - What depends on an object is deleted before it.
//! - An object that no longer uses another lets go (is updated) before that one is deleted. Terraform deletes first;
//!   AWS then refuses while the old one is still in use.
//! - Delete before create: the new object follows the deletion of the old one.
//! - Create before delete: the old object goes after everything that used it has moved to the new one.

use std::collections::BTreeSet;

use super::change::{Action, Change};
use super::steps::{Draft, without_keys};
use crate::address::{Address, Resource};

/// Adds the edges of every deletion.
pub(super) fn edges(draft: &mut Draft<'_>) {
    let changes = draft.changes;
    for (at, change) in changes.iter().enumerate() {
        let pair = draft.pairs[at];
        if let (Some(delete), Some(make)) = (pair.delete, pair.make) {
            match change.action {
                Action::Replace { create_first: true } => draft.edge(delete, make),
                _ => draft.edge(make, delete),
            }
        }
        recorded_edges(draft, at, change);
        moved_edges(draft, at, change);
    }
}

/// `at` is what state says depends on others: those others are deleted later than it.
fn recorded_edges(draft: &mut Draft<'_>, at: usize, change: &Change) {
    let own = draft.pairs[at];
    for resource in &change.recorded {
        for other in draft.by_resource.get(resource).cloned().unwrap_or_default() {
            let Some(their_delete) = draft.pairs[other].delete else { continue };
            if let Some(delete) = own.delete {
                draft.edge(their_delete, delete);
            }
            let lets_go = draft.changes[other].action == Action::Delete && change.action == Action::Update;
            if let (true, Some(make)) = (lets_go, own.make) {
                draft.edge(their_delete, make);
            }
        }
    }
}

/// `at` uses objects that are replaced create-first: their old ones go after `at` has moved.
fn moved_edges(draft: &mut Draft<'_>, at: usize, change: &Change) {
    let Some(make) = draft.pairs[at].make else { return };
    for address in &change.dependencies {
        let Some(&other) = draft.by_address.get(address) else { continue };
        if draft.changes[other].action == (Action::Replace { create_first: true })
            && let Some(their_delete) = draft.pairs[other].delete
        {
            draft.edge(their_delete, make);
        }
    }
}

/// Spreads `create_before_destroy` from each resource that asks for it to everything it depends on: a chain in which
/// only some links are create-first could not be ordered.
pub(super) fn spread<'a>(
    asked: impl IntoIterator<Item = &'a Resource>,
    depends: &dyn Fn(&Resource) -> Vec<Resource>,
) -> BTreeSet<Resource> {
    let mut spread = BTreeSet::new();
    let mut open: Vec<Resource> = asked.into_iter().map(without_keys).collect();
    while let Some(resource) = open.pop() {
        if !spread.contains(&resource) {
            open.extend(depends(&resource));
            spread.insert(resource);
        }
    }
    spread
}

/// Whether the address belongs to one of the blocks.
pub(super) fn is_of(address: &Address, resources: &BTreeSet<Resource>) -> bool {
    resources.contains(&without_keys(&address.resource))
}
