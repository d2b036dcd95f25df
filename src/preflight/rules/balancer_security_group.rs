use crate::preflight::network::{Direction, admits, groups, has_rules};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::balancers_of;
use crate::preflight::stack::{Object, Place, Stack};

rule! {
    /// A load balancer answers on a listener's port only when a security group of it lets that port in. And it reaches
    /// its targets only when a group lets the container's port out: a group made from stack files has no rule for what
    /// goes out unless the files say one, unlike one made in the console.
    ///
    /// Add an ingress rule for each listener's port, and an egress rule (to everywhere, or to the tasks' group).
    "K07" "balancer-security-group" "Load balancer's security group is closed" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for balancer in stack.all("aws_lb") {
        let ids = balancer.items("security_groups");
        let Some(groups) = groups(stack, &ids).filter(|groups| !groups.is_empty()) else { continue };
        for listener in stack.that_name("aws_lb_listener", "load_balancer_arn", balancer.attr("arn").text()) {
            let Some(port) = listener.attr("port").int() else { continue };
            let is_shut = |group: &&Object<'_>| {
                let own = group.attr("id").text();
                // Anybody may be let in: which addresses are meant is not for this rule to say.
                let anybody: Vec<&str> = stack.all("aws_security_group").iter().filter_map(|one| one.attr("id").text()).chain(own).collect();
                admits(stack, group, Direction::In, port, &anybody) == Some(false)
            };
            if groups.iter().all(is_shut) {
                let text = format!(
                    "{listener} listens on port {port}, and no security group of {balancer} lets that in. Add an ingress rule for port {port}."
                );
                found.error(&listener.attr("port"), text);
            }
        }
    }
    for service in stack.all("aws_ecs_service") {
        let ids = service.block("network_configuration").items("security_groups");
        let tasks: Vec<&str> = ids.iter().filter_map(Place::text).collect();
        for (balancer, port) in balancers_of(stack, service) {
            let ids = balancer.items("security_groups");
            let Some(groups) = groups(stack, &ids).filter(|groups| !groups.is_empty()) else { continue };
            let is_shut = |group: &&Object<'_>| admits(stack, group, Direction::Out, port, &tasks) == Some(false);
            if groups.iter().all(is_shut) {
                let why = if groups.iter().any(|group| has_rules(stack, group, Direction::Out)) {
                    "none of its security groups lets that out"
                } else {
                    "its security groups have no egress rule, so nothing leaves"
                };
                let text = format!(
                    "{balancer} has to reach tasks of {service} on port {port}, and {why}. Add an egress rule for port {port} to the security group of the tasks."
                );
                found.error(&balancer.attr("security_groups"), text);
            }
        }
    }
}
