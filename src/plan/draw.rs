//! Draws up a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::change::{Action, Change};
use super::ephemeral::Session;
use super::finish::finish;
use super::import;
use super::live::Live;
use super::moved::{self, Moves};
use super::narrow;
use super::output::OutputChange;
use super::planner::{Late, Planner, Readings};
use super::provider::Connections;
use super::reading;
use super::refresh;
use super::removed;
use super::rollouts;
use super::sharing::{self, Sharing, Undecided};
use super::steps::Step;
use super::turned;
use crate::address::{Address, ModulePath, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{
    CheckResult, Config, CreateFirst, Desired, Environment, Evaluator, Phase, ProviderConfig, ProviderRef, Selection,
    Spans, VariableInput,
};
use crate::resource::{Registry, Surroundings};
use crate::rollout::take::Takes;
use crate::rollout::{Controllers, Governance, Rollout, configured};
use crate::state::State;
use crate::value::Value;

/// What the plan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Bring everything to what the configuration says.
    #[default]
    Normal,
    /// Delete everything.
    Destroy,
    /// Only bring the state up to date.
    RefreshOnly,
    /// Only find mistakes: nothing is read.
    Validate,
}

/// What the person asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the plan is for.
    pub mode: Purpose,
    /// Whether to read again what exists.
    pub refresh: bool,
    /// Instances to replace although nothing forces it.
    pub replace: BTreeSet<Address>,
    /// Which part of the configuration it is about.
    pub selection: Selection,
    /// How many calls run at a time.
    pub parallelism: usize,
    /// Whether nobody may be asked: data sources are read during apply, except those that ask nobody.
    pub offline: bool,
    /// What was decided about fields of task definitions that a pipeline changed as well.
    pub takes: Takes,
    /// Which types of objects are read again; the others stay as the state has them.
    pub reads: fn(&str) -> bool,
    /// Whether a plan that only reads takes what does not exist for not known, and not for absent: so that nothing keeps
    /// a run from being undone that did not keep it from being planned.
    pub absent_is_unknown: bool,
    /// An instance that is not there and will be: an object is imported to it by hand. Only where
    /// [`absent_is_unknown`](Self::absent_is_unknown).
    pub to_import: Option<Address>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Purpose::Normal,
            refresh: true,
            replace: BTreeSet::new(),
            selection: Selection::default(),
            parallelism: 10,
            offline: false,
            reads: |_| true,
            takes: Takes::default(),
            absent_is_unknown: false,
            to_import: None,
        }
    }
}

/// What a plan is drawn up from.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The configuration.
    pub config: &'a Arc<Config>,
    /// Values of root variables.
    pub inputs: &'a [VariableInput],
    /// What expressions see of the surroundings.
    pub env: &'a Environment,
    /// What is remembered.
    pub state: &'a State,
    /// All types.
    pub registry: &'a Registry,
    /// What providers get from outside.
    pub around: &'a Surroundings,
    /// What the person asks for.
    pub options: &'a Options,
    /// The deployment controllers, where there are any.
    pub rollouts: Option<&'a dyn Controllers>,
}

/// What will be done, and what led to it.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What it is for.
    pub mode: Purpose,
    /// Which part of the configuration it is about.
    pub selection: Selection,
    /// What is planned for each object; those that stay included.
    pub changes: Vec<Change>,
    /// What apply does, in an order that respects what each step needs.
    pub steps: Vec<Step>,
    /// Root outputs.
    pub outputs: IndexMap<Arc<str>, OutputChange>,
    /// What exists.
    pub live: Live,
    /// Data sources that were read.
    pub data: BTreeMap<Address, Value>,
    /// Provider configurations.
    pub providers: BTreeMap<ProviderRef, ProviderConfig>,
    /// Connections made so far.
    pub connections: Connections,
    /// What deployment controllers govern.
    pub governance: Governance,
    /// What is configured now, of attributes that a deployment controller may move on.
    pub configured: BTreeMap<Address, Value>,
    /// Changes that are brought out by a deployment.
    pub rollouts: BTreeMap<Address, Rollout>,
    /// Task definitions that are shared with a pipeline.
    pub sharing: BTreeMap<Address, Sharing>,
    /// What was decided about fields that both changed.
    pub takes: Takes,
    /// What both changed and nothing was decided about, when the options ask for it.
    pub conflicts: Vec<Undecided>,
    /// Blocks that were written for imported objects that have none.
    pub generated: BTreeMap<Address, String>,
    /// Conditions and check blocks.
    pub checks: Vec<CheckResult>,
    /// Warnings.
    pub warnings: Report,
}

