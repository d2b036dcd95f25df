//! Terraform's machine-readable lines: what `plan -json` and `apply -json` say, one JSON object a line.
//!
//! <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::plan::reason;
use super::raw;
use super::state::index;
use crate::address::Address;
use crate::apply::{Act, Counts, Event, Stage};
use crate::cli::render::plan::rollouts;
use crate::diagnostic::Diagnostic;
use crate::plan::{Action, Change, OutputChange, Plan, Purpose, What};
use crate::state::State;
use crate::state::model::WRITES_AS;
use crate::value::json::{Raw, type_to_json};

/// Version of the form.
const UI: &str = "1.2";

/// When a line is written, such as `2026-01-01T00:00:00.000000Z`.
pub(crate) fn timestamp(since_1970: Duration) -> String {
    let micros = i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(micros).map(|time| format!("{time:.6}")).unwrap_or_default()
}

/// A line of a type, with what belongs to it.
fn line(
    now: Duration,
    level: &str,
    kind: &str,
    message: &str,
    more: impl IntoIterator<Item = (&'static str, Json)>,
) -> String {
    let mut members = Map::new();
    members.insert("@level".into(), json!(level));
    members.insert("@message".into(), json!(message));
    members.insert("@module".into(), json!("terraform.ui"));
    members.insert("@timestamp".into(), json!(timestamp(now)));
    members.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    members.insert("type".into(), json!(kind));
    Json::Object(members).to_string()
}

/// The first line.
pub(crate) fn version(now: Duration) -> String {
    let message = format!("Terraform {WRITES_AS}");
    line(now, "info", "version", &message, [("terraform", json!(WRITES_AS)), ("ui", json!(UI))])
}

/// Something that only people need to know.
pub(crate) fn log(now: Duration, text: &str) -> String {
    line(now, "info", "log", text, [])
}

/// The plan: what others changed, what will be done, how much that is, the outputs, and what is said of deployments.
pub(crate) fn plan(plan: &Plan, now: Duration) -> Vec<String> {
    let mut all = Vec::new();
    let drift = |address: &Address, action: &str, from: Option<&Address>| {
        let message = format!("{address}: Drift detected ({action})");
        let mut change = json!({"resource": resource(address), "action": action});
        if let Some(from) = from {
            change["previous_resource"] = resource(from);
        }
        line(now, "info", "resource_drift", &message, [("change", change)])
    };
    all.extend(plan.live.drifted.keys().map(|address| drift(address, "update", None)));
    all.extend(plan.live.vanished.keys().map(|address| drift(address, "delete", None)));
    all.extend(plan.moved_only().map(|change| drift(&change.address, "move", change.moved_from.as_ref())));
    all.extend(changes(plan, now));
    let (add, change, remove) = plan.counts();
    let import = plan.imports();
    let imported = if import > 0 { format!("{import} to import, ") } else { String::new() };
    let message = format!("Plan: {imported}{add} to add, {change} to change, {remove} to destroy.");
    let changes = json!({"add": add, "change": change, "import": import, "remove": remove, "operation": "plan"});
    all.push(line(now, "info", "change_summary", &message, [("changes", changes)]));
    if !plan.outputs.is_empty() {
        let one = |(name, change): (&std::sync::Arc<str>, &OutputChange)| {
            let action = match change.action() {
                Action::Create => "create",
                Action::Delete => "delete",
                Action::NoOp => "noop",
                _ => "update",
            };
            (name.to_string(), json!({"sensitive": change.is_hidden(), "action": action}))
        };
        let outputs: Map<String, Json> = plan.outputs.iter().map(one).collect();
        let message = format!("Outputs: {}", outputs.len());
        all.push(line(now, "info", "outputs", &message, [("outputs", Json::Object(outputs))]));
    }
    // Terraform has no type of line for deployments: readers of its lines show these, and need not know them.
    all.extend(rollouts::entries(plan).iter().map(|text| log(now, text)));
    all
}

/// What will be done.
pub(crate) fn changes(plan: &Plan, now: Duration) -> Vec<String> {
    // A plan that only refreshes plans nothing for any object.
    let is_shown = |change: &&Change| plan.mode != Purpose::RefreshOnly && change.is_shown();
    let mut changes: Vec<&Change> = plan.changes.iter().filter(is_shown).collect();
    changes.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
    changes.into_iter().map(|change| planned(change, plan.generated.get(&change.address), now)).collect()
}

fn planned(change: &Change, generated: Option<&String>, now: Duration) -> String {
    let action = match change.action {
        Action::NoOp if change.importing.is_some() => "import",
        Action::NoOp => "move",
        Action::Read => "read",
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace { .. } => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    };
    let mut json = json!({"resource": resource(&change.address), "action": action});
    if let Some(from) = &change.moved_from {
        json["previous_resource"] = resource(from);
    }
    if let Some(id) = &change.importing {
        json["importing"] = json!({"id": id});
    }
    if let Some(text) = generated {
        json["generated_config"] = json!(text);
    }
    if let Some(reason) = reason(change.reason) {
        let short = reason.strip_prefix("replace_because_").unwrap_or(match reason {
            "replace_by_request" => "requested",
            "replace_by_triggers" => "replace_triggered_by",
            other => other,
        });
        json["reason"] = json!(short);
    }
    let message = format!("{}: Plan to {action}", change.address);
    line(now, "info", "planned_change", &message, [("change", json)])
}

/// An instance, with its parts.
fn resource(address: &Address) -> Json {
    let module = &address.resource.module;
    let own = address.to_string();
    let inside = own.strip_prefix(&format!("{module}.")).filter(|_| !module.is_root()).unwrap_or(&own);
    let type_name = &*address.resource.type_name;
    json!({
        "addr": own,
        "module": module.to_string(),
        "resource": inside,
        "implied_provider": type_name.split('_').next().unwrap_or(type_name),
        "resource_type": type_name,
        "resource_name": &*address.resource.name,
        "resource_key": address.key.as_ref().map(index),
    })
}

/// The words of an action: its name, what is being done, what still is, what is done.
fn words(what: What) -> [&'static str; 4] {
    match what {
        What::Create => ["create", "Creating", "creating", "Creation"],
        What::Update => ["update", "Modifying", "modifying", "Modifications"],
        What::Delete => ["delete", "Destroying", "destroying", "Destruction"],
        What::Read => ["read", "Refreshing", "refreshing", "Refresh"],
        What::Deploy => ["update", "Deploying", "deploying", "Deployment"],
    }
}

fn hook(address: &Address, what: What, id: Option<&str>, elapsed: Option<Duration>) -> Json {
    let mut hook = json!({"resource": resource(address), "action": words(what)[0]});
    if let Some(id) = id {
        hook["id_key"] = json!("id");
        hook["id_value"] = json!(id);
    }
    if let Some(elapsed) = elapsed {
        hook["elapsed_seconds"] = json!(elapsed.as_secs());
    }
    hook
}

/// What happened; nothing where Terraform has no line for it.
pub(crate) fn event(event: &Event, now: Duration) -> Option<String> {
    let say = |kind: &str, message: &str, hook: Json| Some(line(now, "info", kind, message, [("hook", hook)]));
    match event {
        Event::Started { address, what, id } => {
            let suffix = id.as_ref().map(|id| format!(" [id={id}]")).unwrap_or_default();
            let message = format!("{address}: {}...{suffix}", words(*what)[1]);
            say("apply_start", &message, hook(address, *what, id.as_deref(), None))
        }
        Event::Done { address, what, id, time } => {
            let id = id.as_deref().filter(|_| *what != What::Delete);
            let suffix = id.map(|id| format!(" [id={id}]")).unwrap_or_default();
            let message = format!("{address}: {} complete after {}s{suffix}", words(*what)[3], time.as_secs());
            say("apply_complete", &message, hook(address, *what, id, Some(*time)))
        }
        Event::Failed { address, what, time, .. } => {
            let message = format!("{address}: {} errored after {}s", words(*what)[3], time.as_secs());
            say("apply_errored", &message, hook(address, *what, None, Some(*time)))
        }
        Event::Provisioning { address, kind } => {
            let hook = json!({"resource": resource(address), "provisioner": kind});
            say("provision_start", &format!("{address}: Provisioning with '{kind}'..."), hook)
        }
        Event::Output { address, kind, line } => {
            let hook = json!({"resource": resource(address), "provisioner": kind, "output": line});
            say("provision_progress", &format!("{address}: ({kind}): {line}"), hook)
        }
        Event::Ephemeral { address, act, stage } => {
            let (action, noun) = match act {
                Act::Open => ("open", "Opening"),
                Act::Close => ("close", "Closing"),
            };
            let mut hook = json!({"resource": resource(address), "action": action});
            let (kind, end, time) = match stage {
                Stage::Begun => ("ephemeral_op_start", "...".to_owned(), None),
                Stage::Done(time) => {
                    ("ephemeral_op_complete", format!(" complete after {}s", time.as_secs()), Some(time))
                }
                Stage::Failed(time) => {
                    ("ephemeral_op_errored", format!(" errored after {}s", time.as_secs()), Some(time))
                }
            };
            if let Some(time) = time {
                hook["elapsed_seconds"] = json!(time.as_secs());
            }
            say(kind, &format!("{address}: {noun}{end}"), hook)
        }
        Event::Progress { .. } | Event::Stopping | Event::RollingBack => None,
    }
}

/// A step that takes long still goes on.
pub(crate) fn still(address: &Address, what: What, elapsed: Duration, now: Duration) -> String {
    let message = format!("{address}: Still {}... [{}s elapsed]", words(what)[2], elapsed.as_secs());
    line(now, "info", "apply_progress", &message, [("hook", hook(address, what, None, Some(elapsed)))])
}

/// What was done.
pub(crate) fn summary(counts: Counts, is_destroy: bool, message: &str, now: Duration) -> String {
    let operation = if is_destroy { "destroy" } else { "apply" };
    let Counts { added, changed, destroyed, imported } = counts;
    let changes =
        json!({"add": added, "change": changed, "import": imported, "remove": destroyed, "operation": operation});
    line(now, "info", "change_summary", message, [("changes", changes)])
}

/// The outputs after a run, also when there are none; values of sensitive ones are left out.
pub(crate) fn outputs(state: &State, now: Duration) -> Result<String, Diagnostic> {
    let parsed = |raw: &Raw| -> Result<Box<serde_json::value::RawValue>, Diagnostic> { Ok(raw.value().to_owned()) };
    let mut all = std::collections::BTreeMap::new();
    for (name, output) in &state.outputs {
        let ty = Raw::parse(&type_to_json(&output.value.ty()))
            .map_err(|error| Diagnostic::bug(format!("A type has no JSON: {error}")))?;
        let mut members = std::collections::BTreeMap::new();
        let truth = if output.sensitive { "true" } else { "false" };
        members.insert("sensitive", parsed(&Raw::parse(truth).unwrap_or_else(|_| Raw::null()))?);
        members.insert("type", parsed(&ty)?);
        if !output.sensitive {
            members.insert("value", parsed(&raw(&output.value)?)?);
        }
        all.insert(name.as_str(), members);
    }
    let text = super::line(&all)?;
    // Numbers must not be read as floats on the way, so the line is put together as text.
    let head = line(now, "info", "outputs", &format!("Outputs: {}", state.outputs.len()), []);
    Ok(format!("{},\"outputs\":{text}}}", head.trim_end_matches('}')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Output;
    use crate::value::Value;

    #[test]
    fn lines_are_those_of_terraform() {
        let address: Address = "module.m[0].terraform_data.a[\"k\"]".parse().expect("an address");
        let event = Event::Done { address, what: What::Create, id: Some("x".into()), time: Duration::from_secs(2) };
        let text = super::event(&event, Duration::from_secs(1)).expect("a line");
        let line: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(line["type"], "apply_complete");
        assert_eq!(line["@message"], "module.m[0].terraform_data.a[\"k\"]: Creation complete after 2s [id=x]");
        assert_eq!(line["@timestamp"], "1970-01-01T00:00:01.000000Z");
        let expected = json!({
            "resource": {
                "addr": "module.m[0].terraform_data.a[\"k\"]",
                "module": "module.m[0]",
                "resource": "terraform_data.a[\"k\"]",
                "implied_provider": "terraform",
                "resource_type": "terraform_data",
                "resource_name": "a",
                "resource_key": "k",
            },
            "action": "create", "id_key": "id", "id_value": "x", "elapsed_seconds": 2,
        });
        assert_eq!(line["hook"], expected);
    }

    #[test]
    fn sensitive_outputs_have_no_value() {
        let mut state = State::of_lineage("l");
        state.outputs.insert("a".into(), Output { value: Value::from(1), sensitive: false });
        state.outputs.insert("s".into(), Output { value: "hush".into(), sensitive: true });
        let text = outputs(&state, Duration::ZERO).expect("written");
        let line: Json = serde_json::from_str(&text).expect("JSON");
        let expected = json!({"a": {"sensitive": false, "type": "number", "value": 1}, "s": {"sensitive": true, "type": "string"}});
        assert_eq!(line["outputs"], expected);
        assert_eq!((&line["@message"], &line["type"]), (&json!("Outputs: 2"), &json!("outputs")));
    }
}
