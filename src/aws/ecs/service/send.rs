//! The calls that make and change a service.

use aws_sdk_ecs::types as sdk;
use uuid::Uuid;

use super::connect::to_connect;
use super::deployment::to_configuration;
use super::model::*;
use super::volume::to_volume;
use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::copy::ToAws;
use crate::aws::ecs::shared::{to_strategy, to_tags};
use crate::aws::mark;
use crate::send;

/// Makes the service.
pub(super) async fn create(aws: &Aws, want: &Args) -> Result<Id> {
    let is_daemon = want.scheduling_strategy.as_deref() == Some("DAEMON");
    let kind = controller(want);
    let call = send!(aws.ecs.create_service(), want => set_cluster = cluster, set_service_name = name,
        set_task_definition = task_definition, set_launch_type = launch_type, set_platform_version = platform_version,
        set_role = iam_role, set_health_check_grace_period_seconds = health_check_grace_period_seconds,
        set_scheduling_strategy = scheduling_strategy, set_enable_ecs_managed_tags = enable_ecs_managed_tags,
        set_enable_execute_command = enable_execute_command, set_propagate_tags = propagate_tags);
    // CodeDeploy's services know no rebalancing.
    let rebalancing = want.availability_zone_rebalancing.to_aws();
    let rebalancing: Option<sdk::AvailabilityZoneRebalancing> = if kind == "ECS" { rebalancing } else { None };
    let own = want.deployment_controller.as_ref();
    let made = call
        .client_token(token(want))
        .set_availability_zone_rebalancing(rebalancing)
        .set_desired_count((!is_daemon).then(|| want.desired_count.unwrap_or(0)))
        .set_deployment_configuration(Some(to_configuration(want)?))
        .set_deployment_controller(own.map(|_| to_controller(kind)).transpose()?)
        .set_load_balancers(given(balancers(want)))
        .set_network_configuration(want.network_configuration.as_ref().map(to_network).transpose()?)
        .set_placement_constraints(given(constraints(want)))
        .set_placement_strategy(given(placement(want)))
        .set_capacity_provider_strategy(given(to_strategy(&want.capacity_provider_strategy)?))
        .set_service_registries(given(registries(want)))
        .set_service_connect_configuration(
            want.service_connect_configuration.as_ref().map(|connect| to_connect(Some(connect))).transpose()?,
        )
        .set_volume_configurations(given(volumes(want)?))
        .set_vpc_lattice_configurations(given(lattice(want)?))
        .set_tags(to_tags(&want.tags_all))
        .send()
        .await?;
    made.service.and_then(|service| service.service_arn).ok_or_else(|| Error::empty("CreateService"))
}

/// The same for the same service: a repeated call gives the service that the first one made.
fn token(want: &Args) -> String {
    if let Some(mark) = mark::of(&want.tags_all) {
        return mark.to_owned();
    }
    let text = [want.cluster.as_ref(), Some(&want.name), want.task_definition.as_ref()];
    let text: Vec<_> = text.into_iter().map(|part| part.map(String::as_str).unwrap_or_default()).collect();
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.join("|").as_bytes()).to_string()
}

/// Changes the service: only what changed is sent, since CodeDeploy's services refuse even an unchanged network.
pub(super) async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
    if controller(want) == "CODE_DEPLOY" {
        refuse_under_codedeploy(have, want)?;
    }
    let mut call = aws.ecs.update_service().cluster(super::cluster_of(id)).service(id);
    let mut is_changed = false;
    macro_rules! change {
        ($($field:ident)|+ => $setter:ident, $value:expr) => {
            if $( have.$field != want.$field )||+ {
                call = call.$setter($value);
                is_changed = true;
            }
        };
    }
    let is_own = controller(want) == "ECS";
    if is_own {
        change!(task_definition => set_task_definition, want.task_definition.to_aws());
        change!(platform_version => set_platform_version, want.platform_version.to_aws());
        change!(availability_zone_rebalancing => set_availability_zone_rebalancing, want.availability_zone_rebalancing.to_aws());
        change!(enable_execute_command => set_enable_execute_command, Some(want.enable_execute_command));
        change!(network_configuration => set_network_configuration,
            want.network_configuration.as_ref().map(to_network).transpose()?);
        change!(load_balancer => set_load_balancers, Some(balancers(want)));
        change!(capacity_provider_strategy => set_capacity_provider_strategy,
            Some(to_strategy(&want.capacity_provider_strategy)?));
        change!(service_registries => set_service_registries, Some(registries(want)));
        change!(service_connect_configuration => set_service_connect_configuration,
            Some(to_connect(want.service_connect_configuration.as_ref())?));
        change!(volume_configuration => set_volume_configurations, Some(volumes(want)?));
        change!(vpc_lattice_configurations => set_vpc_lattice_configurations, Some(lattice(want)?));
    }
    if want.scheduling_strategy.as_deref() != Some("DAEMON") {
        change!(desired_count => set_desired_count, want.desired_count);
    }
    change!(deployment_maximum_percent | deployment_minimum_healthy_percent | alarms | deployment_circuit_breaker
        | deployment_configuration => set_deployment_configuration, Some(to_configuration(want)?));
    change!(health_check_grace_period_seconds => set_health_check_grace_period_seconds,
        Some(want.health_check_grace_period_seconds.unwrap_or(0)));
    change!(placement_constraints => set_placement_constraints, Some(constraints(want)));
    change!(ordered_placement_strategy => set_placement_strategy, Some(placement(want)));
    change!(enable_ecs_managed_tags => set_enable_ecs_managed_tags, Some(want.enable_ecs_managed_tags));
    if tag_source(have) != tag_source(want) {
        call = call.propagate_tags(tag_source(want).into());
        is_changed = true;
    }
    if controller(have) != controller(want) {
        call = call.deployment_controller(to_controller(controller(want))?);
        is_changed = true;
    }
    if is_own && want.force_new_deployment == Some(true) {
        let is_asked = have.triggers != want.triggers || have.force_new_deployment != Some(true);
        call = call.set_force_new_deployment((is_changed || is_asked).then_some(true));
        is_changed = is_changed || is_asked;
    }
    if is_changed {
        call.send().await?;
    }
    Ok(())
}

