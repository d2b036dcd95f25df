//! A service starts when its image was pushed: until then everything else is made.

use std::time::Duration;

use super::run_step::{Runner, Work};
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Desired;
use crate::plan::ignore::is_ignored;
use crate::resource::ErrorKind;
use crate::rollout::{Image, OnMissing, images};
use crate::value::{Entries, Value};

/// The type of services.
const SERVICE: &str = "aws_ecs_service";
/// The type of task definitions.
const TASK: &str = "aws_ecs_task_definition";
/// How often the repository is asked.
const LOOK: Duration = Duration::from_secs(10);

/// How a service starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// As the stack file says.
    AsWanted,
    /// Without tasks.
    Empty,
}

/// Images that a service needs and nobody has pushed.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The service.
    pub address: Address,
    /// The images.
    pub images: Vec<Image>,
    /// What its tasks run on.
    pub platform: &'static str,
}

impl Missing {
    /// Says what is missing, and how to push it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for image in &self.images {
            let commands = image.push_commands(self.platform);
            text = format!("{text}{image} was not pushed yet. Push it with:\n\n    {}\n\n", commands.join("\n    "));
        }
        text
    }
}

impl Runner<'_> {
    /// Before a service starts tasks of another revision, or any: looks whether their images were pushed, and does what
    /// the person wants when they were not.
    pub(super) async fn images(&self, work: &Work<'_>, want: &Desired, asked: &Value) -> Result<Start, Report> {
        let Some(mut missing) = self.missing(work, asked).await else { return Ok(Start::AsWanted) };
        let text = missing.text();
        match (self.job.on_missing_image)(&missing) {
            OnMissing::StartEmpty if work.step.what != crate::plan::What::Deploy => {
                let then = how_to_start(want, asked);
                self.say(work, &format!("{text}{} starts without tasks. {then}", work.step.address));
                Ok(Start::Empty)
            }
            OnMissing::Wait(limit) => {
                self.say(work, &format!("{text}Waiting for it, up to {} seconds.", limit.as_secs()));
                let clock = &self.job.around.clock;
                let end = clock.steady() + limit;
                while clock.steady() + LOOK <= end && !self.job.stop.is_asked() {
                    self.progress(work, &format!("waiting for {}", missing.images[0]));
                    tokio::select! {
                        () = clock.sleep(LOOK) => {}
                        () = self.job.stop.asked() => {}
                    }
                    match self.missing(work, asked).await {
                        Some(still) => missing = still,
                        None => return Ok(Start::AsWanted),
                    }
                }
                let text = format!("It was waited for {} seconds. {}", limit.as_secs(), advice(&missing));
                Err(problem(work, want, &text))
            }
            OnMissing::Fail | OnMissing::StartEmpty => Err(problem(work, want, &advice(&missing))),
        }
    }

    /// What is missing, if anything is. What cannot be looked for does not keep a service from starting.
    async fn missing(&self, work: &Work<'_>, asked: &Value) -> Option<Missing> {
        let looker = self.job.images.filter(|_| work.step.address.type_name() == SERVICE)?;
        let before = &work.change.before;
        let same = |name: &str| before.get(name).map(Value::unmarked) == asked.get(name).map(Value::unmarked);
        let is_running = images::starts_tasks(before) && same("task_definition");
        if is_running || !images::starts_tasks(asked) {
            return None;
        }
        let task = self.known.borrow().all(TASK).find(|task| images::runs(asked, task)).cloned()?;
        let mut missing = Vec::new();
        for image in images::images_of(&task) {
            match looker.exists(&work.cloud, &image).await {
                Ok(true) => {}
                Ok(false) => missing.push(image),
                Err(error) => {
                    let why =
                        if error.kind == ErrorKind::Refused { "may not be looked for" } else { "cannot be looked for" };
                    let text = format!("{image} {why} ({}): whether it was pushed is not known.", error.message);
                    let warning = Diagnostic::warning("Image not looked for", text).about(&work.step.address);
                    self.warnings.borrow_mut().push(warning);
                }
            }
        }
        let platform = images::platform_of(&task);
        (!missing.is_empty()).then(|| Missing { address: work.step.address.clone(), images: missing, platform })
    }

    fn say(&self, work: &Work<'_>, text: &str) {
        let (address, kind) = (&work.step.address, "image".to_owned());
        for line in text.lines() {
            let event = super::Event::Output { address: address.clone(), kind: kind.clone(), line: line.to_owned() };
            (self.job.watch)(event);
        }
    }
}

/// How a service that was started without tasks gets them.
fn how_to_start(want: &Desired, asked: &Value) -> String {
    if !is_ignored(&want.lifecycle.ignore_changes, "desired_count") {
        return "Apply again when it was pushed.".to_owned();
    }
    let text = |name: &str| asked.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (cluster, name) = (text("cluster").unwrap_or("default"), text("name").unwrap_or_default());
    let count = asked.get("desired_count").and_then(Value::as_i64).unwrap_or(1);
    format!(
        "An apply does not start them, since `ignore_changes` covers `desired_count`. When it was pushed, run:\n\n    aws ecs update-service --cluster {cluster} --service {name} --desired-count {count}"
    )
}

/// The service with no more tasks than it has.
pub(super) fn without_tasks(planned: &Value, before: &Value) -> Value {
    let count = before.get("desired_count").and_then(Value::as_i64).unwrap_or(0);
    let mut entries: Entries = planned.entries().cloned().unwrap_or_default();
    entries.insert("desired_count".into(), count.into());
    Value { marks: planned.marks.clone(), ..Value::object(entries) }
}

fn advice(missing: &Missing) -> String {
    format!(
        "{}Then run the command again: everything else that is planned is made, and it goes on from there. A run waits for the image with -wait-image=10m, and starts the service without tasks with -start-empty.",
        missing.text()
    )
}

fn problem(work: &Work<'_>, want: &Desired, text: &str) -> Report {
    let address = &work.step.address;
    let text = format!("The tasks of {address} could not start: {text}");
    Diagnostic::error("Image was not pushed", text).at(want.spans.header()).about(address).into()
}
