//! The arguments and blocks that a block may have.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Report, Span, near_miss};
use crate::lang::convert;
use crate::lang::expr::constant;
use crate::lang::syntax::tree::{Attribute, Block, Body, Expr};
use crate::value::{Type, Value};

/// What may stand in a body.
#[derive(Clone, Copy, Default)]
pub(in crate::lang) struct Wanted<'a> {
    /// Arguments that must stand there.
    pub(in crate::lang) required: &'a [&'a str],
    /// Arguments that may stand there.
    pub(in crate::lang) optional: &'a [&'a str],
    /// Blocks that may stand there, each with the names of its labels.
    pub(in crate::lang) blocks: &'a [(&'a str, &'a [&'a str])],
    /// Whether other arguments and blocks may stand there too.
    pub(in crate::lang) open: bool,
}

/// What stands in a body.
pub(in crate::lang) struct Content<'a> {
    body: &'a Body,
    /// Blocks that are wanted and have the right number of labels.
    pub(in crate::lang) blocks: Vec<&'a Block>,
}

impl<'a> Content<'a> {
    /// The argument with this name.
    pub(in crate::lang) fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        self.body.attribute(name)
    }

    /// The expression of the argument with this name.
    pub(in crate::lang) fn expr(&self, name: &str) -> Option<&'a Expr> {
        self.attribute(name).map(|attribute| &attribute.expr)
    }

    /// The blocks of this kind.
    pub(in crate::lang) fn blocks_of(&self, kind: &str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().copied().filter(move |block| &*block.kind == kind)
    }
}

/// Sorts out a body; reports what is missing and what does not belong there.
pub(in crate::lang) fn content<'a>(body: &'a Body, wanted: Wanted<'_>, report: &mut Report) -> Content<'a> {
    for attribute in &body.attributes {
        let name = &*attribute.name;
        if !wanted.open && !wanted.required.contains(&name) && !wanted.optional.contains(&name) {
            let names = wanted.required.iter().chain(wanted.optional).copied();
            let kinds = wanted.blocks.iter().map(|(kind, _)| *kind);
            report.push(unsupported_argument(attribute, names, kinds));
        }
    }
    for name in wanted.required {
        if body.attribute(name).is_none() {
            report.push(missing_argument(name, body.missing));
        }
    }
    let mut blocks = Vec::new();
    for block in &body.blocks {
        match wanted.blocks.iter().find(|(kind, _)| *kind == &*block.kind) {
            Some((_, labels)) => {
                if labels_fit(block, labels, report) {
                    blocks.push(block);
                }
            }
            None if wanted.open => {}
            None => {
                let names = wanted.required.iter().chain(wanted.optional).copied();
                report.push(unsupported_block(block, names, wanted.blocks.iter().map(|(kind, _)| *kind)));
            }
        }
    }
    Content { body, blocks }
}

/// The wanted blocks of a body, moved out of it; reports what is missing and what does not belong there.
pub(in crate::lang) fn blocks_of(body: Body, wanted: Wanted<'_>, report: &mut Report) -> Vec<Block> {
    let found = content(&body, wanted, report).blocks;
    let mut left = found.into_iter().peekable();
    let is_found: Vec<bool> =
        body.blocks.iter().map(|block| left.next_if(|next| std::ptr::eq(*next, block)).is_some()).collect();
    body.blocks.into_iter().zip(is_found).filter_map(|(block, is_found)| is_found.then_some(block)).collect()
}

/// "Unsupported argument", with what was probably meant.
pub(in crate::lang) fn unsupported_argument<'a>(
    attribute: &Attribute,
    names: impl Iterator<Item = &'a str>,
    mut kinds: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let name = &*attribute.name;
    let hint = if kinds.any(|kind| kind == name) {
        format!(" Did you mean a block? Write {name} {{ ... }} without the equals sign.")
    } else {
        near_miss(name, names).map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default()
    };
    Diagnostic::error("Unsupported argument", format!("An argument named \"{name}\" is not expected here.{hint}"))
        .at(attribute.name_span)
}

/// "Unsupported block type", with what was probably meant.
pub(in crate::lang) fn unsupported_block<'a>(
    block: &Block,
    mut names: impl Iterator<Item = &'a str>,
    kinds: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let kind = &*block.kind;
    let hint = if names.any(|name| name == kind) {
        format!(" Did you mean the argument? Write {kind} = ... with an equals sign.")
    } else {
        near_miss(kind, kinds).map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default()
    };
    Diagnostic::error("Unsupported block type", format!("Blocks of type \"{kind}\" are not expected here.{hint}"))
        .at(block.kind_span)
        .within(block.header_span)
}

/// "Missing required argument".
pub(in crate::lang) fn missing_argument(name: &str, at: Span) -> Diagnostic {
    Diagnostic::error("Missing required argument", format!("The argument \"{name}\" is required, but it is not given."))
        .at(at)
}

fn labels_fit(block: &Block, labels: &[&str], report: &mut Report) -> bool {
    let kind = &block.kind;
    if let Some(missing) = labels.get(block.labels.len()) {
        let wanted = labels.join(", ");
        let names: Vec<_> = labels.iter().map(|label| format!("\"{}\"", label.to_uppercase())).collect();
        let names = names.join(" ");
        let number = counted(labels.len());
        let detail = format!("A {kind} block has {number} ({wanted}). Write it as {kind} {names} {{ ... }}.");
        report.push(
            Diagnostic::error(format!("Missing {missing} for {kind}"), detail)
                .at(block.kind_span)
                .within(block.header_span),
        );
        return false;
    }
    if let Some(extra) = block.labels.get(labels.len()) {
        let detail = match labels {
            [] => format!("A {kind} block has no label."),
            _ => format!("A {kind} block has only {} ({}).", counted(labels.len()), labels.join(", ")),
        };
        report.push(
            Diagnostic::error(format!("Extraneous label for {kind}"), detail).at(extra.span).within(block.header_span),
        );
        return false;
    }
    true
}

fn counted(labels: usize) -> String {
    if labels == 1 { "one label".to_owned() } else { format!("{labels} labels") }
}

/// The value of an argument that must be written out, as this type; nothing after a problem.
fn constant_argument(expr: Option<&Expr>, ty: &Type, what: &str, report: &mut Report) -> Option<Value> {
    let expr = expr?;
    let value = match constant(expr) {
        Ok(value) => value,
        Err(problems) => {
            report.extend(problems);
            report.push(unsuitable(what, expr.span));
            return None;
        }
    };
    match convert::convert(&value, ty) {
        Ok(value) if value.is_null() => {
            let detail = format!("This argument must be {what}, not null. Leave it out instead.");
            report.push(Diagnostic::error("Unsuitable value type", detail).at(expr.span));
            None
        }
        Ok(value) => Some(value),
        Err(_) => {
            report.push(unsuitable(what, expr.span));
            None
        }
    }
}

fn unsuitable(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error("Unsuitable value type", format!("This argument must be {what} that is written out.")).at(span)
}

/// A bool that must be written out.
pub(in crate::lang) fn bool_argument(expr: Option<&Expr>, report: &mut Report) -> Option<bool> {
    constant_argument(expr, &Type::Bool, "true or false", report)?.as_bool()
}

/// Text that must be written out.
pub(in crate::lang) fn text_argument(expr: Option<&Expr>, report: &mut Report) -> Option<Arc<str>> {
    constant_argument(expr, &Type::String, "text", report)?.as_str().map(Into::into)
}

/// Whether the word may name something: letters, digits, underscores and hyphens, not starting with a digit.
pub(in crate::lang) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(|c| c == '-' || unicode_ident::is_xid_continue(c))
}
