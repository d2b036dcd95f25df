//! One deletion: what the object holds goes first where that was asked for, and a refusal says who is in the way.

use std::time::Duration;

use serde_json::Value as Json;

use super::job::Event;
use super::run_step::{Runner, Work, limits};
use crate::diagnostic::Report;
use crate::plan::{Action, known, problem};
use crate::resource::{Error, ErrorKind, Id};
use crate::rollout::images;
use crate::state::Instance;
use crate::value::{Entries, Value};

/// The type of services.
const SERVICE: &str = "aws_ecs_service";
/// The type of task definitions.
const TASK: &str = "aws_ecs_task_definition";
/// The types of target groups.
const GROUPS: &[&str] = &["aws_lb_target_group", "aws_alb_target_group"];
/// How long containers get to stop when they say nothing of it, in seconds.
const STOP: u64 = 30;
/// What ECS needs beside draining and stopping: to notice, to detach network interfaces.
const SLACK: Duration = Duration::from_secs(600);
/// How many of those in the way are named.
const NAMED: usize = 10;

impl Runner<'_> {
    /// Deletes the object; or leaves it as it is, when it is kept for the way back: what was remembered of it is in the
    /// answer then.
    pub(super) async fn delete(&self, work: &Work<'_>) -> Result<Option<Box<Instance>>, Report> {
        let before = &work.change.before;
        let fail = |error: &Error| -> Report {
            problem::from_error(error, &work.step.address, "Deleting").at(work.change.span).into()
        };
        let have = known(before);
        let id = work.resource.id(&have).map_err(|error| fail(&error))?;
        if self.is_kept(work) {
            let old = self.record.remembered(&self.record.key_of(work.step, work.change));
            self.keep(work).await?;
            return Ok(old.map(Box::new));
        }
        // Nothing was ever finished with a tainted object, and one that was set aside is not what others know.
        if self.record.is_whole(work.step, work.change) {
            self.provision(work, &self.provisioners(work, true), before).await?;
        }
        self.end_deployment(work).await?;
        // While the object is there: what fails here is done again by the next run.
        self.delete_kept(work).await?;
        self.shorten_draining(work, &have).await;
        self.record.intent(work.step, work.change, &have, Some(&id), false, work.resource.is_pure()).await?;
        let limit = self.limit_of_delete(work, &have);
        if let Err(error) = self.delete_patiently(work, &id, &have, limit).await {
            self.record.still_there(work.step, work.change, &error).await?;
            return Err(fail(&error));
        }
        if work.resource.deletes_slowly() {
            let left = self.wait(work, &have, &id, limit).until_gone().await.map_err(|error| fail(&error))?;
            if let Some(why) = left {
                let error = Error::local("delete", why);
                // It goes on being deleted: when nobody waits for that any more, the next run looks it up.
                if !self.job.stop.is_asked() {
                    self.record.still_there(work.step, work.change, &error).await?;
                }
                return Err(fail(&error));
            }
        }
        self.record.gone(work.step, work.change).await?;
        // The object is gone whatever this says: what it held is only waited for, so that others find it free.
        let _ = self.wait(work, &have, &id, limit).until_released().await;
        Ok(None)
    }

    /// Calls until the object is deleted or the refusal is final, which then says who is in the way. The first refusal
    /// that passes says it too, while it is waited for.
    async fn delete_patiently(&self, work: &Work<'_>, id: &Id, have: &Value, limit: Duration) -> Result<(), Error> {
        let told = match work.resource.holds().filter(|_| self.job.empties) {
            Some(holds) => with(have, holds.flag, true.into()),
            None => have.clone(),
        };
        let mut patience = self.patience(work, limit);
        let mut was_refused = false;
        loop {
            let error = match work.resource.delete(&work.cloud, id, &told).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is(work.resource.missing()) => return Ok(()),
                Err(error) => error,
            };
            if error.kind == ErrorKind::Refused && !std::mem::replace(&mut was_refused, true) {
                let all = self.blockers(work, id, have).await;
                if !all.is_empty() {
                    self.progress(work, &format!("in use by {}", listed(&all)));
                }
            }
            if let Err(error) = self.before_next_try(work, &mut patience, error).await {
                let all =
                    if error.kind == ErrorKind::Refused { self.blockers(work, id, have).await } else { Vec::new() };
                let message = if all.is_empty() {
                    error.message
                } else {
                    format!("{}. In use by: {}", error.message.trim_end_matches('.'), listed(&all))
                };
                return Err(Error { message, ..error });
            }
        }
    }

    /// Who is in the way. Nobody is named when that cannot be asked: the refusal itself is told anyway.
    async fn blockers(&self, work: &Work<'_>, id: &Id, have: &Value) -> Vec<String> {
        work.resource.blockers(&work.cloud, id, have).await.unwrap_or_default()
    }

    /// How long a deletion may take. A service is gone when its targets have drained and its containers have stopped,
    /// which takes as long as target groups and containers say; a `timeouts` block has the last word.
    fn limit_of_delete(&self, work: &Work<'_>, have: &Value) -> Duration {
        let [_, _, limit] = limits(work, have);
        let is_said = have.get("timeouts").and_then(|all| all.get("delete")).is_some_and(|one| one.as_str().is_some());
        if work.step.address.type_name() != SERVICE || is_said {
            return limit;
        }
        let live = &self.job.plan.live.objects;
        let tasks =
            live.iter().filter(|(address, task)| address.type_name() == TASK && images::runs(have, &task.attributes));
        let stop = tasks.map(|(_, task)| stop_timeout(&task.attributes)).max().unwrap_or(STOP);
        let delay = self.groups_of(have).map(|(at, group)| self.delay_of(at, group)).max().unwrap_or(0);
        limit.max(Duration::from_secs(delay + stop) + SLACK)
    }

    /// Target groups of a service, each with its place among the changes of the plan.
    fn groups_of<'s>(&'s self, service: &'s Value) -> impl Iterator<Item = (usize, &'s Value)> {
        let blocks = service.get("load_balancer").and_then(Value::elements).unwrap_or_default();
        let arns: Vec<&str> = blocks
            .iter()
            .flat_map(|block| {
                let other = block.get("advanced_configuration").and_then(|one| {
                    let one = one.elements().map_or(Some(one), <[Value]>::first)?;
                    one.get("alternate_target_group_arn")
                });
                [block.get("target_group_arn"), other].into_iter().flatten().filter_map(Value::as_str)
            })
            .collect();
        let changes = self.job.plan.changes.iter().enumerate();
        changes.filter_map(move |(at, change)| {
            let arn = change.before.get("arn").and_then(Value::as_str)?;
            (GROUPS.contains(&change.address.type_name()) && arns.contains(&arn)).then_some((at, &change.before))
        })
    }

    /// Seconds that targets of a group drain; less where that is shortened.
    fn delay_of(&self, at: usize, group: &Value) -> u64 {
        let own = group.get("deregistration_delay").and_then(seconds).unwrap_or(300);
        match self.job.drain.filter(|_| self.job.plan.changes[at].action == Action::Delete) {
            Some(drain) => own.min(drain.as_secs()),
            None => own,
        }
    }

    fn note(&self, work: &Work<'_>, line: String) {
        let (address, kind) = (work.step.address.clone(), "draining".to_owned());
        (self.job.watch)(Event::Output { address, kind, line });
    }

    /// Before a service goes: makes the time short that its targets drain, in target groups that go too. What is not
    /// made shorter drains as long as it would have.
    async fn shorten_draining(&self, work: &Work<'_>, service: &Value) {
        if self.job.drain.is_none() || work.step.address.type_name() != SERVICE {
            return;
        }
        for (at, group) in self.groups_of(service) {
            let own = group.get("deregistration_delay").and_then(seconds).unwrap_or(300);
            let short = self.delay_of(at, group);
            let Some(resource) = self.job.registry.resource(self.job.plan.changes[at].address.type_name()) else {
                continue;
            };
            if short >= own {
                continue;
            }
            let have = known(group);
            let want = with(&have, "deregistration_delay", short.to_string().into());
            let Ok(id) = resource.id(&have) else { continue };
            let name = self.job.plan.changes[at].address.clone();
            match resource.update(&work.cloud, &id, &have, &want).await {
                Ok(()) => self.note(work, format!("targets of {name} drain for {short} seconds")),
                Err(error) => {
                    self.note(work, format!("targets of {name} drain for {own} seconds: {}", error.message));
                }
            }
        }
    }
}

/// Seconds, written as a number or as text.
fn seconds(value: &Value) -> Option<u64> {
    value.as_i64().and_then(|one| u64::try_from(one).ok()).or_else(|| value.as_str()?.parse().ok())
}

/// The longest time that a container of a task gets to stop, in seconds.
fn stop_timeout(task: &Value) -> u64 {
    let text = task.get("container_definitions").and_then(Value::as_str).unwrap_or_default();
    let containers: Vec<Json> = serde_json::from_str(text).unwrap_or_default();
    containers.iter().map(|one| one["stopTimeout"].as_u64().unwrap_or(STOP)).max().unwrap_or(STOP)
}

/// The first of them, divided by commas.
fn listed(all: &[String]) -> String {
    let rest = all.len().saturating_sub(NAMED);
    let first = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if rest == 0 { first } else { format!("{first} and {rest} more") }
}

/// The object with another value of an attribute.
fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut entries: Entries = object.entries().cloned().unwrap_or_default();
    entries.insert(name.into(), value);
    Value { marks: object.marks.clone(), ..Value::object(entries) }
}
