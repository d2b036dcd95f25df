//! YAML as Terraform writes it: blocks, every key and text in double quotes, text of several lines literally.

use std::fmt::Write as _;

use crate::value::{Data, Value};

use super::CallError;

/// Text in quotes is broken at a space beyond this column.
const WIDTH: usize = 80;
/// A key longer than this stands on a line of its own, after a question mark.
const LONGEST_KEY: usize = 128;

/// The value as a YAML document.
pub(super) fn encode(value: &Value) -> Result<String, CallError> {
    let mut writer = Writer { out: String::new(), column: 0 };
    writer.node(value, None, Place::Root)?;
    // Text with line breaks at its end leaves none to add.
    if !writer.out.ends_with('\n') {
        writer.out.push('\n');
    }
    // A bare word at the top gets a mark of the end.
    if matches!(value.data, Data::Null(_) | Data::Bool(_) | Data::Number(_)) {
        writer.out.push_str("...\n");
    }
    Ok(writer.out)
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    /// After `- `.
    Item,
    /// After `key:`.
    Value,
    /// After `? ` or after the `:` that belongs to it.
    Complex,
}

struct Writer {
    out: String,
    column: usize,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rfind('\n') {
            Some(at) => self.column = text[at + 1..].chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    /// Starts a line unless one has just been started by `- ` and the like.
    fn line(&mut self, indent: usize) {
        if self.column > 0 {
            self.put("\n");
        }
        self.put(&" ".repeat(indent));
    }

    fn gap(&mut self, place: Place) {
        if place == Place::Value {
            self.put(" ");
        }
    }

    /// `indent` is that of the collection around; nothing at the top.
    fn node(&mut self, value: &Value, indent: Option<usize>, place: Place) -> Result<(), CallError> {
        match &value.data {
            Data::Unknown(_) => return Err(CallError::new("cannot serialize unknown value as YAML")),
            Data::Null(_) => {
                self.gap(place);
                self.put("null");
            }
            Data::Bool(truth) => {
                self.gap(place);
                self.put(if *truth { "true" } else { "false" });
            }
            Data::Number(number) => {
                self.gap(place);
                self.put(&number.to_string());
            }
            Data::String(text) => {
                self.gap(place);
                let inner = indent.map_or(0, |indent| indent + 2);
                if text.contains('\n') && block_allowed(text) {
                    self.literal(text, if indent.is_none() { 2 } else { inner });
                } else {
                    self.quoted(text, Some(if indent.is_none() { 2 } else { inner }));
                }
            }
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                if elements.is_empty() {
                    self.gap(place);
                    self.put("[]");
                    return Ok(());
                }
                // A list below a key is not indented.
                let own = match (indent, place) {
                    (None, _) => 0,
                    (Some(indent), Place::Value) => indent,
                    (Some(indent), _) => indent + 2,
                };
                for (at, element) in elements.iter().enumerate() {
                    self.start(at, own, place);
                    self.put("- ");
                    self.node(element, Some(own), Place::Item)?;
                }
            }
            Data::Map(_, entries) | Data::Object(entries) => {
                if entries.is_empty() {
                    self.gap(place);
                    self.put("{}");
                    return Ok(());
                }
                let own = indent.map_or(0, |indent| indent + 2);
                for (at, (name, element)) in entries.iter().enumerate() {
                    self.start(at, own, place);
                    if name.len() <= LONGEST_KEY && !name.contains(is_break) {
                        self.quoted(name, None);
                        self.put(":");
                        self.node(element, Some(own), Place::Value)?;
                    } else {
                        self.put("? ");
                        self.node(&Value::from(&**name), Some(own), Place::Complex)?;
                        self.line(own);
                        self.put(": ");
                        self.node(element, Some(own), Place::Complex)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The first entry after `- ` stays on its line.
    fn start(&mut self, at: usize, indent: usize, place: Place) {
        if at > 0 || !matches!(place, Place::Item | Place::Complex | Place::Root) {
            self.line(indent);
        }
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.put("|");
        if text.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.put("2");
        }
        let mut last = text.chars().rev();
        match (last.next(), last.next()) {
            (Some(end), before) if is_break(end) => {
                if before.is_none_or(is_break) {
                    self.put("+");
                }
            }
            _ => self.put("-"),
        }
        self.put("\n");
        let mut fresh = true;
        for character in text.chars() {
            if is_break(character) {
                self.put(&character.to_string());
                self.column = 0;
                fresh = true;
                continue;
            }
            if fresh {
                self.put(&" ".repeat(indent));
                fresh = false;
            }
            self.put(character.encode_utf8(&mut [0; 4]));
        }
    }

    /// `fold` is the indentation of lines that continue long text.
    fn quoted(&mut self, text: &str, fold: Option<usize>) {
        self.put("\"");
        let characters: Vec<char> = text.chars().collect();
        let mut after_space = false;
        for (at, &character) in characters.iter().enumerate() {
            if character == ' ' {
                let folds = !after_space && self.column > WIDTH && at > 0 && at + 1 < characters.len();
                match fold.filter(|_| folds) {
                    Some(indent) => {
                        self.put("\n");
                        self.put(&" ".repeat(indent));
                        if characters[at + 1] == ' ' {
                            self.put("\\");
                        }
                    }
                    None => self.put(" "),
                }
                after_space = true;
                continue;
            }
            after_space = false;
            if is_printable(character) && !is_break(character) && character != '"' && character != '\\' {
                self.put(character.encode_utf8(&mut [0; 4]));
                continue;
            }
            let mut escape = String::from("\\");
            match character {
                '\0' => escape.push('0'),
                '\u{7}' => escape.push('a'),
                '\u{8}' => escape.push('b'),
                '\t' => escape.push('t'),
                '\n' => escape.push('n'),
                '\u{b}' => escape.push('v'),
                '\u{c}' => escape.push('f'),
                '\r' => escape.push('r'),
                '\u{1b}' => escape.push('e'),
                '"' | '\\' => escape.push(character),
                '\u{85}' => escape.push('N'),
                '\u{a0}' => escape.push('_'),
                '\u{2028}' => escape.push('L'),
                '\u{2029}' => escape.push('P'),
                other => {
                    let code = u32::from(other);
                    let _ = match code {
                        0..=0xFF => write!(escape, "x{code:02X}"),
                        0x100..=0xFFFF => write!(escape, "u{code:04X}"),
                        _ => write!(escape, "U{code:08X}"),
                    };
                }
            }
            self.put(&escape);
        }
        self.put("\"");
    }
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters above the basic plane are escaped, as Terraform does.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Whether text can stand literally: no space at its end or before a line break, nothing unprintable.
fn block_allowed(text: &str) -> bool {
    let mut space = false;
    for character in text.chars() {
        if (is_break(character) && space) || !is_printable(character) {
            return false;
        }
        space = character == ' ';
    }
    !space
}
