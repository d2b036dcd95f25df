//! Order that the files do not state: a service needs the listener of its target group, its role's policies, its log
//! group, though it refers to none of them. Without it AWS refuses, or tasks fail, now and then.
//!
//! A [`Rule`] is a file and a line below. It looks at objects as far as they can be told before apply ([`imagine`]), so
//! that a reference to what will be made and the text of what exists are followed alike; for deletions it looks at what
//! exists, so that the order is there without any files, and for a state that Terraform wrote.
//!
//! What the configuration or the state says wins: an edge that would close a circle with it is left out. Nothing of
//! it is written into the `dependencies` of a state: those stay what the files say.
//!
//! [`imagine`]: super::imagine::imagine

mod bucket;
mod cluster;
mod deployment_group;
mod internet_gateway;
mod listener;
mod log_group;
mod objects;
mod role_policies;
mod service;
mod way_out;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use objects::{Edges, Objects};

use super::change::Change;
use super::draw::{Plan, Purpose, Request};
use super::imagine::imagine;
use super::steps::block_of;
use crate::address::{Address, Resource};
use crate::value::Value;

/// A reason for order that files do not state.
struct Rule {
    /// Types of what comes later; without any of them in a plan there is nothing to look for.
    later: &'static [&'static str],
    /// What the first one is to the later one, in a few words.
    why: &'static str,
    /// Finds what comes after what.
    find: fn(&Objects<'_>, &mut Edges),
}

/// All rules: one more is its file and its line.
const RULES: &[Rule] = &[
    listener::RULE,
    role_policies::RULE,
    log_group::RULE,
    way_out::RULE,
    internet_gateway::RULE,
    cluster::RULE,
    deployment_group::RULE,
    bucket::RULE,
];

/// What comes after what, by the object that comes later.
pub(super) type After = BTreeMap<Address, BTreeSet<Address>>;

/// Hidden order of a plan.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    /// Among objects as they will be: what is made after what.
    pub made: After,
    /// Among objects as they are: what is deleted before what.
    pub deleted: After,
}

impl Hidden {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.made.is_empty() && self.deleted.is_empty()
    }
}

/// Finds the hidden order of a plan whose changes are known.
pub(super) fn hidden(plan: &Plan, request: Request<'_>) -> Hidden {
    if !matches!(plan.mode, Purpose::Normal | Purpose::Destroy) {
        return Hidden::default();
    }
    let mut hidden = Hidden::default();
    if concerns(plan.changes.iter().filter(|change| change.makes())) {
        hidden.made = without_circles(&among_made(plan, request), plan.changes.iter().map(|one| (one, &one.recorded)));
    }
    // What is deleted may be used by what stays: that is changed before.
    if plan.changes.iter().any(Change::deletes) && concerns(plan.changes.iter().filter(|change| change.is_action())) {
        let live = plan.live.objects.iter().map(|(address, object)| (address, &object.attributes));
        hidden.deleted = without_circles(&found(&Objects::of(live)), plan.changes.iter().map(|one| (one, &one.had)));
    }
    hidden
}

/// Order among objects as they will be.
fn among_made(plan: &Plan, request: Request<'_>) -> Reasons {
    let imagined = imagine(request, plan);
    // What the plan is not about has no step.
    let planned: BTreeSet<&Address> = plan.changes.iter().map(|change| &change.address).collect();
    let wanted = imagined.objects.iter().filter(|one| planned.contains(&one.address));
    found(&Objects::of(wanted.map(|one| (&one.address, &one.value))))
}

/// Order that the files do not state, for those who draw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// What is made later, or deleted first.
    pub later: Address,
    /// What is made first, or deleted later.
    pub first: Address,
    /// What the first one is to the later one, such as `its log group`.
    pub why: &'static str,
    /// Whether it is about deletions.
    pub is_deletion: bool,
}

/// The hidden order among what a plan makes and among what it deletes, without what the files or the state say too.
pub fn inferred(plan: &Plan, request: Request<'_>) -> Vec<Inferred> {
    let stated = |of: fn(&Change) -> &Arc<crate::address::Blocks>| plan.changes.iter().map(move |one| (one, of(one)));
    let mut all = Vec::new();
    let mut add = |reasons: &Reasons, of: fn(&Change) -> &Arc<crate::address::Blocks>, is_deletion: bool| {
        let after = without_circles(reasons, stated(of));
        for ((later, first), why) in reasons {
            let change = plan.changes.iter().find(|change| change.address == *later && change.deposed.is_none());
            let is_stated = change.is_some_and(|change| of(change).contains(&block_of(first)));
            if !is_stated && after.get(later).is_some_and(|firsts| firsts.contains(first)) {
                all.push(Inferred { later: later.clone(), first: first.clone(), why, is_deletion });
            }
        }
    };
    if plan.mode != Purpose::Destroy {
        add(&among_made(plan, request), |change| &change.recorded, false);
    }
    if plan.changes.iter().any(Change::deletes) {
        let there = plan.live.objects.iter().map(|(address, object)| (address, &object.attributes));
        add(&found(&Objects::of(there)), |change| &change.had, true);
    }
    all
}

/// Whether a rule may say something about one of the changes.
fn concerns<'a>(mut changes: impl Iterator<Item = &'a Change>) -> bool {
    changes.any(|change| change.address.type_name().starts_with("aws_") && change.address.is_managed())
}

/// What comes after what, the later one first, and why.
type Reasons = BTreeMap<(Address, Address), &'static str>;

fn found(objects: &Objects<'_>) -> Reasons {
    let mut all = Reasons::new();
    for rule in RULES {
        if rule.later.iter().any(|name| objects.has(name)) {
            let mut edges = Edges::default();
            (rule.find)(objects, &mut edges);
            for edge in edges.0 {
                all.entry(edge).or_insert(rule.why);
            }
        }
    }
    all
}

/// The edges that close no circle with each other and with what is stated, block by block: that is how state records
/// what depends on what.
fn without_circles<'a>(
    edges: &Reasons,
    stated: impl Iterator<Item = (&'a Change, &'a Arc<crate::address::Blocks>)>,
) -> After {
    let mut after = After::new();
    if edges.is_empty() {
        return after;
    }
    let mut below: HashMap<Arc<Resource>, BTreeSet<Arc<Resource>>> = HashMap::new();
    for (change, blocks) in stated {
        below.entry(block_of(&change.address)).or_default().extend(blocks.iter().cloned());
    }
    for (later, first) in edges.keys() {
        let (block, first_block) = (block_of(later), block_of(first));
        let is_known = below.get(&block).is_some_and(|blocks| blocks.contains(&first_block));
        if block == first_block || !is_known && reaches(&below, &first_block, &block) {
            continue;
        }
        below.entry(block).or_default().insert(first_block);
        after.entry(later.clone()).or_default().insert(first.clone());
    }
    after
}

/// Whether `from` depends on `to`, also through others.
fn reaches(below: &HashMap<Arc<Resource>, BTreeSet<Arc<Resource>>>, from: &Arc<Resource>, to: &Arc<Resource>) -> bool {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            open.extend(below.get(at).into_iter().flatten());
        }
    }
    false
}

/// A text in an object; nothing for null, the empty text, and what is not known.
fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
