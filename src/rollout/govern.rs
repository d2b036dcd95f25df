//! What a controller governs at the moment: which service, which listeners, which attributes.
//!
//! Only what exists can be governed, so this looks at objects as they are: a deployment group that is about to be made
//! has moved nothing yet.

use std::collections::{BTreeMap, BTreeSet};

use super::object::{Kind, block, blocks, config, controller, group, kind, service_key, text};
use super::observed::{Controller, Group, Observed, revision, target_group_name};
use super::pace::Shift;
use super::traffic::forwards;
use crate::address::Address;
use crate::value::Value;

/// What is governed.
#[derive(Clone, Debug, Default)]
pub struct Governance {
    /// Services, by instance.
    pub services: BTreeMap<Address, Governed>,
    /// Attributes that belong to a controller, by instance.
    held: BTreeMap<Address, Held>,
    /// Revisions that services run, by the instance of the task definition whose family they are of.
    revisions: BTreeMap<Address, Theirs>,
}

/// A revision of a task definition of the stack that a service runs, whoever registered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    /// As the service names it.
    pub name: String,
    /// Its number.
    pub number: u32,
}

/// A service with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Governed {
    /// Its name.
    pub name: String,
    /// Name of its cluster.
    pub cluster: String,
    /// Who brings out its revisions.
    pub controller: Controller,
    /// The deployment group that names it.
    pub group: Option<Group>,
    /// Names of the target groups that traffic moves between; empty when they are not known.
    pub pair: Vec<String>,
    /// The revision that runs, as the service tells it.
    pub task_definition: Option<String>,
    /// Where the users' requests go: names of target groups with their weights.
    pub weights: Vec<(String, i64)>,
    /// What its controller knows; `None` when nobody was asked.
    pub observed: Option<Observed>,
}

/// Attributes of one object that belong to a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// Names of the attributes.
    pub attributes: Vec<&'static str>,
    /// Names of the target groups that traffic moves between.
    pub pair: Vec<String>,
    /// Whether a rule has to name both of them: ECS takes no other of an application load balancer. With a test rule one in
    /// each would do.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/migrate-code-deploy-to-ecs-blue-green.html>
    pub needs_both: bool,
    /// The service it belongs to.
    pub service: Address,
}

/// Objects that matter here, sorted by kind.
#[derive(Default)]
struct Found<'a> {
    services: Vec<(&'a Address, &'a Value)>,
    /// Listeners and rules: instance, ARN, ARN of the listener, actions, name of the attribute.
    listeners: Vec<Traffic<'a>>,
    groups: Vec<((String, String), Group)>,
    configs: Vec<(&'a str, Shift)>,
    definitions: Vec<(&'a Address, &'a Value)>,
}

/// The type of task definitions.
const DEFINITION: &str = "aws_ecs_task_definition";

struct Traffic<'a> {
    address: &'a Address,
    arn: &'a str,
    listener: &'a str,
    attribute: &'static str,
    forwards: Vec<(String, i64)>,
}

/// Finds out what is governed, from objects as they are and from what was seen of services.
pub fn govern<'a>(
    objects: impl Iterator<Item = (&'a Address, &'a Value)>,
    observed: &BTreeMap<Address, Observed>,
) -> Governance {
    let found = sorted(objects);
    let mut governance = Governance::default();
    for (address, service) in &found.services {
        let governed = governed(service, &found, observed.get(*address));
        let mut attributes = attributes_of(&governed, service);
        let runs = governed.task_definition.as_deref().and_then(theirs);
        let own = found.definitions.iter().filter(|one| runs.as_ref().is_some_and(|runs| is_of_family(one.1, runs)));
        for (definition, object) in own {
            let Some(runs) = runs.clone() else { continue };
            // A pipeline that deploys through ECS itself registers revisions as well.
            let is_newer = number(object).is_some_and(|own| runs.number > own);
            if !governed.controller.governs() && is_newer && !attributes.contains(&"task_definition") {
                attributes.push("task_definition");
            }
            let newest = governance.revisions.entry((*definition).clone()).or_insert_with(|| runs.clone());
            if newest.number < runs.number {
                *newest = runs;
            }
        }
        let held = |attributes| Held {
            attributes,
            pair: governed.pair.clone(),
            needs_both: governed.controller == Controller::Gradual && !moves_a_listener(service),
            service: (*address).clone(),
        };
        if !attributes.is_empty() {
            governance.held.insert((*address).clone(), held(attributes));
        }
        if governed.controller.governs() {
            for one in found.listeners.iter().filter(|one| is_moved(one, &governed, service)) {
                governance.held.insert(one.address.clone(), held(vec![one.attribute]));
            }
        }
        governance.services.insert((*address).clone(), governed);
    }
    governance
}

/// Whether ECS moves the traffic of a listener: that of a network load balancer, which has no rules.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/nlb-resources-for-blue-green.html>
fn moves_a_listener(service: &Value) -> bool {
    rules(service, "production_listener_rule").any(|arn| arn.contains(":listener/net/"))
}

