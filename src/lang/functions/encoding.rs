//! Base64, gzip, JSON, CSV, YAML and URLs.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use crate::deflate::Gzip;
use crate::value::json::{implied, to_json};
use crate::value::{Data, Entries, Type, Unknown, Value};

use super::text_encoding::Encoding;
use super::yaml_decode;
use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const STR: &[Param] = &[param("str", Kind::String)];
const TEXT: Returns = Returns::Always(Kind::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function("base64decode", "The text that Base64 stands for.", STR, TEXT, |call| {
        let text = call.text(0);
        let bytes = base64(text).map_err(|_| CallError::new(format!("failed to decode base64 data {text:?}")))?;
        let decoded = String::from_utf8(bytes);
        decoded
            .map(Value::from)
            .map_err(|_| CallError::new("the result of decoding the provided string is not valid UTF-8"))
    }),
    function("base64encode", "The text in Base64.", STR, TEXT, |call| Ok(STANDARD.encode(call.text(0)).into())),
    function("base64gzip", "The text compressed, in Base64.", STR, TEXT, |call| {
        Ok(STANDARD.encode(gzip(call.text(0).as_bytes())).into())
    }),
    function(
        "textencodebase64",
        "The text in a character encoding, in Base64.",
        &[param("string", Kind::String), param("encoding", Kind::String)],
        TEXT,
        |call| {
            let (encoding, name) = encoding(call)?;
            let bytes = encoding.encode(call.text(0)).ok_or_else(|| {
                CallError::at(0, format!("the given string contains characters that cannot be represented in {name}"))
            })?;
            Ok(STANDARD.encode(bytes).into())
        },
    ),
    function(
        "textdecodebase64",
        "The text that Base64 in a character encoding stands for.",
        &[param("source", Kind::String), param("encoding", Kind::String)],
        TEXT,
        |call| {
            let (encoding, name) = encoding(call)?;
            let bytes = base64(call.text(0)).map_err(|at| {
                CallError::at(0, format!("the given value is has an invalid base64 symbol at offset {at}"))
            })?;
            let text = encoding.decode(&bytes).ok_or_else(|| {
                CallError::at(0, format!("the given string contains symbols that are not defined for {name}"))
            })?;
            Ok(text.into())
        },
    ),
    function("urlencode", "The text fit for a query of a URL.", STR, TEXT, |call| Ok(urlencode(call.text(0)).into())),
    function(
        "jsonencode",
        "The value as JSON.",
        &[param("val", Kind::Any).unknown().untyped().null()],
        TEXT,
        jsonencode,
    ),
    function("jsondecode", "The value that JSON stands for.", STR, Returns::From(json_type), |call| json(call.text(0)))
        .maybe_null(),
    function(
        "csvdecode",
        "The rows of comma-separated values as objects named by the first row.",
        STR,
        Returns::From(csv_type),
        |call| csv(call.text(0)),
    ),
    function(
        "yamlencode",
        "The value as YAML.",
        &[param("value", Kind::Any).unknown().untyped().null()],
        TEXT,
        |call| {
            if !call.args[0].is_wholly_known() {
                return Ok(call.unknown());
            }
            super::yaml_encode::encode(&call.args[0]).map(Value::from)
        },
    ),
    function(
        "yamldecode",
        "The value that YAML stands for.",
        &[param("src", Kind::String)],
        Returns::From(yaml_type),
        |call| yaml_decode::decode(call.text(0)),
    )
    .maybe_null(),
];

/// Strict Base64, line breaks apart; the error is where it goes wrong.
pub(super) fn base64(text: &str) -> Result<Vec<u8>, usize> {
    let plain: String = text.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    // Like Go's decoder it does not mind bits that stand for nothing.
    let lenient = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    lenient.decode(&plain).map_err(|error| match error {
        base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol { offset: at, .. } => at,
        _ => plain.len(),
    })
}

/// Compressed as Terraform does it: one flushed block, then the end.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut file = Gzip::default();
    file.write(bytes);
    file.flush();
    file.finish()
}

fn encoding(call: &Call<'_>) -> Result<(Encoding, &'static str), CallError> {
    let name = call.text(1);
    Encoding::named(name).ok_or_else(|| {
        CallError::at(1, format!("{name:?} is not a supported IANA encoding name or alias in this Terraform version"))
    })
}

