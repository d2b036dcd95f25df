//! One step: intent on disk, the call, its id on disk, the calls after it, waiting, the result on disk.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::deploy;
use super::durations::Durations;
use super::images::{self, Start};
use super::job::{Event, Job};
use super::provision::provision;
use super::record::Record;
use super::retry::Patience;
use super::rollback::Done;
use super::run::unstored;
use super::wait::{Reader, Wait, Waited};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::config::Provisioner;
use crate::lang::{Desired, Evaluator};
use crate::plan::complete::told;
use crate::plan::ephemeral::Session;
use crate::plan::ignore::ignore;
use crate::plan::live::{copy_marks, mark_schema};
use crate::plan::planner::{Known, draft};
use crate::plan::sharing;
use crate::plan::steps::{Step, What};
use crate::plan::{Change, Connections, Reason, known, problem};
use crate::resource::{AnyResource, Cloud, Error, Id, Making, Wanted};
use crate::value::{Entries, Value, masked};

/// How long a service may take until its reads tell of a new object.
const KNOWN: Duration = Duration::from_secs(30);

/// Runs the steps of one job.
pub(super) struct Runner<'a> {
    pub job: Job<'a>,
    pub evaluator: RefCell<Evaluator>,
    /// Values that expressions see: final where a step is done, planned elsewhere.
    pub known: RefCell<Known<'a>>,
    pub record: Record<'a>,
    pub reader: Reader,
    pub connections: RefCell<Connections>,
    /// Connections with the values that objects had before the run: of what goes before its provider is configured anew.
    pub before: RefCell<Connections>,
    /// What was done, in the order it was done: for a rollback.
    pub done: RefCell<Vec<Done>>,
    /// Numbers of the steps that took over an object that stood in the way.
    pub adopted: RefCell<BTreeSet<usize>>,
    /// How long steps took.
    pub durations: RefCell<Durations>,
    /// Ephemeral resources that are open.
    pub session: tokio::sync::Mutex<Session>,
    /// Held while what is kept with a revision is noted: several that give way add to the same note.
    pub keeping: tokio::sync::Mutex<()>,
    /// What does not end the run.
    pub warnings: RefCell<Report>,
}

/// What a managed step works with.
pub(super) struct Work<'s> {
    pub step: &'s Step,
    pub change: &'s Change,
    pub resource: Arc<dyn AnyResource>,
    pub cloud: Cloud,
    pub provider: String,
}

/// Why an object was not made.
struct Unmade {
    error: Error,
    /// Whether an earlier try may have made it all the same: it got no answer, and nobody could be asked since.
    is_unclear: bool,
}

/// What to say then of an error that leaves no doubt of its own.
const MAY_EXIST: &str =
    "An earlier try got no answer and may have made it: the next run looks before it makes another.";

