//! The functions of the provider `terraform`: values as source text and back.

use std::fmt::Write as _;

use crate::diagnostic::Diagnostic;
use crate::lang::expr::constant;
use crate::value::{Data, Entries, Type, Value};

use super::{Call, CallError, Function, Kind, Outcome, Returns, function, param};

const VALUE: super::Param = param("value", Kind::Any).unknown().untyped();

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
    const NAME: &str = "x = ";
    let mut out = NAME.to_owned();
    write(value, &mut out);
    laid_out(out).split_off(NAME.len())
}

/// The text in canonical layout. It is written here, so that it is a valid file.
fn laid_out(text: String) -> String {
    crate::lang::syntax::format::format(0, &text).unwrap_or(text)
}

fn write(value: &Value, out: &mut String) {
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
                write(element, out);
            }
            out.push(']');
        }
        Data::Map(_, entries) | Data::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Data::Map(_, entries) | Data::Object(entries) => {
            out.push_str("{\n");
            write_entries(entries, out);
            out.push('}');
        }
    }
}

/// One entry after the other, each from the beginning of a line.
fn write_entries(entries: &Entries, out: &mut String) {
    for (name, value) in entries {
        if is_name(name) {
            out.push_str(name);
        } else {
            quote(name, out);
        }
        out.push_str(" = ");
        write(value, out);
        out.push('\n');
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
    write_entries(entries, &mut out);
    Ok(laid_out(out).into())
}

fn decode_tfvars(call: &Call<'_>) -> Outcome {
    let (body, found) = crate::lang::syntax::parse(0, call.text(0));
    if let Some(first) = found.0.first() {
        let Diagnostic { summary, detail, .. } = first;
        return Err(CallError::new(format!("invalid tfvars syntax: {summary}; {}", detail.trim_end_matches('.'))));
    }
    if let Some(block) = body.blocks.first() {
        let name = &block.kind;
        return Err(CallError::new(format!(
            "invalid tfvars content: Unexpected {name:?} block; Blocks are not allowed here"
        )));
    }
    let mut entries = Entries::new();
    for attribute in &body.attributes {
        let value = constant(&attribute.expr).map_err(|report| {
            let why =
                report.0.iter().find(|problem| problem.is_error()).map(|first| first.detail.trim_end_matches('.'));
            let (name, why) = (&attribute.name, why.unwrap_or_default());
            CallError::new(format!("invalid expression for variable {name:?}: {why}"))
        })?;
        entries.insert(attribute.name.clone(), value);
    }
    Ok(Value::object(entries))
}
