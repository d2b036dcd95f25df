//! What can exist once only: one role of a name, one rule of a priority, one rule of a security group that says the same.
//! Where the new object would stand in the place of an old one, the old one goes first. No io.

use std::collections::{BTreeSet, HashMap};

use super::change::{Action, Change};
use crate::address::Address;
use crate::resource::Registry;
use crate::value::Value;

/// Two changes of which one needs the place that the object of the other has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InTheWay {
    /// Index of the change that makes an object, or brings it to where the other is.
    pub made: usize,
    /// Index of the change that deletes the other one.
    pub gone: usize,
}

/// Whether an object is made anew where the old one is, so that the two cannot exist side by side.
pub(super) fn stays_in_place(registry: &Registry, change: &Change) -> bool {
    let is_replaced = matches!(change.action, Action::Replace { .. });
    is_replaced && {
        let before = places(registry, &change.address, &change.before);
        places(registry, &change.address, &change.after).iter().any(|place| before.contains(place))
    }
}

/// What is deleted in favour of another object in the same place.
pub(super) fn in_the_way(registry: &Registry, changes: &[Change]) -> Vec<InTheWay> {
    if !changes.iter().any(|change| change.makes() && change.address.is_managed()) {
        return Vec::new();
    }
    let mut taken: HashMap<String, Vec<usize>> = HashMap::new();
    for (gone, change) in changes.iter().enumerate().filter(|(_, change)| change.deletes()) {
        for place in places(registry, &change.address, &change.before) {
            taken.entry(place).or_default().push(gone);
        }
    }
    if taken.is_empty() {
        return Vec::new();
    }
    let mut all = BTreeSet::new();
    for (made, change) in changes.iter().enumerate().filter(|(_, change)| change.makes()) {
        for place in places(registry, &change.address, &change.after) {
            let gone = taken.get(&place).into_iter().flatten();
            let is_other = |gone: &&usize| **gone != made && changes[**gone].provider == change.provider;
            all.extend(gone.filter(is_other).map(|&gone| InTheWay { made, gone }));
        }
    }
    all.into_iter().collect()
}

/// The places that only one object can have, as far as they are known.
fn places(registry: &Registry, address: &Address, value: &Value) -> Vec<String> {
    let resource = registry.resource(address.type_name()).filter(|_| address.is_managed());
    resource.map(|resource| resource.places(value)).unwrap_or_default()
}
