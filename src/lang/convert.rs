//! Conversion of values between types, and the type that several values have in common.
//!
//! Follows Terraform's rules: text converts to numbers and bools and back, sequences and mappings convert
//! between their fixed and their uniform kinds, `any` takes what is there. What is unknown stays unknown and
//! keeps what is known about it.

mod mismatch;
mod unify;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::lang::path::{Path, Step};
use crate::value::{Data, Entries, Field, Number, Type, Unknown, Value};

pub use mismatch::{friendly, mismatch};
pub use unify::{can_convert, conforms, unify, unify_safely};

/// A value cannot become what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// Where inside the value.
    pub path: Path,
    /// What is wrong there, such as `a number is required`; without a full stop.
    pub message: String,
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConvertError {}

/// The value as one of type `to`.
///
/// Attributes marked optional in `to` become null when they are missing.
pub fn convert(value: &Value, to: &Type) -> Result<Value, ConvertError> {
    if *to == Type::Any {
        return Ok(value.clone());
    }
    let from = value.ty();
    if is_same(&from, to) {
        return Ok(value.clone());
    }
    if !can_convert(&from, to, true) {
        return Err(ConvertError { path: Path::default(), message: mismatch(&from, to) });
    }
    apply(value, to, &mut Vec::new())
}

/// All values converted to the one type they have in common; nothing when there is none or a value does not fit.
pub fn unify_values(values: &[Value]) -> Option<(Type, Vec<Value>)> {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    let common = unify(&types)?;
    let values: Result<Vec<Value>, _> = values.iter().map(|value| convert(value, &common)).collect();
    Some((common, values.ok()?))
}

/// The value as text, by conversion.
pub fn to_string_value(value: &Value) -> Result<Value, ConvertError> {
    convert(value, &Type::String)
}

/// The value as a number, by conversion.
pub fn to_number_value(value: &Value) -> Result<Value, ConvertError> {
    convert(value, &Type::Number)
}

/// The value as a truth value, by conversion.
pub fn to_bool_value(value: &Value) -> Result<Value, ConvertError> {
    convert(value, &Type::Bool)
}

/// The type without the marks that attributes may be left out, at any depth.
pub fn without_optional(ty: &Type) -> Type {
    match ty {
        Type::Any | Type::Bool | Type::Number | Type::String => ty.clone(),
        Type::List(element) => Type::list(without_optional(element)),
        Type::Set(element) => Type::set(without_optional(element)),
        Type::Map(element) => Type::map(without_optional(element)),
        Type::Tuple(elements) => Type::Tuple(elements.iter().map(without_optional).collect()),
        Type::Object(fields) => {
            Type::object(fields.iter().map(|(name, field)| (name.clone(), without_optional(&field.ty))))
        }
    }
}

/// What an unknown value is when all that is known about it decides the value, or a part of it.
pub fn refined(unknown: Unknown) -> Value {
    if unknown.not_null {
        if let Some(range) = &unknown.range
            && let (Some((low, true)), Some((high, true))) = (&range.low, &range.high)
            && low == high
        {
            return low.clone().into();
        }
        let (shortest, longest) = unknown.length;
        if longest == Some(shortest) {
            match (&unknown.ty, shortest) {
                (Type::List(element), count) if count <= 1 << 16 => {
                    return Value::list((**element).clone(), vec![Value::unknown((**element).clone()); count]);
                }
                (Type::Set(element), 0) => return Value::set((**element).clone(), Vec::new()),
                (Type::Set(element), 1) => {
                    return Value::set((**element).clone(), vec![Value::unknown((**element).clone())]);
                }
                (Type::Map(element), 0) => return Value::map((**element).clone(), Entries::new()),
                _ => {}
            }
        }
    }
    unknown.into()
}

