use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{running, target_group};
use crate::preflight::stack::Stack;

rule! {
    /// Tasks with a network interface of their own (`network_mode = "awsvpc"`, always so on Fargate) register with
    /// their address. A target group takes addresses with `target_type = "ip"` only; the default is `instance`, and ECS
    /// refuses the service: "The provided target group … has target type instance, which is incompatible with the
    /// awsvpc network mode".
    ///
    /// Set `target_type = "ip"` on every target group of the service. This replaces the group.
    "K02" "target-type" "Target group takes no addresses" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for (service, task, _) in running(stack) {
        if task.attr("network_mode").text() != Some("awsvpc") {
            continue;
        }
        for balancer in service.items("load_balancer") {
            let alternate = balancer.block("advanced_configuration").attr("alternate_target_group_arn");
            for arn in [balancer.attr("target_group_arn"), alternate] {
                let Some(group) = target_group(stack, &arn) else { continue };
                let kind = group.attr("target_type");
                if kind.text() == Some("instance") {
                    let text = format!(
                        "Tasks of {task} have addresses of their own (network mode awsvpc), and {group}, which {service} registers them with, takes instances. Set `target_type = \"ip\"`."
                    );
                    found.error(&kind, text);
                }
            }
        }
    }
}
