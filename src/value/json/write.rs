//! Values to JSON.

use std::fmt::Write as _;

use super::types::write_type;
use super::{JsonError, Step, Way};
use crate::value::{Data, Entries, Type, Value};

/// The value as compact JSON. Fails on a value that is known only after apply and on an infinite number.
pub fn to_json(value: &Value) -> Result<String, JsonError> {
    let mut out = String::new();
    write_value(&mut out, value, None, &mut Way::default())?;
    Ok(out)
}

/// The value as compact JSON in the form of state files: where `ty` says `any`, the type is stored too.
pub fn to_state(value: &Value, ty: &Type) -> Result<String, JsonError> {
    let mut out = String::new();
    write_value(&mut out, value, Some(ty), &mut Way::default())?;
    Ok(out)
}

/// Text as JSON, with the escapes of Go.
pub fn quote_into(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// Without a type the value is written plainly; with one, `any` inside it keeps the type of the value.
fn write_value(out: &mut String, value: &Value, ty: Option<&Type>, way: &mut Way) -> Result<(), JsonError> {
    if ty == Some(&Type::Any) && !matches!(value.data, Data::Null(Type::Any)) {
        let own = value.ty();
        out.push_str("{\"value\":");
        write_value(out, value, Some(&own).filter(|own| **own != Type::Any), way)?;
        out.push_str(",\"type\":");
        write_type(out, &own);
        out.push('}');
        return Ok(());
    }
    match &value.data {
        Data::Null(_) => out.push_str("null"),
        Data::Unknown(_) => return Err(way.error("known only after apply")),
        Data::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Data::Number(number) => {
            let text = number.to_string();
            if !text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) {
                return Err(way.error("an infinite number cannot be written as JSON"));
            }
            out.push_str(&text);
        }
        Data::String(text) => quote_into(out, text),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                let ty = ty.and_then(|ty| element_type(ty, at));
                way.within(Step::Index(at), |way| write_value(out, element, ty, way))?;
            }
            out.push(']');
        }
        Data::Map(_, entries) => write_entries(out, entries, ty, way, Step::Key)?,
        Data::Object(entries) => write_entries(out, entries, ty, way, Step::Name)?,
    }
    Ok(())
}

fn write_entries(
    out: &mut String,
    entries: &Entries,
    ty: Option<&Type>,
    way: &mut Way,
    step: fn(String) -> Step,
) -> Result<(), JsonError> {
    out.push('{');
    for (at, (name, value)) in entries.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        quote_into(out, name);
        out.push(':');
        let ty = match ty {
            Some(Type::Map(element)) => Some(&**element),
            Some(Type::Object(fields)) => fields.get(name).map(|field| &field.ty),
            _ => None,
        };
        way.within(step(name.to_string()), |way| write_value(out, value, ty, way))?;
    }
    out.push('}');
    Ok(())
}

fn element_type(ty: &Type, at: usize) -> Option<&Type> {
    match ty {
        Type::List(element) | Type::Set(element) => Some(element),
        Type::Tuple(elements) => elements.get(at),
        _ => None,
    }
}
