//! Addresses inside `moved`, `removed` and `import` blocks: a resource, one of its instances, or a module.

use std::sync::Arc;

use crate::address::{Key, Mode, ModuleStep};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::config::{Endpoint, ResourceName};
use crate::lang::syntax::tree::{Expr, Step, StepKind, Traversal};
use crate::lang::target::constant_key;

/// The address that an expression writes out; reports what is no address.
pub(super) fn endpoint(expr: &Expr, report: &mut Report) -> Option<Endpoint> {
    let Some(traversal) = expr.as_traversal() else {
        report.push(no_expression(expr.span));
        return None;
    };
    if traversal.steps.iter().any(|step| step_key(step).is_none()) {
        report.push(no_expression(expr.span));
        return None;
    }
    match parse(traversal, &|step| step_key(step).flatten(), expr.span) {
        Ok(endpoint) => Some(endpoint),
        Err(why) => {
            report.push(Diagnostic::error("Invalid address", why).at(expr.span));
            None
        }
    }
}

fn no_expression(span: Span) -> Diagnostic {
    let detail = "Only an address is possible here: names joined by dots, and constant keys in brackets. No quotes, no \
                  functions, no operators, no variables.";
    Diagnostic::error("Invalid expression", detail).at(span)
}

/// `Some(None)` for a name, `Some(key)` for a constant key, nothing for what is no part of an address.
#[allow(clippy::option_option)]
fn step_key(step: &Step) -> Option<Option<Key>> {
    match &step.kind {
        StepKind::Attr(_) => Some(None),
        StepKind::Index(_) => constant_key(step).map(Some),
        StepKind::LegacyIndex(digits) => digits.parse().ok().map(|at| Some(Key::Int(at))),
        StepKind::Splat(_) | StepKind::AttrSplat(_) => None,
    }
}

/// The address that a traversal names; `key_of` tells the instance key of an index step.
pub(in crate::lang) fn parse(
    traversal: &Traversal,
    key_of: &dyn Fn(&Step) -> Option<Key>,
    span: Span,
) -> Result<Endpoint, &'static str> {
    let mut names: Vec<(Arc<str>, Option<Key>)> = vec![(traversal.root.clone(), None)];
    let mut has_key = false;
    for step in &traversal.steps {
        match &step.kind {
            StepKind::Attr(name) => {
                names.push((name.clone(), None));
                has_key = false;
            }
            _ if has_key => return Err("Two keys follow each other, but an instance has only one."),
            _ => {
                if let Some(last) = names.last_mut() {
                    last.1 = key_of(step);
                }
                has_key = true;
            }
        }
    }
    let mut words = names.into_iter();
    let mut path = Vec::new();
    let (mut word, mut stray) = words.next().ok_or("An address is missing.")?;
    while &*word == "module" && stray.is_none() {
        let (name, key) = words.next().ok_or("The word \"module\" must be followed by the name of a module call.")?;
        path.push(ModuleStep { name, key });
        match words.next() {
            Some(next) => (word, stray) = next,
            None => return Ok(Endpoint { path, resource: None, span }),
        }
    }
    let mode = Mode::of_prefix(&word);
    if mode != Mode::Managed && stray.is_none() {
        let short = match mode {
            Mode::Ephemeral => "The word \"ephemeral\" must be followed by a type and a name.",
            _ => "The word \"data\" must be followed by a type and a name.",
        };
        (word, stray) = words.next().ok_or(short)?;
    }
    let (name, key) = words.next().ok_or("The name of the resource is missing: an address ends in TYPE.NAME.")?;
    if stray.is_some() || words.next().is_some() {
        return Err("An address names a resource, one of its instances or a module, not an attribute inside it.");
    }
    Ok(Endpoint { path, resource: Some((ResourceName { mode, type_name: word, name }, key)), span })
}