/// These are changed by a deployment of CodeDeploy, which takes them from its AppSpec.
fn refuse_under_codedeploy(have: &Args, want: &Args) -> Result<()> {
    let changed = [
        ("task_definition", have.task_definition != want.task_definition),
        ("network_configuration", have.network_configuration != want.network_configuration),
        ("platform_version", have.platform_version != want.platform_version),
        ("load_balancer", have.load_balancer != want.load_balancer),
        ("capacity_provider_strategy", have.capacity_provider_strategy != want.capacity_provider_strategy),
    ];
    // A service that comes under CodeDeploy only now still takes them.
    match changed.iter().find(|(_, is_changed)| *is_changed && controller(have) == "CODE_DEPLOY") {
        None => Ok(()),
        Some((name, _)) => Err(Error::local(
            "UpdateService",
            format!(
                "`{name}` of service {} changed. The service is deployed by CodeDeploy, so ECS does not change it; a deployment does, and the plan has none for it. Nothing was changed in the service. Plan again; when the message comes back, report it.",
                want.name
            ),
        )),
    }
}

fn tag_source(want: &Args) -> &str {
    want.propagate_tags.as_deref().filter(|from| !from.is_empty()).unwrap_or("NONE")
}

fn given<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn to_controller(kind: &str) -> Result<sdk::DeploymentController> {
    built(sdk::DeploymentController::builder().r#type(kind.into()).build())
}

fn to_network(network: &Network) -> Result<sdk::NetworkConfiguration> {
    let assign = if network.assign_public_ip { sdk::AssignPublicIp::Enabled } else { sdk::AssignPublicIp::Disabled };
    let own = sdk::AwsVpcConfiguration::builder()
        .set_subnets(Some(network.subnets.0.clone()))
        .set_security_groups(Some(network.security_groups.0.clone()))
        .assign_public_ip(assign)
        .build();
    Ok(sdk::NetworkConfiguration::builder().awsvpc_configuration(built(own)?).build())
}

fn balancers(want: &Args) -> Vec<sdk::LoadBalancer> {
    let advanced = |all: &AdvancedConfiguration| {
        send!(sdk::AdvancedConfiguration::builder(), all => set_alternate_target_group_arn = alternate_target_group_arn,
            set_production_listener_rule = production_listener_rule, set_role_arn = role_arn,
            set_test_listener_rule = test_listener_rule)
        .build()
    };
    let one = |one: &LoadBalancer| {
        send!(sdk::LoadBalancer::builder(), one => set_container_name = container_name,
            set_container_port = container_port, set_load_balancer_name = elb_name,
            set_target_group_arn = target_group_arn)
        .set_advanced_configuration(one.advanced_configuration.as_ref().map(advanced))
        .build()
    };
    want.load_balancer.iter().map(one).collect()
}

fn constraints(want: &Args) -> Vec<sdk::PlacementConstraint> {
    let one = |one: &PlacementConstraint| {
        send!(sdk::PlacementConstraint::builder(), one => set_expression = expression, set_type = r#type).build()
    };
    want.placement_constraints.iter().map(one).collect()
}

fn placement(want: &Args) -> Vec<sdk::PlacementStrategy> {
    let one = |one: &PlacementStrategy| {
        let field = one.field.as_deref().filter(|field| !field.is_empty()).map(plain_field);
        send!(sdk::PlacementStrategy::builder(), one => set_type = r#type).set_field(field).build()
    };
    want.ordered_placement_strategy.iter().map(one).collect()
}

fn registries(want: &Args) -> Vec<sdk::ServiceRegistry> {
    let one = |one: &ServiceRegistry| {
        send!(sdk::ServiceRegistry::builder(), one => set_registry_arn = registry_arn, set_port = port,
            set_container_name = container_name, set_container_port = container_port)
        .build()
    };
    want.service_registries.iter().map(one).collect()
}

fn volumes(want: &Args) -> Result<Vec<sdk::ServiceVolumeConfiguration>> {
    want.volume_configuration.iter().map(to_volume).collect()
}

fn lattice(want: &Args) -> Result<Vec<sdk::VpcLatticeConfiguration>> {
    let one = |one: &VpcLattice| {
        let call = sdk::VpcLatticeConfiguration::builder().port_name(&one.port_name).role_arn(&one.role_arn);
        built(call.target_group_arn(&one.target_group_arn).build())
    };
    want.vpc_lattice_configurations.iter().map(one).collect()
}
