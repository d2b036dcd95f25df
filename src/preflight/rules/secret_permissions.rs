use crate::preflight::roles::role;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::containers;
use crate::preflight::stack::Stack;

rule! {
    /// Secrets of a container are read by the execution role before the task starts: it needs `ssm:GetParameters` for
    /// parameters, `secretsmanager:GetSecretValue` for secrets, and `kms:Decrypt` for keys of your own.
    /// `AmazonECSTaskExecutionRolePolicy` has none of them. The task stops with `ResourceInitializationError` otherwise.
    "001-28" "secret-permissions" "Execution role may not read the secrets" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for task in stack.all("aws_ecs_task_definition") {
        let at = task.attr("execution_role_arn");
        let Some((role, containers)) = role(stack, &at).zip(containers(task)) else { continue };
        for container in &containers {
            for (name, from) in container.secrets() {
                let is_secret = from.contains(":secretsmanager:") || from.contains("aws_secretsmanager_secret");
                let (action, place) = if is_secret {
                    ("secretsmanager:GetSecretValue", "Secrets Manager")
                } else {
                    ("ssm:GetParameters", "SSM")
                };
                if !role.lacks(&[action]).is_empty() {
                    let text = format!(
                        "Secret \"{name}\" of container \"{}\" comes from {place}, and {}, the execution role, may not read it. Allow {action} on it.",
                        container.name(),
                        role.object
                    );
                    found.error(&at, text);
                }
            }
        }
    }
}
