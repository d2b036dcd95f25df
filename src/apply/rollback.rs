//! Undoing what a failed run did, the last first: what was made is deleted, what was changed is changed back, what was
//! taken over is as it was found and no longer remembered. What was deleted stays deleted: another object in its place
//! would be another object. What a deployment brought to the users stays, and with it all that it needs.
//!
//! The state goes back as well: objects have their old names, what was forgotten is remembered, what was imported is not.
//! What an interrupted run did is undone in the same way: [`interrupted`](super::interrupted) finds out what that was.
//! Each undoing is a step of its own in the journal, so that a run that is killed meanwhile leaves nothing unknown.

use std::collections::{BTreeSet, HashMap};

use super::job::Event;
use super::recover::{LookUp, look_up};
use super::run::GRACE;
use super::run_step::{Runner, Work, limits};
use super::wait::Waited;
use crate::address::{Address, Addresses};
use crate::diagnostic::{Diagnostic, Report};
use crate::plan::live::{copy_marks, mark_schema};
use crate::plan::steps::{Step, What};
use crate::plan::{Action, Change, known, problem};
use crate::resource::{Error, Wanted};
use crate::rollout::{Ask, DEPLOYED};
use crate::state::journal::Action as Doing;
use crate::state::{Instance, InstanceKey, OpenIntent, State};
use crate::value::Value;

/// What a step did.
#[derive(Clone, Debug)]
pub(super) enum Done {
    /// It made this object.
    Made { step: Step, object: Value },
    /// It took over an object that stood in the way, and changed it to this.
    Adopted { step: Step, object: Value, found: Box<Instance> },
    /// It changed an object to this.
    Changed { step: Step, object: Value, before: Box<Instance> },
    /// It deleted one.
    Deleted { step: Step },
    /// It left an old revision as it is, to be remembered with the new one: what was remembered of it before.
    Kept { step: Step, old: Box<Instance> },
    /// It brought a new revision to the users; or, where that is not certain, a deployment may be under way.
    Deployed { step: Step, is_certain: bool },
}

impl Done {
    /// The step that did it.
    pub(super) fn step(&self) -> &Step {
        match self {
            Self::Made { step, .. }
            | Self::Adopted { step, .. }
            | Self::Changed { step, .. }
            | Self::Deleted { step }
            | Self::Kept { step, .. }
            | Self::Deployed { step, .. } => step,
        }
    }
}

/// What a rollback came to.
#[derive(Debug, Default)]
struct Undone {
    deleted: usize,
    changed_back: usize,
    released: usize,
    /// Objects that are gone for good.
    lost: BTreeSet<Address>,
    /// Services whose new revision stays, and those of which that is not certain.
    deployed: Vec<(Address, bool)>,
    /// What was made or changed and stays, because something that stays needs it.
    stays: BTreeSet<Address>,
    /// What could not be undone.
    failed: BTreeSet<Address>,
    /// Everything that something that stays needs.
    needed: BTreeSet<Address>,
    is_stopped: bool,
    /// Whether it was another run's work that was undone.
    is_interrupted: bool,
    report: Report,
}

/// Instances and what each refers to.
pub(super) struct Needs(pub HashMap<Address, Addresses>);

impl Needs {
    /// What the changes of a plan say.
    pub(super) fn of(changes: &[Change]) -> Self {
        let current = changes.iter().filter(|change| change.deposed.is_none());
        Self(current.map(|change| (change.address.clone(), change.dependencies.clone())).collect())
    }

    /// Adds an instance and everything it depends on.
    fn add(&self, address: &Address, needed: &mut BTreeSet<Address>) {
        let mut open = vec![address];
        while let Some(address) = open.pop() {
            if needed.insert(address.clone()) {
                open.extend(self.0.get(address).into_iter().flatten());
            }
        }
    }
}

