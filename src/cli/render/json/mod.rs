//! What programs read: Terraform's documented JSON forms.

mod context;
mod diagnostics;
pub(crate) mod events;
mod functions;
mod modules;
mod outputs;
mod plan;
mod schemas;
mod state;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub(crate) use diagnostics::{diagnostic_line, findings, validation};
pub(crate) use functions::functions;
pub(crate) use modules::{Called, modules};
pub(crate) use outputs::{output, outputs};
pub(crate) use plan::plan;
pub(crate) use schemas::schemas;
pub(crate) use state::state;

use crate::diagnostic::Diagnostic;
use crate::value::json::{Raw, compact, indent};
use crate::value::{Value, json};

/// Version of the forms of state, schemas and validation.
const FORMAT: &str = "1.0";

/// Compact, with the escapes that Terraform writes.
fn line(value: &impl Serialize) -> Result<String, Diagnostic> {
    let text =
        serde_json::to_string(value).map_err(|error| Diagnostic::bug(format!("JSON cannot be written: {error}")))?;
    Ok(compact(&text))
}

/// Indented by two spaces.
pub(crate) fn pretty(value: &impl Serialize) -> Result<String, Diagnostic> {
    Ok(indent(&line(value)?))
}

/// A value that is known, as JSON.
fn raw(value: &Value) -> Result<Raw, Diagnostic> {
    json::to_json(value).and_then(|text| Raw::parse(&text)).map_err(|error| {
        Diagnostic::error("A value has no JSON form", format!("It cannot be printed as JSON: {error}."))
    })
}
