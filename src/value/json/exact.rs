//! Values as saved plans hold them: nothing is lost. Types stay, also of null and of empty collections; what is known
//! only after apply stays with all that is known about it; sensitive parts stay marked.
//!
//! ```text
//! true  "text"  ["number", "1.5"]  ["null", TYPE]  ["list", TYPE, e, e]  ["set", TYPE, e]  ["map", TYPE, "key", e]
//! ["tuple", e, e]  ["object", "name", e]  ["unknown", TYPE, {...}]  ["sensitive", e]
//! ```
//!
//! Origins are left out: they matter only while a plan is drawn up.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{JsonError, type_to_json};
use crate::value::{Data, Entries, Number, Range, Type, Unknown, Value};

/// Deeper values are refused: JSON parsers give up beyond.
const DEEPEST: usize = 120;

fn error(why: impl Into<String>) -> JsonError {
    JsonError { path: String::new(), why: why.into() }
}

/// The value with everything about it but its origins. Fails on what must not be stored.
pub fn to_exact(value: &Value) -> Result<Json, JsonError> {
    write(value, 0)
}

fn write(value: &Value, depth: usize) -> Result<Json, JsonError> {
    if depth > DEEPEST {
        return Err(error(format!("nested more than {DEEPEST} levels deep")));
    }
    if value.marks.is_ephemeral() {
        return Err(error("an ephemeral value must not be stored"));
    }
    if value.marks.is_sensitive() {
        let inner = Value { data: value.data.clone(), marks: value.marks.without_sensitive() };
        return Ok(json!(["sensitive", write(&inner, depth + 1)?]));
    }
    let elements = |mut parts: Vec<Json>, elements: &[Value]| {
        for element in elements {
            parts.push(write(element, depth + 1)?);
        }
        Ok(Json::Array(parts))
    };
    let pairs = |mut parts: Vec<Json>, entries: &Entries| {
        for (name, entry) in entries {
            parts.push(json!(**name));
            parts.push(write(entry, depth + 1)?);
        }
        Ok(Json::Array(parts))
    };
    match &value.data {
        Data::Null(ty) => Ok(json!(["null", write_type(ty)?])),
        Data::Unknown(unknown) => write_unknown(unknown),
        Data::Bool(truth) => Ok(json!(truth)),
        Data::Number(number) => Ok(json!(["number", number.to_string()])),
        Data::String(text) => Ok(json!(**text)),
        Data::List(ty, list) => elements(vec![json!("list"), write_type(ty)?], list),
        Data::Set(ty, set) => elements(vec![json!("set"), write_type(ty)?], set),
        Data::Tuple(tuple) => elements(vec![json!("tuple")], tuple),
        Data::Map(ty, entries) => pairs(vec![json!("map"), write_type(ty)?], entries),
        Data::Object(entries) => pairs(vec![json!("object")], entries),
    }
}

fn write_type(ty: &Type) -> Result<Json, JsonError> {
    serde_json::from_str(&type_to_json(ty)).map_err(|problem| error(problem.to_string()))
}

fn write_unknown(unknown: &Unknown) -> Result<Json, JsonError> {
    let Unknown { ty, not_null, prefix, length, range } = unknown;
    let mut more = serde_json::Map::new();
    if *not_null {
        more.insert("not_null".into(), json!(true));
    }
    if let Some(prefix) = prefix {
        more.insert("prefix".into(), json!(**prefix));
    }
    if *length != (0, None) {
        more.insert("length".into(), json!([length.0, length.1]));
    }
    if let Some(range) = range {
        let bound = |bound: &Option<(Number, bool)>| bound.as_ref().map(|(number, on)| json!([number.to_string(), on]));
        more.insert("range".into(), json!([bound(&range.low), bound(&range.high)]));
    }
    Ok(json!(["unknown", write_type(ty)?, more]))
}

/// Reads what [`to_exact`] writes.
pub fn from_exact(json: &Json) -> Result<Value, JsonError> {
    match json {
        Json::Bool(truth) => Ok((*truth).into()),
        Json::String(text) => Ok(Data::String(text.as_str().into()).into()),
        Json::Array(parts) => read(parts),
        Json::Null | Json::Number(_) | Json::Object(_) => Err(error("no value stands here")),
    }
}

