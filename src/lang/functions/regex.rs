//! Regular expressions in the dialect of RE2, which Terraform uses.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex};

use regex::{Captures, Regex};

use crate::value::{Entries, Type, Value};

use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const MATCH: &[Param] = &[param("pattern", Kind::String), param("string", Kind::String)];

pub(super) const FUNCTIONS: &[Function] = &[
    function("regex", "The first match of a pattern, or its capture groups.", MATCH, Returns::From(shape), |call| {
        let pattern = compile(call.text(0)).map_err(|reason| CallError::at(0, reason))?;
        let captures = pattern.captures(call.text(1));
        let captures = captures.ok_or_else(|| CallError::new("pattern did not match any part of the given string"))?;
        Ok(result(&captures, &pattern))
    }),
    function(
        "regexall",
        "All matches of a pattern, or their capture groups.",
        MATCH,
        Returns::From(|args| Ok(Type::list(shape(args)?))),
        |call| {
            let pattern = compile(call.text(0)).map_err(|reason| CallError::at(0, reason))?;
            let all = pattern.captures_iter(call.text(1)).map(|captures| result(&captures, &pattern)).collect();
            Ok(Value::list(call.element_type(), all))
        },
    ),
    function(
        "replace",
        "The text with every occurrence of another replaced; between slashes stands a pattern.",
        &[param("str", Kind::String), param("substr", Kind::String), param("replace", Kind::String)],
        Returns::Always(Kind::String),
        replace,
    ),
];

fn replace(call: &Call<'_>) -> Outcome {
    let (text, wanted, with) = (call.text(0), call.text(1), call.text(2));
    let found = if wanted.is_empty() { text.chars().count() + 1 } else { text.len() / wanted.len() };
    if found.saturating_mul(with.len()) > 1 << 30 {
        return Err(CallError::new("the result would be too long"));
    }
    if wanted.len() > 1 && wanted.starts_with('/') && wanted.ends_with('/') {
        let pattern = compile(&wanted[1..wanted.len() - 1]).map_err(CallError::new)?;
        return Ok(pattern.replace_all(text, with).into_owned().into());
    }
    Ok(text.replace(wanted, with).into())
}

/// The type of a match: text without groups, a tuple of unnamed groups, an object of named ones.
fn shape(args: &[Value]) -> Result<Type, CallError> {
    let Some(pattern) = args.first().and_then(Value::as_str) else { return Ok(Type::Any) };
    let pattern = compile(pattern).map_err(|reason| CallError::at(0, reason))?;
    let names: Vec<Option<&str>> = pattern.capture_names().skip(1).collect();
    let named = names.iter().flatten().count();
    if names.is_empty() {
        Ok(Type::String)
    } else if named == 0 {
        Ok(Type::Tuple(names.iter().map(|_| Type::String).collect()))
    } else if named == names.len() {
        Ok(Type::object(names.into_iter().flatten().map(|name| (name.into(), Type::String))))
    } else {
        Err(CallError::at(0, "invalid regexp pattern: cannot mix both named and unnamed capture groups"))
    }
}

fn result(captures: &Captures<'_>, pattern: &Regex) -> Value {
    let group = |at: usize| captures.get(at).map_or(Value::null(Type::String), |found| found.as_str().into());
    let count = captures.len();
    if count == 1 {
        return group(0);
    }
    let names: Vec<&str> = pattern.capture_names().flatten().collect();
    if names.is_empty() {
        return Value::tuple((1..count).map(group).collect());
    }
    let entries: Entries = names.iter().enumerate().map(|(at, &name)| (name.into(), group(at + 1))).collect();
    Value::object(entries)
}

/// Compiled patterns are kept: the same one is often used in a loop.
fn compile(pattern: &str) -> Result<Regex, String> {
    static KEPT: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let lock = || KEPT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(found) = lock().get(pattern) {
        return Ok(found.clone());
    }
    let compiled = Regex::new(&translate(pattern)?).map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        format!("invalid regexp pattern: {last} in {pattern}")
    })?;
    let mut kept = lock();
    if kept.len() > 256 {
        kept.clear();
    }
    kept.insert(pattern.to_owned(), compiled.clone());
    Ok(compiled)
}

