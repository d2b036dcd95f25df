//! JSON with its order kept, written as Go's `encoding/json` writes it.

use std::fmt::Write;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// Text.
    Text(String),
    /// Number, truth value or null, as written.
    Plain(String),
    /// List.
    List(Vec<Self>),
    /// Object, in order.
    Object(Vec<(String, Self)>),
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(all) => Self::List(all.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(all) => {
                let mut entries: Vec<_> = all.into_iter().map(|(key, value)| (key, Self::from(value))).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Self::Object(entries)
            }
            other => Self::Plain(other.to_string()),
        }
    }
}

impl Json {
    /// With two blanks for each level.
    pub(super) fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(0));
        out
    }

    /// Without line breaks and blanks.
    pub(super) fn minified(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None);
        out
    }

    fn write(&self, out: &mut String, level: Option<usize>) {
        match self {
            Self::Text(text) => write_text(out, text),
            Self::Plain(text) => out.push_str(text),
            Self::List(all) => write_all(out, level, ['[', ']'], all, |out, one, level| one.write(out, level)),
            Self::Object(all) => write_all(out, level, ['{', '}'], all, |out, (key, one), level| {
                write_text(out, key);
                out.push_str(if level.is_some() { ": " } else { ":" });
                one.write(out, level);
            }),
        }
    }
}

fn write_all<T>(
    out: &mut String,
    level: Option<usize>,
    [open, close]: [char; 2],
    all: &[T],
    one: impl Fn(&mut String, &T, Option<usize>),
) {
    let inner = level.map(|level| level + 1);
    let line = |out: &mut String, level: Option<usize>| {
        if let Some(level) = level {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", level));
        }
    };
    out.push(open);
    for (at, element) in all.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        line(out, inner);
        one(out, element, inner);
    }
    if !all.is_empty() {
        line(out, level);
    }
    out.push(close);
}

/// Go escapes what could end a script element, too.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing into a text cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}