/// Smallest and largest number of elements of a collection; nothing is known of other values.
pub fn length_range(value: &Value) -> (usize, Option<usize>) {
    match &value.data {
        Data::Unknown(unknown) => unknown.length,
        Data::Set(_, elements) if elements.len() > 1 && !value.is_wholly_known() => (1, Some(elements.len())),
        Data::List(_, elements) | Data::Set(_, elements) => (elements.len(), Some(elements.len())),
        Data::Map(_, entries) => (entries.len(), Some(entries.len())),
        _ => (0, None),
    }
}

/// Whether both are the same type once `to` has lost its optional marks.
fn is_same(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => is_same(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same(a, b)),
        (Type::Object(a), Type::Object(b)) => {
            let same = |((na, a), (nb, b)): ((_, &Field), (_, &Field))| na == nb && is_same(&a.ty, &b.ty);
            a.len() == b.len() && a.iter().zip(b.iter()).all(same)
        }
        _ => from == to,
    }
}

type Steps = Vec<Step>;

fn error(steps: &Steps, message: impl Into<String>) -> ConvertError {
    ConvertError { path: Path(steps.clone()), message: message.into() }
}

/// Converts what [`can_convert`] said can be.
fn apply(value: &Value, to: &Type, steps: &mut Steps) -> Result<Value, ConvertError> {
    if *to == Type::Any {
        return Ok(value.clone());
    }
    let converted = match &value.data {
        Data::Unknown(unknown) => unknown_as(unknown, &replace_any(&unknown.ty, &without_optional(to))),
        Data::Null(ty) => Value::null(replace_any(ty, &without_optional(to))),
        _ => known(value, to, steps)?,
    };
    Ok(converted.with_marks(&value.marks))
}

fn known(value: &Value, to: &Type, steps: &mut Steps) -> Result<Value, ConvertError> {
    Ok(match (&value.data, to) {
        (Data::Bool(_), Type::Bool) | (Data::Number(_), Type::Number) | (Data::String(_), Type::String) => {
            value.data.clone().into()
        }
        (Data::Number(number), Type::String) => number.to_string().into(),
        (Data::Bool(truth), Type::String) => if *truth { "true" } else { "false" }.into(),
        (Data::String(text), Type::Number) => {
            text.parse::<Number>().map_err(|_| error(steps, "a number is required"))?.into()
        }
        (Data::String(text), Type::Bool) => bool_of(text).map_err(|message| error(steps, message))?.into(),
        (Data::Object(entries), Type::Object(fields)) => object(entries, fields, Step::Attr, steps)?,
        (Data::Map(element, entries), Type::Object(fields)) => {
            for (name, field) in fields.iter() {
                if entries.contains_key(name) && !is_same(element, &field.ty) && !can_convert(element, &field.ty, true)
                {
                    let reason = mismatch(element, &field.ty);
                    let message = format!("map element type is incompatible with attribute {name:?}: {reason}");
                    return Err(error(steps, message));
                }
            }
            object(entries, fields, Step::Key, steps)?
        }
        (Data::Tuple(elements), Type::Tuple(types)) => {
            let elements = elements.iter().zip(types.iter()).enumerate();
            Value::tuple(
                elements
                    .map(|(at, (element, ty))| inside(element, ty, Step::Index(at), steps))
                    .collect::<Result<_, _>>()?,
            )
        }
        (Data::Tuple(elements), Type::List(element) | Type::Set(element)) => {
            let is_set = matches!(to, Type::Set(_));
            let wanted = if **element == Type::Any && !elements.is_empty() {
                let types: Vec<Type> = elements.iter().map(Value::ty).collect();
                unify(&types).ok_or_else(|| error(steps, mismatch(&value.ty(), to)))?
            } else {
                (**element).clone()
            };
            sequence(elements, &wanted, &Type::Any, is_set, true, steps)?
        }
        (Data::Set(from, elements), Type::List(_)) if length_range(value).1 != Some(length_range(value).0) => {
            let length = (usize::from(!elements.is_empty()), Some(elements.len()));
            Unknown { length, ..Unknown::of(Type::list(from.clone())) }.into()
        }
        (Data::List(from, elements) | Data::Set(from, elements), Type::List(element) | Type::Set(element)) => {
            sequence(elements, element, from, matches!(to, Type::Set(_)), false, steps)?
        }
        (Data::Map(from, entries), Type::Map(element)) => mapping(entries, element, from, Step::Key, steps)?,
        (Data::Object(entries), Type::Map(element)) => {
            let wanted = if **element == Type::Any && !entries.is_empty() {
                let types: Vec<Type> = entries.values().map(Value::ty).collect();
                unify(&types).ok_or_else(|| error(steps, mismatch(&value.ty(), to)))?
            } else {
                (**element).clone()
            };
            mapping(entries, &wanted, &Type::Any, Step::Attr, steps)?
        }
        _ => return Err(error(steps, mismatch(&value.ty(), to))),
    })
}

