//! What is planned for objects and outputs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::address::Address;
use crate::cli::render::json::raw;
use crate::cli::render::json::state::{index, sensitive};
use crate::diagnostic::Diagnostic;
use crate::lang::{Path, Step};
use crate::plan::{Action, Change, Connections, OutputChange, Plan, Purpose, Reason};
use crate::value::json::Raw;
use crate::value::{Data, Value};

#[derive(Serialize)]
pub(super) struct ResourceChange {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module_address: Option<String>,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<Json>,
    provider_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed: Option<String>,
    change: ChangeJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct ChangeJson {
    actions: &'static [&'static str],
    before: Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Raw>,
    after_unknown: Json,
    before_sensitive: Json,
    after_sensitive: Json,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replace_paths: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    importing: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generated_config: Option<String>,
}

#[derive(Serialize)]
pub(super) struct OutputChangeJson {
    actions: &'static [&'static str],
    before: Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Raw>,
    after_unknown: Json,
    before_sensitive: bool,
    after_sensitive: bool,
}

/// Every object of the plan; those that stay too, but no data source that was read already.
pub(super) fn changes(plan: &Plan, is_refreshed: bool) -> Result<Vec<ResourceChange>, Diagnostic> {
    let mut all: Vec<&Change> = plan.changes.iter().filter(|change| is_shown(plan, change)).collect();
    all.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
    // Where everything is destroyed, what moves has moved while it was read.
    let is_destroy = plan.mode == Purpose::Destroy && is_refreshed;
    let shown = |one: &Change| {
        let json = change(one, plan.generated.get(&one.address))?;
        Ok(if is_destroy { ResourceChange { previous_address: None, ..json } } else { json })
    };
    all.into_iter().map(shown).collect()
}

pub(super) fn is_shown(plan: &Plan, change: &Change) -> bool {
    // A plan that only refreshes plans nothing for any object.
    plan.mode != Purpose::RefreshOnly && (change.address.is_managed() || change.is_action())
}

fn change(change: &Change, generated: Option<&String>) -> Result<ResourceChange, Diagnostic> {
    let paths = change.changed.iter().filter(|one| one.forces_replacement).map(|one| path(&one.path));
    let is_replaced = matches!(change.action, Action::Replace { .. });
    let json = ChangeJson {
        actions: actions(change.action),
        before: recorded(&change.before)?,
        after: without_unknown(&change.after).map(|after| recorded(&after)).transpose()?,
        after_unknown: if change.after.is_wholly_known() { json!({}) } else { unknown(&change.after) },
        before_sensitive: mask(&change.before),
        after_sensitive: mask(&change.after),
        replace_paths: if is_replaced { paths.collect() } else { Vec::new() },
        importing: change.importing.as_ref().map(|id| json!({"id": id})),
        generated_config: generated.cloned(),
    };
    Ok(ResourceChange {
        previous_address: change.moved_from.as_ref().map(ToString::to_string),
        deposed: change.deposed.clone(),
        action_reason: reason(change.reason),
        ..entry(&change.address, &change.provider.source, json)
    })
}

/// A value as plans record it: with no minus zero.
fn recorded(value: &Value) -> Result<Raw, Diagnostic> {
    if value.has_minus_zero() { raw(&value.with_plain_zeros()) } else { raw(value) }
}

fn entry(address: &Address, provider: &str, change: ChangeJson) -> ResourceChange {
    let resource = &address.resource;
    ResourceChange {
        address: address.to_string(),
        previous_address: None,
        module_address: (!resource.module.is_root()).then(|| resource.module.to_string()),
        mode: resource.mode.name(),
        type_name: resource.type_name.to_string(),
        name: resource.name.to_string(),
        index: address.key.as_ref().map(index),
        provider_name: provider.to_owned(),
        deposed: None,
        change,
        action_reason: None,
    }
}

fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Read => &["read"],
        Action::Create => &["create"],
        Action::Update => &["update"],
        Action::Replace { create_first: false } => &["delete", "create"],
        Action::Replace { create_first: true } => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

/// Terraform's name of a reason.
pub(in crate::cli::render::json) fn reason(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::None => return None,
        Reason::Tainted => "replace_because_tainted",
        Reason::CannotUpdate => "replace_because_cannot_update",
        Reason::ByRequest => "replace_by_request",
        Reason::ByTriggers => "replace_by_triggers",
        Reason::NoResourceConfig => "delete_because_no_resource_config",
        Reason::NoModule => "delete_because_no_module",
        Reason::NoMoveTarget => "delete_because_no_move_target",
        Reason::CheckNested => "read_because_check_nested",
        Reason::WrongRepetition => "delete_because_wrong_repetition",
        Reason::CountIndex => "delete_because_count_index",
        Reason::EachKey => "delete_because_each_key",
        Reason::ConfigUnknown => "read_because_config_unknown",
        Reason::DependencyPending => "read_because_dependency_pending",
    })
}

