//! Maps, and questions about any collection.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::lang::convert::{convert, friendly, length_range, unify};
use crate::lang::operators::equal;
use crate::value::{Data, Entries, Marks, Number, Range, Type, Unknown, Value};

use super::string::graphemes;
use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const ANY_MARKED: Param = param("value", Kind::Any).marked();
const TRUTH: Returns = Returns::Always(Kind::Bool);
const NUMBER: Returns = Returns::Always(Kind::Number);

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "length",
        "How many elements, attributes or characters there are.",
        &[ANY_MARKED.unknown().untyped()],
        NUMBER,
        length,
    ),
    function("alltrue", "Whether all elements are true.", &[param("list", Kind::Bools)], TRUTH, alltrue),
    function("anytrue", "Whether any element is true.", &[param("list", Kind::Bools)], TRUTH, anytrue),
    function(
        "coalesce",
        "The first argument that is neither null nor empty text.",
        &[],
        Returns::From(coalesce_type),
        coalesce,
    )
    .rest(param("vals", Kind::Any).unknown().untyped().null()),
    function(
        "contains",
        "Whether a list, tuple or set contains a value.",
        &[param("list", Kind::Any), param("value", Kind::Any)],
        TRUTH,
        contains,
    ),
    function(
        "index",
        "Where in a list a value stands.",
        &[param("list", Kind::Any), param("value", Kind::Any)],
        NUMBER,
        index,
    ),
    function(
        "keys",
        "The keys of a map or the names of the attributes of an object, sorted.",
        &[param("inputMap", Kind::Any).unknown().marked()],
        Returns::From(|args| match &args[0].ty() {
            Type::Map(_) => Ok(Type::list(Type::String)),
            Type::Object(fields) => Ok(Type::Tuple(fields.iter().map(|_| Type::String).collect())),
            _ => Err(CallError::at(0, "must have map or object type")),
        }),
        keys,
    ),
    function(
        "values",
        "The values of a map or an object, in the order of their keys.",
        &[param("mapping", Kind::Any).marked()],
        Returns::From(|args| match &args[0].ty() {
            Type::Map(element) => Ok(Type::List(element.clone())),
            Type::Object(fields) => Ok(Type::Tuple(fields.values().map(|field| field.ty.clone()).collect())),
            _ => Err(CallError::new("values() requires a map as the first argument")),
        }),
        |call| {
            let values: Vec<Value> = call.args[0].children().cloned().collect();
            Ok(like(&call.ty, values).with_marks(&call.args[0].marks))
        },
    ),
    function(
        "lookup",
        "The entry of a map with a key, or a default.",
        &[param("inputMap", Kind::Any).marked(), param("key", Kind::String).marked()],
        Returns::From(lookup_type),
        lookup,
    )
    .rest(param("default", Kind::Any).unknown().untyped().null().marked())
    .maybe_null(),
    function(
        "merge",
        "All entries of several maps or objects; of equal keys the last one counts.",
        &[],
        Returns::From(merge_type),
        merge,
    )
    .rest(param("maps", Kind::Any).untyped().null().marked()),
    function(
        "transpose",
        "A map of lists with keys and values exchanged.",
        &[param("values", Kind::MapOfStringLists)],
        Returns::Always(Kind::MapOfStringLists),
        transpose,
    ),
    function(
        "zipmap",
        "A map from a list of keys and a list of values.",
        &[param("keys", Kind::Strings).marked(), param("values", Kind::Any).marked()],
        Returns::From(zipmap_type),
        zipmap,
    ),
    function(
        "one",
        "The element of a collection of at most one; null when it is empty.",
        &[param("list", Kind::Any)],
        Returns::From(one_type),
        one,
    )
    .maybe_null(),
    function("sum", "The sum of numbers.", &[param("list", Kind::Any)], NUMBER, sum),
    function(
        "list",
        "Removed: write tolist([...]).",
        &[],
        Returns::From(|_| Err(removed("list", "tolist([ ... ])"))),
        |call| Ok(call.unknown()),
    )
    .rest(param("vals", Kind::Any).unknown().untyped().null()),
    function(
        "map",
        "Removed: write tomap({...}).",
        &[],
        Returns::From(|_| Err(removed("map", "tomap({ ... })"))),
        |call| Ok(call.unknown()),
    )
    .rest(param("vals", Kind::Any).unknown().untyped().null()),
];

