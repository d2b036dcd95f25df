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
    let mut all = Indented::default();
    all.push(compact);
    all.finish()
}

/// Text with two spaces of indentation that is made from pieces of compact JSON, cut anywhere.
#[derive(Default)]
pub struct Indented {
    out: String,
    depth: usize,
    /// Whether a text is open.
    inside: bool,
    /// Whether the last thing inside it was a backslash that escapes the next.
    escaped: bool,
    /// Whether the last thing written was an opening bracket.
    opened: bool,
}

impl Indented {
    /// Adds a piece.
    pub fn push(&mut self, compact: &str) {
        // Everything that matters is one byte, so that what lies between can be copied at once.
        let mut copied = 0;
        for (at, byte) in compact.bytes().enumerate() {
            if self.inside {
                self.inside = byte != b'"' || self.escaped;
                self.escaped = byte == b'\\' && !self.escaped;
                continue;
            }
            let closes = matches!(byte, b'}' | b']');
            if self.opened && !closes || closes && !self.opened {
                self.out.push_str(&compact[copied..at]);
                copied = at;
                self.depth -= usize::from(closes).min(self.depth);
                self.line();
            } else if closes {
                self.depth = self.depth.saturating_sub(1);
            }
            self.opened = matches!(byte, b'{' | b'[');
            self.depth += usize::from(self.opened);
            self.inside = byte == b'"';
            if matches!(byte, b',' | b':') {
                self.out.push_str(&compact[copied..=at]);
                copied = at + 1;
                if byte == b',' { self.line() } else { self.out.push(' ') }
            }
        }
        self.out.push_str(&compact[copied..]);
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }

    /// The whole text; no line break at the end.
    pub fn finish(self) -> String {
        self.out
    }
}
