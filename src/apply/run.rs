//! The loop: starts ready steps up to the limit, takes their results, and lets go what waited for them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::durations::Durations;
use super::job::{Counts, Event, Job, Outcome};
use super::lanes::{self, Lanes};
use super::record::Record;
use super::rollback::Needs;
use super::run_step::Runner;
use super::schedule::Schedule;
use super::wait::Reader;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::lang::{self, Environment, Evaluator, Phase};
use crate::plan::Purpose;
use crate::plan::known;
use crate::plan::planner::Known;
use crate::plan::steps::{Step, What};
use crate::state::journal::Journal;
use crate::state::{OpenIntent, Output, State};

/// Does what the plan says. Everything that happens is in the journal before anything depends on it; the caller writes
/// the state that comes back.
pub async fn run(job: Job<'_>, state: State, journal: &Journal) -> Outcome {
    let origin = job.rollback.then(|| state.clone());
    let runner = match prepared(job, Known::new(job.registry, job.plan), state, journal) {
        Ok(runner) => runner,
        Err(outcome) => return *outcome,
    };
    if let Err(report) = runner.record.begin().await {
        let (state, open) = runner.record.finish();
        return nothing_done(state, open, report);
    }
    let Steps { mut counts, skipped, given_up, mut report } = all_steps(&runner).await;
    let is_all = skipped.is_empty() && given_up.is_empty();
    counts.imported += job.plan.imports();
    if let Some(origin) = origin.filter(|_| report.has_errors() && !job.stop.is_asked()) {
        report.extend(runner.roll_back(&Needs::of(&job.plan.changes), false).await);
        // Stopped half-way, the outputs still speak about what is there.
        if !job.stop.is_asked() {
            report.extend(runner.names_back(&origin).await.err().unwrap_or_default());
        }
        report.extend(runner.close().await);
        report.extend(runner.warnings.take());
    } else {
        if !job.is_destroy && !report.has_errors() && is_all {
            let needed = runner.evaluator.borrow().ephemerals_at_end();
            report.extend(runner.open(needed).await.err().unwrap_or_default());
        }
        let is_complete = !report.has_errors() && is_all;
        let (outputs, problems) = runner.outputs(is_complete, counts.destroyed > 0);
        report.extend(problems);
        report.extend(runner.close().await);
        report.extend(runner.warnings.take());
        report.extend(runner.record.outputs(outputs).err().unwrap_or_default());
        let checks = if job.is_destroy { job.plan.checks.clone() } else { runner.evaluator.borrow().checks() };
        report.extend(runner.record.checks(&checks).err().unwrap_or_default());
    }
    // A condition may be told by the step and again by the end.
    let mut seen = std::collections::HashSet::new();
    report.0.retain(|one| seen.insert((one.summary.clone(), one.detail.clone(), one.subject, one.address.clone())));
    let (state, open) = runner.record.finish();
    Outcome { state, counts, skipped, given_up, open, report, durations: runner.durations.into_inner() }
}

/// What runs the steps of the job; `known` is what expressions see.
pub(super) fn prepared<'a>(
    job: Job<'a>,
    mut known: Known<'a>,
    state: State,
    journal: &'a Journal,
) -> Result<Runner<'a>, Box<Outcome>> {
    let env = Environment { phase: Phase::Apply, ..job.env.clone() };
    let mut evaluator = Evaluator::new(job.config.clone(), job.inputs, &env);
    if !job.is_destroy {
        evaluator = evaluator.within(&job.plan.selection);
    }
    let refreshes = job.plan.mode == Purpose::RefreshOnly;
    if refreshes {
        evaluator = evaluator.refreshing();
    }
    let mut warnings = Report::default();
    match evaluator.run(&mut known) {
        Ok(outcome) if refreshes => warnings = refused_outputs(outcome.warnings),
        // What is deleted needs no more of it than there is.
        Err(report) if !job.is_destroy => return Err(Box::new(nothing_done(state, Vec::new(), report))),
        _ => {}
    }
    Ok(Runner {
        job,
        evaluator: RefCell::new(evaluator),
        known: RefCell::new(known),
        record: Record::new(state, journal, job),
        reader: Reader::default(),
        // What was configured with ephemeral values while planning is configured anew.
        connections: RefCell::new(job.plan.connections.without_ephemeral(&job.plan.providers)),
        before: RefCell::default(),
        session: tokio::sync::Mutex::default(),
        keeping: tokio::sync::Mutex::default(),
        warnings: RefCell::new(warnings),
        done: RefCell::default(),
        adopted: RefCell::default(),
        durations: RefCell::default(),
    })
}

