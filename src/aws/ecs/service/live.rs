//! What was read of a service: its attributes, and whether it is steady.

use aws_sdk_ecs::types as sdk;

use super::connect::{self, from_connect};
use super::deployment::{CircuitBreaker, from_configuration};
use super::model::*;
use super::volume::from_volume;
use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::aws::ecs::shared::{from_strategy, from_tags};
use crate::take;

/// The attributes of a service.
pub(super) fn observe(live: &sdk::Service) -> Args {
    let mut args = observe_service(live);
    if let Some(configuration) = &live.deployment_configuration {
        from_configuration(configuration, &mut args);
    }
    args
}

/// All but the deployment configuration.
fn observe_service(live: &sdk::Service) -> Args {
    // The service itself does not tell these.
    let primary = live.deployments().iter().find(|one| one.status() == Some("PRIMARY"));
    let constraint = |one: &sdk::PlacementConstraint| PlacementConstraint {
        expression: one.expression.clone(),
        r#type: FromAws::from_aws(&one.r#type),
    };
    let strategy = |one: &sdk::PlacementStrategy| PlacementStrategy {
        field: one.field.clone().filter(|field| !field.is_empty()),
        r#type: FromAws::from_aws(&one.r#type),
    };
    let controller = live.deployment_controller.as_ref().map(|one| one.r#type.as_str().to_owned());
    take!(Args from live => availability_zone_rebalancing, enable_execute_command, launch_type,
            platform_version, scheduling_strategy;
        cluster: live.cluster_arn.clone(),
        desired_count: Some(live.desired_count),
        enable_ecs_managed_tags: live.enable_ecs_managed_tags,
        health_check_grace_period_seconds: live.health_check_grace_period_seconds.filter(|seconds| *seconds != 0),
        iam_role: live.role_arn.clone(),
        name: FromAws::from_aws(&live.service_name),
        propagate_tags: Option::from_aws(&live.propagate_tags).filter(|from: &String| from != "NONE"),
        task_definition: live.task_definition.clone(),
        capacity_provider_strategy: from_strategy(live.capacity_provider_strategy.as_ref()),
        deployment_controller: controller.map(|kind| DeploymentController { r#type: Some(kind) }),
        load_balancer: live.load_balancers().iter().map(from_balancer).collect(),
        network_configuration: live.network_configuration.as_ref().and_then(from_network),
        ordered_placement_strategy: live.placement_strategy().iter().map(strategy).collect(),
        placement_constraints: live.placement_constraints().iter().map(constraint).collect(),
        service_connect_configuration:
            primary.and_then(|one| one.service_connect_configuration.as_ref()).map(from_connect),
        service_registries: live.service_registries().first().map(|one| {
            take!(ServiceRegistry from one => container_name, container_port, port;
                registry_arn: FromAws::from_aws(&one.registry_arn))
        }),
        volume_configuration: primary.and_then(|one| one.volume_configurations().first()).map(from_volume),
        vpc_lattice_configurations: primary.iter().flat_map(|one| one.vpc_lattice_configurations()).map(from_lattice).collect(),
        arn: live.service_arn.clone(),
        tags_all: from_tags(live.tags.as_ref()))
}

fn from_balancer(one: &sdk::LoadBalancer) -> LoadBalancer {
    let advanced = |all: &sdk::AdvancedConfiguration| AdvancedConfiguration {
        alternate_target_group_arn: FromAws::from_aws(&all.alternate_target_group_arn),
        production_listener_rule: FromAws::from_aws(&all.production_listener_rule),
        role_arn: FromAws::from_aws(&all.role_arn),
        test_listener_rule: all.test_listener_rule.clone(),
    };
    take!(LoadBalancer from one => container_name, container_port, target_group_arn;
        elb_name: one.load_balancer_name.clone(),
        advanced_configuration: one.advanced_configuration.as_ref().map(advanced))
}

fn from_network(all: &sdk::NetworkConfiguration) -> Option<Network> {
    let network = all.awsvpc_configuration.as_ref()?;
    Some(Network {
        assign_public_ip: network.assign_public_ip == Some(sdk::AssignPublicIp::Enabled),
        security_groups: Set::from_aws(&network.security_groups),
        subnets: Set(network.subnets.clone()),
    })
}

fn from_lattice(one: &sdk::VpcLatticeConfiguration) -> VpcLattice {
    VpcLattice {
        port_name: one.port_name.clone(),
        role_arn: one.role_arn.clone(),
        target_group_arn: one.target_group_arn.clone(),
    }
}

/// Keeps what the stack file says where ECS writes out a default.
pub(super) fn keep_spelling(prior: &Args, live: &mut Args) {
    keep_left_out(prior, live);
    if let (Some(before), Some(now)) = (&prior.service_connect_configuration, &mut live.service_connect_configuration) {
        connect::keep_left_out(before, now);
    }
}

fn keep_left_out(prior: &Args, live: &mut Args) {
    let is_import = prior.name.is_empty();
    if live.alarms.as_ref().is_some_and(|alarms| !alarms.enable) && prior.alarms.is_none() {
        live.alarms = None;
    }
    if live.alarms.is_none() && prior.alarms.as_ref().is_some_and(|alarms| !alarms.enable) {
        live.alarms.clone_from(&prior.alarms);
    }
    let off = Some(CircuitBreaker::default());
    if live.deployment_circuit_breaker == off && prior.deployment_circuit_breaker.is_none() {
        live.deployment_circuit_breaker = None;
    }
    if live.deployment_circuit_breaker.is_none() && prior.deployment_circuit_breaker == off {
        live.deployment_circuit_breaker = off;
    }
    if !is_import && prior.deployment_controller.is_none() && controller(live) == "ECS" {
        live.deployment_controller = None;
    } else if live.deployment_controller.is_none() && controller(prior) == "ECS" {
        live.deployment_controller.clone_from(&prior.deployment_controller);
    }
    if live.propagate_tags.is_none() && prior.propagate_tags.as_deref() == Some("NONE") {
        live.propagate_tags.clone_from(&prior.propagate_tags);
    }
    if live.health_check_grace_period_seconds.is_none() && prior.health_check_grace_period_seconds == Some(0) {
        live.health_check_grace_period_seconds = Some(0);
    }
    // The cluster's own strategy.
    if !is_import && prior.capacity_provider_strategy.is_empty() && live.launch_type.is_none() {
        live.capacity_provider_strategy = Set::default();
    }
    // The default group of the VPC.
    if let (Some(before), Some(now)) = (&prior.network_configuration, &mut live.network_configuration)
        && before.security_groups.is_empty()
    {
        now.security_groups = Set::default();
    }
    let connect = live.service_connect_configuration.as_ref();
    if prior.service_connect_configuration.is_none() && connect.is_some_and(|connect| !connect.enabled) {
        live.service_connect_configuration = None;
    }
    for balancer in &mut live.load_balancer.0 {
        // Role and rules come back only while ECS's own strategies are in use.
        let before = prior.load_balancer.iter().find(|one| {
            one.target_group_arn == balancer.target_group_arn && one.container_name == balancer.container_name
        });
        if let Some(before) = before
            && balancer.advanced_configuration.is_none()
            && live.deployment_configuration.as_ref().and_then(|all| all.strategy.as_deref()) == Some("ROLLING")
        {
            balancer.advanced_configuration.clone_from(&before.advanced_configuration);
        }
    }
}

/// Whether the service is there and, when that was asked for, its deployment is through.
pub(super) fn settled(live: &sdk::Service, want: &Args) -> Settled {
    match live.status() {
        Some("ACTIVE") | None => {}
        Some("DRAINING") => return Settled::Leaving("The service is being deleted (status DRAINING).".to_owned()),
        Some(status) => return Settled::NotYet(format!("service is {status}")),
    }
    if want.wait_for_steady_state != Some(true) {
        return Settled::Yes;
    }
    let kind = live.deployment_controller.as_ref().map(|one| one.r#type.as_str());
    match kind {
        // Nobody but the outside controller knows.
        Some("EXTERNAL") => Settled::Yes,
        Some("CODE_DEPLOY") => steady_task_set(live.task_sets()),
        _ => steady_deployment(live, want),
    }
}

/// Under CodeDeploy a service reports no deployments, and the service waiter of the AWS tools never ends.
fn steady_task_set(all: &[sdk::TaskSet]) -> Settled {
    let [one] = all else {
        return Settled::NotYet(format!("{} task sets, one is wanted", all.len()));
    };
    let is_steady = one.status() == Some("PRIMARY")
        && one.stability_status == Some(sdk::StabilityStatus::SteadyState)
        && one.running_count == one.computed_desired_count
        && one.pending_count == 0;
    if is_steady {
        return Settled::Yes;
    }
    Settled::NotYet(format!("{} of {} tasks running", one.running_count, one.computed_desired_count))
}

fn steady_deployment(live: &sdk::Service, want: &Args) -> Settled {
    let Some(primary) = live.deployments().iter().find(|one| one.status() == Some("PRIMARY")) else {
        return Settled::NotYet("no deployment yet".to_owned());
    };
    let reason = primary.rollout_state_reason().unwrap_or("no reason given");
    if primary.rollout_state == Some(sdk::DeploymentRolloutState::Failed) {
        return Settled::Failed(format!("The deployment failed: {reason}"));
    }
    let is_through = live.deployments().len() == 1
        && live.running_count == live.desired_count
        && primary.rollout_state.as_ref().is_none_or(|state| *state == sdk::DeploymentRolloutState::Completed);
    if !is_through {
        return Settled::NotYet(format!("{} of {} tasks running", primary.running_count, primary.desired_count));
    }
    match (&want.task_definition, &live.task_definition) {
        (Some(wanted), Some(running)) if !is_same_revision(wanted, running) => Settled::Failed(format!(
            "ECS rolled the deployment back: {running} runs again. The events of the service say why: {}",
            live.events().first().and_then(|event| event.message()).unwrap_or("(none)")
        )),
        _ => Settled::Yes,
    }
}
