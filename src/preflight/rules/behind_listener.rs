use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{forwards_are_clear, forwards_to, is_same, may_be_behind_others, target_group};
use crate::preflight::stack::Stack;

rule! {
    /// ECS takes a service with a target group only when a load balancer uses the group: "The target group with
    /// targetGroupArn … does not have an associated load balancer".
    ///
    /// Forward to the group from a listener or a listener rule. A listener of another stack that has the group already is
    /// found in the account.
    "K10" "behind-listener" "Target group without a load balancer" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    if !forwards_are_clear(stack) {
        return;
    }
    let defaults = stack.all("aws_lb_listener").iter().flat_map(|listener| listener.items("default_action"));
    // Also of a listener that is not of the stack.
    let rules = stack.all("aws_lb_listener_rule").iter().flat_map(|rule| rule.items("action"));
    let behind: Vec<_> = defaults.chain(rules).flat_map(|action| forwards_to(&action)).collect();
    // ECS looks when the service is made. Later a deployment controller moves traffic between groups as it likes.
    for service in stack.all("aws_ecs_service").iter().filter(|service| !service.object().exists || stack.is_new(service)) {
        for balancer in service.items("load_balancer") {
            let arn = balancer.attr("target_group_arn");
            let Some(group) = target_group(stack, &arn) else { continue };
            let is_known_elsewhere = stack.account.is_open() && may_be_behind_others(stack, group);
            if is_known_elsewhere || behind.iter().any(|one| is_same(one, &arn)) {
                continue;
            }
            let text = format!(
                "No listener forwards to {group}, so ECS refuses {service}: the target group has no load balancer. Forward to it from a listener or a rule."
            );
            found.judge(!may_be_behind_others(stack, group), &arn, text);
        }
    }
}
