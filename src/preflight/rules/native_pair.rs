use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{forwards_to, is_of_kind};
use crate::preflight::stack::{Place, Stack};

rule! {
    /// ECS's own blue/green moves the traffic between `target_group_arn` and `alternate_target_group_arn`. Behind an
    /// application load balancer it must find both of them before the first deployment: both in the rule that
    /// `production_listener_rule` names, the second with weight 0, or each in one of that and the `test_listener_rule`. ECS
    /// refuses the service otherwise: "testListenerRule is required when productionListenerRule is not associated with both
    /// targetGroup and alternateTargetGroup".
    ///
    /// ```hcl
    /// action {
    ///   type = "forward"
    ///   forward {
    ///     target_group {
    ///       arn    = aws_lb_target_group.blue.arn
    ///       weight = 100
    ///     }
    ///     target_group {
    ///       arn    = aws_lb_target_group.green.arn
    ///       weight = 0
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// The listener of a network load balancer forwards to the first alone to begin with.
    "K46" "native-pair" "Listener rule without one of the two target groups" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for service in stack.all("aws_ecs_service") {
        for balancer in service.items("load_balancer") {
            let advanced = balancer.block("advanced_configuration");
            let production = advanced.attr("production_listener_rule");
            let rules = [Some(production.clone()), Some(advanced.attr("test_listener_rule")).filter(|one| !one.is_absent())];
            let Some(named) = named(stack, rules.into_iter().flatten()) else { continue };
            for name in [balancer.attr("target_group_arn"), advanced.attr("alternate_target_group_arn")] {
                let Some(group) = stack.named(&name, "aws_lb_target_group", &["arn", "id"]) else { continue };
                if group.attr("arn").text().is_some_and(|arn| !named.contains(&arn)) {
                    found.judge(stack.is_new(service), &production, format!("Neither the production rule of {service} nor a test rule forwards to {group}, so ECS refuses the service. Name both target groups in the `forward` of the production rule, this one with weight 0."));
                }
            }
        }
    }
}

/// Target groups that these rules of application load balancers forward to; `None` where one of them is not known.
fn named<'a>(stack: &Stack<'a>, rules: impl Iterator<Item = Place<'a>>) -> Option<Vec<&'a str>> {
    let mut all = Vec::new();
    for arn in rules {
        let rule = stack.named(&arn, "aws_lb_listener_rule", &["arn", "id"])?;
        let listener = stack.named(&rule.attr("listener_arn"), "aws_lb_listener", &["arn", "id"]);
        let is_other = listener.is_some_and(|listener| is_of_kind(stack, listener, "application") == Some(false));
        if is_other || rule.attr("action").is_undecided() {
            return None;
        }
        for action in rule.items("action") {
            let forward = action.block("forward");
            let says = |arn: &Place<'_>| !stack.is_unclear(arn, "aws_lb_target_group", &["arn", "id"]);
            let is_clear = says(&action.attr("target_group_arn"))
                && !forward.attr("target_group").is_undecided()
                && forward.items("target_group").iter().all(|group| says(&group.attr("arn")));
            if !is_clear {
                return None;
            }
            all.extend(forwards_to(&action).iter().filter_map(Place::text));
        }
    }
    Some(all)
}
