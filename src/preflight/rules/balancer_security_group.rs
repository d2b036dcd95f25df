use crate::preflight::network::{Direction, Traffic, admits, groups, has_no_rules, of_listener, of_targets};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{Source, balancers_of, target_group};
use crate::preflight::stack::{Object, Stack};

rule! {
    /// A load balancer answers on a listener's port only when a security group of it lets that port in. And it reaches
    /// its targets only when a group lets the container's port out: a group made from stack files has no rule for what
    /// goes out unless the files say one, unlike one made in the console.
    ///
    /// Add an ingress rule for each listener's port, and an egress rule (to everywhere, or to the tasks' group). A closed
    /// port of a listener is a warning: those who may come in may be named by another stack.
    "K07" "balancer-security-group" "Load balancer's security group is closed" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for balancer in stack.all("aws_lb") {
        let ids = balancer.items("security_groups");
        let Some(groups) = groups(stack, &ids).filter(|groups| !groups.is_empty()) else { continue };
        for listener in stack.that_name("aws_lb_listener", "load_balancer_arn", balancer.attr("arn").text()) {
            let Some(port) = listener.attr("port").int() else { continue };
            let protocols = of_listener(&listener.attr("protocol"));
            let traffic = Traffic { direction: Direction::In, protocols, port, peers: None };
            if groups.iter().all(|group| admits(stack, group, traffic) == Some(false)) {
                let text = format!(
                    "{listener} listens on port {port}, and no security group of {balancer} lets that in. Add an ingress rule for port {port}."
                );
                found.warning(&listener.attr("port"), text);
            }
        }
    }
    for service in stack.all("aws_ecs_service") {
        for source in balancers_of(stack, service) {
            check_way_out(stack, service, &source, found);
        }
    }
}

fn check_way_out<'a>(stack: &Stack<'a>, service: &Object<'a>, source: &Source<'a>, found: &mut Findings) {
    let Source { balancer, group, port } = source;
    let tasks = service.block("network_configuration").items("security_groups");
    let ids = balancer.items("security_groups");
    let Some(groups) = groups(stack, &ids).filter(|groups| !groups.is_empty() && !tasks.is_empty()) else { return };
    let protocols = target_group(stack, group).map_or(&[][..], |group| of_targets(&group.attr("protocol")));
    let traffic = Traffic { direction: Direction::Out, protocols, port: *port, peers: Some(&tasks) };
    if protocols.is_empty() || !groups.iter().all(|group| admits(stack, group, traffic) == Some(false)) {
        return;
    }
    let why = if groups.iter().all(|group| has_no_rules(stack, group, Direction::Out)) {
        "its security groups have no egress rule, so nothing leaves"
    } else {
        "none of its security groups lets that out"
    };
    let text = format!(
        "{balancer} has to reach tasks of {service} on port {port}, and {why}. Add an egress rule for port {port} to the security group of the tasks."
    );
    found.judge(groups.iter().all(|group| stack.is_new(group)), &balancer.attr("security_groups"), text);
}
