//! Options that change what is planned: `-refresh-only` and `-replace`.

use std::collections::BTreeSet;

use super::change::{Action, Change, Reason};
use crate::address::Address;
use crate::diagnostic::{Diagnostic, shell_word};

/// Nothing is done to any object: what exists stays, and what does not exist is not planned.
pub(super) fn stay(changes: &mut Vec<Change>) {
    changes.retain(|change| !change.before.is_null() || !change.address.is_managed());
    changes.retain(|change| change.address.is_managed() || change.action == Action::NoOp);
    for change in changes {
        change.action = Action::NoOp;
        change.reason = Reason::None;
        change.after = change.before.clone();
        change.changed.clear();
    }
}

/// Requests to replace an instance that name none, because the key is missing or should not be there.
pub(super) fn imprecise(replace: &BTreeSet<Address>, changes: &[Change]) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    for address in replace.iter().filter(|address| address.key.is_none()) {
        let instances = || changes.iter().filter(|change| change.address.resource == address.resource);
        if instances().next().is_none() || instances().any(|change| change.address == *address) {
            continue;
        }
        let names: Vec<String> =
            instances().map(|change| format!("\n  -replace={}", shell_word(&change.address.to_string()))).collect();
        let text = format!(
            "-replace={address} names no instance, so nothing is replaced for it. The instances of this resource are:\n{}",
            names.concat()
        );
        all.push(Diagnostic::warning("Incompletely-matched force-replace resource instance", text));
    }
    all
}
