use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::containers;
use crate::preflight::stack::Stack;

rule! {
    /// The `awslogs` driver writes into a log group that must exist. Without it tasks stop with
    /// `ResourceInitializationError: failed to validate logger args`, unless `awslogs-create-group` is on and the
    /// execution role allows `logs:CreateLogGroup`.
    ///
    /// Add an `aws_cloudwatch_log_group`, and refer to its name.
    "K25" "log-group" "Log group does not exist" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for task in stack.all("aws_ecs_task_definition") {
        let at = task.attr("container_definitions");
        for container in containers(task).unwrap_or_default() {
            let Some(group) = container.log_option("awslogs-group") else { continue };
            let makes = container.log_option("awslogs-create-group") == Some("true");
            let is_here = stack.find(group, "aws_cloudwatch_log_group", &["name", "id"]).is_some();
            if makes || is_here {
                continue;
            }
            if stack.account.has(task, "aws_cloudwatch_log_group", group) == Some(false) {
                let text = format!(
                    "Container \"{}\" logs to \"{group}\", which is neither in the stack nor in the account: its tasks would stop with ResourceInitializationError. Add an aws_cloudwatch_log_group of this name.",
                    container.name()
                );
                found.error(&at, text);
            }
        }
    }
}
