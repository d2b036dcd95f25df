//! Undoing what a failed run did, the last first: what was made is deleted, what was changed is changed back. What was
//! deleted stays deleted: another object in its place would be another object.
//!
//! Each undoing is a step of its own in the journal, so that a run that is killed meanwhile leaves nothing unknown.

use super::job::Event;
use super::recover::recover;
use super::run_step::{Runner, Work, limits};
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::plan::live::{copy_marks, mark_schema};
use crate::plan::steps::{Step, What};
use crate::plan::{Change, known, problem};
use crate::resource::{Error, Wanted};
use crate::state::journal::Action;
use crate::value::Value;

/// What a step did.
#[derive(Clone, Debug)]
pub(super) enum Done {
    /// It made this object.
    Made { step: Step, object: Value },
    /// It changed this object to this.
    Changed { step: Step, object: Value },
    /// It deleted one.
    Deleted { step: Step },
    /// It brought a new revision to the users.
    Deployed { step: Step },
}

impl Done {
    /// What a step that made or changed an object did.
    pub(super) fn of(step: &Step, object: Value) -> Self {
        let step = step.clone();
        match step.what {
            What::Create => Self::Made { step, object },
            What::Deploy => Self::Deployed { step },
            What::Update | What::Delete | What::Read => Self::Changed { step, object },
        }
    }
}

/// What a rollback came to.
#[derive(Debug, Default)]
struct Undone {
    deleted: usize,
    changed_back: usize,
    /// Objects that are gone for good.
    lost: Vec<Address>,
    /// Services whose new revision stays.
    deployed: Vec<Address>,
    report: Report,
}

impl Runner<'_> {
    /// Undoes what the run did; what that came to is in the report.
    pub(super) async fn roll_back(&self) -> Report {
        (self.job.watch)(Event::RollingBack);
        let mut undone = Undone::default();
        if let Err(problems) = self.look_up_unclear().await {
            undone.report.extend(problems);
        }
        let done = std::mem::take(&mut *self.done.borrow_mut());
        let first = self.job.plan.steps.len();
        let mut is_stopped = false;
        for (at, one) in done.into_iter().rev().enumerate() {
            if self.job.stop.is_asked() {
                is_stopped = true;
                break;
            }
            let result = match one {
                Done::Deleted { step } => {
                    undone.lost.push(step.address);
                    continue;
                }
                Done::Deployed { step } => {
                    undone.deployed.push(step.address);
                    continue;
                }
                Done::Made { step, object } => self.unmake(step, object, first + at).await.map(|()| true),
                Done::Changed { step, object } => self.change_back(step, object, first + at).await.map(|()| false),
            };
            match result {
                Ok(true) => undone.deleted += 1,
                Ok(false) => undone.changed_back += 1,
                Err(problems) => undone.report.extend(problems),
            }
        }
        summary(undone, is_stopped)
    }

    /// What calls without a clear answer made is undone as well.
    async fn look_up_unclear(&self) -> Result<(), Report> {
        let open = self.record.take_unclear();
        let mut state = self.record.state();
        let connections = self.connections.borrow().clone();
        for one in recover(&mut state, &open, self.job.registry, &connections).await? {
            self.record.recovered(&one).await?;
            let step = self.job.plan.steps.iter().find(|step| {
                step.what == What::Create && step.address == one.key().address && one.key().deposed.is_none()
            });
            let (Some(step), Some(object), Action::Create) = (step, one.object(), one.action()) else { continue };
            self.done.borrow_mut().push(Done::Made { step: step.clone(), object: object.clone() });
        }
        Ok(())
    }

    async fn unmake(&self, step: Step, object: Value, number: usize) -> Result<(), Report> {
        let is_adopted = self.adopted.borrow().contains(&step.number);
        let change = Change { before: object, deposed: None, ..self.job.plan.changes[step.change].clone() };
        let step = Step { number, what: What::Delete, ..step };
        // It is the new object that goes, not the old one that was set aside for it.
        let aside = self.record.forget_set_aside(&step.address);
        let result = if is_adopted {
            // It was there before.
            self.record.gone(&step, &change).await
        } else {
            self.told(&step, async |step| self.delete(&self.work(step, &change).await?).await).await
        };
        if let Some(key) = aside {
            self.record.remember_set_aside(&step.address, key);
        }
        result?;
        self.record.take_back(&step.address).await
    }

    async fn change_back(&self, step: Step, object: Value, number: usize) -> Result<(), Report> {
        let change = &self.job.plan.changes[step.change];
        let step = Step { number, ..step };
        self.told(&step, async |step| self.restore(&self.work(step, change).await?, &object).await).await
    }

    /// Changes an object back to what it was before the run.
    async fn restore(&self, work: &Work<'_>, object: &Value) -> Result<(), Report> {
        let fail = |error: &Error| -> Report { problem::from_error(error, &work.step.address, "Changing back").into() };
        let before = &work.change.before;
        let (have, asked) = (known(object), known(before));
        let id = work.resource.id(&have).map_err(|error| fail(&error))?;
        self.record.intent(work.step, work.change, &asked, Some(&id), false, work.resource.is_pure()).await?;
        let [_, limit, _] = limits(work, &asked);
        let result = self
            .patiently(work, self.patience(work, limit), || work.resource.update(&work.cloud, &id, &have, &asked))
            .await;
        let basis = if result.is_ok() { before } else { object };
        let wanted = Wanted { id, prior: known(basis) };
        let found = self.reader.read(&work.resource, &work.cloud, &work.provider, wanted).await;
        let seen = found.map_err(|error| fail(&error))?.map_or_else(|| known(basis), |found| found.attributes);
        let value = mark_schema(work.resource.schema(), &copy_marks(basis, &seen));
        self.record.object(work.step, work.change, work.resource.as_ref(), &value, false, None, result.is_ok()).await?;
        result.map_err(|error| fail(&error))
    }

    /// Undoes one step and tells who watches.
    async fn told(&self, step: &Step, undo: impl AsyncFnOnce(&Step) -> Result<(), Report>) -> Result<(), Report> {
        let (address, what, start) = (step.address.clone(), step.what, self.job.around.clock.steady());
        (self.job.watch)(Event::Started { address: address.clone(), what, id: None });
        let result = undo(step).await;
        let problem = result.as_ref().err().and_then(|report| report.0.iter().find(|problem| problem.is_error()));
        let event = if let Some(problem) = problem {
            Event::Failed { address, what, problem: problem.clone() }
        } else {
            let time = self.job.around.clock.steady().saturating_sub(start);
            Event::Done { address, what, id: None, time }
        };
        (self.job.watch)(event);
        result
    }
}

fn summary(undone: Undone, is_stopped: bool) -> Report {
    let Undone { deleted, changed_back, mut lost, deployed, mut report } = undone;
    let mut text = format!(
        "The run failed and was undone: {deleted} of the objects it made are deleted, {changed_back} are changed back."
    );
    if is_stopped {
        text.push_str(" The person asked to stop before all was undone.");
    }
    if !lost.is_empty() {
        lost.sort();
        let list: Vec<String> = lost.iter().map(|address| format!("\n  {address}")).collect();
        text.push_str(" Objects that it deleted cannot be brought back; the next apply makes them anew:\n");
        text.push_str(&list.concat());
    }
    for address in deployed {
        text.push_str(&format!(" The deployment of {address} stays; to go back, deploy what was there before."));
    }
    report.push(Diagnostic::warning("The run was rolled back", text));
    report
}