/// What others changed or deleted since the last apply. A plan that only refreshes shows here what is remembered under another
/// address, too.
pub(super) fn drift(plan: &Plan) -> Result<Vec<ResourceChange>, Diagnostic> {
    let live = &plan.live;
    let changed = live.drifted.iter().filter_map(|(address, before)| {
        let object = live.objects.get(address)?;
        Some((address, before, Some(&object.attributes), &object.provider))
    });
    let gone = live.vanished.iter().map(|(address, object)| (address, &object.attributes, None, &object.provider));
    let current = || plan.changes.iter().filter(|change| change.deposed.is_none());
    let moved: BTreeMap<&Address, &Address> = current()
        .filter_map(|change| Some((&change.address, change.moved_from.as_ref()?)))
        .chain(&live.vanished_from)
        .collect();
    let is_still = |address: &Address| !live.drifted.contains_key(address) && !live.vanished.contains_key(address);
    let has_moved = |address: &&Address| plan.mode == Purpose::RefreshOnly && is_still(address);
    let still = moved.keys().copied().filter(has_moved).filter_map(|address| {
        let object = live.objects.get(address)?;
        Some((address, &object.attributes, Some(&object.attributes), &object.provider))
    });
    let mut all: Vec<_> = changed.chain(gone).chain(still).collect();
    all.sort_by(|a, b| a.0.cmp(b.0));
    let one = |(address, before, now, provider): (&Address, &Value, Option<&Value>, &String)| {
        let nothing = Value::null(crate::value::Type::Any);
        let after = now.unwrap_or(&nothing);
        let action = match now {
            None => Action::Delete,
            Some(_) if is_still(address) => Action::NoOp,
            Some(_) => Action::Update,
        };
        let json = ChangeJson {
            actions: actions(action),
            before: raw(before)?,
            after: Some(raw(after)?),
            after_unknown: json!({}),
            before_sensitive: mask(before),
            after_sensitive: mask(after),
            replace_paths: Vec::new(),
            importing: None,
            generated_config: None,
        };
        let previous_address = moved.get(address).map(ToString::to_string);
        Ok(ResourceChange { previous_address, ..entry(address, &Connections::parse(provider).source, json) })
    };
    all.into_iter().map(one).collect()
}

/// Root outputs; those that stay too.
pub(super) fn outputs(plan: &Plan) -> Result<BTreeMap<String, OutputChangeJson>, Diagnostic> {
    let one = |(name, change): (&std::sync::Arc<str>, &OutputChange)| {
        let nothing = Value::null(crate::value::Type::Any);
        let after = change.after.as_ref().unwrap_or(&nothing);
        let json = OutputChangeJson {
            actions: actions(change.action()),
            before: raw(change.before.as_ref().unwrap_or(&nothing))?,
            after: without_unknown(after).map(|after| raw(&after)).transpose()?,
            after_unknown: if after.is_wholly_known() { json!(false) } else { unknown(after) },
            before_sensitive: change.is_hidden(),
            after_sensitive: change.is_hidden(),
        };
        Ok((name.to_string(), json))
    };
    plan.outputs.iter().map(one).collect()
}

/// The known part: what is known only after apply is left out of objects and maps, and null in sequences. `None` when
/// nothing is known.
pub(super) fn without_unknown(value: &Value) -> Option<Value> {
    let null = || Value::null(crate::value::Type::Any);
    let elements = |list: &[Value]| list.iter().map(|one| without_unknown(one).unwrap_or_else(null)).collect();
    let data = match &value.data {
        Data::Unknown(_) => return None,
        Data::List(..) | Data::Set(..) | Data::Tuple(_) => {
            Data::Tuple(std::sync::Arc::new(elements(value.elements().unwrap_or_default())))
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            let known = entries.iter().filter_map(|(name, one)| Some((name.clone(), without_unknown(one)?)));
            Data::Object(std::sync::Arc::new(known.collect()))
        }
        plain => plain.clone(),
    };
    // A wholly known set keeps its own order.
    Some(if value.is_wholly_known() { value.clone() } else { data.into() })
}

/// `true` where something is known only after apply; parts of objects and maps that are known are left out.
fn unknown(value: &Value) -> Json {
    match &value.data {
        Data::Unknown(_) => json!(true),
        Data::List(_, list) | Data::Set(_, list) | Data::Tuple(list) => list.iter().map(unknown).collect(),
        Data::Map(_, entries) | Data::Object(entries) => {
            let shown = entries.iter().map(|(name, one)| (name.to_string(), unknown(one)));
            Json::Object(shown.filter(|(_, one)| *one != json!(false)).collect())
        }
        _ => json!(false),
    }
}

/// `true` where something sensitive stands; `false` for a value without parts.
fn mask(value: &Value) -> Json {
    sensitive(value).unwrap_or(json!(false))
}

fn path(path: &Path) -> Json {
    path.0
        .iter()
        .map(|step| match step {
            Step::Attr(name) | Step::Key(name) => json!(**name),
            Step::Index(at) => json!(at),
        })
        .collect()
}
