//! How large a value may grow.
//!
//! A few lines can ask for more than any machine holds: every local value twice the one before, loops in loops. Such
//! an expression is an error that points at it, before memory runs out.

use super::Eval;
use crate::diagnostic::{Diagnostic, Span};
use crate::value::{Data, Value};

/// The most parts of a value, and of all that loops make within one expression. Every value inside is a part, and so
/// are 16 bytes of text.
const MOST: usize = 1 << 22;
/// After so many problems loops end.
const PLENTY: usize = 1000;
/// Bytes of text that count as a part.
const TEXT: usize = 16;

/// Parts of a value; counting stops a little beyond `most`.
fn parts(value: &Value, most: usize) -> usize {
    let own = match &value.data {
        Data::String(text) => 1 + text.len() / TEXT,
        _ => 1,
    };
    let mut all = own;
    for child in value.children() {
        if all > most {
            break;
        }
        all += parts(child, most - all.min(most));
    }
    all
}

/// The error of a value that has too many parts.
pub(super) fn check(value: &Value, span: Span) -> Result<(), Diagnostic> {
    if parts(value, MOST) > MOST { Err(too_large(span)) } else { Ok(()) }
}

fn too_large(span: Span) -> Diagnostic {
    let detail = format!(
        "The value has more than {MOST} parts, counting every value inside it and every {TEXT} bytes of text. Loops in \
         loops, and values that hold the one before several times, grow that large in a few steps."
    );
    Diagnostic::error("Value too large", detail).at(span)
}

impl Eval<'_> {
    /// Counts what a loop adds; once it is too much there is an error.
    pub(super) fn spend(&self, value: &Value, span: Span) {
        let before = self.spent.get();
        if before > MOST {
            return;
        }
        self.spent.set(before + parts(value, MOST));
        if self.is_spent() {
            self.push(too_large(span));
        }
    }

    /// Whether loops have made so much that nothing more is worth making.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.get() > MOST
    }

    /// Whether a loop need not go on: what it makes is too large, or so many problems were found that more would tell
    /// nobody anything.
    pub(super) fn is_enough(&self) -> bool {
        self.is_spent() || self.report.borrow().0.len() >= PLENTY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_up_to_a_limit() {
        let inner = Value::tuple(vec![Value::from(1), "x".repeat(40).into()]);
        assert_eq!(parts(&inner, 100), 1 + 1 + 3);
        let outer = Value::tuple(vec![inner; 1000]);
        assert_eq!(parts(&outer, 1 << 20), 5001);
        assert!((100..110).contains(&parts(&outer, 100)));
    }
}
