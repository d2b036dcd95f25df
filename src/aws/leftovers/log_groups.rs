//! Log groups that came back: somebody still wrote when they were deleted, or nobody ever made them as a resource.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Found, Look, Place, text};
use crate::resource::Left;

pub(super) const LOOK: Look = Look {
    what: "log groups",
    after: &["aws_cloudwatch_log_group", "aws_ecs_cluster", "aws_ecs_task_definition"],
    find: |place| find(place),
};

fn find<'a>(place: &'a Place<'a>) -> Found<'a> {
    Box::pin(async move {
        let mut left = Vec::new();
        for (name, why) in names(place) {
            let mut pages =
                place.aws.logs.describe_log_groups().log_group_name_prefix(&name).into_paginator().items().send();
            while let Some(group) = pages.next().await {
                if group?.log_group_name() == Some(&*name) {
                    let command =
                        format!("aws logs delete-log-group --log-group-name '{name}' --region {}", place.aws.region);
                    left.push(Left { what: format!("log group {name} ({why})"), command });
                }
            }
        }
        Ok(left)
    })
}

/// Log groups to look for, and who makes them.
fn names(place: &Place<'_>) -> BTreeMap<String, &'static str> {
    let mut names = BTreeMap::new();
    for task in place.of("aws_ecs_task_definition") {
        let containers: Vec<Json> =
            text(task, "container_definitions").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        for logs in containers.iter().map(|one| &one["logConfiguration"]["options"]) {
            if let (Some("true"), Some(name)) = (logs["awslogs-create-group"].as_str(), logs["awslogs-group"].as_str())
            {
                names.insert(name.to_owned(), "made by tasks, by awslogs-create-group");
            }
        }
    }
    for name in place.texts("aws_ecs_cluster", "name") {
        names.insert(
            format!("/aws/ecs/containerinsights/{name}/performance"),
            "made by Container Insights of the cluster",
        );
    }
    for name in place.texts("aws_cloudwatch_log_group", "name") {
        names.insert(name.to_owned(), "came back: somebody still wrote into it");
    }
    names
}
