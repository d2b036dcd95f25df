//! `variable`, `output` and `locals` blocks, and conditions.

use std::sync::Arc;

use super::reader::{Content, Wanted, bool_argument, content, is_name, text_argument};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::config::{Condition, Output, Variable};
use crate::lang::convert;
use crate::lang::expr::constant;
use crate::lang::references::mentions;
use crate::lang::syntax::tree::{Attribute, Block, Body, Expr, ExprKind, Place, StepKind};
use crate::lang::types::{Defaults, variable_type};
use crate::value::{Type, Value};

/// Names that mean something else inside `module` blocks.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// Reports a name that cannot be one.
pub(super) fn check_name(text: &str, span: Span, summary: &'static str, report: &mut Report) {
    if !is_name(text) {
        let detail = "A name starts with a letter or underscore and may hold letters, digits, underscores and hyphens.";
        report.push(Diagnostic::error(summary, detail).at(span));
    }
}

/// The arguments of a body that may have no blocks.
pub(super) fn just_attributes(body: Body, report: &mut Report) -> Vec<Attribute> {
    if let Some(block) = body.blocks.first() {
        report.push(
            Diagnostic::error(format!("Unexpected \"{}\" block", block.kind), "Blocks are not allowed here.")
                .at(block.kind_span),
        );
    }
    body.attributes
}

/// Reads a `variable` block.
pub(super) fn variable(block: &Block, report: &mut Report) -> Variable {
    let label = &block.labels[0];
    check_name(&label.text, label.span, "Invalid variable name", report);
    if RESERVED.contains(&&*label.text) {
        let detail =
            format!("The name \"{}\" is reserved, because it means something else in a module block.", label.text);
        report.push(Diagnostic::error("Invalid variable name", detail).at(label.span));
    }
    let wanted = Wanted {
        optional: &["description", "default", "type", "sensitive", "nullable", "ephemeral"],
        blocks: &[("validation", &[])],
        ..Wanted::default()
    };
    let inside = content(&block.body, wanted, report);
    let (ty, defaults) = match inside.expr("type").map(variable_type) {
        None => (Type::Any, Defaults::default()),
        Some(Ok(read)) => read,
        Some(Err(problems)) => {
            report.extend(problems);
            (Type::Any, Defaults::default())
        }
    };
    let nullable = bool_argument(inside.expr("nullable"), report);
    let default = inside.expr("default").and_then(|expr| {
        let given = constant(expr).map_err(|problems| report.extend(problems)).ok()?;
        default_value(&given, &ty, &defaults, nullable, expr.span, report)
    });
    let validations = inside.blocks.iter().filter_map(|block| validation(block, &label.text, report)).collect();
    Variable {
        name: label.text.clone(),
        ty,
        defaults,
        has_type: inside.attribute("type").is_some(),
        default,
        nullable: nullable.unwrap_or(true),
        sensitive: bool_argument(inside.expr("sensitive"), report).unwrap_or(false),
        ephemeral: bool_argument(inside.expr("ephemeral"), report).unwrap_or(false),
        description: text_argument(inside.expr("description"), report),
        validations,
        span: block.header_span,
    }
}

/// The default of a variable as its type.
fn default_value(
    given: &Value,
    ty: &Type,
    defaults: &Defaults,
    nullable: Option<bool>,
    span: Span,
    report: &mut Report,
) -> Option<Value> {
    if given.is_null() && nullable == Some(false) {
        let detail = "A default of null makes no sense when nullable = false.";
        report.push(Diagnostic::error("Invalid default value for variable", detail).at(span));
    }
    match convert::convert(&defaults.fill(given), ty) {
        Ok(value) => Some(value),
        Err(why) => {
            let detail = format!("This default does not have the type of the variable: {why}.");
            report.push(Diagnostic::error("Invalid default value for variable", detail).at(span));
            None
        }
    }
}

/// Reads a `validation` block: its condition must look at the variable.
fn validation(block: &Block, name: &str, report: &mut Report) -> Option<Condition> {
    let before = report.0.len();
    let read = condition(block, "validation", report);
    let expr = block.body.attribute("condition").map(|attribute| &attribute.expr)?;
    let looks = mentions(expr).iter().any(|(traversal, _)| {
        &*traversal.root == "var"
            && traversal
                .steps
                .first()
                .is_some_and(|step| matches!(&step.kind, StepKind::Attr(found) if **found == *name))
    });
    if !looks {
        let detail =
            format!("The condition of variable \"{name}\" must refer to var.{name}, since that is what it checks.");
        report.push(Diagnostic::error("Invalid variable validation condition", detail).at(expr.span));
    }
    read.filter(|_| report.0.len() == before)
}

