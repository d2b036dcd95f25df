//! Listeners and rules whose traffic a deployment of the plan turns: where they lead is known after it, and what refers to
//! that waits for it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::change::Change;
use super::draw::{Plan, Planned, Purpose};
use super::rollouts;
use super::steps::block_of;
use crate::address::{Address, Blocks};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Outcome;
use crate::rollout::{Controller, Rollout, leads_elsewhere};
use crate::value::{Marks, Value};

/// What deployments turn, as far as others wait for that.
#[derive(Clone, Debug, Default)]
pub struct Turned {
    /// By listener or rule: the service that is deployed.
    by: BTreeMap<Address, Address>,
    /// Services whose deployments nobody waits for so: they need what refers to their listeners, or the plan needs its value.
    apart: BTreeSet<Address>,
    /// Services of which somebody needs to know what comes of their deployments.
    needed: BTreeSet<Address>,
}

impl Turned {
    /// What others see of an object.
    pub fn seen(&self, address: &Address, value: Value) -> Value {
        if self.by.contains_key(address) { leads_elsewhere(&value) } else { value }
    }

    /// Listeners and rules that the deployment of a service turns.
    pub fn of<'a>(&'a self, service: &'a Address) -> impl Iterator<Item = &'a Address> {
        self.by.iter().filter(move |(_, by)| *by == service).map(|(listener, _)| listener)
    }

    /// Whether somebody waits for what comes of the deployment of a service.
    pub fn is_needed(&self, service: &Address) -> bool {
        self.needed.contains(service)
    }

    /// Services whose deployments say what is not known yet in a configuration that refers to these blocks.
    pub(super) fn awaited(&self, config: &Value, references: &Blocks) -> BTreeSet<Address> {
        let mut services = BTreeSet::new();
        if self.by.is_empty() || config.is_wholly_known() {
            return services;
        }
        unknown_origins(config, &Marks::default(), &mut |origin| services.extend(self.by.get(origin).cloned()));
        if config.has_unknown_without_origin() {
            // It may come from anything that is referred to.
            services.extend(self.by_blocks(references));
        }
        services
    }

    /// Services whose deployments turn listeners or rules of these blocks.
    pub(super) fn by_blocks(&self, blocks: &Blocks) -> BTreeSet<Address> {
        let of_blocks = self.by.iter().filter(|(listener, _)| blocks.contains(&block_of(listener)));
        of_blocks.map(|(_, service)| service.clone()).collect()
    }
}

/// Tells where what is not known in a value comes from.
pub(super) fn unknown_origins(value: &Value, around: &Marks, tell: &mut dyn FnMut(&Address)) {
    let marks = around.union(&value.marks);
    if !value.is_known() {
        marks.origins().for_each(&mut *tell);
    }
    value.children().for_each(|child| unknown_origins(child, &marks, tell));
}

/// Notes what the deployments that are planned turn; whether that is other than known before: listeners are evaluated before
/// their services, and have to be told. Where it leads in a circle, references stay with what is there before the deployment.
pub(super) fn turn(plan: &mut Plan, planned: &Planned, has_failed: bool) -> bool {
    let before = &plan.live.turned;
    let has_none = plan.governance.objects().next().is_none();
    if plan.mode != Purpose::Normal || before.by.is_empty() && (has_failed || has_none) {
        return false;
    }
    let all = rollouts::brought_out(&planned.changes, &planned.configured, plan);
    let changes: HashMap<&Address, &Change> = planned.changes.iter().map(|one| (&one.address, one)).collect();
    let is_wrong =
        |service: &Address| has_failed || !all.contains_key(service) || is_circle(service, &changes, &all, planned);
    let wrong = before.by.values().filter(|service| is_wrong(service));
    let apart: BTreeSet<Address> = before.apart.iter().chain(wrong).cloned().collect();
    let deployed = all.keys().filter(|service| !has_failed && !apart.contains(*service));
    let listeners = deployed.flat_map(|service| plan.governance.listeners_of(service).map(move |one| (one, service)));
    let listeners = listeners.filter(|(listener, _)| changes.contains_key(listener));
    let by: BTreeMap<_, _> = listeners.map(|(listener, service)| (listener.clone(), service.clone())).collect();
    let is_new = by != before.by;
    plan.live.turned = Turned { by, apart, needed: BTreeSet::new() };
    is_new
}

/// Notes of which services somebody needs to know what comes of their deployments: where their listeners lead, or what a
/// service runs once CodeDeploy has deployed it. ECS tells of its own deployments at once what the service runs.
pub(super) fn note_needs(plan: &mut Plan, planned: &Planned, outcome: &Outcome) {
    let by = &plan.live.turned.by;
    let governed = &plan.governance.services;
    let is_codedeploy =
        |service: &Address| governed.get(service).is_some_and(|one| one.controller == Controller::CodeDeploy);
    let mut needed: BTreeSet<Address> = planned.waiting.values().flatten().cloned().collect();
    needed.extend(planned.needed.iter().filter(|one| is_codedeploy(one)).cloned());
    for output in outcome.outputs.values() {
        unknown_origins(&output.value, &Marks::default(), &mut |origin| {
            needed.extend(by.get(origin).or_else(|| Some(origin).filter(|one| is_codedeploy(one))).cloned());
        });
    }
    plan.live.turned.needed = needed;
}

/// Says of which deployments others do not wait for, although they refer to what those turn: the plan needs to know it, or
/// the deployment needs them.
pub(super) fn warnings(plan: &Plan) -> Report {
    let deployed = plan.live.turned.apart.iter().filter(|service| plan.rollouts.contains_key(*service));
    let warning = |service: &Address| {
        let listeners: Vec<String> = plan.governance.listeners_of(service).map(ToString::to_string).collect();
        let text = format!(
            "Where {} leads is needed before {service} is deployed: by what the deployment itself needs, or by a count, a for_each or another value that the plan must know. What refers to it is planned with where it leads now; plan and apply once more after the deployment.",
            listeners.join(" or ")
        );
        Diagnostic::warning("Traffic is referred to before it moves", text).about(service)
    };
    Report(deployed.map(warning).collect())
}

/// Whether the deployment of the service needs something that waits for it.
fn is_circle(
    service: &Address,
    changes: &HashMap<&Address, &Change>,
    all: &BTreeMap<Address, Rollout>,
    planned: &Planned,
) -> bool {
    let (mut seen, mut shared, mut open) = (HashSet::new(), HashSet::new(), vec![service.clone()]);
    while let Some(one) = open.pop() {
        if planned.waiting.get(&one).is_some_and(|services| services.contains(service)) {
            return true;
        }
        if let Some(rollout) = all.get(&one).filter(|_| !seen.contains(&one)) {
            open.extend(rollout.after.iter().filter_map(|text| text.parse::<Address>().ok()));
        }
        let below = changes.get(&one).map(|change| &change.dependencies).filter(|_| seen.insert(one));
        let below = below.filter(|below| !below.is_shared() || shared.insert(below.place()));
        open.extend(below.into_iter().flat_map(|below| below.iter().cloned()));
    }
    false
}