fn read(parts: &[Json]) -> Result<Value, JsonError> {
    let bad = || error("no value stands here");
    let (kind, rest) = parts.split_first().ok_or_else(bad)?;
    let typed = || {
        let (ty, rest) = rest.split_first().ok_or_else(bad)?;
        Ok::<_, JsonError>((read_type(ty)?, rest))
    };
    let data = match kind.as_str().ok_or_else(bad)? {
        "null" => Data::Null(typed()?.0),
        "unknown" => {
            let (ty, rest) = typed()?;
            Data::Unknown(read_unknown(ty, rest.first().ok_or_else(bad)?)?.into())
        }
        "number" => Data::Number(read_number(rest.first().ok_or_else(bad)?)?),
        "list" => {
            let (ty, rest) = typed()?;
            Data::List(ty, Arc::new(elements(rest)?))
        }
        "set" => {
            let (ty, rest) = typed()?;
            Data::Set(ty, Arc::new(elements(rest)?))
        }
        "map" => {
            let (ty, rest) = typed()?;
            Data::Map(ty, Arc::new(pairs(rest)?))
        }
        "tuple" => Data::Tuple(Arc::new(elements(rest)?)),
        "object" => Data::Object(Arc::new(pairs(rest)?)),
        "sensitive" => return Ok(from_exact(rest.first().ok_or_else(bad)?)?.sensitive()),
        _ => return Err(bad()),
    };
    Ok(data.into())
}

fn elements(parts: &[Json]) -> Result<Vec<Value>, JsonError> {
    parts.iter().map(from_exact).collect()
}

fn pairs(parts: &[Json]) -> Result<Entries, JsonError> {
    let mut entries = Entries::new();
    for pair in parts.chunks(2) {
        let [Json::String(name), value] = pair else { return Err(error("a name and a value are required")) };
        entries.insert(name.as_str().into(), from_exact(value)?);
    }
    Ok(entries)
}

fn read_type(json: &Json) -> Result<Type, JsonError> {
    let raw = serde_json::value::to_raw_value(json).map_err(|problem| error(problem.to_string()))?;
    super::type_from_json(&raw)
}

fn read_number(json: &Json) -> Result<Number, JsonError> {
    json.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| error("a number is required"))
}

fn read_unknown(ty: Type, more: &Json) -> Result<Unknown, JsonError> {
    let bad = || error("what is known of a value has another form");
    let mut unknown = Unknown::of(ty);
    unknown.not_null = more.get("not_null").is_some_and(|truth| truth == true);
    unknown.prefix = more.get("prefix").and_then(Json::as_str).map(Into::into);
    if let Some(length) = more.get("length") {
        let at = |index: usize| length.get(index).and_then(Json::as_u64).and_then(|count| usize::try_from(count).ok());
        unknown.length = (at(0).ok_or_else(bad)?, at(1));
    }
    if let Some(range) = more.get("range") {
        let bound = |index: usize| match range.get(index) {
            None | Some(Json::Null) => Ok(None),
            Some(bound) => {
                let on = bound.get(1).and_then(Json::as_bool).ok_or_else(bad)?;
                Ok(Some((read_number(bound.get(0).ok_or_else(bad)?)?, on)))
            }
        };
        unknown.range = Some(Arc::new(Range { low: bound(0)?, high: bound(1)? }));
    }
    Ok(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Marks;

    fn again(value: &Value) -> Value {
        let text = to_exact(value).expect("written").to_string();
        from_exact(&serde_json::from_str(&text).expect("JSON")).expect("read")
    }

    #[test]
    fn everything_comes_back() {
        let number = |text: &str| -> Number { text.parse().expect("a number") };
        let mut unknown = Unknown::of(Type::list(Type::Number));
        unknown.not_null = true;
        unknown.length = (1, Some(3));
        let mut bounded = Unknown::of(Type::Number);
        bounded.range = Some(Arc::new(Range { low: Some((number("1"), true)), high: None }));
        let mut text = Unknown::of(Type::String);
        text.prefix = Some("arn:".into());
        let entries = [
            ("null".into(), Value::null(Type::map(Type::Bool))),
            ("empty".into(), Value::list(Type::String, Vec::new())),
            ("set".into(), Value::set(Type::Number, vec![3.into(), 1.into()])),
            ("map".into(), Value::map(Type::String, [("k\"".into(), "v".into())].into())),
            ("tuple".into(), Value::tuple(vec![true.into(), "list".into(), Value::from("hush").sensitive()])),
            ("exact".into(), number("123456789012345678901234567890.125").into()),
            ("unknown".into(), Value::from(unknown)),
            ("bounded".into(), Value::from(bounded)),
            ("text".into(), Value::from(text).sensitive()),
            ("any".into(), Value::null(Type::Any)),
        ];
        let value = Value::object(entries.into());
        assert!(again(&value) == value);
        assert!(again(&value).get("text").is_some_and(|text| text.marks.is_sensitive()));
    }

    #[test]
    fn what_is_ephemeral_is_not_stored() {
        assert!(to_exact(&Value::tuple(vec![Value::from("x").with_marks(&Marks::EPHEMERAL)])).is_err());
    }

    #[test]
    fn damaged_text_is_an_error() {
        for text in ["null", "1", "[]", "[\"list\"]", "[\"what\"]", "[\"object\",\"a\"]", "[\"number\",\"x\"]"] {
            assert!(from_exact(&serde_json::from_str(text).expect("JSON")).is_err(), "{text}");
        }
    }
}
