//! JSON whose numbers are compared as exact decimals, whatever way they are written.

use std::collections::{BTreeMap, BTreeSet};

use glaz::value::Number;
use serde_json::Value;
use serde_json::value::RawValue;

/// Stands before the text of a number, so that no string of the corpus is taken for one.
const NUMBER: char = '\u{1}';

/// The value of a JSON text, numbers as strings of their shortest decimal.
pub fn read(text: &str) -> Result<Value, serde_json::Error> {
    walk(serde_json::from_str(text)?)
}

fn walk(raw: &RawValue) -> Result<Value, serde_json::Error> {
    let text = raw.get();
    match text.as_bytes()[0] {
        b'[' => serde_json::from_str::<Vec<Box<RawValue>>>(text)?.iter().map(|one| walk(one)).collect(),
        b'{' => serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(text)?
            .iter()
            .map(|(name, one)| Ok((name.clone(), walk(one)?)))
            .collect(),
        b'-' | b'0'..=b'9' => {
            let number = text.parse::<Number>().expect("a number of JSON").to_string();
            Ok(Value::String(format!("{NUMBER}{}", if number == "-0" { "0" } else { &number })))
        }
        _ => serde_json::from_str(text),
    }
}

/// The text of a number, if the value is one.
pub fn number(value: &Value) -> Option<&str> {
    value.as_str()?.strip_prefix(NUMBER)
}

/// Where two values differ, in a line.
pub fn difference(want: &Value, got: &Value, path: &str) -> Option<String> {
    match (want, got) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<_> = left.keys().chain(right.keys()).collect();
            names.into_iter().find_map(|name| match (left.get(name), right.get(name)) {
                (None, Some(extra)) => Some(format!("{path}.{name}: unexpected {}", short(extra))),
                (Some(missing), None) => Some(format!("{path}.{name}: missing, want {}", short(missing))),
                (Some(left), Some(right)) => difference(left, right, &format!("{path}.{name}")),
                (None, None) => None,
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right).enumerate();
            pairs.into_iter().find_map(|(at, (left, right))| difference(left, right, &format!("{path}[{at}]")))
        }
        _ => (want != got).then(|| format!("{path}: want {} got {}", short(want), short(got))),
    }
}

fn short(value: &Value) -> String {
    value.to_string().replace("\\u0001", "#").chars().take(200).collect()
}
