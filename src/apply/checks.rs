//! How checks ended, as the state file has it.

use indexmap::IndexMap;
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::lang::{CheckResult, CheckStatus};
use crate::value::json::Raw;

#[derive(Serialize)]
struct Checked<'a> {
    object_kind: &'static str,
    config_addr: &'a str,
    status: &'static str,
    /// None for what has no instance, and for what was not looked at.
    objects: Option<Vec<Object<'a>>>,
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
    let mut all: IndexMap<(&str, &str), (Checked<'_>, CheckStatus)> = IndexMap::new();
    for check in checks {
        let object = Object { name: &check.object, status: check.status.name(), failure_messages: &check.messages };
        let kind = check.kind.name();
        let (one, worst) = all.entry((kind, &check.config)).or_insert_with(|| {
            let one =
                Checked { object_kind: kind, config_addr: &check.config, status: check.status.name(), objects: None };
            (one, check.status)
        });
        *worst = worst.worse(check.status);
        one.status = worst.name();
        if !check.object.is_empty() {
            one.objects.get_or_insert_default().push(object);
        }
    }
    let all: Vec<Checked<'_>> = all.into_values().map(|(one, _)| one).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let bug = |error: String| Diagnostic::bug(format!("Results of checks cannot be written: {error}"));
    let text = serde_json::to_string(&all).map_err(|error| bug(error.to_string()))?;
    Raw::parse(&text).map(Some).map_err(|error| bug(error.to_string()))
}
