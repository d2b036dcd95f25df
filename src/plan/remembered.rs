//! Answers an evaluation with what is remembered, for `console`: nothing is planned and nobody is asked.

use std::collections::BTreeMap;

use super::Plan;
use super::live::mark_schema;
use super::planner::{schema, type_names};
use crate::address::{Address, Mode};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Answers, Desired};
use crate::resource::{Registry, Schema};
use crate::state::State;
use crate::value::Value;

/// Instances with their values.
pub struct Remembered<'a> {
    registry: &'a Registry,
    values: BTreeMap<Address, Value>,
}

impl<'a> Remembered<'a> {
    /// What state has. Objects of types that nobody knows are reported and left out.
    pub fn of_state(state: &State, registry: &'a Registry) -> (Self, Report) {
        let (mut values, mut report) = (BTreeMap::new(), Report::default());
        for (key, instance) in &state.instances {
            if key.deposed.is_some() {
                continue;
            }
            let address = &key.address;
            let Some(schema) = schema(registry, address.resource.mode, address.type_name()) else {
                let text = format!("The state holds {address}, and glaz has no type \"{}\".", address.type_name());
                report.push(Diagnostic::warning("Unknown resource type in state", text).about(address));
                continue;
            };
            match instance.decode(&schema.ty) {
                Ok(decoded) => drop(values.insert(address.clone(), mark_schema(schema, &decoded.value))),
                Err(problem) => report.push(problem.about(address)),
            }
        }
        (Self { registry, values }, report)
    }

    /// What will be once the plan is applied.
    pub fn of_plan(plan: &Plan, registry: &'a Registry) -> Self {
        let kept = plan.changes.iter().filter(|change| change.deposed.is_none() && !change.after.is_null());
        Self { registry, values: kept.map(|change| (change.address.clone(), change.after.clone())).collect() }
    }
}

impl Answers for Remembered<'_> {
    fn schema(&self, mode: Mode, type_name: &str) -> Option<&'static Schema> {
        schema(self.registry, mode, type_name)
    }

    fn type_names(&self, mode: Mode) -> Vec<&'static str> {
        type_names(self.registry, mode)
    }

    fn provider_schema(&self, name: &str) -> Option<&'static Schema> {
        self.registry.provider(name).map(|provider| provider.schema())
    }

    fn remembered(&self) -> Option<&BTreeMap<Address, Value>> {
        Some(&self.values)
    }

    fn instance(&mut self, want: &Desired) -> Result<Value, Report> {
        let missing = || Diagnostic::bug(format!("{} was asked for, not remembered", want.address)).into();
        self.values.get(&want.address).cloned().ok_or_else(missing)
    }
}
