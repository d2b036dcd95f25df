//! The functions of the provider `terraform`: values as source text and back.

use std::fmt::Write as _;

use crate::lang::syntax::tree::{Expr, ExprKind, ObjectKey, TemplatePart, UnaryOp};
use crate::value::{Data, Entries, Number, Type, Value};

use super::{Call, CallError, Function, Kind, Outcome, Returns, function, param};

const VALUE: super::Param = param("value", Kind::Any).unknown().null().untyped();

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "provider::terraform::encode_expr",
        "The value as an expression.",
        &[VALUE],
        Returns::Always(Kind::String),
        |call| {
            if !call.args[0].is_wholly_known() {
                return Ok(call.unknown());
            }
            Ok(render(&call.args[0]).into())
        },
    ),
    function(
        "provider::terraform::encode_tfvars",
        "The attributes of an object as the text of a variables file.",
        &[param("value", Kind::Any)],
        Returns::Always(Kind::String),
        encode_tfvars,
    ),
    function(
        "provider::terraform::decode_tfvars",
        "The values in the text of a variables file.",
        &[param("src", Kind::String)],
        Returns::From(|_| Ok(Type::Any)),
        decode_tfvars,
    ),
];

/// The value as an expression that gives it, in the layout of `terraform fmt`.
pub fn render(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth + 1);
    match &value.data {
        Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Data::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Data::String(text) => quote(text, out),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write(element, depth, out);
            }
            out.push(']');
        }
        Data::Map(_, entries) | Data::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Data::Map(_, entries) | Data::Object(entries) => {
            out.push_str("{\n");
            entries_lines(entries, &pad, depth + 1, true, out);
            let _ = write!(out, "{}}}", "  ".repeat(depth));
        }
    }
}

/// One line for each entry; the equals signs of neighbours stand below each other.
fn entries_lines(entries: &Entries, pad: &str, depth: usize, may_quote: bool, out: &mut String) {
    let shown: Vec<(String, String)> = entries
        .iter()
        .map(|(name, value)| {
            let mut key = String::new();
            if may_quote && !is_name(name) {
                quote(name, &mut key);
            } else {
                key.push_str(name);
            }
            let mut text = String::new();
            write(value, depth, &mut text);
            (key, text)
        })
        .collect();
    let mut at = 0;
    while at < shown.len() {
        // Neighbours of one line are aligned; a value of several lines ends the group, but belongs to it.
        let mut end = at;
        while end < shown.len() {
            end += 1;
            if shown[end - 1].1.contains('\n') {
                break;
            }
        }
        let width = shown[at..end].iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
        for (key, text) in &shown[at..end] {
            let gap = " ".repeat(width - key.chars().count());
            let _ = writeln!(out, "{pad}{key}{gap} = {text}");
        }
        at = end;
    }
}

fn is_name(name: &str) -> bool {
    name.chars().next().is_some_and(unicode_ident::is_xid_start)
        && name.chars().all(|character| character == '-' || unicode_ident::is_xid_continue(character))
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' => {
                out.push(character);
                if characters.peek() == Some(&'{') {
                    out.push(character);
                }
            }
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

fn encode_tfvars(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    let Some(entries) = value.entries() else {
        return Err(CallError::new(
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names",
        ));
    };
    if !value.is_wholly_known() {
        return Ok(call.unknown());
    }
    if let Some(bad) = entries.keys().find(|name| !is_name(name)) {
        return Err(CallError::new(format!(
            "invalid variable name {bad:?}: must be a valid identifier, per Terraform's rules for input variable declarations"
        )));
    }
    let mut out = String::new();
    entries_lines(entries, "", 0, false, &mut out);
    Ok(out.into())
}

fn decode_tfvars(call: &Call<'_>) -> Outcome {
    let (body, found) = crate::lang::syntax::parse(0, call.text(0));
    let invalid = |reason: &str| CallError::new(format!("failed to parse as a tfvars file: {reason}"));
    if let Some(first) = found.0.first() {
        return Err(invalid(&first.summary));
    }
    if !body.blocks.is_empty() {
        return Err(invalid("blocks are not allowed"));
    }
    let mut entries = Entries::new();
    for attribute in &body.attributes {
        let value = constant(&attribute.expr).ok_or_else(|| invalid("only literal values are allowed"))?;
        entries.insert(attribute.name.clone(), value);
    }
    Ok(Value::object(entries))
}

/// The value of an expression that needs nothing from outside.
fn constant(expr: &Expr) -> Option<Value> {
    Some(match &expr.kind {
        ExprKind::Null => Value::null(Type::Any),
        ExprKind::Bool(truth) => Value::from(*truth),
        ExprKind::Number(text) => text.parse::<Number>().ok()?.into(),
        ExprKind::Parens(inner) => constant(inner)?,
        ExprKind::Template(parts) => {
            let mut whole = String::new();
            for part in parts {
                match part {
                    TemplatePart::Literal { text, .. } => whole.push_str(text),
                    _ => return None,
                }
            }
            whole.into()
        }
        ExprKind::Unary(unary) if unary.op == UnaryOp::Negate => {
            let value = constant(&unary.operand)?;
            value.as_number()?.neg().into()
        }
        ExprKind::Tuple(elements) => Value::tuple(elements.iter().map(constant).collect::<Option<_>>()?),
        ExprKind::Object(list) => {
            let mut entries = Entries::new();
            for entry in list {
                entries.insert(object_key(&entry.key)?, constant(&entry.value)?);
            }
            Value::object(entries)
        }
        _ => return None,
    })
}

fn object_key(key: &ObjectKey) -> Option<std::sync::Arc<str>> {
    match key {
        ObjectKey::Name(name) => Some(name.text.clone()),
        ObjectKey::Expr(expr) | ObjectKey::Ambiguous(expr) => match constant(expr)?.data {
            Data::String(text) => Some(text),
            Data::Number(number) => Some(number.to_string().into()),
            Data::Bool(truth) => Some(truth.to_string().into()),
            _ => None,
        },
    }
}
