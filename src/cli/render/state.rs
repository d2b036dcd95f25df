//! What is remembered, for people.

use super::diff::{self, Pen};
use super::plan::body;
use crate::address::{Address, Mode};
use crate::diagnostic::Diagnostic;
use crate::plan::live::mark_schema;
use crate::resource::{Registry, Schema};
use crate::state::{Instance, InstanceKey, PathStep, State};
use crate::value::{Entries, Type, Value, json};

/// The attribute table of an object; `None` when its type is not built in.
pub(crate) fn schema(address: &Address, registry: &Registry) -> Option<&'static Schema> {
    let type_name = &*address.resource.type_name;
    match address.resource.mode {
        Mode::Managed => registry.resource(type_name).map(|one| one.schema()),
        Mode::Data => registry.source(type_name).map(|one| one.schema()),
        Mode::Ephemeral => registry.ephemeral(type_name).map(|one| one.schema()),
    }
}

/// The attributes of an object, with what is sensitive marked so. Of a type that is not built in they are what the
/// JSON says.
pub(crate) fn attributes(address: &Address, instance: &Instance, registry: &Registry) -> Result<Value, Diagnostic> {
    match schema(address, registry) {
        Some(schema) => Ok(mark_schema(schema, &instance.decode(&schema.ty)?.value)),
        None => without_schema(instance),
    }
    .map_err(|problem: Diagnostic| problem.about(address))
}

/// Where a value of any type was stored, its type stands beside it: that is taken away. Of an attribute that holds
/// something sensitive, all is sensitive.
fn without_schema(instance: &Instance) -> Result<Value, Diagnostic> {
    let damaged =
        |error| Diagnostic::error("Attributes cannot be read", format!("The state file is damaged: {error}."));
    let whole = json::implied(instance.attributes.value()).map_err(damaged)?;
    let is_sensitive = |name: &str| {
        let first = |path: &Vec<PathStep>| matches!(path.first(), Some(PathStep::Attr(first)) if **first == *name);
        instance.sensitive_attributes.iter().any(first)
    };
    let entry = |(name, one): (&std::sync::Arc<str>, &Value)| {
        let plain = bare(one);
        (name.clone(), if is_sensitive(name) { plain.sensitive() } else { plain })
    };
    Ok(Value::object(whole.entries().into_iter().flatten().map(entry).collect::<Entries>()))
}

/// `{"value": ..., "type": ...}` is how state files write a value of any type.
fn bare(value: &Value) -> Value {
    let is_type = |ty: &Value| {
        let text = json::to_json(ty).ok().and_then(|text| json::Raw::parse(&text).ok());
        text.is_some_and(|raw| json::type_from_json(raw.value()).is_ok())
    };
    match value.entries() {
        Some(entries) if entries.len() == 2 => match (entries.get("value"), entries.get("type")) {
            (Some(inner), Some(ty)) if is_type(ty) => inner.clone(),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// Outer modules first, as state files list objects.
pub(crate) fn sorted(state: &State) -> Vec<(&InstanceKey, &Instance)> {
    let mut all: Vec<_> = state.instances.iter().collect();
    all.sort_by_key(|(key, _)| (key.address.resource.module.0.len(), *key));
    all
}

/// One object: a heading and its attributes.
pub(crate) fn object(key: &InstanceKey, instance: &Instance, registry: &Registry) -> Result<String, Diagnostic> {
    let value = attributes(&key.address, instance, registry)?;
    let note = match (&key.deposed, instance.tainted) {
        (Some(deposed), _) => format!(" (deposed object {deposed})"),
        (None, true) => " (tainted)".to_owned(),
        (None, false) => String::new(),
    };
    let text = body(&key.address, registry, Some(&value), Some(&value), &[], Pen::STATE);
    Ok(format!("# {}:{note}\n{text}\n", key.address))
}

/// Everything: all objects, then the outputs.
pub(crate) fn whole(state: &State, registry: &Registry) -> Result<String, Diagnostic> {
    let objects: Vec<String> =
        sorted(state).into_iter().map(|(key, instance)| object(key, instance, registry)).collect::<Result<_, _>>()?;
    let mut out = objects.join("\n");
    if !state.outputs.is_empty() {
        out.push_str(if out.is_empty() { "\nOutputs:\n\n" } else { "\n\nOutputs:\n\n" });
        for (name, output) in &state.outputs {
            let value = if output.sensitive { Value::null(Type::Any).sensitive() } else { output.value.clone() };
            let tree = diff::typed(Some(&value), Some(&value));
            out.push_str(&format!("{name} = {}\n", diff::text(&tree, 0, Pen::STATE)));
        }
    }
    Ok(if out.is_empty() { "The state file is empty. No resources are represented.\n".to_owned() } else { out })
}
