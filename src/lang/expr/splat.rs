//! `[*]` and `.*`: the same steps done in each element.

use super::Eval;
use crate::diagnostic::Span;
use crate::lang::operators;
use crate::value::Value;

impl Eval<'_> {
    /// What is done to each element. What is no sequence counts as a sequence of itself, null as an empty one.
    pub(super) fn splat(&self, source: &Value, each: &dyn Fn(&Value) -> Value, from: Span, span: Span) -> Value {
        let before = self.errors();
        let result: Result<Value, operators::Problem> = operators::splat(source, |element| Ok(each(element)));
        let result = result.unwrap_or_else(|problem| self.problem(problem, from, from.to(span)));
        // Where an element has a problem, nothing but the type counts.
        if self.errors() > before { Value::unknown(result.ty()).with_marks(&result.marks) } else { result }
    }
}
