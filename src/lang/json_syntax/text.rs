//! The text of a JSON file -> values with their places. Which texts are accepted, and the summaries of problems, follow
//! HCL's own JSON parser; the sentences are ours.

use crate::diagnostic::{Diagnostic, Report, Span, near_miss};

/// How deep values may be nested, as in the native syntax.
const MAX_DEPTH: usize = crate::lang::syntax::parse::MAX_DEPTH;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub kind: Kind,
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    /// As written, perhaps with a minus sign in front.
    Number(String),
    String(Text),
    Array(Vec<Node>),
    /// In source order; a name may stand there twice.
    Object(Vec<Property>),
    /// There was a syntax error here, already reported.
    Invalid,
}

/// `"name": value`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Property {
    pub name: Text,
    pub value: Node,
}

/// A string with its escapes resolved.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub value: String,
    /// With its quotes.
    pub span: Span,
    /// For each byte of the value, and for its end, where it comes from; empty when nothing was escaped, so that the text
    /// starts right behind the quote.
    pub places: Vec<u32>,
}

/// Parses a whole file; `None` after a problem that leaves nothing.
pub(super) fn parse(file: u32, text: &str) -> (Option<Node>, Report) {
    let mut parser = Parser { file, text, at: 0, depth: 0, report: Report::default() };
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    let node = parser.value();
    parser.space();
    let is_whole = node.kind != Kind::Invalid;
    if is_whole && parser.at < text.len() {
        let span = parser.span_from(parser.at, text.len());
        let detail = "The JSON value is complete before this point, but more text follows. Remove the rest.";
        parser.report.push(Diagnostic::error("Extraneous data after value", detail).at(span));
    }
    (is_whole.then_some(node), parser.report)
}

struct Parser<'a> {
    file: u32,
    text: &'a str,
    at: usize,
    depth: usize,
    report: Report,
}