impl Runner<'_> {
    /// What the stack files want, now that everything the step waited for is known.
    fn evaluated(&self, step: &Step) -> Result<Desired, Report> {
        let want = self.evaluator.borrow_mut().instance(&step.address, &mut *self.known.borrow_mut())?;
        if want.config.is_wholly_known() {
            return Ok(want);
        }
        if !self.job.plan.selection.is_whole() {
            let text = format!(
                "{} needs values of an object that does not exist, and that the plan is not about. Name that object too.",
                step.address
            );
            return Err(Diagnostic::error("Configuration contains unknown value", text).about(&step.address).into());
        }
        // A service would be asked with nothing in its place.
        let text = format!("{} has its turn, but not all values it needs are known.", step.address);
        Err(Diagnostic::bug(text).into())
    }

    /// Runs one step and tells who watches.
    pub(super) async fn step(&self, step: &Step) -> Result<(), Report> {
        let change = &self.job.plan.changes[step.change];
        let start = self.job.around.clock.steady();
        let id = change.before.get("id").and_then(Value::as_str).map(str::to_owned);
        let id = id.filter(|_| step.what != What::Create).map(|id| masked(&id, &change.before));
        self.record.started(step);
        if step.what != What::Delete {
            let needed = self.evaluator.borrow().ephemerals(&step.address);
            self.open(needed).await?;
        }
        (self.job.watch)(Event::Started { address: step.address.clone(), what: step.what, id });
        let result = match step.what {
            What::Read => self.read(step, change).await,
            What::Create | What::Update | What::Delete | What::Deploy => self.managed(step, change).await,
        };
        let time = self.job.around.clock.steady().saturating_sub(start);
        match &result {
            Ok(id) => {
                self.durations.borrow_mut().add(step.address.type_name(), step.what, time);
                let id = id.as_deref().map(|id| masked(id, &change.after));
                (self.job.watch)(Event::Done { address: step.address.clone(), what: step.what, id, time });
            }
            Err(report) => {
                // A step fails once, whatever it says of that.
                if let Some(problem) = report.0.iter().find(|problem| problem.is_error()) {
                    let (address, problem) = (step.address.clone(), Box::new(problem.clone()));
                    (self.job.watch)(Event::Failed { address, what: step.what, problem, time });
                }
            }
        }
        result.map(drop)
    }

    async fn managed(&self, step: &Step, change: &Change) -> Result<Option<String>, Report> {
        let work = self.work(step, change).await?;
        match step.what {
            What::Create => self.create(&work).await.map(Some),
            What::Update => self.update(&work).await.map(Some),
            What::Deploy => {
                let shown = self.deploy(&work).await?;
                self.did(|| Some(Done::Deployed { step: step.clone(), is_certain: true }));
                Ok(Some(shown))
            }
            What::Delete | What::Read => {
                let kept = self.delete(&work).await?;
                let step = step.clone();
                self.did(|| Some(kept.map_or(Done::Deleted { step: step.clone() }, |old| Done::Kept { step, old })));
                Ok(None)
            }
        }
    }

    /// What the step works with.
    pub(super) async fn work<'s>(&self, step: &'s Step, change: &'s Change) -> Result<Work<'s>, Report> {
        let Some(resource) = self.job.registry.resource(step.address.type_name()).cloned() else {
            return Err(Diagnostic::bug(format!("The type of {} has no table", step.address)).into());
        };
        let (cloud, provider) = match step.what {
            What::Delete => self.connect_to_delete(&change.provider).await?,
            What::Create | What::Update | What::Read | What::Deploy => {
                (self.connect(&change.provider).await?, change.provider.in_state())
            }
        };
        Ok(Work { step, change, resource, cloud, provider })
    }

    /// The instance as the stack file wants it, with the values that are final by now; refused when that is not what was
    /// planned. With it the planned object, and what the service is told.
    pub(super) fn wanted(&self, work: &Work<'_>, prior: Option<&Value>) -> Result<(Desired, Value, Value), Report> {
        let want = self.evaluated(work.step)?;
        let (planned, config) = self.drafted(work, &want, prior)?;
        if planned.has_infinity() {
            let problem = unstored(&format!("{}", work.step.address)).at(want.spans.header());
            return Err(problem.about(&work.step.address).into());
        }
        // What is taken over was planned as one to be made: without what was there.
        let is_taken_over = work.step.what == What::Create && prior.is_some();
        let compared = if is_taken_over { self.drafted(work, &want, None)?.0 } else { planned.clone() };
        match surprise(&work.change.after, &compared) {
            None => {
                let told = known(&told(work.resource.schema(), &planned, &config));
                Ok((want, planned, told))
            }
            Some(name) => Err(Diagnostic::error(
                "The plan no longer holds",
                format!(
                    "`{name}` of {} comes out differently than planned: something changed between plan and apply. This object was not touched. Run the command again to see the new plan.",
                    work.step.address
                ),
            )
            .at(want.spans.header())
            .about(&work.step.address)
            .into()),
        }
    }

    /// The object as it would become, and what the stack file says of it.
    fn drafted(&self, work: &Work<'_>, want: &Desired, prior: Option<&Value>) -> Result<(Value, Value), Report> {
        let schema = work.resource.schema();
        let config = ignore(&want.lifecycle.ignore_changes, schema, &want.config, prior);
        let (address, plan) = (&work.step.address, self.job.plan);
        let shared = sharing::share(&plan.live, &plan.governance, &plan.takes, want, schema);
        let shared = shared.filter(|_| plan.sharing.contains_key(address));
        let config = match (shared, prior) {
            // A new revision: what was not known in the plan may touch what a pipeline changed as well.
            (Some(shared), None) => {
                sharing::problems(&shared.conflicts).or(())?;
                shared.merged
            }
            (Some(shared), Some(_)) => shared.settled,
            (None, Some(prior)) => sharing::hold(&plan.governance, &plan.live, &plan.sharing, address, &config, prior),
            (None, None) => config,
        };
        let (planned, _) = draft(&work.resource, Some(&work.cloud), &config, prior).finish();
        Ok((planned, config))
    }

    async fn create(&self, work: &Work<'_>) -> Result<String, Report> {
        let (want, mut planned, mut said) = self.wanted(work, None)?;
        if self.images(work, &want, &known(&planned)).await? == Start::Empty {
            [planned, said] = [planned, said].map(|one| images::without_tasks(&one, &work.change.before));
        }
        let unmade = |error: &Error| problem_of(work, &want, error, "Creating");
        let asked = work.resource.prepare(&known(&planned), &self.record.mark()?).map_err(|error| unmade(&error))?;
        // What is written down has no secrets that are only for the service.
        let told = told(work.resource.schema(), &asked, &said);
        let is_provisioned = !self.provisioners(work, false).is_empty();
        // Nothing is left behind that would have to be found again, unless provisioners follow.
        let is_pure = work.resource.is_pure() && !is_provisioned;
        self.about_to_make(work, &want, &asked, is_provisioned, is_pure).await?;
        let [limit, ..] = limits(work, &asked);
        let id = match self.make(work, &told, limit).await {
            Ok(id) => id,
            Err(Unmade { error, is_unclear }) => {
                let mut problem = unmade(&error);
                if is_unclear && !error.is_uncertain() {
                    problem.0.iter_mut().for_each(|one| one.notes.push((None, MAY_EXIST.to_owned())));
                }
                if work.resource.is_taken(&error)
                    && let Some(taken) = self.adopt(work, &want, &asked, limit, &problem).await?
                {
                    return Ok(taken);
                }
                self.record.nothing_made(work.step, work.change, &error, is_unclear).await?;
                return Err(problem);
            }
        };
        if !is_pure {
            let unwritten = |report| untold(report, work, &masked(&id, &planned));
            self.record.made(work.step, &id).await.map_err(unwritten)?;
        }
        let patience = self.patience(work, limit).with_new(work.resource.missing());
        let result = self.patiently(work, patience, || work.resource.finish(&work.cloud, &id, &told)).await;
        self.settle(work, &want, &planned, &id, limit, result.err(), "Creating").await
    }

    /// The making call. After a call without a clear answer the object is looked for before the call is made again.
    async fn make(&self, work: &Work<'_>, asked: &Value, limit: Duration) -> Result<Id, Unmade> {
        let mut patience = Patience::with_making(&self.job.around.clock, work.resource.retries(), limit);
        let (mut was_uncertain, mut is_unclear) = (false, false);
        loop {
            let error = match work.resource.create(&work.cloud, asked).await {
                Ok(id) => return Ok(id),
                Err(error) => error,
            };
            was_uncertain |= error.is_uncertain();
            is_unclear |= error.is_uncertain();
            let unmade = |error| Unmade { error, is_unclear };
            // What a call without an answer made may also be what stands in the way of the next one.
            let is_in_the_way = was_uncertain && work.resource.is_taken(&error);
            if !is_in_the_way {
                self.before_next_try(work, &mut patience, error.clone()).await.map_err(unmade)?;
            }
            // Where nothing stands in the way of another one, it must not be asked for too soon.
            let is_slow = is_in_the_way || work.resource.making() == Making::Again;
            if was_uncertain && let Some(id) = self.look(work, asked, is_slow).await.map_err(unmade)? {
                return Ok(id);
            }
            // By then everybody knew of what was made.
            is_unclear &= !is_slow || self.job.stop.is_asked();
            if is_in_the_way || was_uncertain && self.job.stop.is_asked() {
                return Err(Unmade { error, is_unclear });
            }
            self.record.repeats(work.step).await.map_err(|_| Unmade { error, is_unclear })?;
        }
    }

    /// Looks for what a call without an answer has made: once, or until everybody should know of it.
    async fn look(&self, work: &Work<'_>, asked: &Value, is_slow: bool) -> Result<Option<Id>, Error> {
        let clock = &self.job.around.clock;
        let (start, mut pause) = (clock.steady(), Duration::from_secs(1));
        loop {
            let found = work.resource.recover(&work.cloud, asked).await?;
            let is_over = clock.steady() + pause > start + KNOWN;
            if found.is_some() || !is_slow || is_over || self.job.stop.is_asked() {
                return Ok(found);
            }
            self.progress(work, "no clear answer, looking for what the call made");
            tokio::select! {
                () = clock.sleep(pause) => pause = (pause * 2).min(Duration::from_secs(5)),
                () = self.job.stop.asked() => return Ok(None),
            }
        }
    }

    /// Waits before the next try, unless the error is final or the person asks to stop.
    pub(super) async fn before_next_try(
        &self,
        work: &Work<'_>,
        patience: &mut Patience<'_>,
        error: Error,
    ) -> Result<(), Error> {
        let kept = error.clone();
        let progress = |why: &str| self.progress(work, why);
        tokio::select! {
            result = patience.after(error, &progress) => result,
            () = self.job.stop.asked() => Err(kept),
        }
    }

    async fn update(&self, work: &Work<'_>) -> Result<String, Report> {
        let before = &work.change.before;
        let (want, planned, told) = self.wanted(work, Some(before))?;
        // What only a deployment can change comes with the next step.
        let [mut planned, mut told] =
            [planned, told].map(|one| if self.deploys(work) { deploy::without_deployed(&one, before) } else { one });
        if self.images(work, &want, &known(&planned)).await? == Start::Empty {
            [planned, told] = [planned, told].map(|one| images::without_tasks(&one, before));
        }
        let (have, asked) = (known(before), known(&planned));
        let id = work.resource.id(&have).map_err(|error| problem_of(work, &want, &error, "Changing"))?;
        self.record.intent(work.step, work.change, &asked, Some(&id), false, work.resource.is_pure()).await?;
        let [_, limit, _] = limits(work, &asked);
        let patience = self.patience(work, limit);
        let result = self.patiently(work, patience, || work.resource.update(&work.cloud, &id, &have, &told)).await;
        // After a refusal, what the service does not tell is as it was, not as it was wanted.
        let basis = if result.is_ok() { &planned } else { before };
        self.settle(work, &want, basis, &id, limit, result.err(), "Changing").await
    }

    /// Waits until the object is ready, and records it as it is; also after a failure, so that nothing is forgotten.
    #[allow(clippy::too_many_arguments)]
    pub(super) async fn settle(
        &self,
        work: &Work<'_>,
        want: &Desired,
        planned: &Value,
        id: &Id,
        limit: Duration,
        failed: Option<Error>,
        doing: &str,
    ) -> Result<String, Report> {
        for text in work.resource.notes(&work.cloud) {
            self.warnings.borrow_mut().push(Diagnostic::warning("A permission is missing", text));
        }
        let prior = with_id(&known(planned), id);
        let waited = if failed.is_none() {
            self.wait(work, &prior, id, limit).until_ready().await
        } else {
            let wanted = Wanted { id: id.clone(), prior: prior.clone() };
            let found = self.reader.read(&work.resource, &work.cloud, &work.provider, wanted).await;
            found.map(|found| Waited::NotYet(String::new(), found.map(|found| found.attributes)))
        };
        let is_adopted = self.adopted.borrow().contains(&work.step.number);
        let done = match work.step.what {
            _ if is_adopted => "adopted",
            What::Create => "made",
            What::Update | What::Deploy | What::Delete | What::Read => "changed",
        };
        let not_ready = |why: &str| -> Report {
            let text = format!("{} was {done} but is not ready. {why}", work.step.address);
            Diagnostic::error("Resource is not ready", text).at(want.spans.header()).about(&work.step.address).into()
        };
        let call = |error: &Error| problem_of(work, want, error, doing);
        // Only an object that will never be ready is replaced by the next run; what is merely unfinished is changed.
        let (seen, problem, is_tainted) = match (waited, &failed) {
            (Ok(Waited::Ready(seen)), _) => (Some(seen), None, false),
            (Ok(Waited::NotYet(_, seen) | Waited::Failed(_, seen)), Some(error)) => (seen, Some(call(error)), false),
            (Ok(Waited::NotYet(why, seen)), None) => (seen, Some(not_ready(&why)), false),
            (Ok(Waited::Failed(why, seen)), None) => (seen, Some(not_ready(&why)), true),
            (Err(error), failed) => (None, Some(call(failed.as_ref().unwrap_or(&error))), false),
        };
        // What is not ready was never provisioned: only making it anew makes up for that.
        let made = work.step.what == What::Create;
        let provisioners = if made { self.provisioners(work, false) } else { Vec::new() };
        let is_unfinished = failed.is_some() && !is_adopted && work.resource.hides_unfinished();
        let is_tainted = made && (is_tainted || is_unfinished) || !provisioners.is_empty();
        let schema = work.resource.schema();
        let value = mark_schema(schema, &copy_marks(planned, &seen.unwrap_or(prior)));
        let shown = value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let configured = self.configured(work, want).filter(|_| problem.is_none());
        let resource = work.resource.as_ref();
        self.record
            .became(work.step, work.change, resource, &value, is_tainted, configured.as_ref(), problem.is_none())
            .await?;
        self.did(|| self.done_with(work.step, &value));
        if let Some(problem) = problem {
            return Err(problem);
        }
        if made {
            self.keep_theirs(work).await?;
        }
        if !provisioners.is_empty() {
            self.provision(work, &provisioners, &value).await?;
            self.record.became(work.step, work.change, resource, &value, false, configured.as_ref(), true).await?;
        }
        if self.deploys(work) {
            return Ok(shown);
        }
        let (address, plan) = (&work.step.address, self.job.plan);
        let is_same = work.step.what == What::Update;
        let seen = sharing::seen(&plan.live, plan.sharing.get(address).filter(|_| is_same), address, value);
        let seen = plan.live.turned.seen(address, seen);
        self.known.borrow_mut().set(address, seen.clone());
        self.evaluator.borrow_mut().settle(address, seen)?;
        Ok(shown)
    }

    /// Whether nothing runs when the object is made or destroyed.
    pub(super) fn has_no_provisioners(&self, address: &crate::address::Address) -> bool {
        let evaluator = self.evaluator.borrow();
        [true, false].iter().all(|on_destroy| evaluator.provisioners(address, *on_destroy).is_empty())
    }

    pub(super) fn provisioners(&self, work: &Work<'_>, on_destroy: bool) -> Vec<Provisioner> {
        self.evaluator.borrow().provisioners(&work.step.address, on_destroy)
    }

    /// Runs provisioners of an object one after the other; `this` is the object.
    pub(super) async fn provision(&self, work: &Work<'_>, all: &[Provisioner], this: &Value) -> Result<(), Report> {
        for one in all {
            let told = self.evaluator.borrow_mut().provision(&work.step.address, one, this)?;
            provision(self.job, &work.step.address, &told, one).await?;
        }
        Ok(())
    }

    /// Reads a data source whose arguments are known only now.
    async fn read(&self, step: &Step, change: &Change) -> Result<Option<String>, Report> {
        let cloud = self.connect(&change.provider).await?;
        let Some(source) = self.job.registry.source(step.address.type_name()).cloned() else {
            return Err(Diagnostic::bug(format!("The type of {} has no table", step.address)).into());
        };
        let want = self.evaluated(step)?;
        let asked = known(&crate::plan::complete::complete(source.schema(), &want.config, None));
        let value = match source.read_as(&step.address, &cloud, &asked).await {
            Ok(value) => value,
            Err(error) => {
                let problem =
                    Report::from(problem::from_error(&error, &step.address, "Reading").at(want.spans.header()));
                if !want.in_check {
                    return Err(problem);
                }
                let warnings = self.evaluator.borrow_mut().unread(&step.address, problem);
                self.warnings.borrow_mut().extend(warnings);
                if change.reason == Reason::CheckNested {
                    // What the plan knew of it.
                    self.record.data(change, source.schema(), &known(&change.after))?;
                }
                return Ok(None);
            }
        };
        let value = copy_marks(&want.config, &mark_schema(source.schema(), &value));
        self.record.data(change, source.schema(), &value)?;
        self.known.borrow_mut().set(&step.address, value.clone());
        self.evaluator.borrow_mut().settle(&step.address, value)?;
        Ok(None)
    }

    pub(super) fn wait<'w>(&'w self, work: &'w Work<'_>, prior: &Value, id: &Id, limit: Duration) -> Wait<'w> {
        Wait {
            reader: &self.reader,
            clock: &self.job.around.clock,
            resource: &work.resource,
            cloud: &work.cloud,
            provider: &work.provider,
            wanted: Wanted { id: id.clone(), prior: prior.clone() },
            limit,
            stop: self.job.stop,
            address: &work.step.address,
            watch: self.job.watch,
        }
    }

    /// Calls until it succeeds or fails for good.
    pub(super) async fn patiently<F>(
        &self,
        work: &Work<'_>,
        mut patience: Patience<'_>,
        mut call: impl FnMut() -> F,
    ) -> Result<(), Error>
    where
        F: Future<Output = Result<(), Error>>,
    {
        loop {
            match call().await {
                Ok(()) => return Ok(()),
                Err(error) => self.before_next_try(work, &mut patience, error).await?,
            }
        }
    }

    pub(super) fn patience(&self, work: &Work<'_>, limit: Duration) -> Patience<'_> {
        Patience::new(&self.job.around.clock, work.resource.retries(), limit)
    }

    pub(super) fn progress(&self, work: &Work<'_>, text: &str) {
        (self.job.watch)(Event::Progress { address: work.step.address.clone(), text: text.to_owned() });
    }
}

