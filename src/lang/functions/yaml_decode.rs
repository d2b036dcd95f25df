//! YAML as Terraform reads it: neither quite 1.1 nor 1.2. `yes` and `y` are true, `017` is 17, `0o17` is 15, times
//! become RFC 3339 text, and one document is allowed.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use crate::lang::convert::{convert, friendly};
use crate::value::{Data, Entries, Number, Type, Value};

use super::CallError;
use super::encoding::base64;

/// Collections nested deeper than this are refused.
const DEEPEST: usize = 500;
/// Documents that grow beyond this many values by their aliases are refused.
const MOST: usize = 1 << 20;

type Failed = CallError;

/// The value that a document stands for.
pub(super) fn decode(text: &str) -> Result<Value, Failed> {
    if text.starts_with('\t') {
        return Err(CallError::new("found character that cannot start any token"));
    }
    directives(text)?;
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        text,
        quoted: (0, 0),
        end: (!text.ends_with('\n')).then(|| text.chars().count()),
        anchors: HashMap::new(),
        open: Vec::new(),
        depth: 0,
        count: 0,
    };
    let (first, _) = reader.next()?;
    debug_assert!(matches!(first, Event::StreamStart));
    let (start, span) = reader.next()?;
    if !matches!(start, Event::DocumentStart(_)) {
        return Err(at(&span, "missing start of document"));
    }
    let value = reader.node()?;
    let (end, span) = reader.next()?;
    if !matches!(end, Event::DocumentEnd) {
        return Err(at(&span, "unexpected extra content after value"));
    }
    match reader.next()? {
        (Event::StreamEnd, _) => Ok(value),
        (_, span) => Err(at(&span, "unexpected extra content after value")),
    }
}

fn at(span: &Span, message: &str) -> Failed {
    let column = span.start.col() + 1;
    CallError::new(format!("on line {}, column {column}: {message}", span.start.line()))
}

