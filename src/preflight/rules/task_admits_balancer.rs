use crate::preflight::network::{Direction, admits, groups};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::balancers_of;
use crate::preflight::stack::{Place, Stack};

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
        for (balancer, port) in balancers_of(stack, service) {
            let ids = balancer.items("security_groups");
            let peers: Vec<&str> = ids.iter().filter_map(Place::text).collect();
            if peers.is_empty() {
                continue;
            }
            let answers: Vec<_> =
                groups_of_tasks.iter().map(|group| admits(stack, group, Direction::In, port, &peers)).collect();
            if answers.iter().all(|answer| *answer == Some(false)) {
                let text = format!(
                    "No security group of {service} lets {balancer} in on port {port}, so health checks time out and tasks are replaced for ever. Add an ingress rule for port {port} from the load balancer's security group."
                );
                found.error(&own, text);
            }
        }
    }
}