fn removed(name: &str, instead: &str) -> CallError {
    CallError::new(format!(
        "the {name:?} function was deprecated in Terraform v0.12 and is no longer available; use {instead} syntax to write a literal {name}"
    ))
}

/// A list or a tuple, as the type says.
pub(super) fn like(ty: &Type, elements: Vec<Value>) -> Value {
    match ty {
        Type::List(element) => Value::list((**element).clone(), elements),
        Type::Set(element) => Value::set((**element).clone(), elements),
        _ => Value::tuple(elements),
    }
}

/// A number that is not decided yet but not below `low` and not above `high`.
fn number_between(low: usize, high: Option<usize>) -> Value {
    let bound = |count: usize| Some((Number::from(i64::try_from(count).unwrap_or(i64::MAX)), true));
    let range = Range { low: bound(low), high: high.and_then(bound) };
    Unknown { not_null: true, range: Some(Arc::new(range)), ..Unknown::of(Type::Number) }.into()
}

fn length(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    let exact = |count: usize| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
    let count = match value.ty() {
        Type::Any => call.unknown(),
        Type::Tuple(types) => exact(types.len()),
        Type::Object(fields) => exact(fields.len()),
        Type::String => match &value.data {
            Data::String(text) => exact(graphemes(text).len()),
            Data::Unknown(unknown) => {
                number_between(graphemes(unknown.prefix.as_deref().unwrap_or_default()).len(), None)
            }
            _ => call.unknown(),
        },
        Type::List(_) | Type::Set(_) | Type::Map(_) => match length_range(value) {
            (low, Some(high)) if low == high => exact(low),
            (low, high) => number_between(low, high),
        },
        Type::Bool | Type::Number => {
            return Err(CallError::new("argument must be a string, a collection type, or a structural type"));
        }
    };
    Ok(count.with_marks(&value.marks))
}

fn alltrue(call: &Call<'_>) -> Outcome {
    for element in call.elements(0) {
        match &element.data {
            Data::Unknown(_) => return Ok(call.unknown()),
            Data::Bool(true) => {}
            _ => return Ok(false.into()),
        }
    }
    Ok(true.into())
}

fn anytrue(call: &Call<'_>) -> Outcome {
    let elements = call.elements(0);
    if elements.iter().any(|element| element.as_bool() == Some(true)) {
        return Ok(true.into());
    }
    Ok(if elements.iter().all(Value::is_known) { false.into() } else { call.unknown() })
}

fn coalesce_type(args: &[Value]) -> Result<Type, CallError> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    unify(&types).ok_or_else(|| CallError::new("all arguments must have the same type"))
}

fn coalesce(call: &Call<'_>) -> Outcome {
    for arg in &call.args {
        let Ok(arg) = convert(arg, &call.ty) else { continue };
        if !arg.is_known() {
            return Ok(call.unknown());
        }
        if !arg.is_null() && arg.as_str() != Some("") {
            return Ok(arg);
        }
    }
    Err(CallError::new("no non-null, non-empty-string arguments"))
}

fn contains(call: &Call<'_>) -> Outcome {
    let Some(elements) = call.args[0].elements() else {
        return Err(CallError::new("argument must be list, tuple, or set"));
    };
    let mut open = false;
    for element in elements {
        match equal(&call.args[1], element).as_bool() {
            Some(true) => return Ok(true.into()),
            Some(false) => {}
            None => open = true,
        }
    }
    Ok(if open { call.unknown() } else { false.into() })
}

fn index(call: &Call<'_>) -> Outcome {
    let (Data::List(_, elements) | Data::Tuple(elements)) = &call.args[0].data else {
        return Err(CallError::new("argument must be a list or tuple"));
    };
    if elements.is_empty() {
        return Err(CallError::new("cannot search an empty list"));
    }
    for (at, element) in (0_i64..).zip(elements.iter()) {
        match equal(element, &call.args[1]).as_bool() {
            Some(true) => return Ok(at.into()),
            Some(false) => {}
            None => return Ok(call.unknown()),
        }
    }
    Err(CallError::new("item not found"))
}

