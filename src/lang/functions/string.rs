//! Text.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::lang::convert::length_range;
use crate::value::{Data, Type, Unknown, Value};

use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const STR: &[Param] = &[param("str", Kind::String)];
const TEXT: Returns = Returns::Always(Kind::String);
const TRUTH: Returns = Returns::Always(Kind::Bool);

pub(super) const FUNCTIONS: &[Function] = &[
    function("upper", "The text in upper case.", &[param("str", Kind::String).untyped()], TEXT, |call| {
        Ok(call.text(0).chars().map(upper).collect::<String>().into())
    }),
    function("lower", "The text in lower case.", &[param("str", Kind::String).untyped()], TEXT, |call| {
        Ok(call.text(0).chars().map(lower).collect::<String>().into())
    }),
    function("title", "The text with the first letter of each word in upper case.", STR, TEXT, |call| {
        Ok(title(call.text(0)).into())
    }),
    function(
        "strrev",
        "The text with its characters in reverse order.",
        &[param("str", Kind::String).untyped()],
        TEXT,
        |call| Ok(graphemes(call.text(0)).into_iter().rev().collect::<String>().into()),
    ),
    function("chomp", "The text without line breaks at its end.", STR, TEXT, |call| {
        Ok(call.text(0).trim_end_matches(['\r', '\n']).into())
    }),
    function(
        "indent",
        "The text with spaces at the start of every line but the first.",
        &[param("spaces", Kind::Number), param("str", Kind::String)],
        TEXT,
        indent,
    ),
    function("trimspace", "The text without white space at either end.", STR, TEXT, |call| {
        Ok(call.text(0).trim().into())
    }),
    function(
        "trim",
        "The text without certain characters at either end.",
        &[param("str", Kind::String), param("cutset", Kind::String)],
        TEXT,
        |call| Ok(call.text(0).trim_matches(|character| call.text(1).contains(character)).into()),
    ),
    function(
        "trimprefix",
        "The text without what it starts with.",
        &[param("str", Kind::String), param("prefix", Kind::String)],
        TEXT,
        |call| Ok(call.text(0).strip_prefix(call.text(1)).unwrap_or(call.text(0)).into()),
    ),
    function(
        "trimsuffix",
        "The text without what it ends with.",
        &[param("str", Kind::String), param("suffix", Kind::String)],
        TEXT,
        |call| Ok(call.text(0).strip_suffix(call.text(1)).unwrap_or(call.text(0)).into()),
    ),
    function(
        "startswith",
        "Whether the text starts with another.",
        &[param("str", Kind::String).unknown(), param("prefix", Kind::String)],
        TRUTH,
        startswith,
    ),
    function(
        "endswith",
        "Whether the text ends with another.",
        &[param("str", Kind::String), param("suffix", Kind::String)],
        TRUTH,
        |call| Ok(call.text(0).ends_with(call.text(1)).into()),
    ),
    function(
        "strcontains",
        "Whether the text contains another.",
        &[param("str", Kind::String), param("substr", Kind::String)],
        TRUTH,
        |call| Ok(call.text(0).contains(call.text(1)).into()),
    ),
    function(
        "substr",
        "A part of the text, by offset and length in characters.",
        &[
            param("str", Kind::String).untyped(),
            param("offset", Kind::Number).untyped(),
            param("length", Kind::Number).untyped(),
        ],
        TEXT,
        substr,
    ),
    function(
        "join",
        "The elements of lists of text with a separator between them.",
        &[param("separator", Kind::String)],
        TEXT,
        join,
    )
    .rest(param("lists", Kind::Strings)),
    function(
        "split",
        "The parts of the text between separators.",
        &[param("separator", Kind::String), param("str", Kind::String)],
        Returns::Always(Kind::Strings),
        split,
    ),
    function(
        "sort",
        "The texts in alphabetical order.",
        &[param("list", Kind::Strings).unknown()],
        Returns::Always(Kind::Strings),
        sort,
    ),
];

/// What people see as characters, by the rules of Unicode 15.0 that Terraform follows: later ones join Indic
/// consonants with a virama between them.
pub(super) fn graphemes(text: &str) -> Vec<&str> {
    let is_consonant = |character: char| {
        matches!(character,
            '\u{915}'..='\u{939}' | '\u{958}'..='\u{95f}' | '\u{978}'..='\u{97f}' | '\u{995}'..='\u{9b9}' | '\u{9dc}'..='\u{9df}'
            | '\u{9f0}' | '\u{9f1}' | '\u{a95}'..='\u{ab9}' | '\u{af9}' | '\u{b15}'..='\u{b39}' | '\u{b5c}'..='\u{b5f}' | '\u{b71}'
            | '\u{c15}'..='\u{c39}' | '\u{c58}'..='\u{c5a}' | '\u{d15}'..='\u{d3a}')
    };
    let mut parts = Vec::new();
    for cluster in text.graphemes(true) {
        let mut start = 0;
        let mut joined = false;
        for (at, character) in cluster.char_indices() {
            if joined && is_consonant(character) {
                parts.push(&cluster[start..at]);
                (start, joined) = (at, false);
            }
            joined |= matches!(character, '\u{94d}' | '\u{9cd}' | '\u{acd}' | '\u{b4d}' | '\u{c4d}' | '\u{d4d}');
        }
        parts.push(&cluster[start..]);
    }
    parts
}

