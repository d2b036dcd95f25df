//! What went wrong lately with a service, as `glaz status` tells it.

use serde_json::{Value as Json, json};

use super::shell::{DIM, GREEN, RED, YELLOW, paint};
use crate::rollout::{Alarm, Happened, Trouble};

/// Lines with their names.
pub(super) fn lines(trouble: &Trouble) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = trouble.alarms.iter().map(|one| ("alarm", alarm(one))).collect();
    let failed = trouble.deployments.iter().map(|one| ("failed", paint(RED, happened(one))));
    let stopped = trouble.tasks.iter().map(|one| ("stopped", format!("task {}", happened(one))));
    let events = trouble.events.iter().map(|one| ("event", paint(DIM, happened(one))));
    let notes = trouble.notes.iter().map(|note| ("note", paint(YELLOW, note)));
    all.extend(failed.chain(stopped).chain(events).chain(notes));
    all
}

/// `web-5xx ALARM: Threshold Crossed`.
fn alarm(one: &Alarm) -> String {
    let reason = if one.reason.is_empty() { String::new() } else { format!(": {}", one.reason) };
    match one.state.as_deref() {
        Some("ALARM") => paint(RED, format!("{} ALARM{reason}", one.name)),
        Some("OK") => format!("{} {}", one.name, paint(GREEN, "OK")),
        Some(state) => paint(YELLOW, format!("{} {state}{reason}", one.name)),
        None => paint(YELLOW, format!("{} does not exist: deployments that heed it fail or ignore it", one.name)),
    }
}

/// `2026-01-01T10:00:00Z d-ABC Stopped: why`.
fn happened(one: &Happened) -> String {
    let parts = [one.time.as_str(), one.id.as_str(), one.status.as_str()];
    let head: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match (head.is_empty(), one.why.is_empty()) {
        (_, true) => head.join(" "),
        (true, false) => one.why.clone(),
        (false, false) => format!("{}: {}", head.join(" "), one.why),
    }
}

/// The alarms.
pub(super) fn alarms_json(trouble: &Trouble) -> Json {
    let one = |alarm: &Alarm| json!({ "name": alarm.name, "state": alarm.state, "reason": alarm.reason });
    trouble.alarms.iter().map(one).collect()
}

/// Deployments, tasks and events, the newest first.
pub(super) fn failures_json(trouble: &Trouble) -> Json {
    let deployment =
        |one: &Happened| json!({ "id": one.id, "status": one.status, "time": one.time, "reason": one.why });
    let task = |one: &Happened| json!({ "id": one.id, "time": one.time, "reason": one.why });
    let event = |one: &Happened| json!({ "time": one.time, "message": one.why });
    json!({
        "deployments": trouble.deployments.iter().map(deployment).collect::<Json>(),
        "tasks": trouble.tasks.iter().map(task).collect::<Json>(),
        "events": trouble.events.iter().map(event).collect::<Json>(),
    })
}
