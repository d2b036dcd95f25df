//! `check`, `moved` and `removed` blocks.

use std::sync::Arc;

use super::data::resource;
use super::endpoint::endpoint;
use super::named::{check_name, condition};
use super::provisioner::provisioner;
use super::reader::{Wanted, bool_argument, content};
use crate::address::Mode;
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::config::{CheckBlock, Endpoint, Moved, Removed, ResourceBlock};
use crate::lang::syntax::tree::Block;

/// Reads a `check` block and the data source inside it.
pub(super) fn check(block: &Block, report: &mut Report) -> (CheckBlock, Option<ResourceBlock>) {
    let label = &block.labels[0];
    check_name(&label.text, label.span, "Invalid check block name", report);
    let wanted = Wanted { blocks: &[("data", &["type", "name"]), ("assert", &[])], ..Wanted::default() };
    let inside = content(&block.body, wanted, report);
    let mut sources = inside.blocks_of("data");
    let data = sources.next().map(|block| resource(&Arc::new(block.clone()), Mode::Data, report));
    data.iter().for_each(|data| once(data, report));
    let data = data.map(|data| ResourceBlock { check: Some(label.text.clone()), ..data });
    if let Some(again) = sources.next() {
        let detail = "A check block has at most one data source.";
        report.push(Diagnostic::error("Multiple data resource blocks", detail).at(again.header_span));
    }
    let asserts: Vec<_> = inside.blocks_of("assert").filter_map(|block| condition(block, "assert", report)).collect();
    if asserts.is_empty() {
        let detail = "A check block needs at least one assert block, since it would check nothing otherwise.";
        report.push(Diagnostic::error("Zero assert blocks", detail).at(block.header_span));
    }
    let name = label.text.clone();
    let check =
        CheckBlock { name, asserts, span: block.header_span, data: data.as_ref().map(|data| data.name.clone()) };
    (check, data)
}

/// The data source of a check block is there once, and for the block alone.
fn once(data: &ResourceBlock, report: &mut Report) {
    let body = &data.block.body;
    for name in ["count", "for_each"] {
        if let Some(attribute) = body.attribute(name) {
            let detail = "The data source of a check block is read once: count and for_each are not possible there.";
            report.push(Diagnostic::error(format!("Invalid \"{name}\" attribute"), detail).at(attribute.name_span));
        }
    }
    if let Some(lifecycle) = body.blocks.iter().find(|block| &*block.kind == "lifecycle") {
        let detail = "The data source of a check block has no lifecycle block: the conditions are those of the check.";
        report.push(Diagnostic::error("Invalid lifecycle block", detail).at(lifecycle.header_span));
    }
}

/// Reads a `moved` block.
pub(super) fn moved(block: &Block, report: &mut Report) -> Option<Moved> {
    let inside = content(&block.body, Wanted { required: &["from", "to"], ..Wanted::default() }, report);
    let from = inside.expr("from").and_then(|expr| endpoint(expr, report));
    let to = inside.expr("to").and_then(|expr| endpoint(expr, report));
    let (from, to) = (from?, to?);
    if from.resource.is_some() != to.resource.is_some() {
        let detail =
            "Both addresses must name resources, or both must name modules: a resource cannot become a module.";
        report.push(Diagnostic::error("Invalid \"moved\" addresses", detail).at(block.header_span));
        return None;
    }
    Some(Moved { from, to, span: block.header_span })
}

/// Reads a `removed` block.
pub(super) fn removed(block: &Block, report: &mut Report) -> Option<Removed> {
    let wanted = Wanted {
        required: &["from"],
        blocks: &[("lifecycle", &[]), ("connection", &[]), ("provisioner", &["type"])],
        ..Wanted::default()
    };
    let inside = content(&block.body, wanted, report);
    let destroy = inside.blocks_of("lifecycle").next().and_then(|lifecycle| destroy(lifecycle, report));
    let provisioners: Vec<_> = inside
        .blocks_of("provisioner")
        .map(|block| provisioner(block, inside.blocks_of("connection").next(), report))
        .collect();
    let expr = inside.expr("from")?;
    let from = endpoint(expr, report)?;
    no_keys(&from, expr.span, report);
    for provisioner in provisioners.iter().filter(|one| !one.on_destroy || from.resource.is_none()) {
        let detail = "In a removed block a provisioner runs when the objects of a resource are destroyed: it has \
                      when = destroy, and the block names a resource.";
        report.push(Diagnostic::error("Invalid provisioner block", detail).at(provisioner.block.header_span));
    }
    let connection = inside.blocks_of("connection").next().cloned().map(Arc::new);
    Some(Removed { from, destroy: destroy.unwrap_or(true), connection, provisioners, span: block.header_span })
}

/// `destroy` of the `lifecycle` block of a `removed` block.
fn destroy(block: &Block, report: &mut Report) -> Option<bool> {
    let inside = content(&block.body, Wanted { optional: &["destroy"], ..Wanted::default() }, report);
    bool_argument(inside.expr("destroy"), report)
}

/// A removed block is about all instances.
fn no_keys(from: &Endpoint, span: Span, report: &mut Report) {
    let problem = if from.path.iter().any(|step| step.key.is_some()) {
        ("Module instance keys not allowed", "A removed block names a whole module: leave the key out.")
    } else {
        match &from.resource {
            Some((_, Some(_))) => {
                ("Resource instance keys not allowed", "A removed block names a whole resource: leave the key out.")
            }
            Some((name, _)) if name.mode == Mode::Data => (
                "Data source address not allowed",
                "A data source has no object that could be left or destroyed. Remove the block.",
            ),
            Some((name, _)) if name.mode == Mode::Ephemeral => (
                "Ephemeral resource address not allowed",
                "An ephemeral resource has no object that could be left or destroyed. Remove the block.",
            ),
            _ => return,
        }
    };
    report.push(Diagnostic::error(problem.0, problem.1).at(span));
}
