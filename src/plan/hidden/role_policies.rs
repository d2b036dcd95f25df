//! What takes a role comes after the policies of that role: with the role alone tasks cannot pull their image, and
//! deployments cannot move traffic. A service that is deleted still needs them until its last task has stopped.

use std::collections::HashMap;

use super::Rule;
use super::objects::{Edges, Objects, One};
use super::service::{task_definitions, tasks_of};

pub(super) const RULE: Rule =
    Rule { later: &["aws_ecs_service", "aws_codedeploy_deployment_group"], why: "allows its role", find };

/// Where a service names roles of its own.
const OF_SERVICE: &[&[&str]] = &[
    &["iam_role"],
    &["load_balancer", "advanced_configuration", "role_arn"],
    &["volume_configuration", "managed_ebs_volume", "role_arn"],
    &["service_connect_configuration", "service", "tls", "role_arn"],
];
const OF_TASK: &[&[&str]] = &[&["execution_role_arn"], &["task_role_arn"]];
const OF_GROUP: &[&[&str]] = &[&["service_role_arn"]];

fn find(objects: &Objects<'_>, edges: &mut Edges) {
    let roles = objects.by("aws_iam_role", &[&["arn"], &["name"], &["id"], &["unique_id"]]);
    // A role is its object, or the name in a text.
    let role = |text: &str| match roles.get(text).and_then(|all| all.first()) {
        Some(one) => one.address.to_string(),
        None => text.rsplit('/').next().unwrap_or(text).to_owned(),
    };
    let mut policies: HashMap<String, Vec<One<'_>>> = HashMap::new();
    for type_name in ["aws_iam_role_policy", "aws_iam_role_policy_attachment"] {
        for policy in objects.all(type_name) {
            if let Some(text) = policy.text(&["role"]) {
                policies.entry(role(text)).or_default().push(*policy);
            }
        }
    }
    let mut needs = |later: One<'_>, takes: One<'_>, paths: &[&[&str]]| {
        for text in paths.iter().flat_map(|path| takes.texts(path)) {
            policies.get(&role(text)).into_iter().flatten().for_each(|policy| edges.add(later, *policy));
        }
    };
    let tasks = task_definitions(objects);
    for service in objects.all("aws_ecs_service") {
        needs(*service, *service, OF_SERVICE);
        tasks_of(*service, &tasks).iter().for_each(|task| needs(*service, *task, OF_TASK));
    }
    for group in objects.all("aws_codedeploy_deployment_group") {
        needs(*group, *group, OF_GROUP);
    }
}