impl Runner<'_> {
    /// Remembers what a step did, for the case that it is undone.
    pub(super) fn did(&self, done: impl FnOnce() -> Option<Done>) {
        if self.job.rollback {
            self.done.borrow_mut().extend(done());
        }
    }

    /// What a step that made or changed an object did.
    pub(super) fn done_with(&self, step: &Step, object: &Value) -> Option<Done> {
        let (step, object) = (step.clone(), object.clone());
        let before = self.record.before(&step).map(Box::new);
        match step.what {
            What::Create => Some(match before {
                Some(found) => Done::Adopted { step, object, found },
                None => Done::Made { step, object },
            }),
            What::Deploy => Some(Done::Deployed { step, is_certain: true }),
            What::Update | What::Read => before.map(|before| Done::Changed { step, object, before }),
            What::Delete => Some(Done::Deleted { step }),
        }
    }

    /// Whether a deployment that failed left the service as it was. `seen` is the service as it is.
    pub(super) async fn is_back(&self, work: &Work<'_>, seen: Option<&Value>) -> bool {
        let (Some(seen), Some(controllers)) = (seen, self.job.rollouts) else { return false };
        let before = &work.change.before;
        let is_same = |name: &&str| before.get(name).map(Value::unmarked) == seen.get(name).map(Value::unmarked);
        let governed = self.job.plan.governance.services.get(&work.step.address);
        let ask = Ask {
            address: work.step.address.clone(),
            cloud: work.cloud.clone(),
            service: known(seen),
            controller: governed.map(|governed| governed.controller).unwrap_or_default(),
            group: governed.and_then(|governed| governed.group.clone()),
        };
        let Ok(observed) = controllers.observe(&[ask]).await else { return false };
        DEPLOYED.iter().all(is_same) && observed.values().all(|one| one.running.is_none())
    }

    /// Undoes what this run did, or one that was interrupted; what that came to is in the report.
    pub(super) async fn roll_back(&self, needs: &Needs, is_interrupted: bool) -> Report {
        if !is_interrupted {
            (self.job.watch)(Event::RollingBack);
        }
        let mut undone = Undone { is_interrupted, ..Undone::default() };
        self.look_up_all_open(needs, &mut undone).await;
        let done = std::mem::take(&mut *self.done.borrow_mut());
        // Whatever came after it: what a deployment brought stays, and an old revision is remembered with it.
        for one in done.iter().filter(|one| matches!(one, Done::Deployed { .. })) {
            needs.add(&one.step().address, &mut undone.needed);
        }
        let first = self.job.plan.steps.len();
        for (at, one) in done.into_iter().rev().enumerate() {
            if self.job.stop.is_asked() {
                undone.is_stopped = true;
                break;
            }
            if self.unless_stopped(self.undo(one, first + at, needs, &mut undone)).await.is_none() {
                undone.is_stopped = true;
            }
        }
        // Also where the new one was never made.
        undone.report.extend(self.record.take_all_back().await.err().unwrap_or_default());
        if !is_interrupted && !undone.is_stopped {
            let forgotten = self.forget_imported(&mut undone).await;
            undone.report.extend(forgotten.err().unwrap_or_default());
        }
        undone.summary()
    }

    /// Does it. When the person asks to stop, it gets as long as running calls do, and is given up then: an intent that it
    /// wrote down stays open, and the next run looks up what became of that.
    async fn unless_stopped<T>(&self, doing: impl Future<Output = T>) -> Option<T> {
        self.job.stop.within(GRACE, doing).await
    }

    /// What the run imported, and changed back or never changed, is not remembered any more.
    async fn forget_imported(&self, undone: &mut Undone) -> Result<(), Report> {
        let imported = self.job.plan.changes.iter().filter(|change| change.importing.is_some());
        let keys = imported.map(|change| InstanceKey::current(change.address.clone()));
        let keys = keys.filter(|key| !undone.needed.contains(&key.address) && self.record.remembered(key).is_some());
        let changes: Vec<_> = keys.map(|key| (key, None)).collect();
        undone.released += changes.len();
        if changes.is_empty() { Ok(()) } else { self.record.set(changes).await }
    }

    /// Objects that this run moved or forgot are remembered as they were in `origin`, the state that it started from.
    pub(super) async fn names_back(&self, origin: &State) -> Result<(), Report> {
        let (mut moved, mut forgotten) = (Vec::new(), Vec::new());
        self.record.returned_back(origin).await?;
        for change in &self.job.plan.changes {
            let key = |address: &Address| InstanceKey { address: address.clone(), deposed: change.deposed.clone() };
            let before = key(change.moved_from.as_ref().unwrap_or(&change.address));
            if change.action == Action::Forget {
                forgotten.extend(origin.instances.get(&before).map(|instance| (before, instance.clone())));
            } else if change.moved_from.is_some() {
                moved.push((key(&change.address), before));
            }
        }
        self.record.back_to(origin, &moved, &forgotten).await?;
        let changes = self.job.plan.changes.iter().filter(|change| change.action != Action::NoOp);
        let with_steps: BTreeSet<&Address> =
            changes.flat_map(|change| [Some(&change.address), change.moved_from.as_ref()]).flatten().collect();
        self.record.notes_back(origin, |address| with_steps.contains(address)).await
    }

    async fn undo(&self, one: Done, number: usize, needs: &Needs, undone: &mut Undone) {
        let address = one.step().address.clone();
        let is_needed = undone.needed.contains(&address);
        let result = match one {
            Done::Deleted { step } => {
                // What had been set aside before this run is not made anew.
                if undone.is_interrupted || self.job.plan.changes[step.change].deposed.is_none() {
                    undone.lost.insert(address);
                }
                return;
            }
            Done::Deployed { is_certain, .. } => {
                needs.add(&address, &mut undone.needed);
                undone.deployed.push((address, is_certain));
                return;
            }
            Done::Kept { .. } if is_needed => return,
            _ if is_needed => {
                undone.stays.insert(address);
                return;
            }
            Done::Kept { old, .. } => self.record.set_aside_again(&address, &old).await,
            Done::Made { step, object } => {
                let result = self.unmake(step, object, number).await;
                undone.deleted += usize::from(result.is_ok());
                result
            }
            Done::Adopted { step, object, found } => {
                let step = Step { number, what: What::Update, ..step };
                let result = self.release(&step, &object, &found).await;
                undone.released += usize::from(result.is_ok());
                result
            }
            Done::Changed { step, object, before } => {
                let step = Step { number, what: What::Update, ..step };
                let result = self.told(&step, async |step| self.restore(step, &object, &before).await).await;
                undone.changed_back += usize::from(result.is_ok());
                result
            }
        };
        if let Err(problems) = result {
            undone.report.extend(problems);
            // It is still there, and goes on needing what it needs.
            needs.add(&address, &mut undone.needed);
            undone.failed.insert(address);
        }
    }

    /// What calls without a known end did is undone as well. What cannot be looked up now is left to the next run.
    async fn look_up_all_open(&self, needs: &Needs, undone: &mut Undone) {
        for open in self.record.take_open() {
            let is_stopped = self.job.stop.is_asked()
                || self.unless_stopped(self.look_up_open(&open, needs, undone)).await.is_none();
            if is_stopped {
                self.record.still_open(open);
            }
        }
    }

    async fn look_up_open(&self, open: &OpenIntent, needs: &Needs, undone: &mut Undone) {
        let connections = self.connections.borrow().clone();
        let (key, state) = (&open.intent.key, self.record.now());
        let tell = |line: &str| {
            let (address, kind) = (key.address.clone(), "rollback".to_owned());
            (self.job.watch)(Event::Output { address, kind, line: line.to_owned() });
        };
        let (registry, clock) = (self.job.registry, &self.job.around.clock);
        let with = LookUp { registry, connections: &connections, clock, tell: &tell, keeps: &|_| false };
        let found = match look_up(open, &state, &with).await {
            Ok(found) => self.record.recovered(&found).await.map(|()| found),
            Err(error) => Err(problem::from_error(&error, &key.address, "Looking up").into()),
        };
        let found = match found {
            Ok(found) => found,
            Err(problems) => {
                undone.report.extend(problems);
                needs.add(&key.address, &mut undone.needed);
                return self.record.still_open(open.clone());
            }
        };
        if let Some(awaited) = found.awaited() {
            return self.record.still_open(awaited);
        }
        let step = usize::try_from(open.intent.step.step).ok().and_then(|at| self.job.plan.steps.get(at));
        let Some(step) = step.filter(|_| key.deposed.is_none() || found.object().is_none()).cloned() else {
            return;
        };
        let done = match (found.action(), found.object()) {
            (Doing::Create | Doing::Update, Some(object)) => self.done_with(&step, object),
            (Doing::Delete, None) => Some(Done::Deleted { step }),
            _ => None,
        };
        self.done.borrow_mut().extend(done);
    }

    async fn unmake(&self, step: Step, object: Value, number: usize) -> Result<(), Report> {
        // What is deleted is not replaced: no revision is kept for the way back to it.
        let change = Change { before: object, action: Action::Delete, ..self.job.plan.changes[step.change].clone() };
        let step = Step { number, what: What::Delete, ..step };
        // It is the new object that goes, not the old one that was set aside for it.
        let aside = self.record.forget_set_aside(&step.address);
        let delete = async |step: &Step| self.delete(&self.work(step, &change).await?).await.map(drop);
        let result = self.told(&step, delete).await;
        if let Some(key) = aside {
            self.record.remember_set_aside(&step.address, key);
        }
        result?;
        self.record.take_back(&step.address).await
    }

    /// Changes an object that was taken over back to what it was, and remembers it no longer.
    async fn release(&self, step: &Step, object: &Value, found: &Instance) -> Result<(), Report> {
        self.told(step, async |step| {
            self.restore(step, object, found).await?;
            self.record.gone(step, &self.job.plan.changes[step.change]).await
        })
        .await?;
        self.record.take_back(&step.address).await
    }

    /// Changes an object back to what it was before the run.
    async fn restore(&self, step: &Step, object: &Value, before: &Instance) -> Result<(), Report> {
        let work = self.work(step, &self.job.plan.changes[step.change]).await?;
        let fail = |error: &Error| -> Report { problem::from_error(error, &step.address, "Changing back").into() };
        let schema = work.resource.schema();
        let was = before.decode(&schema.ty)?.value;
        // Another step may have changed it since.
        let now = self.record.remembered(&self.record.key_of(step, work.change));
        let now = now.map_or_else(|| Ok(object.clone()), |now| now.decode(&schema.ty).map(|decoded| decoded.value))?;
        let (have, asked) = (known(&now), known(&was));
        let id = work.resource.id(&have).map_err(|error| fail(&error))?;
        self.record.intent(step, work.change, &asked, Some(&id), false, work.resource.is_pure()).await?;
        let [_, limit, _] = limits(&work, &asked);
        let result = if have == asked {
            Ok(())
        } else {
            self.patiently(&work, self.patience(&work, limit), || work.resource.update(&work.cloud, &id, &have, &asked))
                .await
        };
        let basis = if result.is_ok() { &was } else { &now };
        // An id may be made of the content.
        let id = work.resource.id(&known(basis)).map_err(|error| fail(&error))?;
        let wait = self.wait(&work, &known(basis), &id, limit);
        let (seen, late) = if result.is_ok() {
            match wait.until_ready().await.map_err(|error| fail(&error))? {
                Waited::Ready(seen) => (Some(seen), None),
                Waited::NotYet(why, seen) | Waited::Failed(why, seen) => (seen, Some(why)),
            }
        } else {
            let wanted = Wanted { id: id.clone(), prior: known(basis) };
            let found = self.reader.read(&work.resource, &work.cloud, &work.provider, wanted).await;
            (found.map_err(|error| fail(&error))?.map(|found| found.attributes), None)
        };
        let value = mark_schema(schema, &copy_marks(basis, &seen.unwrap_or_else(|| known(basis))));
        self.record.changed_back(step, &work, &value, result.is_ok().then_some(before)).await?;
        result.map_err(|error| fail(&error))?;
        let not_ready = |why: String| {
            let text = format!("{} was changed back but is not ready. {why}", step.address);
            Err(Diagnostic::error("Resource is not ready", text).about(&step.address).into())
        };
        late.map_or(Ok(()), not_ready)
    }

    /// Undoes one step and tells who watches.
    async fn told(&self, step: &Step, undo: impl AsyncFnOnce(&Step) -> Result<(), Report>) -> Result<(), Report> {
        let (address, what, start) = (step.address.clone(), step.what, self.job.around.clock.steady());
        (self.job.watch)(Event::Started { address: address.clone(), what, id: None });
        let result = undo(step).await;
        let problem = result.as_ref().err().and_then(|report| report.0.iter().find(|problem| problem.is_error()));
        let time = self.job.around.clock.steady().saturating_sub(start);
        let event = if let Some(problem) = problem {
            Event::Failed { address, what, problem: Box::new(problem.clone()), time }
        } else {
            Event::Done { address, what, id: None, time }
        };
        (self.job.watch)(event);
        result
    }
}