/// The truth value that text stands for.
fn bool_of(text: &str) -> Result<bool, &'static str> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ if text.eq_ignore_ascii_case("true") => {
            Err("a bool is required; to convert from string, use lowercase \"true\"")
        }
        _ if text.eq_ignore_ascii_case("false") => {
            Err("a bool is required; to convert from string, use lowercase \"false\"")
        }
        _ => Err("a bool is required"),
    }
}

/// One step further in.
fn inside(value: &Value, to: &Type, step: Step, steps: &mut Steps) -> Result<Value, ConvertError> {
    let from = value.ty();
    if is_same(&from, to) {
        return Ok(value.clone());
    }
    steps.push(step);
    if !can_convert(&from, to, true) {
        return Err(error(steps, mismatch(&from, to)));
    }
    let converted = apply(value, to, steps)?;
    steps.pop();
    Ok(converted)
}

fn object(
    entries: &Entries,
    fields: &BTreeMap<Arc<str>, Field>,
    step: fn(Arc<str>) -> Step,
    steps: &mut Steps,
) -> Result<Value, ConvertError> {
    let mut converted = Entries::new();
    for (name, field) in fields {
        let value = match entries.get(name) {
            Some(value) => inside(value, &field.ty, step(name.clone()), steps)?,
            None if field.optional => Value::null(without_optional(&field.ty)),
            None => return Err(error(steps, format!("map has no element for required attribute {name:?}"))),
        };
        converted.insert(name.clone(), value);
    }
    Ok(Value::object(converted))
}

fn sequence(
    elements: &[Value],
    wanted: &Type,
    from: &Type,
    is_set: bool,
    from_tuple: bool,
    steps: &mut Steps,
) -> Result<Value, ConvertError> {
    let collect = |ty: Type, elements| if is_set { Value::set(ty, elements) } else { Value::list(ty, elements) };
    if elements.is_empty() {
        let ty = if *wanted == Type::Any { from.clone() } else { without_optional(wanted) };
        return Ok(collect(ty, Vec::new()));
    }
    if is_same(from, wanted) {
        return Ok(collect(from.clone(), elements.to_vec()));
    }
    let mut converted = Vec::with_capacity(elements.len());
    for (at, element) in elements.iter().enumerate() {
        converted.push(inside(element, wanted, Step::Index(at), steps)?);
    }
    if wanted.is_concrete() {
        return Ok(collect(without_optional(wanted), converted));
    }
    if from_tuple && !is_set {
        let types: Vec<Type> = converted.iter().map(Value::ty).collect();
        let common = unify(&types).ok_or_else(|| error(steps, "cannot find a common base type for all elements"))?;
        converted = converted.iter().map(|element| convert(element, &common)).collect::<Result<_, _>>()?;
    }
    let kind = if is_set { "set" } else { "list" };
    let ty = common_type(converted.iter())
        .ok_or_else(|| error(steps, format!("element types must all match for conversion to {kind}")))?;
    Ok(collect(ty, converted))
}

