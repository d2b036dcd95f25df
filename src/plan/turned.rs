//! Listeners and rules whose traffic a deployment of the plan turns: where they lead is known after it, and what refers to
//! that waits for it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::change::Change;
use super::draw::{Plan, Planned, Purpose};
use super::rollouts;
use super::steps::block_of;
use crate::address::{Address, Blocks};
use crate::rollout::{Rollout, leads_elsewhere};
use crate::value::{Marks, Value};

/// What deployments turn, as far as others wait for that.
#[derive(Clone, Debug, Default)]
pub struct Turned {
    /// By listener or rule: the service that is deployed.
    by: BTreeMap<Address, Address>,
    /// Services whose deployments nobody waits for so: they need what refers to their listeners, or the plan needs its value.
    apart: BTreeSet<Address>,
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

    /// Services whose deployments say what is not known yet in a configuration that refers to these blocks.
    pub(super) fn awaited(&self, config: &Value, references: &Blocks) -> BTreeSet<Address> {
        let mut services = BTreeSet::new();
        if self.by.is_empty() || config.is_wholly_known() {
            return services;
        }
        self.add_origins(config, &Marks::default(), &mut services);
        if config.has_unknown_without_origin() {
            // It may come from anything that is referred to.
            let of_blocks = self.by.iter().filter(|(listener, _)| references.contains(&block_of(listener)));
            services.extend(of_blocks.map(|(_, service)| service.clone()));
        }
        services
    }

    fn add_origins(&self, value: &Value, around: &Marks, services: &mut BTreeSet<Address>) {
        let marks = around.union(&value.marks);
        if !value.is_known() {
            services.extend(marks.origins().filter_map(|origin| self.by.get(origin)).cloned());
        }
        value.children().for_each(|child| self.add_origins(child, &marks, services));
    }
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
    plan.live.turned = Turned { by, apart };
    is_new
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
