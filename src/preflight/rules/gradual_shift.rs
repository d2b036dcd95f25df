use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::is_of_kind;
use crate::preflight::stack::{Object, Place, Stack};

rule! {
    /// Only an application load balancer can give part of the traffic to a new revision. Behind a network load balancer
    /// CodeDeploy takes `CodeDeployDefault.ECSAllAtOnce` alone; canary and linear configurations are refused.
    ///
    /// Use that configuration, or put the service behind an application load balancer.
    "K18" "gradual-shift" "Gradual shift behind a network load balancer" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for group in stack.all("aws_codedeploy_deployment_group") {
        let config = group.attr("deployment_config_name");
        let listeners = group.block("load_balancer_info").block("target_group_pair_info").block("prod_traffic_route").items("listener_arns");
        let is_network = listeners.iter().any(|arn| is_network(stack, arn));
        if is_network && is_gradual(stack, &config) {
            let name = config.given().unwrap_or("The configuration");
            found.error(&config, format!("{name} moves traffic step by step, and the listener of {group} belongs to a network load balancer, which cannot. Use CodeDeployDefault.ECSAllAtOnce."));
        }
    }
}

fn is_network(stack: &Stack<'_>, arn: &Place<'_>) -> bool {
    let Some(listener) = stack.named(arn, "aws_lb_listener", &["arn", "id"]) else {
        return arn.given().is_some_and(|arn| arn.contains(":listener/net/"));
    };
    is_of_kind(stack, listener, "network") == Some(true)
}

fn is_gradual(stack: &Stack<'_>, config: &Place<'_>) -> bool {
    let own = stack.named(config, "aws_codedeploy_deployment_config", &["deployment_config_name", "id"]);
    let routing = |own: &Object<'_>| own.block("traffic_routing_config").attr("type").text().is_some_and(|kind| kind != "AllAtOnce");
    // What a configuration made elsewhere does, its name does not tell.
    let of_aws = |name: &str| ["Canary", "Linear"].iter().any(|kind| name.starts_with(&format!("CodeDeployDefault.ECS{kind}")));
    own.map_or_else(|| config.given().is_some_and(of_aws), routing)
}
