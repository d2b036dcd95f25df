//! A change of a service that only a deployment can make: what is deployed, and through what.

use serde::{Deserialize, Serialize};

use super::govern::{Governance, groups};
use super::object::{controller, own_pace, service_key};
use super::observed::{Controller, Group, Running};
use crate::address::Address;
use crate::value::Value;

/// Attributes that a service under CodeDeploy takes from a deployment alone.
pub const DEPLOYED: &[&str] =
    &["task_definition", "load_balancer", "network_configuration", "platform_version", "capacity_provider_strategy"];

/// A deployment that the plan calls for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// Name of the service.
    pub service: String,
    /// Name of its cluster.
    pub cluster: String,
    /// Who brings it out.
    pub controller: Controller,
    /// The deployment group.
    pub group: Group,
    /// The revision that runs.
    pub from: Option<String>,
    /// A deployment that is under way already.
    pub running: Option<Running>,
    /// Instances whose changes come first, as addresses: the group, listeners, rules.
    pub after: Vec<String>,
    /// Whether something changes that ECS itself takes as well.
    pub is_partial: bool,
}

/// The deployment that a change of a service calls for. `changed` names the attributes that differ, `planned` are the
/// objects as they are planned.
///
/// # Errors
/// Nobody could bring it out; what is wrong, and the attribute.
pub fn rollout<'a>(
    address: &Address,
    (before, after): (&Value, &Value),
    changed: &[&'static str],
    governance: &Governance,
    planned: impl Iterator<Item = (&'a Address, &'a Value)>,
) -> Result<Option<Rollout>, (&'static str, String)> {
    let Some(first) = changed.iter().find(|name| DEPLOYED.contains(*name)).copied() else { return Ok(None) };
    // A service that comes under another controller still takes everything from ECS.
    let kind = controller(after);
    let is_theirs = kind == controller(before) && matches!(kind, Controller::CodeDeploy | Controller::Gradual);
    let Some((cluster, service)) = service_key(after).filter(|_| is_theirs) else { return Ok(None) };
    let governed = governance.services.get(address);
    let observed = governed.and_then(|governed| governed.observed.as_ref());
    let from = governed.and_then(|governed| governed.task_definition.clone());
    let running = observed.and_then(|observed| observed.running.clone());
    if kind == Controller::Gradual {
        let (config, pace) = own_pace(after);
        let group = Group { config, pace, rolls_back: true, ..Group::default() };
        let after = governance.listeners_of(address).map(ToString::to_string).collect();
        let is_partial = false;
        return Ok(Some(Rollout { service, cluster, controller: kind, group, from, running, after, is_partial }));
    }
    let own = groups(planned).into_iter().find(|(key, _)| *key == (cluster.clone(), service.clone()));
    let seen = governed.and_then(|governed| governed.group.as_ref());
    let Some(mut group) = own.map(|(_, group)| group).or_else(|| seen.cloned()) else {
        return Err((first, no_group(first, &service, &cluster)));
    };
    if let Some(seen) = seen.filter(|seen| seen.config == group.config) {
        group.pace.shift = group.pace.shift.or(seen.pace.shift);
    }
    let mut after: Vec<String> = governance.listeners_of(address).map(ToString::to_string).collect();
    after.extend(group.address.clone());
    Ok(Some(Rollout {
        service,
        cluster,
        controller: Controller::CodeDeploy,
        from,
        running,
        group,
        after,
        is_partial: changed.iter().any(|name| !DEPLOYED.contains(name)),
    }))
}

fn no_group(attribute: &str, service: &str, cluster: &str) -> String {
    format!(
        "`{attribute}` of a service under CodeDeploy changes with a deployment, and there is no deployment group for service {service} in cluster {cluster}: neither in the stack nor in the account. Add an aws_codedeploy_deployment_group whose `ecs_service` names it. Where a pipeline deploys through another account or region, leave the change to it with lifecycle {{ ignore_changes = [{attribute}] }}."
    )
}
