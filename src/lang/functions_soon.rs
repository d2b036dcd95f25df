//! Holds the place of the functions: there are none yet.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;
use crate::value::Value;

/// Renders a template.
pub(super) type Render<'a> = &'a dyn Fn(&str, &Value) -> Result<Value, CallError>;

/// What functions work with.
#[allow(dead_code, missing_docs)]
pub(super) struct FunctionScope<'a> {
    pub base_dir: PathBuf,
    pub home: Option<PathBuf>,
    pub clock: Clock,
    pub plan_time: Option<Duration>,
    pub planning: bool,
    pub in_template: bool,
    pub render: Render<'a>,
}

/// What went wrong.
#[derive(Debug)]
pub(super) struct CallError {
    /// The argument.
    pub argument: Option<usize>,
    message: String,
}

impl CallError {
    /// A failure.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), argument: None }
    }

    /// Fixed phrase.
    #[allow(clippy::unused_self)]
    pub(super) fn summary(&self) -> &'static str {
        "Error in function call"
    }

    /// A sentence.
    pub(super) fn detail(&self, name: &str) -> String {
        format!("Call to function \"{name}\" failed: {}.", self.message)
    }
}

/// Calls a function.
pub(super) fn call(name: &str, args: Vec<Value>, scope: &FunctionScope<'_>) -> Result<Value, CallError> {
    let _ = (name, args, scope);
    Err(CallError::new("there are no functions yet"))
}

/// Checks the number of arguments.
#[allow(clippy::unnecessary_wraps)]
pub(super) fn check_count(name: &str, given: usize) -> Result<(), CallError> {
    let _ = (name, given);
    Ok(())
}

/// Whether there is such a function.
pub(super) fn exists(name: &str) -> bool {
    !name.is_empty()
}

/// All functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}
