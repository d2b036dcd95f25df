//! Object constructors and `for`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Eval, Frame, Frames, operator};
use crate::diagnostic::{Diagnostic, Span};
use crate::lang::convert;
use crate::lang::references::{mentions, template_mentions};
use crate::lang::syntax::tree::{Expr, For, ForDirective, Name, ObjectEntry, ObjectKey};
use crate::value::{Data, Entries, Marks, Type, Value};

/// Elements that a `for` walks over, each with its key.
type Elements = Vec<(Value, Value)>;

/// A collection that a `for` walks over.
struct Walked {
    /// Its elements; nothing while they are not known.
    elements: Option<Elements>,
    /// Whether not even its type is known.
    is_any: bool,
    marks: Marks,
}

impl Eval<'_> {
    /// `{ key = value }`; of equal keys the last counts.
    pub(super) fn object(&self, entries: &[ObjectEntry], frames: Frames<'_>) -> Value {
        let mut object = Entries::new();
        let mut marks = Marks::default();
        let mut known = true;
        for entry in entries {
            let key = self.object_key(&entry.key, frames);
            let value = self.value(&entry.value, frames);
            let Some(key) = key else {
                known = false;
                continue;
            };
            marks = marks.union(&key.marks);
            match key.as_str() {
                Some(name) => drop(object.insert(name.into(), value)),
                None => known = false,
            }
        }
        if known {
            return Value::object(object).with_marks(&marks);
        }
        // As in Terraform, an object whose keys are not known is no secret yet.
        Value::unknown(Type::Any).with_marks(&marks.without_sensitive())
    }

    fn object_key(&self, key: &ObjectKey, frames: Frames<'_>) -> Option<Value> {
        let expr = match key {
            ObjectKey::Name(name) => return Some(Value::string(&name.text)),
            ObjectKey::Expr(expr) => expr,
            ObjectKey::Ambiguous(expr) => {
                self.push(
                    Diagnostic::error(
                        "Ambiguous attribute key",
                        "A reference as a key must stand in parentheses; a text that holds a dot must stand in quotes.",
                    )
                    .at(expr.span),
                );
                return None;
            }
        };
        let value = self.value(expr, frames);
        if value.is_null() {
            self.push(
                Diagnostic::error("Null value as key", "A key of an object is text, but this one is null.")
                    .at(expr.span),
            );
            return None;
        }
        let text = convert::convert(&value, &Type::String);
        if text.is_err() {
            let detail = format!("A key of an object is text, but this one is {}.", operator::kind(&value));
            self.push(Diagnostic::error("Incorrect key type", detail).at(expr.span));
        }
        text.ok()
    }

    /// `[for …]` and `{for …}`.
    pub(super) fn for_each(&self, each: &For, frames: Frames<'_>, span: Span) -> Value {
        let Some(Walked { elements, is_any, mut marks }) = self.walked(&each.collection, frames, span) else {
            return Value::unknown(Type::Any);
        };
        let Some(elements) = elements else {
            // The condition may be wrong whatever the elements are; of a value of any type nothing can be said.
            if !is_any && !self.condition_is_sound(each, frames) {
                return Value::unknown(Type::Any);
            }
            return Value::unknown(Type::Any).with_marks(&marks);
        };
        if !self.condition_is_sound(each, frames) {
            return Value::unknown(Type::Any);
        }
        if elements.is_empty() {
            let inside = [each.key.as_ref(), Some(&each.value)].into_iter().flatten().flat_map(mentions).collect();
            self.look_at_names(inside, [each.key_var.as_ref(), Some(&each.value_var)], frames);
        }
        let mut built = Built { known: true, ..Built::default() };
        for (key, value) in &elements {
            with_variables(
                each.key_var.as_ref(),
                &each.value_var,
                key,
                value,
                frames,
                &mut |frames| match self.wanted(each, frames, &mut marks, built.known) {
                    Some(true) => self.add(each, frames, &mut marks, &mut built),
                    Some(false) => {}
                    None => built.known = false,
                },
            );
            if self.is_enough() {
                return Value::unknown(Type::Any);
            }
        }
        built.finish(each).with_marks(&marks)
    }

    /// What a `for` walks over: nothing after a problem, no elements when it is known only after apply.
    fn walked(&self, collection: &Expr, frames: Frames<'_>, span: Span) -> Option<Walked> {
        let value = self.value(collection, frames);
        if value.is_null() {
            self.push(
                Diagnostic::error("Iteration over null value", "A null value cannot be walked over.")
                    .at(collection.span)
                    .within(span),
            );
            return None;
        }
        if let Data::Unknown(unknown) = &value.data {
            let walkable = !matches!(unknown.ty, Type::Bool | Type::Number | Type::String);
            if walkable {
                return Some(Walked { elements: None, is_any: unknown.ty == Type::Any, marks: value.marks });
            }
        }
        let Some(elements) = elements(&value) else {
            let detail = format!(
                "Only lists, sets, maps, tuples and objects can be walked over; this is {}.",
                operator::kind(&value)
            );
            self.push(Diagnostic::error("Iteration over non-iterable value", detail).at(collection.span).within(span));
            return None;
        };
        Some(Walked { elements: Some(elements), is_any: false, marks: value.marks })
    }

    /// Looks at the condition once with elements nobody knows, so that a wrong type is found in empty collections too.
    fn condition_is_sound(&self, each: &For, frames: Frames<'_>) -> bool {
        let Some(condition) = &each.condition else { return true };
        let (any, apart) = (Value::unknown(Type::Any), self.apart());
        let mut sound = true;
        with_variables(each.key_var.as_ref(), &each.value_var, &any, &any, frames, &mut |frames| {
            let value = apart.value(condition, frames);
            sound = if value.is_null() {
                let detail = "The 'if' clause is null whatever the element is; it must be true or false.";
                self.push(Diagnostic::error("Condition is null", detail).at(condition.span));
                false
            } else {
                self.truth(&value, condition).is_some()
            };
        });
        let problems = apart.into_own_report();
        let broken = problems.has_errors();
        self.extend(problems);
        sound && !broken
    }

    /// The truth of an `if` clause, as a bool that may be known only after apply; nothing after a problem.
    fn truth(&self, value: &Value, condition: &Expr) -> Option<Value> {
        let detail = if value.is_null() {
            "The 'if' clause must be true or false, not null.".to_owned()
        } else if let Ok(truth) = convert::convert(value, &Type::Bool) {
            return Some(truth);
        } else {
            format!("The 'if' clause must be true or false; this is {}.", operator::kind(value))
        };
        self.push(Diagnostic::error("Invalid 'for' condition", detail).at(condition.span));
        None
    }

    /// Whether the element is wanted; `None` when that is not known. After one condition without an answer, others are
    /// not told any more.
    fn wanted(&self, each: &For, frames: Frames<'_>, marks: &mut Marks, tell: bool) -> Option<bool> {
        let Some(condition) = &each.condition else { return Some(true) };
        let value = self.value(condition, frames);
        *marks = marks.union(&value.marks);
        let is_open = each.key.is_none() && !value.is_known();
        if is_open || !(tell || value.is_known()) {
            return None;
        }
        if tell {
            return self.truth(&value, condition)?.as_bool();
        }
        convert::to_bool_value(&value).ok()?.as_bool()
    }

    fn add(&self, each: &For, frames: Frames<'_>, marks: &mut Marks, built: &mut Built) {
        let Some(key_expr) = &each.key else {
            let value = self.value(&each.value, frames);
            self.spend(&value, each.value.span);
            built.sequence.push(value);
            return;
        };
        let key = self.value(key_expr, frames);
        *marks = marks.union(&key.marks);
        if key.is_null() {
            if built.known {
                let detail = "The key expression of a 'for' must not be null.";
                self.push(Diagnostic::error("Invalid object key", detail).at(key_expr.span));
            }
            built.known = false;
            return;
        }
        // Without a key the value has no place: nobody looks at it.
        if !key.is_known() {
            built.known = false;
            return;
        }
        let Ok(text) = convert::convert(&key, &Type::String) else {
            if built.known {
                let detail = format!("The key expression of a 'for' must be text; this is {}.", operator::kind(&key));
                self.push(Diagnostic::error("Invalid object key", detail).at(key_expr.span));
            }
            built.known = false;
            return;
        };
        let Some(name) = text.as_str() else {
            built.known = false;
            return;
        };
        let value = self.value(&each.value, frames);
        self.spend(&value, each.value.span);
        let values = built.groups.entry(name.into()).or_default();
        if !each.group && !values.is_empty() {
            let (start, more) = super::explain::start_of(name);
            let detail = format!(
                "Two different elements give the key {}{more}. Add the ellipsis (...) after the value to collect values of equal keys in a list.",
                crate::address::quote(start)
            );
            self.push(Diagnostic::error("Duplicate object key", detail).at(key_expr.span));
            return;
        }
        values.push(value);
    }

    /// `%{ for }` in a template.
    pub(super) fn for_text(&self, each: &ForDirective, frames: Frames<'_>) -> Value {
        let span = each.span;
        let Some(Walked { elements, mut marks, .. }) = self.walked(&each.collection, frames, span) else {
            return Value::unknown(Type::String);
        };
        let Some(elements) = elements else { return Value::unknown_not_null(Type::String).with_marks(&marks) };
        if elements.is_empty() {
            self.look_at_names(template_mentions(&each.body), [each.key_var.as_ref(), Some(&each.value_var)], frames);
        }
        let mut text = Some(String::new());
        for (key, value) in &elements {
            with_variables(each.key_var.as_ref(), &each.value_var, key, value, frames, &mut |frames| {
                let part = self.template(&each.body, frames);
                marks = marks.union(&part.marks);
                self.spend(&part, span);
                text = text.take().and_then(|text| part.as_str().map(|part| text + part));
            });
            if self.is_enough() {
                return Value::unknown(Type::String);
            }
        }
        text.map_or_else(|| Value::unknown_not_null(Type::String), Value::string).with_marks(&marks)
    }
}

