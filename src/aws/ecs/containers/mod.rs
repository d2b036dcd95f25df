//! The JSON in `container_definitions`: what it says to the API, and when two texts say the same.
//!
//! Every difference here makes a new revision and with it a deployment, so the comparison forgets all that ECS fills
//! in or does not care about.

mod check;
mod json;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use aws_sdk_ecs::types::ContainerDefinition;
use serde_json::{Map, Value as Json};

pub(super) use check::{Task, check};

/// Containers, and the paths of names that ECS does not know.
pub(super) struct Parsed {
    pub(super) containers: Vec<ContainerDefinition>,
    pub(super) unknown: Vec<String>,
}

/// The containers that a text defines; the error is a sentence.
pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    let all: Json = serde_json::from_str(text).map_err(|error| format!("This is not valid JSON: {error}."))?;
    let Json::Array(all) = all else {
        return Err("A JSON list of containers is needed. Write jsonencode([{ … }]).".to_owned());
    };
    let unknown = RefCell::default();
    let one = |(at, value): (usize, &Json)| {
        let mut reader = json::Reader::new(value, format!("[{at}]"), &unknown);
        ContainerDefinition::deserialize(&mut reader).map_err(|error| format!("Container {at}: {error}"))
    };
    let containers = all.iter().filter(|one| !one.is_null()).enumerate().map(one).collect::<Result<_, _>>()?;
    Ok(Parsed { containers, unknown: unknown.into_inner() })
}

/// The text for containers that were read. What ECS gives without having been asked (null, empty) is left out.
pub(super) fn print(containers: &[ContainerDefinition]) -> String {
    let one = |one: &ContainerDefinition| json::write(one).map(prune).unwrap_or_default();
    Json::Array(containers.iter().map(one).collect()).to_string()
}

/// Whether two texts define the same containers. `is_host_port_fixed` is true in the network modes `awsvpc` and
/// `host`, where a host port is always the container port.
pub(super) fn is_same(have: &str, want: &str, is_host_port_fixed: bool) -> bool {
    let canonical = |text| parse(text).ok().and_then(|parsed| canonical(&parsed.containers, is_host_port_fixed));
    have == want || matches!((canonical(have), canonical(want)), (Some(have), Some(want)) if have == want)
}

/// For an attribute table, where the network mode is not known: a host port counts.
pub(super) fn same(have: &crate::value::Value, want: &crate::value::Value) -> bool {
    matches!((have.as_str(), want.as_str()), (Some(have), Some(want)) if is_same(have, want, false))
}

/// For an attribute table: what the text defines, in one spelling. `of` is the task definition.
pub(super) fn fields(text: &crate::value::Value, of: &crate::value::Value) -> Option<Json> {
    let mode = of.get("network_mode").and_then(crate::value::Value::as_str);
    canonical(&parse(text.as_str()?).ok()?.containers, is_host_port_fixed(mode))
}

/// Whether a host port is always the container port in this network mode, written or not.
pub(super) fn is_host_port_fixed(mode: Option<&str>) -> bool {
    matches!(mode, Some("awsvpc" | "host"))
}

/// One JSON for all spellings of the same containers.
fn canonical(containers: &[ContainerDefinition], is_host_port_fixed: bool) -> Option<Json> {
    let mut all = containers.iter().map(|one| json::write(one).ok().map(prune)).collect::<Option<Vec<_>>>()?;
    for one in all.iter_mut().filter_map(Json::as_object_mut) {
        forget_defaults(one, is_host_port_fixed);
        for list in ["environment", "secrets", "environmentFiles", "portMappings"] {
            if let Some(Json::Array(list)) = one.get_mut(list) {
                sort(list);
            }
        }
    }
    sort(&mut all);
    Some(Json::Array(all))
}

/// Order carries no meaning where names are unique.
fn sort(list: &mut [Json]) {
    list.sort_by_cached_key(|one| {
        let port = one.get("containerPort").and_then(Json::as_i64);
        (one.get("name").map(ToString::to_string), port, one.to_string())
    });
}

/// Without null, empty lists and objects, and members of lists that say nothing.
fn prune(value: Json) -> Json {
    let is_empty = |value: &Json| match value {
        Json::Null => true,
        Json::Array(list) => list.is_empty(),
        Json::Object(object) => object.is_empty(),
        _ => false,
    };
    match value {
        Json::Array(list) => list.into_iter().map(prune).filter(|value| !is_empty(value)).collect(),
        Json::Object(object) => {
            let entries = object.into_iter().map(|(name, value)| (name, prune(value)));
            Json::Object(entries.filter(|(_, value)| !is_empty(value)).collect())
        }
        other => other,
    }
}

/// Values that mean the same as leaving the field out.
fn forget_defaults(container: &mut Map<String, Json>, is_host_port_fixed: bool) {
    container.retain(|_, value| value.as_str() != Some(""));
    forget(container, &[("essential", true.into()), ("cpu", 0.into()), ("versionConsistency", "enabled".into())]);
    for name in ["privileged", "interactive", "pseudoTerminal", "disableNetworking", "readonlyRootFilesystem"] {
        forget(container, &[(name, false.into())]);
    }
    for mapping in objects(container.get_mut("portMappings")) {
        forget(mapping, &[("protocol", "tcp".into()), ("hostPort", 0.into())]);
        if is_host_port_fixed && mapping.get("hostPort") == mapping.get("containerPort") {
            mapping.remove("hostPort");
        }
    }
    let health = [("interval", 30.into()), ("retries", 3.into()), ("timeout", 5.into()), ("startPeriod", 0.into())];
    if let Some(check) = container.get_mut("healthCheck").and_then(Json::as_object_mut) {
        forget(check, &health);
    }
    for list in ["mountPoints", "volumesFrom"] {
        for one in objects(container.get_mut(list)) {
            forget(one, &[("readOnly", false.into())]);
        }
    }
    if let Some(linux) = container.get_mut("linuxParameters").and_then(Json::as_object_mut) {
        forget(linux, &[("initProcessEnabled", false.into())]);
    }
    for list in ["environment", "secrets"] {
        if let Some(Json::Array(all)) = container.get_mut(list) {
            let says_nothing = |one: &Json| one.as_object().is_some_and(|one| one.values().all(|text| text == ""));
            all.retain(|one| !says_nothing(one));
        }
    }
    container.retain(|_, value| !matches!(value, Json::Array(list) if list.is_empty()));
    container.retain(|_, value| !matches!(value, Json::Object(object) if object.is_empty()));
}

fn forget(object: &mut Map<String, Json>, defaults: &[(&str, Json)]) {
    for (name, default) in defaults {
        if object.get(*name) == Some(default) {
            object.remove(*name);
        }
    }
}

fn objects(list: Option<&mut Json>) -> impl Iterator<Item = &mut Map<String, Json>> {
    list.and_then(Json::as_array_mut).into_iter().flatten().filter_map(Json::as_object_mut)
}