/// Reads a block with a condition and a message; `kind` is its name in messages.
pub(super) fn condition(block: &Block, kind: &'static str, report: &mut Report) -> Option<Condition> {
    let wanted = Wanted { required: &["condition", "error_message"], ..Wanted::default() };
    let inside = content(&block.body, wanted, report);
    let condition = inside.expr("condition")?;
    if mentions(condition).is_empty() {
        let detail = "The condition refers to nothing, so that it would always have the same result.";
        report.push(Diagnostic::error(format!("Invalid {kind} expression"), detail).at(condition.span));
        return None;
    }
    let message = inside.expr("error_message")?;
    Some(Condition { condition: condition.clone(), message: message.clone(), span: block.header_span })
}

/// Reads an `output` block.
pub(super) fn output(block: &Block, report: &mut Report) -> Output {
    let label = &block.labels[0];
    check_name(&label.text, label.span, "Invalid output name", report);
    let wanted = Wanted {
        required: &["value"],
        optional: &["description", "sensitive", "ephemeral", "depends_on"],
        blocks: &[("precondition", &[])],
        ..Wanted::default()
    };
    let inside = content(&block.body, wanted, report);
    let nothing = || Expr { kind: ExprKind::Invalid, span: block.header_span };
    Output {
        value: inside.expr("value").cloned().unwrap_or_else(nothing),
        sensitive: bool_argument(inside.expr("sensitive"), report).unwrap_or(false),
        ephemeral: bool_argument(inside.expr("ephemeral"), report).unwrap_or(false),
        description: text_argument(inside.expr("description"), report),
        depends_on: depends_on(&inside, report),
        preconditions: inside.blocks.iter().filter_map(|block| condition(block, "precondition", report)).collect(),
        span: block.header_span,
    }
}

/// The references of `depends_on`.
pub(super) fn depends_on(inside: &Content<'_>, report: &mut Report) -> Vec<Expr> {
    inside.expr("depends_on").map(|expr| reference_list(expr, report)).unwrap_or_default()
}

/// A list whose elements are plain references; quoted ones are accepted with a warning.
pub(super) fn reference_list(expr: &Expr, report: &mut Report) -> Vec<Expr> {
    let ExprKind::Tuple(elements) = &expr.kind else {
        report
            .push(Diagnostic::error("Invalid expression", "A list of references in brackets is needed.").at(expr.span));
        return Vec::new();
    };
    elements.iter().filter_map(|element| reference(element, report)).collect()
}

/// A plain reference; a quoted one is accepted with a warning.
pub(super) fn reference(expr: &Expr, report: &mut Report) -> Option<Expr> {
    let unquoted = match expr.as_text() {
        None => expr.clone(),
        Some(text) => {
            report.push(
                Diagnostic::warning(
                    "Quoted references are deprecated",
                    "References are written without quotes. Remove the quotes.",
                )
                .at(expr.span),
            );
            let (traversal, problems) = crate::lang::syntax::parse_traversal(expr.span.file, text);
            if let Some(mut traversal) = traversal {
                let whole = Place::of(expr.span, expr.span);
                traversal.root_place = whole;
                traversal.steps.iter_mut().for_each(|step| step.place = whole);
                Expr { kind: ExprKind::Variable(Arc::new(traversal)), span: expr.span }
            } else {
                let moved = problems.0.into_iter().map(|problem| Diagnostic { subject: Some(expr.span), ..problem });
                report.extend(Report(moved.collect()));
                return None;
            }
        }
    };
    let is_static = unquoted.as_traversal().is_some_and(|traversal| {
        traversal.steps.iter().all(|step| match &step.kind {
            StepKind::Attr(_) | StepKind::LegacyIndex(_) => true,
            StepKind::Index(key) => matches!(key.kind, ExprKind::Number(_)) || key.as_text().is_some(),
            StepKind::Splat(_) | StepKind::AttrSplat(_) => false,
        })
    });
    if !is_static {
        let detail = "Only a plain reference is possible here: names joined by dots, and constant keys in brackets. \
                      No functions, operators or strings with interpolations.";
        report.push(Diagnostic::error("Invalid expression", detail).at(expr.span));
        return None;
    }
    Some(unquoted)
}

/// Reads a `locals` block.
pub(super) fn locals(block: Block, report: &mut Report) -> Vec<(Arc<str>, Attribute)> {
    let mut locals = Vec::new();
    for attribute in just_attributes(block.body, report) {
        check_name(&attribute.name, attribute.name_span, "Invalid local value name", report);
        locals.push((attribute.name.clone(), attribute));
    }
    locals
}
