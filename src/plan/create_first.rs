//! Which objects are made anew before their old ones are deleted, and what state records of it. No io.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::change::{Action, Change};
use super::singles;
use super::steps::block_of;
use crate::address::{Key, Resource};
use crate::lang::CreateFirst;
use crate::resource::Registry;

/// What a role may do.
const POLICIES: &[&str] = &["aws_iam_role_policy", "aws_iam_role_policy_attachment"];

/// Says of each change of an object whether the new one is made first: where the files ask for it (`said`), and for the blocks of
/// `more` with all that they depend on, as far as old and new can exist side by side.
pub(super) fn mark(changes: &mut [Change], said: &CreateFirst, more: &BTreeSet<Resource>, registry: &Registry) {
    let more = inferred(more, changes, registry);
    // Which keys are made or changed, of blocks in which not all instances are meant.
    let active: HashSet<(Arc<Resource>, Key)> = {
        let active = changes.iter().filter(|change| change.is_action());
        let keyed = active.filter_map(|change| Some((block_of(&change.address), change.address.key.clone()?)));
        keyed.filter(|(block, _)| said.names_some(block)).collect()
    };
    for change in changes.iter_mut().filter(|change| change.address.is_managed()) {
        let block = block_of(&change.address);
        let is_first = said.planned.contains(&block) || more.contains(&block);
        if matches!(change.action, Action::Replace { .. }) {
            change.action = Action::Replace { create_first: is_first };
        }
        let is_active = |key: &Key| active.contains(&(block.clone(), key.clone()));
        change.create_before_destroy = if change.is_action() {
            more.contains(&block) || said.is_recorded(&block, change.address.key.as_ref(), is_active)
        } else {
            is_first
        };
    }
}

/// The blocks, all that their objects depend on, and the policies of roles among that: what runs still needs those of the old
/// role. Blocks are left out whose new object takes the place of the old one. What stays for the way back needs a role or a
/// repository by its name, which the new one has too.
fn inferred(from: &BTreeSet<Resource>, changes: &[Change], registry: &Registry) -> BTreeSet<Resource> {
    if from.is_empty() {
        return BTreeSet::new();
    }
    let in_place = changes.iter().filter(|change| singles::stays_in_place(registry, change));
    let in_place: BTreeSet<Arc<Resource>> = in_place.map(|change| block_of(&change.address)).collect();
    let mut first = spread(from, changes);
    let replaced = || changes.iter().filter(|change| matches!(change.action, Action::Replace { .. }));
    let roles = replaced().filter(|change| change.address.type_name() == "aws_iam_role");
    let mut roles: BTreeSet<Arc<Resource>> = roles.map(|change| block_of(&change.address)).collect();
    roles.retain(|block| first.contains(&**block) && !in_place.contains(block));
    let is_policy = |change: &&Change| {
        POLICIES.contains(&change.address.type_name())
            && change.recorded.iter().any(|block| roles.contains(block))
            && !change.recorded.iter().any(|block| in_place.contains(block))
    };
    let policies = replaced().filter(is_policy).map(|change| (*block_of(&change.address)).clone()).collect();
    first.extend(spread(&policies, changes));
    first.retain(|block| !in_place.contains(block));
    first
}

/// The blocks and all that their objects depend on: a chain in which only some links are create-first could not be ordered.
fn spread(from: &BTreeSet<Resource>, changes: &[Change]) -> BTreeSet<Resource> {
    let mut spread = BTreeSet::new();
    if from.is_empty() {
        return spread;
    }
    let mut below: BTreeMap<Arc<Resource>, BTreeSet<&Arc<Resource>>> = BTreeMap::new();
    for change in changes {
        below.entry(block_of(&change.address)).or_default().extend(change.recorded.iter());
    }
    let mut open: Vec<Resource> = from.iter().cloned().collect();
    while let Some(block) = open.pop() {
        if !spread.contains(&block) {
            open.extend(below.get(&block).into_iter().flatten().map(|below| (***below).clone()));
            spread.insert(block);
        }
    }
    spread
}
