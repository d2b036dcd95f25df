use super::*;
use crate::value::{Type, Value};

fn raw(text: &str) -> Raw {
    Raw::parse(text).expect("JSON")
}

fn ty(text: &str) -> Type {
    type_from_json(raw(text).value()).expect("a type")
}

#[test]
fn types_survive_the_way_through_json() {
    for text in [
        r#""dynamic""#,
        r#"["list","string"]"#,
        r#"["set",["map","bool"]]"#,
        r#"["tuple",["string","number","dynamic"]]"#,
        r#"["tuple",[]]"#,
        r#"["object",{}]"#,
        r#"["object",{"a":["object",{"b":["tuple",["bool"]]}],"z":"number"}]"#,
        r#"["object",{"a":"string","b":"bool","c":"number"},["a","c"]]"#,
    ] {
        assert_eq!(type_to_json(&ty(text)), text);
    }
    for text in ["1", "\"text\"", "[]", "[\"list\"]", "[\"list\",1]", "[\"list\",\"string\",\"string\"]", "{}"] {
        assert!(type_from_json(raw(text).value()).is_err(), "{text}");
    }
}

#[test]
fn values_survive_the_way_through_state() {
    for (value, of) in [
        (r#"{"value":["a",1,null],"type":["tuple",["string","number","dynamic"]]}"#, r#""dynamic""#),
        (r#"{"value":null,"type":"string"}"#, r#""dynamic""#),
        ("null", r#""dynamic""#),
        (
            r#"{"id":"x","input":{"value":1,"type":"number"},"tags":null}"#,
            r#"["object",{"id":"string","input":"dynamic","tags":["map","string"]}]"#,
        ),
        (r#"{"a":[1,2]}"#, r#"["map",["list","number"]]"#),
        (r#""\u003ca\u003e \u0026 \u2028 \" \\ \n \u0001""#, r#""string""#),
    ] {
        let ty = ty(of);
        let decoded = from_state(raw(value).value(), &ty).expect("JSON");
        assert_eq!((decoded.extra.len(), decoded.misfits.len()), (0, 0), "{value}");
        assert_eq!(to_state(&decoded.value, &ty).as_deref(), Ok(value));
    }
}

#[test]
fn plain_json_has_no_types_and_sorted_keys() {
    let value =
        implied(raw(r#"{"b": [1, "x", true, null], "a": {"value": 1, "type": "number"}}"#).value()).expect("JSON");
    assert_eq!(to_json(&value).as_deref(), Ok(r#"{"a":{"type":"number","value":1},"b":[1,"x",true,null]}"#));
}

#[test]
fn states_of_other_versions_load() {
    let ty = ty(r#"["object",{"id":"string","new":"bool","port":"number","rule":["list",["object",{"a":"string"}]]}]"#);
    let text = r#"{"id": 7, "old": 1, "port": {"x": 1}, "rule": [{"a": "1", "b": 2}]}"#;
    let decoded = from_state(raw(text).value(), &ty).expect("JSON");
    assert_eq!(decoded.extra, ["old", "rule[0].b"]);
    assert_eq!(decoded.misfits.iter().map(ToString::to_string).collect::<Vec<_>>(), ["port: a number is required"]);
    assert_eq!(to_json(&decoded.value).as_deref(), Ok(r#"{"id":"7","new":null,"port":null,"rule":[{"a":"1"}]}"#));
    assert_eq!(from_json(raw(text).value(), &ty).map_err(|error| error.path), Err("old".to_owned()));
}

#[test]
fn primitives_convert_as_terraform_does() {
    let read = |text: &str, of: &str| from_json(raw(text).value(), &ty(of)).ok();
    assert_eq!(read("\"5\"", "\"number\""), Some(5.into()));
    assert_eq!(read("\"true\"", "\"bool\""), Some(true.into()));
    assert_eq!(read("1", "\"bool\""), None);
    assert_eq!(read("true", "\"string\""), Some("true".into()));
    assert_eq!(read("[1]", "\"string\""), None);
    assert_eq!(read("[1]", "[\"tuple\",[]]"), None);
}

#[test]
fn what_has_no_json_says_where() {
    let value = Value::object([("a".into(), Value::tuple(vec![Value::unknown(Type::String)]))].into());
    assert_eq!(to_json(&value).map_err(|error| error.to_string()), Err("a[0]: known only after apply".to_owned()));
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(implied(raw(&deep).value()).is_err());
}

#[test]
fn layout_is_that_of_go() {
    let text = compact(" { \"a\" : [ ] , \"b\\\" {\" : [ 1 , { } ] , \"c\":{\"<\":\"&\u{2028}\"} } ");
    assert_eq!(text, r#"{"a":[],"b\" {":[1,{}],"c":{"\u003c":"\u0026\u2028"}}"#);
    assert_eq!(
        indent(&text),
        "{\n  \"a\": [],\n  \"b\\\" {\": [\n    1,\n    {}\n  ],\n  \"c\": {\n    \"\\u003c\": \"\\u0026\\u2028\"\n  }\n}"
    );
}

#[test]
fn debug_shows_no_text() {
    assert_eq!(format!("{:?}", raw("\"secret\"")), "Raw(8 bytes)");
}
