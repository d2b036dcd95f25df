use crate::plan::imagine::is_made_up;
use crate::preflight::roles::role;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::containers;
use crate::preflight::stack::Stack;

rule! {
    /// Secrets of a container are read by the execution role before the task starts: it needs `ssm:GetParameters` for
    /// parameters, `secretsmanager:GetSecretValue` for secrets, and `kms:Decrypt` for keys of your own.
    /// `AmazonECSTaskExecutionRolePolicy` has none of them. A finding is an error for parameters and a role that is yet to be
    /// made; else a warning, since the secret's own policy, or one attached elsewhere, may allow it. The task stops with `ResourceInitializationError` otherwise.
    ///
    /// Allow the execution role those actions, by a policy that names the secrets.
    "001-28" "secret-permissions" "Execution role may not read the secrets" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for task in stack.all("aws_ecs_task_definition") {
        let at = task.attr("execution_role_arn");
        let Some((role, containers)) = role(stack, &at).zip(containers(task)) else { continue };
        for container in &containers {
            for (name, from) in container.secrets() {
                let Some((action, place)) = source(from) else { continue };
                if !role.lacks(&[action]).is_empty() {
                    let text = format!(
                        "Secret \"{name}\" of container \"{}\" comes from {place}, and {}, the execution role, may not read it. Allow {action} on it.",
                        container.name(),
                        role.object
                    );
                    // A secret may have a policy of its own that lets the role in.
                    found.judge(role.is_new && place == "SSM", &at, text);
                }
            }
        }
    }
}

/// What reading a secret takes, and where it is; `None` when that cannot be told.
fn source(from: &str) -> Option<(&'static str, &'static str)> {
    if from.contains(":secretsmanager:") || from.contains("aws_secretsmanager_secret") {
        return Some(("secretsmanager:GetSecretValue", "Secrets Manager"));
    }
    let is_parameter = from.contains(":ssm:") || from.contains("aws_ssm_parameter");
    let is_name = !is_made_up(from) && !from.starts_with("arn:");
    (is_parameter || is_name).then_some(("ssm:GetParameters", "SSM"))
}
