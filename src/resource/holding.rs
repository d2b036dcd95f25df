//! What an object may hold that no state knows of, and what is looked for after everything was deleted.

use std::future::Future;
use std::pin::Pin;

use super::Cloud;
use crate::value::Value;

/// What an object may hold beside what state knows of. It cannot be deleted while it does, unless the flag is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// One of it, such as `image`.
    pub what: &'static str,
    /// The argument with which a delete takes all of it along, such as `force_delete`.
    pub flag: &'static str,
}

impl Holds {
    /// So many of it, in words.
    pub fn counted(&self, count: usize) -> String {
        format!("{count} {}{}", self.what, if count == 1 { "" } else { "s" })
    }
}

/// An object that was deleted.
#[derive(Clone, Debug)]
pub struct Deleted {
    /// Its type.
    pub type_name: String,
    /// The connection to where it was.
    pub cloud: Cloud,
    /// All its attributes.
    pub object: Value,
}

/// Something that was left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What it is, and why it is there.
    pub what: String,
    /// The command that removes it.
    pub command: String,
}

/// A look for leftovers of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// What was looked for, such as `log groups`.
    pub what: &'static str,
    /// What was found.
    pub found: Vec<Left>,
    /// Why not all of it could be looked at.
    pub problem: Option<String>,
}

/// Looks for what is left after objects were deleted, reading only. `aws` implements it.
pub trait Leftovers: Send + Sync {
    /// One look for each kind of leftovers that such objects may leave; none for other objects.
    fn look<'a>(&'a self, deleted: &'a [Deleted]) -> Pin<Box<dyn Future<Output = Vec<Looked>> + Send + 'a>>;
}
