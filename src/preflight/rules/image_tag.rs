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
            if parts.tag.is_none() && !parts.has_digest {
                let text = format!("The image of container \"{}\" has no tag, so \":latest\" is assumed. Name the tag that your build pushes.", container.name());
                found.warning(&task.attr("container_definitions"), text);
            }
        }
    }
}
