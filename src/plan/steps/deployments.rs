//! Where deployments stand among the steps: what they wait for, and what waits for them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Draft, Node};
use crate::address::Address;
use crate::plan::change::Change;
use crate::plan::hidden::After;
use crate::rollout::Rollout;

/// What does not wait for a deployment, although it depends on the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Apart {
    /// What that deployment itself waits for.
    Each,
    /// What any deployment waits for: services whose groups depend on each other's would wait in a circle otherwise.
    All,
}

/// By service that is deployed: its deployment, and what that waits for with everything below. All else that depends on the
/// service waits for the deployment.
pub(super) fn deployed(
    draft: &Draft<'_>,
    rollouts: &BTreeMap<Address, Rollout>,
    hidden: &After,
    apart: Apart,
) -> HashMap<usize, (Node, HashSet<usize>)> {
    let mut all = HashMap::new();
    for (address, rollout) in rollouts {
        let Some(&at) = draft.by_address.get(address) else { continue };
        let Some(deploy) = draft.pairs[at].deploy else { continue };
        let (mut found, mut shared) = (HashSet::new(), HashSet::new());
        let mut open = movers(draft, rollout);
        while let Some(one) = open.pop() {
            if !found.insert(one) {
                continue;
            }
            let Change { address, dependencies, .. } = &draft.changes[one];
            let is_new = !dependencies.is_shared() || shared.insert(dependencies.place());
            let stated = dependencies.iter().filter(|_| is_new);
            let below = stated.chain(hidden.get(address).into_iter().flatten());
            open.extend(below.filter_map(|one| draft.by_address.get(one)));
        }
        all.insert(at, (Node::Step(deploy), found));
    }
    if apart == Apart::All {
        let union: HashSet<usize> = all.values().flat_map(|(_, first)| first).copied().collect();
        all.values_mut().for_each(|(_, first)| first.clone_from(&union));
    }
    all
}

/// The group of a deployment, and what moves its traffic.
fn movers(draft: &Draft<'_>, rollout: &Rollout) -> Vec<usize> {
    let addresses = rollout.after.iter().filter_map(|text| text.parse::<Address>().ok());
    addresses.filter_map(|address| draft.by_address.get(&address).copied()).collect()
}

/// A deployment follows what the service depends on, its own other changes, and what moves its traffic with everything
/// below that: the group and its role, listeners, rules. A group that the service leaves is deleted after it.
pub(super) fn edges(draft: &mut Draft<'_>, frontier: &[Option<Vec<Node>>], rollouts: &BTreeMap<Address, Rollout>) {
    for (address, rollout) in rollouts {
        let Some(&at) = draft.by_address.get(address) else { continue };
        let Some(deploy) = draft.pairs[at].deploy else { continue };
        let movers = movers(draft, rollout).into_iter();
        let first: Vec<Node> = movers.chain([at]).filter_map(|at| frontier[at].as_ref()).flatten().copied().collect();
        first.into_iter().for_each(|first| draft.edge(deploy, first));
        // What a run before this one left of a revision may still be what a failing deployment goes back to.
        for other in &draft.changes[at].dependencies {
            let left = draft.changes.iter().zip(&draft.pairs).filter(|(change, _)| change.deposed.is_some());
            let left: Vec<usize> =
                left.filter(|(change, _)| change.address == *other).filter_map(|(_, pair)| pair.delete).collect();
            left.into_iter().for_each(|delete| draft.edge(delete, Node::Step(deploy)));
        }
        let group = rollout.group.address.as_deref().and_then(|text| text.parse::<Address>().ok());
        let group = group.and_then(|address| draft.by_address.get(&address).copied());
        if let Some(delete) = group.and_then(|at| draft.pairs[at].delete).filter(|_| rollout.group.app.is_empty()) {
            draft.edge(delete, Node::Step(deploy));
        }
    }
}
