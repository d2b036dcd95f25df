//! Doing what a plan says, or undoing what a run did: with a journal, under the lock, until the person stops it.

use std::time::Duration;

use super::Globals;
use super::ending::{Ending, SAVED};
use super::failure::Failure;
use super::leftovers;
use super::render;
use super::run::Planned;
use super::shell::Shell;
use super::stack::Stack;
use super::watcher::{Watcher, is_wanted};
use crate::apply::recover::{LookUp, Recovered, Rest, recover, seconds_left};
use crate::apply::{self, Job, Missing, Offer, Stop, Undoing};
use crate::diagnostic::{Diagnostic, Report};
use crate::plan::{Plan, Purpose};
use crate::rollout::{Choices, OnMissing};
use crate::state::origin::UNDO;
use crate::state::{self, Journal, OpenIntent, Store};

/// What else the person wants of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// Whether objects that stand in the way are taken over.
    pub adopt: bool,
    /// Whether a failed run is undone.
    pub rollback: bool,
    /// What to do about a service whose image was not pushed, when a flag says it.
    pub on_missing_image: Option<OnMissing>,
    /// Whether what objects hold that no state knows of is deleted with them.
    pub empties: bool,
    /// The longest time that targets may drain which go with their target group.
    pub drain: Option<Duration>,
    /// Whether the person may be asked during the run.
    pub may_ask: bool,
    /// Whether the plan is one that was saved, which cannot be applied again once something was done.
    pub is_saved: bool,
    /// Whether the command is about a part of the stack by its nature, so that nobody need be told.
    pub is_part: bool,
    /// What is said at the end.
    pub says: Says,
}

/// What is said at the end of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Says {
    /// What was done, and the outputs.
    #[default]
    All,
    /// What was done: whoever deletes asks for no outputs.
    Deeds,
    /// What was done, and the outputs; to a program the outputs alone, since nothing was planned.
    Outputs,
}

/// Does what the plan says and writes the state; the exit code.
pub(super) async fn apply(planned: Planned, choices: &Choices, how: How, globals: &Globals) -> Result<u8, Failure> {
    Box::pin(carry_out(planned, None, choices, how, globals)).await
}

/// Undoes what an interrupted run did and writes the state; `planned` only reads.
pub(super) async fn undo(planned: Planned, undoing: &Undoing, globals: &Globals) -> Result<u8, Failure> {
    let how = How { rollback: true, ..How::default() };
    Box::pin(carry_out(planned, Some(undoing), &Choices::default(), how, globals)).await
}

async fn carry_out(
    planned: Planned,
    undoing: Option<&Undoing>,
    choices: &Choices,
    how: How,
    globals: &Globals,
) -> Result<u8, Failure> {
    let Planned { stack, mut store, loaded, recovered, plan, options } = planned;
    let is_destroy = options.mode == Purpose::Destroy;
    let stop = Stop::default();
    let (command, rest) = match (undoing, options.mode) {
        (Some(_), _) => (UNDO, Rest::Nothing),
        (None, Purpose::Destroy) => ("destroy", Rest::Nothing),
        (None, Purpose::RefreshOnly) => ("apply", Rest::Mark),
        (None, Purpose::Normal) => ("apply", Rest::All),
        (None, Purpose::Validate) => ("apply", Rest::Nothing),
    };
    let origin = loaded.origin(&store, command);
    let awaited: Vec<OpenIntent> = recovered.iter().filter_map(Recovered::awaited).collect();
    let journal = state::begin(&store, &loaded, command, &stack.around.clock).await;
    let journal = journal.map_err(|problem| stack.fail(problem))?;
    let unfinished_yet = take_up(&journal, &recovered, rest, &stack).await.map_err(|problem| stack.fail(problem))?;
    globals.warn(&unfinished_yet, &stack.sources);
    globals.stop_at_signals(&stop);
    watch_lock(&store, &stop, globals.shell);
    let mut durations = super::durations::read(&stack.place);
    let plan = undoing.map_or(&plan, Undoing::plan);
    let watcher = Watcher::new(plan, &stack, &durations, globals);
    let watch = |event| watcher.event(event);
    let adopt = |offer: &Offer| how.adopt || how.may_ask && watcher.aside(|| is_wanted(offer, &stop, globals.shell));
    let missing_image = |missing: &Missing| match how.on_missing_image {
        Some(said) => said,
        None if how.may_ask => watcher.aside(|| super::images::ask(missing, &stop, globals.shell)),
        None => OnMissing::Fail,
    };
    let job = Job {
        plan,
        config: &stack.config,
        inputs: &stack.inputs,
        env: &stack.env,
        registry: &stack.registry,
        around: &stack.around,
        parallelism: options.parallelism,
        is_destroy,
        rollouts: stack.rollouts.as_deref(),
        choices,
        stop: &stop,
        adopt: &adopt,
        empties: how.empties,
        drain: how.drain,
        images: stack.images.as_deref(),
        on_missing_image: &missing_image,
        rollback: how.rollback,
        awaited: &awaited,
        durations: &durations,
        watch: &watch,
    };
    let is_undoing = undoing.is_some();
    let (is_saved, is_remote) = (how.is_saved, store.is_remote());
    let ending = Ending { stack: &stack, command, is_undoing, is_saved, stop: &stop, is_remote };
    let run = async {
        match undoing {
            Some(undoing) => Box::pin(apply::undo(job, undoing, loaded.state, &journal)).await,
            None => Box::pin(apply::run(job, loaded.state, &journal)).await,
        }
    };
    let Some(mut outcome) = ending.within(SAVED, run).await else {
        drop(watcher);
        return Err(ending.given_up(&mut store).await);
    };
    drop(watcher);
    let late = look_again(awaited, &mut outcome, &journal, (plan, rest, &stop), &stack, globals).await;
    super::durations::remember(&stack.place, &mut durations, std::mem::take(&mut outcome.durations));
    ending.save(&mut outcome, &late, &mut store, journal, origin).await?;
    outcome.report.0.extend(incomplete(plan).filter(|_| !how.is_part));
    globals.warn(&outcome.report, &stack.sources);
    conclude(&outcome, is_destroy, how.says, globals)?;
    if is_destroy {
        say_leftovers(plan, &stop, globals).await;
    }
    Ok(0)
}

