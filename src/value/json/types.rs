//! JSON of types: `"string"`, `["list","string"]`, `["object",{...},["optional"]]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::write::quote_into;
use super::{JsonError, Step, Way};
use crate::value::{Field, Type};

/// The type as Terraform stores it.
pub fn type_to_json(ty: &Type) -> String {
    let mut out = String::new();
    write_type(&mut out, ty);
    out
}

pub(super) fn write_type(out: &mut String, ty: &Type) {
    let plain = |out: &mut String, kind: &str, element: &Type| {
        out.push_str(kind);
        write_type(out, element);
        out.push(']');
    };
    match ty {
        Type::Any => out.push_str("\"dynamic\""),
        Type::Bool => out.push_str("\"bool\""),
        Type::Number => out.push_str("\"number\""),
        Type::String => out.push_str("\"string\""),
        Type::List(element) => plain(out, "[\"list\",", element),
        Type::Set(element) => plain(out, "[\"set\",", element),
        Type::Map(element) => plain(out, "[\"map\",", element),
        Type::Tuple(elements) => {
            out.push_str("[\"tuple\",[");
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write_type(out, element);
            }
            out.push_str("]]");
        }
        Type::Object(fields) => {
            out.push_str("[\"object\",{");
            for (at, (name, field)) in fields.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                quote_into(out, name);
                out.push(':');
                write_type(out, &field.ty);
            }
            out.push('}');
            let mut optional = fields.iter().filter(|(_, field)| field.optional).peekable();
            let mut before = ",[";
            let any = optional.peek().is_some();
            for (name, _) in optional {
                out.push_str(before);
                quote_into(out, name);
                before = ",";
            }
            out.push_str(if any { "]]" } else { "]" });
        }
    }
}

/// Reads what [`type_to_json`] writes.
pub fn type_from_json(raw: &RawValue) -> Result<Type, JsonError> {
    read_type(raw, &mut Way::default())
}

fn read_type(raw: &RawValue, way: &mut Way) -> Result<Type, JsonError> {
    const WHAT: &str = "a type is required, such as \"string\" or [\"list\",\"string\"]";
    let bad = |way: &Way| way.error(WHAT);
    if let Ok(name) = serde_json::from_str::<String>(raw.get()) {
        return match name.as_str() {
            "dynamic" => Ok(Type::Any),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(bad(way)),
        };
    }
    let parts: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| bad(way))?;
    let [kind, inner, rest @ ..] = parts.as_slice() else { return Err(bad(way)) };
    let kind: String = serde_json::from_str(kind.get()).map_err(|_| bad(way))?;
    if !rest.is_empty() && (kind != "object" || rest.len() > 1) {
        return Err(bad(way));
    }
    let element = |way: &mut Way| way.within(Step::Index(1), |way| read_type(inner, way)).map(Arc::new);
    match kind.as_str() {
        "list" => Ok(Type::List(element(way)?)),
        "set" => Ok(Type::Set(element(way)?)),
        "map" => Ok(Type::Map(element(way)?)),
        "tuple" => {
            let elements: Vec<&RawValue> = serde_json::from_str(inner.get()).map_err(|_| bad(way))?;
            let each = |(at, raw): (usize, &&RawValue)| way.within(Step::Index(at), |way| read_type(raw, way));
            Ok(Type::Tuple(elements.iter().enumerate().map(each).collect::<Result<_, _>>()?))
        }
        "object" => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(inner.get()).map_err(|_| bad(way))?;
            let optional: Vec<String> = match rest.first() {
                Some(names) => serde_json::from_str(names.get()).map_err(|_| bad(way))?,
                None => Vec::new(),
            };
            let mut read = BTreeMap::new();
            for (name, raw) in fields {
                let ty = way.within(Step::Name(name.clone()), |way| read_type(raw, way))?;
                let optional = optional.contains(&name);
                read.insert(Arc::from(name), Field { ty, optional });
            }
            Ok(Type::Object(Arc::new(read)))
        }
        _ => Err(bad(way)),
    }
}
