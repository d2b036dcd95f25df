use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{is_fargate, running};
use crate::preflight::stack::{Object, Stack};

rule! {
    /// In network mode `bridge` a fixed host port can be used by one task on an instance. During a deployment old and
    /// new tasks need places at once: with as many tasks as instances nothing can be placed ("no container instance met
    /// all of its requirements … port in use").
    ///
    /// The rule keeps silent where tasks are spread over instances on purpose (`distinctInstance`), or where old tasks may
    /// stop before new ones start (`deployment_minimum_healthy_percent` below 100).
    ///
    /// Set the host port to 0: ECS chooses a free one and tells the load balancer.
    "K43" "host-port" "Fixed host port with several tasks" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for (service, task, containers) in running(stack) {
        let mode = task.attr("network_mode");
        let is_bridge = mode.given().map_or(!mode.is_said(), |mode| mode == "bridge");
        let several = service.attr("desired_count").int().is_some_and(|tasks| tasks > 1);
        if !is_bridge || !several || is_meant(service) || is_fargate(service, Some(task)) {
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

/// Whether the service says how its tasks get along on their instances.
fn is_meant(service: &Object<'_>) -> bool {
    let mut constraints = service.items("placement_constraints").into_iter();
    let least = service.attr("deployment_minimum_healthy_percent");
    constraints.any(|one| one.attr("type").text() == Some("distinctInstance"))
        || service.attr("scheduling_strategy").text() == Some("DAEMON")
        || least.int().map_or(least.is_undecided(), |least| least < 100)
}
