//! References of a resource block to itself.
//!
//! An argument may name another instance of its block, as `try(terraform_data.a[1].output, "")` does, as long as no
//! instance waits for itself: not through an argument, and not because all of them wait for each other.

use super::config::ResourceName;
use super::edges::described;
use crate::address::{Address, Key};
use crate::diagnostic::{Diagnostic, Report, Span};

/// What a block says of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    /// In arguments: the instance that is named, none for the whole block, and where it stands.
    pub(super) arguments: Vec<(Option<Key>, Span)>,
    /// In arguments, in `depends_on`, in triggers and in provisioners: what comes before each instance.
    pub(super) before: Vec<Option<Key>>,
    /// What is wrong with what triggers its replacement.
    pub(super) triggers: Report,
}

impl Own {
    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.triggers.0.is_empty()
    }

    /// What is wrong for one instance: it needs itself.
    pub(super) fn problems(&self, name: &ResourceName, key: Option<&Key>) -> Report {
        let itself = self.arguments.iter().filter(|(named, _)| named.is_none() || named.as_ref() == key);
        let detail = || {
            format!(
                "The configuration of {} refers to the resource itself, so that it could never be evaluated.",
                described(name)
            )
        };
        let mut report = Report::default();
        for (_, span) in itself {
            report.push(Diagnostic::error("Self-referential block", detail()).at(*span));
        }
        report
    }

    /// The problem with instances that wait for each other. One that is named and does not exist stands for all.
    pub(super) fn circle(&self, instances: &[Address], header: Span) -> Option<Diagnostic> {
        let named = |address: &&Address| self.before.contains(&address.key);
        let exists = |key: &Option<Key>| key.is_some() && instances.iter().any(|address| address.key == *key);
        let waiting: Vec<&Address> = if self.before.iter().all(exists) {
            instances.iter().filter(named).collect()
        } else {
            instances.iter().collect()
        };
        if waiting.len() < 2 {
            return None;
        }
        let names = waiting.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let detail =
            "The block refers to itself, so that each of its instances waits for the others. Remove the reference.";
        Some(Diagnostic::error(format!("Cycle: {names}"), detail).at(header))
    }
}