impl Plan {
    /// Whether applying it changes an object.
    pub fn has_steps(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Whether applying it changes what is remembered of an object, without doing anything to it.
    pub fn has_moves(&self) -> bool {
        self.changes.iter().any(Change::is_shown)
    }

    /// What a plan that only refreshes remembers under another address, and found as it was.
    pub fn moved_only(&self) -> impl Iterator<Item = &Change> {
        let live = &self.live;
        let is_still = |address: &Address| !live.drifted.contains_key(address) && !live.vanished.contains_key(address);
        let only_refreshes = self.mode == Purpose::RefreshOnly;
        let is_moved = move |change: &&Change| change.moved_from.is_some() && is_still(&change.address);
        self.changes.iter().filter(move |change| only_refreshes && is_moved(change))
    }

    /// Whether applying it changes anything, outputs included.
    pub fn has_changes(&self) -> bool {
        let is_news = self.mode == Purpose::RefreshOnly && self.live.has_news();
        let is_caught_up = self.caught_up().next().is_some();
        is_news
            || self.has_steps()
            || self.has_moves()
            || is_caught_up
            || self.outputs.values().any(OutputChange::is_change)
    }

    /// Objects whose stack file has caught up with what a deployment brought out: nothing is done, but that it is
    /// configured now must be remembered.
    pub fn caught_up(&self) -> impl Iterator<Item = &Address> {
        let is_meant = |change: &&Change| change.action == Action::NoOp && self.mode == Purpose::Normal;
        self.changes.iter().filter(is_meant).map(|change| &change.address).filter(|address| {
            let before = self.live.configured.get(*address);
            let names = self.governance.attributes(address).iter().copied();
            let names: Vec<_> = names.filter(|name| !self.is_tracked(address, name)).collect();
            self.configured.get(*address).is_some_and(|now| configured::differs(&names, before, now))
        })
    }

    /// Whether the stack file names whichever revision is the newest: with that it never catches up with anything.
    fn is_tracked(&self, service: &Address, name: &str) -> bool {
        let said = self.configured.get(service).and_then(|all| all.get(name)).filter(|_| name == "task_definition");
        let is_it = |change: &Change| {
            change.deposed.is_none()
                && change.after.get("track_latest").and_then(Value::as_bool) == Some(true)
                && change.after.get("arn").map(Value::unmarked).as_ref() == said
        };
        said.is_some() && self.changes.iter().any(is_it)
    }

    /// How many objects are taken over for `import` blocks.
    pub fn imports(&self) -> usize {
        self.changes.iter().filter(|change| change.importing.is_some()).count()
    }

    /// How many objects are made, changed in place, and deleted. A replacement counts as made and as deleted.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |fits: fn(&Action) -> bool| self.changes.iter().filter(|change| fits(&change.action)).count();
        (
            count(|action| matches!(action, Action::Create | Action::Replace { .. })),
            count(|action| *action == Action::Update),
            count(|action| matches!(action, Action::Delete | Action::Replace { .. })),
        )
    }
}

