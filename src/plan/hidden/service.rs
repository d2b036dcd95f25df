//! What a service runs.

use super::objects::{Index, Objects, One};

/// Task definitions by everything that a service may call them.
pub(super) fn task_definitions<'a>(objects: &Objects<'a>) -> Index<'a> {
    objects.by("aws_ecs_task_definition", &[&["arn"], &["arn_without_revision"], &["id"], &["family"]])
}

/// The task definitions of a service; of another revision, those of its family.
pub(super) fn tasks_of<'i, 'a>(service: One<'_>, tasks: &'i Index<'a>) -> &'i [One<'a>] {
    let Some(text) = service.text(&["task_definition"]) else { return &[] };
    tasks.get(text).or_else(|| tasks.get(family(text))).map_or(&[], Vec::as_slice)
}

/// The family that `arn:…:task-definition/FAMILY:7` or `FAMILY:7` is of.
fn family(text: &str) -> &str {
    let name = text.rsplit('/').next().unwrap_or(text);
    name.split_once(':').map_or(name, |(family, _)| family)
}
