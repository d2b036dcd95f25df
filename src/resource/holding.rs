//! What an object may hold that no state knows of, and what is looked for after everything was deleted.

use std::future::Future;
use std::pin::Pin;

use super::Cloud;
use crate::value::Value;

/// That an object may hold something beside what state knows of. It cannot be deleted while it does, unless the flag is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// The argument with which a delete takes all of it along, such as `force_delete`.
    pub flag: &'static str,
}

/// One thing that an object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is, such as `image`.
    pub what: &'static str,
    /// Its name; empty where that says nothing to anybody.
    pub name: String,
}

/// What an object holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// What was found.
    pub all: Vec<Held>,
    /// Whether there is more, which nobody counted.
    pub is_cut: bool,
}

impl Contents {
    /// Things of one kind, all of them.
    pub fn of(what: &'static str, names: impl IntoIterator<Item = String>) -> Self {
        Self { all: names.into_iter().map(|name| Held { what, name }).collect(), is_cut: false }
    }

    /// How many of what, such as `2 objects and 1 delete marker`.
    pub fn counted(&self) -> String {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for held in &self.all {
            match counts.iter_mut().find(|(what, _)| *what == held.what) {
                Some((_, count)) => *count += 1,
                None => counts.push((held.what, 1)),
            }
        }
        let words = counts.iter().map(|(what, count)| format!("{count} {what}{}", if *count == 1 { "" } else { "s" }));
        let words: Vec<String> = words.collect();
        let counted = match words.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, first)) => format!("{} and {last}", first.join(", ")),
            None => String::new(),
        };
        if self.is_cut { format!("more than {counted}") } else { counted }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_counted_by_kind() {
        let held = |what, count| std::iter::repeat_n(Held { what, name: "a".to_owned() }, count);
        let of = |all: Vec<Held>, is_cut| Contents { all, is_cut }.counted();
        assert_eq!(of(held("image", 1).collect(), false), "1 image");
        let mixed = held("object", 2).chain(held("older version", 3)).chain(held("delete marker", 1));
        assert_eq!(of(mixed.collect(), false), "2 objects, 3 older versions and 1 delete marker");
        assert_eq!(
            of(held("object", 2).chain(held("delete marker", 2)).collect(), true),
            "more than 2 objects and 2 delete markers"
        );
    }
}