/// Keys and values of a collection; `None` when it is none.
pub(in crate::lang) fn elements(value: &Value) -> Option<Elements> {
    let number = |at: usize| Value::from(i64::try_from(at).unwrap_or(i64::MAX));
    match &value.data {
        Data::List(_, elements) | Data::Tuple(elements) => {
            Some(elements.iter().enumerate().map(|(at, element)| (number(at), element.clone())).collect())
        }
        Data::Set(_, elements) => Some(elements.iter().map(|element| (element.clone(), element.clone())).collect()),
        Data::Map(_, entries) | Data::Object(entries) => {
            Some(entries.iter().map(|(name, element)| (Value::string(name), element.clone())).collect())
        }
        _ => None,
    }
}

/// Calls `inside` with the loop variables in reach.
fn with_variables(
    key_var: Option<&Name>,
    value_var: &Name,
    key: &Value,
    value: &Value,
    outer: Frames<'_>,
    inside: &mut dyn FnMut(Frames<'_>),
) {
    let Some(key_var) = key_var else {
        let frame = Frame { name: &value_var.text, value, outer };
        return inside(Some(&frame));
    };
    let key_frame = Frame { name: &key_var.text, value: key, outer };
    let frame = Frame { name: &value_var.text, value, outer: Some(&key_frame) };
    inside(Some(&frame));
}

/// What a `for` has built so far.
#[derive(Default)]
struct Built {
    sequence: Vec<Value>,
    groups: BTreeMap<Arc<str>, Vec<Value>>,
    known: bool,
}

impl Built {
    fn finish(self, each: &For) -> Value {
        if !self.known {
            return Value::unknown(Type::Any);
        }
        if each.key.is_none() {
            return Value::tuple(self.sequence);
        }
        let entry = |(name, mut values): (Arc<str>, Vec<Value>)| {
            let value = if each.group { Value::tuple(values) } else { values.swap_remove(0) };
            (name, value)
        };
        Value::object(self.groups.into_iter().map(entry).collect())
    }
}