/// To upper case, one character for one: "ß" stays, as in Terraform.
fn upper(character: char) -> char {
    let code = u32::from(character);
    match code {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => char::from_u32(code + 8).unwrap_or(character),
        0x1FB3 | 0x1FC3 | 0x1FF3 => char::from_u32(code + 9).unwrap_or(character),
        _ => {
            let mut mapped = character.to_uppercase();
            match (mapped.next(), mapped.next()) {
                (Some(single), None) => single,
                _ => character,
            }
        }
    }
}

fn lower(character: char) -> char {
    // The dotted capital I is the one letter whose small form is longer.
    character.to_lowercase().next().unwrap_or(character)
}

fn title(text: &str) -> String {
    let mut start = true;
    text.chars()
        .map(|character| {
            let shown = match character {
                'ǆ' | 'Ǆ' if start => 'ǅ',
                'ǉ' | 'Ǉ' if start => 'ǈ',
                'ǌ' | 'Ǌ' if start => 'ǋ',
                'ǳ' | 'Ǳ' if start => 'ǲ',
                _ if start => upper(character),
                _ => character,
            };
            start = !(character.is_alphanumeric() || character == '_')
                && (character.is_ascii() || character.is_whitespace());
            shown
        })
        .collect()
}

fn indent(call: &Call<'_>) -> Outcome {
    let text = call.text(1);
    let lines = text.matches('\n').count().max(1);
    let spaces = usize::try_from(call.int(0)?).ok().filter(|spaces| spaces.saturating_mul(lines) <= 1 << 28);
    let spaces = spaces.ok_or_else(|| CallError::new("the number of spaces must be neither negative nor enormous"))?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(spaces))).into())
}

fn startswith(call: &Call<'_>) -> Outcome {
    let prefix = call.text(1);
    let Data::Unknown(unknown) = &call.args[0].data else { return Ok(call.text(0).starts_with(prefix).into()) };
    let known = unknown.prefix.as_deref().unwrap_or_default();
    Ok(match () {
        () if known.starts_with(prefix) => true.into(),
        () if !known.is_empty() && known.len() >= prefix.len() => false.into(),
        () => call.unknown(),
    })
}

fn substr(call: &Call<'_>) -> Outcome {
    let (mut offset, length) = (call.int(1)?, call.int(2)?);
    let characters: Vec<&str> = graphemes(call.text(0));
    if offset < 0 {
        offset = offset.saturating_add(characters.len().try_into().unwrap_or(i64::MAX));
    } else if length == 0 {
        return Ok("".into());
    }
    let start = usize::try_from(offset).unwrap_or_default().min(characters.len());
    let rest = &characters[start..];
    // A length of zero behind a negative offset means everything, as it does in Terraform.
    let count = if length <= 0 { rest.len() } else { usize::try_from(length).unwrap_or(usize::MAX).min(rest.len()) };
    Ok(rest[..count].concat().into())
}

fn join(call: &Call<'_>) -> Outcome {
    let lists = &call.args[1..];
    if lists.is_empty() {
        return Err(CallError::new("at least one list is required"));
    }
    if lists.iter().any(|list| !list.is_wholly_known()) {
        return Ok(call.unknown());
    }
    let mut parts = Vec::new();
    for (which, list) in lists.iter().enumerate() {
        for (at, element) in list.children().enumerate() {
            let text = element.as_str().ok_or_else(|| {
                let of = if lists.len() > 1 { format!(" of list {}", which + 1) } else { String::new() };
                CallError::at(which + 1, format!("element {at}{of} is null; cannot concatenate null values"))
            })?;
            parts.push(text);
        }
    }
    Ok(parts.join(call.text(0)).into())
}

fn split(call: &Call<'_>) -> Outcome {
    let (separator, text) = (call.text(0), call.text(1));
    let parts = if separator.is_empty() {
        text.chars().map(|character| character.to_string().into()).collect()
    } else {
        text.split(separator).map(Value::from).collect()
    };
    Ok(Value::list(Type::String, parts))
}

fn sort(call: &Call<'_>) -> Outcome {
    let list = &call.args[0];
    if !list.is_wholly_known() {
        let length = length_range(list);
        return Ok(Unknown { length, ..Unknown::of(call.ty.clone()) }.into());
    }
    if let Some(at) = list.children().position(Value::is_null) {
        return Err(CallError::new(format!("given list element {at} is null; a null string cannot be sorted")));
    }
    let mut sorted = call.elements(0).to_vec();
    sorted.sort_by(Value::order);
    Ok(Value::list(Type::String, sorted))
}
