//! What will be there after the plan, as far as it is known.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::{is_shown, without_unknown};
use crate::cli::render::json::raw;
use crate::cli::render::json::state::{Module, Object, place, plain_object, sensitive};
use crate::diagnostic::Diagnostic;
use crate::plan::{Action, Change, Plan};
use crate::resource::Registry;
use crate::value::json::{Raw, type_to_json};
use crate::value::{Type, Value};

#[derive(Serialize)]
pub(super) struct Planned {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    outputs: BTreeMap<String, OutputJson>,
    root_module: Module,
}

#[derive(Serialize)]
struct OutputJson {
    sensitive: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Raw>,
}

/// Objects by module, and root outputs.
pub(super) fn values(plan: &Plan, registry: &Registry) -> Result<Planned, Diagnostic> {
    let goes = |change: &Change| matches!(change.action, Action::Delete | Action::Forget) || change.deposed.is_some();
    let stays = |change: &&Change| is_shown(plan, change) && !goes(change);
    let mut all: Vec<&Change> = plan.changes.iter().filter(stays).collect();
    all.sort_by(|a, b| a.address.cmp(&b.address));
    let mut root_module = Module::default();
    for change in all {
        let object = object(change, registry)?;
        place(&mut root_module, &change.address.resource.module, 0).resources.push(object);
    }
    let mut outputs = BTreeMap::new();
    for (name, change) in &plan.outputs {
        let Some(after) = &change.after else { continue };
        let known = Some(after).filter(|value| value.is_wholly_known());
        // As in Terraform's plans, null has lost its type.
        let typed = |value: &Value| if value.is_null() { Type::Any } else { value.ty() };
        let ty = known.map(|value| Raw::parse(&type_to_json(&typed(value)))).transpose();
        let ty = ty.map_err(|error| Diagnostic::bug(format!("A type has no JSON: {error}")))?;
        let value = known.map(raw).transpose()?;
        outputs.insert(name.to_string(), OutputJson { sensitive: change.is_hidden(), ty, value });
    }
    Ok(Planned { outputs, root_module })
}

fn object(change: &Change, registry: &Registry) -> Result<Object, Diagnostic> {
    let version = registry.resource(change.address.type_name()).map_or(0, |resource| resource.schema_version());
    let nothing = || Value::object(crate::value::Entries::new());
    let known = without_unknown(&change.after).unwrap_or_else(nothing);
    let mask = sensitive(&change.after).unwrap_or_else(|| serde_json::json!({}));
    Ok(plain_object(&change.address, &change.provider.source, version, raw(&known)?, mask))
}