/// Connects the providers that can be configured without reading anything, and those that are `needed`: for recovery, before
/// anything is planned.
///
/// # Errors
/// Everything found wrong in the configuration.
pub async fn connect(request: Request<'_>, needed: &BTreeSet<ProviderRef>) -> Result<Connections, Report> {
    let (mut live, mut connections) =
        (refresh::decode(request.state, request.registry, request.config)?, Connections::default());
    narrow::narrow(&mut live, &Moves::default(), request)?;
    let (governance, read) = (Governance::default(), Readings::default());
    let mut planner = Planner::new(request.registry, &live, read, connections.all(), request.options, &governance);
    // What is not known yet does not matter here: only providers do.
    let evaluated = evaluator(request).run(&mut planner);
    let (_, _, planned) = planner.finish();
    if evaluated.is_err() {
        mistakes(request).await?;
    }
    let changed = planned.changes.iter().map(|change| change.provider.clone());
    // What was not come to is not what has no block.
    let needed = changed.chain(needed.iter().filter(|_| evaluated.is_ok()).cloned());
    connections.connect(&planned.providers, needed, request.registry, request.around).await?;
    Ok(connections)
}

/// Draws up a plan: evaluates, connects, reads what exists, evaluates again with what was read, until no data source is
/// left that could be read.
///
/// # Errors
/// Everything found wrong, with places.
pub async fn draw(request: Request<'_>) -> Result<Plan, Report> {
    let (state, moves) = moved::carry_out(request.config, request.state, request.registry)?;
    let mut live = refresh::decode(&state, request.registry, request.config)?;
    if let Err(report) = narrow::narrow(&mut live, &moves, request) {
        // Mistakes in the files are said first.
        mistakes(request).await?;
        return Err(report);
    }
    draw_from(Plan { live, ..Plan::default() }, &moves, request).await
}

/// What is deleted needs no configuration, but the providers may need any part of it. Where nothing is looked at before it is
/// deleted, nothing is there, or only a part goes, of which outputs and checks say nothing, only what they need is evaluated.
fn evaluator(request: Request<'_>) -> Evaluator {
    let evaluator = Evaluator::new(request.config.clone(), request.inputs, request.env);
    let is_empty = request.state.instances.is_empty() && request.state.outputs.is_empty();
    match request.options.mode {
        Purpose::Destroy if is_empty || !request.options.refresh || !request.options.selection.is_whole() => {
            evaluator.for_providers()
        }
        Purpose::Destroy => evaluator,
        Purpose::RefreshOnly => evaluator.within(&request.options.selection).refreshing(),
        _ => evaluator.within(&request.options.selection),
    }
}

/// Draws up a plan from what is known of the world so far: what exists, and data sources. `moves` are done already.
pub(super) async fn draw_from(plan: Plan, moves: &Moves, request: Request<'_>) -> Result<Plan, Report> {
    let Options { mode, selection, .. } = request.options;
    let mut plan = Plan { mode: *mode, selection: selection.clone(), ..plan };
    let phase = if *mode == Purpose::Destroy { Phase::Destroy } else { request.env.phase };
    let request = Request { env: &Environment { phase, ..request.env.clone() }, ..request };
    if request.options.mode != Purpose::Validate {
        connect_simple(&mut plan.connections, request).await?;
    }
    let mut session = Session::default();
    let drawn = rounds(plan, &mut session, moves, request).await;
    let closing = session.close_all().await;
    match drawn {
        Ok(plan) => closing.or(plan),
        Err(mut report) => {
            report.extend(closing);
            Err(report)
        }
    }
}

