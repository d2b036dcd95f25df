//! What is remembered between runs: the state, and the journal of a run that is under way.
//!
//! The state is Terraform's file, format version 4 ([`file_v4`]). While a run goes on, the state file stays as it
//! was and everything that happens is appended to the journal beside it: intent before a call, id right after it,
//! result before anything depends on it. What is true at any moment is `fold(snapshot, journal)`.

#![allow(clippy::result_large_err)] // a diagnostic is large, and made once per run

pub mod file_v4;
pub mod lock;
pub mod model;
pub mod store;

pub use model::{Instance, InstanceKey, Output, PathStep, SensitivePath, State};
