use crate::plan::imagine::is_made_up;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::services::{image, running};
use crate::preflight::stack::Stack;
use crate::rollout::Image;

rule! {
    /// The tasks of a service do not start while their image was not pushed: `CannotPullContainerError`. That is so with
    /// every new stack, whose first apply makes the repository.
    ///
    /// An apply makes everything else first, prints the commands that push the image, and waits for it with
    /// `-wait-image=10m`; with `-start-empty` the service starts with `desired_count` 0.
    "001-2" "missing-image" "Image was not pushed" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for (service, task, containers) in running(stack) {
        let count = service.attr("desired_count");
        let is_daemon = service.attr("scheduling_strategy").text() == Some("DAEMON");
        if !is_daemon && (!count.is_said() || count.int() == Some(0)) {
            continue;
        }
        let at = task.attr("container_definitions");
        for text in containers.iter().filter_map(|container| container.image()) {
            if is_made_up(text) {
                let parts = image(text);
                let repository = stack.find(parts.repository, "aws_ecr_repository", &["repository_url"]);
                let tag = parts.tag.unwrap_or("latest");
                if let Some(repository) = repository.filter(|_| stack.account.is_open()) {
                    let text = format!(
                        "{repository} is made by this plan and holds no image yet, but {service} needs its image \"{tag}\". The apply makes everything else and prints how to push it; it waits for it with -wait-image=10m, and starts the service without tasks with -start-empty."
                    );
                    found.warning(&at, text);
                }
            } else if let Some(image) = Image::parse(text)
                && stack.account.has_image(&at, &image) == Some(false)
            {
                let text = format!(
                    "{image}, which {service} needs, was never pushed: its tasks would stop with CannotPullContainerError. Push it, or let the apply wait for it with -wait-image=10m, or start the service without tasks with -start-empty."
                );
                found.warning(&at, text);
            }
        }
    }
}
