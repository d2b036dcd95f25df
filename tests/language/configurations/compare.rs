//! In which facets the answers to a step differ from the recorded ones.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::exact::{self, difference};

/// Commands whose output is data.
const DATA: [&[&str]; 7] = [
    &["state", "list"],
    &["output", "-json"],
    &["output", "-raw"],
    &["workspace", "list"],
    &["workspace", "show"],
    &["@cat"],
    &["@ls"],
];

/// The first difference of every facet that differs.
pub fn differences(want: &Value, got: &Value) -> BTreeMap<&'static str, String> {
    let mut found = Found(BTreeMap::new());
    for stage in ["init", "validate"] {
        if want.get(stage).is_some() && well(&want[stage]) != well(&got[stage]) {
            found.put(stage, Some(format!("want {} got {}", want[stage], got[stage])));
        }
    }
    for stage in ["plan", "apply"] {
        found.stage(stage, want.get(stage), got.get(stage));
    }
    if want["plan"]["changes"].is_array() {
        found.plan(&want["plan"], &got["plan"]);
    }
    found.state(&want["state"], &got["state"]);
    for when in ["pre", "post"] {
        let pairs = list(&want[when]).iter().zip(list(&got[when]));
        for (want, got) in pairs {
            found.command(want, got);
        }
    }
    found.0
}

/// Whether the stage succeeded; nothing when it did not run.
fn well(stage: &Value) -> Option<bool> {
    code(stage).map(|code| code == "0")
}

fn code(stage: &Value) -> Option<String> {
    let code = stage.get("rc").filter(|code| !code.is_null())?;
    Some(exact::number(code).map_or_else(|| code.to_string(), str::to_owned))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Summaries as a set; who is in a cycle is not compared.
fn summaries(value: &Value) -> Value {
    let texts = list(value).iter().filter_map(Value::as_str);
    let mut texts: Vec<_> = texts.map(|text| if text.starts_with("Cycle: ") { "Cycle" } else { text }).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.into()
}

struct Found(BTreeMap<&'static str, String>);

impl Found {
    fn put(&mut self, facet: &'static str, difference: Option<String>) {
        if let Some(text) = difference {
            self.0.entry(facet).or_insert(text);
        }
    }

    fn stage(&mut self, name: &str, want: Option<&Value>, got: Option<&Value>) {
        match (want, got) {
            (None, None) => {}
            (Some(want), Some(got)) => {
                let codes = well(want) != well(got);
                self.put("rc", codes.then(|| format!("{name}: want {want} got {got}")));
                for (facet, kind) in [("errors", "errors"), ("warnings", "warnings")] {
                    let (left, right) = (summaries(&want[kind]), summaries(&got[kind]));
                    self.put(facet, (left != right).then(|| format!("{name}: want {left} got {right}")));
                }
            }
            (None, Some(_)) => self.put("rc", Some(format!("{name}: terraform did not get here"))),
            (Some(_), None) => self.put("rc", Some(format!("{name}: not reached"))),
        }
    }

    fn plan(&mut self, want: &Value, got: &Value) {
        if !got["changes"].is_array() {
            self.put("actions", Some(format!("no readable plan: {got}")));
            return;
        }
        let facets: [(&'static str, &[&str]); 3] = [
            ("actions", &["actions", "previous_address", "importing"]),
            ("reasons", &["action_reason", "replace_paths"]),
            ("values", &["before", "after", "after_unknown", "before_sensitive", "after_sensitive"]),
        ];
        for (facet, names) in facets {
            let (left, right) = (objects(&want["changes"], names), objects(&got["changes"], names));
            self.put(facet, difference(&left, &right, "plan"));
        }
        self.put("values", difference(&want["drift"], &got["drift"], "drift"));
        self.put("outputs", difference(&want["outputs"], &got["outputs"], "plan outputs"));
        self.put("checks", difference(&want["checks"], &got["checks"], "checks"));
    }

    fn state(&mut self, want: &Value, got: &Value) {
        let facets: [(&'static str, &[&str]); 2] =
            [("state", &["attributes", "tainted", "sensitive"]), ("deps", &["dependencies", "create_before_destroy"])];
        for (facet, names) in facets {
            let (left, right) = (objects(&want["resources"], names), objects(&got["resources"], names));
            self.put(facet, difference(&left, &right, "state"));
        }
        let nothing = Value::Object(Map::new());
        let outputs = |state: &Value| state.get("outputs").unwrap_or(&nothing).clone();
        self.put("outputs", difference(&outputs(want), &outputs(got), "state outputs"));
    }

    fn command(&mut self, want: &Value, got: &Value) {
        let words: Vec<_> = list(&want["cmd"]).iter().filter_map(Value::as_str).collect();
        let exact_code = words.contains(&"-detailed-exitcode");
        let told = if well(want) != well(got) || (exact_code && code(want) != code(got)) {
            Some(format!("want exit {:?} got {:?}", code(want), code(got)))
        } else if summaries(&want["errors"]) != summaries(&got["errors"]) {
            Some(format!("want {} got {}", want["errors"], got["errors"]))
        } else if DATA.iter().any(|data| words.starts_with(data)) {
            difference(&want["stdout"], &got["stdout"], "stdout")
        } else {
            None
        };
        self.put("cmds", told.map(|told| format!("`{}`: {told}", words.join(" "))));
    }
}

/// Objects by address, with the fields of one facet; fields that are null are as good as absent.
fn objects(all: &Value, names: &[&str]) -> Value {
    let named = list(all).iter().map(|one| {
        let deposed = one["deposed"] == Value::Bool(true);
        let address = one["address"].as_str().unwrap_or_default();
        let fields = names.iter().filter(|name| !one[**name].is_null());
        let fields: Map<_, _> = fields.map(|name| ((*name).to_owned(), sorted(name, &one[*name]))).collect();
        (if deposed { format!("{address} (deposed)") } else { address.to_owned() }, Value::Object(fields))
    });
    Value::Object(named.collect())
}

/// Paths are sets, recorded as JSON texts with spaces here and none there.
fn sorted(name: &str, value: &Value) -> Value {
    if !matches!(name, "replace_paths" | "sensitive") {
        return value.clone();
    }
    let paths = list(value).iter().map(|path| path.as_str().map_or_else(|| path.to_string(), plain));
    let mut paths: Vec<_> = paths.collect();
    paths.sort();
    paths.into()
}

/// A path's text with its numbers as the reader of JSON leaves them.
fn plain(text: &str) -> String {
    exact::read(text).map_or_else(|_| text.to_owned(), |value| value.to_string())
}
