//! `output -json`: all outputs, or one. What is sensitive is printed, as it was asked for by a program.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{pretty, raw};
use crate::diagnostic::Diagnostic;
use crate::state::{Output, State};
use crate::value::json::{Raw, to_json, type_to_json};

#[derive(Serialize)]
struct OutputJson {
    sensitive: bool,
    #[serde(rename = "type")]
    ty: Raw,
    value: Raw,
}

/// All outputs, with type and whether they are sensitive.
pub(crate) fn outputs(state: &State) -> Result<String, Diagnostic> {
    let one = |(name, output): (&String, &Output)| {
        let ty = ty(output)?;
        Ok((name.clone(), OutputJson { sensitive: output.sensitive, ty, value: raw(&output.value)? }))
    };
    pretty(&state.outputs.iter().map(one).collect::<Result<BTreeMap<_, _>, Diagnostic>>()?)
}

/// The type of an output.
pub(super) fn ty(output: &Output) -> Result<Raw, Diagnostic> {
    Raw::parse(&type_to_json(&output.value.ty()))
        .map_err(|error| Diagnostic::bug(format!("A type has no JSON: {error}")))
}

/// The value of one output.
pub(crate) fn output(output: &Output) -> Result<String, Diagnostic> {
    to_json(&output.value).map_err(|error| {
        Diagnostic::error("A value has no JSON form", format!("It cannot be printed as JSON: {error}."))
    })
}