fn urlencode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn jsonencode(call: &Call<'_>) -> Outcome {
    let value = &call.args[0];
    if value.is_wholly_known() {
        return to_json(value).map(Value::from).map_err(|error| CallError::new(error.to_string()));
    }
    // The first character follows from the type, unless it may be null.
    let not_null = match &value.data {
        Data::Unknown(unknown) => unknown.not_null,
        _ => true,
    };
    let prefix = match value.ty() {
        _ if !not_null => None,
        Type::String => Some("\""),
        Type::Object(_) | Type::Map(_) => Some("{"),
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => Some("["),
        _ => None,
    };
    Ok(Unknown { not_null: true, prefix: prefix.map(Arc::from), ..Unknown::of(Type::String) }.into())
}

fn json(text: &str) -> Outcome {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| CallError::new(error.to_string()))?;
    implied(raw).map_err(|error| CallError::new(error.to_string()))
}

fn json_type(args: &[Value]) -> Result<Type, CallError> {
    match &args[0].data {
        Data::String(text) => json(text).map(|value| value.ty()),
        Data::Unknown(unknown) => unknown.prefix.as_deref().map_or(Ok(Type::Any), json_type_of_start),
        _ => Ok(Type::Any),
    }
}

/// The type of a JSON document that starts like this.
fn json_type_of_start(prefix: &str) -> Result<Type, CallError> {
    match prefix.trim_start().chars().next() {
        None | Some('{' | '[' | 'n') => Ok(Type::Any),
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '.' | '0'..='9') => Ok(Type::Number),
        Some(other) => Err(CallError::at(0, format!("a JSON document cannot begin with the character {other:?}"))),
    }
}

fn yaml_type(args: &[Value]) -> Result<Type, CallError> {
    match &args[0].data {
        Data::String(text) => yaml_decode::decode(text).map(|value| value.ty()),
        _ => Ok(Type::Any),
    }
}

fn csv_type(args: &[Value]) -> Result<Type, CallError> {
    match &args[0].data {
        Data::String(text) => csv(text).map(|value| value.ty()),
        _ => Ok(Type::Any),
    }
}

fn csv(text: &str) -> Outcome {
    let failed = |line: usize, why: &str| CallError::new(format!("CSV parse error on line {line}: {why}"));
    let mut rows = csv_rows(text).map_err(|(line, why)| failed(line, why))?.into_iter();
    let Some((_, header)) = rows.next() else { return Err(CallError::new("missing header line")) };
    let names: Vec<Arc<str>> = header.iter().map(|name| Arc::from(name.as_str())).collect();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            return Err(CallError::new(format!("duplicate column name {name:?}")));
        }
    }
    let ty = Type::object(names.iter().map(|name| (name.clone(), Type::String)));
    let mut objects = Vec::new();
    for (line, row) in rows {
        if row.len() != names.len() {
            return Err(failed(line, "wrong number of fields"));
        }
        let entries: Entries = names.iter().cloned().zip(row.into_iter().map(Value::from)).collect();
        objects.push(Value::object(entries));
    }
    Ok(Value::list(ty, objects))
}

/// Rows with the line each starts on, as Go reads them: empty lines are skipped, a stray quote is an error.
#[allow(clippy::type_complexity)] // used once, just above
fn csv_rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, (usize, &'static str)> {
    const BARE: &str = "bare \" in non-quoted-field";
    const STRAY: &str = "extraneous or missing \" in quoted-field";
    let text = text.replace("\r\n", "\n");
    let mut rows = Vec::new();
    let mut rest = text.as_str();
    let mut line = 1;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
            line += 1;
            continue;
        }
        let start = line;
        let mut row = Vec::new();
        loop {
            let field = if let Some(quoted) = rest.strip_prefix('"') {
                let mut field = String::new();
                rest = quoted;
                loop {
                    let Some(end) = rest.find('"') else { return Err((start, STRAY)) };
                    field.push_str(&rest[..end]);
                    rest = &rest[end + 1..];
                    match rest.strip_prefix('"') {
                        Some(after) => {
                            field.push('"');
                            rest = after;
                        }
                        None => break,
                    }
                }
                line += field.matches('\n').count();
                if !rest.is_empty() && !rest.starts_with([',', '\n']) {
                    return Err((line, STRAY));
                }
                field
            } else {
                let end = rest.find([',', '\n']).unwrap_or(rest.len());
                let field = rest[..end].to_owned();
                if field.contains('"') {
                    return Err((line, BARE));
                }
                rest = &rest[end..];
                field
            };
            row.push(field);
            match rest.strip_prefix(',') {
                Some(after) => rest = after,
                None => break,
            }
        }
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
            line += 1;
        }
        rows.push((start, row));
    }
    Ok(rows)
}
