use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;

rule! {
    /// A CodeDeploy application is for one platform, and the default is `Server`: EC2 instances. A group that names an
    /// ECS service is refused in such an application: "For ECS deployment group, ecsServices, … can be specified only
    /// for applications with compute platform ECS".
    ///
    /// Set `compute_platform = "ECS"` on the application. This replaces it.
    "K13" "compute-platform" "Application of another platform" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for group in stack.all("aws_codedeploy_deployment_group").iter().filter(|group| !group.block("ecs_service").is_absent()) {
        let Some(app) = stack.named(&group.attr("app_name"), "aws_codedeploy_app", &["name"]) else { continue };
        let platform = app.attr("compute_platform");
        if platform.text().is_some_and(|platform| platform != "ECS") {
            let text = format!(
                "{group} names an ECS service, and {app} is for the platform {}. Set `compute_platform = \"ECS\"`; this replaces the application.",
                platform.text().unwrap_or_default()
            );
            found.error(&platform, text);
        }
    }
}
