//! When two values are equal, as far as it is known.

use crate::lang::convert::{conforms, length_range};
use crate::value::{Data, Type, Unknown, Value};

/// Whether both are equal: a bool, unknown when that is not decided yet. Never converts: `1 == "1"` is false.
pub fn equal(a: &Value, b: &Value) -> Value {
    let (a, a_marks) = a.clone().split_marks_deep();
    let (b, b_marks) = b.clone().split_marks_deep();
    let result = compare(&a, &b).map_or_else(|| Value::unknown_not_null(Type::Bool), Value::from);
    result.with_marks(&a_marks.union(&b_marks))
}

/// Whether what is known about `unknown` rules out that it becomes `value`.
pub fn excludes(unknown: &Unknown, value: &Value) -> bool {
    if value.is_null() {
        return unknown.not_null;
    }
    if !conforms(&value.ty(), &unknown.ty) {
        return true;
    }
    match &value.data {
        Data::String(text) => unknown.prefix.as_ref().is_some_and(|prefix| !text.starts_with(&**prefix)),
        Data::Number(number) => unknown.range.as_ref().is_some_and(|range| {
            let below =
                range.low.as_ref().is_some_and(|(low, inclusive)| number < low || (number == low && !inclusive));
            let above =
                range.high.as_ref().is_some_and(|(high, inclusive)| number > high || (number == high && !inclusive));
            below || above
        }),
        Data::List(..) | Data::Set(..) | Data::Map(..) => {
            let (shortest, longest) = length_range(value);
            longest.is_some_and(|longest| longest < unknown.length.0)
                || unknown.length.1.is_some_and(|most| shortest > most)
        }
        _ => false,
    }
}

/// Nothing: not decided yet.
fn compare(a: &Value, b: &Value) -> Option<bool> {
    let not_null = |value: &Value| match &value.data {
        Data::Null(_) => false,
        Data::Unknown(unknown) => unknown.not_null,
        _ => true,
    };
    match (&a.data, &b.data) {
        (Data::Null(_), Data::Null(_)) => return Some(true),
        (Data::Null(_), _) => return not_null(b).then_some(false),
        (_, Data::Null(_)) => return not_null(a).then_some(false),
        (Data::Unknown(_), Data::Unknown(_)) => return None,
        (Data::Unknown(unknown), _) => return undecided(unknown, b),
        (_, Data::Unknown(unknown)) => return undecided(unknown, a),
        _ => {}
    }
    let (ta, tb) = (a.ty(), b.ty());
    if has_open_type(a) || has_open_type(b) {
        return (!conforms(&ta, &tb) && !conforms(&tb, &ta)).then_some(false);
    }
    if ta != tb {
        return Some(false);
    }
    match (&a.data, &b.data) {
        (Data::Tuple(a), Data::Tuple(b)) | (Data::List(_, a), Data::List(_, b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            for (a, b) in a.iter().zip(b.iter()) {
                match compare(a, b) {
                    Some(true) => {}
                    other => return other,
                }
            }
            Some(true)
        }
        (Data::Set(_, a_elements), Data::Set(_, b_elements)) => {
            (a.is_wholly_known() && b.is_wholly_known()).then(|| a_elements == b_elements)
        }
        (Data::Object(a), Data::Object(b)) | (Data::Map(_, a), Data::Map(_, b)) => {
            if !a.keys().eq(b.keys()) {
                return Some(false);
            }
            let mut all = Some(true);
            for (a, b) in a.values().zip(b.values()) {
                match compare(a, b) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => all = None,
                }
            }
            all
        }
        _ => Some(a.data == b.data),
    }
}

fn undecided(unknown: &Unknown, known: &Value) -> Option<bool> {
    let open = !unknown.ty.is_concrete();
    (excludes(unknown, known) || (!open && known.ty() != unknown.ty)).then_some(false)
}

/// Whether it holds something whose type is not known yet.
fn has_open_type(value: &Value) -> bool {
    match &value.data {
        Data::Null(_) => false,
        Data::Unknown(unknown) => !unknown.ty.is_concrete(),
        _ => value.children().any(has_open_type),
    }
}
