//! `[*]` and `.*`: the same steps done in each element.

use super::{Eval, Frames};
use crate::diagnostic::Span;
use crate::lang::operators;
use crate::lang::syntax::tree::Step;
use crate::value::Value;

impl Eval<'_> {
    /// The steps done in each element. What is no sequence counts as a sequence of itself, null as an empty one.
    pub(super) fn splat(&self, source: &Value, steps: &[Step], frames: Frames<'_>, from: Span, span: Span) -> Value {
        let result: Result<Value, operators::Problem> =
            operators::splat(source, |element| Ok(self.steps(element.clone(), steps, frames, from.to(span))));
        result.unwrap_or_else(|problem| self.problem(problem, from, from.to(span)))
    }
}
