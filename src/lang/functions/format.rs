//! `format` and `formatlist`.

use std::fmt::Write as _;
use std::sync::Arc;

use num_bigint::Sign;

use crate::lang::convert::{convert, length_range};
use crate::value::json::to_json;
use crate::value::{Data, Decimal, Number, Type, Unknown, Value};

use super::string::graphemes;
use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const FORMAT: &[Param] = &[param("format", Kind::String)];
const ARGS: Param = param("args", Kind::Any).null().unknown();

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "format",
        "Text built from a pattern of verbs such as %s and %d.",
        FORMAT,
        Returns::Always(Kind::String),
        |call| {
            if call.args[1..].iter().all(Value::is_wholly_known) {
                return Ok(format(call.text(0), &call.args[1..])?.into());
            }
            // What stands before the first verb is known even so.
            let text = call.text(0);
            let prefix = text.split('%').next().filter(|prefix| prefix.len() < text.len()).unwrap_or_default();
            Ok(unknown_with_prefix(prefix))
        },
    )
    .rest(ARGS),
    function(
        "formatlist",
        "A list of texts built from a pattern and lists of values.",
        FORMAT,
        Returns::Always(Kind::Strings),
        formatlist,
    )
    .rest(ARGS),
];

/// Text of which the start is known, except for a last character that could still combine with what follows.
pub(super) fn unknown_with_prefix(prefix: &str) -> Value {
    let safe: String = {
        let mut characters: Vec<&str> = graphemes(prefix);
        if characters
            .last()
            .is_some_and(|last| !last.is_ascii() || last.chars().all(char::is_alphanumeric) || *last == "\r")
        {
            characters.pop();
        }
        characters.concat()
    };
    let prefix = (!safe.is_empty()).then(|| Arc::from(safe));
    Unknown { not_null: true, prefix, ..Unknown::of(Type::String) }.into()
}

fn formatlist(call: &Call<'_>) -> Outcome {
    let (pattern, args) = (call.text(0), &call.args[1..]);
    let mut length: Option<(usize, usize)> = None;
    let mut open = false;
    let is_list = |arg: &Value| matches!(arg.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) && !arg.is_null();
    for (at, arg) in args.iter().enumerate() {
        if !is_list(arg) {
            continue;
        }
        let count = match (arg.ty(), length_range(arg)) {
            (Type::Tuple(types), _) => types.len(),
            (_, (low, Some(high))) if low == high && arg.is_known() => low,
            _ => {
                open = true;
                continue;
            }
        };
        match length {
            Some((other, first)) if count != other => {
                return Err(CallError::at(
                    at + 1,
                    format!(
                        "argument {} has length {count}, which is inconsistent with argument {} of length {other}",
                        at + 1,
                        first + 1
                    ),
                ));
            }
            Some(_) => {}
            None => length = Some((count, at)),
        }
        open |= !arg.is_known();
    }
    if open {
        return Ok(call.unknown());
    }
    let mut results = Vec::new();
    for round in 0..length.map_or(1, |(length, _)| length) {
        let these: Vec<Value> = args
            .iter()
            .map(|arg| match arg.elements() {
                Some(elements) if is_list(arg) => elements.get(round).cloned().unwrap_or(Value::null(Type::Any)),
                _ => arg.clone(),
            })
            .collect();
        results.push(if these.iter().all(Value::is_wholly_known) {
            let text = format(pattern, &these);
            text.map_err(|error| CallError::new(format!("error on format iteration {round}: {error}")))?.into()
        } else {
            Value::unknown_not_null(Type::String)
        });
    }
    Ok(Value::list(Type::String, results))
}

/// `%` flags width precision [index] letter.
#[allow(clippy::struct_excessive_bools)] // the flags of the format language
#[derive(Default)]
struct Verb<'a> {
    raw: &'a str,
    offset: usize,
    mode: char,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Wider or more precise output is refused.
const LARGEST: usize = 1_000_000;

fn format(pattern: &str, args: &[Value]) -> Result<String, CallError> {
    let mut out = String::new();
    let (mut next, mut highest) = (1_usize, 0);
    let mut rest = pattern;
    while let Some(start) = rest.find('%') {
        out.push_str(&rest[..start]);
        let offset = pattern.len() - rest.len() + start;
        rest = &rest[start..];
        if rest.starts_with("%%") {
            out.push('%');
            rest = &rest[2..];
            continue;
        }
        let (verb, index) = verb(rest, offset)?;
        rest = &rest[verb.raw.len()..];
        let index = index.unwrap_or(next);
        highest = highest.max(index);
        if [verb.width, verb.precision].into_iter().flatten().any(|size| size > LARGEST) {
            return Err(CallError::new(format!("width or precision of {:?} at {offset} is too large", verb.raw)));
        }
        let arg = index.checked_sub(1).and_then(|at| args.get(at)).ok_or_else(|| {
            CallError::new(format!(
                "not enough arguments for {:?} at {offset}: need index {index} but have {} total",
                verb.raw,
                args.len()
            ))
        })?;
        append(&verb, arg, &mut out)?;
        next = index + 1;
    }
    out.push_str(rest);
    if highest < args.len() {
        let message = if highest == 0 {
            "too many arguments; no verbs in format string".into()
        } else {
            format!("too many arguments; only {highest} used by format string")
        };
        return Err(CallError::at(highest + 1, message));
    }
    Ok(out)
}

