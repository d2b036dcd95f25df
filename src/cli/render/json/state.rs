//! `show -json` of a state: outputs, and resources by module.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{FORMAT, line, outputs, raw};
use crate::address::{Address, Key, ModulePath};
use crate::cli::render::state::{attributes, sorted};
use crate::diagnostic::Diagnostic;
use crate::lang::{CheckKind, CheckResult, CheckStatus};
use crate::resource::Registry;
use crate::state::{Instance, InstanceKey, State};
use crate::value::json::Raw;
use crate::value::{Data, Type, Value};

#[derive(Serialize)]
pub(super) struct Whole {
    format_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    terraform_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Values>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Values {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    outputs: BTreeMap<String, OutputJson>,
    root_module: Module,
}

#[derive(Serialize)]
struct OutputJson {
    sensitive: bool,
    value: Raw,
    #[serde(rename = "type")]
    ty: Raw,
}

#[derive(Default, Serialize)]
pub(super) struct Module {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resources: Vec<Object>,
    #[serde(skip_serializing_if = "String::is_empty")]
    address: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_modules: Vec<Self>,
}

#[derive(Serialize)]
pub(super) struct Object {
    address: String,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<serde_json::Value>,
    provider_name: String,
    schema_version: u64,
    values: Raw,
    sensitive_values: serde_json::Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    tainted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed_key: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_false(truth: &bool) -> bool {
    !truth
}

/// The state; `None` when there is none. One with neither objects nor outputs is as good as none, whatever checks it
/// remembers.
pub(crate) fn state(state: Option<&State>, registry: &Registry) -> Result<String, Diagnostic> {
    let Some(state) = state.filter(|state| !(state.is_empty() && state.outputs.is_empty())) else {
        return line(&Whole { format_version: FORMAT, terraform_version: None, values: None, checks: Vec::new() });
    };
    line(&whole(state, registry)?)
}

/// A state that is not empty.
pub(super) fn whole(state: &State, registry: &Registry) -> Result<Whole, Diagnostic> {
    let mut all = BTreeMap::new();
    for (name, output) in &state.outputs {
        let (value, ty) = (raw(&output.value)?, outputs::ty(output)?);
        all.insert(name.clone(), OutputJson { sensitive: output.sensitive, value, ty });
    }
    let mut root = Module::default();
    for (key, instance) in sorted(state) {
        place(&mut root, &key.address.resource.module, 0).resources.push(object(key, instance, registry)?);
    }
    Ok(Whole {
        format_version: FORMAT,
        terraform_version: Some(state.terraform_version.clone()),
        values: Some(Values { outputs: all, root_module: root }),
        checks: checks(state),
    })
}

/// The entry of a module; those on the way are made when they are not there.
pub(super) fn place<'a>(module: &'a mut Module, path: &ModulePath, depth: usize) -> &'a mut Module {
    if depth == path.0.len() {
        return module;
    }
    let address = ModulePath(path.0[..=depth].into()).to_string();
    let at = module.child_modules.iter().position(|child| child.address == address).unwrap_or_else(|| {
        module.child_modules.push(Module { address, ..Module::default() });
        module.child_modules.len() - 1
    });
    place(&mut module.child_modules[at], path, depth + 1)
}

fn object(key: &InstanceKey, instance: &Instance, registry: &Registry) -> Result<Object, Diagnostic> {
    let InstanceKey { address, deposed } = key;
    let value = attributes(address, instance, registry)?;
    let provider = crate::plan::Connections::parse(&instance.provider);
    let mask = sensitive(&value).unwrap_or_else(|| json!({}));
    Ok(Object {
        depends_on: instance.dependencies.iter().map(ToString::to_string).collect(),
        tainted: instance.tainted,
        deposed_key: deposed.clone(),
        ..plain_object(address, &provider.source, instance.schema_version, raw(&value)?, mask)
    })
}

/// An object without what only a state knows of it.
pub(super) fn plain_object(
    address: &Address,
    provider: &str,
    schema_version: u64,
    values: Raw,
    sensitive_values: serde_json::Value,
) -> Object {
    Object {
        address: address.to_string(),
        mode: address.resource.mode.name(),
        type_name: address.resource.type_name.to_string(),
        name: address.resource.name.to_string(),
        index: address.key.as_ref().map(index),
        provider_name: provider.to_owned(),
        schema_version,
        values,
        sensitive_values,
        depends_on: Vec::new(),
        tainted: false,
        deposed_key: None,
    }
}

pub(super) fn index(key: &Key) -> serde_json::Value {
    match key {
        Key::Int(number) => json!(number),
        Key::Str(text) => json!(**text),
    }
}

