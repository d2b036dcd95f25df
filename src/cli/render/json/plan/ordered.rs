//! JSON whose members stand in the order in which they were put.

use serde::{Serialize, Serializer};

use crate::cli::render::json::raw;
use crate::diagnostic::Diagnostic;
use crate::value::Value;
use crate::value::json::Raw;

/// A piece of JSON.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Node {
    /// A text.
    Text(String),
    /// True or false.
    Flag(bool),
    /// A number.
    Number(u64),
    /// A value of the language, with all its digits.
    Value(Raw),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Members(Members),
}

/// Members of an object.
#[derive(Debug, Default)]
pub(super) struct Members(Vec<(String, Node)>);

impl Node {
    /// A value of the language.
    pub(super) fn value(value: &Value) -> Result<Self, Diagnostic> {
        Ok(Self::Value(raw(value)?))
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Flag(flag) => !flag,
            Self::Number(_) | Self::Value(_) => false,
            Self::List(all) => all.is_empty(),
            Self::Members(all) => all.0.is_empty(),
        }
    }
}

impl From<bool> for Node {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Node {
    fn from(text: Option<&str>) -> Self {
        text.unwrap_or_default().into()
    }
}

impl Members {
    /// Adds a member.
    pub(super) fn add(&mut self, name: &str, node: Node) {
        self.0.push((name.to_owned(), node));
    }

    /// The same unless it is empty.
    pub(super) fn put(&mut self, name: &str, node: Node) {
        if !node.is_empty() {
            self.add(name, node);
        }
    }
}

impl FromIterator<(String, Node)> for Members {
    fn from_iter<I: IntoIterator<Item = (String, Node)>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, node)| (name, node)))
    }
}
