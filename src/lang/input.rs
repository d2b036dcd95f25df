//! Values given to the root module's variables from outside.

use std::sync::Arc;

use crate::diagnostic::{Report, Span};
use crate::value::Value;

/// A value for a root variable. `cli` collects them in Terraform's order of precedence; the last one of a name counts.
#[derive(Clone, Debug)]
pub struct VariableInput {
    /// Name of the variable.
    pub name: Arc<str>,
    /// What was given.
    pub value: Given,
    /// Where it was given.
    pub origin: Origin,
}

/// What was given.
#[derive(Clone)]
pub enum Given {
    /// Text from `-var` or the environment: taken as it is for a variable of type `string` (or without type), read
    /// as an expression for any other.
    Text(Arc<str>),
    /// A value from a file or a saved plan.
    Value(Value),
    /// An expression in a file that cannot be one, and why. That matters only when the variable is declared.
    Wrong(Report),
}

/// Values may be secret, which nobody knows before the variable is declared.
impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Value(_) => "Value(…)",
            Self::Wrong(_) => "Wrong(…)",
        })
    }
}

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `TF_VAR_name`.
    Environment,
    /// A variables file.
    File(Span),
    /// `-var` on the command line.
    CommandLine,
    /// Answered at the prompt.
    Prompt,
    /// A saved plan.
    Plan,
}
