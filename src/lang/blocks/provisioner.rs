//! `provisioner` blocks and the `connection` blocks in and around them.

use std::sync::Arc;

use super::data::single;
use super::reader::{Wanted, content};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::config::Provisioner;
use crate::lang::references::body_mentions;
use crate::lang::syntax::tree::{Block, StepKind};

/// Reads a `provisioner` block; `around` is the `connection` block of the resource.
pub(super) fn provisioner(block: &Block, around: Option<&Block>, report: &mut Report) -> Provisioner {
    let on_destroy = keyword(block, "when", ["create", "destroy"], report).unwrap_or(false);
    let may_fail = keyword(block, "on_failure", ["fail", "continue"], report).unwrap_or(false);
    let kind = block.labels[0].text.clone();
    let own = own_connection(block, report);
    if on_destroy {
        destroy_references(block, report);
        around.into_iter().for_each(|connection| destroy_references(connection, report));
    }
    let connection = match (around, own) {
        (Some(around), Some(own)) => Some(laid_over(around, own)),
        (around, own) => own.or(around).cloned(),
    };
    Provisioner { kind, block: Arc::new(block.clone()), on_destroy, may_fail, connection: connection.map(Arc::new) }
}

/// Whether the argument is the second of the two words.
fn keyword(block: &Block, name: &str, words: [&str; 2], report: &mut Report) -> Option<bool> {
    let expr = &block.body.attribute(name)?.expr;
    if expr.as_text().is_some() {
        let detail = format!("\"{name}\" takes a word without quotes. Remove the quotes.");
        report.push(Diagnostic::warning("Quoted keywords are deprecated", detail).at(expr.span));
    }
    let given = expr.as_word().or(expr.as_text());
    if !words.iter().any(|word| Some(*word) == given) {
        let detail = format!("\"{name}\" is {} or {}, without quotes.", words[0], words[1]);
        report.push(Diagnostic::error(format!("Invalid \"{name}\" keyword"), detail).at(expr.span));
    }
    Some(given == Some(words[1]))
}

/// The connection of a provisioner, with what it leaves out taken from that of the resource.
fn laid_over(around: &Block, own: &Block) -> Block {
    let mut block = own.clone();
    let others = around.body.attributes.iter().filter(|attribute| own.body.attribute(&attribute.name).is_none());
    block.body.attributes.extend(others.cloned());
    block
}

/// What runs on destruction may only look at the object itself.
fn destroy_references(block: &Block, report: &mut Report) {
    for (traversal, span) in body_mentions(&block.body, &["when", "on_failure"]) {
        let first = traversal.steps.first().and_then(|step| match &step.kind {
            StepKind::Attr(name) => Some(&**name),
            _ => None,
        });
        let allowed = match &*traversal.root {
            "self" | "path" | "terraform" => true,
            "count" => first == Some("index"),
            "each" => first == Some("key"),
            _ => false,
        };
        if !allowed {
            report.push(destroy_reference(span));
        }
    }
}

fn destroy_reference(span: Span) -> Diagnostic {
    let detail = "What runs on destruction may only refer to self, count.index, each.key, path and terraform, since \
                  nothing else may exist any more at that time.";
    Diagnostic::error("Invalid reference from destroy provisioner", detail).at(span)
}

/// The `connection` block of a provisioner. Its arguments are checked when they are evaluated.
fn own_connection<'a>(block: &'a Block, report: &mut Report) -> Option<&'a Block> {
    let blocks: &[(&str, &[&str])] = &[("connection", &[]), ("lifecycle", &[])];
    let inside = content(&block.body, Wanted { blocks, open: true, ..Wanted::default() }, report);
    for reserved in inside.blocks_of("lifecycle") {
        let detail = "A provisioner has no lifecycle block. That of the resource counts for everything in it.";
        let summary = "Reserved block type name in provisioner block";
        report.push(Diagnostic::error(summary, detail).at(reserved.kind_span));
    }
    single(&inside, "connection", report)
}
