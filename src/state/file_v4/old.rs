//! State of format 3, which Terraform wrote until 0.11.
//!
//! It becomes format 4 in memory; the next change writes it so. As in Terraform 1.11 that goes for outputs alone: objects of that
//! format do not say whose provider they belong to, and only Terraform 0.13 finds that out.

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::read::{Members, Reader};
use crate::diagnostic::Diagnostic;
use crate::state::State;

impl<'a> Reader<'a> {
    /// The state in a file of format 3.
    pub(super) fn old_file(&mut self, mut members: Members<'a>) -> Result<State, Diagnostic> {
        let modules: Option<Vec<&RawValue>> = self.optional(&mut members, "modules", "a list")?;
        let mut outputs = serde_json::Map::new();
        for raw in modules.unwrap_or_default() {
            let module: Json = serde_json::from_str(raw.get()).map_err(|error| self.damaged(raw, error))?;
            if let Some((name, object)) = module["resources"].as_object().and_then(|objects| objects.iter().next()) {
                return Err(self.of_unknown_provider(name, object));
            }
            let is_root = module["path"].as_array().is_some_and(|path| path.len() == 1);
            let found = module["outputs"].as_object().filter(|_| is_root);
            for (name, output) in found.into_iter().flatten() {
                let Some(value) = output.get("value").filter(|_| output.is_object()) else {
                    return Err(self.damaged(raw, format!("the output {name} has no value")));
                };
                let mut output = output.clone();
                output["type"] = simplified(value);
                outputs.insert(name.clone(), output);
            }
        }
        let whole = serde_json::json!({
            "lineage": self.optional::<String>(&mut members, "lineage", "text")?.unwrap_or_default(),
            "serial": self.optional::<u64>(&mut members, "serial", "a whole number")?.unwrap_or_default(),
            "outputs": outputs,
        });
        let text = whole.to_string();
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
            "m":{"type":"map","value":{"a":["b"]}}}},
            {"path":["root","child"],"resources":{},"outputs":{"x":{"type":"string","value":"1"}}}]}"#;
        let state = read(text.as_bytes(), "terraform.tfstate").expect("a state").expect("one");
        assert_eq!((state.serial, &*state.lineage), (2, "l"));
        let mut text = String::new();
        write_outputs(&mut text, &state.outputs).expect("outputs");
        let outputs: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(outputs["l"]["type"], serde_json::json!(["tuple", ["string", "number"]]));
        assert_eq!(outputs["m"]["type"], serde_json::json!(["map", ["list", "string"]]));
        assert_eq!(outputs["s"]["sensitive"], true);
        assert_eq!(outputs.as_object().map(serde_json::Map::len), Some(3));
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
