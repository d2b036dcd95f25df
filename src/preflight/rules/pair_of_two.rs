use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{is_same, pair_of};
use crate::preflight::stack::Stack;

rule! {
    /// Blue and green are two target groups: the tasks of the new revision register with the one that has no traffic.
    /// A pair that names one group twice, or the alternate group of a service that is the group itself, leaves no place
    /// for them.
    ///
    /// Make a second target group, and name both.
    "K14" "pair-of-two" "Blue and green are the same target group" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for group in stack.all("aws_codedeploy_deployment_group") {
        let pair = pair_of(group);
        if let [a, b] = pair.as_slice()
            && is_same(a, b)
        {
            found.error(b, format!("Both target groups of {group} are the same. Blue/green needs two: name another one."));
        }
    }
    for service in stack.all("aws_ecs_service") {
        for balancer in service.items("load_balancer") {
            let other = balancer.block("advanced_configuration").attr("alternate_target_group_arn");
            // Which of the two is live is the controller's business: what is written counts.
            let written = balancer.attr("target_group_arn").said();
            if written.is_some_and(|one| !one.is_empty()) && written == other.said() {
                found.error(&other, format!("The alternate target group of {service} is the one it has already. Name another one."));
            }
        }
    }
}
