use crate::preflight::network::{Direction, Traffic, admits, groups, of_targets};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{Source, balancers_of, target_group};
use crate::preflight::stack::Stack;

rule! {
    /// The load balancer's health checks come from its own addresses to the port of the container. When no security
    /// group of the service lets them in, every target stays unhealthy (`Target.Timeout`), and ECS stops and starts
    /// tasks for ever.
    ///
    /// Add an ingress rule for the container's port from the load balancer's security group.
    "K06" "task-admits-balancer" "Tasks do not let the load balancer in" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for service in stack.all("aws_ecs_service") {
        let own = service.block("network_configuration").attr("security_groups");
        let ids = service.block("network_configuration").items("security_groups");
        let Some(groups_of_tasks) = groups(stack, &ids).filter(|groups| !groups.is_empty()) else { continue };
        for Source { balancer, group, port } in balancers_of(stack, service) {
            let peers = balancer.items("security_groups");
            let Some(target) = target_group(stack, &group).filter(|_| !peers.is_empty()) else { continue };
            let protocols = of_targets(&target.attr("protocol"));
            let traffic = Traffic { direction: Direction::In, protocols, port, peers: Some(&peers) };
            if groups_of_tasks.iter().all(|group| admits(stack, group, traffic) == Some(false)) {
                let text = format!(
                    "No security group of {service} lets {balancer} in on port {port}, so health checks time out and tasks are replaced for ever. Add an ingress rule for port {port} from the load balancer's security group."
                );
                found.judge(groups_of_tasks.iter().all(|group| stack.is_new(group)), &own, text);
            }
        }
    }
}
