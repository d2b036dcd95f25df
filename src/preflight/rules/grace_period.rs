use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::running;
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
        if service.items("load_balancer").is_empty() || grace.int().unwrap_or(0) > 0 {
            continue;
        }
        let slowest = containers.iter().max_by_key(|one| one.start_period());
        if let Some(container) = slowest.filter(|one| one.start_period() > 0) {
            let text = format!(
                "Container \"{}\" of {task} gets {} seconds to start by its own health check, but the load balancer of {service} judges it at once, and ECS stops what it finds unhealthy. Set `health_check_grace_period_seconds`.",
                container.name(),
                container.start_period()
            );
            found.warning(&grace, text);
        }
    }
}