/// Of the directives before a document only the version 1.1 and tags are known.
fn directives(text: &str) -> Result<(), Failed> {
    for line in text.lines().take_while(|line| line.is_empty() || line.starts_with(['%', '#'])) {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("%YAML") => {
                let parts = words.next().and_then(|version| version.split_once('.'));
                let is_known = parts.is_some_and(|(major, minor)| {
                    major.parse::<u32>().is_ok_and(|major| major == 1)
                        && minor.parse::<u32>().is_ok_and(|minor| minor == 1)
                });
                if !is_known {
                    return Err(CallError::new("found incompatible YAML document"));
                }
            }
            Some("%TAG") => {}
            Some(word) if word.starts_with('%') => return Err(CallError::new("found unknown directive name")),
            _ => {}
        }
    }
    Ok(())
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    /// Characters and bytes before the double-quoted text that was looked at last: places are counted in characters.
    quoted: (usize, usize),
    /// Number of characters of a text whose last line does not end.
    end: Option<usize>,
    anchors: HashMap<usize, (Value, usize)>,
    /// Anchors whose value is being read.
    open: Vec<usize>,
    depth: usize,
    count: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Failed> {
        match self.parser.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(CallError::new(error.to_string())),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self) -> Result<Value, Failed> {
        let (event, span) = self.next()?;
        self.rest(event, &span)
    }

    /// The node that starts with an event.
    fn rest(&mut self, event: Event<'a>, span: &Span) -> Result<Value, Failed> {
        let before = self.count;
        self.count += 1;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::DoubleQuoted && self.escapes_a_slash(span) {
                    return Err(at(span, "found unknown escape character"));
                }
                let text = self.as_far_as_it_goes(&text, style, span);
                let value = scalar(text, style, tag.as_deref()).map_err(|reason| at(span, &reason))?;
                (value, anchor)
            }
            Event::Alias(anchor) => {
                if self.open.contains(&anchor) {
                    return Err(at(span, "cannot refer to an anchor from inside its own definition"));
                }
                let (value, size) =
                    self.anchors.get(&anchor).ok_or_else(|| at(span, "reference to undefined anchor"))?;
                self.count += size;
                (value.clone(), 0)
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq", "sequence", span)?;
                let value = self.nested(anchor, span, Self::sequence)?;
                (value, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map", "mapping", span)?;
                let value = self.nested(anchor, span, Self::mapping)?;
                (value, anchor)
            }
            Event::StreamEnd => return Err(at(span, "expecting value but found end of stream")),
            _ => return Err(at(span, "unexpected parser event")),
        };
        if self.count > MOST {
            return Err(at(span, "document contains excessive aliasing"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), self.count - before));
        }
        Ok(value)
    }

    /// Whether a quoted text holds `\/`, which came with YAML 1.2.
    fn escapes_a_slash(&mut self, span: &Span) -> bool {
        let (start, end) = (span.start.index(), span.end.index());
        // Events come in the order of the text, so that it is gone through once.
        let (chars, bytes) = if self.quoted.0 <= start { self.quoted } else { (0, 0) };
        let ahead = self.text.get(bytes..).unwrap_or_default();
        let skipped = ahead.char_indices().nth(start - chars).map_or(ahead.len(), |(at, _)| at);
        self.quoted = (start, bytes + skipped);
        let mut quoted = ahead.get(skipped..).unwrap_or_default().chars().take(end.saturating_sub(start));
        while let Some(character) = quoted.next() {
            if character == '\\' && quoted.next() == Some('/') {
                return true;
            }
        }
        false
    }

    /// A block whose last line the document does not end has no line break there.
    fn as_far_as_it_goes<'t>(&self, text: &'t str, style: ScalarStyle, span: &Span) -> &'t str {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        match self.end {
            Some(end) if is_block && span.end.index() >= end => text.strip_suffix('\n').unwrap_or(text),
            _ => text,
        }
    }

    fn nested(
        &mut self,
        anchor: usize,
        span: &Span,
        read: fn(&mut Self) -> Result<Value, Failed>,
    ) -> Result<Value, Failed> {
        if self.depth >= DEEPEST {
            return Err(at(span, "exceeded the maximum depth"));
        }
        self.depth += 1;
        self.open.push(anchor);
        let value = read(self);
        self.open.pop();
        self.depth -= 1;
        value
    }

    fn sequence(&mut self) -> Result<Value, Failed> {
        let mut elements = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::tuple(elements)),
                (event, span) => elements.push(self.rest(event, &span)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Value, Failed> {
        let mut entries = Entries::new();
        loop {
            let (event, span) = self.next()?;
            let (text, style, tag) = match event {
                Event::MappingEnd => return Ok(Value::object(entries)),
                Event::Scalar(text, style, _, tag) => (text, style, tag),
                _ => return Err(at(&span, "only strings are allowed as mapping keys")),
            };
            let plain = style == ScalarStyle::Plain || tag.is_some();
            if style == ScalarStyle::DoubleQuoted && self.escapes_a_slash(&span) {
                return Err(at(&span, "found unknown escape character"));
            }
            let is_merge = match tag.as_deref() {
                None => text == "<<" && plain,
                Some(tag) => short(tag) == "!!merge",
            };
            if is_merge {
                let value = self.node()?;
                merge(&value, &mut entries).map_err(|reason| at(&span, &reason))?;
                continue;
            }
            let key = scalar(&text, style, tag.as_deref()).map_err(CallError::new)?;
            if key.is_null() {
                return Err(at(&span, "mapping key cannot be null"));
            }
            let key =
                convert(&key, &Type::String).map_err(|_| at(&span, "only strings are allowed as mapping keys"))?;
            let Data::String(name) = key.data else { continue };
            let value = self.node()?;
            entries.insert(name, value);
        }
    }
}

fn check_tag(tag: Option<&Tag>, wanted: &str, what: &str, span: &Span) -> Result<(), Failed> {
    match tag.map(short) {
        Some(tag) if tag != format!("!!{wanted}") && tag != "!" => {
            Err(at(span, &format!("can't interpret {what} as {}", long(&tag))))
        }
        _ => Ok(()),
    }
}

