//! What a run remembers: every fact goes to the journal first, then to the state in memory.

mod undoing;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::dependencies::{self, both};
use super::job::Job;
use crate::address::{Address, Resource};
use crate::clock::Clock;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::CheckResult;
use crate::plan::sharing::Returned;
use crate::plan::steps::{Step, What, block_of};
use crate::plan::{Action, Change, Purpose, rollouts};
use crate::resource::{AnyResource, Error, Found, Id, Identity, Schema};
use crate::state::journal::{Action as Doing, Aside, Entry, Intent, Journal, Left, StepRef};
use crate::state::{Instance, InstanceKey, OpenIntent, Output, State};
use crate::value::Value;

/// How old an intent becomes before it is written down again when its call is repeated.
const REPEATED: Duration = Duration::from_secs(20);

/// The state as the run goes on.
pub(super) struct Record<'a> {
    state: RefCell<State>,
    /// What changed in the state alone before the first step: objects moved, forgotten.
    moved: Vec<InstanceKey>,
    journal: &'a Journal,
    clock: Clock,
    job: Job<'a>,
    /// Blocks that each block depends on, as state files record them.
    dependencies: HashMap<Arc<Resource>, Vec<Arc<Resource>>>,
    started: RefCell<BTreeSet<usize>>,
    /// Intents of steps that are under way.
    intents: RefCell<BTreeMap<usize, OpenIntent>>,
    /// Calls without a clear answer.
    unclear: RefCell<Vec<OpenIntent>>,
    /// Where the old object of a create-first replacement went.
    deposed: RefCell<BTreeMap<Address, InstanceKey>>,
    /// What was remembered of objects before steps changed them, or of those they took over; by number of the step.
    before: RefCell<BTreeMap<usize, Instance>>,
}

impl<'a> Record<'a> {
    /// Starts from what is remembered.
    pub(super) fn new(mut state: State, journal: &'a Journal, job: Job<'a>) -> Self {
        // Data sources are remembered anew with every apply; those that the plan is not about stay.
        let is_whole = job.plan.selection.is_whole();
        state.instances.retain(|key, _| key.address.is_managed() || !is_whole);
        let moved = moved(&mut state, job);
        let record = Self {
            state: RefCell::new(state),
            moved,
            journal,
            clock: job.around.clock.clone(),
            job,
            dependencies: dependencies::recorded(&job.plan.changes, dependencies::MOST),
            started: RefCell::default(),
            intents: RefCell::default(),
            unclear: RefCell::default(),
            deposed: RefCell::default(),
            before: RefCell::default(),
        };
        record.seen();
        record
    }

    /// Writes down what changed in the state alone. Comes back when it is on disk.
    pub(super) async fn begin(&self) -> Result<(), Report> {
        let is_taken_over = |change: &&Change| change.importing.is_some();
        let taken = self.job.plan.changes.iter().filter(is_taken_over);
        let keys = self.moved.iter().cloned().chain(taken.map(|change| InstanceKey::current(change.address.clone())));
        let now = |key: InstanceKey| {
            let instance = self.state.borrow().instances.get(&key).cloned();
            (key, instance.map(Box::new))
        };
        let changes: Vec<_> = keys.map(now).collect();
        if changes.is_empty() { Ok(()) } else { self.append(&Entry::Set { changes }).await }
    }

