use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{containers, image, running};
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
    for (service, task, _) in running(stack) {
        for container in containers(task).unwrap_or_default() {
            let Some(parts) = container.image().map(image).filter(|parts| !parts.has_digest) else { continue };
            if let Some(tag) = parts.tag.filter(|tag| MOVING.contains(tag)) {
                let text = format!("Container \"{}\" of {service} runs the tag \"{tag}\", which moves: a rollback would start the same image again. Use the commit's tag, or a digest.", container.name());
                found.warning(&task.attr("container_definitions"), text);
            }
        }
    }
}
