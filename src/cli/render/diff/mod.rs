//! What changes inside an object, as a tree: built from two values, drawn in Terraform's form.
//!
//! [`build`] compares; [`draw`] writes. An object that only is (state, outputs) is a tree in which nothing changes.

mod align;
mod build;
mod draw;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::value::Value;

pub(crate) use build::{output, resource, typed, untyped};
pub(crate) use draw::{Pen, text};

/// What happens to one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Nothing.
    Same,
    /// It comes.
    Make,
    /// It changes.
    Change,
    /// It goes.
    Drop,
}

/// One part, and what happens to it.
#[derive(Clone, Debug)]
pub(crate) struct Diff {
    /// What happens to it.
    pub op: Op,
    /// Whether that replaces the object.
    pub forces: bool,
    /// What it is.
    pub kind: Kind,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A text, number, bool or null: as it was and as it will be.
    Leaf(Option<Value>, Option<Value>),
    /// JSON in a text; with whether only its layout changes.
    Json(Box<Diff>, bool),
    /// Known after apply; what it was.
    Later(Option<Box<Diff>>),
    /// Not to be shown.
    Secret(Option<Turn>),
    /// Told to the service and kept nowhere.
    WriteOnly,
    /// A block not to be shown.
    SecretBlock(Option<Turn>),
    /// It becomes something of another kind.
    Other(Box<Diff>, Box<Diff>),
    /// Attributes of an object.
    Object(Named),
    /// Entries of a map.
    Map(Named),
    /// Elements of a list, in an order that shows both sides.
    List(Vec<Diff>),
    /// Elements of a set.
    Set(Vec<Diff>),
    /// A block: attributes, and nested blocks of each name.
    Block(Named, Vec<(Arc<str>, Vec<Diff>)>),
}

/// A part that was shown and will be hidden, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Whether it will be hidden.
    pub hides: bool,
    /// Whether nothing else changes.
    pub alone: bool,
}

/// Parts with names, sorted.
pub(crate) type Named = Vec<(Arc<str>, Diff)>;

impl Diff {
    fn new(op: Op, kind: Kind) -> Self {
        Self { op, forces: false, kind }
    }
}