/// Evaluates and reads until nothing new can be read or opened.
///
/// The first round reads nothing on its way: mistakes in the files are said before anybody is asked. The later ones wait
/// for each data source where it stands, so that a chain of them is no chain of rounds: there are as many as what exists
/// and what is connected changes what can be read, a handful in any stack.
async fn rounds(mut plan: Plan, session: &mut Session, moves: &Moves, request: Request<'_>) -> Result<Plan, Report> {
    let mut evaluator = evaluator(request);
    let (mut is_first, mut is_checked) = (true, false);
    let mut readings = Readings { data: std::mem::take(&mut plan.data), ..Readings::default() };
    loop {
        plan.governance = rollouts::governance(&plan.live);
        readings.open = session.values();
        let Plan { live, connections, governance, .. } = &plan;
        let known = std::mem::take(&mut readings);
        let mut planner = Planner::new(request.registry, live, known, connections.all(), request.options, governance);
        planner.waits = !std::mem::take(&mut is_first);
        let evaluated = reading::evaluate(&mut evaluator, &mut planner, session, connections, request).await?;
        let passed_over = evaluator.passed_over();
        evaluator.forget();
        let (to_read, known, mut planned) = planner.finish();
        readings = known;
        if request.options.mode == Purpose::Validate {
            plan.data = readings.data;
            plan.warnings.extend(evaluated?.warnings);
            plan.warnings.extend(planned.warnings);
            return Ok(plan);
        }
        let is_part = match request.options.mode {
            Purpose::Normal => !request.options.selection.is_whole(),
            mode => mode == Purpose::RefreshOnly,
        };
        // An object may be imported to a block in which nothing is written yet.
        let is_looked_at = request.options.to_import.is_none() && (evaluated.is_err() || passed_over || is_part);
        if !is_checked && is_looked_at {
            // What cannot be told before anything was read may be known in the next round. Mistakes in the files are
            // said first, without asking anybody. Blocks without instances, those that are not selected, and arguments of
            // what is only refreshed are looked at only there.
            mistakes(request).await?;
            is_checked = true;
        }
        let is_taken_back = sharing::take_back(&mut plan.live, &planned.sharing, request.registry);
        if is_taken_back || rollouts::take_over(&mut plan.live, &planned.changes) {
            continue;
        }
        let imports: Vec<_> = to_read.iter().filter(|want| want.address.is_managed()).cloned().collect();
        if !read_on(&mut plan, &mut readings, session, request, &planned, to_read).await? {
            if turned::turn(&mut plan, &planned, evaluated.is_err()) {
                continue;
            }
            if !request.options.offline {
                no_connection(&imports).or(())?;
            }
            if evaluated.is_err() {
                // A wrong move is likely what all else comes from.
                moves.check(request.config, evaluator.reached()).or(())?;
            }
            planned.create_first = evaluator.create_first();
            drop(evaluator);
            plan.data = readings.data;
            plan.providers = planned.providers.clone();
            plan.connections.disconnect(planned.late.keys());
            let is_whole = request.options.mode == Purpose::Normal && request.options.selection.is_whole();
            let evaluated = evaluated.map_err(|mut report| {
                let forgotten = is_whole.then(|| removed::warning_without_plan(request.config, &plan.live));
                report.0.extend(forgotten.flatten());
                narrow::warned(report, &request.options.selection)
            });
            let outcome = evaluated?;
            turned::note_needs(&mut plan, &planned, &outcome);
            return finish(plan, request, outcome, planned, moves);
        }
    }
}

/// Connects the providers that have nothing to configure: they need not wait for the evaluation.
async fn connect_simple(connections: &mut Connections, request: Request<'_>) -> Result<(), Report> {
    let simple = request.registry.providers().iter().filter(|provider| provider.schema().attrs.is_empty());
    let simple = simple.map(|provider| ProviderRef {
        module: ModulePath::root(),
        source: provider.source().into(),
        alias: None,
    });
    connections.connect(&BTreeMap::new(), simple, request.registry, request.around).await
}

