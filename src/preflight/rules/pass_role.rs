use crate::preflight::rule::{Findings, rule};
use crate::preflight::roles::role;
use crate::preflight::services::{service_of, task_of};
use crate::preflight::stack::Stack;

rule! {
    /// CodeDeploy starts tasks with the task's roles, and may do that only with `iam:PassRole`. `AWSCodeDeployRoleForECS`
    /// has it for every role; `AWSCodeDeployRoleForECSLimited` only for roles named `ecsTaskExecutionRole` or
    /// `ECSTaskExecution…`; policies of your own have it when you write it.
    ///
    /// Of a role that exists a finding is a warning: what is attached to it elsewhere is not looked at.
    ///
    /// The deployment fails at Install otherwise: "… is not authorized to perform: iam:PassRole". Attach
    /// `AWSCodeDeployRoleForECS`, or allow `iam:PassRole` for the task role and the execution role.
    "K23" "pass-role" "CodeDeploy may not pass the task's roles" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for group in stack.all("aws_codedeploy_deployment_group") {
        let at = group.attr("service_role_arn");
        let Some((role_of_group, service)) = role(stack, &at).zip(service_of(stack, group)) else { continue };
        let Some(task) = task_of(stack, service) else { continue };
        let passed = ["execution_role_arn", "task_role_arn"].iter().find(|name| !task.attr(name).is_absent());
        if passed.is_some() && !role_of_group.lacks(&["iam:PassRole"]).is_empty() {
            let text = format!(
                "{} deploys {service} and may not pass the roles of {task} (iam:PassRole). Attach AWSCodeDeployRoleForECS, or allow iam:PassRole on them.",
                role_of_group.object
            );
            found.judge(role_of_group.is_new, &at, text);
        }
    }
}