    /// Takes over what the plan read: objects as they are, without those that vanished, and data sources.
    fn seen(&self) {
        let mut state = self.state.borrow_mut();
        let live = &self.job.plan.live;
        for address in live.vanished.keys().chain(live.gone()) {
            state.instances.remove(&InstanceKey::current(address.clone()));
        }
        for change in &self.job.plan.changes {
            let key = InstanceKey { address: change.address.clone(), deposed: change.deposed.clone() };
            let registry = self.job.registry;
            if change.address.is_managed() {
                let Some(resource) = registry.resource(change.address.type_name()) else { continue };
                let old = state.instances.get(&key).cloned();
                if old.is_none() && change.importing.is_none() {
                    continue;
                }
                if let Ok(instance) =
                    self.instance(change, resource.schema(), resource.schema_version(), &change.before)
                {
                    let is_deployed = self.job.plan.rollouts.contains_key(&change.address);
                    let is_kept = change.action == Action::NoOp && change.deposed.is_none() && !is_deployed;
                    let said = self.job.plan.configured.get(&change.address);
                    // Where nothing was planned, what was known before stays.
                    let configured = said.or_else(|| live.configured.get(&change.address)).filter(|_| is_kept);
                    let Some(old) = old else {
                        let mut instance = instance;
                        rollouts::remember(&mut instance, resource.type_name(), resource.schema(), configured);
                        state.instances.insert(key, instance);
                        continue;
                    };
                    let mut kept = Instance {
                        tainted: old.tainted,
                        private: old.private.clone(),
                        extra: old.extra.clone(),
                        ..instance
                    };
                    rollouts::remember(&mut kept, resource.type_name(), resource.schema(), configured);
                    let kept = match change.action {
                        // Nothing says what a deleted object depends on but the record itself.
                        Action::Delete => Instance {
                            dependencies: old.dependencies,
                            create_before_destroy: old.create_before_destroy,
                            ..kept
                        },
                        // Until its step is done, an object depends on what it did before.
                        Action::Update | Action::Replace { .. } => Instance { dependencies: old.dependencies, ..kept },
                        // Nothing was done about what the configuration says since.
                        _ if self.job.plan.mode == Purpose::RefreshOnly => {
                            Instance { dependencies: both(&old.dependencies, &kept.dependencies), ..kept }
                        }
                        _ => kept,
                    };
                    state.instances.insert(key, kept);
                }
            } else if change.action == Action::NoOp
                && !self.job.is_destroy
                && let Some(source) = registry.source(change.address.type_name())
                && let Ok(instance) = self.instance(change, source.schema(), 0, &change.after)
            {
                state.instances.insert(key, instance);
            }
        }
    }

    fn instance(&self, change: &Change, schema: &Schema, version: u64, value: &Value) -> Result<Instance, Report> {
        let mut instance = Instance::new(&change.provider.in_state(), version, value, &schema.ty)?;
        let block = block_of(&change.address);
        // Nothing is recorded for data sources, as in Terraform: they are never deleted, so that no order needs it.
        if change.address.is_managed() {
            instance.dependencies = self.dependencies.get(&block).cloned().unwrap_or_default();
        }
        instance.create_before_destroy = change.address.is_managed() && change.create_before_destroy;
        Ok(instance)
    }

    /// The step was started.
    pub(super) fn started(&self, step: &Step) {
        self.started.borrow_mut().insert(step.number);
    }

    /// Whether the step was started.
    pub(super) fn was_started(&self, step: &Step) -> bool {
        self.started.borrow().contains(&step.number)
    }

    fn key(&self, step: &Step, change: &Change) -> InstanceKey {
        let moved = || {
            self.deposed
                .borrow()
                .get(&step.address)
                .cloned()
                .filter(|_| step.what == What::Delete && change.deposed.is_none())
        };
        moved().unwrap_or_else(|| InstanceKey { address: step.address.clone(), deposed: change.deposed.clone() })
    }

    /// Whether the object that the step is about is the current one of its instance, and not tainted.
    pub(super) fn is_whole(&self, step: &Step, change: &Change) -> bool {
        let key = self.key(step, change);
        key.deposed.is_none() && self.state.borrow().instances.get(&key).is_some_and(|instance| !instance.tainted)
    }

