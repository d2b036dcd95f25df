//! Answers the evaluation of an apply: planned values, and final ones as steps are done.

use std::collections::{BTreeMap, HashMap};

use super::Change;
use super::complete::complete;
use super::draw::{Plan, Purpose};
use super::live::{left_out, mark_schema};
use super::planner::{schema, type_names};
use super::rollouts::until_deployed;
use super::sharing;
use crate::address::{Address, Mode, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Answers, Desired};
use crate::resource::{Registry, Schema};
use crate::value::Value;

/// Answers an evaluation with what is known by now: planned values, and final ones as steps are done.
pub struct Known<'a> {
    registry: &'a Registry,
    values: HashMap<Address, Value>,
    /// What the plan is not about, as state remembers it.
    left_out: BTreeMap<Address, Value>,
    /// Whether an instance may be missing: one that does not exist is no part of a plan that only refreshes.
    may_miss: bool,
    /// Whether one that is missing is not known, and not absent.
    absent_is_unknown: bool,
}

impl<'a> Known<'a> {
    /// Knows what the plan says.
    pub fn new(registry: &'a Registry, plan: &Plan) -> Self {
        let current = plan.changes.iter().filter(|change| change.deposed.is_none());
        // While everything is destroyed, providers are configured from what is still there.
        let is_destroy = plan.mode == Purpose::Destroy;
        let value = |change: &Change| {
            if is_destroy {
                return change.before.clone();
            }
            let after = until_deployed(&change.address, change.action, &change.before, change.after.clone());
            plan.live.turned.seen(&change.address, after)
        };
        let seen = |change: &Change| {
            let address = &change.address;
            (address.clone(), sharing::seen(&plan.live, plan.sharing.get(address), address, value(change)))
        };
        let values = current.map(seen).collect();
        let left_out = plan.live.left_out.clone();
        Self { registry, values, left_out, may_miss: plan.mode == Purpose::RefreshOnly, absent_is_unknown: false }
    }

    /// Knows what exists, and takes the rest for not known: for undoing a run.
    pub fn existing(registry: &'a Registry, seen: &Plan) -> Self {
        Self { absent_is_unknown: true, ..Self::new(registry, seen) }
    }

    /// Knows what there was before the plan is done; of what is new, what the plan says.
    pub fn before(registry: &'a Registry, plan: &Plan) -> Self {
        let mut known = Self::new(registry, plan);
        for change in plan.changes.iter().filter(|change| change.deposed.is_none() && !change.before.is_null()) {
            known.set(&change.address, change.before.clone());
        }
        known
    }

    /// The value is final now.
    pub fn set(&mut self, address: &Address, value: Value) {
        self.values.insert(address.clone(), value);
    }
}

impl Known<'_> {
    /// What is known by now of all instances of a type.
    pub fn all<'s>(&'s self, type_name: &'s str) -> impl Iterator<Item = &'s Value> {
        let all =
            self.values.iter().filter(move |(address, _)| address.is_managed() && address.type_name() == type_name);
        all.map(|(_, value)| value)
    }
}

impl Answers for Known<'_> {
    fn schema(&self, mode: Mode, type_name: &str) -> Option<&'static Schema> {
        schema(self.registry, mode, type_name)
    }

    fn type_names(&self, mode: Mode) -> Vec<&'static str> {
        type_names(self.registry, mode)
    }

    fn provider_schema(&self, name: &str) -> Option<&'static Schema> {
        self.registry.provider(name).map(|provider| provider.schema())
    }

    fn plans_changes(&self) -> bool {
        !self.may_miss
    }

    fn left_out(&self, block: &Resource) -> Vec<(Address, Value)> {
        left_out(&self.left_out, block)
    }

    fn is_absent(&self, want: &Desired) -> bool {
        self.may_miss
            && !self.absent_is_unknown
            && want.address.is_managed()
            && !self.values.contains_key(&want.address)
    }

    fn instance(&mut self, want: &Desired) -> Result<Value, Report> {
        let missing = || Diagnostic::bug(format!("{} is not in the plan", want.address)).into();
        let schema = self.schema(want.address.resource.mode, want.address.type_name());
        if let (Some(schema), None, true) = (schema, self.values.get(&want.address), want.address.is_ephemeral()) {
            // It is opened when something needs it.
            return Ok(mark_schema(schema, &complete(schema, &want.config, None)));
        }
        let anything = schema.filter(|_| self.may_miss).map(|schema| Value::unknown(schema.ty.clone()));
        let value = self.values.get(&want.address).or_else(|| self.left_out.get(&want.address));
        value.cloned().or(anything).ok_or_else(missing)
    }
}
