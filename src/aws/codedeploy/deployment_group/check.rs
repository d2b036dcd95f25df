//! What CodeDeploy would refuse in a deployment group, found in the plan.

use super::model::{Args, Pair};
use crate::aws::contract::*;

/// Deployment configurations for instances, which groups of ECS services cannot have.
const FOR_INSTANCES: [&str; 3] =
    ["CodeDeployDefault.OneAtATime", "CodeDeployDefault.HalfAtATime", "CodeDeployDefault.AllAtOnce"];

/// Finds mistakes in a planned group.
pub(super) fn check(want: &Draft, found: &mut Problems) {
    let rollback = want.known(Args::auto_rollback_configuration).unwrap_or_default();
    if !rollback.enabled && !rollback.events.is_empty() {
        found.at(Args::auto_rollback_configuration, "Rollback events are named, but rollback is off, and CodeDeploy refuses that. Set `enabled = true`, or remove the events.");
    }
    if rollback.enabled && rollback.events.is_empty() {
        found.at(Args::auto_rollback_configuration, "Rollback is on, but at no event. Name at least one in `events`, such as \"DEPLOYMENT_FAILURE\".");
    }
    let on_alarm = rollback.events.iter().any(|event| event == "DEPLOYMENT_STOP_ON_ALARM");
    let has_alarms = want.is_unknown(Args::alarm_configuration)
        || want.known(Args::alarm_configuration).is_some_and(|alarms| alarms.enabled);
    if on_alarm && !has_alarms {
        found.at(Args::auto_rollback_configuration, "Rollback on alarms needs alarms. Add an `alarm_configuration` block with `enabled = true`.");
    }
    if want.known(Args::alarm_configuration).is_some_and(|alarms| alarms.enabled && alarms.alarms.is_empty()) {
        found.at(Args::alarm_configuration, "Alarms are on, but none is named. Name some in `alarms`, or remove the block.");
    }
    if let Some(ready) = want.known(Args::blue_green_deployment_config).and_then(|all| all.deployment_ready_option) {
        let stops = ready.action_on_timeout.as_deref() == Some("STOP_DEPLOYMENT");
        let at = ["blue_green_deployment_config", "deployment_ready_option", "wait_time_in_minutes"];
        if stops && ready.wait_time_in_minutes < 1 {
            found.inside(&at, "The deployment is to wait for somebody to let it continue, but not for how long. Set 1 to 2880 minutes.");
        }
        if !stops && ready.wait_time_in_minutes > 0 {
            found.inside(&at, "A deployment waits only with `action_on_timeout = \"STOP_DEPLOYMENT\"`. Set that, or remove the time.");
        }
    }
    if want.is_set(Args::ecs_service) {
        ecs(want, found);
    }
}

fn ecs(want: &Draft, found: &mut Problems) {
    if let Some(style) = want.known(Args::deployment_style)
        && (style.deployment_type.as_deref() != Some("BLUE_GREEN")
            || style.deployment_option.as_deref() != Some("WITH_TRAFFIC_CONTROL"))
    {
        found.at(Args::deployment_style, "An ECS service is deployed blue/green with traffic control. Set `deployment_type = \"BLUE_GREEN\"` and `deployment_option = \"WITH_TRAFFIC_CONTROL\"`.");
    } else if want.is_new() && !want.is_set(Args::deployment_style) {
        found.at(Args::deployment_style, "The default is in place, and an ECS service is deployed blue/green with traffic control. Add the block with `deployment_type = \"BLUE_GREEN\"` and `deployment_option = \"WITH_TRAFFIC_CONTROL\"`.");
    }
    if let Some(name) = want.known(Args::deployment_config_name).filter(|name| FOR_INSTANCES.contains(&name.as_str())) {
        found.at(Args::deployment_config_name, format!("{name} is for instances. Use one for ECS, such as \"CodeDeployDefault.ECSAllAtOnce\" or \"CodeDeployDefault.ECSCanary10Percent5Minutes\"."));
    }
    if want.is_new() && !want.is_set(Args::blue_green_deployment_config) {
        found.at(Args::blue_green_deployment_config, "CodeDeploy must know what happens to the old tasks. Add the block with `deployment_ready_option` and `terminate_blue_instances_on_deployment_success`.");
    }
    if let Some(all) = want.known(Args::blue_green_deployment_config) {
        if all.green_fleet_provisioning_option.is_some() {
            found.inside(&["blue_green_deployment_config", "green_fleet_provisioning_option"], "ECS starts the new tasks itself. Remove the block.");
        }
        if all.terminate_blue_instances_on_deployment_success.is_some_and(|blue| blue.action.as_deref() == Some("KEEP_ALIVE")) {
            found.inside(&["blue_green_deployment_config", "terminate_blue_instances_on_deployment_success"], "The old tasks of an ECS service are always stopped. Set `action = \"TERMINATE\"`; `termination_wait_time_in_minutes` keeps them for a while.");
        }
    }
    let for_instances = [
        ("autoscaling_groups", want.is_set(Args::autoscaling_groups)),
        ("ec2_tag_filter", want.is_set(Args::ec2_tag_filter)),
        ("ec2_tag_set", want.is_set(Args::ec2_tag_set)),
        ("on_premises_instance_tag_filter", want.is_set(Args::on_premises_instance_tag_filter)),
    ];
    for (name, _) in for_instances.iter().filter(|(_, is_set)| *is_set) {
        found.inside(&[name], "This chooses instances, and the group deploys to an ECS service. Remove it.");
    }
    if want.is_unknown(Args::load_balancer_info) {
        return;
    }
    match want.known(Args::load_balancer_info).and_then(|all| all.target_group_pair_info) {
        Some(pair) => check_pair(&pair, found),
        None => found.at(Args::load_balancer_info, "CodeDeploy moves traffic between two target groups. Name them and the listener in `target_group_pair_info`."),
    }
}

fn check_pair(pair: &Pair, found: &mut Problems) {
    let at = |name| ["load_balancer_info", "target_group_pair_info", name];
    let names: Vec<_> = pair.target_group.iter().map(|group| group.name.as_str()).collect();
    match names[..] {
        [one, other] if one == other => found.inside(&at("target_group"), format!("Both target groups are {one}. Traffic moves between two; name the other one.")),
        [_, _] => {}
        _ => found.inside(&at("target_group"), format!("There are {} target groups; traffic moves between exactly two.", names.len())),
    }
    for name in names.iter().filter(|name| name.starts_with("arn:")) {
        found.inside(&at("target_group"), format!("{name} is an ARN, and CodeDeploy wants the name of the target group. Use its `name`."));
    }
    if pair.prod_traffic_route.listener_arns.len() != 1 {
        found.inside(&at("prod_traffic_route"), format!("CodeDeploy moves the traffic of exactly one listener, and {} are named.", pair.prod_traffic_route.listener_arns.len()));
    }
    if let Some(test) = &pair.test_traffic_route
        && test.listener_arns.iter().any(|arn| pair.prod_traffic_route.listener_arns.contains(arn))
    {
        found.inside(&at("test_traffic_route"), "Test requests come in through the same listener as the users' requests. Use a listener on another port, or remove the block.");
    }
}
