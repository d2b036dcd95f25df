//! The configuration of an imported object that has no resource block yet.

use std::sync::Arc;

use super::checks;
use super::planner::draft;
use crate::resource::attr::{Attr, Schema, Together, Usage};
use crate::resource::{AnyResource, Problem, Problems};
use crate::value::{Entries, Type, Value};

/// What a resource block has to say to describe the object, and what is wrong with that.
///
/// What services tell is not always what may be asked of them. An argument that the type refuses is left out where it
/// comes to the same then.
pub fn accepted(resource: &Arc<dyn AnyResource>, object: &Value) -> (Value, Vec<Problem>) {
    let schema = resource.schema();
    let mut config = config(schema, object);
    loop {
        let problems = problems(resource, &config, object);
        // Left out, it is the service's choice, or the default that it is anyway.
        let is_open = |name: &str| {
            let is_default = |attr: &Attr| attr.default_value().as_ref() == config.get(name);
            schema.get(name).filter(|attr| attr.is_computed() || attr.default_value().is_some() && is_default(attr))
        };
        let refused = problems.iter().filter(|one| !one.is_warning).find_map(|one| match one.path.as_slice() {
            [name] => is_open(name).filter(|attr| config.get(name) != Some(&attr.shape.absent())),
            _ => None,
        });
        let Some(attr) = refused else { return (config, problems) };
        let mut entries = config.entries().cloned().unwrap_or_default();
        entries.insert(attr.name.into(), attr.shape.absent());
        config = Value::object(entries);
    }
}

fn problems(resource: &Arc<dyn AnyResource>, config: &Value, object: &Value) -> Vec<Problem> {
    let mut found = Problems::default();
    checks::check(resource.schema(), config, &mut found);
    resource.check(&draft(resource, None, config, Some(object)), &mut found);
    found.found
}

/// What a resource block has to say to describe the object: its arguments as they are, without what only the service
/// gives, without what is sensitive, and without what contradicts another argument.
///
/// Empty texts and collections, which services give for what was never set, are left out.
pub fn config(schema: &Schema, object: &Value) -> Value {
    let mut entries = Entries::new();
    for attr in &schema.attrs {
        let absent = attr.shape.absent();
        let value = object.get(attr.name).filter(|_| attr.is_input() && !attr.spec.sensitive);
        let value = value.filter(|value| !is_secret(attr, value)).map(|value| argument(attr, value));
        entries.insert(attr.name.into(), value.unwrap_or(absent));
    }
    for attr in schema.attrs.iter().filter(|attr| attr.is_computed()) {
        if excludes(attr).any(|other| is_set(schema, &entries, attr.name) && is_set(schema, &entries, other)) {
            entries.insert(attr.name.into(), attr.shape.absent());
        }
    }
    Value::object(entries)
}

/// Whether it must not be written down; blocks are asked argument by argument.
fn is_secret(attr: &Attr, value: &Value) -> bool {
    let marks = if attr.shape.block().is_some() { value.marks.clone() } else { value.marks_deep() };
    attr.spec.sensitive || marks.is_sensitive()
}

/// Arguments that must not be set beside this one.
fn excludes(attr: &Attr) -> impl Iterator<Item = &'static str> {
    let names = attr.spec.together.iter().flat_map(|together| match together {
        Together::Conflicts(names) | Together::ExactlyOneOf(names) => *names,
        Together::AtLeastOneOf(_) | Together::RequiredWith(_) => &[],
    });
    names.copied().filter(|name| *name != attr.name)
}

fn is_set(schema: &Schema, entries: &Entries, name: &str) -> bool {
    let attr = schema.attrs.iter().find(|attr| attr.name == name);
    attr.zip(entries.get(name)).is_some_and(|(attr, value)| *value != attr.shape.absent())
}

/// Whether it is the object's identity: the service gives it, although older schemas let people write it.
pub fn is_identity(attr: &Attr) -> bool {
    attr.name == "id" && attr.is_computed()
}

fn argument(attr: &Attr, value: &Value) -> Value {
    if let Some((_, inner)) = attr.shape.block() {
        return if value.entries().is_some() {
            config(inner, value)
        } else {
            value.map_children(&|one| config(inner, one))
        };
    }
    let is_empty = value.as_str() == Some("")
        || value.elements().is_some_and(<[Value]>::is_empty)
        || value.entries().is_some_and(Entries::is_empty);
    // Where there is a default, or must be a value, an empty one says something.
    let says_nothing =
        attr.spec.usage != Usage::Required && attr.spec.default.is_none() && attr.shape.ty() != Type::Any;
    let is_left_out = (is_empty && says_nothing) || is_identity(attr);
    if !value.is_known() || is_left_out { attr.shape.absent() } else { value.clone() }
}
