//! Elements, attributes and splats.

use crate::lang::convert::{common_type, convert, friendly, refined};
use crate::value::{Data, Type, Unknown, Value};

use super::{Problem, origins, problem};

const INVALID: &str = "Invalid index";

/// The result of `collection[key]`.
pub fn index(collection: &Value, key: &Value) -> Result<Value, Problem> {
    if collection.is_null() {
        let detail = "This value is null, so it does not have any indices.";
        return Err(problem("Attempt to index null value", detail));
    }
    if key.is_null() {
        return Err(problem(INVALID, "Can't use a null value as an indexing key."));
    }
    let ty = collection.ty();
    // Where nothing of the key shows in the result, only where it comes from is kept.
    let quiet = collection.marks.union(&origins(&key.marks));
    if key.ty() == Type::Any || ty == Type::Any {
        return Ok(Value::unknown(Type::Any).with_marks(&quiet));
    }
    let none = |reason: &str| {
        problem(INVALID, format!("The given key does not identify an element in this collection value{reason}."))
    };
    let as_key = |wanted: &Type| convert(key, wanted).map_err(|error| none(&format!(": {error}")));
    let marks = collection.marks.union(&key.marks);
    match &ty {
        Type::List(_) | Type::Tuple(_) => {
            let key = as_key(&Type::Number)?;
            let types = if let Type::Tuple(types) = &ty { Some(types) } else { None };
            let unknown = |ty: Type| Ok(Value::unknown(ty).with_marks(&quiet));
            let Some(number) = key.as_number() else {
                return unknown(if let Type::List(element) = &ty { (**element).clone() } else { Type::Any });
            };
            if let (Type::List(element), None) = (&ty, collection.elements()) {
                return unknown((**element).clone());
            }
            let length = collection.elements().map(<[_]>::len).or(types.map(|types| types.len()));
            if !number.is_integer() && !number.is_infinite() {
                return Err(none(
                    ": indexing a sequence requires a whole number, but the given index has a fractional part",
                ));
            }
            if number.is_negative() && !number.is_zero() {
                return Err(none(": a negative number is not a valid index for a sequence"));
            }
            let at = number.to_i64().and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
            match length {
                Some(0) => Err(none(": the collection has no elements")),
                Some(length) if at >= length => {
                    Err(none(": the given index is greater than or equal to the length of the collection"))
                }
                _ => match (collection.elements(), types, &ty) {
                    (Some(elements), _, _) => Ok(elements[at].clone().with_marks(&marks)),
                    (None, Some(types), _) => Ok(Value::unknown(types[at].clone()).with_marks(&marks)),
                    _ => unknown(Type::Any),
                },
            }
        }
        Type::Map(element) => {
            let key = as_key(&Type::String)?;
            match (collection.entries(), key.as_str()) {
                (Some(entries), Some(name)) => {
                    entries.get(name).map(|value| value.clone().with_marks(&marks)).ok_or_else(|| none(""))
                }
                _ => Ok(Value::unknown((**element).clone()).with_marks(&quiet)),
            }
        }
        Type::Object(_) => {
            let hint = if key.ty() == Type::Number {
                ". An object only supports looking up attributes by name, not by numeric index"
            } else {
                ""
            };
            let key = as_key(&Type::String)?;
            match (collection.entries(), key.as_str()) {
                (Some(entries), Some(name)) => {
                    entries.get(name).map(|value| value.clone().with_marks(&quiet)).ok_or_else(|| none(hint))
                }
                _ => Ok(Value::unknown(Type::Any).with_marks(&quiet)),
            }
        }
        Type::Set(_) => Err(problem(
            INVALID,
            "Elements of a set are identified only by their value and don't have any separate index or key to select \
             with, so it's only possible to perform operations across all elements of the set.",
        )),
        _ => Err(problem(INVALID, "This value does not have any indices.")),
    }
}