fn keys(call: &Call<'_>) -> Outcome {
    let map = &call.args[0];
    let text = |name: &Arc<str>| Value::from(&**name);
    let keys = match (map.entries(), map.ty()) {
        (Some(entries), _) => entries.keys().map(text).collect(),
        (None, Type::Object(fields)) => fields.keys().map(text).collect(),
        _ => return Ok(call.unknown().with_marks(&map.marks)),
    };
    Ok(like(&call.ty, keys).with_marks(&map.marks))
}

fn lookup_type(args: &[Value]) -> Result<Type, CallError> {
    if args.len() > 3 {
        return Err(CallError::new(format!("lookup() takes two or three arguments, got {}", args.len())));
    }
    match args[0].ty() {
        Type::Object(fields) => {
            let Some(key) = args[1].as_str() else { return Ok(Type::Any) };
            if let Some(field) = fields.get(key) {
                return Ok(field.ty.clone());
            }
            let missing =
                || CallError::at(0, format!("the given object has no attribute {}", shown(key, &args[1].marks)));
            args.get(2).map(Value::ty).ok_or_else(missing)
        }
        Type::Map(element) => {
            if args.get(2).is_some_and(|default| convert(default, &element).is_err()) {
                return Err(CallError::at(2, "the default value must have the same type as the map elements"));
            }
            Ok((*element).clone())
        }
        _ => Err(CallError::at(0, "lookup() requires a map as the first argument")),
    }
}

/// Text for a message, unless it must not be shown.
fn shown(text: &str, marks: &Marks) -> String {
    match (marks.is_sensitive(), marks.is_ephemeral()) {
        (true, true) => "(ephemeral sensitive value)".into(),
        (true, false) => "(sensitive value)".into(),
        (false, true) => "(ephemeral value)".into(),
        (false, false) => format!("{text:?}"),
    }
}

fn lookup(call: &Call<'_>) -> Outcome {
    let (map, key) = (&call.args[0], &call.args[1]);
    let marks = map.marks.union(&key.marks);
    let name = key.as_str().unwrap_or_default();
    if let Some(found) = map.get(name) {
        return Ok(found.clone().with_marks(&marks));
    }
    let missing = || CallError::new(format!("lookup failed to find key {}", shown(name, &key.marks)));
    let default = call.args.get(2).ok_or_else(missing)?;
    let default = convert(default, &call.ty).map_err(|error| CallError::new(error.message))?;
    Ok(default.with_marks(&marks))
}

fn merge_type(args: &[Value]) -> Result<Type, CallError> {
    let mut fields = BTreeMap::new();
    let mut open = false;
    for arg in args {
        match (arg.ty(), &arg.data) {
            (Type::Any, _) => return Ok(Type::Any),
            (Type::Object(_) | Type::Map(_), Data::Null(_)) => {}
            (Type::Object(types), _) => {
                fields.extend(types.iter().map(|(name, field)| (name.clone(), field.ty.clone())));
            }
            (Type::Map(element), Data::Map(_, entries)) => {
                fields.extend(entries.keys().map(|name| (name.clone(), (*element).clone())));
            }
            (Type::Map(_), _) => open = true,
            (ty, _) => {
                let message = format!("arguments must be maps or objects, got {:?}", friendly(&ty));
                return Err(CallError::new(message));
            }
        }
    }
    match args.first().map(Value::ty) {
        Some(first) if args.iter().all(|arg| arg.ty() == first) => Ok(first),
        _ if open => Ok(Type::Any),
        _ => Ok(Type::object(fields)),
    }
}

