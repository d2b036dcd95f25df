//! State to text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::address::Key;
use crate::diagnostic::Diagnostic;
use crate::state::{Instance, InstanceKey, Output, PathStep, State};
use crate::value::Type;
use crate::value::json::{self, Indented, quote_into};

/// Members of an instance that Terraform 1.12 puts before `private`.
const IDENTITY: [&str; 2] = ["identity_schema_version", "identity"];

/// The file, byte for byte as Terraform would write it.
pub fn write(state: &State) -> Result<String, Diagnostic> {
    write_as(state, state.serial)
}

/// The same with another serial. It begins with [`head`], and only there the serial stands.
pub fn write_as(state: &State, serial: u64) -> Result<String, Diagnostic> {
    // What is compact is a piece at a time: large states stand in memory once.
    let mut text = Indented::default();
    let mut out = compact_head(state, serial);
    out.push_str(",\"lineage\":");
    quote_into(&mut out, &state.lineage);
    out.push_str(",\"outputs\":");
    write_outputs(&mut out, &state.outputs)?;
    write_resources(&mut out, state, &mut text)?;
    out.push_str(",\"check_results\":");
    out.push_str(state.check_results.as_ref().map_or("null", |raw| raw.as_str()));
    for (name, raw) in &state.extra {
        member(&mut out, name, raw.as_str());
    }
    out.push('}');
    text.push(&out);
    let mut text = text.finish();
    text.push('\n');
    Ok(text)
}

/// How the text with this serial begins.
pub fn head(state: &State, serial: u64) -> String {
    json::indent(&compact_head(state, serial))
}

fn compact_head(state: &State, serial: u64) -> String {
    let mut out = String::from("{\"version\":4,\"terraform_version\":");
    quote_into(&mut out, &state.terraform_version);
    let _ = write!(out, ",\"serial\":{serial}");
    out
}

/// The member `outputs`, compact. Null ones are left out.
pub fn write_outputs(out: &mut String, outputs: &BTreeMap<String, Output>) -> Result<(), Diagnostic> {
    out.push('{');
    let mut comma = "";
    for (name, output) in outputs.iter().filter(|(_, output)| !output.value.is_null()) {
        let ty = output.value.ty();
        let value = json::to_state(&output.value, &ty).map_err(|error| {
            Diagnostic::error(
                "An output cannot be stored",
                format!("The state file holds outputs as JSON, and the value of output \"{name}\" has none: {error}."),
            )
        })?;
        out.push_str(std::mem::replace(&mut comma, ","));
        quote_into(out, name);
        let _ = write!(out, ":{{\"value\":{value},\"type\":{}", json::type_to_json(&ty));
        out.push_str(if output.sensitive { ",\"sensitive\":true}" } else { "}" });
    }
    out.push('}');
    Ok(())
}

/// The member `resources`; whole pieces of it go on from `out` to `text`.
fn write_resources(out: &mut String, state: &State, text: &mut Indented) -> Result<(), Diagnostic> {
    // Terraform orders by these texts. Objects of one block share its provider; where they do not (a run that changed
    // it was cut short) the block stands once for each, so that none is forgotten.
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (key, instance) in &state.instances {
        let resource = &*key.address.resource;
        let group =
            (resource.module.to_string(), resource.mode, &*resource.type_name, &*resource.name, &*instance.provider);
        groups.entry(group).or_default().push((key, instance));
    }
    out.push_str(",\"resources\":[");
    let mut comma = "";
    for ((module, mode, type_name, name, provider), instances) in groups {
        out.push_str(std::mem::replace(&mut comma, ","));
        out.push('{');
        if !module.is_empty() {
            out.push_str("\"module\":");
            quote_into(out, &module);
            out.push(',');
        }
        out.push_str("\"mode\":\"");
        out.push_str(mode.name());
        out.push_str("\",\"type\":");
        quote_into(out, type_name);
        out.push_str(",\"name\":");
        quote_into(out, name);
        out.push_str(",\"provider\":");
        quote_into(out, provider);
        out.push_str(",\"instances\":[");
        for (at, (key, instance)) in instances.into_iter().enumerate() {
            out.push_str(if at == 0 { "" } else { "," });
            write_instance(out, Some(key), instance)?;
            text.push(out);
            out.clear();
        }
        out.push_str("]}");
    }
    out.push(']');
    Ok(())
}

/// An entry of `instances`, compact; without a key, one that stands alone.
pub fn write_instance(out: &mut String, key: Option<&InstanceKey>, instance: &Instance) -> Result<(), Diagnostic> {
    out.push('{');
    match key.and_then(|key| key.address.key.as_ref()) {
        Some(Key::Int(at)) => {
            let _ = write!(out, "\"index_key\":{at},");
        }
        Some(Key::Str(text)) => {
            out.push_str("\"index_key\":");
            quote_into(out, text);
            out.push(',');
        }
        None => {}
    }
    if instance.tainted {
        out.push_str("\"status\":\"tainted\",");
    }
    if let Some(deposed) = key.and_then(|key| key.deposed.as_ref()) {
        out.push_str("\"deposed\":");
        quote_into(out, deposed);
        out.push(',');
    }
    let _ = write!(out, "\"schema_version\":{}", instance.schema_version);
    if let Some(flat) = &instance.attributes_flat {
        out.push_str(",\"attributes_flat\":{");
        for (at, (name, value)) in flat.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { "," });
            quote_into(out, name);
            out.push(':');
            quote_into(out, value);
        }
        out.push('}');
    } else {
        member(out, "attributes", instance.attributes.as_str());
    }
    write_paths(out, instance)?;
    for name in IDENTITY {
        if let Some(raw) = instance.extra.get(name) {
            member(out, name, raw.as_str());
        }
    }
    if let Some(private) = &instance.private {
        out.push_str(",\"private\":");
        quote_into(out, private);
    }
    for (at, resource) in instance.dependencies.iter().enumerate() {
        out.push_str(if at == 0 { ",\"dependencies\":[" } else { "," });
        quote_into(out, &resource.to_string());
    }
    out.push_str(if instance.dependencies.is_empty() { "" } else { "]" });
    out.push_str(if instance.create_before_destroy { ",\"create_before_destroy\":true" } else { "" });
    for (name, raw) in instance.extra.iter().filter(|(name, _)| !IDENTITY.contains(&name.as_str())) {
        member(out, name, raw.as_str());
    }
    out.push('}');
    Ok(())
}

fn write_paths(out: &mut String, instance: &Instance) -> Result<(), Diagnostic> {
    out.push_str(",\"sensitive_attributes\":[");
    for (at, path) in instance.sensitive_attributes.iter().enumerate() {
        out.push_str(if at == 0 { "[" } else { ",[" });
        for (at, step) in path.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { "," });
            match step {
                PathStep::Attr(name) => {
                    out.push_str("{\"type\":\"get_attr\",\"value\":");
                    quote_into(out, name);
                }
                PathStep::Index(key) => {
                    out.push_str("{\"type\":\"index\",\"value\":");
                    let key = json::to_state(key, &Type::Any);
                    out.push_str(&key.map_err(|error| Diagnostic::bug(format!("An index has no JSON: {error}")))?);
                }
            }
            out.push('}');
        }
        out.push(']');
    }
    out.push(']');
    Ok(())
}

fn member(out: &mut String, name: &str, json: &str) {
    out.push(',');
    quote_into(out, name);
    out.push(':');
    out.push_str(json);
}