impl Parser<'_> {
    fn span_from(&self, start: usize, end: usize) -> Span {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: place(start), end: place(end) }
    }

    /// The character that comes next, or nothing at the end.
    fn here(&self) -> Span {
        let next = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        self.span_from(self.at, self.at + next)
    }

    fn problem(&mut self, summary: &'static str, detail: impl Into<String>, span: Span) {
        self.report.push(Diagnostic::error(summary, detail).at(span));
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn invalid(&self, start: usize) -> Node {
        Node { kind: Kind::Invalid, span: self.span_from(start, self.at.max(start)) }
    }

    fn value(&mut self) -> Node {
        self.space();
        let start = self.at;
        let kind = match self.peek() {
            None => {
                self.problem("Missing value", "The JSON text ends where a value is needed.", self.here());
                return self.invalid(start);
            }
            Some(b'{' | b'[') if self.depth >= MAX_DEPTH => {
                self.problem("Nesting too deep", "Values are nested more deeply than anybody can read.", self.here());
                self.at = self.text.len();
                return self.invalid(start);
            }
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => self.string().map(Kind::String),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number(),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => self.keyword(),
            Some(b'}' | b']' | b',' | b':') => {
                let detail = "A value is needed here: an object, an array, a string, a number, true, false or null.";
                self.problem("Missing JSON value", detail, self.here());
                None
            }
            Some(_) => {
                let detail =
                    "No JSON value starts like this. Strings stand in double quotes, and there are no comments.";
                self.problem("Invalid start of value", detail, self.here());
                // What is before the next bracket or comma belongs to it.
                while self.peek().is_some_and(|byte| !b"{}[],\n".contains(&byte)) {
                    self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                }
                None
            }
        };
        match kind {
            Some(kind) => Node { kind, span: self.span_from(start, self.at) },
            None => self.invalid(start),
        }
    }

    fn object(&mut self) -> Option<Kind> {
        let open = self.at;
        self.at += 1;
        self.depth += 1;
        let properties = self.properties(open);
        self.depth -= 1;
        properties.map(Kind::Object)
    }

    /// What stands in an object; after a problem skips to its end.
    fn properties(&mut self, open: usize) -> Option<Vec<Property>> {
        let mut properties = Vec::new();
        loop {
            self.space();
            if properties.is_empty() && self.peek() == Some(b'}') {
                self.at += 1;
                return Some(properties);
            }
            if self.peek().is_none() {
                return self.unclosed(open, "Unclosed object", "This object has no closing brace.");
            }
            let Some(name) = self.name() else { return self.skip(open) };
            self.space();
            if self.peek() != Some(b':') {
                let detail = "A colon stands between the name of a property and its value.";
                self.problem("Missing property value colon", detail, self.here());
                return self.skip(open);
            }
            self.at += 1;
            let value = self.value();
            let is_lost = value.kind == Kind::Invalid && self.at >= self.text.len();
            properties.push(Property { name, value });
            self.space();
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Some(properties);
                }
                Some(b',') => {
                    let comma = self.here();
                    self.at += 1;
                    self.space();
                    if self.peek() == Some(b'}') {
                        let detail = "JSON has no comma behind the last property. Remove it.";
                        self.problem("Trailing comma in object", detail, comma);
                        self.at += 1;
                        return None;
                    }
                }
                None if is_lost => {
                    return self.unclosed(open, "Unclosed object", "This object has no closing brace.");
                }
                None => return self.unclosed(open, "Unclosed object", "This object has no closing brace."),
                Some(b']') => {
                    let detail = "An object is closed with a brace, not with a bracket.";
                    self.problem("Mismatched braces", detail, self.here());
                    return self.skip(open);
                }
                Some(_) => {
                    // HCL spells it this way.
                    let detail = "A comma stands between two properties.";
                    self.problem("Missing attribute seperator comma", detail, self.here());
                    return self.skip(open);
                }
            }
        }
    }

    /// The name of a property.
    fn name(&mut self) -> Option<Text> {
        if self.peek() == Some(b'"') {
            return self.string();
        }
        let start = self.here();
        let value = self.value();
        let span = if value.span.start < value.span.end { value.span } else { start };
        self.problem("Invalid object property name", "The name of a property is a string in double quotes.", span);
        None
    }

    fn array(&mut self) -> Option<Kind> {
        let open = self.at;
        self.at += 1;
        self.depth += 1;
        let elements = self.elements(open);
        self.depth -= 1;
        elements.map(Kind::Array)
    }

    fn elements(&mut self, open: usize) -> Option<Vec<Node>> {
        let mut elements = Vec::new();
        loop {
            self.space();
            match self.peek() {
                Some(b']') if elements.is_empty() => {
                    self.at += 1;
                    return Some(elements);
                }
                None => return self.unclosed(open, "Unclosed object", "This array has no closing bracket."),
                Some(_) => elements.push(self.value()),
            }
            self.space();
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Some(elements);
                }
                Some(b',') => {
                    let comma = self.here();
                    self.at += 1;
                    self.space();
                    if self.peek() == Some(b']') {
                        let detail = "JSON has no comma behind the last element. Remove it.";
                        self.problem("Trailing comma in array", detail, comma);
                        self.at += 1;
                        return None;
                    }
                }
                None => return self.unclosed(open, "Unclosed object", "This array has no closing bracket."),
                Some(b'}') => {
                    let detail = "An array is closed with a bracket, not with a brace.";
                    self.problem("Mismatched brackets", detail, self.here());
                    return self.skip(open);
                }
                Some(_) => {
                    let detail = "A comma stands between two elements.";
                    self.problem("Missing attribute seperator comma", detail, self.here());
                    return self.skip(open);
                }
            }
        }
    }

    fn unclosed<T>(&mut self, open: usize, summary: &'static str, detail: &str) -> Option<T> {
        let span = self.span_from(open, open + 1);
        self.problem(summary, detail, span);
        None
    }

    /// Skips to behind the bracket that closes the one at `open`.
    fn skip<T>(&mut self, open: usize) -> Option<T> {
        let mut depth = 1_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_string(),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at = (self.at + 1).min(self.text.len());
            if depth == 0 {
                return None;
            }
        }
        self.unclosed(open, "Unclosed object", "What is opened here is not closed.")
    }

    /// To the closing quote of the string that starts here.
    fn skip_string(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'"' | b'\n' => break,
                _ => {}
            }
            at += 1;
        }
        self.at = at.min(bytes.len());
    }

    fn number(&mut self) -> Option<Kind> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        if is_number(text) {
            return Some(Kind::Number(text.to_owned()));
        }
        let detail =
            "This is no number of JSON: digits without leading zeros, perhaps with a fraction and an exponent.";
        self.problem("Invalid JSON number", detail, self.span_from(start, self.at));
        None
    }

    fn keyword(&mut self) -> Option<Kind> {
        let start = self.at;
        while matches!(self.peek(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'-' | b'0'..=b'9')) {
            self.at += 1;
        }
        match &self.text[start..self.at] {
            "true" => Some(Kind::Bool(true)),
            "false" => Some(Kind::Bool(false)),
            "null" => Some(Kind::Null),
            other => {
                let hint = near_miss(other, ["true", "false", "null"]);
                let hint = hint.map_or_else(
                    || " Text stands in double quotes.".to_owned(),
                    |near| format!(" Did you mean {near}?"),
                );
                let detail = format!("JSON has no word \"{other}\".{hint}");
                self.problem("Invalid JSON keyword", detail, self.span_from(start, self.at));
                None
            }
        }
    }

    fn string(&mut self) -> Option<Text> {
        let start = self.at;
        self.skip_string();
        let inside = start + 1..self.at;
        if self.peek() != Some(b'"') {
            let detail = "This string has no closing quote. A line break inside a string is written \\n.";
            self.problem("Invalid JSON string", detail, self.span_from(start, self.at));
            return None;
        }
        self.at += 1;
        let span = self.span_from(start, self.at);
        match unescape(self.text, inside) {
            Ok((value, places)) => Some(Text { value, span, places }),
            Err(at) => {
                let end = (at + 2).min(self.at);
                let end = (end..=self.at).find(|end| self.text.is_char_boundary(*end)).unwrap_or(self.at);
                let detail = "No character can be written like this in JSON. A backslash is written \\\\, a tab \\t.";
                self.problem("Invalid JSON string", detail, self.span_from(at, end));
                None
            }
        }
    }
}

