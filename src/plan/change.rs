//! What is planned for one object.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diff::Changed;
use crate::address::{Address, Addresses, Blocks};
use crate::diagnostic::Span;
use crate::lang::ProviderRef;
use crate::value::Value;

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    NoOp,
    /// A data source is read during apply, since its arguments are known only then.
    Read,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is made anew: the old one is deleted before, or after when `create_first`.
    Replace {
        /// `create_before_destroy`.
        create_first: bool,
    },
    /// It is deleted.
    Delete,
    /// It is no longer remembered, and stays as it is: a `removed` block with `destroy = false`.
    Forget,
}

/// Why it happens, where that is not plain from the changed attributes. Terraform's `action_reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Plain from the changed attributes.
    None,
    /// Replaced: its making failed half-way, or it was tainted by hand.
    Tainted,
    /// Replaced: an attribute cannot be changed in place.
    CannotUpdate,
    /// Replaced: `-replace` asks for it.
    ByRequest,
    /// Replaced: `replace_triggered_by`.
    ByTriggers,
    /// Deleted: no block any more.
    NoResourceConfig,
    /// Deleted: no module call any more.
    NoModule,
    /// Deleted: it was moved to where no block is.
    NoMoveTarget,
    /// Deleted: the block has `count` or `for_each` now, or has it no longer.
    WrongRepetition,
    /// Deleted: beyond `count`.
    CountIndex,
    /// Deleted: its key is no longer in `for_each`.
    EachKey,
    /// Read during apply: an argument is known only then.
    ConfigUnknown,
    /// Read during apply: something it depends on changes.
    DependencyPending,
    /// Read during apply: it belongs to a `check` block.
    CheckNested,
}

/// What is planned for one object.
#[derive(Clone, Debug)]
pub struct Change {
    /// The instance.
    pub address: Address,
    /// The deposed object it is about, if not the current one.
    pub deposed: Option<String>,
    /// Where state has the object, when it is remembered under another address from now on.
    pub moved_from: Option<Address>,
    /// The id given by an `import` block, when the object is taken over.
    pub importing: Option<String>,
    /// The provider that does it.
    pub provider: ProviderRef,
    /// What happens.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// How it is; null when it does not exist.
    pub before: Value,
    /// How it will be; null when it is deleted.
    pub after: Value,
    /// Attributes that change; none of an object that is new.
    pub changed: Vec<Changed>,
    /// Instances it depends on, exactly.
    pub dependencies: Addresses,
    /// Resource blocks it depends on, as state files record them.
    pub recorded: Arc<Blocks>,
    /// Resource blocks that the object which exists depends on, as state has them.
    pub had: Arc<Blocks>,
    /// Whether state says that the object is made before the one it takes the place of is deleted.
    pub create_before_destroy: bool,
    /// Header of its block.
    pub span: Option<Span>,
}

impl Change {
    /// Whether applying the plan does something for it.
    pub fn is_action(&self) -> bool {
        self.action != Action::NoOp
    }

    /// Whether state changes for it: something is done, or it is remembered under another address, or taken over.
    pub fn is_shown(&self) -> bool {
        self.is_action() || self.moved_from.is_some() || self.importing.is_some()
    }

    /// Whether the old object goes away.
    pub fn deletes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace { .. })
    }

    /// Whether an object comes to be or changes.
    pub fn makes(&self) -> bool {
        matches!(self.action, Action::Create | Action::Update | Action::Replace { .. } | Action::Read)
    }
}
