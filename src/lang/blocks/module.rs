//! `module` and `provider` blocks.

use std::sync::Arc;

use super::data::{provider_name, repeat};
use super::named::{check_name, depends_on};
use super::reader::{Wanted, content, text_argument};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::config::{ModuleCall, PassedProvider, ProviderBlock};
use crate::lang::syntax::tree::{Block, Expr, ExprKind, ObjectKey};

/// Arguments that every `module` block understands itself.
pub(in crate::lang) const MODULE_ARGUMENTS: [&str; 6] =
    ["source", "version", "count", "for_each", "depends_on", "providers"];

/// Reads a `module` block.
pub(super) fn module(block: &Block, report: &mut Report) -> ModuleCall {
    let label = &block.labels[0];
    check_name(&label.text, label.span, "Invalid module instance name", report);
    let wanted = Wanted { required: &["source"], optional: &MODULE_ARGUMENTS, open: true, ..Wanted::default() };
    let inside = content(&block.body, wanted, report);
    for inner in &block.body.blocks {
        let known = ["lifecycle", "connection", "provisioner", "locals", "provider"].contains(&&*inner.kind);
        report.push(if known {
            let detail = format!("Blocks of type \"{}\" have no meaning inside a module block.", inner.kind);
            Diagnostic::error("Reserved block type name in module block", detail).at(inner.kind_span)
        } else {
            let detail = format!("Blocks of type \"{}\" are not expected here.", inner.kind);
            Diagnostic::error("Unsupported block type", detail).at(inner.kind_span).within(block.header_span)
        });
    }
    let source = text_argument(inside.expr("source"), report);
    ModuleCall {
        name: label.text.clone(),
        source,
        version: text_argument(inside.expr("version"), report),
        repeat: repeat(&inside, report),
        depends_on: depends_on(&inside, report),
        providers: inside.expr("providers").map(|expr| passed(expr, report)).unwrap_or_default(),
        block: Arc::new(block.clone()),
    }
}

fn passed(expr: &Expr, report: &mut Report) -> Vec<PassedProvider> {
    let ExprKind::Object(entries) = &expr.kind else {
        report.push(
            Diagnostic::error("Invalid expression", "A map of provider configurations in braces is needed.")
                .at(expr.span),
        );
        return Vec::new();
    };
    let mut passed = Vec::new();
    for entry in entries {
        let inside = match &entry.key {
            ObjectKey::Name(name) => Some((name.text.clone(), None)),
            ObjectKey::Expr(key) | ObjectKey::Ambiguous(key) => provider_name(key, report),
        };
        if let (Some(inside), Some(outside)) = (inside, provider_name(&entry.value, report)) {
            passed.push(PassedProvider { inside, outside, span: entry.value.span });
        }
    }
    passed
}

/// Reads a `provider` block.
pub(super) fn provider(block: &Block, report: &mut Report) -> ProviderBlock {
    let label = &block.labels[0];
    check_name(&label.text, label.span, "Invalid provider name", report);
    let alias = text_argument(block.body.attribute("alias").map(|attribute| &attribute.expr), report);
    if let (Some(alias), Some(attribute)) = (&alias, block.body.attribute("alias")) {
        check_name(alias, attribute.expr.span, "Invalid provider configuration alias", report);
    }
    ProviderBlock { name: label.text.clone(), alias, block: Arc::new(block.clone()) }
}