/// What a run that only refreshes ends with, of preconditions of outputs that do not hold: what was found is remembered all
/// the same.
fn refused_outputs(warnings: Report) -> Report {
    let refused = warnings.0.into_iter().filter(lang::is_of_output);
    Report(refused.map(|one| Diagnostic { severity: Severity::Error, ..one }).collect())
}

/// The end of a run that came to no step.
pub(super) fn nothing_done(state: State, open: Vec<OpenIntent>, report: Report) -> Outcome {
    let (skipped, given_up, durations) = (Vec::new(), Vec::new(), Durations::default());
    Outcome { state, counts: Counts::default(), skipped, given_up, open, report, durations }
}

/// How long running calls may go on after the person asked to stop. What is still under way then is left as it is: its
/// intent stays open, and the next run looks up what became of it.
pub const GRACE: Duration = Duration::from_millis(1000);

/// The problem with a value that no state can hold; such as the quotient of a number and zero.
pub(super) fn unstored(what: &str) -> Diagnostic {
    let text =
        format!("{what} holds an infinite number, and the state has no way to write it. What it was stays as it was.");
    Diagnostic::error("Failed to serialize state", text)
}

/// What the steps came to; see [`Outcome`].
struct Steps {
    counts: Counts,
    skipped: Vec<Address>,
    given_up: Vec<Address>,
    report: Report,
}

async fn all_steps(runner: &Runner<'_>) -> Steps {
    let (job, steps) = (runner.job, &runner.job.plan.steps);
    let (of_steps, mut lanes) = lanes_of(runner);
    let mut schedule = Schedule::new(steps, |step| time_of(runner, step), of_steps);
    let mut running = FuturesUnordered::new();
    let (mut counts, mut report, mut was_stopped) = (Counts::default(), Report::default(), false);
    // Until they have come to an end, whichever.
    let mut under_way = BTreeSet::new();
    let mut given_up = std::pin::pin!(job.stop.over(GRACE));
    loop {
        while !job.stop.is_asked() {
            let Some((at, lane)) = schedule.take(|lane| lanes.has_room(lane)) else { break };
            under_way.insert(at);
            lanes.start(lane);
            running.push(async move { (at, lane, runner.step(&steps[at]).await) });
        }
        if job.stop.is_asked() && !was_stopped {
            was_stopped = true;
            (job.watch)(Event::Stopping);
        }
        let next = tokio::select! {
            biased;
            next = running.next() => next,
            () = &mut given_up => None,
        };
        let Some((at, lane, result)) = next else { break };
        lanes.end(lane);
        under_way.remove(&at);
        match result {
            Ok(()) => {
                count(&mut counts, &steps[at], runner);
                schedule.done(at);
            }
            Err(problems) => {
                report.extend(problems);
                schedule.failed(at);
            }
        }
    }
    let given_up = under_way.into_iter().map(|at| steps[at].address.clone()).collect();
    Steps { counts, skipped: not_started(steps, runner), given_up, report }
}

/// The lane of each step: those of a type whose calls travel together have one of their own. One at a time means just
/// that.
fn lanes_of(runner: &Runner<'_>) -> (Vec<usize>, Lanes) {
    let (job, mut types) = (runner.job, Vec::new());
    let lane = |step: &Step| {
        let resource = job.registry.resource(step.address.type_name()).filter(|_| step.what != What::Read);
        let Some(resource) = resource.filter(|_| job.parallelism > 1) else { return lanes::CALLS };
        let (name, together) = (resource.type_name(), resource.together());
        if is_quick(runner, step) {
            return lanes::QUICK;
        }
        if together <= 1 || !runner.has_no_provisioners(&step.address) {
            return lanes::CALLS;
        }
        let at = types.iter().position(|(known, _)| *known == name).unwrap_or(types.len());
        if at == types.len() {
            types.push((name, together));
        }
        lanes::QUICK + 1 + at
    };
    let of_steps = job.plan.steps.iter().map(lane).collect();
    (of_steps, Lanes::new(job.parallelism, types.into_iter().map(|(_, together)| together)))
}

