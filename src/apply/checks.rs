//! How checks ended, as the state file has it.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::lang::{CheckResult, CheckStatus};
use crate::value::json::Raw;

#[derive(Serialize)]
struct Checked<'a> {
    object_kind: &'static str,
    config_addr: &'a str,
    status: &'static str,
    objects: Vec<Object<'a>>,
}

#[derive(Serialize)]
struct Object<'a> {
    #[serde(rename = "object_addr")]
    name: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    failure_messages: &'a [String],
}

/// The member `check_results` of a state file; none without checks.
pub(super) fn in_state(checks: &[CheckResult]) -> Result<Option<Raw>, Diagnostic> {
    let mut all: Vec<(Checked<'_>, CheckStatus)> = Vec::new();
    for check in checks {
        let object = Object { name: &check.object, status: check.status.name(), failure_messages: &check.messages };
        let kind = check.kind.name();
        match all.iter_mut().find(|(one, _)| one.object_kind == kind && one.config_addr == check.config) {
            Some((one, worst)) => {
                *worst = worst.worse(check.status);
                one.status = worst.name();
                one.objects.push(object);
            }
            None => all.push((
                Checked {
                    object_kind: kind,
                    config_addr: &check.config,
                    status: check.status.name(),
                    objects: vec![object],
                },
                check.status,
            )),
        }
    }
    let all: Vec<Checked<'_>> = all.into_iter().map(|(one, _)| one).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let bug = |error: String| Diagnostic::bug(format!("Results of checks cannot be written: {error}"));
    let text = serde_json::to_string(&all).map_err(|error| bug(error.to_string()))?;
    Raw::parse(&text).map(Some).map_err(|error| bug(error.to_string()))
}
