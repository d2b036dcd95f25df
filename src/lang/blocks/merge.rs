//! Override files: their blocks are laid over the blocks of the same name, argument by argument.

use crate::diagnostic::{Diagnostic, Report};
use crate::lang::syntax::tree::{Block, Body, Expr, ExprKind};

/// Lays `over` over `base`: arguments replace arguments of the same name, blocks replace all blocks of their kind.
pub(super) fn lay_over(base: &mut Block, over: &Block, report: &mut Report) {
    let names_any = |expr: &Expr| !matches!(&expr.kind, ExprKind::Tuple(elements) if elements.is_empty());
    if let Some(depends_on) = over.body.attribute("depends_on").filter(|depends_on| names_any(&depends_on.expr)) {
        let detail = "depends_on cannot be changed by an override file. Change the original block.";
        report.push(Diagnostic::error("Unsupported override", detail).at(depends_on.name_span));
    }
    if let Some(validation) =
        over.body.blocks.iter().find(|inner| &*inner.kind == "validation" && &*base.kind == "variable")
    {
        let detail = "Validation rules cannot be changed by an override file. Change the original variable block.";
        report.push(Diagnostic::error("Can't override validation blocks", detail).at(validation.kind_span));
        return;
    }
    let mut over = over.body.clone();
    for lifecycle in over.blocks.iter_mut().filter(|inner| &*inner.kind == "lifecycle") {
        lifecycle.body.blocks.retain(|condition| !is_condition(condition, report));
    }
    if &*base.kind == "output" {
        over.blocks.retain(|condition| !is_condition(condition, report));
    }
    lay_body_over(&mut base.body, &over);
}

/// Conditions stay as they are written first; it is a mistake to give others.
fn is_condition(block: &Block, report: &mut Report) -> bool {
    let is_condition = ["precondition", "postcondition"].contains(&&*block.kind);
    if is_condition {
        let detail = "Conditions cannot be changed by an override file. Change the original block.";
        report.push(Diagnostic::error(format!("Can't override {} blocks", block.kind), detail).at(block.kind_span));
    }
    is_condition
}

fn lay_body_over(base: &mut Body, over: &Body) {
    // Of two ways of saying how many instances there are `count` wins, wherever it stands: Terraform looks at it first.
    let counts = base.attribute("count").is_some() || over.attribute("count").is_some();
    if counts && over.attribute("count").is_some() {
        base.attributes.retain(|attribute| &*attribute.name != "for_each");
    }
    if over.is_json {
        // Only the type tells whether these are arguments or blocks: they take the place of both.
        base.is_json = true;
        base.blocks.retain(|block| over.attribute(&block.kind).is_none());
    }
    let is_kept = |name: &str| !(name == "depends_on" || counts && name == "for_each");
    for attribute in over.attributes.iter().filter(|attribute| is_kept(&attribute.name)) {
        match base.attributes.iter_mut().find(|old| old.name == attribute.name) {
            Some(old) => *old = attribute.clone(),
            None => base.attributes.push(attribute.clone()),
        }
    }
    for block in over.blocks.iter().filter(|block| &*block.kind == "lifecycle") {
        match base.blocks.iter_mut().find(|old| &*old.kind == "lifecycle") {
            Some(old) => lay_body_over(&mut old.body, &block.body),
            None => base.blocks.push(block.clone()),
        }
    }
    let kind = |block: &Block| match block.labels.first() {
        Some(label) if &*block.kind == "dynamic" => label.text.clone(),
        _ => block.kind.clone(),
    };
    let replaced: Vec<_> = over.blocks.iter().filter(|block| &*block.kind != "lifecycle").map(kind).collect();
    base.blocks.retain(|block| !replaced.contains(&kind(block)));
    if base.is_json {
        base.attributes.retain(|attribute| !replaced.contains(&attribute.name));
    }
    base.blocks.extend(over.blocks.iter().filter(|block| &*block.kind != "lifecycle").cloned());
}

/// The words for an override of something that is not there.
pub(super) fn missing_base(block: &Block) -> Diagnostic {
    let summary = match &*block.kind {
        "variable" => "Missing base variable declaration to override",
        "output" => "Missing base output definition to override",
        "module" => "Missing module call to override",
        "provider" => "Missing base provider configuration for override",
        "data" => "Missing data resource to override",
        _ => "Missing resource to override",
    };
    Diagnostic::error(summary, format!("There is no {} block of this name that could be overridden.", block.kind))
        .at(block.header_span)
}
