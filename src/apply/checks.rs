//! How checks ended, as the state file has it.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::lang::{CheckKind, CheckResult, CheckStatus};
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
        let object = Object { name: &check.object, status: status(check.status), failure_messages: &check.messages };
        let kind = kind(check.kind);
        match all.iter_mut().find(|(one, _)| one.object_kind == kind && one.config_addr == check.config) {
            Some((one, worst)) => {
                *worst = worse(*worst, check.status);
                one.status = status(*worst);
                one.objects.push(object);
            }
            None => all.push((
                Checked {
                    object_kind: kind,
                    config_addr: &check.config,
                    status: status(check.status),
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

fn kind(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Resource => "resource",
        CheckKind::Output => "output",
        CheckKind::Check => "check",
        CheckKind::Variable => "var",
    }
}

fn status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
        CheckStatus::Unknown => "unknown",
    }
}

/// What a block says when its objects say different things.
fn worse(one: CheckStatus, other: CheckStatus) -> CheckStatus {
    let rank = |status: CheckStatus| match status {
        CheckStatus::Pass => 0,
        CheckStatus::Unknown => 1,
        CheckStatus::Fail => 2,
        CheckStatus::Error => 3,
    };
    if rank(one) < rank(other) { other } else { one }
}