/// Whether the step calls nobody and takes no time.
fn is_quick(runner: &Runner<'_>, step: &Step) -> bool {
    step.what != What::Read
        && runner.job.registry.resource(step.address.type_name()).is_some_and(|resource| resource.is_pure())
        && runner.has_no_provisioners(&step.address)
}

fn not_started(steps: &[Step], runner: &Runner<'_>) -> Vec<Address> {
    steps.iter().filter(|step| !runner.record.was_started(step)).map(|step| step.address.clone()).collect()
}

fn count(counts: &mut Counts, step: &Step, runner: &Runner<'_>) {
    match step.what {
        What::Create if runner.adopted.borrow().contains(&step.number) => counts.imported += 1,
        What::Create => counts.added += 1,
        // The other half of the change was counted.
        What::Deploy if is_partial(runner, step) => {}
        What::Update | What::Deploy => counts.changed += 1,
        What::Delete if runner.job.plan.changes[step.change].address.is_managed() => counts.destroyed += 1,
        What::Delete | What::Read => {}
    }
}

/// Typical time of the step: what was measured, else what its type says.
fn time_of(runner: &Runner<'_>, step: &Step) -> Duration {
    let [create, update, delete] =
        runner.job.registry.resource(step.address.type_name()).map_or([Duration::ZERO; 3], |one| one.pace().typical);
    let measured = runner.job.durations.median(step.address.type_name(), step.what);
    measured.unwrap_or(match step.what {
        What::Create => create,
        What::Update => update,
        What::Delete => delete,
        What::Read => Duration::from_secs(1),
        What::Deploy => {
            let rollout = runner.job.plan.rollouts.get(&step.address);
            rollout.map_or(update, |rollout| rollout.group.pace.until_traffic())
        }
    })
}

fn is_partial(runner: &Runner<'_>, step: &Step) -> bool {
    runner.job.plan.rollouts.get(&step.address).is_some_and(|rollout| rollout.is_partial)
}

impl Runner<'_> {
    /// Root outputs with what is known by now. Those that are not known after an incomplete run, or cannot be told, stay as
    /// they were. While everything is destroyed they go with the first object: others would rely on what is not there.
    fn outputs(&self, is_complete: bool, has_deleted: bool) -> (BTreeMap<String, Output>, Report) {
        let is_whole = self.job.plan.selection.is_whole();
        if self.job.is_destroy {
            let is_gone = is_whole && (is_complete || has_deleted);
            let outputs = if is_gone { BTreeMap::new() } else { self.record.known_outputs() };
            return (outputs, Report::default());
        }
        let (outcome, mut report) = self.evaluator.borrow_mut().outputs();
        let before = self.record.known_outputs();
        let mut all = if is_whole { BTreeMap::new() } else { before.clone() };
        // One that fails, or depends on what failed, is not known either.
        let has_failed = report.has_errors();
        for (name, output) in outcome.outputs {
            let name = name.to_string();
            all.remove(&name);
            let sensitive = output.sensitive || output.value.marks_deep().is_sensitive();
            // What the plan knew it promised.
            let planned = self.job.plan.outputs.get(&*name).and_then(|change| change.after.as_ref());
            let value = planned.filter(|value| value.is_wholly_known()).unwrap_or(&output.value);
            if value.has_infinity() {
                report.push(unstored(&format!("The output \"{name}\"")).at(output.span));
                before.get(&name).into_iter().for_each(|old| drop(all.insert(name.clone(), old.clone())));
                continue;
            }
            if value.is_wholly_known() {
                if !value.is_null() {
                    all.insert(name, Output { value: value.unmarked(), sensitive });
                }
            } else if is_complete && !has_failed {
                // It depends on what was not targeted: what is not known of it is null.
                let value = known(&value.unmarked());
                if !value.is_null() {
                    all.insert(name, Output { value, sensitive });
                }
            } else if let Some(old) = before.get(&name) {
                all.insert(name, old.clone());
            }
        }
        (all, report)
    }
}
