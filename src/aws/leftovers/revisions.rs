//! Revisions of task definitions that are still active: a pipeline registers them, and no state knows of them.

use aws_sdk_ecs::types::TaskDefinitionStatus;

use super::{Found, Look, Place};
use crate::resource::Left;

pub(super) const LOOK: Look =
    Look { what: "revisions of task definitions", after: &["aws_ecs_task_definition"], find: |place| find(place) };

fn find<'a>(place: &'a Place<'a>) -> Found<'a> {
    Box::pin(async move {
        let mut left = Vec::new();
        for family in place.texts("aws_ecs_task_definition", "family") {
            let call = place.aws.ecs.list_task_definitions().family_prefix(family).status(TaskDefinitionStatus::Active);
            let mut pages = call.into_paginator().items().send();
            while let Some(arn) = pages.next().await {
                let arn = arn?;
                let name = arn.rsplit('/').next().unwrap_or(&arn);
                let command = format!(
                    "aws ecs deregister-task-definition --task-definition {name} --region {}",
                    place.aws.region
                );
                left.push(Left { what: format!("revision {name}, still active"), command });
            }
        }
        Ok(left)
    })
}
