//! What operators, conditionals, indexes, attributes and splats do to values.
//!
//! Marks travel into every result. What is unknown stays so, except where what is known about it decides.

mod access;
mod equality;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::lang::convert::{convert, friendly, length_range, refined, unify};
use crate::lang::syntax::tree::{BinaryOp, UnaryOp};
use crate::value::{Data, Marks, Number, Range, Type, Unknown, Value};

pub use access::{attribute, index, splat};
pub use equality::{equal, excludes};

/// Why an operation failed: a fixed phrase and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Fixed phrase.
    pub summary: &'static str,
    /// A sentence or two.
    pub detail: String,
    /// Which operand it is about, if it is one.
    pub side: Option<Side>,
    /// What the result would have been.
    pub ty: Type,
}

/// An operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one before the operator, the result of a true condition, or the only one.
    Left,
    /// The one after the operator, or the result of a false condition.
    Right,
    /// The condition of a conditional.
    Condition,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.summary, self.detail)
    }
}

impl std::error::Error for Problem {}

fn problem(summary: &'static str, detail: impl Into<String>) -> Problem {
    Problem { summary, detail: detail.into(), side: None, ty: Type::Any }
}

fn failed(reason: &str) -> Problem {
    problem("Operation failed", format!("Error during operation: {reason}."))
}

/// What an operator wants on both sides.
fn operands(op: BinaryOp) -> Type {
    match op {
        BinaryOp::Equal | BinaryOp::NotEqual => Type::Any,
        BinaryOp::Or | BinaryOp::And => Type::Bool,
        _ => Type::Number,
    }
}

/// What an operator gives.
pub fn result_type(op: BinaryOp) -> Type {
    match op {
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => Type::Number,
        _ => Type::Bool,
    }
}

/// Which operands an operator cannot work with.
pub fn misfits(op: BinaryOp, a: &Value, b: &Value) -> Vec<Problem> {
    let wanted = operands(op);
    let sides = [(a, Side::Left), (b, Side::Right)];
    let problems = sides.into_iter().filter_map(|(value, side)| operand(value, &wanted, Some(side)).err());
    problems.map(|problem| Problem { ty: result_type(op), ..problem }).collect()
}

