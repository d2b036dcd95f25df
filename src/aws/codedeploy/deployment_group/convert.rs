//! Attributes of a deployment group, to the API and back. Blocks that are left out are sent in the form that clears
//! them.

use aws_sdk_codedeploy::types as sdk;

use super::model::*;
use crate::aws::contract::*;
use crate::aws::copy::{FromAws, ToAws};
use crate::{send, take};

pub(super) fn to_alarms(alarms: Option<&Alarms>) -> sdk::AlarmConfiguration {
    let off = Alarms::default();
    let alarms = alarms.unwrap_or(&off);
    let named = |name: &String| sdk::Alarm::builder().name(name).build();
    sdk::AlarmConfiguration::builder()
        .enabled(alarms.enabled)
        .ignore_poll_alarm_failure(alarms.ignore_poll_alarm_failure)
        .set_alarms(Some(alarms.alarms.iter().map(named).collect()))
        .build()
}

pub(super) fn from_alarms(alarms: &sdk::AlarmConfiguration) -> Alarms {
    Alarms {
        alarms: alarms.alarms().iter().filter_map(|alarm| alarm.name.clone()).collect(),
        enabled: alarms.enabled,
        ignore_poll_alarm_failure: alarms.ignore_poll_alarm_failure,
    }
}

pub(super) fn to_rollback(rollback: Option<&AutoRollback>) -> sdk::AutoRollbackConfiguration {
    let off = AutoRollback::default();
    let rollback = rollback.unwrap_or(&off);
    let events = rollback.events.iter().map(|event| event.as_str().into()).collect();
    sdk::AutoRollbackConfiguration::builder().enabled(rollback.enabled).set_events(Some(events)).build()
}

pub(super) fn from_rollback(rollback: &sdk::AutoRollbackConfiguration) -> AutoRollback {
    AutoRollback { enabled: rollback.enabled, events: Set::from_aws(&rollback.events) }
}

pub(super) fn to_blue_green(all: Option<&BlueGreen>) -> sdk::BlueGreenDeploymentConfiguration {
    let none = BlueGreen::default();
    let all = all.unwrap_or(&none);
    let ready = |ready: &Ready| {
        send!(sdk::DeploymentReadyOption::builder(), ready => set_action_on_timeout = action_on_timeout,
            set_wait_time_in_minutes = wait_time_in_minutes)
        .build()
    };
    let fleet = |fleet: &GreenFleet| send!(sdk::GreenFleetProvisioningOption::builder(), fleet => set_action = action).build();
    let blue = |blue: &TerminateBlue| {
        send!(sdk::BlueInstanceTerminationOption::builder(), blue => set_action = action,
            set_termination_wait_time_in_minutes = termination_wait_time_in_minutes)
        .build()
    };
    sdk::BlueGreenDeploymentConfiguration::builder()
        .set_deployment_ready_option(all.deployment_ready_option.as_ref().map(ready))
        .set_green_fleet_provisioning_option(all.green_fleet_provisioning_option.as_ref().map(fleet))
        .set_terminate_blue_instances_on_deployment_success(
            all.terminate_blue_instances_on_deployment_success.as_ref().map(blue),
        )
        .build()
}

pub(super) fn from_blue_green(all: &sdk::BlueGreenDeploymentConfiguration) -> Option<BlueGreen> {
    let ready = |ready: &sdk::DeploymentReadyOption| take!(Ready from ready => action_on_timeout, wait_time_in_minutes);
    let fleet = |fleet: &sdk::GreenFleetProvisioningOption| GreenFleet { action: FromAws::from_aws(&fleet.action) };
    let blue = |blue: &sdk::BlueInstanceTerminationOption| {
        take!(TerminateBlue from blue => action, termination_wait_time_in_minutes)
    };
    let all = BlueGreen {
        deployment_ready_option: all.deployment_ready_option.as_ref().map(ready),
        green_fleet_provisioning_option: all.green_fleet_provisioning_option.as_ref().map(fleet),
        terminate_blue_instances_on_deployment_success: all
            .terminate_blue_instances_on_deployment_success
            .as_ref()
            .map(blue),
    };
    (all != BlueGreen::default()).then_some(all)
}

pub(super) fn to_style(style: Option<&Style>) -> Option<sdk::DeploymentStyle> {
    style.map(|style| {
        send!(sdk::DeploymentStyle::builder(), style => set_deployment_option = deployment_option,
            set_deployment_type = deployment_type)
        .build()
    })
}

