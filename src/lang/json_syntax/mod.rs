//! Stack files in JSON -> the same tree as that of the native syntax.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>
//!
//! What a property is follows from the block it stands in ([`shape`]). In the body of a resource, data source or
//! provider only the attribute table of the type tells arguments from blocks: [`by_table`] sorts them when it is known.

mod body;
mod either;
mod expression;
mod shape;
#[cfg(test)]
mod tests;
mod text;

pub(super) use either::by_table;

use self::shape::Shape;
use super::syntax::tree::Body;
use crate::diagnostic::{Diagnostic, Report, Span};

/// Reads a `.tf.json` file.
pub(super) fn parse(file: u32, text: &str) -> (Body, Report) {
    parse_as(file, text, &shape::FILE)
}

fn parse_as(file: u32, text: &str, shape: &Shape) -> (Body, Report) {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let span = Span { file, start: 0, end };
    let (node, mut report) = text::parse(file, text);
    if let Some(node) = node.filter(|node| matches!(node.kind, text::Kind::Object(_) | text::Kind::Array(_))) {
        let body = body::body(&node, shape, &mut report);
        return (body, report);
    }
    let detail =
        "A file in JSON is an object whose properties are named like blocks or arguments, or an array of such objects.";
    let here = Span { end: span.start + u32::from(!text.is_empty()), ..span };
    report.push(Diagnostic::error("Root value must be object", detail).at(here));
    let body =
        Body { attributes: Vec::new(), blocks: Vec::new(), span, missing: Span { start: end, ..span }, is_json: true };
    (body, report)
}

/// Reads a `.tfvars.json` file: strings stand for themselves.
pub(super) fn parse_values(file: u32, text: &str) -> (Body, Report) {
    parse_as(file, text, &shape::LITERALS)
}

/// "Extraneous JSON object property", with what was probably meant.
pub(super) fn extraneous(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let hint = near.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
    let detail = format!("There is no argument or block \"{name}\" here.{hint}");
    Diagnostic::error("Extraneous JSON object property", detail).at(span)
}

/// "Duplicate argument".
fn repeated(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error("Duplicate argument", format!("The argument \"{name}\" is given twice. Remove one of them."))
        .at(span)
        .note(Some(first), "The first one stands here.")
}
