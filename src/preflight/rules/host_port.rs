use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::running;
use crate::preflight::stack::Stack;

rule! {
    /// In network mode `bridge` a fixed host port can be used by one task on an instance. During a deployment old and
    /// new tasks need places at once: with as many tasks as instances nothing can be placed ("no container instance met
    /// all of its requirements … port in use").
    ///
    /// Set the host port to 0: ECS chooses a free one and tells the load balancer.
    "K43" "host-port" "Fixed host port with several tasks" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for (service, task, containers) in running(stack) {
        let mode = task.attr("network_mode").given();
        let is_bridge = mode.is_none() || mode == Some("bridge");
        let several = service.attr("desired_count").int().is_some_and(|tasks| tasks > 1);
        if !is_bridge || !several || task.items("requires_compatibilities").iter().any(|one| one.text() == Some("FARGATE")) {
            continue;
        }
        for container in &containers {
            for port in container.ports().into_iter().filter_map(|(_, host)| host).filter(|port| *port > 0) {
                let text = format!("Container \"{}\" takes port {port} of its instance, and {service} runs several tasks: each needs an instance of its own, during deployments two. Set `hostPort` to 0.", container.name());
                found.warning(&task.attr("container_definitions"), text);
            }
        }
    }
}