fn verb(text: &str, offset: usize) -> Result<(Verb<'_>, Option<usize>), CallError> {
    let mut verb = Verb { offset, ..Verb::default() };
    let mut index = None;
    let mut at = 1;
    let bytes = text.as_bytes();
    while let Some(flag) = bytes.get(at) {
        match flag {
            b'0' => verb.zero = true,
            b'#' => verb.sharp = true,
            b'+' => verb.plus = true,
            b'-' => verb.minus = true,
            b' ' => verb.space = true,
            _ => break,
        }
        at += 1;
    }
    let number = |at: &mut usize| {
        let mut value: Option<usize> = None;
        while let Some(digit @ b'0'..=b'9') = bytes.get(*at) {
            value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(usize::from(digit - b'0')));
            *at += 1;
        }
        value
    };
    verb.width = number(&mut at);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        verb.precision = Some(number(&mut at).unwrap_or(0));
    }
    if bytes.get(at) == Some(&b'[') && matches!(bytes.get(at + 1), Some(b'1'..=b'9')) {
        at += 1;
        index = number(&mut at);
        if bytes.get(at) != Some(&b']') {
            return Err(unrecognized(text, at, offset));
        }
        at += 1;
    }
    match text[at..].chars().next() {
        Some(mode) if mode.is_ascii_alphabetic() => verb.mode = mode,
        _ => return Err(unrecognized(text, at, offset)),
    }
    verb.raw = &text[..=at];
    Ok((verb, index))
}

fn unrecognized(text: &str, at: usize, offset: usize) -> CallError {
    CallError::new(match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(character) => format!("unrecognized format character {character:?} at offset {}", offset + at),
        None => format!("invalid format string starting at offset {}", offset + at),
    })
}

fn append(verb: &Verb<'_>, arg: &Value, out: &mut String) -> Result<(), CallError> {
    let unsupported =
        |reason: &str| CallError::new(format!("unsupported value for {:?} at {}: {reason}", verb.raw, verb.offset));
    if verb.mode != 'v' && arg.is_null() {
        return Err(unsupported("null value cannot be formatted"));
    }
    let converted = |ty: &Type| convert(arg, ty).map_err(|error| unsupported(&error.message));
    match verb.mode {
        'v' => {
            let text = match &arg.data {
                Data::String(text) if !verb.sharp => text.to_string(),
                Data::Number(number) if !verb.sharp => float(number, 'g', None),
                _ => to_json(arg).map_err(|error| unsupported(&error.to_string()))?,
            };
            out.push_str(&padded(verb, text));
        }
        't' => out.push_str(if converted(&Type::Bool)?.as_bool() == Some(true) { "true" } else { "false" }),
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let number = converted(&Type::Number)?;
            let number = number.as_number().filter(|number| number.is_integer());
            let whole = number.and_then(Number::truncated).ok_or_else(|| unsupported("an integer is required"))?;
            out.push_str(&integer(verb, &whole));
        }
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let number = converted(&Type::Number)?;
            let number = number.as_number().unwrap_or(&Number::ZERO);
            let precision = verb.precision.or((!matches!(verb.mode, 'g' | 'G')).then_some(6));
            out.push_str(&signed(verb, number, &float(number, verb.mode, precision)));
        }
        's' | 'q' => {
            let text = converted(&Type::String)?;
            let mut text = text.as_str().unwrap_or_default().to_owned();
            if let Some(precision @ 1..) = verb.precision {
                text = graphemes(&text).into_iter().take(precision).collect();
            }
            if verb.mode == 'q' {
                text = to_json(&Value::from(text)).map_err(|error| unsupported(&error.to_string()))?;
            }
            out.push_str(&padded(verb, text));
        }
        mode => {
            let message = format!("unsupported format verb {mode:?} in {:?} at offset {}", verb.raw, verb.offset);
            return Err(CallError::new(message));
        }
    }
    Ok(())
}

fn padded(verb: &Verb<'_>, text: String) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(graphemes(&text).len());
    if missing == 0 {
        return text;
    }
    let pad = if verb.zero { "0" } else { " " }.repeat(missing);
    if verb.minus { text + &pad } else { pad + &text }
}

