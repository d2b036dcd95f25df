//! What an expression refers to, found without evaluating it.

use super::syntax::tree::{Body, Expr, ExprKind, ObjectKey, Step, StepKind, TemplatePart, Traversal};
use crate::diagnostic::Span;

/// A variable with its steps, and where it stands.
pub(super) type Mention<'a> = (&'a Traversal, Span);

/// Names that are loop variables here.
type Hidden<'a> = Vec<&'a str>;

/// All variables of an expression, loop variables left out.
pub(super) fn mentions(expr: &Expr) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    walk(expr, &mut Vec::new(), &mut found);
    found
}

/// The same of a template.
pub(super) fn template_mentions(parts: &[TemplatePart]) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    walk_template(parts, &mut Vec::new(), &mut found);
    found
}

/// All variables of a body and the blocks inside, iterators of `dynamic` blocks left out. Top-level arguments and
/// blocks named in `skip` are left out.
pub(super) fn body_mentions<'a>(body: &'a Body, skip: &[&str]) -> Vec<Mention<'a>> {
    let mut found = Vec::new();
    walk_body(body, skip, &mut Vec::new(), &mut found);
    found
}

fn walk_body<'a>(body: &'a Body, skip: &[&str], hidden: &mut Hidden<'a>, found: &mut Vec<Mention<'a>>) {
    for attribute in &body.attributes {
        if !skip.contains(&&*attribute.name) {
            walk(&attribute.expr, hidden, found);
        }
    }
    for block in &body.blocks {
        if skip.contains(&&*block.kind) {
            continue;
        }
        let Some(label) = block.labels.first().filter(|_| &*block.kind == "dynamic") else {
            walk_body(&block.body, &[], hidden, found);
            continue;
        };
        let iterator = block.body.attribute("iterator").and_then(|attribute| attribute.expr.as_word());
        if let Some(for_each) = block.body.attribute("for_each") {
            walk(&for_each.expr, hidden, found);
        }
        hidden.push(iterator.unwrap_or(&label.text));
        if let Some(labels) = block.body.attribute("labels") {
            walk(&labels.expr, hidden, found);
        }
        for content in &block.body.blocks {
            walk_body(&content.body, &[], hidden, found);
        }
        hidden.pop();
    }
}

fn walk<'a>(expr: &'a Expr, hidden: &mut Hidden<'a>, found: &mut Vec<Mention<'a>>) {
    match &expr.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::Invalid => {}
        ExprKind::Template(parts) => walk_template(parts, hidden, found),
        ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => walk(inner, hidden, found),
        ExprKind::Variable(traversal) => {
            if !hidden.contains(&&*traversal.root) {
                found.push((traversal, expr.span));
            }
            walk_steps(&traversal.steps, hidden, found);
        }
        ExprKind::Access(access) => {
            walk(&access.source, hidden, found);
            walk_steps(&access.steps, hidden, found);
        }
        ExprKind::Call(call) => call.args.iter().for_each(|arg| walk(arg, hidden, found)),
        ExprKind::Conditional(parts) => {
            walk(&parts.condition, hidden, found);
            walk(&parts.yes, hidden, found);
            walk(&parts.no, hidden, found);
        }
        ExprKind::Binary(binary) => {
            walk(&binary.first, hidden, found);
            binary.rest.iter().for_each(|operation| walk(&operation.operand, hidden, found));
        }
        ExprKind::Unary(unary) => walk(&unary.operand, hidden, found),
        ExprKind::For(each) => {
            walk(&each.collection, hidden, found);
            let outside = hidden.len();
            hidden.extend(each.key_var.as_ref().map(|name| &*name.text));
            hidden.push(&each.value_var.text);
            for inner in [each.key.as_ref(), Some(&each.value), each.condition.as_ref()].into_iter().flatten() {
                walk(inner, hidden, found);
            }
            hidden.truncate(outside);
        }
        ExprKind::Tuple(elements) => elements.iter().for_each(|element| walk(element, hidden, found)),
        ExprKind::Object(entries) => {
            for entry in entries {
                if let ObjectKey::Expr(key) | ObjectKey::Ambiguous(key) = &entry.key {
                    walk(key, hidden, found);
                }
                walk(&entry.value, hidden, found);
            }
        }
    }
}

fn walk_steps<'a>(steps: &'a [Step], hidden: &mut Hidden<'a>, found: &mut Vec<Mention<'a>>) {
    for step in steps {
        match &step.kind {
            StepKind::Index(key) => walk(key, hidden, found),
            StepKind::Splat(inner) | StepKind::AttrSplat(inner) => walk_steps(inner, hidden, found),
            StepKind::Attr(_) | StepKind::LegacyIndex(_) => {}
        }
    }
}

fn walk_template<'a>(parts: &'a [TemplatePart], hidden: &mut Hidden<'a>, found: &mut Vec<Mention<'a>>) {
    for part in parts {
        match part {
            TemplatePart::Literal { .. } => {}
            TemplatePart::Interpolation(expr) => walk(expr, hidden, found),
            TemplatePart::If(part) => {
                walk(&part.condition, hidden, found);
                walk_template(&part.yes, hidden, found);
                walk_template(&part.no, hidden, found);
            }
            TemplatePart::For(part) => {
                walk(&part.collection, hidden, found);
                let outside = hidden.len();
                hidden.extend(part.key_var.as_ref().map(|name| &*name.text));
                hidden.push(&part.value_var.text);
                walk_template(&part.body, hidden, found);
                hidden.truncate(outside);
            }
        }
    }
}
