//! Edges of deletion and replacement: the only place that chooses them.
//!
//! - What depends on an object is deleted before it.
//! - An object that no longer uses another lets go (is updated) before that one is deleted, for good or to be made anew.
//!   Terraform deletes first; AWS then refuses while the old one is still in use.
//! - Delete before create: the new object follows the deletion of the old one.
//! - Create before delete: the old object goes after everything that used it has moved to the new one.
//! - An object in whose place a new one is made is deleted before that, and waits for nothing that waits for the new one:
//!   not for updates that let go of it, and not for old objects that stay and need no more of it than its name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::change::{Action, Change};
use super::circle::{self, Edge};
use super::hidden::After;
use super::singles::InTheWay;
use super::steps::{Draft, Node, Recorded, What, block_of};
use crate::address::{Address, Resource};

/// What AWS deletes although something names it.
const FREE: &[&str] = &["aws_lb_listener", "aws_lb_listener_rule", "aws_alb_listener", "aws_alb_listener_rule"];

/// Adds the edges of every deletion. `gone` are changes whose objects are in the way of others.
pub(super) fn edges(draft: &mut Draft<'_>, recorded: Recorded, gone: &BTreeSet<usize>) {
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
    let moved: Vec<Edge> = moved_edges(draft).filter(|one| had(draft, one)).collect();
    let letting_go = letting_go(draft, &deleting);
    match recorded {
        Recorded::All => {
            recorded_edges(draft, &deleting, gone);
            moved.into_iter().for_each(|one| draft.edge(one.delete, Node::Step(one.first)));
        }
        Recorded::Likely => {
            let mut edges = each_recorded(draft, &deleting, gone);
            edges.extend(moved);
            circle::edges(draft, &edges);
        }
    }
    circle::clear_edges(draft, &letting_go);
}

/// The same by order that nothing states: what comes later is deleted before what comes first, or lets go of it.
pub(super) fn hidden_edges(draft: &mut Draft<'_>, hidden: &After, gone: &BTreeSet<usize>) {
    for (later, firsts) in hidden {
        let Some(&user) = draft.by_address.get(later) else { continue };
        let pair = draft.pairs[user];
        let lets_go = pair.last().filter(|_| draft.changes[user].action == Action::Update);
        for first in firsts {
            let Some(&used) = draft.by_address.get(first) else { continue };
            let Some(delete) = draft.pairs[used].delete else { continue };
            // Made first, it is taken from the old ones only when all use the new one.
            let is_left = matches!(draft.changes[used].action, Action::Delete | Action::Replace { create_first: true });
            for first in pair.delete.into_iter().chain(lets_go.filter(|_| is_left)) {
                before_deletion(draft, Edge { delete, used, first, user }, gone);
            }
        }
    }
}

/// Adds what is wanted where nothing says the opposite: that an object goes before another is made in its place, and all that
/// gives way to that.
pub(super) fn possible_edges(draft: &mut Draft<'_>, in_the_way: &[InTheWay]) {
    let step = |one: &InTheWay| Some((draft.pairs[one.made].make?, draft.pairs[one.gone].delete?));
    let mut edges: Vec<(usize, usize)> = in_the_way.iter().filter_map(step).collect();
    edges.append(&mut draft.possible);
    // What has never used the old object: that it comes first is for the case that making it fails.
    edges.extend(moved_edges(draft).filter(|one| !had(draft, one)).map(|one| (one.delete, one.first)));
    circle::possible_edges(draft, &edges);
}

/// The deletion waits for another step, or only where it can.
fn before_deletion(draft: &mut Draft<'_>, edge: Edge, gone: &BTreeSet<usize>) {
    if gives_way(draft, edge, gone) {
        draft.possible.push((edge.delete, edge.first));
    } else {
        draft.edge(edge.delete, Node::Step(edge.first));
    }
}

/// Whether the order is no more than a wish: what is made in the place of the deleted object comes first.
fn gives_way(draft: &Draft<'_>, edge: Edge, gone: &BTreeSet<usize>) -> bool {
    let (user, used) = (&draft.changes[edge.user], &draft.changes[edge.used]);
    let is_in_the_way = gone.contains(&edge.used);
    if draft.steps[edge.first].what == What::Delete {
        return stays(user) && (is_in_the_way || used.action == (Action::Replace { create_first: false }));
    }
    used.action == (Action::Replace { create_first: true })
        || is_in_the_way && (FREE.contains(&used.address.type_name()) || !circle::refers(user, used))
}

/// Whether the old object outlives the making of the new one.
fn stays(change: &Change) -> bool {
    change.action == (Action::Replace { create_first: true }) || change.deposed.is_some()
}

