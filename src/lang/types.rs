//! Type constraints: `object({ a = optional(string, "x") })` -> a type and the defaults inside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::convert;
use super::expr::constant;
use super::syntax::tree::{Call, Expr, ExprKind, ObjectEntry, ObjectKey};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::value::{Data, Entries, Field, Type, Value};

/// Defaults of optional attributes, by where they stand in the type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// Of the attributes of this object.
    pub values: BTreeMap<Arc<str>, Value>,
    /// Of what lies inside: by attribute name of an object, by index of a tuple, under the empty name for the
    /// elements of a collection.
    pub inside: BTreeMap<Arc<str>, Self>,
}

impl Defaults {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.inside.is_empty()
    }

    /// The value with defaults in place of attributes that are null or left out. It is not converted yet.
    #[must_use]
    pub fn fill(&self, value: &Value) -> Value {
        if self.is_empty() {
            return value.clone();
        }
        let child = |name: &str| self.inside.get(name).or_else(|| self.inside.get(""));
        let filled = |name: &str, value: &Value| child(name).map_or_else(|| value.clone(), |inside| inside.fill(value));
        let data = match &value.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                let each = |(at, value): (usize, &Value)| filled(&at.to_string(), value);
                Data::Tuple(Arc::new(elements.iter().enumerate().map(each).collect()))
            }
            Data::Map(_, entries) | Data::Object(entries) => {
                let mut filled_in: Entries =
                    entries.iter().map(|(name, value)| (name.clone(), filled(name, value))).collect();
                for (name, default) in &self.values {
                    if filled_in.get(name).is_none_or(Value::is_null) {
                        filled_in.insert(name.clone(), filled(name, default));
                    }
                }
                Data::Object(Arc::new(filled_in))
            }
            _ => return value.clone(),
        };
        Value { data, marks: value.marks.clone() }
    }
}

/// Reads the `type` argument of a variable.
pub(super) fn variable_type(expr: &Expr) -> Result<(Type, Defaults), Report> {
    if let Some(text) = expr.as_text() {
        let (summary, what) = match text {
            "string" | "list" | "map" => ("Invalid quoted type constraints", text),
            _ => ("Invalid legacy variable type hint", "string"),
        };
        return Err(Diagnostic::error(summary, format!("A type is written without quotes, such as {what}."))
            .at(expr.span)
            .into());
    }
    match expr.as_word() {
        Some("list") => Ok((Type::list(Type::Any), Defaults::default())),
        Some("map") => Ok((Type::map(Type::Any), Defaults::default())),
        _ => type_constraint(expr),
    }
}

/// Reads a type constraint.
pub(super) fn type_constraint(expr: &Expr) -> Result<(Type, Defaults), Report> {
    let mut report = Report::default();
    let read = constraint(expr, &mut report);
    report.or(read)
}

fn invalid(report: &mut Report, detail: impl Into<String>, span: Span) -> (Type, Defaults) {
    report.push(Diagnostic::error("Invalid type specification", detail).at(span));
    (Type::Any, Defaults::default())
}

fn constraint(expr: &Expr, report: &mut Report) -> (Type, Defaults) {
    if let ExprKind::Call(call) = &expr.kind {
        return constructor(call, report);
    }
    let plain = |ty| (ty, Defaults::default());
    match expr.as_word() {
        Some("bool") => plain(Type::Bool),
        Some("string") => plain(Type::String),
        Some("number") => plain(Type::Number),
        Some("any") => plain(Type::Any),
        Some(word @ ("list" | "set" | "map")) => invalid(
            report,
            format!("The type {word} needs the type of its elements, such as {word}(string)."),
            expr.span,
        ),
        Some("object") => {
            invalid(report, "The type object needs its attributes, such as object({ name = string }).", expr.span)
        }
        Some("tuple") => {
            invalid(report, "The type tuple needs its elements, such as tuple([string, number]).", expr.span)
        }
        Some(word) => {
            let near = crate::diagnostic::near_miss(
                word,
                ["bool", "string", "number", "any", "list", "set", "map", "object", "tuple"],
            );
            let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
            invalid(report, format!("The word \"{word}\" is not a type.{hint}"), expr.span)
        }
        None => invalid(report, "A type is a word such as string, or a constructor such as list(string).", expr.span),
    }
}