fn merge(call: &Call<'_>) -> Outcome {
    let mut merged = Entries::new();
    let mut marks = Marks::default();
    for arg in call.args.iter().filter(|arg| !arg.is_null()) {
        marks = marks.union(&arg.marks);
        merged.extend(arg.entries().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    }
    let merged = match &call.ty {
        Type::Map(element) => Value::map((**element).clone(), merged),
        _ => Value::object(merged),
    };
    Ok(merged.with_marks(&marks))
}

fn transpose(call: &Call<'_>) -> Outcome {
    let map = &call.args[0];
    if !map.is_wholly_known() {
        return Ok(call.unknown());
    }
    let mut turned: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (name, list) in map.entries().into_iter().flatten() {
        if list.is_null() {
            return Err(CallError::new(format!("the list of {name:?} must not be null")));
        }
        for (at, element) in list.children().enumerate() {
            let text = element
                .as_str()
                .ok_or_else(|| CallError::new(format!("element {at} of the list of {name:?} must not be null")))?;
            turned.entry(text.into()).or_default().push((&**name).into());
        }
    }
    let lists = turned.into_iter().map(|(name, list)| (name, Value::list(Type::String, list)));
    Ok(Value::map(Type::list(Type::String), lists.collect()))
}

fn zipmap_type(args: &[Value]) -> Result<Type, CallError> {
    match args[1].ty() {
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(types) => {
            if !args[0].is_wholly_known() {
                return Ok(Type::Any);
            }
            let keys: Vec<Arc<str>> = zip_keys(&args[0])?;
            check_lengths(keys.len(), types.len())?;
            Ok(Type::object(keys.into_iter().zip(types.iter().cloned())))
        }
        _ => Err(CallError::new("values argument must be a list or tuple value")),
    }
}

fn zip_keys(keys: &Value) -> Result<Vec<Arc<str>>, CallError> {
    let name = |(at, key): (usize, &Value)| match &key.data {
        Data::String(text) => Ok(text.clone()),
        _ => Err(CallError::new(format!("keys list has null value at index {at}"))),
    };
    keys.children().enumerate().map(name).collect()
}

fn check_lengths(keys: usize, values: usize) -> Result<(), CallError> {
    if keys == values {
        return Ok(());
    }
    Err(CallError::new(format!("number of keys ({keys}) does not match number of values ({values})")))
}

fn zipmap(call: &Call<'_>) -> Outcome {
    let (keys, values) = (&call.args[0], &call.args[1]);
    let mut marks = keys.marks.union(&values.marks);
    for key in keys.children() {
        marks = marks.union(&key.marks);
    }
    if !keys.is_wholly_known() {
        return Ok(call.unknown().with_marks(&marks));
    }
    let names = zip_keys(keys)?;
    check_lengths(names.len(), call.elements(1).len())?;
    let entries = names.into_iter().zip(values.children().cloned()).collect();
    let result = match &call.ty {
        Type::Map(element) => Value::map((**element).clone(), entries),
        _ => Value::object(entries),
    };
    Ok(result.with_marks(&marks))
}

const NOT_ONE: &str = "must be a list, set, or tuple value with either zero or one elements";

fn one_type(args: &[Value]) -> Result<Type, CallError> {
    match args[0].ty() {
        Type::List(element) | Type::Set(element) => Ok((*element).clone()),
        Type::Tuple(types) if types.len() < 2 => Ok(types.first().cloned().unwrap_or(Type::Any)),
        _ => Err(CallError::at(0, NOT_ONE)),
    }
}

fn one(call: &Call<'_>) -> Outcome {
    let (shortest, longest) = length_range(&call.args[0]);
    match call.elements(0) {
        [] => Ok(Value::null(call.ty.clone())),
        [single] => Ok(single.clone()),
        _ if matches!(call.args[0].data, Data::Set(..)) && longest != Some(shortest) => Ok(call.unknown()),
        _ => Err(CallError::at(0, NOT_ONE)),
    }
}

fn sum(call: &Call<'_>) -> Outcome {
    let list = &call.args[0];
    if matches!(list.data, Data::Bool(_) | Data::Number(_) | Data::String(_)) {
        return Err(CallError::at(0, "cannot sum noniterable"));
    }
    if list.children().next().is_none() {
        return Err(CallError::at(0, "cannot sum an empty list"));
    }
    let Some(elements) = list.elements() else {
        let name = friendly(&list.ty());
        return Err(CallError::at(0, format!("argument must be list, set, or tuple. Received {name}")));
    };
    if !list.is_wholly_known() {
        return Ok(call.unknown());
    }
    let not_numbers = || CallError::at(0, "argument must be list, set, or tuple of number values");
    let mut total: Option<Number> = None;
    for element in elements {
        let number = convert(element, &Type::Number).map_err(|_| not_numbers())?;
        let number = number.as_number().ok_or_else(not_numbers)?;
        total = match total {
            None => Some(number.clone()),
            Some(total) => {
                let sum = total.add(number);
                Some(sum.ok_or_else(|| CallError::new("can't compute sum of opposing infinities"))?)
            }
        };
    }
    total.map(Value::from).ok_or_else(not_numbers)
}
