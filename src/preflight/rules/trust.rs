use crate::preflight::roles::role;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::controller;
use crate::preflight::stack::{Place, Stack};

rule! {
    /// Permissions say what a role may do; its trust policy says who may take it on. A role that CodeDeploy, ECS tasks or
    /// ECS itself shall use must trust that service: `codedeploy.amazonaws.com`, `ecs-tasks.amazonaws.com` or
    /// `ecs.amazonaws.com`; a name with a region in it, or that of China, will do. Otherwise: "… is unable to assume the role".
    ///
    /// Add the service to `Principal` in the role's `assume_role_policy`.
    "004-2" "trust" "Role does not trust the service that uses it" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    let mut uses: Vec<(Place<'_>, &str, &str)> = Vec::new();
    for group in stack.all("aws_codedeploy_deployment_group") {
        uses.push((group.attr("service_role_arn"), "CodeDeploy", "codedeploy.amazonaws.com"));
    }
    for task in stack.all("aws_ecs_task_definition") {
        uses.push((task.attr("execution_role_arn"), "ECS tasks", "ecs-tasks.amazonaws.com"));
        uses.push((task.attr("task_role_arn"), "ECS tasks", "ecs-tasks.amazonaws.com"));
    }
    for service in stack.all("aws_ecs_service").iter().filter(|service| controller(service) == "ECS") {
        for balancer in service.items("load_balancer") {
            uses.push((balancer.block("advanced_configuration").attr("role_arn"), "ECS", "ecs.amazonaws.com"));
        }
    }
    for (place, user, principal) in uses {
        let Some(role) = role(stack, &place) else { continue };
        let Some(trusted) = role.trusts() else { continue };
        if !trusted.iter().any(|one| is_it(one, principal)) {
            let whom = if trusted.is_empty() { "no service".to_owned() } else { trusted.join(", ") };
            let text = format!("{} is used by {user} and trusts {whom}. Add {principal} to its trust policy.", role.object);
            found.error(&place, text);
        }
    }
}

/// Whether a trusted service is this one: everywhere, in a region, or in a partition with names of its own.
fn is_it(trusted: &str, principal: &str) -> bool {
    const DOMAIN: &str = ".amazonaws.com";
    let short = principal.strip_suffix(DOMAIN).unwrap_or(principal);
    let trusted = trusted.strip_suffix(".cn").unwrap_or(trusted);
    let Some(name) = trusted.strip_suffix(DOMAIN) else { return trusted == "*" };
    name == short || name.strip_prefix(short).is_some_and(|region| region.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_several_names() {
        let names = ["codedeploy", "codedeploy.eu-west-1"];
        for name in names.iter().flat_map(|name| [format!("{name}.amazonaws.com"), format!("{name}.amazonaws.com.cn")]) {
            assert!(is_it(&name, "codedeploy.amazonaws.com"), "{name}");
        }
        assert!(is_it("*", "ecs.amazonaws.com"));
        assert!(!is_it("ecs-tasks.amazonaws.com", "ecs.amazonaws.com"));
        assert!(!is_it("ec2.amazonaws.com", "codedeploy.amazonaws.com"));
    }
}
