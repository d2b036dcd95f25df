//! Why something is replaced: which attribute forces it, where that comes from, and what follows.

use std::collections::BTreeMap;

use crate::address::Address;
use crate::lang::Path;
use crate::plan::{Action, Change, Plan};

/// The replacements of a plan and how they lead to each other.
pub(super) struct Causes<'a> {
    plan: &'a Plan,
    replaced: BTreeMap<&'a Address, &'a Change>,
    /// For each replacement the way to where it begins, nearest first.
    chains: BTreeMap<&'a Address, Vec<&'a Change>>,
}

impl<'a> Causes<'a> {
    /// Follows every replacement to where it begins.
    pub(super) fn new(plan: &'a Plan) -> Self {
        let is_replaced =
            |change: &&Change| matches!(change.action, Action::Replace { .. }) && change.deposed.is_none();
        let replaced = plan.changes.iter().filter(is_replaced).map(|change| (&change.address, change)).collect();
        let mut causes = Self { plan, replaced, chains: BTreeMap::new() };
        causes.chains = causes.replaced.iter().map(|(address, change)| (*address, causes.chain(change))).collect();
        causes
    }

    /// Whether the block of the object is written with the plan.
    pub(super) fn is_generated(&self, change: &Change) -> bool {
        self.plan.generated.contains_key(&change.address)
    }

    fn chain(&self, change: &'a Change) -> Vec<&'a Change> {
        let mut chain: Vec<&Change> = Vec::new();
        let mut at = change;
        while let Some((_, next)) = self.source(at) {
            if next.address == change.address || chain.iter().any(|seen| seen.address == next.address) {
                break;
            }
            chain.push(next);
            at = next;
        }
        chain
    }

    /// The forcing attribute that comes from something replaced, and that something.
    fn source<'b>(&self, change: &'b Change) -> Option<(&'b Path, &'a Change)> {
        let forcing = || change.changed.iter().filter(|one| one.forces_replacement).map(|one| &one.path);
        let later = |path: &&Path| path.find(&change.after).is_some_and(|value| !value.is_wholly_known());
        let direct = forcing().filter(later).find_map(|path| {
            let marks = path.find(&change.after)?.marks_deep();
            let source = marks.origins().find_map(|origin| self.replaced.get(origin).copied());
            source.map(|source| (path, source))
        });
        // Marks may be lost on the way; then what it depends on is all that is known.
        let nearest = || {
            let path = forcing().find(later)?;
            let source = change.dependencies.iter().find_map(|address| self.replaced.get(address).copied())?;
            Some((path, source))
        };
        direct.or_else(nearest)
    }

    /// Which attribute forces the replacement, and through how many resources the cause runs.
    pub(super) fn why(&self, change: &Change) -> Option<String> {
        let Some((path, nearest)) = self.source(change) else {
            let names = names(change, true);
            let last = names.len().checked_sub(1)?;
            let list = match last {
                0 => names[0].clone(),
                _ => format!("{} and {}", names[..last].join(", "), names[last]),
            };
            return Some(format!("because {list} cannot be changed in place"));
        };
        let direct = format!("because {path} comes from {}, which is replaced", nearest.address);
        Some(match self.chains.get(&change.address).map(Vec::as_slice) {
            Some([_, .., root]) => {
                let count = self.chains[&change.address].len();
                format!("{direct}; it begins with {}, {count} resources away", root.address)
            }
            _ => direct,
        })
    }

    /// How many other resources are replaced because this one is.
    pub(super) fn what_follows(&self, change: &Change) -> Option<String> {
        let follows = |chain: &&Vec<&Change>| chain.last().is_some_and(|root| root.address == change.address);
        match self.chains.values().filter(follows).count() {
            0 => None,
            1 => Some("1 other resource is replaced because of it".into()),
            count => Some(format!("{count} other resources are replaced because of it")),
        }
    }
}

/// Attributes that change, or those of them that force the replacement; each once.
pub(super) fn names(change: &Change, forcing: bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for one in change.changed.iter().filter(|one| !forcing || one.forces_replacement) {
        let name = one.path.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