/// The failure of a call, at the header of its block.
pub(super) fn problem_of(work: &Work<'_>, want: &Desired, error: &Error, doing: &str) -> Report {
    let problem = problem::from_error(error, &work.step.address, doing).at(want.spans.header());
    Diagnostic { detail: masked(&problem.detail, &want.config), ..problem }.into()
}

/// The journal could not take the id of what was made, so the person is told: whoever looks it up may not find it.
fn untold(mut report: Report, work: &Work<'_>, id: &str) -> Report {
    let note = format!("{} was made all the same: {id}", work.step.address);
    report.0.iter_mut().for_each(|one| one.notes.push((None, note.clone())));
    report
}

/// Time limits of create, update and delete: of the `timeouts` block, else of the type.
pub(super) fn limits(work: &Work<'_>, object: &Value) -> [Duration; 3] {
    let own = work.resource.pace().limit;
    let said = |name: &str| object.get("timeouts")?.get(name)?.as_str().and_then(crate::resource::attr::duration);
    [said("create").unwrap_or(own[0]), said("update").unwrap_or(own[1]), said("delete").unwrap_or(own[2])]
}

/// The object with its id, where only the service could tell it.
fn with_id(object: &Value, id: &Id) -> Value {
    let mut entries: Entries = object.entries().cloned().unwrap_or_default();
    if entries.get("id").is_some_and(Value::is_null) {
        entries.insert("id".into(), id.as_str().into());
    }
    Value::object(entries)
}

