//! What an import would read, compared with what the state remembers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use glaz::clock::Clock;
use glaz::resource::{Attr, Found, Registry, Surroundings, Wanted, read_all};
use glaz::value::Value;
use glaz::value::json::{from_state, to_state};
use serde_json::value::RawValue;

use super::stack::Stack;

/// Fails unless importing `TYPE.it` by this text reads the attributes that the state has, and a plan with them is empty.
#[track_caller]
pub fn assert_same(stack: &Stack, type_name: &str, text: &str, ignores: &[&str]) {
    let registry = Registry::new(vec![glaz::aws::provider()]);
    let resource = registry.resource(type_name).unwrap_or_else(|| panic!("{type_name} is not registered"));
    let attributes = attributes(stack, type_name);
    let raw: Box<RawValue> = serde_json::value::to_raw_value(&attributes).unwrap();
    let known = from_state(&raw, &resource.schema().ty).unwrap().value;
    let text = filled(text, &attributes);
    let found = import(stack, &registry, type_name, &text);
    let mut imported = found.attributes.entries().unwrap().clone();
    for name in ignores {
        imported.insert((*name).into(), known.get(name).unwrap().clone());
    }
    let mut differences = Vec::new();
    for attr in &resource.schema().attrs {
        if ignores.contains(&attr.name) {
            continue;
        }
        let (state, imported) = (known.get(attr.name), found.attributes.get(attr.name));
        if !is_same(attr, state, imported) {
            differences.push(format!("  {}: state {}, import {}", attr.name, shown(state), shown(imported)));
        }
    }
    assert!(differences.is_empty(), "importing {text:?} reads something else:\n{}", differences.join("\n"));
    let imported = to_state(&Value::object(imported).unmarked(), &resource.schema().ty).unwrap();
    plan_with(stack, type_name, &imported);
}

/// The same in the eyes of the plan, or both nothing: an absent value and an empty collection.
fn is_same(attr: &Attr, one: Option<&Value>, other: Option<&Value>) -> bool {
    let is_nothing = |value: &Value| {
        value.is_null()
            || value.elements().is_some_and(<[_]>::is_empty)
            || value.entries().is_some_and(glaz::value::Entries::is_empty)
    };
    match (one, other) {
        (Some(one), Some(other)) => {
            attr.means_same(&one.unmarked(), &other.unmarked()) || is_nothing(one) && is_nothing(other)
        }
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Fails unless a plan is empty when the state has the imported attributes.
#[track_caller]
fn plan_with(stack: &Stack, type_name: &str, attributes: &str) {
    let before = stack.read("terraform.tfstate");
    let mut state = stack.state();
    let all = state["resources"].as_array_mut().unwrap();
    let it = all.iter_mut().find(|one| one["type"] == type_name && one["name"] == "it").unwrap();
    it["instances"][0]["attributes"] = serde_json::from_str(attributes).unwrap();
    stack.write("terraform.tfstate", state.to_string());
    let plan = stack.plan();
    assert!(plan.code == Some(0), "the plan after an import is not empty:\n{}", plan.raw());
    stack.write("terraform.tfstate", before);
}

fn import(stack: &Stack, registry: &Registry, type_name: &str, text: &str) -> Found {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (provider, resource) = (registry.provider_of(type_name).unwrap(), registry.resource(type_name).unwrap());
    let around = Surroundings {
        clock: Clock::pinned(Duration::from_secs(1_767_225_600), 1),
        environment: Arc::new(stack.environment().clone().into_iter().collect::<BTreeMap<_, _>>()),
        agent: "glaz-tests".to_owned(),
    };
    runtime.block_on(async {
        let cloud = provider.connect(&provider.schema().absent(), &around).await.unwrap();
        let wanted: Wanted =
            resource.import(&cloud, text).await.unwrap_or_else(|error| panic!("importing {text:?} fails: {error:?}"));
        let found = read_all(resource.as_ref(), &cloud, std::slice::from_ref(&wanted)).await;
        let found = found.unwrap_or_else(|error| panic!("reading {} after the import fails: {error:?}", wanted.id));
        found.into_iter().next().unwrap_or_else(|| panic!("importing {text:?} finds nothing as {}", wanted.id))
    })
}

/// Attributes of `TYPE.it` in the state.
fn attributes(stack: &Stack, type_name: &str) -> serde_json::Value {
    let state = stack.state();
    let resources = state["resources"].as_array().unwrap();
    let it = resources.iter().find(|one| one["type"] == type_name && one["name"] == "it");
    it.unwrap_or_else(|| panic!("{type_name}.it is not in the state"))["instances"][0]["attributes"].clone()
}

/// The text with `{attribute}` filled in.
fn filled(text: &str, attributes: &serde_json::Value) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        out.push_str(before);
        match &attributes[name] {
            serde_json::Value::String(text) => out.push_str(text),
            serde_json::Value::Null => panic!("the object has no attribute {name}"),
            other => out.push_str(&other.to_string()),
        }
        rest = after;
    }
    out + rest
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), |value| format!("{:?}", value.unmarked()))
}