pub(super) fn to_filters(filters: &Set<TagFilter>) -> Vec<sdk::Ec2TagFilter> {
    let one = |one: &TagFilter| {
        send!(sdk::Ec2TagFilter::builder(), one => set_key = key, set_type = r#type, set_value = value).build()
    };
    filters.iter().map(one).collect()
}

pub(super) fn from_filters(filters: &[sdk::Ec2TagFilter]) -> Set<TagFilter> {
    let one = |one: &sdk::Ec2TagFilter| TagFilter {
        key: one.key.clone().filter(|key| !key.is_empty()),
        r#type: FromAws::from_aws(&one.r#type),
        value: one.value.clone().filter(|value| !value.is_empty()),
    };
    filters.iter().map(one).collect()
}

pub(super) fn to_premises(filters: &Set<TagFilter>) -> Vec<sdk::TagFilter> {
    let one = |one: &TagFilter| {
        send!(sdk::TagFilter::builder(), one => set_key = key, set_type = r#type, set_value = value).build()
    };
    filters.iter().map(one).collect()
}

pub(super) fn from_premises(filters: &[sdk::TagFilter]) -> Set<TagFilter> {
    let one = |one: &sdk::TagFilter| TagFilter {
        key: one.key.clone().filter(|key| !key.is_empty()),
        r#type: FromAws::from_aws(&one.r#type),
        value: one.value.clone().filter(|value| !value.is_empty()),
    };
    filters.iter().map(one).collect()
}

pub(super) fn to_tag_set(sets: &Set<TagSet>) -> sdk::Ec2TagSet {
    let lists = sets.iter().map(|set| to_filters(&set.ec2_tag_filter)).collect();
    sdk::Ec2TagSet::builder().set_ec2_tag_set_list(Some(lists)).build()
}

pub(super) fn from_tag_set(set: Option<&sdk::Ec2TagSet>) -> Set<TagSet> {
    let lists = set.map(sdk::Ec2TagSet::ec2_tag_set_list).unwrap_or_default();
    lists.iter().map(|list| TagSet { ec2_tag_filter: from_filters(list) }).collect()
}

pub(super) fn to_services(service: Option<&EcsService>) -> Vec<sdk::EcsService> {
    let one = |one: &EcsService| {
        send!(sdk::EcsService::builder(), one => set_cluster_name = cluster_name, set_service_name = service_name).build()
    };
    service.map(one).into_iter().collect()
}

pub(super) fn to_balancers(all: Option<&LoadBalancers>) -> sdk::LoadBalancerInfo {
    let Some(all) = all else { return sdk::LoadBalancerInfo::builder().build() };
    let elb = |one: &Named| send!(sdk::ElbInfo::builder(), one => set_name = name).build();
    let group = |one: &Named| send!(sdk::TargetGroupInfo::builder(), one => set_name = name).build();
    let given = |is_empty: bool| !is_empty;
    sdk::LoadBalancerInfo::builder()
        .set_elb_info_list(given(all.elb_info.is_empty()).then(|| all.elb_info.iter().map(elb).collect()))
        .set_target_group_info_list(
            given(all.target_group_info.is_empty()).then(|| all.target_group_info.iter().map(group).collect()),
        )
        .set_target_group_pair_info_list(all.target_group_pair_info.as_ref().map(|pair| vec![to_pair(pair)]))
        .build()
}

fn to_pair(pair: &Pair) -> sdk::TargetGroupPairInfo {
    let route = |route: &Route| sdk::TrafficRoute::builder().set_listener_arns(route.listener_arns.to_aws()).build();
    let group = |one: &TargetGroup| sdk::TargetGroupInfo::builder().name(&one.name).build();
    sdk::TargetGroupPairInfo::builder()
        .prod_traffic_route(route(&pair.prod_traffic_route))
        .set_target_groups(Some(pair.target_group.iter().map(group).collect()))
        .set_test_traffic_route(pair.test_traffic_route.as_ref().map(route))
        .build()
}

pub(super) fn from_balancers(all: &sdk::LoadBalancerInfo) -> Option<LoadBalancers> {
    let route = |route: &sdk::TrafficRoute| Route { listener_arns: Set::from_aws(&route.listener_arns) };
    let pair = |pair: &sdk::TargetGroupPairInfo| Pair {
        prod_traffic_route: pair.prod_traffic_route.as_ref().map(route).unwrap_or_default(),
        target_group: pair
            .target_groups()
            .iter()
            .map(|one| TargetGroup { name: one.name.clone().unwrap_or_default() })
            .collect(),
        test_traffic_route: pair.test_traffic_route.as_ref().map(route),
    };
    let all = LoadBalancers {
        elb_info: all.elb_info_list().iter().map(|one| Named { name: one.name.clone() }).collect(),
        target_group_info: all.target_group_info_list().iter().map(|one| Named { name: one.name.clone() }).collect(),
        target_group_pair_info: all.target_group_pair_info_list().first().map(pair),
    };
    (all != LoadBalancers::default()).then_some(all)
}

pub(super) fn to_triggers(triggers: &Set<Trigger>) -> Vec<sdk::TriggerConfig> {
    let one = |one: &Trigger| {
        send!(sdk::TriggerConfig::builder(), one => set_trigger_name = trigger_name,
            set_trigger_target_arn = trigger_target_arn, set_trigger_events = trigger_events)
        .build()
    };
    triggers.iter().map(one).collect()
}

pub(super) fn from_triggers(triggers: &[sdk::TriggerConfig]) -> Set<Trigger> {
    let one = |one: &sdk::TriggerConfig| Trigger {
        trigger_events: Set::from_aws(&one.trigger_events),
        trigger_name: FromAws::from_aws(&one.trigger_name),
        trigger_target_arn: FromAws::from_aws(&one.trigger_target_arn),
    };
    triggers.iter().map(one).collect()
}
