use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{image as parts, is_private, running};
use crate::preflight::stack::Stack;

rule! {
    /// With a tag that moves (`latest`, `dev`), two revisions of a task definition run the same image: a rollback starts
    /// the bad image again, and a push changes what new tasks run without a deployment.
    ///
    /// Use a tag that names the commit, or a digest.
    "001-27" "moving-tag" "Tag that moves" check
}

const MOVING: &[&str] = &["latest", "dev", "develop", "main", "master", "prod", "production", "staging", "stable"];

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for (service, task, containers) in running(stack) {
        let balancers = service.items("load_balancer");
        for container in &containers {
            let Some(image) = container.image() else { continue };
            let is_behind = balancers.iter().any(|block| block.attr("container_name").text() == Some(container.name()));
            // Of a side-car that others publish a moving tag is often the one they recommend.
            let is_own = containers.len() == 1 || is_behind || is_private(image);
            let parts = parts(image);
            if let Some(tag) = parts.tag.filter(|tag| is_own && !parts.has_digest && MOVING.contains(tag)) {
                let text = format!("Container \"{}\" of {service} runs the tag \"{tag}\", which moves: a rollback would start the same image again. Use the commit's tag, or a digest.", container.name());
                found.warning(&task.attr("container_definitions"), text);
            }
        }
    }
}