impl Undone {
    /// What to say of it.
    fn summary(self) -> Report {
        let Self {
            deleted,
            changed_back,
            released,
            lost,
            deployed,
            stays,
            failed,
            is_stopped,
            is_interrupted,
            mut report,
            ..
        } = self;
        let is_whole = !report.has_errors() && !is_stopped && stays.is_empty() && deployed.is_empty();
        let mut text = format!(
            "The {}run {}was undone{}: {deleted} of the objects it made are deleted, {changed_back} are changed back.",
            if is_interrupted { "interrupted " } else { "" },
            if is_interrupted { "" } else { "failed and " },
            if is_whole { "" } else { " in part" }
        );
        if released > 0 {
            text.push_str(&format!(
                " {released} that it took over are as they were found, and no longer in the state."
            ));
        }
        if is_stopped {
            text.push_str(" The person asked to stop before all was undone.");
        }
        if !lost.is_empty() {
            text.push_str(" Objects that it deleted cannot be brought back; the next apply makes them anew:\n");
            text.push_str(&listed(&lost));
        }
        for (address, is_certain) in deployed {
            text.push_str(&if is_certain {
                format!("\n\nThe deployment of {address} stays; to go back, deploy what was there before.")
            } else {
                format!("\n\nThe deployment of {address} failed, and what it left is not what was there before.")
            });
        }
        if !failed.is_empty() {
            text.push_str("\n\nThese could not be undone, as the errors say; the state has them as they are:\n");
            text.push_str(&listed(&failed));
        }
        if !stays.is_empty() {
            text.push_str("\n\nWhat stays needs these, which stay as the run left them:\n");
            text.push_str(&listed(&stays));
        }
        report.push(if is_interrupted {
            text.push_str("\n\nWhat the stack files say was not applied. To do that, run the command again.");
            Diagnostic::error("The interrupted run was rolled back", text)
        } else {
            Diagnostic::warning("The run was rolled back", text)
        });
        report
    }
}

fn listed(addresses: &BTreeSet<Address>) -> String {
    addresses.iter().fold(String::new(), |all, address| all + "\n  " + &address.to_string())
}
