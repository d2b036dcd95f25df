//! What the first words of a reference name.

use std::sync::Arc;

use super::config::ResourceName;
use super::syntax::tree::{ExprKind, Step, StepKind, Traversal};
use crate::address::{Key, Mode};
use crate::diagnostic::{Diagnostic, Span};

/// What a reference names, before the steps into its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `var.x`
    Variable(Arc<str>),
    /// `local.x`
    Local(Arc<str>),
    /// `aws_vpc.x`, `data.aws_ami.x`
    Resource(ResourceName),
    /// `module.x` as a whole.
    Module(Arc<str>),
    /// `module.x.out`, `module.x["key"].out`
    ModuleOutput(Arc<str>, Option<Key>, Arc<str>),
    /// `count.x`
    Count(Arc<str>),
    /// `each.x`
    Each(Arc<str>),
    /// `path.x`
    Path(Arc<str>),
    /// `terraform.x`
    Terraform(Arc<str>),
    /// `self`
    This,
}

/// A target, and how many steps of the traversal name it.
pub(super) struct Reference {
    /// What is named.
    pub(super) target: Target,
    /// Steps that belong to the name.
    pub(super) used: usize,
}

fn attr(step: Option<&Step>) -> Option<&Arc<str>> {
    match &step?.kind {
        StepKind::Attr(name) => Some(name),
        _ => None,
    }
}

/// The key of an index step that is written out.
pub(super) fn constant_key(step: &Step) -> Option<Key> {
    match &step.kind {
        StepKind::LegacyIndex(digits) => digits.parse().ok().map(Key::Int),
        StepKind::Index(key) => match &key.kind {
            ExprKind::Number(digits) => digits.parse().ok().map(Key::Int),
            _ => key.as_text().map(|text| Key::Str(text.into())),
        },
        StepKind::Attr(_) | StepKind::Splat(_) | StepKind::AttrSplat(_) => None,
    }
}

fn invalid(span: Span, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Invalid reference", detail).at(span)
}

/// What a traversal names.
pub(super) fn resolve(traversal: &Traversal, span: Span) -> Result<Reference, Diagnostic> {
    let steps = &traversal.steps;
    let root = &traversal.root;
    let first = attr(steps.first());
    let one = |make: fn(Arc<str>) -> Target| {
        if let Some(name) = first {
            Ok(Reference { target: make(name.clone()), used: 1 })
        } else {
            let detail =
                format!("The word \"{root}\" alone is no value. Name one of its attributes, such as {root}.name.");
            Err(invalid(span, detail))
        }
    };
    match &**root {
        "var" => one(Target::Variable),
        "local" => one(Target::Local),
        "count" => one(Target::Count),
        "each" => one(Target::Each),
        "path" => one(Target::Path),
        "terraform" => one(Target::Terraform),
        "self" => Ok(Reference { target: Target::This, used: 0 }),
        "module" => module(steps, span),
        "data" => resource(Mode::Data, steps.first(), steps.get(1), 2, span, "data"),
        "resource" => resource(Mode::Managed, steps.first(), steps.get(1), 2, span, "resource"),
        "ephemeral" => resource(Mode::Ephemeral, steps.first(), steps.get(1), 2, span, "ephemeral"),
        "template" | "lazy" | "arg" => {
            let detail = format!(
                "The word \"{root}\" is reserved. To refer to a resource type of this name, write resource.{root}."
            );
            Err(Diagnostic::error("Reserved symbol name", detail).at(traversal.root_span(span)))
        }
        _ => {
            if let Some(name) = first {
                let name = ResourceName { mode: Mode::Managed, type_name: root.clone(), name: name.clone() };
                Ok(Reference { target: Target::Resource(name), used: 1 })
            } else {
                let detail = format!(
                    "A reference to a resource consists of its type and its name, such as {root}.name. For a text write \"{root}\", in quotes."
                );
                Err(invalid(span, detail))
            }
        }
    }
}

fn resource(
    mode: Mode,
    ty: Option<&Step>,
    name: Option<&Step>,
    used: usize,
    span: Span,
    word: &str,
) -> Result<Reference, Diagnostic> {
    let (Some(ty), Some(name)) = (attr(ty), attr(name)) else {
        let detail = format!(
            "The word \"{word}\" must be followed by two names: the type and the name, such as {word}.aws_region.here."
        );
        return Err(invalid(span, detail));
    };
    let name = ResourceName { mode, type_name: ty.clone(), name: name.clone() };
    Ok(Reference { target: Target::Resource(name), used })
}

fn module(steps: &[Step], span: Span) -> Result<Reference, Diagnostic> {
    let Some(name) = attr(steps.first()) else {
        return Err(invalid(
            span,
            "The word \"module\" must be followed by the name of a module call, such as module.network.",
        ));
    };
    if let Some(output) = attr(steps.get(1)) {
        return Ok(Reference { target: Target::ModuleOutput(name.clone(), None, output.clone()), used: 2 });
    }
    if let (Some(key), Some(output)) = (steps.get(1).and_then(constant_key), attr(steps.get(2))) {
        return Ok(Reference { target: Target::ModuleOutput(name.clone(), Some(key), output.clone()), used: 3 });
    }
    Ok(Reference { target: Target::Module(name.clone()), used: 1 })
}
