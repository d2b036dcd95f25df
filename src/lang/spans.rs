//! Where a block and each of its values stand. Looked up in the block when asked, so that an instance carries nothing.

use std::fmt;
use std::sync::Arc;

use super::path::{Path, Step};
use super::syntax::tree::{Block, Body, Expr, ExprKind, ObjectKey};
use crate::diagnostic::Span;

/// Places of a block and its values.
#[derive(Clone)]
pub struct Spans(Arc<Block>);

impl Spans {
    /// Of this block.
    pub fn new(block: Arc<Block>) -> Self {
        Self(block)
    }

    /// The whole block.
    pub fn block(&self) -> Span {
        self.0.span
    }

    /// The line that opens the block.
    pub fn header(&self) -> Span {
        self.0.header_span
    }

    /// The place of a value: its expression, or the nearest that stands around it.
    pub fn of(&self, path: &Path) -> Span {
        in_body(&self.0.body, &path.0).unwrap_or(self.0.header_span)
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spans({:?})", self.0.span)
    }
}

fn in_body(body: &Body, steps: &[Step]) -> Option<Span> {
    let (Step::Attr(name) | Step::Key(name), rest) = steps.split_first()? else { return None };
    if let Some(attribute) = body.attribute(name) {
        return Some(in_expr(&attribute.expr, rest));
    }
    let (index, rest) = match rest.split_first() {
        Some((Step::Index(index), rest)) => (*index, rest),
        _ => (0, rest),
    };
    let block = nth_block(body, name, index)?;
    let body = match &*block.kind {
        "dynamic" => block.body.blocks.iter().find(|inner| &*inner.kind == "content").map(|content| &content.body),
        _ => Some(&block.body),
    };
    body.and_then(|body| in_body(body, rest)).or(Some(block.header_span))
}

/// The block that gives the element: a `dynamic` one stands for all from its place on.
fn nth_block<'a>(body: &'a Body, name: &str, index: usize) -> Option<&'a Block> {
    let is_dynamic =
        |block: &Block| &*block.kind == "dynamic" && block.labels.first().is_some_and(|l| &*l.text == name);
    let mut blocks = body.blocks.iter().filter(|block| &*block.kind == name || is_dynamic(block));
    let mut last = None;
    for _ in 0..=index {
        match blocks.next() {
            Some(block) => last = Some(block),
            None => break,
        }
        if last.is_some_and(is_dynamic) {
            break;
        }
    }
    last
}

/// The place of a part of what is written, or the nearest that stands around it.
pub(super) fn in_expr(expr: &Expr, steps: &[Step]) -> Span {
    let inner = match (&expr.kind, steps.split_first()) {
        (ExprKind::Parens(inner), Some(_)) => Some((&**inner, steps)),
        (ExprKind::Tuple(elements), Some((Step::Index(at), rest))) => elements.get(*at).map(|element| (element, rest)),
        (ExprKind::Object(entries), Some((Step::Attr(name) | Step::Key(name), rest))) => entries
            .iter()
            .find(|entry| match &entry.key {
                ObjectKey::Name(key) => key.text == *name,
                ObjectKey::Expr(key) | ObjectKey::Ambiguous(key) => key.as_text() == Some(name),
            })
            .map(|entry| (&entry.value, rest)),
        _ => None,
    };
    inner.map_or(expr.span, |(expr, rest)| in_expr(expr, rest))
}
