use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{forwards_are_clear, groups_behind, may_be_behind_others, pair_of};
use crate::preflight::stack::Stack;

rule! {
    /// CodeDeploy moves the weights of the production listener between the two target groups of the pair. The listener
    /// must forward to one of them to begin with, by its default action or by a rule; its port does not matter.
    ///
    /// Forward to the first target group of the pair, or name the listener that does.
    "001-5" "production-listener" "Production listener does not forward to the pair" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    if !forwards_are_clear(stack) {
        return;
    }
    for group in stack.all("aws_codedeploy_deployment_group") {
        let info = group.block("load_balancer_info").block("target_group_pair_info");
        let targets: Option<Vec<_>> =
            pair_of(group).iter().map(|name| stack.named(name, "aws_lb_target_group", &["name"])).collect();
        let Some(targets) = targets.filter(|targets| !targets.is_empty()) else { continue };
        let arns: Vec<_> = targets.iter().filter_map(|target| target.attr("arn").text()).collect();
        for arn in info.block("prod_traffic_route").items("listener_arns") {
            let Some(listener) = stack.named(&arn, "aws_lb_listener", &["arn", "id"]) else { continue };
            let behind = groups_behind(stack, listener);
            let is_known_elsewhere = stack.account.is_open() && targets.iter().any(|target| may_be_behind_others(stack, target));
            if is_known_elsewhere || behind.iter().any(|one| one.text().is_some_and(|one| arns.contains(&one))) {
                continue;
            }
            let is_certain = stack.is_new(listener) && targets.iter().all(|target| stack.is_new(target));
            found.judge(is_certain, &arn, format!("{listener} forwards to neither target group of {group}, so CodeDeploy has nothing to move there. Forward to the first of the pair, or name the listener that does."));
        }
    }
}
