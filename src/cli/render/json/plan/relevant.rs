//! Attributes that changes may be due to.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::address::{Address, ModulePath};
use crate::cli::render::json::state::index;
use crate::lang::Config;
use crate::lang::config::ResourceName;
use crate::lang::contributing::{Contribution, Part, contributing};
use crate::plan::{Action, Plan};

#[derive(Serialize)]
pub(super) struct Relevant {
    resource: String,
    attribute: Vec<Json>,
}

/// What changed objects and outputs refer to, through local values and modules too.
pub(super) fn attributes(plan: &Plan, config: &Config) -> Vec<Relevant> {
    let changed = plan.changes.iter().filter(|change| change.action != Action::NoOp).map(|change| &change.address);
    let block = |address: &Address| {
        let resource = &address.resource;
        let (type_name, name) = (resource.type_name.clone(), resource.name.clone());
        (resource.module.clone(), ResourceName { mode: resource.mode, type_name, name })
    };
    let outputs: Vec<_> = plan
        .outputs
        .iter()
        .filter(|(_, change)| change.action() != Action::NoOp)
        .map(|(name, _)| name.clone())
        .collect();
    let mut modules = BTreeSet::from([ModulePath::root()]);
    for change in &plan.changes {
        let mut next = Some(change.address.resource.module.clone());
        while let Some(path) = next {
            next = path.parent();
            modules.insert(path);
        }
    }
    contributing(config, changed.map(block), &outputs, modules).into_iter().map(relevant).collect()
}

fn relevant(found: Contribution) -> Relevant {
    let part = |part: Part| match part {
        Part::Attr(name) => json!(*name),
        Part::Index(key) => index(&key),
    };
    let resource = Address::new(found.block, found.key).to_string();
    Relevant { resource, attribute: found.path.into_iter().map(part).collect() }
}
