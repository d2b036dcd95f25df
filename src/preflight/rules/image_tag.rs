use crate::plan::imagine::is_made_up;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{containers, image};
use crate::preflight::stack::Stack;

rule! {
    /// An image without tag and digest means `:latest`. When the build pushes another tag, tasks run what somebody pushed
    /// as `latest` once, or stop with `CannotPullContainerError`.
    ///
    /// Name the tag that the build pushes, best the commit, or a digest.
    "001-20" "image-tag" "Image without a tag" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for task in stack.all("aws_ecs_task_definition") {
        for container in containers(task).unwrap_or_default() {
            let Some(parts) = container.image().map(image) else { continue };
            // What another text known after apply will hold, nobody can tell. An address of a repository has no tag.
            let is_plain = !is_made_up(parts.repository) || parts.repository.ends_with(".repository_url");
            if parts.tag.is_none() && !parts.has_digest && is_plain {
                let text = format!("The image of container \"{}\" has no tag, so \":latest\" is assumed. Name the tag that your build pushes.", container.name());
                found.warning(&task.attr("container_definitions"), text);
            }
        }
    }
}
