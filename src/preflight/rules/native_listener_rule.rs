use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::is_of_kind;
use crate::preflight::stack::Stack;

rule! {
    /// ECS's own blue/green moves the weights of a listener *rule*: `production_listener_rule` and `test_listener_rule`
    /// take the ARN of a rule for an application load balancer (`…:listener-rule/app/…`; the default rule has one too),
    /// and that of a listener for a network load balancer only. ECS says "Must be RuleArn for ALB or ListenerArn for NLB"
    /// otherwise.
    ///
    /// Make an `aws_lb_listener_rule` that forwards to both target groups, and give its `arn`.
    "K45" "native-listener-rule" "Listener given where a rule is needed" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for service in stack.all("aws_ecs_service") {
        for balancer in service.items("load_balancer") {
            let advanced = balancer.block("advanced_configuration");
            for name in ["production_listener_rule", "test_listener_rule"] {
                let at = advanced.attr(name);
                let here = stack.named(&at, "aws_lb_listener", &["arn", "id"]);
                let of_application = here.is_some_and(|listener| is_of_kind(stack, listener, "application") == Some(true));
                let is_listener = of_application || at.given().is_some_and(|arn| arn.contains(":listener/app/"));
                if is_listener {
                    found.error(&at, format!("`{name}` of {service} is given a listener. An application load balancer needs the ARN of a rule: that of an aws_lb_listener_rule."));
                }
            }
        }
    }
}
