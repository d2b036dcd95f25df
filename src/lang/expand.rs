//! `count` and `for_each`: how many instances there are.

use std::sync::Arc;

use super::config::Repeat;
use super::expr::{Cause, Eval, Scope, explained};
use super::store::{Repeated, Repetition};
use super::syntax::tree::Expr;
use crate::address::Key;
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::convert;
use crate::value::{Data, Marks, Type, Value};

/// The instances of a block.
pub(super) struct Expansion {
    /// How they are told apart.
    pub(super) repeated: Repeated,
    /// Their keys, and what `count` and `each` are.
    pub(super) instances: Vec<(Option<Key>, Arc<Repetition>)>,
    /// Where their number comes from.
    pub(super) marks: Marks,
    /// Something in it is known only after apply.
    pub(super) open: bool,
}

/// Why there are no instances.
pub(super) enum NoInstances {
    /// How many there are is known only after apply.
    Open(Report),
    /// It is a mistake.
    Wrong(Report),
}

impl From<NoInstances> for Report {
    fn from(why: NoInstances) -> Self {
        let (NoInstances::Open(report) | NoInstances::Wrong(report)) = why;
        report
    }
}

impl From<Report> for NoInstances {
    fn from(report: Report) -> Self {
        Self::Wrong(report)
    }
}

impl From<Diagnostic> for NoInstances {
    fn from(problem: Diagnostic) -> Self {
        Self::Wrong(problem.into())
    }
}

/// Most instances of one block; more is surely a slip.
const MOST: i64 = 1_000_000;

/// The instances that `count` or `for_each` asks for. With `checks_only` what is not known is accepted.
pub(super) fn expand(repeat: &Repeat, scope: &dyn Scope, checks_only: bool) -> Result<Expansion, NoInstances> {
    let once = |repeated, repetition| Expansion {
        repeated,
        instances: vec![(None, repetition)],
        marks: Marks::default(),
        open: false,
    };
    match repeat {
        Repeat::Once => Ok(once(Repeated::Once, Repetition::none())),
        Repeat::Count(expr) => match count(expr, scope, checks_only)? {
            (Some(number), marks) if !checks_only => {
                let index = |at| Arc::new(Repetition { index: Some(Value::from(at)), ..Repetition::default() });
                let instances = (0..number).map(|at| (Some(Key::Int(at)), index(at))).collect();
                Ok(Expansion { repeated: Repeated::Count, instances, marks, open: false })
            }
            _ => {
                let index = Some(Value::unknown_not_null(Type::Number));
                Ok(once(Repeated::Open, Arc::new(Repetition { index, ..Repetition::default() })))
            }
        },
        Repeat::ForEach(expr) => match for_each(expr, scope, checks_only)? {
            Some(value) if !checks_only => Ok(instances(&value)),
            _ => {
                let (key, value) = (Value::unknown_not_null(Type::String), Value::unknown(Type::Any));
                Ok(once(Repeated::Open, Arc::new(Repetition { key: Some(key), value: Some(value), index: None })))
            }
        },
    }
}

fn wrong_count(detail: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::error("Invalid count argument", detail).at(span)
}

fn count(expr: &Expr, scope: &dyn Scope, checks_only: bool) -> Result<(Option<i64>, Marks), NoInstances> {
    let value = Eval::new(scope).finish_with(expr)?;
    let wrong_count = |detail: &str, cause: Cause| explained(wrong_count(detail, expr.span), expr, scope, cause);
    let wrong = |detail: &str| wrong_count(detail, Cause::Content).into();
    let marks = value.marks.clone();
    if marks.is_ephemeral() {
        let detail = "count cannot come from an ephemeral value, since the number of instances is kept in the state.";
        return Err(wrong_count(detail, Cause::Ephemeral).into());
    }
    if value.is_null() {
        return Err(wrong("count is null, but it must be a whole number."));
    }
    let number = convert::convert(&value, &Type::Number).map_err(|why| {
        let detail = format!("count must be a whole number: {why}.");
        let problem = Diagnostic::error("Incorrect value type", detail).at(expr.span);
        explained(problem, expr, scope, Cause::Content)
    })?;
    let Some(number) = number.as_number() else {
        if checks_only {
            return Ok((None, marks));
        }
        let detail = "count depends on values that are known only after apply, so that it cannot be told how many instances \
                      there will be. Use a value from the stack files, or first apply what it depends on with -target.";
        return Err(NoInstances::Open(wrong_count(detail, Cause::Unknown).into()));
    };
    match number.to_i64() {
        Some(number) if (0..=MOST).contains(&number) => Ok((Some(number), marks.without_sensitive())),
        Some(number) if number < 0 => Err(wrong(&format!("count is {number}, but it must not be negative."))),
        Some(number) => Err(wrong(&format!("count is {number}, which is more than {MOST}."))),
        None => Err(wrong(&format!("count must be a whole number, but it is {number}."))),
    }
}

