//! Listeners and rules that forward to a target group: it cannot be deleted while there are any, not even with weight 0.

use aws_sdk_elasticloadbalancingv2::types as sdk;

use crate::aws::contract::*;

pub(super) async fn blockers(aws: &Aws, arn: &str) -> Result<Vec<String>> {
    let found = aws.elbv2.describe_target_groups().target_group_arns(arn).send().await?;
    let mut all = Vec::new();
    for balancer in found.target_groups().iter().flat_map(sdk::TargetGroup::load_balancer_arns) {
        let mut listeners = aws.elbv2.describe_listeners().load_balancer_arn(balancer).into_paginator().items().send();
        while let Some(listener) = listeners.next().await {
            let listener = listener?;
            let name = format!("listener {} of load balancer {}", listener.port().unwrap_or_default(), name_of(balancer));
            if forwards(listener.default_actions(), arn) {
                all.push(name.clone());
            }
            let rules = aws.elbv2.describe_rules().set_listener_arn(listener.listener_arn).send().await?;
            let own = rules.rules().iter().filter(|rule| rule.is_default() != Some(true) && forwards(rule.actions(), arn));
            all.extend(own.map(|rule| format!("rule {} of {name}", rule.priority().unwrap_or_default())));
        }
    }
    Ok(all)
}

fn forwards(actions: &[sdk::Action], arn: &str) -> bool {
    let groups = |action: &sdk::Action| {
        let config = action.forward_config().map(sdk::ForwardActionConfig::target_groups).unwrap_or_default();
        config.iter().any(|group| group.target_group_arn() == Some(arn))
    };
    actions.iter().any(|action| action.target_group_arn() == Some(arn) || groups(action))
}

/// The name in `arn:…:loadbalancer/app/NAME/ID`.
fn name_of(arn: &str) -> &str {
    arn.rsplit('/').nth(1).unwrap_or(arn)
}