fn merge(value: &Value, entries: &mut Entries) -> Result<(), String> {
    let add = |value: &Value, entries: &mut Entries| {
        entries.extend(value.entries().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    };
    match &value.data {
        Data::Object(_) => add(value, entries),
        other => {
            let name = if matches!(other, Data::Tuple(_)) { "tuple".into() } else { friendly(&value.ty()) };
            return Err(format!("cannot merge {name} into mapping"));
        }
    }
    Ok(())
}

/// `!!str` for a tag of the core schema, `!x` for others.
fn short(tag: &Tag) -> String {
    if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { format!("{}{}", tag.handle, tag.suffix) }
}

fn long(tag: &str) -> String {
    tag.strip_prefix("!!").map_or_else(|| tag.into(), |name| format!("tag:yaml.org,2002:{name}"))
}

/// The value of a scalar.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let tag = tag.map(short).unwrap_or_default();
    let known = ["", "!", "!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp", "!!binary"];
    if !known.contains(&tag.as_str()) {
        return Err(format!("unsupported tag {tag:?}"));
    }
    // What is quoted or in a block is text, unless a tag says otherwise.
    if tag == "!" || (tag.is_empty() && style != ScalarStyle::Plain) {
        return Ok(text.into());
    }
    let cannot = || format!("cannot parse {text:?} as {}", long(&tag));
    let mut tag = tag.as_str();
    let first = text.chars().next();
    let hint = first.is_none_or(|first| "yYnNtTfFoO~+-.0123456789".contains(first));
    if hint && tag != "!!str" && tag != "!!binary" {
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            return Ok(text.into());
        }
        if let Some(value) = word(text) {
            return Ok(value);
        }
        if tag.is_empty() && matches!(text, ".nan" | ".NaN" | ".NAN") {
            return Err("floating point NaN is not supported".into());
        }
        match first {
            Some('.') => {
                if let Ok(number) = text.parse::<Number>() {
                    return Ok(number.into());
                }
            }
            Some('+' | '-' | '0'..='9') => {
                if (tag.is_empty() || tag == "!!timestamp")
                    && let Some(time) = timestamp(text)
                {
                    return Ok(time.into());
                }
                if is_integer(text) || is_float(text) {
                    tag = "!!float";
                }
            }
            _ => {}
        }
    }
    match tag {
        "!!binary" => base64(text).map(|_| text.into()).map_err(|_| format!("{}: not valid base64", cannot())),
        "!!bool" => word(text).filter(|value| value.as_bool().is_some()).ok_or_else(cannot),
        "!!int" | "!!float" => number(&text.replace('_', "")).map(Value::from).ok_or_else(cannot),
        "!!timestamp" => timestamp(text).map(Value::from).ok_or_else(cannot),
        "!!null" => Ok(Value::null(Type::Any)),
        _ => Ok(text.into()),
    }
}

/// Words that stand for something else.
fn word(text: &str) -> Option<Value> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => true.into(),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => false.into(),
        "" | "~" | "null" | "Null" | "NULL" => Value::null(Type::Any),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Number::INFINITY.into(),
        "-.inf" | "-.Inf" | "-.INF" => Number::NEGATIVE_INFINITY.into(),
        _ => return None,
    })
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_integer(text: &str) -> bool {
    is_digits(unsigned(text))
        || text
            .strip_prefix("0o")
            .is_some_and(|octal| !octal.is_empty() && octal.bytes().all(|byte| (b'0'..=b'7').contains(&byte)))
        || text
            .strip_prefix("0x")
            .is_some_and(|hex| !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match unsigned(text).split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned(text), None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let good = match (whole, fraction) {
        ("", fraction) => is_digits(fraction),
        (whole, "") => is_digits(whole),
        (whole, fraction) => is_digits(whole) && is_digits(fraction),
    };
    good && exponent.is_none_or(|exponent| is_digits(unsigned(exponent)))
}

fn number(text: &str) -> Option<Number> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2)? {
        "0x" => (16, &lower[2..]),
        "0o" => (8, &lower[2..]),
        "0b" => (2, &lower[2..]),
        _ => return None,
    };
    let number = u64::from_str_radix(digits, base).ok()?;
    Some(Number::from_big(num_bigint::BigInt::from(number) * sign))
}

/// A date, or a date and a time, as RFC 3339 text.
fn timestamp(text: &str) -> Option<String> {
    let (year, rest) = text.split_once('-').filter(|(year, _)| year.len() == 4 && is_digits(year))?;
    let (month, rest) = rest.split_once('-')?;
    let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    let (day, rest) = rest.split_at(end);
    let two = |text: &str| (is_digits(text) && text.len() <= 2).then(|| format!("{text:0>2}"));
    let date = format!("{year}-{}-{}", two(month)?, two(day)?);
    let whole = match rest.chars().next() {
        None => format!("{date}T00:00:00Z"),
        Some(mark @ ('T' | 't' | ' ')) => {
            let time = &rest[1..];
            let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
            let (clock, zone) = time.split_at(end);
            // A space goes without a zone, a letter with one.
            let zone = match (mark, zone) {
                (' ', "") => "Z",
                (' ', _) | (_, "") => return None,
                (_, zone) => zone,
            };
            let mut parts = clock.splitn(3, ':');
            let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
            let (second, fraction) =
                second.split_once('.').map_or((second, None), |(second, fraction)| (second, Some(fraction)));
            if fraction.is_some_and(|fraction| !is_digits(fraction)) {
                return None;
            }
            format!("{date}T{}:{}:{}{zone}", two(hour)?, two(minute)?, two(second)?)
        }
        Some(_) => return None,
    };
    super::time::Time::parse(&whole).ok().map(|time| time.to_string())
}
