use crate::preflight::roles::role;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::task_of;
use crate::preflight::stack::Stack;

rule! {
    /// `aws ecs execute-command` opens a channel of Session Manager from inside the task, with the task role. Without a
    /// task role, or without the four `ssmmessages` actions, it ends with `TargetNotConnectedException`.
    ///
    /// Allow the task role `ssmmessages:CreateControlChannel`, `CreateDataChannel`, `OpenControlChannel` and `OpenDataChannel`
    /// on `*`.
    "K44" "exec-permissions" "Task role does not allow ECS Exec" check
}

const NEEDED: &[&str] = &[
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
];

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for service in stack.all("aws_ecs_service") {
        let exec = service.attr("enable_execute_command");
        let Some(task) = task_of(stack, service).filter(|_| exec.is_true()) else { continue };
        let at = task.attr("task_role_arn");
        if at.is_absent() {
            found.warning(&exec, format!("{task} has no task role, so shells in its tasks cannot be opened. Give it one that allows {}.", NEEDED.join(", ")));
            continue;
        }
        let Some(role) = role(stack, &at) else { continue };
        let lacks = role.lacks(NEEDED);
        if !lacks.is_empty() {
            found.warning(&exec, format!("{}, the task role of {task}, lacks {}. Add them, or shells in its tasks cannot be opened.", role.object, lacks.join(", ")));
        }
    }
}
