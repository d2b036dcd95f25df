//! `[*]` and `.*`: the same steps done in each element.

use super::{Eval, Frames};
use crate::diagnostic::{Diagnostic, Span};
use crate::lang::syntax::tree::Step;
use crate::value::{Data, Type, Unknown, Value};

impl Eval<'_> {
    /// The steps done in each element. What is no sequence counts as a sequence of itself, null as an empty one.
    pub(super) fn splat(&self, source: Value, steps: &[Step], frames: Frames<'_>, from: Span, span: Span) -> Value {
        let marks = source.marks.clone();
        let ty = source.ty();
        let is_sequence = matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_));
        if source.is_null() {
            if is_sequence {
                return self.fail(
                    Diagnostic::error(
                        "Splat of null value",
                        "A splat (with the * symbol) walks over a sequence, but this one is null.",
                    )
                    .at(from)
                    .within(from.to(span)),
                );
            }
            return Value::tuple(Vec::new()).with_marks(&marks);
        }
        if ty == Type::Any {
            return Value::unknown(Type::Any).with_marks(&marks);
        }
        let each = |element: Value| self.steps(element, steps, frames, from.to(span));
        if !is_sequence {
            let known = source.is_known();
            let result = Value::tuple(vec![each(source)]);
            return if known { result } else { Value::unknown(Type::Any).with_marks(&marks) };
        }
        match &source.data {
            Data::Unknown(unknown) => self.splat_unknown(unknown, &each).with_marks(&marks),
            Data::List(element, elements) | Data::Set(element, elements) => {
                let results: Vec<_> = elements.iter().cloned().map(each).collect();
                let ty = match results.first() {
                    Some(first) => first.ty(),
                    None => self.apart_type(element, steps, frames, from),
                };
                let mixed = results.iter().any(|result| result.ty() != ty);
                if mixed { Value::tuple(results) } else { Value::list(ty, results) }.with_marks(&marks)
            }
            _ => {
                let elements = source.elements().unwrap_or_default();
                Value::tuple(elements.iter().cloned().map(each).collect()).with_marks(&marks)
            }
        }
    }

    /// The type that the steps lead to in an element of this type.
    fn apart_type(&self, element: &Type, steps: &[Step], frames: Frames<'_>, from: Span) -> Type {
        self.apart().steps(Value::unknown(element.clone()), steps, frames, from).ty()
    }

    fn splat_unknown(&self, source: &Unknown, each: &dyn Fn(Value) -> Value) -> Value {
        match &source.ty {
            Type::List(element) | Type::Set(element) => {
                let ty = each(Value::unknown((**element).clone())).ty();
                let unknown = Unknown { not_null: true, length: source.length, ..Unknown::of(Type::list(ty)) };
                Data::Unknown(unknown).into()
            }
            Type::Tuple(elements) => {
                Value::tuple(elements.iter().map(|element| each(Value::unknown(element.clone()))).collect())
            }
            _ => Value::unknown(Type::Any),
        }
    }
}