fn wrong_for_each(detail: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::error("Invalid for_each argument", detail).at(span)
}

const UNKNOWN: &str = "for_each depends on values that are known only after apply, so that it cannot be told which instances \
                       there will be. Use a map whose keys stand in the stack files and whose values may come from other \
                       resources, or first apply what it depends on with -target.";

fn for_each(expr: &Expr, scope: &dyn Scope, checks_only: bool) -> Result<Option<Value>, NoInstances> {
    let value = Eval::new(scope).finish_with(expr)?;
    let span = expr.span;
    let wrong_for_each = |detail: &str, cause: Cause| explained(wrong_for_each(detail, span), expr, scope, cause);
    let wrong_set = |detail: String| {
        explained(Diagnostic::error("Invalid for_each set argument", detail).at(span), expr, scope, Cause::Content)
    };
    if value.marks.is_sensitive() {
        let detail = "for_each cannot come from a sensitive value, since its keys become part of the addresses that are shown. \
                      If the keys are no secret, use nonsensitive().";
        return Err(wrong_for_each(detail, Cause::Sensitive).into());
    }
    if value.marks.is_ephemeral() {
        let detail = "for_each cannot come from an ephemeral value, since its keys are kept in the state.";
        return Err(wrong_for_each(detail, Cause::Ephemeral).into());
    }
    if value.is_null() {
        let detail = "for_each is null, but it must be a map or a set of texts.";
        return Err(wrong_for_each(detail, Cause::Content).into());
    }
    let ty = value.ty();
    match &ty {
        Type::Map(_) | Type::Object(_) => {}
        Type::Any if !value.is_known() => {}
        Type::Set(_) if !value.is_wholly_known() => {}
        Type::Set(element) => {
            if !matches!(**element, Type::String | Type::Any) {
                let detail =
                    format!("A set for for_each must hold texts, but this one holds values of type {element}.");
                return Err(wrong_set(detail).into());
            }
        }
        _ => {
            let hint = match ty {
                Type::Tuple(_) | Type::List(_) => " Convert a list with toset().",
                _ => "",
            };
            let detail =
                format!("for_each must be a map or a set of texts, but this is {}.{hint}", super::expr::kind(&value));
            return Err(wrong_for_each(&detail, Cause::Content).into());
        }
    }
    let elements = value.elements().unwrap_or_default();
    let is_open = matches!(ty, Type::Set(_)) && !value.is_wholly_known();
    if is_open || !value.is_known() || elements.iter().any(|element| !element.is_known()) {
        let open = || NoInstances::Open(wrong_for_each(UNKNOWN, Cause::Unknown).into());
        return if checks_only { Ok(None) } else { Err(open()) };
    }
    if elements.iter().any(Value::is_null) {
        return Err(wrong_set("A set for for_each must not hold null.".to_owned()).into());
    }
    Ok(Some(value))
}

fn instances(value: &Value) -> Expansion {
    let each = |key: &Arc<str>, element: &Value| {
        let key_value = Value::string(key).with_marks(&value.marks);
        let element = element.clone().with_marks(&value.marks);
        (Some(Key::Str(key.clone())), Arc::new(Repetition { index: None, key: Some(key_value), value: Some(element) }))
    };
    let instances = match &value.data {
        Data::Map(_, entries) | Data::Object(entries) => {
            entries.iter().map(|(key, element)| each(key, element)).collect()
        }
        Data::Set(_, elements) => {
            elements.iter().filter_map(|element| element.as_str().map(|key| each(&key.into(), element))).collect()
        }
        _ => Vec::new(),
    };
    Expansion { repeated: Repeated::ForEach, instances, marks: value.marks.clone(), open: !value.is_wholly_known() }
}
