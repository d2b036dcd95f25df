//! What `plan`, `apply` and `destroy` share: planning a stack, showing the plan, asking, and doing it.

use std::collections::BTreeSet;

use clap::Args;

use super::Globals;
use super::check;
use super::failure::Failure;
use super::from_state;
use super::render;
use super::stack::{Stack, StackArgs};
use super::values::ValueArgs;
use crate::address::{Address, BadAddress};
use crate::apply;
use crate::apply::recover::Recovered;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Phase, Selection};
use crate::plan::{self, Connections, Options, Plan, Purpose, Request};
use crate::rollout::take::{Take, Takes};
use crate::state::{self, InstanceKey, Loaded, State, Store};

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
    pub replace: Vec<String>,
    /// Only this module, resource or instance, and what it depends on; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// All but this module, resource or instance, and what depends on it; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
    /// Whether imported objects without a block get one.
    #[arg(skip)]
    pub generate: bool,
    /// Whether it is about undoing an interrupted run.
    #[arg(skip)]
    pub undoes: bool,
    /// How many calls run at a time; DNS records, whose changes travel together, count as one for each hundred.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
    /// One line per change.
    #[arg(long)]
    pub brief: bool,
    /// Everything, unchanged attributes included.
    #[arg(long, conflicts_with = "brief")]
    pub full: bool,
    /// Whose word counts where a pipeline registered a revision and the stack file changed the same field of the task
    /// definition since: stack or live, for all such fields or for some: web.image=live (image of container web),
    /// aws_ecs_task_definition.web=live, aws_ecs_task_definition.web:web.image=live. The most precise one counts; may be
    /// given several times. Asked for on a terminal, else an error.
    #[arg(long, value_name = "[ADDRESS:][FIELD=]SIDE")]
    pub take: Vec<Take>,
    /// Look for mistakes with the rules that `glaz check -list` names; their errors stop the plan.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub check: Option<bool>,
    /// Delete images in repositories and records in zones that are to be deleted, too. They are counted in the plan. Without
    /// it a plan that deletes such a repository or zone is an error, unless its own force argument was applied.
    #[arg(long)]
    pub empty: bool,
    /// Show warnings by their headlines only.
    #[arg(long)]
    pub compact_warnings: bool,
    /// Print Terraform's lines of JSON.
    #[arg(long, conflicts_with_all = ["brief", "full"])]
    pub json: bool,
}

/// What the plan is for.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct ModeArgs {
    /// Delete everything.
    #[arg(long)]
    pub destroy: bool,
    /// Only bring the state up to date with what exists.
    #[arg(long)]
    pub refresh_only: bool,
}

impl ModeArgs {
    /// The mode.
    pub(super) fn mode(self) -> Result<Purpose, Diagnostic> {
        match (self.destroy, self.refresh_only) {
            (false, false) => Ok(Purpose::Normal),
            (true, false) => Ok(Purpose::Destroy),
            (false, true) => Ok(Purpose::RefreshOnly),
            (true, true) => Err(Diagnostic::error(
                "Incompatible plan mode options",
                "-destroy and -refresh-only ask for different things. Give one of them.",
            )),
        }
    }
}

/// A stack with its plan, the state locked.
pub(super) struct Planned {
    pub stack: Stack,
    pub store: Store,
    pub loaded: Loaded,
    pub recovered: Vec<Recovered>,
    pub plan: Plan,
    pub options: Options,
}

impl PlanOptions {
    /// For a look at the stack that changes nothing and locks nothing.
    pub(super) fn reading(stack: &StackArgs) -> Self {
        let mut stack = stack.clone();
        stack.state.locking.lock = Some(false);
        Self {
            stack,
            refresh: Some(true),
            replace: Vec::new(),
            target: Vec::new(),
            exclude: Vec::new(),
            generate: false,
            undoes: false,
            take: Vec::new(),
            check: Some(false),
            empty: false,
            parallelism: 10,
            brief: false,
            full: false,
            compact_warnings: false,
            json: false,
        }
    }