/// The attribute in which the final object contradicts what was planned and known.
fn surprise(planned: &Value, now: &Value) -> Option<String> {
    let (planned, now) = (planned.entries()?, now.entries()?);
    planned
        .iter()
        .find(|(name, value)| now.get(name).is_some_and(|now| contradicts(value, now)))
        .map(|(name, _)| name.to_string())
}

fn contradicts(planned: &Value, now: &Value) -> bool {
    if !planned.is_known() {
        return false;
    }
    match (planned.elements(), now.elements()) {
        _ if planned.is_wholly_known() => planned.unmarked() != now.unmarked(),
        (Some(planned), Some(now)) => planned.len() < now.len() && planned.iter().all(Value::is_wholly_known),
        _ => match (planned.entries(), now.entries()) {
            (Some(planned), Some(now)) => {
                planned.iter().any(|(name, value)| now.get(name).is_none_or(|now| contradicts(value, now)))
            }
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[test]
    fn only_what_was_known_can_surprise() {
        let object = |a: Value, b: Value| Value::object([("a".into(), a), ("b".into(), b)].into());
        let planned = object("x".into(), Value::unknown(Type::String));
        assert_eq!(surprise(&planned, &object("x".into(), "y".into())), None);
        assert_eq!(surprise(&planned, &object("z".into(), "y".into())).as_deref(), Some("a"));
    }
}