fn constructor(call: &Call, report: &mut Report) -> (Type, Defaults) {
    let name = &*call.name;
    let known = ["list", "set", "map", "object", "tuple", "optional"];
    if !known.contains(&name) {
        let hint = match name {
            "bool" | "string" | "number" | "any" => format!("The type {name} takes no argument."),
            _ => format!("The word \"{name}\" is not a type constructor."),
        };
        return invalid(report, hint, call.name_span);
    }
    if name == "optional" {
        return invalid(report, "optional(...) can only stand at the attribute of an object type.", call.name_span);
    }
    let [argument] = call.args.as_slice() else {
        return invalid(report, format!("The type constructor {name} takes exactly one argument."), call.name_span);
    };
    match name {
        "object" => object(argument, report),
        "tuple" => tuple(argument, report),
        _ => {
            let (element, inside) = constraint(argument, report);
            let ty = match name {
                "list" => Type::list(element),
                "set" => Type::set(element),
                _ => Type::map(element),
            };
            (ty, nested([(Arc::from(""), inside)]))
        }
    }
}

fn nested(children: impl IntoIterator<Item = (Arc<str>, Defaults)>) -> Defaults {
    let inside = children.into_iter().filter(|(_, defaults)| !defaults.is_empty()).collect();
    Defaults { values: BTreeMap::new(), inside }
}

fn tuple(argument: &Expr, report: &mut Report) -> (Type, Defaults) {
    let ExprKind::Tuple(elements) = &argument.kind else {
        return invalid(report, "The type tuple needs a list of element types in brackets.", argument.span);
    };
    let (types, inside): (Vec<_>, Vec<_>) = elements.iter().map(|element| constraint(element, report)).unzip();
    let inside = inside.into_iter().enumerate().map(|(at, defaults)| (at.to_string().into(), defaults));
    (Type::Tuple(types.into()), nested(inside))
}

fn object(argument: &Expr, report: &mut Report) -> (Type, Defaults) {
    let ExprKind::Object(entries) = &argument.kind else {
        return invalid(report, "The type object needs its attributes in braces.", argument.span);
    };
    let mut fields = BTreeMap::new();
    let mut defaults = Defaults::default();
    for ObjectEntry { key, value } in entries {
        let name: Arc<str> = match key {
            ObjectKey::Name(name) => name.text.clone(),
            ObjectKey::Expr(expr) | ObjectKey::Ambiguous(expr) => {
                invalid(report, "The attribute of an object type needs a plain name.", expr.span);
                continue;
            }
        };
        let (ty, inside, optional) = match &value.kind {
            ExprKind::Call(call) if &*call.name == "optional" => {
                let (ty, inside, default) = optional(call, report);
                defaults.values.extend(default.map(|default| (name.clone(), default)));
                (ty, inside, true)
            }
            _ => {
                let (ty, inside) = constraint(value, report);
                (ty, inside, false)
            }
        };
        if !inside.is_empty() {
            defaults.inside.insert(name.clone(), inside);
        }
        if fields.contains_key(&name) {
            invalid(report, format!("The attribute \"{name}\" is given twice."), key.span());
        }
        fields.insert(name, Field { ty, optional });
    }
    (Type::Object(Arc::new(fields)), defaults)
}

fn optional(call: &Call, report: &mut Report) -> (Type, Defaults, Option<Value>) {
    let (Some(ty), true) = (call.args.first(), call.args.len() <= 2) else {
        invalid(report, "optional(...) takes a type and, if wanted, a default.", call.name_span);
        return (Type::Any, Defaults::default(), None);
    };
    let (ty, inside) = constraint(ty, report);
    let default = call.args.get(1).and_then(|expr| match constant(expr) {
        Ok(value) => match convert::convert(&value, &ty) {
            Ok(_) => Some(value),
            Err(why) => {
                report.push(
                    Diagnostic::error(
                        "Invalid default value for optional attribute",
                        format!("This default does not have the type of the attribute: {why}."),
                    )
                    .at(expr.span),
                );
                None
            }
        },
        Err(problems) => {
            report.extend(problems);
            None
        }
    });
    // Kept with the attribute's type, so that what is filled in needs no further thought.
    let default = default.and_then(|default| convert::convert(&inside.fill(&default), &ty).ok());
    (ty, inside, default)
}