/// What state says depends on a block is deleted before the block's objects are, or lets go of them.
fn recorded_edges(draft: &mut Draft<'_>, deleting: &BTreeMap<Arc<Resource>, Vec<usize>>, gone: &BTreeSet<usize>) {
    let changes = draft.changes;
    let places: HashMap<&Resource, usize> = deleting.keys().map(|block| &**block).zip(0..).collect();
    // By block: deletions, deletions of what stays for a while, and updates, of what depends on it.
    let mut before: Vec<[Vec<usize>; 3]> = vec![Default::default(); deleting.len()];
    let makes_room =
        |used: &usize| gone.contains(used) || changes[*used].action == (Action::Replace { create_first: false });
    let makes_room: Vec<bool> = deleting.values().map(|objects| objects.iter().any(makes_room)).collect();
    for (at, change) in changes.iter().enumerate() {
        let pair = draft.pairs[at];
        let lets_go = pair.last().filter(|_| change.action == Action::Update);
        if pair.delete.is_none() && lets_go.is_none() {
            continue;
        }
        for block in change.had.iter() {
            let Some(place) = places.get(&**block).copied() else { continue };
            if **block == change.address.resource.without_keys() {
                continue;
            }
            before[place][usize::from(makes_room[place] && stays(change))].extend(pair.delete);
            before[place][2].extend(lets_go);
        }
    }
    for ([deletions, late, updates], objects) in before.into_iter().zip(deleting.values()) {
        // Many with many: through one node in the middle.
        let nodes = |draft: &mut Draft<'_>, steps: &[usize]| {
            let nodes = steps.iter().copied().map(Node::Step).collect();
            if objects.len() > 1 { draft.join(nodes) } else { nodes }
        };
        let (deletions, updated) = (nodes(draft, &deletions), nodes(draft, &updates));
        for &used in objects {
            let Some(delete) = draft.pairs[used].delete else { continue };
            deletions.iter().for_each(|&first| draft.edge(delete, first));
            let (is_deleted, is_gone) = (changes[used].action == Action::Delete, gone.contains(&used));
            if is_deleted && !is_gone {
                updated.iter().for_each(|&first| draft.edge(delete, first));
            }
            for &first in late.iter().chain(updates.iter().filter(|_| is_deleted && is_gone)) {
                let user = draft.steps[first].change;
                before_deletion(draft, Edge { delete, used, first, user }, gone);
            }
        }
    }
}

/// The same edges one by one.
fn each_recorded(
    draft: &mut Draft<'_>,
    deleting: &BTreeMap<Arc<Resource>, Vec<usize>>,
    gone: &BTreeSet<usize>,
) -> Vec<Edge> {
    let changes = draft.changes;
    let mut edges = Vec::new();
    for (user, change) in changes.iter().enumerate() {
        let pair = draft.pairs[user];
        let lets_go = pair.last().filter(|_| change.action == Action::Update);
        let own = change.address.resource.without_keys();
        for &used in change.had.iter().filter(|block| ***block != own).filter_map(|block| deleting.get(block)).flatten()
        {
            let Some(delete) = draft.pairs[used].delete else { continue };
            let lets_go = lets_go.filter(|_| changes[used].action == Action::Delete);
            edges.extend(pair.delete.into_iter().chain(lets_go).map(|first| Edge { delete, used, first, user }));
        }
    }
    let (wishes, edges): (Vec<Edge>, Vec<Edge>) = edges.into_iter().partition(|one| gives_way(draft, *one, gone));
    draft.possible.extend(wishes.iter().map(|one| (one.delete, one.first)));
    edges
}

/// What uses objects that are replaced create-first: their old ones go after it has moved.
fn moved_edges(draft: &Draft<'_>) -> impl Iterator<Item = Edge> {
    let edge = |user: usize, address: &Address| {
        let (first, used) = (draft.pairs[user].last()?, *draft.by_address.get(address)?);
        let is_create_first = draft.changes[used].action == (Action::Replace { create_first: true });
        let delete = draft.pairs[used].delete.filter(|_| is_create_first)?;
        Some(Edge { delete, used, first, user })
    };
    let users = draft.changes.iter().enumerate();
    users.flat_map(move |(user, change)| change.dependencies.iter().filter_map(move |one| edge(user, one)))
}

/// Whether the user's object, as it is, depends on what is used, as state says.
fn had(draft: &Draft<'_>, edge: &Edge) -> bool {
    draft.changes[edge.user].had.contains(&block_of(&draft.changes[edge.used].address))
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
