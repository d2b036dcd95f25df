//! A value in the syntax of the language, as `output` and `console` print it.

use std::fmt::Write as _;

use crate::value::{Data, Entries, Type, Value};

/// Stands for a value that must not be shown.
pub(crate) const SENSITIVE: &str = "(sensitive value)";
/// Stands for a value that is known only after apply.
pub(crate) const LATER: &str = "(known after apply)";

/// The value as text, over several lines where it has parts. What is sensitive is not shown.
pub(crate) fn value(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out
}

fn write_value(out: &mut String, value: &Value, indent: usize) {
    if value.marks.is_sensitive() {
        return out.push_str(SENSITIVE);
    }
    if value.marks.is_ephemeral() {
        return out.push_str("(ephemeral value)");
    }
    match &value.data {
        Data::Null(ty) => out.push_str(&null(ty)),
        Data::Unknown(_) => out.push_str(LATER),
        Data::Bool(truth) => write_to(out, truth),
        Data::Number(number) => write_to(out, number),
        Data::String(text) if text.contains('\n') => heredoc(out, text, indent),
        Data::String(text) => quote_into(out, text),
        Data::List(_, elements) => wrapped(out, "tolist(", |out| sequence(out, elements, indent)),
        Data::Set(_, elements) => wrapped(out, "toset(", |out| sequence(out, elements, indent)),
        Data::Tuple(elements) => sequence(out, elements, indent),
        Data::Map(_, entries) => wrapped(out, "tomap(", |out| mapping(out, entries, indent)),
        Data::Object(entries) => mapping(out, entries, indent),
    }
}

fn write_to(out: &mut String, shown: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{shown}");
}

fn wrapped(out: &mut String, call: &str, inside: impl FnOnce(&mut String)) {
    out.push_str(call);
    inside(out);
    out.push(')');
}

fn null(ty: &Type) -> String {
    match ty {
        Type::Any => "null".into(),
        Type::String => "tostring(null)".into(),
        Type::Number => "tonumber(null)".into(),
        Type::Bool => "tobool(null)".into(),
        Type::List(element) => format!("tolist(null) /* of {} */", friendly(element)),
        Type::Set(element) => format!("toset(null) /* of {} */", friendly(element)),
        Type::Map(element) => format!("tomap(null) /* of {} */", friendly(element)),
        Type::Tuple(_) | Type::Object(_) => format!("null /* {} */", friendly(ty)),
    }
}

/// The type in words, such as "list of string".
pub(crate) fn friendly(ty: &Type) -> String {
    match ty {
        Type::Any => "dynamic".into(),
        Type::Bool | Type::Number | Type::String => ty.to_string(),
        Type::List(element) => format!("list of {}", friendly(element)),
        Type::Set(element) => format!("set of {}", friendly(element)),
        Type::Map(element) => format!("map of {}", friendly(element)),
        Type::Tuple(_) => "tuple".into(),
        Type::Object(_) => "object".into(),
    }
}

fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn sequence(out: &mut String, elements: &[Value], indent: usize) {
    out.push('[');
    for element in elements {
        new_line(out, indent + 2);
        write_value(out, element, indent + 2);
        out.push(',');
    }
    if !elements.is_empty() {
        new_line(out, indent);
    }
    out.push(']');
}

fn mapping(out: &mut String, entries: &Entries, indent: usize) {
    out.push('{');
    for (name, entry) in entries {
        new_line(out, indent + 2);
        quote_into(out, name);
        out.push_str(" = ");
        write_value(out, entry, indent + 2);
    }
    if !entries.is_empty() {
        new_line(out, indent);
    }
    out.push('}');
}

fn heredoc(out: &mut String, text: &str, indent: usize) {
    let mut end = "EOT".to_owned();
    while text.lines().any(|line| line.trim() == end) {
        end.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&end);
    for line in text.split('\n') {
        new_line(out, indent);
        // In front of a line break, a carriage return does no harm.
        let (line, end) = line.strip_suffix('\r').map_or((line, ""), |line| (line, "\r"));
        out.push_str(&visible(line));
        out.push_str(end);
    }
    new_line(out, indent);
    out.push_str(&end);
}

/// The text in quotes; what cannot be seen or would steer the terminal is escaped, as Go does.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote_into(&mut out, text);
    out
}

fn quote_into(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ => push_visible(out, c, false),
        }
    }
    out.push('"');
}

/// A line of text in which nothing steers the terminal.
pub(crate) fn visible(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    line.chars().for_each(|c| push_visible(&mut out, c, true));
    out
}

fn push_visible(out: &mut String, c: char, keeps_tabs: bool) {
    let invisible = c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    match c {
        '\t' if keeps_tabs => out.push(c),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        _ if !invisible => out.push(c),
        _ if u32::from(c) < 0x80 => write_to(out, format_args!("\\x{:02x}", u32::from(c))),
        _ => write_to(out, format_args!("\\u{:04x}", u32::from(c))),
    }
}

/// The name of an attribute: in quotes when it is no identifier.
pub(crate) fn name(text: &str) -> String {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c));
    if starts && chars.all(|c| c == '-' || unicode_ident::is_xid_continue(c)) { text.to_owned() } else { quote(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_on_their_own_lines() {
        let tags = Value::map(
            Type::String,
            [("a b".into(), "x".into()), ("c".into(), Value::from("hush").sensitive())].into(),
        );
        let entries = [
            ("list".into(), Value::list(Type::Number, vec![1.into()])),
            ("none".into(), Value::null(Type::list(Type::String))),
            ("tags".into(), tags),
            ("text".into(), "a\nb\n".into()),
            ("later".into(), Value::unknown(Type::String)),
        ];
        let expected = r#"{
  "later" = (known after apply)
  "list" = tolist([
    1,
  ])
  "none" = tolist(null) /* of string */
  "tags" = tomap({
    "a b" = "x"
    "c" = (sensitive value)
  })
  "text" = <<-EOT
  a
  b
  
  EOT
}"#;
        assert_eq!(value(&Value::object(entries.into())), expected);
        assert_eq!(value(&Value::tuple(Vec::new())), "[]");
        assert_eq!(value(&"EOT\nx".into()), "<<EOT_\nEOT\nx\nEOT_");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(quote("\u{1b}[31m\"\t${x}é\u{a0}"), r#""\x1b[31m\"\t${x}é\u00a0""#);
        assert_eq!(visible("\ta\u{1b}"), "\ta\\x1b");
        assert_eq!((name("a-b1"), name("1a"), name("a b")), ("a-b1".into(), "\"1a\"".into(), "\"a b\"".into()));
    }
}
