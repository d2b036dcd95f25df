//! Terraform's own answers are the yardstick.

use std::path::Path;

use super::*;
use crate::cli::render::plan::tests::toys;
use crate::diagnostic::{Diagnostic, Report, Sources, Span};
use crate::state::State;

fn read(text: &str) -> State {
    crate::state::file_v4::read(text.as_bytes(), "terraform.tfstate").expect("a state").expect("not empty")
}

macro_rules! samples {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../../state/samples/", $name, ".json")), include_str!(concat!("samples/", $name, ".show.json")))),*]
    };
}

#[test]
fn states_look_as_terraform_shows_them() {
    let samples = samples![
        "check-results",
        "data-source",
        "deposed",
        "input-value-types",
        "modules-nested",
        "outputs-of-every-type",
        "sensitive-paths",
        "tainted"
    ];
    let registry = crate::cli::stack::registry();
    for (name, text, expected) in samples {
        assert_eq!(state(Some(&read(text)), &registry).expect("JSON"), expected.trim_end(), "{name}");
    }
    assert_eq!(state(None, &registry).expect("JSON"), r#"{"format_version":"1.0"}"#);
}

#[test]
fn outputs_look_as_terraform_prints_them() {
    let state = read(include_str!("../../../state/samples/outputs-of-every-type.json"));
    assert_eq!(outputs(&state).expect("JSON"), include_str!("samples/outputs-of-every-type.outputs.json").trim_end());
    assert_eq!(output(&state.outputs["t"]).expect("JSON"), r#"[1,"a",null]"#);
}

#[test]
fn tables_become_schemas() {
    let text = schemas(&toys()).expect("JSON");
    let whole: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let toys = &whole["provider_schemas"]["registry.terraform.io/test/toys"];
    let toy = &toys["resource_schemas"]["toy"];
    assert_eq!(
        toy["block"]["attributes"]["password"].to_string(),
        r#"{"description":"Password.","description_kind":"plain","optional":true,"sensitive":true,"type":"string"}"#
    );
    assert_eq!(toy["block"]["attributes"]["id"]["computed"], true);
    let part = &toy["block"]["block_types"]["part"];
    assert_eq!((&part["nesting_mode"], &part["max_items"]), (&"list".into(), &serde_json::Value::Null));
    assert_eq!(toys["provider"]["block"]["attributes"]["port"]["type"], "number");
}

#[test]
fn problems_have_places() {
    let mut sources = Sources::default();
    let text = "resource \"terraform_data\" \"bad\" {\n  inpt = 1\n  count = local.nope\n}\n";
    let file = sources.add(Path::new("bad.tf"), text);
    let problem = Diagnostic::error("Unsupported argument", "An argument named \"inpt\" is not expected here.")
        .at(Span { file, start: 36, end: 40 })
        .within(Span { file, start: 0, end: 31 });
    let report = Report(vec![problem, Diagnostic::warning("Doubtful", "Really <a> & \"b\"?")]);
    insta::assert_snapshot!(validation(&report, &sources).expect("JSON"), @r#"
    {
      "format_version": "1.0",
      "valid": false,
      "error_count": 1,
      "warning_count": 1,
      "diagnostics": [
        {
          "severity": "error",
          "summary": "Unsupported argument",
          "detail": "An argument named \"inpt\" is not expected here.",
          "range": {
            "filename": "bad.tf",
            "start": {
              "line": 2,
              "column": 3,
              "byte": 36
            },
            "end": {
              "line": 2,
              "column": 7,
              "byte": 40
            }
          },
          "snippet": {
            "context": "resource \"terraform_data\" \"bad\"",
            "code": "  inpt = 1",
            "start_line": 2,
            "highlight_start_offset": 2,
            "highlight_end_offset": 6,
            "values": []
          }
        },
        {
          "severity": "warning",
          "summary": "Doubtful",
          "detail": "Really \u003ca\u003e \u0026 \"b\"?"
        }
      ]
    }
    "#);
}
