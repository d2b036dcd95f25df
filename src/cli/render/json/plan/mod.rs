//! `show -json` of a saved plan.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format#plan-representation>

mod change;
mod configuration;
mod ordered;
mod planned;
mod prior;
mod relevant;

use std::collections::BTreeMap;

use serde::Serialize;

use super::state::{self, Check, Whole};
use super::{line, raw};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Config, Files, Given, given_value, load_from, root_value};
use crate::plan::saved::Saved;
use crate::resource::Registry;
use crate::state::model::WRITES_AS;
use crate::value::Value;
use crate::value::json::Raw;
pub(super) use change::reason;
use change::{OutputChangeJson, ResourceChange};
use planned::Planned;
use relevant::Relevant;

/// Version of the form.
const FORMAT: &str = "1.2";

#[derive(Serialize)]
struct PlanJson {
    format_version: &'static str,
    terraform_version: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, VariableJson>,
    planned_values: Planned,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_drift: Vec<ResourceChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_changes: Vec<ResourceChange>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    output_changes: BTreeMap<String, OutputChangeJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prior_state: Option<Whole>,
    configuration: ordered::Node,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_attributes: Vec<Relevant>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
    timestamp: String,
    applyable: bool,
    complete: bool,
    errored: bool,
}

#[derive(Serialize)]
struct VariableJson {
    value: Raw,
}

/// The plan.
pub(crate) fn plan(saved: &Saved, registry: &Registry) -> Result<String, Diagnostic> {
    let loaded = load_from(&saved.root, Files::of(saved.files.clone()));
    let plan = &saved.plan;
    line(&PlanJson {
        format_version: FORMAT,
        terraform_version: WRITES_AS,
        variables: variables(saved, &loaded.config)?,
        planned_values: planned::values(plan, registry)?,
        resource_drift: change::drift(plan)?,
        resource_changes: change::changes(plan, saved.options.refresh)?,
        output_changes: change::outputs(plan)?,
        prior_state: prior::state(saved, registry)?,
        configuration: configuration::configuration(&loaded.config, registry, &plan.generated)?,
        relevant_attributes: relevant::attributes(plan, &loaded.config),
        checks: state::checks_of(&plan.checks),
        timestamp: timestamp(saved.time),
        applyable: plan.has_changes(),
        complete: plan.selection.is_whole(),
        errored: false,
    })
}

/// Values of root variables as they were given, defaults too; ephemeral ones are not part of a plan.
fn variables(saved: &Saved, config: &Config) -> Result<BTreeMap<String, VariableJson>, Diagnostic> {
    let mut all = BTreeMap::new();
    for (name, variable) in config.root().into_iter().flat_map(|root| &root.body.variables) {
        if variable.ephemeral {
            continue;
        }
        let input = saved.variables.iter().find(|input| input.name == *name);
        let value = match input.map(|input| (given_value(variable, input), &input.value)) {
            None => root_value(variable, None),
            // A plan of a part may hold a text that cannot be read: nothing looked at it.
            Some((Err(_), Given::Text(text))) => Ok(Value::string(text)),
            Some((given, _)) => given,
        };
        let value = value.map_err(first)?;
        all.insert(name.to_string(), VariableJson { value: raw(&value)? });
    }
    Ok(all)
}

fn first(report: Report) -> Diagnostic {
    let none = || Diagnostic::bug("A variable of a plan has no value and nothing says why");
    report.0.into_iter().next().unwrap_or_else(none)
}

/// Such as `2026-01-01T00:00:00Z`.
fn timestamp(since_1970: std::time::Duration) -> String {
    let seconds = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}
