//! `import` blocks.

use crate::address::{Key, Mode};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::config::Import;
use crate::lang::syntax::tree::{Block, Expr, ExprKind, Step, StepKind};
use crate::lang::target::constant_key;

use super::data::provider_name;
use super::endpoint::parse;
use super::reader::{Wanted, content};

/// Reads an `import` block.
pub(super) fn import(block: &Block, report: &mut Report) -> Option<Import> {
    let wanted = Wanted { required: &["id", "to"], optional: &["provider", "for_each"], ..Wanted::default() };
    let inside = content(&block.body, wanted, report);
    let for_each = inside.expr("for_each").cloned();
    let provider = inside.expr("provider");
    let provider = provider.and_then(|expr| provider_name(expr, report).map(|(name, alias)| (name, alias, expr.span)));
    let (to, id) = (inside.expr("to")?, inside.expr("id")?);
    let (path, resource, key) = target(to, for_each.is_some(), report)?;
    Some(Import { path, resource, key, to: to.span, id: id.clone(), for_each, provider, span: block.header_span })
}

type Target = (Vec<(std::sync::Arc<str>, Option<Expr>)>, crate::lang::config::ResourceName, Option<Expr>);

/// What `to` names. Its keys are written out, or with `for_each` may use `each`.
fn target(to: &Expr, repeats: bool, report: &mut Report) -> Option<Target> {
    let mut refuse = |summary: &'static str, detail: &str| {
        report.push(Diagnostic::error(summary, detail.to_owned()).at(to.span));
        report.push(Diagnostic::error("Invalid import address", NO_ADDRESS).at(to.span));
    };
    let Some(traversal) = to.as_traversal() else {
        refuse("Invalid expression", "An address is written without quotes.");
        return None;
    };
    let keys: Vec<Option<Expr>> = traversal.steps.iter().map(|step| key_of(step, to.span)).collect();
    let at = |step: &Step| {
        let found = traversal.steps.iter().position(|other| std::ptr::eq(other, step));
        found.and_then(|at| i64::try_from(at).ok()).map(Key::Int)
    };
    let endpoint = match parse(traversal, &at, to.span) {
        Ok(endpoint) => endpoint,
        Err(why) => {
            refuse("Invalid address", why);
            return None;
        }
    };
    let expr_of = |key: Option<Key>| match key {
        Some(Key::Int(at)) => usize::try_from(at).ok().and_then(|at| keys.get(at)).cloned().flatten(),
        _ => None,
    };
    let Some((resource, key)) = endpoint.resource else {
        refuse("Invalid address", "A module cannot be imported, only a resource in it.");
        return None;
    };
    if resource.mode != Mode::Managed {
        let what = if resource.mode == Mode::Data { "A data source" } else { "An ephemeral resource" };
        let detail = format!("{what} has no object that could be imported.");
        report.push(Diagnostic::error("Invalid import address", detail).at(to.span));
        return None;
    }
    if !repeats && traversal.steps.iter().any(is_open) {
        let detail = "Without for_each in the block a key is written out: a number or a text.";
        report.push(Diagnostic::error("Invalid expression", detail).at(to.span));
        report.push(Diagnostic::error("Invalid address", detail).at(to.span));
        return None;
    }
    let path = endpoint.path.into_iter().map(|step| (step.name, expr_of(step.key))).collect();
    Some((path, resource, expr_of(key)))
}

const NO_ADDRESS: &str = "What is imported is named by the address of a resource, such as aws_vpc.main or module.network.aws_subnet.public[0].";

/// Whether the step is a key that is not written out.
fn is_open(step: &Step) -> bool {
    match &step.kind {
        StepKind::Index(_) => constant_key(step).is_none(),
        StepKind::Splat(_) | StepKind::AttrSplat(_) => true,
        StepKind::Attr(_) | StepKind::LegacyIndex(_) => false,
    }
}

fn key_of(step: &Step, whole: Span) -> Option<Expr> {
    match &step.kind {
        StepKind::Index(key) => Some((**key).clone()),
        StepKind::LegacyIndex(digits) => Some(Expr { kind: ExprKind::Number(digits.clone()), span: step.span(whole) }),
        _ => None,
    }
}
