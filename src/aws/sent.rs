//! What a service is told of an object: nothing about arguments whose text is empty. hashicorp/aws does not send them either,
//! and services refuse them.

use crate::resource::Schema;
use crate::value::{Data, Entries, Value};

/// The object without texts that are empty and may be left out, in its blocks too.
pub(super) fn sent(schema: &Schema, whole: &Value) -> Value {
    if schema.empty_is_value { whole.clone() } else { without_empty(schema, whole) }
}

fn without_empty(schema: &Schema, whole: &Value) -> Value {
    let Some(entries) = whole.entries() else { return whole.clone() };
    let mut entries: Entries = entries.clone();
    for attr in &schema.attrs {
        let Some(value) = entries.get_mut(attr.name) else { continue };
        if attr.is_empty_text(value) {
            *value = attr.shape.absent();
        } else if let Some((_, inner)) = attr.shape.block() {
            *value = match value.data {
                Data::Object(_) => without_empty(inner, value),
                _ => value.map_children(&|one| without_empty(inner, one)),
            };
        }
    }
    Value { data: Data::Object(entries.into()), marks: whole.marks.clone() }
}
