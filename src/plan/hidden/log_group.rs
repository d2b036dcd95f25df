//! Log groups come before what writes into them, and go last: tasks whose group is missing do not start, and a group that
//! is deleted while somebody still writes comes back, without its retention.

use serde_json::Value as Json;

use super::objects::{Edges, Objects};
use super::service::{task_definitions, tasks_of};
use super::{Rule, text};

pub(super) const RULE: Rule =
    Rule { later: &["aws_ecs_service", "aws_ecs_task_definition", "aws_ecs_cluster"], why: "its log group", find };

fn find(objects: &Objects<'_>, edges: &mut Edges) {
    let groups = objects.by("aws_cloudwatch_log_group", &[&["name"], &["id"]]);
    if groups.is_empty() {
        return;
    }
    for task in objects.all("aws_ecs_task_definition") {
        let written = text(task.value, "container_definitions").map(of_containers).unwrap_or_default();
        edges.after(*task, written.iter().map(String::as_str), &groups);
    }
    let tasks = task_definitions(objects);
    for service in objects.all("aws_ecs_service") {
        for task in tasks_of(*service, &tasks) {
            let written = text(task.value, "container_definitions").map(of_containers).unwrap_or_default();
            edges.after(*service, written.iter().map(String::as_str), &groups);
        }
    }
    for cluster in objects.all("aws_ecs_cluster") {
        let exec =
            ["configuration", "execute_command_configuration", "log_configuration", "cloud_watch_log_group_name"];
        edges.after(*cluster, cluster.texts(&exec), &groups);
        // Container Insights writes here from the first minute on.
        let insights = cluster.text(&["name"]).map(|name| format!("/aws/ecs/containerinsights/{name}/performance"));
        edges.after(*cluster, insights.as_deref(), &groups);
    }
}

/// Log groups that containers name.
fn of_containers(json: &str) -> Vec<String> {
    let containers: Vec<Json> = serde_json::from_str(json).unwrap_or_default();
    let group = |one: &Json| one["logConfiguration"]["options"]["awslogs-group"].as_str().map(str::to_owned);
    containers.iter().filter_map(group).collect()
}
