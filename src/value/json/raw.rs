//! JSON text that is kept as it is until somebody knows its type.

use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde_json::value::RawValue;

use super::JsonError;

/// JSON kept as text: compact, escaped as Go does. Cheap to clone; equal when the text is.
///
/// [`Debug`](fmt::Debug) never shows the text: it may hold secrets.
#[derive(Clone)]
pub struct Raw(Arc<RawValue>);

impl Raw {
    /// Checks that the text is JSON and makes it compact.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        serde_json::from_str::<&RawValue>(text).map(Self::from).map_err(|error| JsonError {
            path: String::new(),
            why: format!("not JSON (line {}, column {})", error.line(), error.column()),
        })
    }

    /// `null`.
    pub fn null() -> Self {
        Self(Arc::from(RawValue::NULL.to_owned()))
    }

    /// `{}`.
    pub fn empty_object() -> Self {
        Self(Arc::from(RawValue::from_string("{}".to_owned()).unwrap_or_default()))
    }

    /// For [`from_json`](super::from_json) and its siblings.
    pub fn value(&self) -> &RawValue {
        &self.0
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl From<&RawValue> for Raw {
    fn from(raw: &RawValue) -> Self {
        let text = compact(raw.get());
        // Making JSON compact keeps it JSON, so the second branch is never taken.
        Self(Arc::from(RawValue::from_string(text).unwrap_or_else(|_| raw.to_owned())))
    }
}

impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.as_str() == other.as_str()
    }
}

impl Eq for Raw {}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.as_str().len())
    }
}

impl serde::Serialize for Raw {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer).map_err(D::Error::custom)?;
        Ok(Self::from(&*raw))
    }
}

/// The same JSON without space between its parts, and with Go's escapes inside its texts.
pub fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut inside = false;
    let mut escaped = false;
    for c in json.chars() {
        if !inside {
            if !c.is_ascii_whitespace() {
                out.push(c);
            }
            inside = c == '"';
            continue;
        }
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            _ => out.push(c),
        }
        inside = c != '"' || escaped;
        escaped = c == '\\' && !escaped;
    }
    out
}

/// Compact JSON with two spaces of indentation, as Go's `MarshalIndent` does; no line break at the end.
pub fn indent(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() * 2);
    let mut depth = 0_usize;
    let mut inside = false;
    let mut escaped = false;
    let mut opened = false; // the last thing written was an opening bracket
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    for c in compact.chars() {
        if inside {
            out.push(c);
            inside = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            continue;
        }
        if opened && !matches!(c, '}' | ']') {
            line(&mut out, depth);
        }
        match c {
            '{' | '[' => {
                depth += 1;
                out.push(c);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !opened {
                    line(&mut out, depth);
                }
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                inside = c == '"';
                out.push(c);
            }
        }
        opened = matches!(c, '{' | '[');
    }
    out
}
