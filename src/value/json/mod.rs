//! JSON of values and types: Terraform's form, byte for byte.
//!
//! Two forms exist. The *plain* one ([`to_json`], [`from_json`], [`implied`]) is what people and `jsonencode` see.
//! The *state* form ([`to_state`], [`from_state`]) differs where a schema says `any`: there the type is stored
//! beside the value, as `{"value": ..., "type": ...}`.
//!
//! Keys are sorted, text is escaped as Go's `encoding/json` does (`<`, `>`, `&`, U+2028 and U+2029 too), and
//! numbers stand as [`Number`](super::Number) prints them. Marks are not part of JSON: look at them before.

use std::fmt::Write as _;

mod exact;
mod raw;
mod read;
#[cfg(test)]
mod tests;
mod types;
mod write;

pub use exact::{from_exact, to_exact};
pub use raw::{Indented, Raw, compact, indent};
pub use read::{Decoded, from_json, from_state, implied};
pub use types::{type_from_json, type_to_json};
pub use write::{quote_into, to_json, to_state};

/// Why a value has no JSON, or a JSON is no such value. Never repeats the value itself: it may be sensitive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct JsonError {
    /// Where, such as `tags["a"]` or `rule[0].port`; empty for the whole value.
    pub path: String,
    /// What is wrong there: "a number is required".
    pub why: String,
}

/// One step on the way into a value.
#[derive(Clone, Debug)]
enum Step {
    Name(String),
    Key(String),
    Index(usize),
}

/// The way into a value that is being walked.
#[derive(Clone, Debug, Default)]
struct Way(Vec<Step>);

/// Deeper values are refused rather than risking the stack.
const DEEPEST: usize = 128;

impl Way {
    fn text(&self) -> String {
        let mut out = String::new();
        for step in &self.0 {
            let _ = match step {
                Step::Name(name) if out.is_empty() => write!(out, "{name}"),
                Step::Name(name) => write!(out, ".{name}"),
                Step::Key(key) => write!(out, "[{}]", crate::address::quote(key)),
                Step::Index(at) => write!(out, "[{at}]"),
            };
        }
        out
    }

    fn error(&self, why: impl Into<String>) -> JsonError {
        JsonError { path: self.text(), why: why.into() }
    }

    fn within<T>(&mut self, step: Step, then: impl FnOnce(&mut Self) -> Result<T, JsonError>) -> Result<T, JsonError> {
        if self.0.len() >= DEEPEST {
            return Err(self.error(format!("nested more than {DEEPEST} levels deep")));
        }
        self.0.push(step);
        let result = then(self);
        self.0.pop();
        result
    }
}
