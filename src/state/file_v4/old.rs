//! State of format 3, which Terraform wrote until 0.11.
//!
//! It becomes format 4 in memory; the next change writes it so. As in Terraform 1.11 that goes for outputs alone: objects of that
//! format do not say whose provider they belong to, and only Terraform 0.13 finds that out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::{RawValue, to_raw_value};

use super::read::{Members, Reader};
use crate::diagnostic::Diagnostic;
use crate::state::State;

/// Members of an output as they are written: numbers keep all their digits.
type Output = BTreeMap<String, Box<RawValue>>;

#[derive(Deserialize)]
struct Module {
    path: Option<Vec<Json>>,
    resources: Option<BTreeMap<String, Json>>,
    outputs: Option<BTreeMap<String, Box<RawValue>>>,
}

/// What of it goes into format 4.
#[derive(Serialize)]
struct Whole {
    lineage: String,
    serial: u64,
    outputs: BTreeMap<String, Output>,
}

impl<'a> Reader<'a> {
    /// The state in a file of format 3.
    pub(super) fn old_file(&mut self, mut members: Members<'a>) -> Result<State, Diagnostic> {
        let modules: Option<Vec<&RawValue>> = self.optional(&mut members, "modules", "a list")?;
        let mut outputs: BTreeMap<String, Output> = BTreeMap::new();
        for raw in modules.unwrap_or_default() {
            let module: Module = serde_json::from_str(raw.get()).map_err(|error| self.damaged(raw, error))?;
            if let Some((name, object)) = module.resources.iter().flatten().next() {
                return Err(self.of_unknown_provider(name, object));
            }
            let is_root = module.path.as_ref().is_some_and(|path| path.len() == 1);
            for (name, output) in module.outputs.into_iter().flatten().filter(|_| is_root) {
                let read: Result<Output, _> = serde_json::from_str(output.get());
                let read = read.ok().and_then(|output| Some((output.get("value")?.clone(), output)));
                let Some((value, mut output)) = read else {
                    return Err(self.damaged(raw, format!("the output {name} has no value")));
                };
                let value: Json = serde_json::from_str(value.get()).map_err(|error| self.damaged(raw, error))?;
                let ty = to_raw_value(&simplified(&value)).map_err(|error| self.damaged(raw, error))?;
                output.insert("type".to_owned(), ty);
                outputs.insert(name, output);
            }
        }
        let whole = Whole {
            lineage: self.optional::<String>(&mut members, "lineage", "text")?.unwrap_or_default(),
            serial: self.optional::<u64>(&mut members, "serial", "a whole number")?.unwrap_or_default(),
            outputs,
        };
        let text = serde_json::to_string(&whole).map_err(|error| self.not_json(&error))?;
        let raw: &RawValue = serde_json::from_str(&text).map_err(|error| self.not_json(&error))?;
        let mut reader = Reader::new(&text, self.name);
        let members = reader.members(raw, "the file")?;
        reader.file(members)
    }

    fn of_unknown_provider(&self, name: &str, object: &Json) -> Diagnostic {
        let provider = object["provider"].as_str().and_then(|text| text.rsplit('.').next());
        let provider = provider.or_else(|| object["type"].as_str()?.split('_').next()).unwrap_or_default();
        let text = format!(
            "{} has format version 3, which Terraform wrote until 0.11, and holds {name}, whose provider is called \"{provider}\" \
             without saying whose that is. Nothing was changed. Bring the state up to date with Terraform 0.13 first:\n\n  \
             terraform 0.13upgrade\n  terraform init\n  terraform apply -refresh-only",
            self.name
        );
        Diagnostic::error("Invalid legacy provider address", text)
    }
}

/// The type of a value that format 3 calls `string`, `list` or `map` only.
fn simplified(value: &Json) -> Json {
    let same = |types: &[Json]| types.first().filter(|first| types.iter().all(|one| one == *first)).cloned();
    match value {
        Json::Null => "dynamic".into(),
        Json::Bool(_) => "bool".into(),
        Json::Number(_) => "number".into(),
        Json::String(_) => "string".into(),
        Json::Array(elements) => {
            let types: Vec<Json> = elements.iter().map(implied).collect();
            same(&types).map_or_else(|| implied(value), |_| serde_json::json!(["list", simplified(&elements[0])]))
        }
        Json::Object(entries) => {
            let types: Vec<Json> = entries.values().map(implied).collect();
            let first = same(&types).and_then(|_| entries.values().next());
            first.map_or_else(|| implied(value), |first| serde_json::json!(["map", simplified(first)]))
        }
    }
}

/// The type that JSON alone says: tuples and objects.
fn implied(value: &Json) -> Json {
    match value {
        Json::Array(elements) => serde_json::json!(["tuple", elements.iter().map(implied).collect::<Vec<_>>()]),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| (name.clone(), implied(value)));
            serde_json::json!(["object", entries.collect::<serde_json::Map<_, _>>()])
        }
        plain => simplified(plain),
    }
}

#[cfg(test)]
mod tests {
    use crate::state::file_v4::{read, write_outputs};

    #[test]
    fn outputs_of_format_3_keep_their_values() {
        let text = r#"{"version":3,"serial":2,"lineage":"l","modules":[{"path":["root"],"resources":{},"outputs":{
            "s":{"sensitive":true,"type":"string","value":"v"},"l":{"type":"list","value":["a",1]},
            "m":{"type":"map","value":{"a":["b"]}},"n":{"type":"string","value":123456789012345678901234567890}}},
            {"path":["root","child"],"resources":{},"outputs":{"x":{"type":"string","value":"1"}}}]}"#;
        let state = read(text.as_bytes(), "terraform.tfstate").expect("a state").expect("one");
        assert_eq!((state.serial, &*state.lineage), (2, "l"));
        let mut text = String::new();
        write_outputs(&mut text, &state.outputs).expect("outputs");
        let outputs: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(outputs["l"]["type"], serde_json::json!(["tuple", ["string", "number"]]));
        assert_eq!(outputs["m"]["type"], serde_json::json!(["map", ["list", "string"]]));
        assert_eq!(outputs["s"]["sensitive"], true);
        assert!(text.contains("123456789012345678901234567890"), "{text}");
        assert_eq!(outputs.as_object().map(serde_json::Map::len), Some(4));
    }

    #[test]
    fn outputs_of_format_3_without_a_value_are_damage() {
        for output in [r#""v""#, "7", "{}", "null"] {
            let text = format!(r#"{{"version":3,"modules":[{{"path":["root"],"outputs":{{"x":{output}}}}}]}}"#);
            let problem = read(text.as_bytes(), "terraform.tfstate").expect_err("damage");
            assert!(problem.detail.contains("output x has no value"), "{}", problem.detail);
        }
    }

    #[test]
    fn objects_of_format_3_say_no_provider() {
        let text = r#"{"version":3,"modules":[{"path":["root"],"resources":{"aws_vpc.a":{"type":"aws_vpc","provider":"provider.aws"}}}]}"#;
        let problem = read(text.as_bytes(), "terraform.tfstate").expect_err("objects");
        assert_eq!(problem.summary, "Invalid legacy provider address");
        assert!(problem.detail.contains("\"aws\"") && problem.detail.contains("aws_vpc.a"));
    }
}