/// The result of `a OP b`.
pub fn binary(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, Problem> {
    calculate(op, a, b).map_err(|problem| Problem { ty: result_type(op), ..problem })
}

fn calculate(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, Problem> {
    let marks = a.marks.union(&b.marks);
    if matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) {
        let result = equal(a, b);
        return Ok(if op == BinaryOp::NotEqual { not(&result) } else { result });
    }
    let wanted = operands(op);
    let a = operand(a, &wanted, Some(Side::Left))?;
    let b = operand(b, &wanted, Some(Side::Right))?;
    if a.is_null() || b.is_null() {
        let side = Some(if a.is_null() { Side::Left } else { Side::Right });
        return Err(Problem { side, ..failed("argument must not be null") });
    }
    let result = match op {
        BinaryOp::Or | BinaryOp::And => match (a.as_bool(), b.as_bool()) {
            (Some(a), Some(b)) => Value::from(if op == BinaryOp::Or { a || b } else { a && b }),
            _ => Value::unknown_not_null(Type::Bool),
        },
        BinaryOp::Less => less(&a, &b),
        BinaryOp::Greater => less(&b, &a),
        BinaryOp::LessOrEqual => or(&less(&a, &b), &equal(&a, &b)),
        BinaryOp::GreaterOrEqual => or(&less(&b, &a), &equal(&a, &b)),
        _ => match (a.as_number(), b.as_number()) {
            (Some(a), Some(b)) => arithmetic(op, a, b)?.into(),
            _ => Value::unknown_not_null(Type::Number),
        },
    };
    Ok(result.with_marks(&marks))
}

/// The result of `-a` or `!a`.
pub fn unary(op: UnaryOp, a: &Value) -> Result<Value, Problem> {
    let wanted = match op {
        UnaryOp::Negate => Type::Number,
        UnaryOp::Not => Type::Bool,
    };
    let spoilt = |problem| Problem { ty: wanted.clone(), ..problem };
    let a = operand(a, &wanted, None).map_err(spoilt)?;
    if a.is_null() {
        return Err(spoilt(Problem { side: Some(Side::Left), ..failed("argument must not be null") }));
    }
    Ok(match &a.data {
        Data::Number(number) => Value::from(number.neg()).with_marks(&a.marks),
        Data::Bool(truth) => Value::from(!truth).with_marks(&a.marks),
        _ => Value::unknown_not_null(wanted).with_marks(&a.marks),
    })
}

fn operand(value: &Value, wanted: &Type, side: Option<Side>) -> Result<Value, Problem> {
    convert(value, wanted).map_err(|error| {
        let which = match side {
            Some(Side::Left) => "left",
            Some(Side::Right) => "right",
            _ => "unary",
        };
        let detail = format!("Unsuitable value for {which} operand: {error}.");
        Problem { side: side.or(Some(Side::Left)), ..problem("Invalid operand", detail) }
    })
}

fn arithmetic(op: BinaryOp, a: &Number, b: &Number) -> Result<Number, Problem> {
    match op {
        BinaryOp::Add => a.add(b).ok_or_else(|| failed("can't compute sum of opposing infinities")),
        BinaryOp::Subtract => a.sub(b).ok_or_else(|| failed("can't subtract infinity from itself")),
        BinaryOp::Multiply => a.mul(b).ok_or_else(|| failed("can't multiply zero by infinity")),
        BinaryOp::Divide => a.div(b).ok_or_else(|| failed("can't divide zero by zero or infinity by infinity")),
        _ => a.rem(b).ok_or_else(|| failed("can't use modulo with zero and infinity")),
    }
}

/// A bound and whether it is possible itself.
type Bound = (Number, bool);

/// What is known to be the smallest and the largest number.
fn bounds(value: &Value) -> Range {
    match &value.data {
        Data::Number(number) => Range { low: Some((number.clone(), true)), high: Some((number.clone(), true)) },
        Data::Unknown(unknown) => unknown.range.as_deref().cloned().unwrap_or_default(),
        _ => Range::default(),
    }
}

fn less(a: &Value, b: &Value) -> Value {
    if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
        return Value::from(a < b);
    }
    let (a, b) = (bounds(a), bounds(b));
    match ((&a.low, &a.high), (&b.low, &b.high)) {
        ((_, Some((high, _))), (Some((low, _)), _)) if high < low => true.into(),
        ((Some((low, _)), _), (_, Some((high, _)))) if low > high => false.into(),
        _ => Value::unknown_not_null(Type::Bool),
    }
}

fn or(a: &Value, b: &Value) -> Value {
    match (a.as_bool(), b.as_bool()) {
        (Some(true), _) | (_, Some(true)) => true.into(),
        (Some(false), Some(false)) => false.into(),
        _ => Value::unknown_not_null(Type::Bool),
    }
}

fn not(value: &Value) -> Value {
    match value.data {
        Data::Bool(truth) => Value::from(!truth).with_marks(&value.marks),
        _ => value.clone(),
    }
}

/// The result of `condition ? yes : no`. Both results have been evaluated; one that failed is an unknown of any type.
pub fn conditional(condition: &Value, yes: &Value, no: &Value) -> Result<Value, Problem> {
    let is_any_null =
        |value: &Value| matches!(value.data, Data::Null(Type::Any)) && value.marks.visibility().is_empty();
    let (yes_type, no_type) = (yes.ty(), no.ty());
    let common = if is_any_null(yes) {
        no_type
    } else if is_any_null(no) {
        yes_type
    } else if yes_type == Type::Any || no_type == Type::Any {
        Type::Any
    } else {
        unify(&[yes_type.clone(), no_type.clone()]).ok_or_else(|| {
            let why = difference(&yes_type, &no_type);
            let detail = format!("The true and false result expressions must have consistent types. {why}.");
            problem("Inconsistent conditional result types", detail)
        })?
    };
    if condition.is_null() {
        let detail = "The condition value is null. Conditions must either be true or false.";
        return Err(Problem { side: Some(Side::Condition), ty: common, ..problem("Null condition", detail) });
    }
    let marks = condition.marks.union(&yes.marks).union(&no.marks);
    if !condition.is_known() {
        return Ok(either(&common, yes, no).with_marks(&marks));
    }
    let chosen = convert(condition, &Type::Bool).ok().and_then(|value| value.as_bool()).ok_or_else(|| {
        let detail = "The condition expression must be of type bool.";
        Problem { side: Some(Side::Condition), ty: common.clone(), ..problem("Incorrect condition type", detail) }
    })?;
    let (which, value, side) = if chosen { ("true", yes, Side::Left) } else { ("false", no, Side::Right) };
    let wrong = |why: &dyn fmt::Display| {
        let detail = format!("The {which} result value has the wrong type: {why}.");
        Problem { side: Some(side), ty: common.clone(), ..problem("Inconsistent conditional result types", detail) }
    };
    if let Some(kind) = uneven(value, &common) {
        return Err(wrong(&format!("element types must all match for conversion to {kind}")));
    }
    let value = convert(value, &common).map_err(|error| wrong(&error))?;
    Ok(value.with_marks(&marks))
}

