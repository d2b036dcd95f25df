use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{groups_behind, is_same, target_group};
use crate::preflight::stack::Stack;

rule! {
    /// ECS takes a service with a target group only when a load balancer uses the group: "The target group with
    /// targetGroupArn … does not have an associated load balancer".
    ///
    /// Forward to the group from a listener or a listener rule.
    "K10" "behind-listener" "Target group without a load balancer" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let behind: Vec<_> =
        stack.all("aws_lb_listener").iter().flat_map(|listener| groups_behind(stack, listener)).collect();
    // A rule of a listener that is not of the stack.
    let rules = stack.all("aws_lb_listener_rule").iter().flat_map(|rule| rule.items("action"));
    let behind: Vec<_> =
        rules.flat_map(|action| crate::preflight::services::forwards_to(&action)).chain(behind).collect();
    for service in stack.all("aws_ecs_service") {
        for balancer in service.items("load_balancer") {
            let arn = balancer.attr("target_group_arn");
            let Some(group) = target_group(stack, &arn) else { continue };
            if !behind.iter().any(|one| is_same(one, &arn)) {
                let text = format!(
                    "No listener forwards to {group}, so ECS refuses {service}: the target group has no load balancer. Forward to it from a listener or a rule."
                );
                found.error(&arn, text);
            }
        }
    }
}