    /// What is asked for.
    ///
    /// # Errors
    /// A flag names no address, or flags exclude each other.
    pub(super) fn wanted(&self, mode: Purpose) -> Result<Options, Report> {
        let refresh = self.refresh != Some(false);
        let mut report = Report::default();
        if mode == Purpose::RefreshOnly && !refresh {
            let text = "-refresh-only reads what exists and nothing else; with -refresh=false nothing is left to do. Give one of them.";
            report.push(Diagnostic::error("Incompatible refresh options", text));
        }
        if mode != Purpose::Normal && self.generate {
            let text = "Blocks are generated for what is imported, and -destroy and -refresh-only import nothing. Leave one of the flags out.";
            report.push(Diagnostic::error("Invalid generate-config-out flag", text));
        }
        if mode != Purpose::Normal && !self.replace.is_empty() {
            let text = "-replace goes with a plan that brings everything to what the configuration says: not with -destroy, not with -refresh-only.";
            report.push(Diagnostic::error("Unsupported plan mode", text));
        }
        if !self.target.is_empty() && !self.exclude.is_empty() {
            let text =
                "-target and -exclude say the same from two sides, and could contradict each other. Use one of them.";
            report.push(Diagnostic::error("Incompatible targeting options", text));
        }
        let selection = Selection {
            targets: addresses(&self.target, "Invalid target", &mut report),
            excludes: addresses(&self.exclude, "Invalid exclude", &mut report),
        };
        let replace: Vec<Address> = addresses(&self.replace, "Invalid force-replace address", &mut report);
        for address in replace.iter().filter(|address| !address.is_managed()) {
            let summary = format!("Invalid force-replace address \"{address}\"");
            report.push(Diagnostic::error(summary, "Only managed resources can be used with the -replace=... option."));
        }
        let replace = replace.into_iter().collect();
        let takes = Takes { said: self.take.clone(), asks: false };
        report.or(Options {
            mode,
            refresh,
            replace,
            selection,
            parallelism: self.parallelism,
            absent_is_unknown: self.undoes,
            takes,
            ..Options::default()
        })
    }

    fn detail(&self) -> render::plan::Detail {
        match (self.brief, self.full) {
            (true, _) => render::plan::Detail::Brief,
            (_, true) => render::plan::Detail::Full,
            _ => render::plan::Detail::Changes,
        }
    }
}

/// Parses what a flag was given; the summary is the one of Terraform.
fn addresses<T: std::str::FromStr<Err = BadAddress>>(texts: &[String], summary: &str, report: &mut Report) -> Vec<T> {
    let mut all = Vec::new();
    for text in texts {
        match text.parse() {
            Ok(one) => all.push(one),
            Err(bad) => report.push(Diagnostic::error(format!("{summary} \"{text}\""), format!("{bad}."))),
        }
    }
    all
}

/// Draws up a plan and looks at it with all rules.
pub(super) async fn plan(
    options: &PlanOptions,
    mode: Purpose,
    operation: &str,
    globals: &Globals,
) -> Result<Planned, Failure> {
    let planned = draw(options, mode, operation, globals).await?;
    checked(planned, options).await
}

/// The same for a stack that is open, with the answers of whoever was asked for values.
pub(super) async fn plan_of(
    stack: Stack,
    options: &PlanOptions,
    operation: &str,
    globals: &Globals,
) -> Result<Planned, Failure> {
    let wanted = options.wanted(Purpose::Normal)?;
    let planned = Box::pin(draw_of(stack, options, wanted, operation, globals)).await?;
    checked(planned, options).await
}

/// Looks at a plan with all rules.
pub(super) async fn checked(mut planned: Planned, options: &PlanOptions) -> Result<Planned, Failure> {
    from_state::check(&planned)?;
    if options.check == Some(false) {
        return Ok(planned);
    }
    let empties = options.empty;
    let Planned { stack, loaded, plan, options, .. } = &mut planned;
    let checked = check::of_plan(stack, &loaded.state, options, empties, plan).await;
    checked.map_err(|problems| {
        let mut report = stack.warnings.clone();
        report.extend(std::mem::take(&mut plan.warnings));
        report.extend(problems);
        stack.fail(report)
    })?;
    Ok(planned)
}