    /// What is about to be done, and whether an object that a crash leaves behind is tainted. Comes back when it is on
    /// disk; nothing has to be there when `is_pure`.
    #[allow(clippy::too_many_arguments)]
    pub(super) async fn intent(
        &self,
        step: &Step,
        change: &Change,
        asked: &Value,
        id: Option<&Id>,
        is_tainted: bool,
        is_pure: bool,
    ) -> Result<(), Report> {
        let gives_way = step.what == What::Create && change.action == (Action::Replace { create_first: true });
        if gives_way && is_pure {
            self.set_aside(&step.address).await?;
        }
        self.note_before(step, change);
        if is_pure {
            return Ok(());
        }
        let aside = if gives_way { self.aside(&step.address)? } else { None };
        let Some(resource) = self.job.registry.resource(step.address.type_name()) else { return Ok(()) };
        let key = self.key(step, change);
        let instance = self.instance(change, resource.schema(), resource.schema_version(), asked)?;
        let names = match resource.identity() {
            Identity::Chosen(names) | Identity::Assigned { recover_by: names } => names,
        };
        let text = |name: &&'static str| Some(((*name).to_owned(), asked.get(name)?.as_str()?.to_owned()));
        let doing = match step.what {
            What::Create => Doing::Create,
            What::Update | What::Deploy => Doing::Update,
            What::Delete | What::Read => Doing::Delete,
        };
        let intent = Intent {
            step: self.step(step),
            action: doing,
            type_name: step.address.type_name().to_owned(),
            provider: instance.provider.to_string(),
            id: id.cloned(),
            recover: names.iter().filter_map(text).collect(),
            tainted: is_tainted,
            planned: Some(instance.attributes),
            dependencies: instance.dependencies.iter().map(ToString::to_string).collect(),
            create_before_destroy: instance.create_before_destroy,
            before: (doing == Doing::Update).then(|| self.remembered(&key).map(Box::new)).flatten(),
            deploys: step.what == What::Deploy,
            aside,
            key,
        };
        let open = OpenIntent { intent: intent.clone(), made: None, at: self.clock.now(), is_awaited: false };
        self.intents.borrow_mut().insert(step.number, open);
        self.append(&Entry::Intent(intent.clone())).await?;
        if let Some((key, old)) = intent.set_aside() {
            let mut state = self.state.borrow_mut();
            state.instances.remove(&intent.key);
            state.instances.insert(key.clone(), old.clone());
            self.deposed.borrow_mut().insert(step.address.clone(), key);
        }
        Ok(())
    }

    /// The old object of a create-first replacement, and the key of the deposed one that it becomes.
    fn aside(&self, address: &Address) -> Result<Option<Aside>, Report> {
        let state = self.state.borrow();
        let Some(old) = state.instances.get(&InstanceKey::current(address.clone())) else { return Ok(None) };
        let deposed = state.new_deposed_key(address, &self.clock)?.deposed;
        Ok(deposed.map(|deposed| Aside { deposed, instance: Box::new(old.clone()) }))
    }

    /// The old object of a create-first replacement becomes a deposed one. Comes back when it is on disk.
    async fn set_aside(&self, address: &Address) -> Result<(), Report> {
        let Some(Aside { deposed, instance }) = self.aside(address)? else { return Ok(()) };
        let current = InstanceKey::current(address.clone());
        let key = InstanceKey { deposed: Some(deposed), ..current.clone() };
        self.set(vec![(current, None), (key.clone(), Some(*instance))]).await?;
        self.deposed.borrow_mut().insert(address.clone(), key);
        Ok(())
    }

    /// The making call is repeated: a later run counts from here how long it may still have its effect. Comes back when it
    /// is on disk.
    pub(super) async fn repeats(&self, step: &Step) -> Result<(), Report> {
        let now = self.clock.now();
        let intent = match self.intents.borrow_mut().get_mut(&step.number) {
            Some(open) if now.abs_diff(open.at) > REPEATED => {
                open.at = now;
                open.intent.clone()
            }
            _ => return Ok(()),
        };
        self.append(&Entry::Intent(intent)).await
    }

    /// The object exists and this is its id. Comes back when it is on disk.
    pub(super) async fn made(&self, step: &Step, id: &Id) -> Result<(), Report> {
        if let Some(open) = self.intents.borrow_mut().get_mut(&step.number) {
            open.made = Some(id.clone());
        }
        let made = Entry::Made { step: self.step(step), id: id.clone() };
        self.append(&made).await.inspect_err(|_| self.unwritten(step))
    }

    /// The journal cannot take what became of the step, when the disk is full: the next run looks it up.
    fn unwritten(&self, step: &Step) {
        let open = self.intents.borrow_mut().remove(&step.number);
        self.unclear.borrow_mut().extend(open);
    }

