//! Objects that exist and that the configuration does not want any more.

use std::collections::BTreeSet;

use super::change::{Action, Change, Reason};
use super::live::Object;
use super::provider::Connections;
use crate::address::{Address, Addresses, Key, ModulePath};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Config;
use crate::lang::config::Repeat;
use crate::value::{Type, Value};

/// The deletion of an object.
pub(super) fn deletion(address: &Address, deposed: Option<String>, object: &Object, reason: Reason) -> Change {
    Change {
        address: address.clone(),
        deposed,
        moved_from: None,
        importing: None,
        provider: Connections::parse(&object.provider),
        action: Action::Delete,
        reason,
        before: object.attributes.clone(),
        after: Value::null(Type::Any),
        changed: Vec::new(),
        dependencies: Addresses::default(),
        recorded: object.dependencies.clone(),
        had: object.dependencies.clone(),
        create_before_destroy: object.create_before_destroy,
        span: None,
    }
}

/// Objects without a block whose provider configuration is gone too: nobody knows how to delete them.
pub(super) fn without_provider(changes: &[Change], config: &Config) -> Report {
    let is_lost = |change: &&Change| {
        change.action == Action::Delete
            && config.block(&change.address.resource).is_none()
            && !config.has_provider(&change.provider)
    };
    let problem = |change: &Change| {
        let text = format!(
            "{} has no block any more and is to be deleted, but its provider configuration {} is gone as well. Put the \
             provider block back, apply, and remove it then.",
            change.address,
            change.provider.in_state()
        );
        Diagnostic::error("Provider configuration not present", text).about(&change.address)
    };
    Report(changes.iter().filter(is_lost).map(problem).collect())
}

/// Why the configuration does not want the instance; `has_moved` when a `moved` block brought it there.
pub(super) fn reason(address: &Address, config: &Config, modules: &BTreeSet<&ModulePath>, has_moved: bool) -> Reason {
    let Some(block) = config.block(&address.resource) else {
        return if has_moved { Reason::NoMoveTarget } else { Reason::NoResourceConfig };
    };
    if !modules.contains(address.module()) {
        return Reason::NoModule;
    }
    match (&block.repeat, &address.key) {
        (Repeat::Count(_), Some(Key::Int(_))) => Reason::CountIndex,
        (Repeat::ForEach(_), Some(Key::Str(_))) => Reason::EachKey,
        (Repeat::Once, None) => Reason::None,
        _ => Reason::WrongRepetition,
    }
}