/// Deployment groups among these objects by names of cluster and service, with the times of their configurations.
pub(super) fn groups<'a>(objects: impl Iterator<Item = (&'a Address, &'a Value)>) -> Vec<((String, String), Group)> {
    let mut found = sorted(objects);
    for (_, group) in &mut found.groups {
        let own = found.configs.iter().find(|(name, _)| *name == group.config);
        group.pace.shift = group.pace.shift.or(own.map(|(_, shift)| *shift));
    }
    found.groups
}

/// The deployment group among these objects that names a service.
pub fn group_of<'a>(
    objects: impl Iterator<Item = (&'a Address, &'a Value)>,
    cluster: &str,
    service: &str,
) -> Option<Group> {
    let is_it = |(of, named): &(String, String)| of == cluster && named == service;
    groups(objects).into_iter().find(|(key, _)| is_it(key)).map(|(_, group)| group)
}

fn sorted<'a>(objects: impl Iterator<Item = (&'a Address, &'a Value)>) -> Found<'a> {
    let mut found = Found::default();
    for (address, object) in objects {
        if address.type_name() == DEFINITION {
            found.definitions.push((address, object));
        }
        match kind(address.type_name()) {
            Some(Kind::Service) => found.services.push((address, object)),
            Some(Kind::Group) => found.groups.extend(group(address, object)),
            Some(Kind::Config) => found.configs.extend(config(object)),
            Some(Kind::Listener) => found.listeners.extend(traffic(address, object, "default_action", "arn")),
            Some(Kind::Rule) => found.listeners.extend(traffic(address, object, "action", "listener_arn")),
            Some(Kind::TargetGroup) | None => {}
        }
    }
    found
}

fn traffic<'a>(
    address: &'a Address,
    object: &'a Value,
    attribute: &'static str,
    listener: &str,
) -> Option<Traffic<'a>> {
    Some(Traffic {
        address,
        arn: text(object, "arn")?,
        listener: text(object, listener)?,
        attribute,
        forwards: forwards(object.get(attribute)?)?,
    })
}

fn governed(service: &Value, found: &Found<'_>, observed: Option<&Observed>) -> Governed {
    let (cluster, name) = service_key(service).unwrap_or_default();
    let controller = controller(service);
    let own = found.groups.iter().find(|((of, named), _)| *of == cluster && *named == name).map(|(_, group)| group);
    let seen = observed.and_then(|observed| observed.group.as_ref());
    let mut group = own.or(seen).filter(|_| controller == Controller::CodeDeploy).cloned();
    if let Some(group) = &mut group {
        let own = found.configs.iter().find(|(name, _)| *name == group.config).map(|(_, shift)| *shift);
        let seen = seen.filter(|seen| seen.config == group.config).and_then(|seen| seen.pace.shift);
        group.pace.shift = group.pace.shift.or(own).or(seen);
    }
    let pair = match controller {
        Controller::CodeDeploy => group.as_ref().map(|group| group.pair.clone()).unwrap_or_default(),
        Controller::Gradual => blocks(service, "load_balancer").iter().flat_map(both_groups).collect(),
        Controller::External => {
            let sets = observed.map(|observed| observed.task_sets.as_slice()).unwrap_or_default();
            sets.iter().filter_map(|set| set.target_group.clone()).collect()
        }
        Controller::Rolling => Vec::new(),
    };
    let mut pair: Vec<String> = pair.iter().map(|one| target_group_name(one).to_owned()).collect();
    pair.dedup();
    let task_definition = text(service, "task_definition").map(str::to_owned);
    let mut governed = Governed { name, cluster, controller, group, pair, task_definition, ..Governed::default() };
    let mut candidates = found.listeners.iter().filter(|one| is_production(one, &governed, service));
    // The rule that the service names, before the default rule of the same listener.
    let is_named = |one: &&Traffic<'_>| rules(service, "production_listener_rule").any(|arn| arn == one.arn);
    let production = candidates.clone().find(is_named).or_else(|| candidates.next());
    let weights = production.map(|one| one.forwards.iter());
    let weights = weights.into_iter().flatten().map(|(arn, weight)| (target_group_name(arn).to_owned(), *weight));
    governed.weights = weights.collect();
    governed.observed = observed.cloned();
    governed
}

/// Family and number of what a service runs.
fn theirs(name: &str) -> Option<Theirs> {
    Some(Theirs { name: name.to_owned(), number: revision(name).1? })
}

/// Number of the revision that an object is.
fn number(definition: &Value) -> Option<u32> {
    definition.get("revision").and_then(Value::as_i64).and_then(|number| number.try_into().ok())
}

/// Whether it is a revision of this task definition's family, in its account and region.
fn is_of_family(definition: &Value, theirs: &Theirs) -> bool {
    let Some((family, _)) = theirs.name.rsplit_once(':') else { return false };
    text(definition, "arn_without_revision") == Some(family) || text(definition, "family") == Some(family)
}

fn both_groups(balancer: &Value) -> Vec<String> {
    let alternate = block(balancer, "advanced_configuration").and_then(|all| text(all, "alternate_target_group_arn"));
    text(balancer, "target_group_arn").into_iter().chain(alternate).map(str::to_owned).collect()
}