    /// The making call failed. When it may have made something all the same, the next run looks; else an object that gave
    /// way is the current one again.
    pub(super) async fn nothing_made(
        &self,
        step: &Step,
        change: &Change,
        error: &Error,
        is_unclear: bool,
    ) -> Result<(), Report> {
        if !is_unclear && step.what == What::Create && self.before(step).is_some() {
            return self.not_overwritten(step, change).await;
        }
        let left = if is_unclear { Left::Unclear } else { Left::Nothing };
        let key = self.key(step, change);
        let failed = Entry::Failed { step: self.step(step), key, message: error.to_string(), left };
        let written = self.append(&failed).await;
        let open = self.intents.borrow_mut().remove(&step.number);
        match open {
            Some(open) if is_unclear || written.is_err() => self.unclear.borrow_mut().push(open),
            Some(OpenIntent { intent, .. }) if intent.aside.is_some() => {
                intent.give_back(&mut self.state.borrow_mut());
                self.deposed.borrow_mut().remove(&step.address);
            }
            None if written.is_ok() => self.take_back(&step.address).await?,
            _ => {}
        }
        written
    }

    /// The delete call failed: the object is still there.
    pub(super) async fn still_there(&self, step: &Step, change: &Change, error: &Error) -> Result<(), Report> {
        self.intents.borrow_mut().remove(&step.number);
        let (key, left) = (self.key(step, change), Left::Nothing);
        let failed = Entry::Failed { step: self.step(step), key, message: error.to_string(), left };
        self.append(&failed).await
    }

    fn step(&self, step: &Step) -> StepRef {
        self.journal.step(step.number as u64)
    }

    /// Comes back when the entry is on disk.
    async fn append(&self, entry: &Entry) -> Result<(), Report> {
        self.journal.record(entry).await.map(drop).map_err(Report::from)
    }

    /// The object as it is now, and whether all that was planned for it was done. Comes back when it is on disk.
    #[allow(clippy::too_many_arguments)]
    pub(super) async fn became(
        &self,
        step: &Step,
        change: &Change,
        resource: &dyn AnyResource,
        value: &Value,
        is_tainted: bool,
        configured: Option<&Value>,
        is_done: bool,
    ) -> Result<(), Report> {
        let key = self.key(step, change);
        let mut instance = self.instance(change, resource.schema(), resource.schema_version(), value)?;
        instance.tainted = is_tainted;
        if step.what != What::Create
            && let Some(old) = self.state.borrow().instances.get(&key)
        {
            instance.private.clone_from(&old.private);
            instance.extra.clone_from(&old.extra);
        }
        rollouts::remember(&mut instance, resource.type_name(), resource.schema(), configured);
        if let Some(before) = self.state.borrow().instances.get(&key).filter(|_| !is_done) {
            instance.dependencies = both(&before.dependencies, &instance.dependencies);
        }
        let done = Entry::Done { step: self.step(step), key: key.clone(), instance: Some(Box::new(instance.clone())) };
        self.append(&done).await.inspect_err(|_| self.unwritten(step))?;
        self.intents.borrow_mut().remove(&step.number);
        self.state.borrow_mut().instances.insert(key, instance);
        Ok(())
    }

    /// Everything that is remembered now.
    pub(super) fn now(&self) -> State {
        self.state.borrow().clone()
    }

    /// The object as it is remembered now.
    pub(super) fn remembered(&self, key: &InstanceKey) -> Option<Instance> {
        self.state.borrow().instances.get(key).cloned()
    }

    /// The object that a step is about, as state names it.
    pub(super) fn key_of(&self, step: &Step, change: &Change) -> InstanceKey {
        self.key(step, change)
    }

    /// Changes what is remembered, all at once. Comes back when it is on disk.
    pub(super) async fn set(&self, changes: Vec<(InstanceKey, Option<Instance>)>) -> Result<(), Report> {
        let entry = changes.iter().map(|(key, instance)| (key.clone(), instance.clone().map(Box::new))).collect();
        self.append(&Entry::Set { changes: entry }).await?;
        let mut state = self.state.borrow_mut();
        for (key, instance) in changes {
            match instance {
                Some(instance) => drop(state.instances.insert(key, instance)),
                None => drop(state.instances.remove(&key)),
            }
        }
        Ok(())
    }

    /// Names this run: the state it works on, and how often that was changed before.
    pub(super) fn run(&self) -> String {
        let state = self.state.borrow();
        format!("{}/{}", state.lineage, state.serial)
    }

