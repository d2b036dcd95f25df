//! Operators, conditions, and steps into values.

use super::{Eval, Frames};
use crate::diagnostic::{Diagnostic, Span};
use crate::lang::convert::friendly;
use crate::lang::operators::{self, Problem, Side};
use crate::lang::syntax::tree::{Binary, BinaryOp, Expr, UnaryOp};
use crate::value::{Data, Type, Value};

/// What a value is, in a sentence: "a number", "null".
pub(in crate::lang) fn kind(value: &Value) -> String {
    if value.is_null() {
        return "null".into();
    }
    match value.ty() {
        Type::Any => "a value of any type".into(),
        Type::Object(_) => "an object".into(),
        ty => format!("a {}", friendly(&ty)),
    }
}

impl Eval<'_> {
    /// Reports what an operation found wrong.
    pub(super) fn problem(&self, problem: Problem, subject: Span, context: Span) -> Value {
        self.push(Diagnostic::error(problem.summary, problem.detail).at(subject).within(context));
        Value::unknown(problem.ty)
    }

    /// Operators of one precedence, worked off from the left.
    pub(super) fn binary(&self, binary: &Binary, frames: Frames<'_>) -> Value {
        let before = self.errors();
        let mut left = self.value(&binary.first, frames);
        let mut span = binary.first.span;
        for operation in &binary.rest {
            let right = self.value(&operation.operand, frames);
            let sides = (span, operation.operand.span);
            left = self.operation(operation.op, &left, &right, sides, self.errors() > before);
            span = span.to(operation.operand.span);
        }
        left
    }

    /// One operation; `spoilt` when its operands had problems, which are enough then.
    fn operation(&self, op: BinaryOp, left: &Value, right: &Value, sides: (Span, Span), spoilt: bool) -> Value {
        let whole = sides.0.to(sides.1);
        let tell = |problem: Problem| {
            let subject = match problem.side {
                Some(Side::Left) => sides.0,
                Some(Side::Right) => sides.1,
                _ => whole,
            };
            self.problem(problem, subject, whole)
        };
        if spoilt {
            let (misfits, ty) = (operators::misfits(op, left, right), operators::result_type(op));
            misfits.into_iter().for_each(|problem| drop(tell(problem)));
            return Value::unknown(ty).with_marks(&left.marks.union(&right.marks));
        }
        operators::binary(op, left, right).unwrap_or_else(|problem| {
            let misfits = operators::misfits(op, left, right);
            if misfits.is_empty() {
                return tell(problem);
            }
            misfits.into_iter().map(tell).last().unwrap_or_else(|| Value::unknown(Type::Any))
        })
    }

    /// `-a` or `!a`.
    pub(super) fn unary(&self, op: UnaryOp, op_span: Span, operand: &Expr, frames: Frames<'_>) -> Value {
        let value = self.value(operand, frames);
        operators::unary(op, &value)
            .unwrap_or_else(|problem| self.problem(problem, operand.span, op_span.to(operand.span)))
    }

    /// `condition ? yes : no`. Problems of a branch count only when it is taken: not while the condition is unknown, nor
    /// beside a problem of the conditional itself.
    pub(super) fn conditional(&self, condition: &Expr, yes: &Expr, no: &Expr, frames: Frames<'_>, span: Span) -> Value {
        let (yes_eval, no_eval, condition_eval) = (self.apart(), self.apart(), self.apart());
        let (yes_value, no_value) = (yes_eval.value(yes, frames), no_eval.value(no, frames));
        let value = condition_eval.value(condition, frames);
        let result = operators::conditional(&value, &yes_value, &no_value);
        let is_unfit = matches!(&result, Err(problem) if problem.side.is_none());
        if !is_unfit {
            self.extend(condition_eval.into_own_report());
            match crate::lang::convert::to_bool_value(&value).ok().and_then(|value| value.as_bool()) {
                Some(true) => self.extend(yes_eval.into_own_report()),
                Some(false) => self.extend(no_eval.into_own_report()),
                None => {}
            }
        }
        result.unwrap_or_else(|problem| {
            let subject = match problem.side {
                Some(Side::Condition) => condition.span,
                Some(Side::Left) => yes.span,
                Some(Side::Right) => no.span,
                None => yes.span.to(no.span),
            };
            self.problem(problem, subject, span)
        })
    }

    /// `value.name`
    pub(super) fn attribute(&self, value: &Value, name: &str, from: Span, step: Span) -> Value {
        // The usual case, without working out the type of the whole object.
        if let Some(found) = value.get(name).filter(|_| matches!(value.data, Data::Object(_))) {
            return found.clone().with_marks(&value.marks);
        }
        operators::attribute(value, name).unwrap_or_else(|mut problem| {
            problem.detail.push_str(&self.meant(value, name));
            self.problem(problem, step, from.to(step))
        })
    }

    /// `value[key]`
    pub(super) fn index(&self, value: &Value, key: &Value, from: Span, step: Span) -> Value {
        // The usual case, without working out the type of the whole sequence: that would make a walk over the
        // instances of a resource quadratic.
        if let (Data::Tuple(elements), Data::Number(_), Some(at)) = (&value.data, &key.data, key.as_i64())
            && let Some(element) = usize::try_from(at).ok().and_then(|at| elements.get(at))
        {
            return element.clone().with_marks(&value.marks.union(&key.marks));
        }
        operators::index(value, key).unwrap_or_else(|mut problem| {
            let name = key.as_str().filter(|_| !key.marks.is_sensitive());
            problem.detail.push_str(&name.map(|name| self.meant(value, name)).unwrap_or_default());
            self.problem(problem, step, from.to(step))
        })
    }
}