/// Opens the stack, locks its state, takes up what an interrupted run left, and draws up the plan.
pub(super) async fn draw(
    options: &PlanOptions,
    mode: Purpose,
    operation: &str,
    globals: &Globals,
) -> Result<Planned, Failure> {
    let wanted_options = options.wanted(mode)?;
    let wanted = StackArgs {
        may_be_empty: mode == Purpose::Destroy,
        is_destroy: mode == Purpose::Destroy,
        ..options.stack.clone()
    };
    let mut stack = Stack::open(&wanted, globals, Phase::Plan).await?;
    from_state::prepare(&mut stack, &wanted_options, globals).await;
    if !globals.speaks_json.get() {
        super::questions::ask(&mut stack, &options.stack.values, &globals.shell)?;
    }
    if options.generate {
        stack.config = stack.config.with_generated().into();
    }
    Box::pin(draw_of(stack, options, wanted_options, operation, globals)).await
}

async fn draw_of(
    mut stack: Stack,
    options: &PlanOptions,
    wanted: Options,
    operation: &str,
    globals: &Globals,
) -> Result<Planned, Failure> {
    let mut store = stack.store(&options.stack.state)?;
    let fail = |diagnostic: Diagnostic| stack.fail(diagnostic);
    let locking = &options.stack.state.locking;
    locking.take(&mut store, globals, operation).await.map_err(fail)?;
    let mut loaded = state::load(&mut store, &stack.around.clock).await.map_err(fail)?;
    globals.warn(&loaded.warnings, &stack.sources);
    stack.place.remember().map_err(fail)?;
    from_state::assume_providers(&mut stack, &loaded, globals);
    let recovered = take_over(&stack, &mut loaded, &wanted, globals).await.map_err(|report| stack.fail(report))?;
    let may_ask = !globals.speaks_json.get() && options.stack.values.input != Some(false);
    let (plan, wanted) = decided(&stack, &loaded.state, wanted, may_ask, globals).await.map_err(|problems| {
        let mut report = stack.warnings.clone();
        report.extend(problems);
        stack.fail(report)
    })?;
    Ok(Planned { stack, store, loaded, recovered, plan, options: wanted })
}

/// Draws up a plan. Asks about fields that a pipeline changed as well, and draws it up again with the answers.
async fn decided(
    stack: &Stack,
    state: &State,
    mut options: Options,
    may_ask: bool,
    globals: &Globals,
) -> Result<(Plan, Options), Report> {
    options.takes.asks = may_ask;
    let plan = plan::draw(request(stack, state, &options)).await?;
    if plan.conflicts.is_empty() {
        return Ok((plan, options));
    }
    for one in &plan.conflicts {
        let Some(answer) = globals.shell.ask(&one.question()) else {
            return Err(plan::sharing::problems(&plan.conflicts));
        };
        let side = answer.trim().parse().map_err(|expected: String| {
            let text = format!("\"{}\" is none of the choices: {expected}. Nothing was changed.", answer.trim());
            Diagnostic::error("Invalid answer", text)
        })?;
        options.takes.said.push(one.decided(side));
    }
    options.takes.asks = false;
    Ok((plan::draw(request(stack, state, &options)).await?, options))
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
    globals.signals.leave_open(loaded.open.len());
    let connections = connect(stack, loaded, options).await?;
    let (registry, clock, tell) = (&stack.registry, &stack.around.clock, &|line: &str| globals.say(line));
    let keeps = &|key: &InstanceKey| {
        options.mode == Purpose::Normal && key.deposed.is_none() && stack.config.block(&key.address.resource).is_some()
    };
    let with = apply::recover::LookUp { registry, connections: &connections, clock, tell, keeps };
    let recovered = apply::recover::recover(&mut loaded.state, &loaded.open, &with).await?;
    recovered.iter().for_each(|one| globals.say(&one.line));
    Ok(recovered)
}

