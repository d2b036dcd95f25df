//! Moves that nobody wrote down: a resource that gets `count` becomes its own first instance, and back.

use std::collections::BTreeSet;

use super::{Place, Statement};
use crate::address::{Address, Key, Resource};
use crate::lang::Config;
use crate::lang::config::Repeat;
use crate::state::State;

/// Moves between no key and `[0]`, for resources that no block speaks of.
pub(super) fn statements(config: &Config, state: &State, explicit: &[Statement]) -> Vec<Statement> {
    let candidate = |address: &&Address| matches!(address.key, None | Some(Key::Int(0)));
    let addresses: BTreeSet<&Address> = state.instances.keys().map(|key| &key.address).filter(candidate).collect();
    let is_spoken_of = |resource: &Resource| {
        explicit.iter().any(|statement| statement.from.selects(resource) || statement.to.selects(resource))
    };
    let mut found = Vec::new();
    for address in addresses {
        let Some(block) = config.block(&address.resource) else { continue };
        let to = match (&block.repeat, &address.key) {
            (Repeat::Count(_), None) => Some(Key::Int(0)),
            (Repeat::Once, Some(_)) => None,
            _ => continue,
        };
        if is_spoken_of(&address.resource) {
            continue;
        }
        let to = Address { resource: address.resource.clone(), key: to };
        let span = Some(block.block.header_span);
        found.push(Statement { from: Place::of_instance(address), to: Place::of_instance(&to), span });
    }
    found
}