/// From RE2's dialect to that of the regex crate: classes are ASCII, a bracket inside brackets is a character,
/// a brace that is no repetition too.
fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut class = false;
    // Where the repetition begins that was read just before, and whether it is a lazy one.
    let mut repeated: Option<(&str, bool)> = None;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        let is_braced = first == '{' && repetition(rest).is_some();
        let repeats = !class && (matches!(first, '*' | '+') || is_braced || first == '?' && before != Some('('));
        repeated = match repeated {
            Some((begin, false)) if first == '?' => Some((begin, true)),
            Some((begin, _)) if repeats => {
                let end = if is_braced { rest.find('}').unwrap_or_default() + 1 } else { 1 };
                let operators = &begin[..begin.len() - rest.len() + end];
                return Err(format!("invalid regexp pattern: invalid nested repetition operator in {operators}"));
            }
            _ => repeats.then_some((rest, false)),
        };
        before = Some(first);
        match first {
            '\\' => {
                let Some(next) = rest[1..].chars().next() else {
                    return Err(format!(
                        "invalid regexp pattern: trailing backslash at end of expression in {pattern}"
                    ));
                };
                taken += next.len_utf8();
                match next {
                    'd' => out.push_str("[0-9]"),
                    'D' => out.push_str("[^0-9]"),
                    's' => out.push_str(r"[\t\n\x0C\r ]"),
                    'S' => out.push_str(r"[^\t\n\x0C\r ]"),
                    'w' => out.push_str("[0-9A-Za-z_]"),
                    'W' => out.push_str("[^0-9A-Za-z_]"),
                    'b' if !class => out.push_str(r"(?-u:\b)"),
                    'B' if !class => out.push_str(r"\B"),
                    'Q' => {
                        let quoted = &rest[2..];
                        let end = quoted.find("\\E").unwrap_or(quoted.len());
                        out.push_str(&regex::escape(&quoted[..end]));
                        taken += (end + 2).min(quoted.len());
                    }
                    '0'..='7' => {
                        let digits: String =
                            rest[1..].chars().take(3).take_while(|digit| ('0'..='7').contains(digit)).collect();
                        if digits.len() == 1 && next != '0' {
                            return Err(format!("invalid regexp pattern: invalid escape sequence in \\{next}"));
                        }
                        taken = 1 + digits.len();
                        let _ = write!(out, r"\x{{{:X}}}", u32::from_str_radix(&digits, 8).unwrap_or_default());
                    }
                    'a' | 'f' | 't' | 'n' | 'r' | 'v' | 'x' | 'p' | 'P' | 'A' | 'z' => {
                        if matches!(next, 'x' | 'p' | 'P') && rest[2..].starts_with('{') {
                            taken = rest.find('}').map_or(taken, |end| end + 1);
                        }
                        out.push_str(&rest[..taken]);
                    }
                    next if next.is_ascii_punctuation() => out.push_str(&regex::escape(&next.to_string())),
                    next => return Err(format!("invalid regexp pattern: invalid escape sequence in \\{next}")),
                }
            }
            '[' if class => {
                let posix = rest.starts_with("[:").then(|| rest.find(":]")).flatten();
                if let Some(end) = posix {
                    out.push_str(&rest[..end + 2]);
                    taken = end + 2;
                } else {
                    out.push_str("\\[");
                }
            }
            '[' => {
                class = true;
                out.push('[');
                if rest[1..].starts_with('^') {
                    out.push('^');
                    taken += 1;
                }
                // A closing bracket that stands first is a character.
                if rest[taken..].starts_with(']') {
                    out.push_str("\\]");
                    taken += 1;
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => {
                out.push('\\');
                out.push(first);
            }
            '-' if class && rest.starts_with("--") => out.push_str("\\-"),
            '{' if !class => match repetition(rest) {
                None => out.push_str("\\{"),
                Some(most) if most <= 1000 => {
                    taken = rest.find('}').map_or(taken, |end| end + 1);
                    out.push_str(&rest[..taken]);
                }
                Some(_) => {
                    let end = rest.find('}').map_or(rest.len(), |end| end + 1);
                    return Err(format!("invalid regexp pattern: invalid repeat count in {}", &rest[..end]));
                }
            },
            other => out.push(other),
        }
        rest = &rest[taken..];
    }
    Ok(out)
}

/// The largest count of a repetition such as `{2,5}`; nothing when the brace is only a character.
fn repetition(text: &str) -> Option<u32> {
    let end = text.find('}')?;
    let (low, high) = text[1..end].split_once(',').unwrap_or((&text[1..end], ""));
    let is_count = !low.is_empty() && low.bytes().chain(high.bytes()).all(|byte| byte.is_ascii_digit());
    let count = |digits: &str| if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u32::MAX) };
    is_count.then(|| count(low).max(count(high)))
}