/// `true` where something sensitive stands; collections and objects are kept, `None` stands for `false`.
pub(super) fn sensitive(value: &Value) -> Option<serde_json::Value> {
    if value.marks.is_sensitive() {
        return Some(json!(true));
    }
    match &value.data {
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            Some(elements.iter().map(|one| sensitive(one).unwrap_or(json!(false))).collect())
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            let inner = |(name, one): (&std::sync::Arc<str>, &Value)| Some((name.to_string(), sensitive(one)?));
            Some(serde_json::Value::Object(entries.iter().filter_map(inner).collect()))
        }
        // Of a collection that is known only after apply nobody can say which parts are sensitive.
        Data::Unknown(unknown) => match unknown.ty {
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => Some(json!([])),
            Type::Map(_) | Type::Object(_) => Some(json!({})),
            Type::Any | Type::Bool | Type::Number | Type::String => None,
        },
        _ => None,
    }
}

#[derive(Serialize)]
pub(super) struct Check {
    address: serde_json::Value,
    status: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<Checked>,
}

#[derive(Serialize)]
struct Checked {
    address: serde_json::Value,
    status: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct StoredCheck {
    object_kind: String,
    config_addr: String,
    status: String,
    #[serde(default)]
    objects: Option<Vec<StoredObject>>,
}

#[derive(Deserialize)]
struct StoredObject {
    object_addr: String,
    status: String,
    #[serde(default)]
    failure_messages: Vec<String>,
}

/// Results of checks of a plan: those of one block together.
pub(super) fn checks_of(results: &[CheckResult]) -> Vec<Check> {
    let mut blocks: BTreeMap<(&str, CheckKind), Vec<&CheckResult>> = BTreeMap::new();
    for result in results {
        blocks.entry((&result.config, result.kind)).or_default().push(result);
    }
    let one = |((config, kind), results): ((&str, CheckKind), Vec<&CheckResult>)| {
        let object = |result: &&CheckResult| StoredObject {
            object_addr: result.object.clone(),
            status: result.status.name().to_owned(),
            failure_messages: result.messages.clone(),
        };
        let worst = results.iter().map(|result| result.status).reduce(CheckStatus::worse);
        check(StoredCheck {
            object_kind: kind.name().to_owned(),
            config_addr: config.to_owned(),
            status: worst.unwrap_or(CheckStatus::Pass).name().to_owned(),
            // What was not looked at has no object.
            objects: Some(results.iter().filter(|result| !result.object.is_empty()).map(object).collect()),
        })
    };
    blocks.into_iter().map(one).collect()
}

/// Results of checks, as the state remembers them. What nobody here understands is left out.
fn checks(state: &State) -> Vec<Check> {
    let raw = state.check_results.as_ref().map_or("[]", Raw::as_str);
    let mut all: Vec<StoredCheck> = serde_json::from_str::<Option<_>>(raw).ok().flatten().unwrap_or_default();
    all.sort_by(|a, b| a.config_addr.cmp(&b.config_addr));
    all.into_iter().map(check).collect()
}

fn check(stored: StoredCheck) -> Check {
    let mut address = json!({"to_display": stored.config_addr});
    let kind = if stored.object_kind == "output" { "output_value" } else { stored.object_kind.as_str() };
    address["kind"] = json!(kind);
    match stored.config_addr.parse::<Address>() {
        Ok(resource) if kind == "resource" => {
            address["mode"] = json!(resource.resource.mode.name());
            address["type"] = json!(*resource.resource.type_name);
            address["name"] = json!(*resource.resource.name);
            if !resource.resource.module.is_root() {
                address["module"] = json!(resource.resource.module.to_string());
            }
        }
        _ => {
            let (module, name) = split_module(&stored.config_addr);
            address["name"] = json!(name);
            if let Some(module) = module {
                address["module"] = json!(module);
            }
        }
    }
    let instances = stored.objects.unwrap_or_default().into_iter().map(|one| checked(one, kind)).collect();
    Check { address, status: stored.status, instances }
}

/// `module.m["a.b"].output.o` is `o` in `module.m["a.b"]`: the last two words are names, which hold no dots.
fn split_module(text: &str) -> (Option<String>, String) {
    let mut words = text.rsplitn(3, '.');
    let name = words.next().unwrap_or_default().to_owned();
    (words.nth(1).map(str::to_owned), name)
}

fn checked(stored: StoredObject, kind: &str) -> Checked {
    let mut address = json!({"to_display": stored.object_addr});
    if kind != "resource" {
        if let (Some(module), _) = split_module(&stored.object_addr) {
            address["module"] = json!(module);
        }
    } else if let Ok(instance) = stored.object_addr.parse::<Address>() {
        if let Some(key) = &instance.key {
            address["instance_key"] = index(key);
        }
        if !instance.resource.module.is_root() {
            address["module"] = json!(instance.resource.module.to_string());
        }
    }
    let problem = |message: String| json!({"message": message});
    Checked { address, status: stored.status, problems: stored.failure_messages.into_iter().map(problem).collect() }
}
