//! `modules -json`: the modules that a stack calls.

use serde::Serialize;

use super::{FORMAT, line};
use crate::diagnostic::Diagnostic;

#[derive(Serialize)]
struct Whole<'a> {
    format_version: &'static str,
    /// Null when there is none, as Terraform has it.
    modules: Option<&'a [Called]>,
}

/// A module that is called.
#[derive(Debug, Serialize)]
pub(crate) struct Called {
    /// Name of the call.
    pub key: String,
    /// Address of the module.
    pub source: String,
    /// Version of a registry's module, else empty.
    pub version: String,
}

/// All calls, each followed by those inside.
pub(crate) fn modules(all: &[Called]) -> Result<String, Diagnostic> {
    line(&Whole { format_version: FORMAT, modules: Some(all).filter(|all| !all.is_empty()) })
}
