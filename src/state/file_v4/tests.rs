use super::*;
use crate::diagnostic::Diagnostic;

/// States that Terraform 1.11.4 wrote: every form that was seen.
const SAMPLES: [(&str, &str); 13] = [
    ("check-results", include_str!("../samples/check-results.json")),
    ("data-source", include_str!("../samples/data-source.json")),
    ("dependencies-transitive", include_str!("../samples/dependencies-transitive.json")),
    ("deposed", include_str!("../samples/deposed.json")),
    ("imported", include_str!("../samples/imported.json")),
    ("input-value-types", include_str!("../samples/input-value-types.json")),
    ("modules-nested", include_str!("../samples/modules-nested.json")),
    ("orphan-instances", include_str!("../samples/orphan-instances.json")),
    ("outputs-of-every-type", include_str!("../samples/outputs-of-every-type.json")),
    ("sensitive-paths", include_str!("../samples/sensitive-paths.json")),
    ("sets-and-numbers", include_str!("../samples/sets-and-numbers.json")),
    ("tainted", include_str!("../samples/tainted.json")),
    ("tainted-by-provisioner", include_str!("../samples/tainted-by-provisioner.json")),
];

fn rewritten(text: &str) -> String {
    let state = read(text.as_bytes(), "terraform.tfstate").expect("a state").expect("not empty");
    write(&state).expect("written")
}

fn refused(text: &str) -> Diagnostic {
    read(text.as_bytes(), "terraform.tfstate").expect_err("refused")
}

#[test]
fn what_terraform_wrote_is_written_back_byte_for_byte() {
    for (name, text) in SAMPLES {
        assert_eq!(rewritten(text), text, "{name}");
    }
}

#[test]
fn everything_an_instance_can_hold_survives() {
    let text = include_str!("../samples/made-up.json");
    // But for an address that Terraform 0.12 wrote, which is completed.
    let completed = text.replace("\"provider.aws\"", r#""provider[\"registry.terraform.io/-/aws\"]""#);
    assert_ne!(completed, text);
    assert_eq!(rewritten(text), completed);
}

#[test]
fn order_is_that_of_terraform_whatever_came_in() {
    let instance = r#"{"schema_version":0,"attributes":{},"sensitive_attributes":[]}"#;
    let block = |module: &str, name: &str| {
        format!(
            r#"{{{module}"mode":"managed","type":"t","name":"{name}","provider":"provider[\"p\"]","instances":[{instance}]}}"#
        )
    };
    let resources = [
        block(r#""module":"module.m[10]","#, "a"),
        block(r#""module":"module.m[2]","#, "a"),
        block("", "b"),
        block(r#""module":"module.m","#, "a"),
        block("", "a"),
    ];
    let text = format!(r#"{{"version":4,"resources":[{}]}}"#, resources.join(","));
    let names: Vec<_> = rewritten(&text)
        .lines()
        .filter_map(|line| {
            line.trim().strip_prefix("\"module\": ").or(line.trim().strip_prefix("\"name\": ")).map(str::to_owned)
        })
        .collect();
    // By the text of the module, so 10 comes before 2.
    let order =
        ["\"a\",", "\"b\",", "\"module.m\",", "\"a\",", "\"module.m[10]\",", "\"a\",", "\"module.m[2]\",", "\"a\","];
    assert_eq!(names, order);
}

#[test]
fn no_bytes_are_no_state() {
    assert_eq!(read(b"", "terraform.tfstate"), Ok(None));
}

#[test]
fn a_newer_terraform_version_is_fine() {
    let text = SAMPLES[3].1.replace("1.11.4", "1.99.0");
    assert_eq!(rewritten(&text), text);
}

#[test]
fn other_formats_are_refused() {
    assert_eq!(refused(r#"{"version": 5}"#).summary, "State of a newer format");
    assert_eq!(refused(r#"{"version": 2, "modules": []}"#).summary, "State of an old format");
    for text in ["{}", r#"{"version": "4"}"#, r#"{"version": null}"#] {
        assert_eq!(refused(text).summary, "No state file", "{text}");
    }
    assert_eq!(refused("[]").summary, "The state is damaged");
}

#[test]
fn a_state_cut_anywhere_is_refused() {
    let text = SAMPLES[3].1;
    for at in (1..text.trim_end().len()).step_by(7) {
        let problem = refused(&text[..at]);
        assert_eq!(problem.summary, "The state is cut off", "{at}");
        assert!(problem.detail.contains("Nothing was changed"));
    }
}

#[test]
fn complaints_name_the_place_but_no_value() {
    for (from, to, place) in [
        (
            "\"schema_version\": 0",
            "\"schema_version\": \"hush\"",
            "line 16, column 29: \"schema_version\" must be a whole number",
        ),
        ("\"mode\": \"managed\"", "\"mode\": \"hush\"", "line 8, column 5: the \"mode\" of a resource"),
        ("\"deposed\": \"14bff1a1\"", "\"deposed\": \"hush\"", "column 9: \"deposed\" must have eight characters"),
        ("\"status\": \"tainted\"", "\"status\": \"hush\"", "line 14, column 9: the \"status\" of an instance"),
        ("\"provider\": \"provider[", "\"provider\": \"hush[", "\"provider\" must be the address of a provider"),
        ("\"version\": 4,", "\"version\": 4 hush,", "line 2, column 16"),
    ] {
        let text = SAMPLES[3].1.replace(from, to);
        assert_ne!(text, SAMPLES[3].1);
        let problem = refused(&text);
        assert_eq!(problem.summary, "The state is damaged");
        assert!(problem.detail.contains(place), "{}", problem.detail);
        assert!(!problem.detail.contains("hush"));
    }
    let twice = SAMPLES[3].1.replace("\"deposed\": \"14bff1a1\",", "");
    assert!(refused(&twice).detail.contains("terraform_data.a appears a second time"));
}

#[test]
fn an_index_that_is_null_is_refused() {
    let (before, after) = SAMPLES[9].1.split_once("\"type\": \"index\"").expect("an index");
    let text = format!("{before}\"type\": \"index\"{}", after.replacen("\"value\": 1,", "\"value\": null,", 1));
    assert!(refused(&text).detail.contains("the \"value\" of an index must not be null"));
}

#[test]
fn members_of_later_versions_are_kept_whatever_their_names() {
    let text = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {}, "resources": [{
        "mode": "managed", "type": "toy_thing", "name": "a", "provider": "provider[\"registry.terraform.io/toy/toy\"]",
        "instances": [{"schema_version": 0, "attributes": {}, "sensitive_attributes": [],
            "identity": {"id": "1"}, "identity_of_tomorrow": [1]}]}]}"#;
    let state = super::read(text.as_bytes(), "a state").unwrap().unwrap();
    let written = super::write(&state).unwrap();
    assert_eq!(written.matches("\"identity\"").count(), 1);
    assert_eq!(super::read(written.as_bytes(), "again").unwrap(), Some(state), "{written}");
}
