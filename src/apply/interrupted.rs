//! Undoing what an interrupted run did: its journal tells that, and each undoing is a step of this run.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::job::{Job, Outcome};
use super::rollback::{Done, Needs};
use super::run::{nothing_done, prepared};
use crate::address::{Address, Addresses, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::plan::planner::Known;
use crate::plan::steps::{Step, What, block_of};
use crate::plan::{Action, Change, Connections, Plan, Reason};
use crate::resource::Registry;
use crate::rollout::DEPLOYED;
use crate::state::deeds::is_alike;
use crate::state::{Deeds, Did, Instance, InstanceKey, Journal, State};
use crate::value::{Type, Value};

/// What is to be undone.
#[derive(Debug)]
pub struct Undoing {
    /// What exists, and what the stack files say to it.
    seen: Plan,
    /// One change for each object; no steps.
    plan: Plan,
    done: Vec<Done>,
    moved: Vec<(InstanceKey, InstanceKey)>,
    forgotten: Vec<(InstanceKey, Instance)>,
    /// The state that the interrupted run started from.
    start: State,
}

impl Undoing {
    /// What to undo. `seen` is a plan that only reads, drawn up from `state`: what is remembered now, with everything that
    /// was found out about calls whose end was not known.
    ///
    /// # Errors
    /// A deployment is under way, or an object cannot be handled.
    pub fn new(seen: Plan, state: &State, start: State, deeds: Deeds, registry: &Registry) -> Result<Self, Report> {
        let mut plan = Plan { changes: Vec::new(), steps: Vec::new(), ..seen.clone() };
        let (mut done, mut report) = (Vec::new(), Report::default());
        let Deeds { deeds, moved, forgotten } = deeds;
        for deed in deeds {
            let address = &deed.key.address;
            let step = Step {
                number: done.len(),
                what: What::Update,
                change: plan.changes.len(),
                address: address.clone(),
                needs: Vec::new(),
                joins: Vec::new(),
            };
            let is_gone = deed.key.deposed.is_none() && seen.live.vanished.contains_key(address);
            let Some(instance) = state.instances.get(&deed.key).filter(|_| !is_gone) else {
                // What was made and is not there any more is undone already.
                if matches!(deed.what, Did::Deleted | Did::Changed { .. }) {
                    done.push(Done::Deleted { step });
                }
                continue;
            };
            let Some(resource) = registry.resource(address.type_name()) else {
                report.push(Diagnostic::bug(format!("The type of {address} has no table")));
                continue;
            };
            let live = seen.live.objects.get(address).filter(|_| deed.key.deposed.is_none());
            let object = match live {
                Some(live) => live.attributes.clone(),
                None => instance.decode(&resource.schema().ty)?.value,
            };
            let one = match deed.what {
                Did::Made => Done::Made { step, object: object.clone() },
                Did::TakenOver { found } => Done::Adopted { step, object: object.clone(), found },
                Did::Changed { before, deploys } => {
                    let running = seen.live.observed.get(address).and_then(|seen| seen.running.as_ref());
                    if let Some(running) = running.filter(|_| deploys) {
                        report.push(under_way(address, running.name()));
                    }
                    let was = before.decode(&resource.schema().ty)?.value;
                    let is_same =
                        |name: &&str| was.get(name).map(Value::unmarked) == object.get(name).map(Value::unmarked);
                    if deploys && !DEPLOYED.iter().all(is_same) {
                        Done::Deployed { step, is_certain: true }
                    } else if is_alike(&before, instance) {
                        // The deployment came to nothing.
                        continue;
                    } else {
                        Done::Changed { step, object: object.clone(), before }
                    }
                }
                Did::Deleted => Done::Deleted { step },
            };
            plan.changes.push(change(&deed.key, instance, &object));
            done.push(one);
        }
        report.or(Self { seen, plan, done, moved, forgotten, start })
    }

    /// Whether nothing can be undone.
    pub fn is_empty(&self) -> bool {
        let is_lost = |one: &Done| matches!(one, Done::Deleted { .. });
        self.done.iter().all(is_lost) && self.moved.is_empty() && self.forgotten.is_empty()
    }

    /// What will happen, one line for each object, in the order in which it happens.
    pub fn lines(&self) -> Vec<String> {
        let line = |one: &Done| {
            let word = match one {
                Done::Made { .. } => "it was made: it is deleted",
                Done::Adopted { .. } => "it was taken over: it becomes what it was and is forgotten",
                Done::Changed { .. } => "it was changed: it is changed back",
                Done::Deleted { .. } => "it was deleted: it cannot be brought back",
                Done::Kept { .. } | Done::Deployed { .. } => {
                    "a new revision was deployed: it stays, with all that it needs"
                }
            };
            format!("{}: {word}", one.step().address)
        };
        let moved = |(now, before): &(InstanceKey, InstanceKey)| format!("{now}: it is remembered as {before} again");
        let forgotten = |(key, _): &(InstanceKey, Instance)| format!("{key}: it was forgotten: it is remembered again");
        let in_state = self.moved.iter().map(moved).chain(self.forgotten.iter().map(forgotten));
        self.done.iter().rev().map(line).chain(in_state).collect()
    }

    /// What the undoing does, as a plan without steps.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// Undoes what an interrupted run did. Everything that happens is in the journal before anything depends on it; the
/// caller writes the state that comes back. That it was undone, or how far, is in the report, as an error: what the stack
/// files say was not applied.
pub async fn undo(job: Job<'_>, undoing: &Undoing, state: State, journal: &Journal) -> Outcome {
    let needs = needs(&state);
    let runner = match prepared(job, Known::existing(job.registry, &undoing.seen), state, journal) {
        Ok(runner) => runner,
        Err(outcome) => return *outcome,
    };
    if let Err(report) = runner.record.begin().await {
        let (state, open) = runner.record.finish();
        return nothing_done(state, open, report);
    }
    runner.done.borrow_mut().clone_from(&undoing.done);
    let mut report = runner.roll_back(&needs, true).await;
    let back = runner.record.back_to(&undoing.start, &undoing.moved, &undoing.forgotten).await;
    report.extend(back.err().unwrap_or_default());
    let had_step = |address: &Address| undoing.done.iter().any(|one| one.step().address == *address);
    report.extend(runner.record.notes_back(&undoing.start, had_step).await.err().unwrap_or_default());
    report.extend(runner.close().await);
    report.extend(runner.warnings.take());
    let durations = runner.durations.take();
    let (state, open) = runner.record.finish();
    Outcome { durations, ..nothing_done(state, open, report) }
}

/// What each instance depends on, as state has it.
fn needs(state: &State) -> Needs {
    let mut blocks: HashMap<Arc<Resource>, Vec<Address>> = HashMap::new();
    for key in state.instances.keys().filter(|key| key.deposed.is_none()) {
        blocks.entry(block_of(&key.address)).or_default().push(key.address.clone());
    }
    let mut sets: BTreeMap<&[Arc<Resource>], Addresses> = BTreeMap::new();
    let mut all = HashMap::new();
    for (key, instance) in &state.instances {
        let of = || instance.dependencies.iter().filter_map(|block| blocks.get(block)).flatten().cloned().collect();
        let set = sets.entry(&instance.dependencies).or_insert_with(of);
        all.insert(key.address.clone(), set.clone());
    }
    Needs(all)
}

fn change(key: &InstanceKey, instance: &Instance, object: &Value) -> Change {
    Change {
        address: key.address.clone(),
        deposed: key.deposed.clone(),
        moved_from: None,
        importing: None,
        provider: Connections::parse(&instance.provider),
        action: Action::Delete,
        reason: Reason::None,
        before: object.clone(),
        after: Value::null(Type::Any),
        changed: Vec::new(),
        dependencies: Addresses::default(),
        recorded: Arc::default(),
        had: Arc::default(),
        create_before_destroy: false,
        span: None,
    }
}

fn under_way(address: &Address, name: &str) -> Diagnostic {
    let text = format!(
        "Deployment {name} of {address} is under way, and what it brings out cannot be taken away from under it. Nothing was undone. Wait until it is over; or stop it with `glaz deploy -stop`, and its traffic goes back. Then run the command again."
    );
    Diagnostic::error("A deployment is under way", text).about(address)
}
