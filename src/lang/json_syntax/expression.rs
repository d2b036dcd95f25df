//! JSON values as expressions: strings are templates, or what the argument means by them.

use std::sync::Arc;

use super::shape::Meaning;
use super::text::{Kind, Node, Property, Text};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::syntax::parse::{Origin, parse_expression_at, parse_template_at};
use crate::lang::syntax::tree::{Expr, ExprKind, ObjectEntry, ObjectKey, TemplatePart, Traversal, Unary, UnaryOp};

/// The value as the argument means it.
pub(super) fn expression(node: &Node, meaning: Meaning, report: &mut Report) -> Expr {
    let each = |meaning, report: &mut Report| match &node.kind {
        Kind::Array(elements) => {
            let elements = elements.iter().map(|element| expression(element, meaning, report)).collect();
            Expr { kind: ExprKind::Tuple(elements), span: node.span }
        }
        // Whoever reads it says that an array is needed.
        _ => value(node, &template, report),
    };
    match (meaning, &node.kind) {
        (Meaning::Expression, _) => value(node, &template, report),
        (Meaning::Provider, Kind::Object(properties)) => provider(node, properties, report),
        (Meaning::Literal | Meaning::Provider, _) => value(node, &literal, report),
        (Meaning::Reference, Kind::String(text)) => reference(text, report),
        (Meaning::Native | Meaning::Type, Kind::String(text)) => native(text, meaning, report),
        (Meaning::Word, Kind::String(text)) => word(text),
        (Meaning::Natives, _) => each(Meaning::Native, report),
        (Meaning::ReferencesOrAll, Kind::String(text)) if text.value == "all" => word(text),
        (Meaning::References | Meaning::ReferencesOrAll, _) => each(Meaning::Reference, report),
        (Meaning::ReferenceMap, Kind::Object(properties)) => {
            object(node, properties, report, reference, &|value, report| expression(value, Meaning::Reference, report))
        }
        (Meaning::Reference | Meaning::Native | Meaning::Type | Meaning::Word | Meaning::ReferenceMap, _) => {
            value(node, &template, report)
        }
    }
}

/// How strings are read.
type Strings<'a> = dyn Fn(&Text, &mut Report) -> Expr + 'a;

fn value(node: &Node, strings: &Strings<'_>, report: &mut Report) -> Expr {
    let kind = match &node.kind {
        Kind::Null => ExprKind::Null,
        Kind::Bool(truth) => ExprKind::Bool(*truth),
        Kind::Number(digits) => match digits.strip_prefix('-') {
            None => ExprKind::Number(digits.as_str().into()),
            Some(digits) => {
                let operand = Expr { kind: ExprKind::Number(digits.into()), span: node.span };
                ExprKind::Unary(Box::new(Unary { op: UnaryOp::Negate, op_span: node.span, operand }))
            }
        },
        Kind::String(text) => return strings(text, report),
        Kind::Array(elements) => {
            ExprKind::Tuple(elements.iter().map(|element| value(element, strings, report)).collect())
        }
        Kind::Object(properties) => {
            repeated(properties, report);
            let mut entries = Vec::new();
            for property in properties {
                let key = ObjectKey::Expr(strings(&property.name, report));
                entries.push(ObjectEntry { key, value: value(&property.value, strings, report) });
            }
            ExprKind::Object(entries)
        }
        Kind::Invalid => ExprKind::Invalid,
    };
    Expr { kind, span: node.span }
}

/// Reports names that an object of a value has twice.
fn repeated(properties: &[Property], report: &mut Report) {
    let mut seen = std::collections::HashMap::new();
    for Property { name, .. } in properties {
        match seen.get(&name.value) {
            Some(first) => {
                let detail = format!("This object has \"{}\" already.", name.value);
                let problem = Diagnostic::error("Duplicate object attribute", detail).at(name.span);
                report.push(problem.note(Some(*first), "The first one stands here."));
            }
            None => drop(seen.insert(&name.value, name.span)),
        }
    }
}

