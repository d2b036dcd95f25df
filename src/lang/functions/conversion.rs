//! Types, and the marks sensitive and ephemeral.

use std::fmt::Write as _;

use crate::lang::convert::{can_convert, convert, friendly, mismatch};
use crate::value::{Data, Type, Value};

use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const V: &[Param] = &[param("v", Kind::Any).null().marked().untyped()];
const ANY: &[Param] = &[param("value", Kind::Any).null().marked().untyped().unknown()];
const SAME: Returns = Returns::From(|args| Ok(args[0].ty()));

pub(super) const FUNCTIONS: &[Function] = &[
    to("tobool", "The value as a bool.", Returns::From(|args| target(args, Type::Bool))),
    to("tolist", "The value as a list.", Returns::From(|args| target(args, Type::list(Type::Any)))),
    to("tomap", "The value as a map.", Returns::From(|args| target(args, Type::map(Type::Any)))),
    to("tonumber", "The value as a number.", Returns::From(|args| target(args, Type::Number))),
    to("toset", "The value as a set.", Returns::From(|args| target(args, Type::set(Type::Any)))),
    to("tostring", "The value as text.", Returns::From(|args| target(args, Type::String))),
    function("sensitive", "The value, not to be shown.", ANY, SAME, |call| Ok(call.args[0].clone().sensitive()))
        .maybe_null(),
    function("nonsensitive", "The value, free to be shown.", ANY, SAME, |call| {
        let value = call.args[0].clone();
        let marks = value.marks.without_sensitive();
        Ok(Value { data: value.data, marks })
    })
    .maybe_null(),
    function("issensitive", "Whether the value is not to be shown.", ANY, Returns::Always(Kind::Bool), |call| {
        let value = &call.args[0];
        let origins = value.marks.without_sensitive().without_ephemeral();
        let answer = match (value.marks.is_sensitive(), value.is_known()) {
            (true, _) => true.into(),
            (false, true) => false.into(),
            (false, false) => Value::unknown(Type::Bool),
        };
        Ok(answer.with_marks(&origins))
    })
    .maybe_null(),
    function("ephemeralasnull", "The value with null in place of everything ephemeral.", ANY, SAME, |call| {
        Ok(without_ephemeral(&call.args[0]))
    })
    .maybe_null(),
    function(
        "type",
        "The type of the value, as text.",
        &[param("value", Kind::Any).null().unknown().untyped()],
        Returns::Always(Kind::String),
        |call| Ok(describe_type(&call.args[0].ty()).into()),
    ),
];

const fn to(name: &'static str, doc: &'static str, returns: Returns) -> Function {
    function(name, doc, V, returns, converted).maybe_null()
}

fn target(args: &[Value], wanted: Type) -> Result<Type, CallError> {
    let given = args[0].ty();
    if can_convert(&given, &wanted, true) {
        return Ok(wanted);
    }
    let _ = mismatch(&given, &wanted);
    Err(CallError::at(0, refusal(&given, &wanted)))
}

fn refusal(given: &Type, wanted: &Type) -> String {
    let wanted = match wanted {
        Type::List(_) => "list of any single type".into(),
        Type::Set(_) => "set of any single type".into(),
        Type::Map(_) => "map of any single type".into(),
        ty => friendly(ty),
    };
    format!("cannot convert {} to {wanted}", friendly(given))
}

fn converted(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    convert(value, &call.ty).map_err(|_| {
        let name = friendly(&value.ty());
        let wanted = friendly(&call.ty);
        let marks = value.marks_deep();
        CallError::at(
            0,
            match (&value.data, &call.ty) {
                _ if marks.is_ephemeral() => format!("cannot convert this ephemeral {name} to {wanted}"),
                _ if marks.is_sensitive() => format!("cannot convert this sensitive {name} to {wanted}"),
                (Data::String(text), Type::Bool) => {
                    format!("cannot convert {text:?} to bool; only the strings \"true\" or \"false\" are allowed")
                }
                (Data::String(text), Type::Number) => format!(
                    "cannot convert {text:?} to number; given string must be a decimal representation of a number"
                ),
                _ => refusal(&value.ty(), &call.ty),
            },
        )
    })
}

fn without_ephemeral(value: &Value) -> Value {
    let marks = value.marks.without_ephemeral();
    if value.marks.is_ephemeral() {
        return Value::null(value.ty()).with_marks(&marks);
    }
    value.map_children(&without_ephemeral)
}

/// Terraform's way of showing a type in its console.
pub fn describe_type(ty: &Type) -> String {
    let mut text = String::new();
    describe(ty, 0, &mut text);
    text
}

fn describe(ty: &Type, depth: usize, out: &mut String) {
    let pad = "    ".repeat(depth + 1);
    let end = "    ".repeat(depth);
    let nested = |name: &str, element: &Type, out: &mut String| {
        let _ = write!(out, "{name}(");
        if matches!(element, Type::Object(_) | Type::Tuple(_)) && !is_empty(element) {
            let _ = write!(out, "\n{pad}");
            describe(element, depth + 1, out);
            let _ = write!(out, ",\n{end}");
        } else {
            describe(element, depth, out);
        }
        out.push(')');
    };
    match ty {
        Type::Any => out.push_str("dynamic"),
        Type::Bool | Type::Number | Type::String => out.push_str(&friendly(ty)),
        Type::List(element) => nested("list", element, out),
        Type::Set(element) => nested("set", element, out),
        Type::Map(element) => nested("map", element, out),
        Type::Tuple(elements) if elements.is_empty() => out.push_str("tuple([])"),
        Type::Tuple(elements) => {
            out.push_str("tuple([\n");
            for element in elements.iter() {
                out.push_str(&pad);
                describe(element, depth + 1, out);
                out.push_str(",\n");
            }
            let _ = write!(out, "{end}])");
        }
        Type::Object(fields) if fields.is_empty() => out.push_str("object({})"),
        Type::Object(fields) => {
            out.push_str("object({\n");
            for (name, field) in fields.iter() {
                let _ = write!(out, "{pad}{name}: ");
                describe(&field.ty, depth + 1, out);
                out.push_str(",\n");
            }
            let _ = write!(out, "{end}}})");
        }
    }
}

fn is_empty(ty: &Type) -> bool {
    match ty {
        Type::Tuple(elements) => elements.is_empty(),
        Type::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
