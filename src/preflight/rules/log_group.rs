use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{containers, running};
use crate::preflight::stack::{Object, Stack};

rule! {
    /// The `awslogs` driver writes into a log group that must exist. Without it tasks stop with
    /// `ResourceInitializationError: failed to validate logger args`, unless `awslogs-create-group` is on and the
    /// execution role allows `logs:CreateLogGroup`.
    ///
    /// Add an `aws_cloudwatch_log_group`, and refer to its name. While no service of the stack runs the task, a finding is a
    /// warning.
    "K25" "log-group" "Log group does not exist" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for task in stack.all("aws_ecs_task_definition") {
        let at = task.attr("container_definitions");
        for container in containers(task).unwrap_or_default() {
            let (group, region) = (container.log_option("awslogs-group"), container.log_option("awslogs-region"));
            // Without a region the one of the instance is meant.
            let Some((group, region)) = group.zip(region) else { continue };
            let makes = container.log_option("awslogs-create-group") == Some("true");
            let is_here = stack.find(group, "aws_cloudwatch_log_group", &["name", "id"]).is_some();
            if makes || is_here || !stack.is_whole {
                continue;
            }
            if stack.account.has_in(Some(region), task, "aws_cloudwatch_log_group", group) == Some(false) {
                let text = format!(
                    "Container \"{}\" logs to \"{group}\", which is neither in the stack nor in {region}: its tasks would stop with ResourceInitializationError. Add an aws_cloudwatch_log_group of this name.",
                    container.name()
                );
                found.judge(is_run(stack, task), &at, text);
            }
        }
    }
}

/// Whether a service of the stack runs tasks of it at once.
fn is_run(stack: &Stack<'_>, task: &Object<'_>) -> bool {
    let mut running = running(stack).filter(|(_, one, _)| *one == task);
    running.any(|(service, ..)| service.attr("desired_count").int().is_some_and(|tasks| tasks > 0))
}
