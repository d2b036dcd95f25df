//! Why a type does not fit, in words.

use crate::value::Type;

use super::unify::can_convert;

/// What people call a type: `list of string`, `object`.
pub fn friendly(ty: &Type) -> String {
    name(ty, "dynamic")
}

/// The same where a type is asked for: `any` is a wish then.
fn wanted(ty: &Type) -> String {
    match ty {
        Type::List(element) if **element == Type::Any => "list of any single type".into(),
        Type::Set(element) if **element == Type::Any => "set of any single type".into(),
        Type::Map(element) if **element == Type::Any => "map of any single type".into(),
        Type::List(element) => format!("list of {}", wanted(element)),
        Type::Set(element) => format!("set of {}", wanted(element)),
        Type::Map(element) => format!("map of {}", wanted(element)),
        ty => name(ty, "any type"),
    }
}

fn name(ty: &Type, any: &str) -> String {
    match ty {
        Type::Any => any.into(),
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::List(element) => format!("list of {}", name(element, any)),
        Type::Set(element) => format!("set of {}", name(element, any)),
        Type::Map(element) => format!("map of {}", name(element, any)),
        Type::Tuple(_) => "tuple".into(),
        Type::Object(_) => "object".into(),
    }
}

/// Why values of type `from` do not convert to `to`; without a full stop.
pub fn mismatch(from: &Type, to: &Type) -> String {
    let required = || format!("{} required", wanted(to));
    match (from, to) {
        (Type::Object(_), Type::Object(_)) => objects(from, to),
        (Type::Tuple(_), Type::List(element)) if **element == Type::Any => {
            "all list elements must have the same type".into()
        }
        (Type::Tuple(_), Type::Set(element)) if **element == Type::Any => {
            "all set elements must have the same type".into()
        }
        (Type::Object(_), Type::Map(element)) if **element == Type::Any => {
            "all map elements must have the same type".into()
        }
        (Type::Tuple(types), Type::List(element) | Type::Set(element)) => {
            let bad = types.iter().enumerate().find(|(_, ty)| !can_convert(ty, element, true));
            bad.map_or_else(
                || format!("all elements must be {}", wanted(element)),
                |(at, ty)| format!("element {at}: {}", mismatch(ty, element)),
            )
        }
        (Type::Object(fields), Type::Map(element)) => {
            let bad = fields.iter().find(|(_, field)| !can_convert(&field.ty, element, true));
            bad.map_or_else(
                || format!("all elements must be {}", wanted(element)),
                |(name, field)| format!("element {name:?}: {}", mismatch(&field.ty, element)),
            )
        }
        (Type::List(from) | Type::Set(from), Type::List(to)) => {
            format!("incorrect list element type: {}", mismatch(from, to))
        }
        (Type::List(from) | Type::Set(from), Type::Set(to)) => {
            format!("incorrect set element type: {}", mismatch(from, to))
        }
        (Type::Map(from), Type::Map(to)) => format!("incorrect map element type: {}", mismatch(from, to)),
        _ => required(),
    }
}

fn objects(from: &Type, to: &Type) -> String {
    let (Type::Object(from), Type::Object(to)) = (from, to) else { return String::new() };
    let missing: Vec<String> = to
        .iter()
        .filter(|(name, field)| !field.optional && !from.contains_key(*name))
        .map(|(name, _)| format!("{name:?}"))
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute {one} is required"),
        [one, two] => return format!("attributes {one} and {two} are required"),
        [most @ .., last] => return format!("attributes {}, and {last} are required", most.join(", ")),
    }
    for may_fail in [true, false] {
        for (name, field) in to.iter() {
            if let Some(given) = from.get(name)
                && !can_convert(&given.ty, &field.ty, may_fail)
            {
                return format!("attribute {name:?}: {}", mismatch(&given.ty, &field.ty));
            }
        }
    }
    "incorrect object attributes".into()
}
