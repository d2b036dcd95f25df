//! The mark of a making call: a tag that is sent with it and taken off again as soon as the object is known, so that an
//! object whose making call got no answer can be told from all others.
//!
//! The mark travels in `tags_all` of what is asked for, and so stands in the journal. Services that take a reference
//! or a token of the caller are given the mark as well.

use super::contract::Tags;
use crate::resource::Error;
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

/// The tags without the mark.
pub(super) fn hide(tags: &mut Tags) {
    tags.remove(KEY);
}

/// What is said where the mark may not be taken off.
pub(super) fn stays(refused: &Error) -> String {
    let named = refused.message.split_once("authorized to perform: ").map(|(_, rest)| rest);
    let permission = named.and_then(|rest| rest.split_whitespace().next()).unwrap_or(&refused.operation);
    format!(
        "The tag `{KEY}`, by which a new object is known until its id is written down, could not be taken off again: the credentials in use lack the permission {permission}. The tag does no harm, is hidden from now on, and can stay. Add the permission so that later objects do not keep it."
    )
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
