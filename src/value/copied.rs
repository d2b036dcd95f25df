//! Marks of one value on another.

use std::sync::Arc;

use super::{Data, Entries, Value};

/// The value with the sensitive marks that `from` has in the same places. Elements of a set have no place: a mark in
/// one makes the whole set sensitive.
pub fn copy_marks(from: &Value, to: &Value) -> Value {
    let marks = from.marks.visibility();
    let pair =
        |theirs: Option<&Value>, own: &Value| theirs.map_or_else(|| own.clone(), |theirs| copy_marks(theirs, own));
    let entries =
        |own: &Entries| Arc::new(own.iter().map(|(name, one)| (name.clone(), pair(from.get(name), one))).collect());
    let elements = |own: &[Value]| {
        let theirs = from.elements().unwrap_or_default();
        Arc::new(own.iter().enumerate().map(|(at, one)| pair(theirs.get(at), one)).collect())
    };
    let data = match &to.data {
        Data::Object(own) => Data::Object(entries(own)),
        Data::Map(ty, own) => Data::Map(ty.clone(), entries(own)),
        Data::List(ty, own) => Data::List(ty.clone(), elements(own)),
        Data::Tuple(own) => Data::Tuple(elements(own)),
        plain => plain.clone(),
    };
    Value { data, marks: to.marks.union(&marks) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[test]
    fn marks_go_to_the_same_places() {
        let list = |one: Value| Value::list(Type::String, vec!["a".into(), one]);
        let from =
            Value::object([("list".into(), list(Value::from("b").sensitive())), ("gone".into(), 1.into())].into());
        let to = Value::object([("list".into(), list("c".into())), ("plain".into(), 1.into())].into());
        assert_eq!(format!("{:?}", copy_marks(&from, &to)), r#"{"list": ["a", (sensitive)], "plain": 1}"#);
    }
}
