//! `module` and `provider` blocks.

use std::sync::Arc;

use super::data::{provider_name, repeat};
use super::named::{check_name, depends_on};
use super::reader::{Wanted, content, text_argument};
use super::required_providers::check_local_name;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::config::{ModuleCall, PassedProvider, ProviderBlock};
use crate::lang::syntax::tree::{Attribute, Block, Expr, ExprKind, ObjectKey};
use crate::lang::version::{Constraint, malformed};

/// Arguments that every `module` block understands itself.
pub(in crate::lang) const MODULE_ARGUMENTS: [&str; 6] =
    ["source", "version", "count", "for_each", "depends_on", "providers"];

/// Reads a `module` block.
pub(super) fn module(block: &Arc<Block>, report: &mut Report) -> ModuleCall {
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
        block: block.clone(),
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
            ObjectKey::Name(name) => {
                check_local_name(&name.text, name.span, report);
                Some((name.text.clone(), None))
            }
            ObjectKey::Expr(key) | ObjectKey::Ambiguous(key) => provider_name(key, report),
        };
        let (Some(inside), Some(outside)) = (inside, provider_name(&entry.value, report)) else { continue };
        let one = PassedProvider { inside, outside, inside_span: entry.key.span(), span: entry.value.span };
        match passed.iter().find(|other: &&PassedProvider| other.inside == one.inside) {
            Some(first) => {
                let detail = "Something was passed under this name already. Each name of the module can be given once.";
                report.push(
                    Diagnostic::error("Duplicate provider address", detail)
                        .at(one.span)
                        .note(Some(first.inside_span), "The first entry stands here."),
                );
            }
            None => passed.push(one),
        }
    }
    passed
}

/// Reads a `provider` block.
pub(super) fn provider(block: &Arc<Block>, report: &mut Report) -> ProviderBlock {
    let label = &block.labels[0];
    check_local_name(&label.text, label.span, report);
    let alias = text_argument(block.body.attribute("alias").map(|attribute| &attribute.expr), report);
    if let (Some(alias), Some(attribute)) = (&alias, block.body.attribute("alias")) {
        check_name(alias, attribute.expr.span, "Invalid provider configuration alias", report);
    }
    for attribute in &block.body.attributes {
        match &*attribute.name {
            "count" | "depends_on" | "for_each" | "source" => {
                let detail = format!("\"{}\" has no meaning in a provider block. Remove the argument.", attribute.name);
                report.push(
                    Diagnostic::error("Reserved argument name in provider block", detail).at(attribute.name_span),
                );
            }
            "version" => version(attribute, report),
            _ => {}
        }
    }
    for inner in &block.body.blocks {
        if ["lifecycle", "locals"].contains(&&*inner.kind) {
            let detail = format!("Blocks of type \"{}\" have no meaning in a provider block.", inner.kind);
            report.push(Diagnostic::error("Reserved block type name in provider block", detail).at(inner.kind_span));
        }
    }
    ProviderBlock { name: label.text.clone(), alias, block: block.clone() }
}

/// The `version` argument of a `provider` block.
fn version(attribute: &Attribute, report: &mut Report) {
    let detail =
        "Versions of providers belong into required_providers, in the terraform block. Move the constraint there.";
    let summary = "Version constraints inside provider configuration blocks are deprecated";
    report.push(Diagnostic::warning(summary, detail).at(attribute.expr.span));
    if let Some(text) = text_argument(Some(&attribute.expr), report)
        && text.parse::<Constraint>().is_err()
    {
        report.push(malformed(&text, attribute.expr.span));
    }
}
