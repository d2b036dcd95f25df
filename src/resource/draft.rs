//! What a resource type sees of a planned object, and the problems it may find in it.

use super::attr::Shape;
use super::model::{Field, Key};
use crate::value::{Entries, Value, copy_marks};

/// A planned object: what the stack file says, what is planned, what was there.
#[derive(Debug)]
pub struct Draft {
    /// What the stack file says; null where it says nothing.
    config: Value,
    /// What is planned: defaults filled in, kept values kept, the rest known after apply.
    planned: Value,
    /// What was there; `None` when it will be made.
    prior: Option<Value>,
    /// Attributes whose change replaces the object, beyond those that always do.
    replace: Vec<&'static str>,
}

impl Draft {
    /// A draft of these three.
    pub fn new(config: Value, planned: Value, prior: Option<Value>) -> Self {
        Self { config, planned, prior, replace: Vec::new() }
    }

    /// The planned value, when it is known now and not null.
    pub fn known<T: Field>(&self, key: Key<T>) -> Option<T::Inner> {
        decode::<T>(self.planned.get(key.name)?)
    }

    /// What was there before.
    pub fn before<T: Field>(&self, key: Key<T>) -> Option<T::Inner> {
        decode::<T>(self.prior.as_ref()?.get(key.name)?)
    }

    /// What the stack file says, when it is known now: without defaults, and null where it says nothing. For nested
    /// blocks in which the service decides something, whose planned value is known only after apply.
    pub fn said<T: Field>(&self, key: Key<T>) -> Option<T::Inner> {
        decode::<T>(self.config.get(key.name)?)
    }

    /// Whether the stack file gives it (also when its value is known only after apply).
    pub fn is_set<T>(&self, key: Key<T>) -> bool {
        self.is_said(key.name)
    }

    /// The same by name, for a type that walks its table.
    pub fn is_said(&self, name: &str) -> bool {
        self.config.get(name).is_some_and(|value| {
            !value.is_null() && !value.elements().is_some_and(|elements| elements.is_empty() && is_block(value))
        })
    }

    /// Whether the planned value is known only after apply, wholly or in part.
    pub fn is_unknown<T>(&self, key: Key<T>) -> bool {
        self.planned.get(key.name).is_some_and(|value| !value.is_wholly_known())
    }

    /// Whether the planned value, or a part of it, may not be shown.
    pub fn is_sensitive<T>(&self, key: Key<T>) -> bool {
        self.planned.get(key.name).is_some_and(|value| value.marks_deep().is_sensitive())
    }

    /// Whether it is new or its planned value differs from what was there. Marks do not count.
    pub fn is_changed<T>(&self, key: Key<T>) -> bool {
        let planned = self.planned.get(key.name).map(Value::unmarked);
        self.prior.as_ref().is_none_or(|prior| prior.get(key.name).map(Value::unmarked) != planned)
    }

    /// Whether the object will be made, not changed.
    pub fn is_new(&self) -> bool {
        self.prior.is_none()
    }

    /// What the stack file says.
    pub fn config(&self) -> &Value {
        &self.config
    }

    /// What is planned.
    pub fn planned(&self) -> &Value {
        &self.planned
    }

    /// What was there.
    pub fn prior(&self) -> Option<&Value> {
        self.prior.as_ref()
    }

    /// Plans another value for an attribute: one that the stack file leaves out, or that is spelled otherwise. What is
    /// sensitive in the old value is so in this one.
    pub fn set<T: Field>(&mut self, key: Key<T>, value: &T) {
        let value = value.encode();
        let marked = self.planned.get(key.name).map(|old| copy_marks(old, &value));
        self.put(key.name, marked.unwrap_or(value));
    }

    /// Plans that the service gives the attribute anew.
    pub fn set_unknown<T: Field>(&mut self, key: Key<T>) {
        self.put(key.name, Value::unknown(T::shape().ty()));
    }

    /// Plans this value for the attribute.
    pub fn put(&mut self, name: &'static str, value: Value) {
        let mut entries: Entries = self.planned.entries().cloned().unwrap_or_default();
        entries.insert(name.into(), value);
        self.planned = Value { marks: self.planned.marks.clone(), ..Value::object(entries) };
    }

    /// A change of this attribute replaces the object this time.
    pub fn replace<T>(&mut self, key: Key<T>) {
        self.replace.push(key.name);
    }

    /// What is planned, and the attributes that replace the object beyond those that always do.
    pub fn finish(self) -> (Value, Vec<&'static str>) {
        (self.planned, self.replace)
    }
}

/// An empty list of nested blocks is "not set"; an empty list given as a plain value is.
fn is_block(value: &Value) -> bool {
    matches!(&value.data, crate::value::Data::List(ty, _) | crate::value::Data::Set(ty, _) if matches!(ty, crate::value::Type::Object(_)))
}

fn decode<T: Field>(value: &Value) -> Option<T::Inner> {
    let is_empty_block = matches!(T::shape(), Shape::Block(..)) && value.elements().is_some_and(<[Value]>::is_empty);
    if value.is_null() || is_empty_block || !value.is_wholly_known() {
        return None;
    }
    T::Inner::decode(value).ok()
}

/// What a type found wrong with a draft.
#[derive(Debug, Default)]
pub struct Problems {
    /// In the order they were found.
    pub found: Vec<Problem>,
}

/// One thing wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Attribute names from the outside in; empty for the whole block.
    pub path: Vec<String>,
    /// Sentences: what is wrong, why, what to do.
    pub text: String,
    /// Whether it is only worth a look.
    pub is_warning: bool,
    /// Headline, where the provider has one of its own.
    pub summary: Option<&'static str>,
}

impl Problems {
    /// Wrong at this attribute. The text says what, why and what to do, in sentences.
    pub fn at<T>(&mut self, key: Key<T>, text: impl Into<String>) {
        self.inside(&[key.name], text);
    }

    /// Wrong inside nested blocks: names from the outside in.
    pub fn inside(&mut self, path: &[&str], text: impl Into<String>) {
        let path = path.iter().map(|&name| name.to_owned()).collect();
        self.found.push(Problem { path, text: text.into(), is_warning: false, summary: None });
    }

    /// Wrong at this attribute (the whole block when the name is empty), under a headline of its own.
    pub fn titled(&mut self, summary: &'static str, name: &str, text: impl Into<String>) {
        let path = if name.is_empty() { Vec::new() } else { vec![name.to_owned()] };
        self.found.push(Problem { path, text: text.into(), is_warning: false, summary: Some(summary) });
    }

    /// Wrong with the block as a whole.
    pub fn whole(&mut self, text: impl Into<String>) {
        self.inside(&[], text);
    }

    /// Worth a look at this attribute.
    pub fn warn<T>(&mut self, key: Key<T>, text: impl Into<String>) {
        let path = vec![key.name.to_owned()];
        self.found.push(Problem { path, text: text.into(), is_warning: true, summary: None });
    }
}
