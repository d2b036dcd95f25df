use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{groups_behind, is_same, pair_of};
use crate::preflight::stack::{Object, Place, Stack};

rule! {
    /// A target group belongs to one load balancer at most. When one of the pair is behind another load balancer than
    /// the listener that CodeDeploy moves, the deployment fails half-way: the group "cannot be associated with more than
    /// one load balancer".
    ///
    /// Use target groups of its own for each service.
    "K16" "pair-elsewhere" "Target group belongs to another load balancer" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for group in stack.all("aws_codedeploy_deployment_group") {
        let info = group.block("load_balancer_info").block("target_group_pair_info");
        let listeners = info.block("prod_traffic_route").items("listener_arns");
        let listener = listeners.first().and_then(|arn| stack.named(arn, "aws_lb_listener", &["arn", "id"]));
        let Some(balancer) = listener.map(|listener| listener.attr("load_balancer_arn")) else { continue };
        for name in pair_of(group) {
            let Some(target) = stack.named(&name, "aws_lb_target_group", &["name"]) else { continue };
            if let Some(other) = elsewhere(stack, target, &balancer) {
                let text = format!(
                    "{target} is behind {other}, and {group} moves traffic on another load balancer. Use a target group of its own."
                );
                found.error(&name, text);
            }
        }
    }
}

/// Another load balancer that has the target group, in the stack or in the account.
fn elsewhere(stack: &Stack<'_>, target: &Object<'_>, balancer: &Place<'_>) -> Option<String> {
    let arn = target.attr("arn");
    let forwards = |listener: &&Object<'_>| groups_behind(stack, listener).iter().any(|one| is_same(one, &arn));
    // Of two texts that only apply will tell, both may name the same load balancer.
    let is_clear = |arn: &Place<'_>| arn.text().is_some() && !stack.is_unclear(arn, "aws_lb", &["arn", "id"]);
    let is_other = |listener: &&Object<'_>| {
        let own = listener.attr("load_balancer_arn");
        is_clear(&own) && !is_same(&own, balancer)
    };
    if !is_clear(balancer) {
        return None;
    }
    if let Some(listener) = stack.all("aws_lb_listener").iter().filter(is_other).find(forwards) {
        return Some(format!("the load balancer of {listener}"));
    }
    // What exists was read for the plan. It stays so, unless the plan takes a listener away.
    let is_stale = !stack.account.is_open() || stack.takes_away(LISTENERS);
    let all = target.items("load_balancer_arns");
    let other = all.iter().filter_map(Place::given).find(|one| balancer.given().is_some_and(|balancer| balancer != *one))?;
    (!is_stale).then(|| format!("the load balancer {other}"))
}

/// What keeps a target group on a load balancer.
const LISTENERS: &[&str] =
    &["aws_lb", "aws_alb", "aws_lb_listener", "aws_alb_listener", "aws_lb_listener_rule", "aws_alb_listener_rule"];
