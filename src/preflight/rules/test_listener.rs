use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{forwards_are_clear, groups_behind, is_same, pair_of};
use crate::preflight::stack::{Object, Place, Stack};

rule! {
    /// The test listener shows a new revision before it gets traffic. It must be another listener than the one for
    /// production, and before the first deployment both must forward to the target group that the tasks are in:
    /// CodeDeploy says "Primary taskset target group must be behind listener" otherwise.
    ///
    /// Let both forward to the first target group of the pair; CodeDeploy moves them from then on.
    "K17" "test-listener" "Test listener does not fit" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let is_clear = forwards_are_clear(stack);
    for group in stack.all("aws_codedeploy_deployment_group") {
        let info = group.block("load_balancer_info").block("target_group_pair_info");
        let prod = info.block("prod_traffic_route").items("listener_arns");
        for test in info.block("test_traffic_route").items("listener_arns") {
            if prod.iter().any(|one| is_same(one, &test)) {
                found.error(&test, "Production and tests go through the same listener, so tests would see what users see. Add a listener on another port.");
                continue;
            }
            let listeners = [prod.first(), Some(&test)].map(|one| one.and_then(|one| stack.named(one, "aws_lb_listener", &["arn", "id"])));
            let [Some(a), Some(b)] = listeners else { continue };
            let (one, other) = (of_pair(stack, group, a), of_pair(stack, group, b));
            let meets = one.iter().any(|arn| other.contains(arn));
            // Once there was a deployment, CodeDeploy says where they lead.
            let is_first = !group.object().exists || stack.is_new(group);
            if is_first && is_clear && !one.is_empty() && !other.is_empty() && !meets {
                let text = format!("{b} starts with another target group than {a}. Before the first deployment both must forward to the one the tasks are in: let them forward to the same.");
                found.judge(stack.is_new(a) && stack.is_new(b), &b.block("default_action"), text);
            }
        }
    }
}

/// Target groups of the pair that a listener forwards to, by its default action or a rule.
fn of_pair<'a>(stack: &Stack<'a>, group: &Object<'a>, listener: &Object<'a>) -> Vec<&'a str> {
    let pair = pair_of(group);
    let pair: Vec<_> = pair.iter().filter_map(|name| stack.named(name, "aws_lb_target_group", &["name"])).collect();
    let arns: Vec<_> = pair.iter().filter_map(|target| target.attr("arn").text()).collect();
    let behind = groups_behind(stack, listener);
    behind.iter().filter_map(Place::text).filter(|arn| arns.contains(arn)).collect()
}
