//! Stack files in JSON.

use super::syntax::tree::Body;
use crate::diagnostic::{Diagnostic, Report, Span};

/// Reads a `.tf.json` file.
pub(super) fn parse(file: u32, text: &str) -> (Body, Report) {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let span = Span { file, start: 0, end };
    let body = Body { attributes: Vec::new(), blocks: Vec::new(), span, end: Span { start: end, ..span } };
    let detail = "Stack files in JSON cannot be read. Write the file in the native syntax, with the ending .tf.";
    (body, Diagnostic::error("JSON syntax is not supported", detail).at(span).into())
}
