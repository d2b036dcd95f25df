//! What `plan`, `apply` and `destroy` share: planning a stack, showing the plan, asking, and doing it.

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::render;
use super::stack::{Stack, StackArgs};
use crate::address::Address;
use crate::apply::recover::Recovered;
use crate::apply::{self, Job, Stop};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Phase;
use crate::plan::{self, Mode, Options, Plan, Request};
use crate::state::{self, Journal, Loaded, LocalStore, State};

/// What is planned and how.
#[derive(Args, Clone, Debug)]
pub(super) struct PlanOptions {
    #[command(flatten)]
    pub stack: StackArgs,
    /// Read again what exists before planning.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub refresh: Option<bool>,
    /// Replace this instance although nothing forces it; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    pub replace: Vec<Address>,
    /// How many calls run at a time.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
    /// One line per change.
    #[arg(long)]
    pub brief: bool,
    /// Everything, unchanged attributes included.
    #[arg(long, conflicts_with = "brief")]
    pub full: bool,
}

/// A stack with its plan, the state locked.
pub(super) struct Planned {
    pub stack: Stack,
    pub store: LocalStore,
    pub loaded: Loaded,
    pub recovered: Vec<Recovered>,
    pub plan: Plan,
    pub options: Options,
}

impl PlanOptions {
    fn wanted(&self, mode: Mode) -> Options {
        Options {
            mode,
            refresh: self.refresh != Some(false),
            replace: self.replace.iter().cloned().collect(),
            parallelism: self.parallelism,
        }
    }

    fn detail(&self) -> render::plan::Detail {
        match (self.brief, self.full) {
            (true, _) => render::plan::Detail::Brief,
            (_, true) => render::plan::Detail::Full,
            _ => render::plan::Detail::Changes,
        }
    }
}

/// Opens the stack, locks its state, takes up what an interrupted run left, and draws up the plan.
pub(super) async fn plan(
    options: &PlanOptions,
    mode: Mode,
    operation: &str,
    globals: &Globals,
) -> Result<Planned, Failure> {
    let wanted = StackArgs { may_be_empty: mode == Mode::Destroy, ..options.stack.clone() };
    let stack = Stack::open(&wanted, &globals.environment, Phase::Plan)?;
    let mut store = stack.store(&options.stack.state)?;
    let fail = |diagnostic: Diagnostic| stack.fail(diagnostic);
    let locking = &options.stack.state.locking;
    locking.take(&mut store, &globals.environment, operation).await.map_err(fail)?;
    let mut loaded = state::load(&mut store, &stack.around.clock).map_err(fail)?;
    globals.warn(&loaded.warnings, &stack.sources);
    let wanted = options.wanted(mode);
    let recovered = take_over(&stack, &mut loaded, &wanted, globals).await.map_err(|report| stack.fail(report))?;
    let plan = plan::draw(request(&stack, &loaded.state, &wanted)).await.map_err(|report| stack.fail(report))?;
    Ok(Planned { stack, store, loaded, recovered, plan, options: wanted })
}

/// Looks up what an interrupted run left open, and says what was found.
pub(super) async fn take_over(
    stack: &Stack,
    loaded: &mut Loaded,
    options: &Options,
    globals: &Globals,
) -> Result<Vec<Recovered>, Report> {
    if loaded.open.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Options { mode: Mode::Normal, ..options.clone() };
    let connections = plan::connect(request(stack, &loaded.state, &wanted)).await?;
    let recovered = apply::recover::recover(&mut loaded.state, &loaded.open, &stack.registry, &connections).await?;
    recovered.iter().for_each(|one| globals.shell.line(&one.line));
    Ok(recovered)
}

pub(super) fn request<'a>(stack: &'a Stack, state: &'a State, options: &'a Options) -> Request<'a> {
    Request {
        config: &stack.config,
        inputs: &stack.inputs,
        env: &stack.env,
        state,
        registry: &stack.registry,
        around: &stack.around,
        options,
    }
}

/// Shows the plan and the warnings that led to it.
pub(super) fn show(planned: &Planned, options: &PlanOptions, globals: &Globals) {
    let mut warnings = planned.stack.warnings.clone();
    warnings.extend(planned.plan.warnings.clone());
    globals.shell.out(&render::plan::plan(&planned.plan, &planned.stack.registry, &globals.shell, options.detail()));
    globals.warn(&warnings, &planned.stack.sources);
}

/// Whether the person wants it done: the flag says so, or they answer `yes`.
pub(super) fn is_approved(
    planned: &Planned,
    is_approved: bool,
    question: &str,
    globals: &Globals,
) -> Result<bool, Failure> {
    if is_approved || !planned.plan.has_changes() {
        return Ok(true);
    }
    match globals.shell.ask(question) {
        Some(answer) => Ok(answer == "yes"),
        None => Err(planned.stack.fail(Diagnostic::error(
            "error asking for approval: EOF",
            "Nobody is there to approve the plan: standard input is no terminal. Nothing was changed. To go on without asking, run it again with:\n\n    -auto-approve",
        ))),
    }
}

/// Does what the plan says and writes the state; the exit code.
pub(super) async fn apply(planned: Planned, globals: &Globals) -> Result<u8, Failure> {
    let Planned { stack, mut store, loaded, recovered, plan, options } = planned;
    let is_destroy = options.mode == Mode::Destroy;
    let stop = Stop::default();
    let command = if is_destroy { "destroy" } else { "apply" };
    let journal = begin(&store, &loaded, &recovered, command, &stack).await.map_err(|problem| stack.fail(problem))?;
    super::signals::watch(&stop, globals.shell);
    let progress = render::progress::Progress::new(&plan, &stack.registry, globals.shell);
    let watch = |event| progress.event(event);
    let job = Job {
        plan: &plan,
        config: &stack.config,
        inputs: &stack.inputs,
        env: &stack.env,
        registry: &stack.registry,
        around: &stack.around,
        parallelism: options.parallelism,
        is_destroy,
        stop: &stop,
        watch: &watch,
    };
    let outcome = apply::run(job, loaded.state, &journal).await;
    progress.finish();
    let saved = state::commit(&mut store, journal, &outcome.state, &outcome.open).await;
    if saved.is_err() || outcome.report.has_errors() || stop.is_asked() {
        let mut report = unfinished(outcome, &stop);
        report.0.extend(saved.err());
        return Err(stack.fail(report));
    }
    globals.warn(&outcome.report, &stack.sources);
    globals.shell.out(&render::progress::summary(outcome.counts, is_destroy, &globals.shell));
    globals.shell.out(&render::plan::outputs(&outcome.state, &globals.shell));
    Ok(0)
}

/// Begins the journal of a run, with what recovery found out about the run before.
async fn begin(
    store: &LocalStore,
    loaded: &Loaded,
    recovered: &[Recovered],
    command: &str,
    stack: &Stack,
) -> Result<Journal, Diagnostic> {
    let journal = state::begin(store, loaded, command, &stack.around.clock).await?;
    for one in recovered {
        journal.record(&one.entry()).await?;
    }
    Ok(journal)
}

/// What to say of a run that did not do everything.
fn unfinished(outcome: apply::Outcome, stop: &Stop) -> Report {
    let mut report = outcome.report;
    if stop.is_asked() {
        let text = format!(
            "The run was stopped: {} made, {} changed, {} deleted, {} not started. Everything that was done is in the state. Run the command again to go on.",
            outcome.counts.added,
            outcome.counts.changed,
            outcome.counts.destroyed,
            outcome.skipped.len()
        );
        report.push(Diagnostic::error("Interrupted", text));
    }
    report
}
