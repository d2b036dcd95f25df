//! Notes of glaz's own in the `private` member of an object.
//!
//! Terraform keeps `private` with the object and hands it to the provider; hashicorp/aws has a JSON object there, in
//! base64, and leaves members that it does not know as they are. So notes survive a Terraform run in between.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::model::Instance;

/// The member that holds the notes.
const OURS: &str = "glaz";

impl Instance {
    /// A note of glaz's own.
    pub fn note(&self, name: &str) -> Option<Json> {
        members(self.private.as_deref())?.get(OURS)?.get(name).cloned()
    }

    /// Writes a note, or takes it away. What a provider keeps there in another form is left alone, and so without note.
    pub fn set_note(&mut self, name: &str, note: Option<Json>) {
        let Some(mut all) = members(self.private.as_deref()) else { return };
        let mut ours = all.get(OURS).and_then(Json::as_object).cloned().unwrap_or_default();
        match note {
            Some(note) => drop(ours.insert(name.to_owned(), note)),
            None => drop(ours.remove(name)),
        }
        if ours.is_empty() {
            all.remove(OURS);
        } else {
            all.insert(OURS.to_owned(), Json::Object(ours));
        }
        self.private = (!all.is_empty()).then(|| STANDARD.encode(Json::Object(all).to_string()));
    }
}

/// The members of `private`; none when it holds something else than a JSON object.
fn members(private: Option<&str>) -> Option<Map<String, Json>> {
    let Some(text) = private.filter(|text| !text.is_empty()) else { return Some(Map::new()) };
    serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn notes_stand_beside_what_the_provider_keeps() {
        let value = Value::object([].into());
        let mut instance = Instance::new("p", 0, &value, &value.ty()).expect("an instance");
        assert_eq!(instance.note("a"), None);
        instance.set_note("a", None);
        assert_eq!(instance.private, None);
        instance.private = Some(STANDARD.encode(r#"{"schema_version":"2"}"#));
        instance.set_note("a", Some(1.into()));
        assert_eq!(instance.note("a"), Some(1.into()));
        instance.set_note("b", Some("x".into()));
        instance.set_note("a", None);
        let text = STANDARD.decode(instance.private.as_deref().unwrap_or_default()).expect("base64");
        assert_eq!(String::from_utf8_lossy(&text), r#"{"glaz":{"b":"x"},"schema_version":"2"}"#.to_owned());
        instance.set_note("b", None);
        assert_eq!(instance.private, Some(STANDARD.encode(r#"{"schema_version":"2"}"#)));
        instance.private = Some("not base64".into());
        instance.set_note("a", Some(1.into()));
        assert_eq!((instance.private.as_deref(), instance.note("a")), (Some("not base64"), None));
    }
}