fn integer(verb: &Verb<'_>, whole: &num_bigint::BigInt) -> String {
    let base = match verb.mode {
        'b' => 2,
        'o' => 8,
        'x' | 'X' => 16,
        _ => 10,
    };
    let mut digits = whole.magnitude().to_str_radix(base);
    if verb.mode == 'X' {
        digits.make_ascii_uppercase();
    }
    let sign = match whole.sign() {
        Sign::Minus => "-",
        _ if verb.plus => "+",
        _ if verb.space => " ",
        _ => "",
    };
    let prefix = match verb.mode {
        'b' if verb.sharp => "0b",
        'o' if verb.sharp => "0",
        'x' if verb.sharp => "0x",
        'X' if verb.sharp => "0X",
        _ => "",
    };
    if verb.precision == Some(0) && whole.sign() == Sign::NoSign {
        return String::new();
    }
    let mut zeros = verb.precision.unwrap_or(0).saturating_sub(digits.len());
    let length = sign.len() + prefix.len() + zeros + digits.len();
    let missing = verb.width.unwrap_or(0).saturating_sub(length);
    let (mut left, mut right) = (0, 0);
    if verb.minus {
        right = missing;
    } else if verb.zero && verb.precision.is_none() {
        zeros = missing;
    } else {
        left = missing;
    }
    format!("{}{sign}{prefix}{}{digits}{}", " ".repeat(left), "0".repeat(zeros), " ".repeat(right))
}

/// Puts sign and padding around the digits of a float.
fn signed(verb: &Verb<'_>, number: &Number, text: &str) -> String {
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) if text.starts_with('-') => ("-", digits),
        Some(digits) => (if verb.space { " " } else { "+" }, digits),
        None if verb.plus => ("+", text),
        None if verb.space => (" ", text),
        None => ("", text),
    };
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
    if verb.zero && !verb.minus && !number.is_infinite() {
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else if verb.minus {
        format!("{sign}{digits}{}", " ".repeat(missing))
    } else {
        format!("{}{sign}{digits}", " ".repeat(missing))
    }
}

/// A float in the style of a letter; without a precision as many digits as tell it from its neighbours.
fn float(number: &Number, mode: char, precision: Option<usize>) -> String {
    let (Some(mut decimal), shortest) =
        (if precision.is_none() { number.shortest() } else { number.decimal() }, precision.is_none())
    else {
        return number.to_string();
    };
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let length = decimal.digits.len();
    let precision = match (mode, precision) {
        ('e' | 'E', None) => length.saturating_sub(1),
        ('f', None) => count(i64::try_from(length).unwrap_or(i64::MAX) - decimal.point),
        (_, None) => length,
        ('e' | 'E', Some(precision)) => {
            round(&mut decimal, 1 + i64::try_from(precision).unwrap_or(0));
            precision
        }
        ('f', Some(precision)) => {
            let keep = decimal.point + i64::try_from(precision).unwrap_or(0);
            round(&mut decimal, keep);
            precision
        }
        (_, Some(precision)) => {
            let precision = precision.max(1);
            round(&mut decimal, i64::try_from(precision).unwrap_or(1));
            precision
        }
    };
    match mode {
        'e' | 'E' => scientific(&decimal, mode, precision),
        'f' => fixed(&decimal, precision),
        _ => {
            let length = i64::try_from(decimal.digits.len()).unwrap_or(i64::MAX);
            let mut limit = i64::try_from(precision).unwrap_or(i64::MAX);
            if limit > length && length >= decimal.point {
                limit = length;
            }
            if shortest {
                limit = 6;
            }
            let exponent = decimal.point - 1;
            if !(-4..limit).contains(&exponent) {
                let precision = if shortest { count(length) } else { precision.min(count(length)).max(1) };
                return scientific(&decimal, if mode == 'G' { 'E' } else { 'e' }, precision.saturating_sub(1));
            }
            fixed(&decimal, count(length - decimal.point))
        }
    }
}

fn round(decimal: &mut Decimal, keep: i64) {
    if let Ok(keep) = usize::try_from(keep) {
        decimal.round(keep);
    } else {
        decimal.digits.clear();
        decimal.point = 0;
    }
}

fn scientific(decimal: &Decimal, letter: char, precision: usize) -> String {
    let mut out = String::from(if decimal.negative { "-" } else { "" });
    out.push(decimal.digit(0));
    if precision > 0 {
        out.push('.');
        out.extend((1..=precision).map(|place| decimal.digits.get(place).map_or('0', |&digit| digit.into())));
    }
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "{letter}{sign}{:02}", exponent.abs());
    out
}

fn fixed(decimal: &Decimal, precision: usize) -> String {
    let mut out = String::from(if decimal.negative { "-" } else { "" });
    if decimal.point > 0 {
        out.extend((0..decimal.point).map(|place| decimal.digit(place)));
    } else {
        out.push('0');
    }
    if precision > 0 {
        out.push('.');
        let places = i64::try_from(precision).unwrap_or(0);
        out.extend((0..places).map(|place| decimal.digit(decimal.point + place)));
    }
    out
}
