//! `check`, `moved`, `removed` and `import` blocks.

use std::sync::Arc;

use super::data::resource;
use super::endpoint::endpoint;
use super::named::{check_name, condition, reference};
use super::reader::{Wanted, content};
use crate::address::Mode;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::config::{CheckBlock, Moved, ResourceBlock};
use crate::lang::syntax::tree::Block;

/// Reads a `check` block and the data source inside it.
pub(super) fn check(block: &Block, report: &mut Report) -> (CheckBlock, Option<ResourceBlock>) {
    let label = &block.labels[0];
    check_name(&label.text, label.span, "Invalid check block name", report);
    let wanted = Wanted { blocks: &[("data", &["type", "name"]), ("assert", &[])], ..Wanted::default() };
    let inside = content(&block.body, wanted, report);
    let mut sources = inside.blocks_of("data");
    let data = sources.next().map(|block| resource(block, Mode::Data, report));
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

/// Checks a `removed` block, which is kept as it is.
pub(super) fn removed(block: &Block, report: &mut Report) -> Arc<Block> {
    let wanted = Wanted {
        required: &["from"],
        blocks: &[("lifecycle", &[]), ("connection", &[]), ("provisioner", &["type"])],
        ..Wanted::default()
    };
    let inside = content(&block.body, wanted, report);
    if let Some(from) = inside.expr("from").and_then(|expr| reference(expr, report)) {
        let steps = from.as_traversal().map(|traversal| traversal.steps.as_slice()).unwrap_or_default();
        if steps.iter().any(|step| !matches!(step.kind, crate::lang::syntax::tree::StepKind::Attr(_))) {
            let detail = "A removed block names a whole resource or module, without instance keys.";
            report.push(Diagnostic::error("Resource instance keys not allowed", detail).at(from.span));
        }
    }
    Arc::new(block.clone())
}

/// Checks an `import` block, which is kept as it is.
pub(super) fn import(block: &Block, report: &mut Report) -> Arc<Block> {
    let wanted = Wanted { required: &["id", "to"], optional: &["provider", "for_each"], ..Wanted::default() };
    content(&block.body, wanted, report);
    Arc::new(block.clone())
}
