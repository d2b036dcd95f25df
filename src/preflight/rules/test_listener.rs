use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{forwards_to, is_same};
use crate::preflight::stack::{Object, Stack};

rule! {
    /// The test listener shows a new revision before it gets traffic. It must be another listener than the one for
    /// production, and before the first deployment both must forward to the target group that the tasks are in:
    /// CodeDeploy says "Primary taskset target group must be behind listener" otherwise.
    ///
    /// Let both forward to the first target group of the pair; CodeDeploy moves them from then on.
    "K17" "test-listener" "Test listener does not fit" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
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
            if let Some((one, other)) = first_group(a).zip(first_group(b))
                && one != other
            {
                let text = format!("{b} starts with another target group than {a}. Before the first deployment both must forward to the one the tasks are in: let them forward to the same.");
                found.error(&b.block("default_action"), text);
            }
        }
    }
}

/// The group that a listener's default action starts with, when it starts with one alone.
fn first_group<'a>(listener: &Object<'a>) -> Option<&'a str> {
    let action = listener.items("default_action").into_iter().next_back()?;
    match forwards_to(&action).as_slice() {
        [one] => one.text(),
        _ => None,
    }
}