/// Whether the text is a number of JSON.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start_matches(['+', '-']))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let has_one_sign = exponent.is_none_or(|exponent| text.len() - exponent.len() <= mantissa.len() + 2);
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
        && has_one_sign
}

/// The text with its escapes resolved and where each byte comes from; where it is wrong.
fn unescape(text: &str, inside: std::ops::Range<usize>) -> Result<(String, Vec<u32>), usize> {
    let raw = &text[inside.clone()];
    if let Some(at) = raw.bytes().position(|byte| byte < 0x20) {
        return Err(inside.start + at);
    }
    if !raw.contains('\\') {
        return Ok((raw.to_owned(), Vec::new()));
    }
    let (mut out, mut places) = (String::new(), Vec::new());
    let mut rest = raw;
    while let Some(first) = rest.chars().next() {
        let at = inside.end - rest.len();
        let (c, length) = if first == '\\' { escape(rest).ok_or(at)? } else { (first, first.len_utf8()) };
        out.push(c);
        places.extend(std::iter::repeat_n(u32::try_from(at).unwrap_or(u32::MAX), c.len_utf8()));
        rest = &rest[length..];
    }
    places.push(u32::try_from(inside.end).unwrap_or(u32::MAX));
    Ok((out, places))
}

/// The character that an escape stands for, and its length in the text.
fn escape(text: &str) -> Option<(char, usize)> {
    let c = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = unit(text.get(2..6)?)?;
            if !(0xD800..0xE000).contains(&first) {
                return Some((char::from_u32(first)?, 6));
            }
            // Half of a pair stands for nothing, as in Go.
            let second = text.get(6..8).filter(|start| *start == "\\u").and_then(|_| unit(text.get(8..12)?));
            return match second {
                Some(second) if first < 0xDC00 && (0xDC00..0xE000).contains(&second) => {
                    Some((char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))?, 12))
                }
                _ => Some((char::REPLACEMENT_CHARACTER, 6)),
            };
        }
        _ => return None,
    };
    Some((c, 2))
}

fn unit(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summaries(text: &str) -> Vec<String> {
        parse(0, text).1.0.iter().map(|problem| problem.summary.to_string()).collect()
    }

    #[test]
    fn problems_have_the_summaries_of_hcl() {
        for (text, expected) in [
            (r#"{"a": 1}"#, ""),
            (r#"{"a": {"b": 1}"#, "Unclosed object"),
            (r#"{"a": {"b": 1},}"#, "Trailing comma in object"),
            (r#"{"a": 01}"#, "Invalid JSON number"),
            (r#"{"a": tru}"#, "Invalid JSON keyword"),
            (r#"{"a" 1}"#, "Missing property value colon"),
            (r#"{"a": }"#, "Missing JSON value"),
            (r#"{"a": 1 "b": 2}"#, "Missing attribute seperator comma"),
            (r#"{"a": [1,]}"#, "Trailing comma in array"),
            (r#"{"a": [1 2]}"#, "Missing attribute seperator comma"),
            (r#"{"a": 1} {}"#, "Extraneous data after value"),
            (r#"{"a": "\x"}"#, "Invalid JSON string"),
            (r#"{1: 2}"#, "Invalid object property name"),
            (r#"/* */ {}"#, "Invalid start of value"),
            ("", "Missing value"),
        ] {
            assert_eq!(summaries(text).join(", "), expected, "{text}");
        }
    }

    #[test]
    fn numbers() {
        for good in ["0", "-1", "1.50", "1e400", "-1.5E-3", "2e+1"] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["", "-", "+1", ".5", "1.", "01", "1e", "1e+-2", "1-2", "--1"] {
            assert!(!is_number(bad), "{bad}");
        }
    }

    #[test]
    fn escapes_and_where_they_come_from() {
        let (node, report) = parse(0, r#""a\n\u00e9\ud83d\ude00b""#);
        assert!(!report.has_errors());
        let Some(Node { kind: Kind::String(text), .. }) = node else { panic!("a string") };
        assert_eq!(text.value, "a\né😀b");
        let places: Vec<u32> = text.value.char_indices().map(|(at, _)| text.places[at]).collect();
        assert_eq!(places, [1, 2, 4, 10, 22]);
        assert_eq!(text.places.last(), Some(&23));
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = "[".repeat(100_000);
        assert!(summaries(&deep).contains(&"Nesting too deep".to_owned()));
    }
}
