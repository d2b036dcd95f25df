//! References of `replace_triggered_by`, and names in `ignore_changes`.

use super::blocks::path_step;
use super::desired::{IgnoreChanges, Trigger};
use super::expr::Eval;
use super::path::{Path, Step};
use super::syntax::tree::{self, Expr, StepKind};
use super::target::{Target, resolve};
use crate::address::{Key, ModulePath, Resource};
use crate::diagnostic::{Diagnostic, Report, near_miss};
use crate::resource::attr::{Schema, Usage};
use crate::value::Data;

/// The evaluated reference; nothing after a problem.
pub(super) fn trigger(expr: &Expr, module: &ModulePath, eval: &Eval<'_>) -> Option<Trigger> {
    let traversal = expr.as_traversal()?;
    let reference = resolve(traversal, expr.span).ok()?;
    let Target::Resource(name) = reference.target else { return None };
    let mut rest = traversal.steps.get(reference.used..).unwrap_or_default();
    let mut key = None;
    match rest.first().map(|step| &step.kind) {
        Some(StepKind::Index(index)) => {
            let value = eval.value(index, None);
            key = match &value.data {
                Data::Number(number) => number.to_i64().map(Key::Int),
                Data::String(text) => Some(Key::Str(text.clone())),
                _ => None,
            };
            rest = &rest[1..];
        }
        Some(StepKind::LegacyIndex(digits)) => {
            key = digits.parse().ok().map(Key::Int);
            rest = &rest[1..];
        }
        _ => {}
    }
    let path = Path(rest.iter().map_while(path_step).collect());
    let resource = Resource { module: module.clone(), mode: name.mode, type_name: name.type_name, name: name.name };
    Some(Trigger { resource, key, path, span: expr.span })
}

/// The problem with a trigger that is more than a reference.
pub(super) fn not_plain(expr: &Expr) -> Option<Diagnostic> {
    let is_plain = |step: &tree::Step| !matches!(step.kind, StepKind::Splat(_) | StepKind::AttrSplat(_));
    if expr.as_traversal().is_some_and(|traversal| traversal.steps.iter().all(is_plain)) {
        return None;
    }
    let detail = "Only a reference to a resource, one of its instances or an attribute is possible here. To replace when a value \
                  changes, keep it in a terraform_data resource.";
    Some(Diagnostic::error("Invalid replace_triggered_by expression", detail).at(expr.span))
}

/// Names in `ignore_changes` that do not exist, or whose changes never count.
pub(super) fn check_ignored(ignored: &IgnoreChanges, schema: &Schema) -> Report {
    let mut report = Report::default();
    let IgnoreChanges::Paths(paths) = ignored else { return report };
    for (path, span) in paths {
        let Some(Step::Attr(name)) = path.0.first() else { continue };
        match schema.get(name) {
            None => {
                let hint = near_miss(name, schema.attrs.iter().map(|attr| attr.name));
                let hint = hint.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
                let detail = format!("There is no argument, block or attribute \"{name}\" here.{hint}");
                report.push(Diagnostic::error("Unsupported attribute", detail).at(*span));
            }
            Some(attr) if attr.spec.usage == Usage::Computed => {
                let detail = format!(
                    "The attribute \"{name}\" is decided by the provider alone, so that there is no change of the \
                     configuration to ignore. Remove it from the list."
                );
                report.push(Diagnostic::warning("Redundant ignore_changes element", detail).at(*span));
            }
            Some(_) => {}
        }
    }
    report
}
