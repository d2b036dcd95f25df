//! Objects that exist and that the configuration does not want any more.

use std::collections::BTreeSet;

use super::change::{Action, Change, Reason};
use super::live::Object;
use super::provider::Connections;
use crate::address::{Address, Key, Resource};
use crate::lang::Outcome;
use crate::value::{Type, Value};

/// The deletion of an object.
pub(super) fn deletion(address: &Address, deposed: Option<String>, object: &Object, reason: Reason) -> Change {
    Change {
        address: address.clone(),
        deposed,
        provider: Connections::parse(&object.provider),
        action: Action::Delete,
        reason,
        before: object.attributes.clone(),
        after: Value::null(Type::Any),
        changed: Vec::new(),
        dependencies: BTreeSet::new(),
        recorded: object.dependencies.clone(),
        span: None,
    }
}

/// Why the configuration does not want the instance.
pub(super) fn reason(address: &Address, outcome: &Outcome) -> Reason {
    let block: Resource = super::steps::without_keys(&address.resource);
    if !outcome.blocks.contains(&block) {
        let modules: BTreeSet<_> = outcome.blocks.iter().map(|block| &block.module).collect();
        return if block.module.is_root() || modules.contains(&block.module) {
            Reason::NoResourceConfig
        } else {
            Reason::NoModule
        };
    }
    let mut siblings = outcome.instances.keys().filter(|other| other.resource == address.resource);
    match (&address.key, siblings.next().map(|other| &other.key)) {
        (Some(Key::Int(_)), Some(Some(Key::Int(_))) | None) | (None, None) => Reason::CountIndex,
        (Some(Key::Str(_)), Some(Some(Key::Str(_))) | None) => Reason::EachKey,
        _ => Reason::WrongRepetition,
    }
}
