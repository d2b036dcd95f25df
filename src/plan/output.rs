//! What becomes of a root output.

use super::change::Action;
use crate::value::Value;

/// A root output that changes, or stays.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// What is remembered; `None` when there is no such output yet. A null output is not remembered.
    pub before: Option<Value>,
    /// What it will be; `None` when it goes away.
    pub after: Option<Value>,
    /// Whether what is remembered must not be shown.
    pub was_sensitive: bool,
    /// Whether what it will be must not be shown.
    pub is_sensitive: bool,
}

impl OutputChange {
    /// What happens to it.
    pub fn action(&self) -> Action {
        let before = self.before.as_ref().filter(|value| !value.is_null());
        match (before, &self.after) {
            (None, None) => Action::NoOp,
            (None, Some(after)) if after.is_null() => Action::NoOp,
            (None, Some(_)) => Action::Create,
            (Some(_), None) => Action::Delete,
            (Some(before), Some(after))
                if before.unmarked() == after.unmarked() && self.was_sensitive == self.is_sensitive =>
            {
                Action::NoOp
            }
            (Some(_), Some(_)) => Action::Update,
        }
    }

    /// Whether it changes.
    pub fn is_change(&self) -> bool {
        self.action() != Action::NoOp
    }

    /// Whether it must not be shown, neither as it is nor as it will be.
    pub fn is_hidden(&self) -> bool {
        self.was_sensitive || self.is_sensitive
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    fn action(before: Option<&str>, after: Option<Value>, sensitive: (bool, bool)) -> Action {
        let (was_sensitive, is_sensitive) = sensitive;
        OutputChange { before: before.map(Value::from), after, was_sensitive, is_sensitive }.action()
    }

    #[test]
    fn null_is_no_output_and_sensitivity_is_a_change() {
        let (open, null, text) =
            ((false, false), Some(Value::null(Type::String)), |text: &str| Some(Value::from(text)));
        assert_eq!(action(None, null.clone(), open), Action::NoOp);
        assert_eq!(action(None, text("a"), open), Action::Create);
        assert_eq!(action(Some("a"), text("a"), open), Action::NoOp);
        assert_eq!(action(Some("a"), text("b"), open), Action::Update);
        assert_eq!(action(Some("a"), null, open), Action::Update);
        assert_eq!(action(Some("a"), None, open), Action::Delete);
        assert_eq!(action(Some("a"), text("a"), (false, true)), Action::Update);
    }
}