/// Looks for what a destroy left. Everything is done: nothing is lost when nobody waits for this.
async fn say_leftovers(plan: &Plan, stop: &Stop, globals: &Globals) {
    tokio::select! {
        biased;
        () = stop.asked() => globals.say("The look for leftovers was given up."),
        () = leftovers::report(plan, globals) => {}
    }
}

/// Stops the run when the lock is lost: what somebody else does at the same time could contradict it.
fn watch_lock(store: &Store, stop: &Stop, shell: Shell) {
    let Some(watch) = store.watch() else { return };
    let stop = stop.clone();
    tokio::spawn(async move {
        let problem = watch.lost().await;
        shell.err(&format!("\n{}: no new calls are made, and running ones get a moment to finish.\n", problem.summary));
        stop.ask();
    });
}

/// Says what was done, and the outputs.
fn conclude(outcome: &apply::Outcome, is_destroy: bool, says: Says, globals: &Globals) -> Result<(), Diagnostic> {
    let summary = render::progress::summary(outcome.counts, is_destroy, &globals.shell);
    if globals.speaks_json.get() {
        let now = globals.now();
        let plain = anstream::adapter::strip_str(summary.trim()).to_string();
        if says != Says::Outputs {
            globals.shell.line(&render::json::events::summary(outcome.counts, is_destroy, &plain, now));
        }
        if says != Says::Deeds {
            globals.shell.line(&render::json::events::outputs(&outcome.state, now)?);
        }
        return Ok(());
    }
    globals.shell.out(&summary);
    if says != Says::Deeds {
        globals.shell.out(&render::plan::outputs(&outcome.state, &globals.shell));
    }
    Ok(())
}

/// Says after a run with `-target` or `-exclude` that something may be left.
fn incomplete(plan: &Plan) -> Option<Diagnostic> {
    let text = "The plan was made with -target or -exclude, so there may be changes left that the configuration asks for. Look for them with:\n\n    glaz plan";
    (!plan.selection.is_whole()).then(|| Diagnostic::warning("Applied changes may be incomplete", text))
}

/// Writes down what recovery found out about the run before. What that run made is finished first, unless it goes; what
/// cannot be finished is in the answer, as warnings: the plan changes what is missing.
async fn take_up(journal: &Journal, recovered: &[Recovered], rest: Rest, stack: &Stack) -> Result<Report, Diagnostic> {
    let mut warnings = Report::default();
    for one in recovered {
        if rest != Rest::Nothing {
            if let Some(made) = one.made() {
                journal.record(&made).await?;
            }
            let finished = one.finish(rest, &stack.registry, &stack.around.clock).await;
            let problems = finished.err().unwrap_or_default().0.into_iter();
            warnings.0.extend(problems.map(|problem| Diagnostic::warning(problem.summary, problem.detail)));
        }
        journal.record(&one.entry()).await?;
    }
    Ok(warnings)
}

/// Looks again for what calls of an interrupted run may have made since they were looked up; those of which that is still
/// not known, also because the person asked to stop.
async fn look_again(
    awaited: Vec<OpenIntent>,
    outcome: &mut apply::Outcome,
    journal: &Journal,
    (plan, rest, stop): (&Plan, Rest, &Stop),
    stack: &Stack,
    globals: &Globals,
) -> Vec<OpenIntent> {
    let (mut late, clock) = (Vec::new(), &stack.around.clock);
    let (connections, tell) = (&plan.connections, &|line: &str| globals.say(line));
    let with = LookUp { registry: &stack.registry, connections, clock, tell, keeps: &|_| false };
    for one in awaited {
        let calls = std::slice::from_ref(&one);
        let found = tokio::select! {
            biased;
            () = stop.asked() => None,
            found = recover(&mut outcome.state, calls, &with) => found.ok(),
        };
        // Where looking fails, the next run looks.
        let found = found.and_then(|found| found.into_iter().next()).filter(|found| found.awaited().is_none());
        let Some(found) = found else {
            late.push(one);
            continue;
        };
        match stop.within(SAVED, take_up(journal, std::slice::from_ref(&found), rest, stack)).await {
            Some(Ok(warnings)) => {
                outcome.report.extend(warnings);
                if found.object().is_some() {
                    globals.say(&found.line);
                }
            }
            _ => late.push(one),
        }
    }
    if !late.is_empty() {
        outcome.report.push(still_awaited(&late, clock.now()));
    }
    late
}

fn still_awaited(late: &[OpenIntent], now: Duration) -> Diagnostic {
    let seconds = late.iter().map(|one| seconds_left(one, now)).max().unwrap_or_default();
    let list: Vec<String> = late.iter().map(|one| format!("\n  {}", one.intent.key)).collect();
    let list = list.concat();
    let text = format!(
        "The interrupted run asked for these objects, and the service may still make them:\n{list}\n\nThe next apply or destroy looks again; {seconds} seconds from now that is for certain. What comes until then is taken over, or deleted where another object took its place."
    );
    Diagnostic::warning("A call of the interrupted run may still have its effect", text)
}
