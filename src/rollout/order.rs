//! A change of a service that only a deployment can make: what is deployed, and through what.

use serde::{Deserialize, Serialize};

use super::appspec::AppSpec;
use super::controllers::Order;
use super::govern::{Governance, Governed, groups};
use super::object::{block, controller, own_pace, rolls_back, service_key, text};
use super::observed::{Controller, Group, Running, target_group_name};
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

impl Rollout {
    /// The order for it: `service` has the attributes that are wanted.
    pub fn order(&self, service: Value, spec: AppSpec, description: String) -> Order {
        Order {
            service,
            cluster: self.cluster.clone(),
            name: self.service.clone(),
            controller: self.controller,
            app: self.group.app.clone(),
            group: self.group.name.clone(),
            spec,
            description,
        }
    }
}

/// Why nobody could bring a change out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The attribute that cannot change so.
    pub attribute: &'static str,
    /// A fixed phrase.
    pub summary: &'static str,
    /// What is wrong, why, and what to do.
    pub text: String,
}

/// The deployment that a change of a service calls for. `changed` names the attributes that differ, `planned` are the
/// objects as they are planned.
///
/// # Errors
/// Nobody could bring it out.
pub fn rollout<'a>(
    address: &Address,
    (before, after): (&Value, &Value),
    changed: &[&'static str],
    governance: &Governance,
    planned: impl Iterator<Item = (&'a Address, &'a Value)>,
) -> Result<Option<Rollout>, Refused> {
    let kind = controller(after);
    let moves = controller(before) != kind;
    let leaves = moves && controller(before) == Controller::CodeDeploy;
    if leaves {
        movable(governance.services.get(address), after)?;
    }
    let first = changed.iter().find(|name| DEPLOYED.contains(*name)).copied();
    let Some(first) = first.or((leaves && kind.is_own()).then_some("deployment_controller")) else {
        return Ok(None);
    };
    // ECS brings out what comes under it with the same call that takes it over. Another controller takes over what is.
    let is_theirs = match kind {
        Controller::CodeDeploy => !moves,
        Controller::Gradual | Controller::Rolling => leaves || controller(before).is_own(),
        Controller::External => false,
    };
    let Some((cluster, service)) = service_key(after).filter(|_| is_theirs) else { return Ok(None) };
    let governed = governance.services.get(address);
    let observed = governed.and_then(|governed| governed.observed.as_ref());
    let from = governed.and_then(|governed| governed.task_definition.clone());
    let running = observed.and_then(|observed| observed.running.clone());
    if kind.is_own() {
        let (config, pace) = own_pace(after);
        // The group that the service leaves goes last.
        let left = governed.and_then(|governed| governed.group.as_ref()).filter(|_| leaves);
        let own = left.and_then(|group| group.address.clone());
        let group = Group { address: own, config, pace, rolls_back: rolls_back(after), ..Group::default() };
        let after = governance.listeners_of(address).map(ToString::to_string).collect();
        let is_partial = false;
        return Ok(Some(Rollout { service, cluster, controller: kind, group, from, running, after, is_partial }));
    }
    let own = groups(planned).into_iter().find(|(key, _)| *key == (cluster.clone(), service.clone()));
    let seen = governed.and_then(|governed| governed.group.as_ref());
    let Some(mut group) = own.map(|(_, group)| group).or_else(|| seen.cloned()) else {
        let text = no_group(first, &service, &cluster);
        return Err(Refused { attribute: first, summary: "No deployment group", text });
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

/// Whether a service can leave CodeDeploy now: ECS takes over one set of tasks ("Updating the deployment controller is not
/// supported when there are multiple tasksets in the service"), and finds it in the target group that the service names.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-deployment-controller-migration.html>
fn movable(governed: Option<&Governed>, after: &Value) -> Result<(), Refused> {
    let Some((governed, observed)) = governed.and_then(|one| Some((one, one.observed.as_ref()?))) else {
        return Ok(());
    };
    let name = &governed.name;
    let busy = "A deployment is under way";
    let refused = |attribute, summary, text| Err(Refused { attribute, summary, text });
    if let Some(running) = &observed.running {
        let text = format!(
            "Deployment {} of service {name} is under way ({}), and ECS takes a service over from CodeDeploy only when none is. Nothing was changed. Wait until it is over, or stop it with:\n\n    glaz deploy {name} --stop",
            running.name(),
            running.status
        );
        return refused("deployment_controller", busy, text);
    }
    if observed.task_sets.len() > 1 {
        let text = format!(
            "Service {name} has {} task sets, and ECS takes over only one: those of the last deployment are still going away, or a deployment was stopped half-way. Wait until one is left, or deploy once more. Nothing was changed.",
            observed.task_sets.len()
        );
        return refused("deployment_controller", "More than one task set", text);
    }
    let live = observed.task_sets.first().and_then(|set| set.target_group.as_deref());
    let Some((live, balancer)) = live.zip(block(after, "load_balancer")) else { return Ok(()) };
    let said = text(balancer, "target_group_arn");
    let alternate = block(balancer, "advanced_configuration").and_then(|all| text(all, "alternate_target_group_arn"));
    if alternate == Some(live) || said.is_some_and(|said| said != live) {
        let live = target_group_name(live);
        let text = format!(
            "The tasks of service {name} are in target group {live} at the moment, and ECS takes over what is in `target_group_arn` of the `load_balancer` block. Name {live} there and the other one in `alternate_target_group_arn`. `glaz migrate-controller {name}` writes both."
        );
        return refused("load_balancer", "The other target group is live", text);
    }
    Ok(())
}

/// The deployment of ECS's own that a run before this one started and did not see through: the service is as it is to
/// be, and what was brought out is not remembered yet.
pub fn resumed(service: &Value, governed: &Governed) -> Option<Rollout> {
    let running = governed.observed.as_ref()?.running.clone().filter(|_| governed.controller.is_own())?;
    let (config, pace) = own_pace(service);
    Some(Rollout {
        service: governed.name.clone(),
        cluster: governed.cluster.clone(),
        controller: governed.controller,
        group: Group { config, pace, rolls_back: rolls_back(service), ..Group::default() },
        from: governed.task_definition.clone(),
        running: Some(running),
        after: Vec::new(),
        is_partial: false,
    })
}

fn no_group(attribute: &str, service: &str, cluster: &str) -> String {
    format!(
        "`{attribute}` of a service under CodeDeploy changes with a deployment, and there is no deployment group for service {service} in cluster {cluster}: neither in the stack nor in the account. Add an aws_codedeploy_deployment_group whose `ecs_service` names it. Where a pipeline deploys through another account or region, leave the change to it with lifecycle {{ ignore_changes = [{attribute}] }}."
    )
}
