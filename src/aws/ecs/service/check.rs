//! What ECS would refuse in a service, found in the plan.

use super::deployment::minutes;
use super::model::*;
use crate::aws::contract::*;
use crate::aws::ecs::shared::check_strategy;

/// Finds mistakes in a planned service.
pub(super) fn check(want: &Draft, found: &mut Problems) {
    let kind = want.known(Args::deployment_controller).and_then(|controller| controller.r#type);
    let kind = kind.unwrap_or_else(|| "ECS".to_owned());
    let is_daemon = want.known(Args::scheduling_strategy).as_deref() == Some("DAEMON");
    let is_fargate = want.known(Args::launch_type).as_deref() == Some("FARGATE");
    if kind != "EXTERNAL" && !want.is_unknown(Args::task_definition) && want.known(Args::task_definition).is_none_or(|text| text.is_empty()) {
        found.at(Args::task_definition, "A service needs to know what to run. Set `task_definition`; only the controller EXTERNAL does without.");
    }
    if let Some(parts) = want.known(Args::capacity_provider_strategy) {
        check_strategy("capacity_provider_strategy", &parts, found);
    }
    numbers(want, is_daemon, kind == "ECS" && is_rolling(want), found);
    // An outside controller brings the network with its task sets.
    network(want, is_fargate && kind != "EXTERNAL", found);
    if is_fargate {
        fargate(want, is_daemon, found);
    }
    let has_network = want.known(Args::network_configuration).is_some();
    if want.is_set(Args::iam_role) && (is_fargate || has_network) {
        found.at(Args::iam_role, "Tasks with their own network interface use ECS's service-linked role. Remove `iam_role`.");
    }
    balancers(want, found);
    deployments(want, &kind, found);
    match kind.as_str() {
        "CODE_DEPLOY" => codedeploy(want, is_daemon, found),
        "ECS" => {}
        _ if is_daemon => found.at(Args::scheduling_strategy, "Daemons are brought out by ECS itself. Use the controller ECS."),
        _ => {}
    }
}

/// Whether new tasks take the place of old ones; other strategies start them beside those.
fn is_rolling(want: &Draft) -> bool {
    let strategy = want.known(Args::deployment_configuration).and_then(|own| own.strategy);
    strategy.map_or(!want.is_set(Args::deployment_configuration), |strategy| strategy == "ROLLING")
}

fn numbers(want: &Draft, is_daemon: bool, is_rolling: bool, found: &mut Problems) {
    if is_daemon {
        if want.is_set(Args::desired_count) {
            found.warn(Args::desired_count, "A daemon runs once on every instance, so `desired_count` has no effect. Remove it.");
        }
        return;
    }
    let percents = want.known(Args::deployment_minimum_healthy_percent).zip(want.known(Args::deployment_maximum_percent));
    if let Some((least, most)) = percents
        && is_rolling
        && most <= least
        && most <= 100
    {
        let is_secret = want.is_sensitive(Args::deployment_minimum_healthy_percent) || want.is_sensitive(Args::deployment_maximum_percent);
        let shares = if is_secret { "these shares".to_owned() } else { format!("at least {least} % and at most {most} %") };
        found.at(
            Args::deployment_maximum_percent,
            format!("With {shares} of the tasks, ECS can neither start a new task nor stop an old one, and no deployment ever ends. Raise `deployment_maximum_percent`, or lower `deployment_minimum_healthy_percent`."),
        );
    }
    if want.known(Args::triggers).is_some_and(|all| !all.is_empty()) && want.is_set(Args::triggers) && want.known(Args::force_new_deployment) != Some(true) {
        found.warn(Args::triggers, "`triggers` starts a deployment only together with `force_new_deployment = true`. Set it.");
    }
    if want.known(Args::sigint_rollback) == Some(true) && want.known(Args::wait_for_steady_state) != Some(true) {
        found.warn(Args::sigint_rollback, "There is no wait that could be interrupted. Set `wait_for_steady_state = true` as well.");
    }
}

fn network(want: &Draft, is_fargate: bool, found: &mut Problems) {
    if is_fargate && !want.is_unknown(Args::network_configuration) && want.known(Args::network_configuration).is_none() {
        found.at(Args::network_configuration, "Tasks on Fargate have their own network interface, so ECS must know the subnets. Add a `network_configuration` block.");
    }
    let Some(network) = want.known(Args::network_configuration) else { return };
    if network.subnets.is_empty() {
        found.inside(&["network_configuration", "subnets"], "There is no subnet. Name at least one that tasks may run in.");
    }
    for (name, count, most) in [("subnets", network.subnets.len(), 16), ("security_groups", network.security_groups.len(), 5)] {
        if count > most {
            found.inside(&["network_configuration", name], format!("There are {count}, and ECS allows {most}. Remove some."));
        }
    }
    if network.assign_public_ip && want.known(Args::launch_type).as_deref() == Some("EC2") {
        found.inside(&["network_configuration", "assign_public_ip"], "ECS assigns public addresses only to tasks on Fargate. Remove it; instances in private subnets go out through NAT.");
    }
}

fn fargate(want: &Draft, is_daemon: bool, found: &mut Problems) {
    if is_daemon {
        found.at(Args::scheduling_strategy, "A daemon runs once on every instance, and Fargate has none. Use REPLICA.");
    }
    if want.known(Args::placement_constraints).is_some_and(|all| !all.is_empty()) {
        found.at(Args::placement_constraints, "Fargate has no instances to choose from. Remove the block.");
    }
    if want.known(Args::ordered_placement_strategy).is_some_and(|all| !all.is_empty()) {
        found.at(Args::ordered_placement_strategy, "Fargate has no instances to choose from. Remove the block.");
    }
}

fn balancers(want: &Draft, found: &mut Problems) {
    if want.is_unknown(Args::load_balancer) {
        return;
    }
    let all = want.known(Args::load_balancer).unwrap_or_default();
    if all.is_empty() && want.known(Args::health_check_grace_period_seconds).is_some_and(|seconds| seconds > 0) {
        found.at(Args::health_check_grace_period_seconds, "Without a load balancer there are no health checks to be graceful about, and ECS refuses it. Remove it, or add a `load_balancer` block.");
    }
    if all.len() > 5 {
        found.at(Args::load_balancer, format!("There are {} target groups, and ECS allows 5 for a service. Remove some.", all.len()));
    }
    for one in all.iter() {
        let is_given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if is_given(&one.elb_name) == is_given(&one.target_group_arn) {
            found.at(Args::load_balancer, format!("The block for container {} must name one load balancer. Set either `target_group_arn`, or `elb_name` for a classic one.", one.container_name));
        }
    }
}

fn deployments(want: &Draft, kind: &str, found: &mut Problems) {
    let Some(own) = want.known(Args::deployment_configuration) else { return };
    let strategy = own.strategy.as_deref().unwrap_or("ROLLING");
    let is_gradual = matches!(strategy, "BLUE_GREEN" | "LINEAR" | "CANARY");
    if is_gradual && kind != "ECS" {
        found.inside(&["deployment_configuration", "strategy"], format!("{strategy} is a strategy of ECS itself, and the service is deployed by {kind}. Use the deployment controller ECS, or leave the strategy out."));
    }
    if is_gradual && want.known(Args::deployment_circuit_breaker).is_some_and(|breaker| breaker.enable) {
        found.at(Args::deployment_circuit_breaker, format!("The circuit breaker works only with the strategy ROLLING, not with {strategy}. Remove it; alarms can stop the deployment."));
    }
    if is_gradual && let Some(all) = want.known(Args::load_balancer) {
        for one in all.iter().filter(|one| one.advanced_configuration.is_none() && one.target_group_arn.is_some()) {
            found.at(Args::load_balancer, format!("To move traffic with {strategy}, ECS needs a second target group and the listener rule. Add `advanced_configuration` to the block for container {}.", one.container_name));
        }
    }
    for (name, wanted, is_set) in [("canary_configuration", "CANARY", own.canary_configuration.is_some()), ("linear_configuration", "LINEAR", own.linear_configuration.is_some())] {
        if is_set && strategy != wanted && want.is_set(Args::deployment_configuration) && want.is_changed(Args::deployment_configuration) {
            found.inside(&["deployment_configuration", name], format!("It has an effect only with `strategy = \"{wanted}\"`. Set that, or remove the block."));
        }
    }
    let canary = own.canary_configuration.unwrap_or_default();
    let linear = own.linear_configuration.unwrap_or_default();
    let times = [
        ("bake_time_in_minutes", &own.bake_time_in_minutes),
        ("canary_configuration", &canary.canary_bake_time_in_minutes),
        ("linear_configuration", &linear.step_bake_time_in_minutes),
    ];
    for (name, text) in times {
        if let Err(error) = minutes(text.as_ref()) {
            found.inside(&["deployment_configuration", name], error.message);
        }
    }
    let percents = [("canary_configuration", canary.canary_percent, 0.1), ("linear_configuration", linear.step_percent, 3.0)];
    for (name, percent, least) in percents {
        if percent.is_some_and(|percent| !(least..=100.0).contains(&percent)) {
            found.inside(&["deployment_configuration", name], format!("The percentage must be between {least} and 100."));
        }
    }
}

fn codedeploy(want: &Draft, is_daemon: bool, found: &mut Problems) {
    if is_daemon {
        found.at(Args::scheduling_strategy, "CodeDeploy brings out replicas only, not daemons. Use REPLICA.");
    }
    if !want.is_unknown(Args::load_balancer) {
        let count = want.known(Args::load_balancer).map_or(0, |all| all.len());
        if count != 1 {
            found.at(Args::load_balancer, format!("CodeDeploy moves traffic between two target groups of one load balancer, so the service needs exactly one `load_balancer` block, not {count}. The second target group belongs into the deployment group."));
        }
    }
    if want.known(Args::deployment_circuit_breaker).is_some_and(|breaker| breaker.enable) {
        found.at(Args::deployment_circuit_breaker, "Under CodeDeploy, ECS has no circuit breaker. Use `auto_rollback_configuration` of the deployment group.");
    }
    if want.known(Args::alarms).is_some_and(|alarms| alarms.enable) {
        found.at(Args::alarms, "Under CodeDeploy, ECS does not look at alarms. Use `alarm_configuration` of the deployment group.");
    }
    if want.known(Args::force_new_deployment) == Some(true) {
        found.at(Args::force_new_deployment, "ECS cannot start a deployment of a service that CodeDeploy deploys. Remove it.");
    }
    if want.is_set(Args::availability_zone_rebalancing) && want.known(Args::availability_zone_rebalancing).as_deref() == Some("ENABLED") {
        found.at(Args::availability_zone_rebalancing, "Under CodeDeploy, ECS does not rebalance tasks. Remove it.");
    }
    if want.known(Args::volume_configuration).is_some() {
        found.at(Args::volume_configuration, "Under CodeDeploy, ECS makes no volumes at launch: its task sets know none, and ECS refuses the service. Declare the volume in the task definition without `configure_at_launch`, or use the deployment controller ECS with the strategy BLUE_GREEN.");
    }
    if want.known(Args::vpc_lattice_configurations).is_some_and(|all| !all.is_empty()) {
        found.at(Args::vpc_lattice_configurations, "CodeDeploy moves traffic with the listeners of a load balancer only, so ECS refuses VPC Lattice for the service. Remove the block, or use the deployment controller ECS.");
    }
    let is_kept = !want.is_new() && !want.is_changed(Args::name) && want.before(Args::deployment_controller).is_some();
    let refused = [
        ("enable_execute_command", want.is_changed(Args::enable_execute_command)),
        ("service_registries", want.is_changed(Args::service_registries)),
        ("service_connect_configuration", want.is_changed(Args::service_connect_configuration)),
    ];
    for (name, _) in refused.iter().filter(|(_, is_changed)| is_kept && *is_changed) {
        found.inside(&[name], format!("ECS does not change `{name}` of a service that CodeDeploy deploys. Set it back, or replace the service with -replace."));
    }
}
