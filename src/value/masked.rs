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

/// The object with its plain texts masked: what services make of sensitive arguments, such as ids and ARNs.
pub fn without_echoes(object: &Value) -> Value {
    let mut secrets = Vec::new();
    collect(object, false, &mut secrets);
    if secrets.is_empty() {
        return object.clone();
    }
    quiet(object, object)
}

fn quiet(value: &Value, object: &Value) -> Value {
    match value.as_str() {
        _ if value.marks.is_sensitive() => value.clone(),
        Some(text) => Value::from(masked(text, object)).with_marks(&value.marks),
        None => value.map_children(&|child| quiet(child, object)),
    }
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

    #[test]
    fn what_a_service_made_of_a_secret_is_no_plain_text() {
        let object = |name: Value, arn: &str| {
            let tags = Value::map(Type::String, [("Name".into(), "hunter2".into())].into());
            Value::object([("name".into(), name), ("arn".into(), arn.into()), ("tags_all".into(), tags)].into())
        };
        let shown = without_echoes(&object(Value::from("hunter2").sensitive(), "arn:role/hunter2"));
        assert_eq!(shown.get("name").and_then(Value::as_str), Some("hunter2"), "it is marked");
        assert_eq!(shown.get("arn").and_then(Value::as_str), Some("arn:role/(sensitive value)"));
        let tag = shown.get("tags_all").and_then(|tags| tags.get("Name"));
        assert_eq!(tag.and_then(Value::as_str), Some("(sensitive value)"));
        let plain = object("hunter2".into(), "arn:role/hunter2");
        assert_eq!(without_echoes(&plain), plain);
    }
}
