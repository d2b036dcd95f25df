//! Strings with interpolations and directives.

use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;

use super::{Eval, Frames};
use crate::diagnostic::{Diagnostic, Span};
use crate::lang::convert;
use crate::lang::syntax::tree::{Expr, ExprKind, TemplatePart};
use crate::value::{Data, Marks, Type, Unknown, Value};

/// The longest prefix that is remembered of a text known only after apply, in bytes.
const LONGEST_PREFIX: usize = 128;

/// A text as it grows.
#[derive(Default)]
struct Rendered {
    text: String,
    marks: Marks,
    /// Something is known only after apply; the text so far is what it starts with.
    open: bool,
    /// There was a problem; the text so far is what stands before it.
    failed: bool,
}

impl Eval<'_> {
    /// The text of a template.
    pub(super) fn template(&self, parts: &[TemplatePart], frames: Frames<'_>) -> Value {
        if let [TemplatePart::Literal { text, .. }] = parts {
            return Value::string(text);
        }
        let (before, mut out) = (self.errors(), Rendered::default());
        self.render(parts, frames, before, &mut out);
        out.finish()
    }

    fn render(&self, parts: &[TemplatePart], frames: Frames<'_>, before: usize, out: &mut Rendered) {
        for part in parts {
            out.failed |= self.errors() > before;
            match part {
                TemplatePart::Literal { text, .. } => out.push(text),
                TemplatePart::Interpolation(expr) => {
                    let value = self.value(expr, frames);
                    out.failed |= self.errors() > before;
                    self.part(&value, expr.span, out);
                }
                TemplatePart::If(part) => {
                    let span = part.span;
                    let branch = |parts: &[TemplatePart]| Expr { kind: ExprKind::Template(parts.to_vec()), span };
                    let value = self.conditional(&part.condition, &branch(&part.yes), &branch(&part.no), frames, span);
                    self.part(&value, span, out);
                }
                TemplatePart::For(part) => {
                    let value = self.for_text(part, frames);
                    self.part(&value, part.span, out);
                }
            }
        }
    }

    /// Adds the value of an interpolation.
    fn part(&self, value: &Value, span: Span, out: &mut Rendered) {
        out.marks = out.marks.union(&value.marks);
        if value.is_null() {
            self.push(
                Diagnostic::error(
                    "Invalid template interpolation value",
                    "The expression result is null. Null has no text: give it another value with coalesce() or a condition.",
                )
                .at(span),
            );
            return;
        }
        // Not even the type counts of what is unknown: what is wrong with it shows when it is known.
        if let Data::Unknown(unknown) = &value.data {
            if let (false, Some(prefix)) = (out.open, &unknown.prefix) {
                out.text.push_str(prefix);
            }
            out.open = true;
            return;
        }
        if let Ok(text) = convert::convert(&value.unmarked(), &Type::String) {
            out.push(text.as_str().unwrap_or_default());
            return;
        }
        let detail = format!(
            "Cannot include the given value in a string: text is needed, but this is {}.",
            super::operator::kind(value)
        );
        self.push(Diagnostic::error("Invalid template interpolation value", detail).at(span));
    }
}

impl Rendered {
    fn push(&mut self, text: &str) {
        if !self.open && !self.failed {
            self.text.push_str(text);
        }
    }

    fn finish(self) -> Value {
        if !self.open {
            return Value::string(self.text).with_marks(&self.marks);
        }
        let unknown = Unknown { not_null: true, prefix: safe_prefix(&self.text), ..Unknown::of(Type::String) };
        Value::from(unknown).with_marks(&self.marks)
    }
}

/// What surely stays the start when more text follows: the last character may yet combine with it.
fn safe_prefix(text: &str) -> Option<Arc<str>> {
    let mut end = text.len().min(LONGEST_PREFIX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let last = text.graphemes(true).next_back()?;
    // Of the plain characters these four make others with a combining one that follows.
    let stays = |byte: u8| matches!(byte, b' ' | b'\t') || byte.is_ascii_punctuation() && !b"<=>`".contains(&byte);
    let keep = if matches!(last.as_bytes(), [byte] if stays(*byte)) { text } else { &text[..text.len() - last.len()] };
    (!keep.is_empty()).then(|| keep.into())
}