    /// The object is gone. Comes back when it is on disk.
    pub(super) async fn gone(&self, step: &Step, change: &Change) -> Result<(), Report> {
        let key = self.key(step, change);
        let done = Entry::Done { step: self.step(step), key: key.clone(), instance: None };
        self.append(&done).await.inspect_err(|_| self.unwritten(step))?;
        self.intents.borrow_mut().remove(&step.number);
        self.state.borrow_mut().instances.remove(&key);
        Ok(())
    }

    /// A data source that was read during the run.
    pub(super) fn data(&self, change: &Change, schema: &Schema, value: &Value) -> Result<(), Report> {
        let instance = self.instance(change, schema, 0, value)?;
        self.state.borrow_mut().instances.insert(InstanceKey::current(change.address.clone()), instance);
        Ok(())
    }

    /// Root outputs after the run.
    pub(super) fn outputs(&self, outputs: BTreeMap<String, Output>) -> Result<(), Report> {
        self.journal.note(&Entry::Outputs(outputs.clone()))?;
        self.state.borrow_mut().outputs = outputs;
        Ok(())
    }

    /// How checks ended.
    pub(super) fn checks(&self, checks: &[CheckResult]) -> Result<(), Report> {
        let results = super::checks::in_state(checks)?;
        if self.state.borrow().check_results == results {
            return Ok(());
        }
        self.journal.note(&Entry::CheckResults(results.clone()))?;
        self.state.borrow_mut().check_results = results;
        Ok(())
    }

    /// Root outputs as remembered.
    pub(super) fn known_outputs(&self) -> BTreeMap<String, Output> {
        self.state.borrow().outputs.clone()
    }

    /// A mark for what the step makes: no other step of any run has it.
    pub(super) fn mark(&self) -> Result<String, Report> {
        let mut bytes = [0; 16];
        self.clock.random(&mut bytes).map_err(|error| {
            Diagnostic::error("No randomness", format!("The operating system gives no random bytes: {error}."))
        })?;
        Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// Where an object of the type that was found through the provider configuration is in the state.
    pub(super) fn owner(&self, resource: &dyn AnyResource, provider: &str, found: &Found) -> Option<InstanceKey> {
        super::recover::owner(&self.state.borrow(), resource, provider, found)
    }

    /// What is remembered now, and calls whose end is not known: without a clear answer, or given up.
    pub(super) fn finish(self) -> (State, Vec<OpenIntent>) {
        let mut open = self.unclear.into_inner();
        open.extend(self.intents.into_inner().into_values());
        (self.state.into_inner(), open)
    }
}

/// An older revision becomes the current object again; keys of what changed.
fn give_back(state: &mut State, address: &Address, returned: &Returned) -> Vec<InstanceKey> {
    let current = InstanceKey::current(address.clone());
    let Some(mut own) = state.instances.remove(&current) else { return Vec::new() };
    let Some(key) = &returned.deposed else {
        super::deploy::swap_kept(&mut own, returned);
        state.instances.insert(current.clone(), own);
        return vec![current];
    };
    let deposed = InstanceKey { address: address.clone(), deposed: Some(key.clone()) };
    let older = state.instances.insert(deposed.clone(), own);
    state.instances.extend(older.map(|older| (current.clone(), older)));
    vec![current, deposed]
}

/// Remembers moved objects under their new addresses and forgets those that are to be forgotten; the keys that this
/// is about.
fn moved(state: &mut State, job: Job<'_>) -> Vec<InstanceKey> {
    let mut taken = Vec::new();
    let mut keys = Vec::new();
    for change in &job.plan.changes {
        let key = InstanceKey { address: change.address.clone(), deposed: change.deposed.clone() };
        let from = change.moved_from.as_ref().unwrap_or(&change.address);
        let from = InstanceKey { address: from.clone(), deposed: change.deposed.clone() };
        if change.moved_from.is_none() && change.action != Action::Forget {
            continue;
        }
        let Some(instance) = state.instances.remove(&from) else { continue };
        keys.push(from);
        if change.action != Action::Forget {
            taken.push((key, instance));
        }
    }
    keys.extend(taken.iter().map(|(key, _)| key.clone()));
    state.instances.extend(taken);
    for (address, returned) in &job.plan.live.returned {
        keys.extend(give_back(state, address, returned));
    }
    keys.sort();
    keys.dedup();
    keys
}