/// What a tuple or an object cannot become: beside a list or map of anything it is taken for one whose elements are of one
/// type, and is not converted to that.
fn uneven(value: &Value, common: &Type) -> Option<&'static str> {
    let kind = match (&value.data, common) {
        (Data::Tuple(_), Type::List(element)) if **element == Type::Any => "list",
        (Data::Object(_), Type::Map(element)) if **element == Type::Any => "map",
        _ => return None,
    };
    let mut types = value.children().map(Value::ty).filter(|ty| *ty != Type::Any);
    let first = types.next()?;
    types.any(|ty| ty != first).then_some(kind)
}

/// What is known of a value that will be one of two.
fn either(common: &Type, yes: &Value, no: &Value) -> Value {
    if yes.is_null() && no.is_null() {
        return Value::null(common.clone());
    }
    let not_null = |value: &Value| match &value.data {
        Data::Null(_) => false,
        Data::Unknown(unknown) => unknown.not_null,
        _ => true,
    };
    let mut result = Unknown { not_null: not_null(yes) && not_null(no), ..Unknown::of(common.clone()) };
    let types = (yes.ty(), no.ty());
    match types {
        (Type::Number, Type::Number) => {
            let (a, b) = (bounds(yes), bounds(no));
            // Of two equal bounds the one that includes the number counts.
            let choose = |a: Bound, b: Bound, wanted: Ordering| match a.0.cmp(&b.0) {
                Ordering::Equal => (a.0, a.1 || b.1),
                order if order == wanted => a,
                _ => b,
            };
            let low = a.low.zip(b.low).map(|(a, b)| choose(a, b, Ordering::Less));
            let high = a.high.zip(b.high).map(|(a, b)| choose(a, b, Ordering::Greater));
            if low.is_some() || high.is_some() {
                result.range = Some(Arc::new(Range { low, high }));
            }
        }
        (a @ (Type::List(_) | Type::Set(_) | Type::Map(_)), b) if a == b => {
            let (a, b) = (length_range(yes), length_range(no));
            result.length = (a.0.min(b.0), a.1.zip(b.1).map(|(a, b)| a.max(b)));
        }
        _ => {}
    }
    refined(result)
}

/// In which way the results of a conditional differ.
fn difference(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, field) in a.iter() {
                match b.get(name) {
                    None => {
                        return format!(
                            "The 'true' value includes object attribute {name:?}, which is absent in the 'false' value"
                        );
                    }
                    Some(other) if other.ty != field.ty => {
                        let why = difference(&field.ty, &other.ty);
                        return format!("Type mismatch for object attribute {name:?}: {why}");
                    }
                    Some(_) => {}
                }
            }
            let extra = b.keys().find(|name| !a.contains_key(*name)).cloned().unwrap_or_default();
            format!("The 'false' value includes object attribute {extra:?}, which is absent in the 'true' value")
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => {
            format!("The 'true' tuple has length {}, but the 'false' tuple has length {}", a.len(), b.len())
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            let unequal = a.iter().zip(b.iter()).enumerate().find(|(_, (a, b))| a != b);
            unequal.map_or_else(String::new, |(at, (a, b))| {
                format!("Type mismatch for tuple element {at}: {}", difference(a, b))
            })
        }
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b))
            if matches!(**a, Type::Object(_) | Type::Tuple(_)) && matches!(**b, Type::Object(_) | Type::Tuple(_)) =>
        {
            format!("Mismatched element types: {}", difference(a, b))
        }
        _ => format!("The 'true' value is {}, but the 'false' value is {}", friendly(yes), friendly(no)),
    }
}

/// The origins alone: where a result depends on a value without showing anything of it.
fn origins(marks: &Marks) -> Marks {
    marks.without_sensitive().without_ephemeral()
}

#[cfg(test)]
mod tests;
