use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{Container, running};
use crate::preflight::stack::Stack;

rule! {
    /// A load balancer checks a task as soon as it runs. While `health_check_grace_period_seconds` is 0, which is the
    /// default, ECS stops a task that is not yet healthy: an application that takes longer to start than the health
    /// check allows never comes up.
    ///
    /// Set the grace period to the time the application needs to start. This rule speaks when the container's own health
    /// check gives it a `startPeriod`, and the service gives it none.
    "K09" "grace-period" "No time to start" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for (service, task, containers) in running(stack) {
        let grace = service.attr("health_check_grace_period_seconds");
        let is_given = grace.int().map_or(grace.is_said(), |seconds| seconds > 0);
        let balancers = service.items("load_balancer");
        let is_behind = |one: &&Container| balancers.iter().any(|block| block.attr("container_name").text() == Some(one.name()));
        let slowest = containers.iter().filter(is_behind).max_by_key(|one| one.start_period());
        if let Some(container) = slowest.filter(|one| one.start_period() > 0 && !is_given) {
            let text = format!(
                "Container \"{}\" of {task} gets {} seconds to start by its own health check, but the load balancer of {service} judges it at once, and ECS stops what it finds unhealthy. Set `health_check_grace_period_seconds`.",
                container.name(),
                container.start_period()
            );
            found.warning(&grace, text);
        }
    }
}