/// An object whose names and values are read in these ways.
fn object(
    node: &Node,
    properties: &[Property],
    report: &mut Report,
    key: fn(&Text, &mut Report) -> Expr,
    value: &dyn Fn(&Node, &mut Report) -> Expr,
) -> Expr {
    let mut entries = Vec::new();
    for property in properties.iter().filter(|property| property.name.value != "//") {
        let key = ObjectKey::Expr(key(&property.name, report));
        entries.push(ObjectEntry { key, value: value(&property.value, report) });
    }
    Expr { kind: ExprKind::Object(entries), span: node.span }
}

/// An entry of `required_providers`.
fn provider(node: &Node, properties: &[Property], report: &mut Report) -> Expr {
    let mut entries = Vec::new();
    for Property { name, value } in properties.iter().filter(|property| property.name.value != "//") {
        let is_list = name.value == "configuration_aliases";
        let meaning = if is_list { Meaning::References } else { Meaning::Literal };
        let key = ObjectKey::Expr(literal(name, report));
        entries.push(ObjectEntry { key, value: expression(value, meaning, report) });
    }
    Expr { kind: ExprKind::Object(entries), span: node.span }
}

fn origin(text: &Text) -> Origin<'_> {
    Origin { start: text.span.start + 1, places: &text.places }
}

/// A string as a template.
pub(super) fn template(text: &Text, report: &mut Report) -> Expr {
    let (expr, problems) = parse_template_at(text.span.file, &text.value, origin(text));
    let is_broken = problems.has_errors();
    report.extend(problems);
    let kind = if is_broken { ExprKind::Invalid } else { expr.kind };
    Expr { kind, span: text.span }
}

/// A string that stands for itself.
fn literal(text: &Text, _: &mut Report) -> Expr {
    let part = TemplatePart::Literal { text: text.value.as_str().into(), span: text.span };
    let parts = if text.value.is_empty() { Vec::new() } else { vec![part] };
    Expr { kind: ExprKind::Template(parts), span: text.span }
}

/// A word; anything else stays a string, which whoever reads it refuses.
fn word(text: &Text) -> Expr {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !text.value.is_empty() && text.value.bytes().all(is_word) {
        let word = Traversal::word(text.value.as_str().into(), text.span);
        return Expr { kind: ExprKind::Variable(word), span: text.span };
    }
    literal(text, &mut Report::default())
}

/// A name with steps.
fn reference(text: &Text, report: &mut Report) -> Expr {
    let (expr, problems) = parse_expression_at(text.span.file, &text.value, origin(text));
    if let Some(expr) = expr.filter(|expr| !problems.has_errors() && expr.as_traversal().is_some()) {
        return expr.widened(text.span);
    }
    let detail = "Only a plain reference is possible here: names joined by dots, and constant keys in brackets. No \
                  functions, operators or strings with interpolations.";
    report.push(Diagnostic::error("Invalid expression", detail).at(text.span));
    Expr { kind: ExprKind::Invalid, span: text.span }
}

/// Text of the native syntax.
fn native(text: &Text, meaning: Meaning, report: &mut Report) -> Expr {
    let (expr, problems) = parse_expression_at(text.span.file, &text.value, origin(text));
    if let Some(expr) = expr {
        return expr.widened(text.span);
    }
    if meaning == Meaning::Type {
        let detail = "A type is string, number, bool, any, or a collection of them such as list(string).";
        report.push(Diagnostic::error("Invalid type specification", detail).at(text.span));
    } else {
        report.extend(problems);
    }
    Expr { kind: ExprKind::Invalid, span: text.span }
}

/// The text of a key or of a string without interpolations.
pub(super) fn key_text(key: &ObjectKey) -> Option<(Arc<str>, Span)> {
    match key {
        ObjectKey::Name(name) => Some((name.text.clone(), name.span)),
        ObjectKey::Expr(expr) | ObjectKey::Ambiguous(expr) => Some((expr.as_text()?.into(), expr.span)),
    }
}
