//! Stack files -> desired resources.
//!
//! [`load`] reads a folder and its modules into a [`Config`]. [`Evaluator`] evaluates it: it asks the caller's
//! [`Answers`] what stands for each instance and gives an [`Outcome`] with one [`Desired`] per instance.
//! During apply the same evaluator is told what became of each instance ([`Evaluator::settle`]) and asked for the
//! final configuration of the next ([`Evaluator::instance`]).

pub mod config;
pub mod convert;
pub mod desired;
pub mod input;
pub mod operators;
pub mod path;
pub mod spans;
pub mod syntax;

pub use config::{Config, Loaded, load};
pub use desired::{
    Answers, CheckKind, CheckResult, CheckStatus, Desired, Environment, IgnoreChanges, Lifecycle, Outcome, OutputValue,
    Phase, ProviderConfig, ProviderRef, Trigger,
};
pub use evaluator::{Evaluator, evaluate};
pub use input::{Given, Origin, VariableInput};
pub use path::{Path, Step};
pub use spans::Spans;

mod evaluator;
pub mod types;
