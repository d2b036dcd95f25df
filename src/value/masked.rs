//! Texts without what may not be shown.

use super::Value;

/// Shorter ones say little, and would be found everywhere.
const SHORTEST: usize = 4;

/// The text with `(sensitive value)` in place of every sensitive text of the object: services make ids of arguments, and
/// repeat them in what they refuse.
pub fn masked(text: &str, object: &Value) -> String {
    let mut secrets = Vec::new();
    collect(object, false, &mut secrets);
    // One may be part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "(sensitive value)"))
}

fn collect<'a>(value: &'a Value, is_inside: bool, secrets: &mut Vec<&'a str>) {
    let is_sensitive = is_inside || value.marks.is_sensitive();
    if let Some(text) = value.as_str().filter(|text| is_sensitive && text.chars().count() >= SHORTEST) {
        secrets.push(text);
    }
    value.children().for_each(|child| collect(child, is_sensitive, secrets));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[test]
    fn sensitive_texts_are_hidden_and_others_are_not() {
        let list = Value::list(Type::String, vec!["hunter2".into(), "abc".into()]).sensitive();
        let object = Value::object([("a".into(), list), ("b".into(), "plain".into())].into());
        assert_eq!(masked("x-hunter2-abc-plain", &object), "x-(sensitive value)-abc-plain");
    }
}
