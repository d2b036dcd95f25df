use crate::plan::imagine::is_made_up;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{Container, running};
use crate::preflight::stack::Stack;

rule! {
    /// A service names a container and a port of it for its load balancer. Both must be in the task definition: the name
    /// exactly as in `container_definitions`, the port among that container's `portMappings`. ECS refuses the service
    /// otherwise: "The container web does not exist in the task definition", or "The container web did not have a
    /// container port 8080 defined".
    ///
    /// The same name and port belong into `appspec.yaml`, when a pipeline brings one.
    "K03" "container-port" "Container or port not in the task definition" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for (service, task, containers) in running(stack) {
        for balancer in service.items("load_balancer") {
            let (name, port) = (balancer.attr("container_name"), balancer.attr("container_port"));
            let Some(wanted) = name.text() else { continue };
            let Some(container) = containers.iter().find(|one| one.name() == wanted) else {
                if is_made_up(wanted) || containers.iter().any(|one| is_made_up(one.name())) {
                    continue;
                }
                let names: Vec<&str> = containers.iter().map(Container::name).collect();
                let text = format!(
                    "There is no container \"{wanted}\" in {task} (it has: {}). Use one of these names.",
                    names.join(", ")
                );
                found.error(&name, text);
                continue;
            };
            if !container.has_plain_ports() {
                continue;
            }
            let ports: Vec<i64> = container.ports().into_iter().map(|(port, _)| port).collect();
            let Some(wanted_port) = port.int().filter(|port| !ports.contains(port)) else { continue };
            let publishes = match ports.as_slice() {
                [] => "no port".to_owned(),
                all => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            };
            let text = format!(
                "Container \"{wanted}\" of {task} does not publish port {wanted_port} (it publishes {publishes}). Add it to the container's `portMappings`, or use the port it has."
            );
            found.error(&port, text);
        }
    }
}
