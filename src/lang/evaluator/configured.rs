//! Conditions as they are written, also those that nothing was checked with.

use std::collections::BTreeSet;

use super::Evaluator;
use super::node::named;
use crate::lang::config::Module;
use crate::lang::desired::{CheckKind, CheckResult, CheckStatus};
use crate::lang::graph::{Item, resource, static_path};

impl Evaluator {
    /// How all conditions ended. What has conditions and was not looked at has a result without an object: it holds for
    /// something that has no instances, and nobody knows about what is not part of this plan.
    pub(super) fn all_checks(&self) -> Vec<CheckResult> {
        // While everything is destroyed, validations stop the plan but are no part of it.
        let counts = |one: &&CheckResult| !self.is_destroy() || one.kind != CheckKind::Variable;
        let mut all: Vec<CheckResult> = self.checks.values().filter(counts).cloned().collect();
        let seen: BTreeSet<(CheckKind, String)> = all.iter().map(|one| (one.kind, one.config.clone())).collect();
        for (at, module) in self.config.modules.iter().enumerate() {
            for (kind, config, item) in written(module) {
                if seen.contains(&(kind, config.clone())) {
                    continue;
                }
                let is_taken = self.graph.id(at, item).is_some_and(|id| self.selected[id]);
                let status = if is_taken && !self.is_destroy() { CheckStatus::Pass } else { CheckStatus::Unknown };
                // The outputs of the root module are there even while everything is destroyed.
                let is_taken_or_goes = status == CheckStatus::Unknown && (is_taken || self.is_destroy());
                let is_there = kind == CheckKind::Output && at == 0 && is_taken_or_goes;
                let object = if is_there { config.clone() } else { String::new() };
                all.push(CheckResult { kind, object, config, status, messages: Vec::new() });
            }
        }
        all
    }
}

/// Everything in a module that has conditions.
fn written(module: &Module) -> Vec<(CheckKind, String, Item)> {
    let (body, path) = (&module.body, static_path(module));
    let mut all = Vec::new();
    for (name, block) in &body.resources {
        let lifecycle = &block.lifecycle;
        if !lifecycle.preconditions.is_empty() || !lifecycle.postconditions.is_empty() {
            all.push((
                CheckKind::Resource,
                resource(&static_path(module), name).to_string(),
                Item::Resource(name.clone()),
            ));
        }
    }
    for (name, _) in body.outputs.iter().filter(|(_, output)| !output.preconditions.is_empty()) {
        all.push((CheckKind::Output, named(&path, "output", name), Item::Output(name.clone())));
    }
    for name in body.checks.keys() {
        all.push((CheckKind::Check, named(&path, "check", name), Item::Check(name.clone())));
    }
    for (name, _) in body.variables.iter().filter(|(_, variable)| !variable.validations.is_empty()) {
        all.push((CheckKind::Variable, named(&path, "var", name), Item::Validation(name.clone())));
    }
    all
}
