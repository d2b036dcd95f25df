use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{controller, names};
use crate::preflight::stack::Stack;

rule! {
    /// A service with the controller `CODE_DEPLOY` takes new revisions from CodeDeploy alone, through one deployment
    /// group that names cluster and service. Without a group it can never be deployed again; CodeDeploy refuses a second
    /// group for the same service.
    ///
    /// Add one `aws_codedeploy_deployment_group` with an `ecs_service` block for it.
    "K11" "deployment-group" "Service without its deployment group" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let groups = stack.all("aws_codedeploy_deployment_group");
    for service in stack.all("aws_ecs_service").iter().filter(|service| controller(service) == "CODE_DEPLOY") {
        if stack.is_whole && groups.iter().all(|group| names(stack, group, service) == Some(false)) {
            let text = format!(
                "{service} can only be deployed through CodeDeploy, and no deployment group of the stack names it. Add an aws_codedeploy_deployment_group with `ecs_service {{ cluster_name = …, service_name = … }}`."
            );
            found.warning(&service.block("deployment_controller"), text);
        }
        let mut its = groups.iter().filter(|group| names(stack, group, service) == Some(true));
        let Some(first) = its.next() else { continue };
        for group in its {
            let text = format!("{first} names {service} already, and CodeDeploy allows one group for a service. Remove one of them.");
            found.error(&group.block("ecs_service"), text);
        }
    }
}
