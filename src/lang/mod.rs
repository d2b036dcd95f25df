//! Stack files -> desired resources.
//!
//! [`load`] reads a folder and its modules into a [`Config`]. [`Evaluator`] evaluates it: it asks the caller's
//! [`Answers`] what stands for each instance, with one [`Desired`] per instance, and gives an [`Outcome`].
//! During apply the same evaluator is told what became of each instance ([`Evaluator::settle`]) and asked for the
//! final configuration of the next ([`Evaluator::instance`]).

pub mod backend;
mod blocks;
mod conditions;
pub mod config;
pub mod contributing;
pub mod convert;
mod create_first;
mod decode;
pub mod dependencies;
pub mod describe;
pub mod desired;
mod edges;
pub mod encryption;
mod evaluator;
mod expand;
mod expr;
pub mod files;
pub mod functions;
mod graph;
mod imports;
pub mod input;
pub mod installed;
mod json_syntax;
mod lifecycle;
mod links;
mod load;
pub mod operators;
mod own;
mod passing;
pub mod path;
mod providers;
mod references;
mod scope;
mod selection;
pub mod source;
pub mod spans;
mod store;
pub mod syntax;
mod target;
#[cfg(test)]
mod tests;
pub mod types;
pub mod variables;
pub mod version;

pub use conditions::{is_of_check_block, is_of_output};
pub use config::{Config, Loaded};
pub use create_first::CreateFirst;
pub use desired::{
    Answers, CheckKind, CheckResult, CheckStatus, Desired, Environment, IgnoreChanges, Lifecycle, Outcome, OutputValue,
    Phase, ProviderConfig, ProviderRef, Trigger,
};
pub use evaluator::{Answer, Evaluator, Provision, Walk, check_inputs, evaluate, given_value, root_value};
pub use expr::render_template;
pub use files::{Files, Snapshot};
pub use input::{Given, Origin, VariableInput};
pub use load::{clean, files_in, load, load_after, load_from, load_root, load_with};
pub use path::{Path, Step};
pub use selection::Selection;
pub use spans::Spans;
