//! Trees of plain values, as text.

use super::*;
use crate::value::Type;

#[allow(clippy::needless_pass_by_value)] // the values are made for it
fn shown(old: Option<Value>, new: Option<Value>) -> String {
    let tree = untyped(old.as_ref(), new.as_ref());
    anstream::adapter::strip_str(&text(&tree, 0, Pen::CHANGES)).to_string()
}

fn object(entries: &[(&str, Value)]) -> Value {
    Value::object(entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

#[test]
fn leaves() {
    assert_eq!(shown(None, Some("a".into())), "\"a\"");
    assert_eq!(shown(Some("a".into()), Some(2.into())), "\"a\" -> 2");
    assert_eq!(shown(Some("a".into()), None), "\"a\" -> null");
    assert_eq!(shown(Some("a".into()), Some(Value::unknown(Type::String))), "\"a\" -> (known after apply)");
    assert_eq!(shown(Some("a".into()), Some(Value::from("b").sensitive())), "(sensitive value)");
    assert_eq!(shown(Some("x".into()), Some(object(&[("a", 1.into())]))), "\"x\" -> {\n      + a = 1\n    }");
    assert_eq!(shown(Some(Value::tuple(Vec::new())), None), "[] -> null");
}

#[test]
fn long_texts_are_compared_by_line() {
    let expected = "<<-EOT\n        a\n      - b\n      + x\n        c\n    EOT";
    assert_eq!(shown(Some("a\nb\nc\n".into()), Some("a\nx\nc\n".into())), expected);
    assert_eq!(shown(Some("a\nb".into()), None), "<<-EOT\n        a\n        b\n    EOT -> null");
    assert_eq!(shown(Some("a".into()), Some("a\nb".into())), "<<-EOT\n        a\n      + b\n    EOT");
}

#[test]
fn json_of_another_layout_says_so() {
    let text = shown(Some("{\"a\":1}".into()), Some("{ \"a\": 1 }".into()));
    assert_eq!(
        text,
        "jsonencode( # whitespace changes\n        {\n            # (1 unchanged attribute hidden)\n        }\n    )"
    );
    assert_eq!(shown(None, Some("{}".into())), "jsonencode({})");
    assert_eq!(shown(None, Some("{not json".into())), "\"{not json\"");
}

#[test]
fn nothing_sensitive_is_drawn_anywhere() {
    let secret = || Value::from("hush").sensitive();
    let list = Value::tuple(vec![secret(), object(&[("deep", secret())])]);
    for (old, new) in
        [(None, Some(list.clone())), (Some(list.clone()), None), (Some(list), Some(Value::unknown(Type::Any)))]
    {
        let text = shown(old, new);
        assert!(text.contains("(sensitive value)") && !text.contains("hush"), "{text}");
    }
    let set = Value::set(Type::String, vec![secret(), "x".into()]);
    assert_eq!(shown(None, Some(set)), "(sensitive value)");
}

#[test]
fn what_becomes_secret_or_is_no_longer_is_said() {
    let secret = |text: &str| Value::from(text).sensitive();
    let with = |pw: Value, first: Value, x: &str| {
        object(&[("l", Value::tuple(vec![first, "l2".into()])), ("pw", pw), ("x", x.into())])
    };
    let (hidden, plain) = (with(secret("pw1"), secret("l1"), "same"), with("pw1".into(), "l1".into(), "same"));
    let expected = "{
      ~ l  = [
          # Warning: this attribute value will no longer be marked as sensitive
          # after applying this change. The value is unchanged.
          ~ (sensitive value),
            \"l2\",
        ]
      # Warning: this attribute value will no longer be marked as sensitive
      # after applying this change. The value is unchanged.
      ~ pw = (sensitive value)
        # (1 unchanged attribute hidden)
    }";
    assert_eq!(shown(Some(hidden.clone()), Some(plain.clone())), expected);
    let text = shown(Some(plain), Some(with(secret("pw2"), secret("l1"), "same")));
    assert!(text.contains("will be marked as sensitive and will not\n      # display in UI output after applying this change.\n      ~ pw"), "{text}");
    assert!(
        text.contains("display in UI output after applying this change. The value is unchanged.\n          ~ (sen"),
        "{text}"
    );
    assert!(!text.contains("pw1") && !text.contains("l1"), "{text}");
    // What was hidden and stays so, comes or goes says nothing.
    for (old, new) in [(Some(hidden.clone()), Some(hidden.clone())), (None, Some(hidden.clone())), (Some(hidden), None)]
    {
        assert!(!shown(old, new).contains("Warning"));
    }
}
