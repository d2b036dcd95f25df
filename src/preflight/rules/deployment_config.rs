use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;

rule! {
    /// Deployment configurations belong to a platform. The default of CodeDeploy, `CodeDeployDefault.OneAtATime`, is for
    /// EC2 instances and is refused for a group that names an ECS service; so is a configuration of your own with
    /// another `compute_platform`.
    ///
    /// Use one whose name starts with `CodeDeployDefault.ECS`, such as `CodeDeployDefault.ECSAllAtOnce`, or make an
    /// `aws_codedeploy_deployment_config` with `compute_platform = "ECS"`.
    "K12" "deployment-config" "Deployment configuration of another platform" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let for_ecs = stack.all("aws_codedeploy_deployment_group").iter().filter(|group| !group.block("ecs_service").is_absent());
    for group in for_ecs {
        let config = group.attr("deployment_config_name");
        let Some(own) = stack.named(&config, "aws_codedeploy_deployment_config", &["deployment_config_name", "id"]) else { continue };
        let platform = own.attr("compute_platform");
        if platform.text().is_some_and(|platform| platform != "ECS") {
            let text = format!(
                "{group} deploys an ECS service, and {own} is for the platform {}. Set `compute_platform = \"ECS\"` there.",
                platform.text().unwrap_or_default()
            );
            found.error(&config, text);
        }
    }
}
