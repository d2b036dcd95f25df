//! References of `replace_triggered_by`.

use super::blocks::path_step;
use super::desired::Trigger;
use super::expr::Eval;
use super::path::Path;
use super::syntax::tree::{Expr, StepKind};
use super::target::{Target, resolve};
use crate::address::{Key, ModulePath, Resource};
use crate::value::Data;

/// The evaluated reference; nothing after a problem.
pub(super) fn trigger(expr: &Expr, module: &ModulePath, eval: &Eval<'_>) -> Option<Trigger> {
    let traversal = expr.as_traversal()?;
    let reference = resolve(traversal, expr.span).ok()?;
    let Target::Resource(name) = reference.target else { return None };
    let mut rest = traversal.steps.get(reference.used..).unwrap_or_default();
    let mut key = None;
    if let Some(StepKind::Index(index)) = rest.first().map(|step| &step.kind) {
        let value = eval.value(index, None);
        key = match &value.data {
            Data::Number(number) => number.to_i64().map(Key::Int),
            Data::String(text) => Some(Key::Str(text.clone())),
            _ => None,
        };
        rest = &rest[1..];
    }
    let path = Path(rest.iter().map_while(path_step).collect());
    let resource = Resource { module: module.clone(), mode: name.mode, type_name: name.type_name, name: name.name };
    Some(Trigger { resource, key, path, span: expr.span })
}
