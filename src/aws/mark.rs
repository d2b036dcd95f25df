//! The mark of a making call: a tag that is sent with it and taken off again as soon as the object is known, so that an
//! object whose making call got no answer can be told from all others.
//!
//! The mark travels in `tags_all` of what is asked for, and so stands in the journal. Services that take a reference
//! or a token of the caller are given the mark as well.

use super::contract::Tags;
use crate::value::{Entries, Type, Value};

/// Key of the tag.
const KEY: &str = "glaz:step";

/// Most tags an object can carry, across services; one that has as many goes without the mark.
const MOST: usize = 50;

/// The mark among these tags.
pub(super) fn of(tags: &Tags) -> Option<&str> {
    tags.get(KEY).map(String::as_str)
}

/// The object with the mark. Without, when it has no tags (a type that knows none, or they are not known) or no room
/// for one more.
pub(super) fn put(want: &Value, mark: &str) -> Value {
    change(want, |tags| {
        if tags.len() < MOST {
            tags.insert(KEY.into(), mark.into());
        }
    })
}

/// The object without the mark.
pub(super) fn off(want: &Value) -> Value {
    change(want, |tags| drop(tags.remove(KEY)))
}

/// The mark that the object carries.
pub(super) fn on(want: &Value) -> Option<&str> {
    want.get("tags_all")?.get(KEY)?.as_str()
}

fn change(want: &Value, change: impl FnOnce(&mut Entries)) -> Value {
    let mut entries: Entries = want.entries().cloned().unwrap_or_default();
    let Some(old) = entries.get("tags_all") else { return want.clone() };
    let mut tags = old.entries().cloned().unwrap_or_default();
    change(&mut tags);
    let tags = Value::map(Type::String, tags).with_marks(&old.marks);
    entries.insert("tags_all".into(), tags);
    Value { marks: want.marks.clone(), ..Value::object(entries) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_and_off() {
        let tags = |pairs: &[(&str, &str)]| {
            Value::map(Type::String, pairs.iter().map(|(key, tag)| ((*key).into(), (*tag).into())).collect())
        };
        let want = Value::object([("tags_all".into(), tags(&[("Name", "a")]))].into());
        let marked = put(&want, "m");
        assert_eq!((on(&marked), on(&want)), (Some("m"), None));
        assert_eq!(off(&marked), want);
        let without = Value::object([("name".into(), "a".into())].into());
        assert_eq!(put(&without, "m"), without);
    }
}