fn mapping(
    entries: &Entries,
    wanted: &Type,
    from: &Type,
    step: fn(Arc<str>) -> Step,
    steps: &mut Steps,
) -> Result<Value, ConvertError> {
    if entries.is_empty() {
        let ty = if *wanted == Type::Any { from.clone() } else { without_optional(wanted) };
        return Ok(Value::map(ty, Entries::new()));
    }
    let mut converted = Entries::new();
    for (name, value) in entries {
        converted.insert(name.clone(), inside(value, wanted, step(name.clone()), steps)?);
    }
    if wanted.is_concrete() {
        return Ok(Value::map(without_optional(wanted), converted));
    }
    if matches!(wanted, Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Object(_)) {
        let types: Vec<Type> = converted.values().map(Value::ty).collect();
        let common = unify(&types).ok_or_else(|| error(steps, "cannot find a common base type for all elements"))?;
        for value in converted.values_mut() {
            *value = convert(value, &common)?;
        }
    }
    let ty = common_type(converted.values())
        .ok_or_else(|| error(steps, "attribute types must all match for conversion to map"))?;
    for value in converted.values_mut().filter(|value| matches!(value.data, Data::Null(Type::Any))) {
        value.data = Data::Null(ty.clone());
    }
    Ok(Value::map(ty, converted))
}

/// The one type of all values, where `any` goes with everything.
pub fn common_type<'a>(values: impl IntoIterator<Item = &'a Value>) -> Option<Type> {
    let mut common = Type::Any;
    for value in values {
        let ty = value.ty();
        if common == Type::Any {
            common = ty;
        } else if ty != Type::Any && ty != common {
            return None;
        }
    }
    Some(common)
}

/// An unknown value as one of another type: what its type and its refinements say about the result.
fn unknown_as(unknown: &Unknown, to: &Type) -> Value {
    let mut result = Unknown { not_null: unknown.not_null, ..Unknown::of(to.clone()) };
    match (&unknown.ty, to) {
        (Type::Object(fields), Type::Map(_)) => result.length = (fields.len(), Some(fields.len())),
        (Type::Tuple(elements), Type::List(_)) => result.length = (elements.len(), Some(elements.len())),
        (Type::Tuple(elements), Type::Set(_)) => result.length = (elements.len().min(1), Some(elements.len())),
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::Set(_)) => {
            result.length = (unknown.length.0.min(1), unknown.length.1);
        }
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::List(_) | Type::Map(_)) => result.length = unknown.length,
        _ => {}
    }
    refined(result)
}

/// `to` with every `any` replaced by what stands in that place of `from`.
fn replace_any(from: &Type, to: &Type) -> Type {
    let unified = |types: &[Type], to: &Type| unify(types).map_or_else(|| to.clone(), |ty| replace_any(&ty, to));
    match (from, to) {
        (Type::Any, _) => to.clone(),
        (_, Type::Any) => from.clone(),
        (Type::Map(from), Type::Map(to)) => Type::map(replace_any(from, to)),
        (Type::Object(fields), Type::Map(to)) => {
            let types: Vec<Type> = fields.values().map(|field| field.ty.clone()).collect();
            Type::map(unified(&types, to))
        }
        (Type::Map(from), Type::Object(fields)) => {
            Type::object(fields.iter().map(|(name, field)| (name.clone(), replace_any(from, &field.ty))))
        }
        (Type::Object(from), Type::Object(fields)) => Type::object(fields.iter().map(|(name, field)| {
            (name.clone(), from.get(name).map_or_else(|| field.ty.clone(), |from| replace_any(&from.ty, &field.ty)))
        })),
        (Type::List(from) | Type::Set(from), Type::List(to)) => Type::list(replace_any(from, to)),
        (Type::List(from) | Type::Set(from), Type::Set(to)) => Type::set(replace_any(from, to)),
        (Type::Tuple(types), Type::List(to)) => Type::list(unified(types, to)),
        (Type::Tuple(types), Type::Set(to)) => Type::set(unified(types, to)),
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => {
            Type::Tuple(from.iter().zip(to.iter()).map(|(from, to)| replace_any(from, to)).collect())
        }
        _ => to.clone(),
    }
}

#[cfg(test)]
mod tests;