/// The connections for looking up what an interrupted run left open. Its calls went where providers lead with what exists;
/// where that does not tell it, with what the stack files want.
async fn connect(stack: &Stack, loaded: &Loaded, options: &Options) -> Result<Connections, Report> {
    let needed: BTreeSet<_> = loaded.open.iter().map(|one| Connections::parse(&one.intent.provider)).collect();
    let is_whole = |made: &Connections| needed.iter().all(|one| made.get(one).is_some());
    let mut connections = Connections::default();
    for mode in [Purpose::RefreshOnly, Purpose::Normal] {
        let (selection, replace) = (Selection::default(), BTreeSet::new());
        let wanted = Options { mode, selection, replace, refresh: false, absent_is_unknown: true, ..options.clone() };
        let request = request(stack, &loaded.state, &wanted);
        connections.join(plan::connect(request, &needed).await?);
        if !is_whole(&connections) {
            // A provider that is configured with what data sources say.
            match plan::draw(request).await {
                Ok(plan) => connections.join(plan.connections),
                Err(problems) if mode == Purpose::Normal => return Err(problems),
                Err(_) => {}
            }
        }
        if is_whole(&connections) {
            break;
        }
    }
    Ok(connections)
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
        rollouts: stack.rollouts.as_deref(),
    }
}

/// Shows the plan and the warnings that led to it.
pub(super) fn show(planned: &Planned, options: &PlanOptions, globals: &Globals) {
    if globals.speaks_json.get() {
        let lines = render::json::events::plan(&planned.plan, globals.now());
        lines.iter().for_each(|line| globals.shell.line(line));
    } else {
        let (registry, shell) = (&planned.stack.registry, &globals.shell);
        render::plan::write(&planned.plan, registry, shell, options.detail(), &mut |text| shell.out(text));
    }
    warn(planned, options, globals);
}

/// Shows the warnings that led to a plan.
pub(super) fn warn(planned: &Planned, options: &PlanOptions, globals: &Globals) {
    let mut warnings = planned.stack.warnings.clone();
    warnings.extend(planned.plan.warnings.clone());
    globals.warn_as(&warnings, &planned.stack.sources, options.compact_warnings);
}

/// Tells a program what a saved plan will do; a person has seen it.
pub(super) fn tell_changes(planned: &Planned, globals: &Globals) {
    if globals.speaks_json.get() {
        let lines = render::json::events::changes(&planned.plan, globals.now());
        lines.iter().for_each(|line| globals.shell.line(line));
    }
}

/// Whether the person wants it done: the flag says so, or they answer `yes`.
pub(super) fn is_approved(
    planned: &Planned,
    is_approved: bool,
    question: &str,
    values: &ValueArgs,
    globals: &Globals,
) -> Result<bool, Failure> {
    if is_approved || !planned.plan.has_changes() {
        return Ok(true);
    }
    asked(&planned.stack, question, values, globals)
}

/// Whether the person answers `yes`.
pub(super) fn asked(stack: &Stack, question: &str, values: &ValueArgs, globals: &Globals) -> Result<bool, Failure> {
    if globals.speaks_json.get() {
        let text = "With -json nobody is asked. Apply a saved plan, or approve what comes with -auto-approve.";
        return Err(stack.fail(Diagnostic::error("Plan file or auto-approve required", text)));
    }
    let may_ask = values.input != Some(false);
    match Some(question).filter(|_| may_ask).and_then(|question| globals.shell.ask(question)) {
        Some(answer) => Ok(answer == "yes"),
        None => Err(stack.fail(Diagnostic::error(
            "error asking for approval: EOF",
            "Nobody can be asked to approve the plan: standard input is no terminal, or -input=false is given. Nothing was changed. To go on without asking, run it again with:\n\n    -auto-approve",
        ))),
    }
}
