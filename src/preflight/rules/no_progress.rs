use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::controller;
use crate::preflight::stack::Stack;

rule! {
    /// A rolling deployment stops old tasks down to the minimum and starts new ones up to the maximum. When the maximum
    /// leaves no room above the minimum, ECS may neither stop nor start a task, and the deployment hangs until it times
    /// out: with one task, 100 % and 150 %, since half a task cannot be started.
    ///
    /// Set `deployment_maximum_percent` to 200, or lower `deployment_minimum_healthy_percent`.
    "K42" "no-progress" "Deployment that can never move" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for service in stack.all("aws_ecs_service") {
        let (least, most) = (service.attr("deployment_minimum_healthy_percent"), service.attr("deployment_maximum_percent"));
        // Other strategies start the new tasks beside the old ones.
        let strategy = service.block("deployment_configuration").attr("strategy");
        let is_rolling = controller(service) == "ECS"
            && service.attr("scheduling_strategy").text() != Some("DAEMON")
            && !service.attr("deployment_configuration").is_undecided()
            && (strategy.is_absent() || strategy.text() == Some("ROLLING"));
        let known = least.int().zip(most.int()).zip(service.attr("desired_count").int()).filter(|_| is_rolling);
        let Some(((low, high), tasks)) = known.filter(|(_, tasks)| *tasks > 0) else { continue };
        let (floor, ceiling) = ((low * tasks + 99) / 100, high * tasks / 100);
        if ceiling <= floor && floor >= tasks {
            found.error(&most, format!("With {tasks} tasks, a minimum of {low} % and a maximum of {high} %, ECS may neither stop an old task nor start a new one. Set `deployment_maximum_percent` to 200."));
        }
    }
}