/// Whether the listener or rule leads nowhere but to the pair.
fn leads_to_pair(traffic: &Traffic<'_>, governed: &Governed) -> bool {
    let is_of_pair = |(arn, _): &(String, i64)| governed.pair.iter().any(|one| one == target_group_name(arn));
    !traffic.forwards.is_empty() && traffic.forwards.iter().all(is_of_pair)
}

/// Whether the controller moves its weights.
fn is_moved(traffic: &Traffic<'_>, governed: &Governed, service: &Value) -> bool {
    leads_to_pair(traffic, governed)
        && (is_production(traffic, governed, service)
            || match governed.controller {
                Controller::CodeDeploy => {
                    let group = governed.group.as_ref();
                    group.is_some_and(|group| group.test.iter().any(|arn| arn == traffic.listener))
                }
                Controller::Gradual => rules(service, "test_listener_rule").any(|arn| is_rule(traffic, arn)),
                Controller::External => true,
                Controller::Rolling => false,
            })
}

/// Whether the users' requests come in there.
fn is_production(traffic: &Traffic<'_>, governed: &Governed, service: &Value) -> bool {
    leads_to_pair(traffic, governed)
        && match governed.controller {
            Controller::CodeDeploy => {
                let group = governed.group.as_ref();
                group.is_some_and(|group| group.production.iter().any(|arn| arn == traffic.listener))
            }
            Controller::Gradual => rules(service, "production_listener_rule").any(|arn| is_rule(traffic, arn)),
            Controller::External => true,
            Controller::Rolling => false,
        }
}

/// What the `advanced_configuration` of a service names.
fn rules<'a>(service: &'a Value, name: &'a str) -> impl Iterator<Item = &'a str> {
    let balancers = blocks(service, "load_balancer").iter();
    balancers.filter_map(move |balancer| text(block(balancer, "advanced_configuration")?, name))
}

/// Whether the ARN names this rule, this listener, or the default rule of this listener.
fn is_rule(traffic: &Traffic<'_>, arn: &str) -> bool {
    if arn == traffic.arn {
        return true;
    }
    let Some((listener, _)) = arn.rsplit_once('/') else { return false };
    traffic.attribute == "default_action" && listener.replacen(":listener-rule/", ":listener/", 1) == traffic.arn
}

/// Attributes of the service that its controller moves on.
fn attributes_of(governed: &Governed, service: &Value) -> Vec<&'static str> {
    let mut names = match governed.controller {
        Controller::CodeDeploy | Controller::External => {
            vec!["task_definition", "network_configuration", "platform_version", "capacity_provider_strategy"]
        }
        // Its load balancers stay as they were configured; traffic moves in the rules.
        Controller::Gradual => vec!["task_definition"],
        Controller::Rolling => Vec::new(),
    };
    let live = blocks(service, "load_balancer").iter().filter_map(|one| text(one, "target_group_arn"));
    let is_outside = |arn: &str| !governed.pair.iter().any(|one| one == target_group_name(arn));
    let moves_groups = matches!(governed.controller, Controller::CodeDeploy | Controller::External);
    if moves_groups && (governed.pair.is_empty() || !live.into_iter().any(is_outside)) {
        names.push("load_balancer");
    }
    // Nobody was asked when nothing was read: then what is remembered was accepted before.
    if governed.observed.as_ref().is_none_or(|observed| observed.is_scaled) {
        names.push("desired_count");
    }
    names
}

impl Governance {
    /// What a controller holds of this object.
    pub(super) fn held(&self, address: &Address) -> Option<&Held> {
        self.held.get(address)
    }

    /// The newest revision of the task definition's family that a service runs.
    pub fn revision(&self, definition: &Address) -> Option<&Theirs> {
        self.revisions.get(definition)
    }

    /// Task definitions with the newest revision that a service runs of each.
    pub fn revisions(&self) -> impl Iterator<Item = (&Address, &Theirs)> {
        self.revisions.iter()
    }

    /// Attributes of the object that belong to a controller.
    pub fn attributes(&self, address: &Address) -> &[&'static str] {
        self.held.get(address).map(|held| held.attributes.as_slice()).unwrap_or_default()
    }

    /// Objects of which something belongs to a controller.
    pub fn objects(&self) -> impl Iterator<Item = &Address> {
        self.held.keys()
    }

    /// ECS is to take over these services.
    pub fn taken_over(&mut self, services: &BTreeSet<Address>) {
        for held in self.held.values_mut().filter(|held| services.contains(&held.service)) {
            held.needs_both = true;
        }
    }

    /// Listeners and rules whose weights the controller of this service moves.
    pub fn listeners_of<'a>(&'a self, service: &'a Address) -> impl Iterator<Item = &'a Address> {
        self.held
            .iter()
            .filter(move |(address, held)| held.service == *service && *address != service)
            .map(|(at, _)| at)
    }

    /// The service that an object's weights belong to.
    pub fn service_of(&self, address: &Address) -> Option<(&Address, &Governed)> {
        let held = self.held.get(address)?;
        self.services.get_key_value(&held.service)
    }
}

#[cfg(test)]
mod tests;
