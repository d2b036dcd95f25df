//! Paths into a value: `root_block_device[0].tags["Name"]`.

use std::fmt;
use std::sync::Arc;

use crate::value::{Data, Value};

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Attribute of an object.
    Attr(Arc<str>),
    /// Element of a list, set or tuple.
    Index(usize),
    /// Entry of a map.
    Key(Arc<str>),
}

/// Steps into a value; empty for the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The path of a top-level attribute.
    pub fn attr(name: &str) -> Self {
        Self(vec![Step::Attr(name.into())])
    }

    /// This path and one more step.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The value it leads to. Attribute and key steps are taken alike, since configuration cannot tell them apart.
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            Step::Attr(name) | Step::Key(name) => value.get(name),
            Step::Index(at) => value.elements()?.get(*at),
        })
    }

    /// The value with what the path leads to replaced; unchanged when it leads nowhere.
    #[must_use]
    pub fn replace(&self, value: &Value, with: &Value) -> Value {
        replace(value, &self.0, with)
    }
}

fn replace(value: &Value, steps: &[Step], with: &Value) -> Value {
    let Some((step, rest)) = steps.split_first() else { return with.clone() };
    let mut value = value.clone();
    match (step, &mut value.data) {
        (Step::Attr(name) | Step::Key(name), Data::Object(entries) | Data::Map(_, entries)) => {
            if let Some(entry) = Arc::make_mut(entries).get_mut(name) {
                *entry = replace(entry, rest, with);
            }
        }
        (Step::Index(at), Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements)) => {
            if let Some(element) = Arc::make_mut(elements).get_mut(*at) {
                *element = replace(element, rest, with);
            }
        }
        _ => {}
    }
    value
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Attr(name) if at == 0 => f.write_str(name)?,
                Step::Attr(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[{}]", crate::address::quote(key))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_finds_and_replaces() {
        let tags = Value::object([("k".into(), Value::from("v"))].into());
        let value = Value::object([("list".into(), Value::tuple(vec![1.into(), tags]))].into());
        let path = Path::attr("list").then(Step::Index(1)).then(Step::Key("k".into()));
        assert_eq!(path.to_string(), "list[1][\"k\"]");
        assert_eq!(path.find(&value).and_then(Value::as_str), Some("v"));
        let changed = path.replace(&value, &Value::from("w"));
        assert_eq!(path.find(&changed).and_then(Value::as_str), Some("w"));
    }
}