/// The result of `value.name`.
pub fn attribute(value: &Value, name: &str) -> Result<Value, Problem> {
    if value.is_null() {
        let detail = "This value is null, so it does not have any attributes.";
        return Err(problem("Attempt to get attribute from null value", detail));
    }
    let unsupported = |detail: String| Err(problem("Unsupported attribute", detail));
    let unknown = |ty: &Type| Ok(Value::unknown(ty.clone()).with_marks(&value.marks));
    match (&value.data, value.ty()) {
        (Data::Object(entries), _) => match entries.get(name) {
            Some(found) => Ok(found.clone().with_marks(&value.marks)),
            None => unsupported(format!("This object does not have an attribute named {name:?}.")),
        },
        (Data::Map(_, entries), _) => entries.get(name).map(|found| found.clone().with_marks(&value.marks)).ok_or_else(|| {
            problem("Missing map element", format!("This map does not have an element with the key {name:?}."))
        }),
        (_, Type::Object(fields)) => match fields.get(name) {
            Some(field) => unknown(&field.ty),
            None => unsupported(format!("This object does not have an attribute named {name:?}.")),
        },
        (_, Type::Map(element)) => unknown(&element),
        (_, Type::Any) => unknown(&Type::Any),
        (_, Type::List(element)) if matches!(*element, Type::Object(_)) => {
            let which = match &*element {
                Type::Object(fields) if fields.contains_key(name) => format!("attribute {name:?}"),
                _ => "an attribute".into(),
            };
            unsupported(format!(
                "Can't access attributes on a list of objects. Did you mean to access {which} for a specific element of \
                 the list, or across all elements of the list?"
            ))
        }
        (_, Type::Set(element)) if matches!(*element, Type::Object(_)) => unsupported(
            "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?"
                .into(),
        ),
        (_, ty @ (Type::Bool | Type::Number | Type::String)) => {
            unsupported(format!("Can't access attributes on a primitive-typed value ({}).", friendly(&ty)))
        }
        (_, Type::Set(_)) => unsupported(
            "This value does not have any attributes: it is a set. Write [*] before the name for the attribute of each element."
                .into(),
        ),
        (_, Type::Tuple(_) | Type::List(_)) => unsupported(
            "This value does not have any attributes: it is a sequence. Name one of its elements, such as [0], or write [*] \
             for the attribute of each."
                .into(),
        ),
    }
}

/// The result of `source[*]…`: `each` is what follows, asked for every element.
pub fn splat<E>(source: &Value, mut each: impl FnMut(&Value) -> Result<Value, E>) -> Result<Value, E>
where
    E: From<Problem>,
{
    let ty = source.ty();
    let marks = &source.marks;
    let upgrade = !matches!(ty, Type::Tuple(_) | Type::List(_) | Type::Set(_));
    if source.is_null() {
        if upgrade {
            return Ok(Value::tuple(Vec::new()).with_marks(marks));
        }
        let detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
        return Err(problem("Splat of null value", detail).into());
    }
    if ty == Type::Any {
        return Ok(Value::unknown(Type::Any).with_marks(marks));
    }
    if upgrade {
        let result = each(source)?;
        // Whether there is one element or none is not known of something that may turn out null.
        let open = matches!(&source.data, Data::Unknown(unknown) if !unknown.not_null);
        let result = if open { Value::unknown(Type::Any) } else { Value::tuple(vec![result]) };
        return Ok(result.with_marks(marks));
    }
    let mut element_type = |ty: &Type| Ok::<_, E>(each(&Value::unknown(ty.clone()))?.ty());
    let result = match (&source.data, &ty) {
        (Data::Unknown(unknown), Type::List(element) | Type::Set(element)) => {
            let ty = Type::list(element_type(element)?);
            refined(Unknown { not_null: true, length: unknown.length, ..Unknown::of(ty) })
        }
        (Data::Unknown(_), Type::Tuple(types)) => {
            let types: Vec<Type> = types.iter().map(element_type).collect::<Result<_, E>>()?;
            Value::unknown_not_null(Type::Tuple(types.into()))
        }
        (Data::List(element, elements) | Data::Set(element, elements), _) if elements.is_empty() => {
            Value::list(element_type(element)?, Vec::new())
        }
        (Data::Tuple(elements), _) => Value::tuple(elements.iter().map(each).collect::<Result<_, E>>()?),
        _ => {
            let elements: Vec<Value> = source.children().map(each).collect::<Result<_, E>>()?;
            match common_type(&elements) {
                Some(ty) => Value::list(ty, elements),
                None => Value::tuple(elements),
            }
        }
    };
    Ok(result.with_marks(marks))
}
