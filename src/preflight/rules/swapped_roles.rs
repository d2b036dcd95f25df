use crate::preflight::roles::role;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{Container, containers, is_private};
use crate::preflight::stack::Stack;

rule! {
    /// The execution role is what ECS uses to start a task: to pull the image, to write logs, to read secrets. The task
    /// role is what the application uses. When the task role can pull images from ECR and the execution role cannot, the two are
    /// most likely swapped, and tasks stop with `CannotPullContainerError`.
    ///
    /// Exchange `execution_role_arn` and `task_role_arn`, or attach `AmazonECSTaskExecutionRolePolicy` to the execution role.
    "001-9" "swapped-roles" "Task role and execution role look swapped" check
}

const PULL: &[&str] = &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for task in stack.all("aws_ecs_task_definition") {
        let (at, other) = (task.attr("execution_role_arn"), task.attr("task_role_arn"));
        let Some((execution, own)) = role(stack, &at).zip(role(stack, &other)) else { continue };
        let pulls = containers(task).unwrap_or_default().iter().filter_map(Container::image).any(is_private);
        let is_swapped = execution.object != own.object && !execution.lacks(PULL).is_empty() && PULL.iter().all(|action| own.may(action));
        if is_swapped && pulls {
            let text = format!(
                "{}, the execution role of {task}, cannot pull images from ECR, but {}, its task role, can. It looks like the two are swapped.",
                execution.object, own.object
            );
            found.warning(&at, text);
        }
    }
}