/// Connects, opens and reads whatever can be by now; whether that tells anything new.
async fn read_on(
    plan: &mut Plan,
    readings: &mut Readings,
    session: &mut Session,
    request: Request<'_>,
    planned: &Planned,
    to_read: Vec<Arc<Desired>>,
) -> Result<bool, Report> {
    let Request { registry, options, .. } = request;
    let existing = planned.changes.iter().filter(|change| plan.live.objects.contains_key(&change.address));
    let refs: BTreeMap<Address, ProviderRef> =
        existing.map(|change| (change.address.clone(), change.provider.clone())).collect();
    let of_objects = plan.live.objects.values().map(|object| Connections::parse(&object.provider));
    let of_changes: BTreeSet<&ProviderRef> = planned.changes.iter().map(|change| &change.provider).collect();
    let to_open = to_read.iter().filter(|want| want.address.is_ephemeral()).map(|want| want.provider.clone());
    let needed: BTreeSet<ProviderRef> = of_changes.into_iter().cloned().chain(of_objects).chain(to_open).collect();
    let connected = plan.connections.all().len();
    plan.connections.connect(&planned.providers, needed, registry, request.around).await?;
    let mut is_new = plan.connections.all().len() > connected;
    if options.refresh {
        let Plan { live, connections, .. } = &mut *plan;
        let read = refresh::refresh(live, registry, connections, &refs, request.config, options);
        is_new |= read.await?;
        sharing::remember_own(live, registry);
        if matches!(options.mode, Purpose::Normal | Purpose::RefreshOnly) {
            is_new |= rollouts::observe(plan, request).await?;
        }
    }
    if options.mode == Purpose::Normal && !options.offline {
        is_new |= sharing::read_revisions(plan, request).await?;
    }
    let can_ask = |want: &Arc<Desired>| reading::can_ask(want, registry, options, plan.connections.all());
    let readable: Vec<_> = to_read.into_iter().filter(can_ask).collect();
    let (imports, readable): (Vec<_>, Vec<_>) = readable.into_iter().partition(|want| want.address.is_managed());
    // What was read or connected since may change their arguments: the next round reads them where it meets them.
    let readable = if is_new { Vec::new() } else { readable };
    is_new |= !readable.is_empty();
    let (read, unread) = reading::read(readable, session, &plan.connections, request).await?;
    readings.data.extend(read);
    readings.unread.extend(unread);
    if !imports.is_empty() {
        import::read(&mut plan.live, &imports, registry, &plan.connections, options.parallelism).await?;
        is_new = true;
    }
    Ok(is_new)
}

/// Objects to import whose provider cannot be connected before apply: they cannot be read.
fn no_connection(imports: &[Arc<Desired>]) -> Report {
    let problem = |want: &Arc<Desired>| {
        let text = format!(
            "{} cannot be imported: the configuration of its provider is known only after apply. First apply what the \
             provider's configuration depends on with -target.",
            want.address
        );
        Diagnostic::error("Invalid provider configuration", text).at(want.spans.header()).about(&want.address)
    };
    Report(imports.iter().map(problem).collect())
}

/// Mistakes in the files that show without asking anybody.
async fn mistakes(request: Request<'_>) -> Result<(), Report> {
    crate::lang::check_inputs(request.config, request.inputs)?;
    let selection = Selection::default();
    let options = Options { mode: Purpose::Validate, refresh: false, selection, ..request.options.clone() };
    let env = Environment { phase: Phase::Validate, ..request.env.clone() };
    Box::pin(draw(Request { options: &options, env: &env, ..request })).await.map(drop)
}

/// What the planner wrote down.
pub(super) struct Planned {
    pub changes: Vec<Change>,
    /// Blocks whose objects are made anew before the old ones are deleted.
    pub create_first: CreateFirst,
    /// Those of task definitions that services leave.
    pub revisions: BTreeSet<Resource>,
    pub warnings: Report,
    pub providers: BTreeMap<ProviderRef, ProviderConfig>,
    /// What is configured, of attributes that a deployment controller may move on.
    pub configured: BTreeMap<Address, Value>,
    /// Where governed services and listeners stand in the files.
    pub spans: BTreeMap<Address, Spans>,
    /// Task definitions that are shared with a pipeline.
    pub sharing: BTreeMap<Address, Sharing>,
    /// What both changed and nothing was decided about.
    pub conflicts: Vec<Undecided>,
    /// By instance, services whose deployments say what is not known yet in it.
    pub waiting: BTreeMap<Address, BTreeSet<Address>>,
    /// Services that say what is not known yet in an instance that is planned to change.
    pub needed: BTreeSet<Address>,
    /// Providers that are configured with what is not known yet, and where that comes from.
    pub late: Late,
}
