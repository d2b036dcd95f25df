//! Properties that are arguments or blocks: what only the attribute table of the type can tell.
//!
//! They are kept as arguments until the table is at hand ([`by_table`]), except for what is a block beyond doubt:
//! `dynamic`, and whatever has a `dynamic` inside.

use std::borrow::Cow;

use super::expression::key_text;
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::syntax::tree::{Attribute, Block, Body, Expr, ExprKind, Label, ObjectEntry, Traversal};
use crate::resource::attr::{Attr, Schema, Shape};

/// Adds a property to a body.
pub(super) fn add(attribute: Attribute, body: &mut Body, report: &mut Report) {
    if &*attribute.name == "dynamic" {
        dynamic(&attribute.expr, attribute.name_span, &mut body.blocks, report);
    } else if has_dynamic(&attribute.expr) {
        body.blocks.extend(blocks(&attribute, report));
    } else {
        body.attributes.push(attribute);
    }
}

/// The body with the arguments that are blocks by the table as blocks, and what is wrong with the others.
pub(in crate::lang) fn by_table<'b>(body: &'b Body, schema: &Schema, report: &mut Report) -> Cow<'b, Body> {
    if !body.is_json {
        return Cow::Borrowed(body);
    }
    let mut sorted = Body { attributes: Vec::new(), ..body.clone() };
    for attribute in &body.attributes {
        let attr = schema.get(&attribute.name);
        let is_objects = || each(&attribute.expr).iter().all(|one| matches!(one.kind, ExprKind::Object(_)));
        let is_block =
            |attr: &Attr| matches!(attr.shape, Shape::Block(..)) && (!attr.spec.as_attribute || is_objects());
        if attr.is_some_and(is_block) {
            sorted.blocks.extend(blocks(attribute, report));
        } else if let Some(first) = sorted.attribute(&attribute.name) {
            report.push(super::repeated(&attribute.name, attribute.name_span, first.name_span));
        } else {
            sorted.attributes.push(attribute.clone());
        }
    }
    Cow::Owned(sorted)
}

/// The blocks that an argument stands for: one for an object, several for an array, none for null.
fn blocks(attribute: &Attribute, report: &mut Report) -> Vec<Block> {
    let block = |expr: &Expr, entries: &[ObjectEntry], report: &mut Report| Block {
        kind: attribute.name.clone(),
        kind_span: attribute.name_span,
        labels: Vec::new(),
        body: content(entries, expr.span, report),
        span: expr.span,
        header_span: attribute.name_span,
    };
    let mut found = Vec::new();
    for expr in each(&attribute.expr) {
        match &expr.kind {
            ExprKind::Object(entries) => found.push(block(expr, entries, report)),
            ExprKind::Null | ExprKind::Invalid => {}
            _ => {
                let detail = format!("An object is needed here, the content of a {} block.", attribute.name);
                report.push(Diagnostic::error("Incorrect JSON value type", detail).at(expr.span));
            }
        }
    }
    found
}

/// The elements of an array, or the one value.
fn each(expr: &Expr) -> &[Expr] {
    match &expr.kind {
        ExprKind::Tuple(elements) => elements,
        _ => std::slice::from_ref(expr),
    }
}

/// The properties of an object as a body.
fn content(entries: &[ObjectEntry], span: Span, report: &mut Report) -> Body {
    let end = Span { start: span.end.saturating_sub(1), end: span.end.saturating_sub(1), ..span };
    let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), span, missing: end, is_json: true };
    for entry in entries {
        match key_text(&entry.key) {
            Some((name, _)) if &*name == "//" => {}
            Some((name, name_span)) => {
                let expr = entry.value.clone();
                add(Attribute { name, name_span, span: name_span.to(expr.span), expr }, &mut body, report);
            }
            None => {
                let detail = "The name of an argument or block stands for itself, without interpolations.";
                report.push(Diagnostic::error("Invalid argument name", detail).at(entry.key.span()));
            }
        }
    }
    body
}

/// `"dynamic": {"kind": {"for_each": …, "content": {…}}}`
fn dynamic(expr: &Expr, kind_span: Span, found: &mut Vec<Block>, report: &mut Report) {
    for object in each(expr) {
        let ExprKind::Object(kinds) = &object.kind else {
            let detail = "An object is needed here whose properties are named like the blocks to be made.";
            report.push(Diagnostic::error("Incorrect JSON value type", detail).at(object.span));
            continue;
        };
        for kind in kinds {
            let Some((text, span)) = key_text(&kind.key).filter(|(text, _)| &**text != "//") else { continue };
            for one in each(&kind.value) {
                let ExprKind::Object(entries) = &one.kind else {
                    let detail = format!("An object is needed here, with for_each and the content of {text} blocks.");
                    report.push(Diagnostic::error("Incorrect JSON value type", detail).at(one.span));
                    continue;
                };
                found.push(Block {
                    kind: "dynamic".into(),
                    kind_span,
                    labels: vec![Label { text: text.clone(), span }],
                    body: dynamic_body(entries, one.span, report),
                    span: one.span,
                    header_span: span,
                });
            }
        }
    }
}

fn dynamic_body(entries: &[ObjectEntry], span: Span, report: &mut Report) -> Body {
    let mut body = content(entries, span, report);
    let (contents, mut attributes): (Vec<_>, Vec<_>) =
        body.attributes.into_iter().partition(|attribute| &*attribute.name == "content");
    for attribute in &mut attributes {
        if &*attribute.name == "iterator"
            && let Some(name) = attribute.expr.as_text()
        {
            attribute.expr.kind = ExprKind::Variable(Traversal::word(name.into(), attribute.expr.span));
        }
    }
    body.attributes = attributes;
    body.blocks.extend(contents.iter().flat_map(|attribute| blocks(attribute, report)).collect::<Vec<_>>());
    // What stands beside the content is known, whatever the type is.
    body.is_json = false;
    body
}

/// Whether one of the objects has a property `dynamic` with content inside.
fn has_dynamic(expr: &Expr) -> bool {
    let objects = each(expr).iter().filter_map(|one| match &one.kind {
        ExprKind::Object(entries) => Some(entries),
        _ => None,
    });
    objects.flatten().any(|entry| {
        let name = key_text(&entry.key).map(|(name, _)| name);
        if name.as_deref() == Some("dynamic") {
            return each(&entry.value).iter().any(is_dynamic);
        }
        has_dynamic(&entry.value)
    })
}

fn is_dynamic(expr: &Expr) -> bool {
    let ExprKind::Object(kinds) = &expr.kind else { return false };
    kinds.iter().flat_map(|kind| each(&kind.value)).any(|one| match &one.kind {
        ExprKind::Object(entries) => {
            let has =
                |wanted: &str| entries.iter().any(|entry| key_text(&entry.key).is_some_and(|(n, _)| &*n == wanted));
            has("for_each") && has("content")
        }
        _ => false,
    })
}
