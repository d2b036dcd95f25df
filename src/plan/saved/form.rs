//! The plan as JSON. Every part is taken apart by name, so that nothing that is added to a plan is forgotten here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::live::{self, LiveForm};
use crate::address::target::Target;
use crate::address::{Address, Addresses, Blocks, Resource};
use crate::diagnostic::{Report, Span};
use crate::lang::{CheckResult, Path, Selection, Step as PathStep};
use crate::plan::diff::Changed;
use crate::plan::sharing::Sharing;
use crate::plan::steps::{Join, joins_of};
use crate::plan::{Action, Change, Connections, OutputChange, Plan, Purpose, Reason, Step, What};
use crate::rollout::Rollout;
use crate::rollout::take::Takes;
use crate::value::json::{JsonError, from_exact, to_exact};

#[derive(Serialize, Deserialize)]
struct PlanForm {
    mode: Purpose,
    targets: Vec<String>,
    excludes: Vec<String>,
    /// What instances depend on: many depend on the same.
    dependencies: Vec<Vec<String>>,
    changes: Vec<ChangeForm>,
    steps: Vec<StepForm>,
    /// By number.
    joins: Vec<JoinForm>,
    outputs: Vec<OutputForm>,
    live: LiveForm,
    data: Vec<(String, Json)>,
    configured: Vec<(String, Json)>,
    rollouts: Vec<(String, Rollout)>,
    #[serde(default)]
    sharing: Vec<(String, Sharing)>,
    #[serde(default)]
    takes: Takes,
    #[serde(default)]
    generated: Vec<(String, String)>,
    checks: Vec<CheckResult>,
}

#[derive(Serialize, Deserialize)]
struct ChangeForm {
    address: String,
    deposed: Option<String>,
    moved_from: Option<String>,
    importing: Option<String>,
    provider: String,
    action: Action,
    reason: Reason,
    before: Json,
    after: Json,
    changed: Vec<ChangedForm>,
    /// Which of the sets of the plan.
    dependencies: usize,
    recorded: Vec<String>,
    had: Vec<String>,
    #[serde(default)]
    create_before_destroy: bool,
    span: Option<[u32; 3]>,
}

#[derive(Serialize, Deserialize)]
struct ChangedForm {
    path: Vec<StepOfPath>,
    forces: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StepOfPath {
    Attr(String),
    Index(usize),
    Key(String),
}

#[derive(Serialize, Deserialize)]
struct StepForm {
    what: What,
    change: usize,
    needs: Vec<usize>,
    joins: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct JoinForm {
    place: usize,
    steps: Vec<usize>,
    joins: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct OutputForm {
    name: String,
    before: Option<Json>,
    after: Option<Json>,
    was_sensitive: bool,
    sensitive: bool,
}

pub(super) fn damaged(why: impl std::fmt::Display) -> JsonError {
    JsonError { path: String::new(), why: why.to_string() }
}

pub(super) fn address(text: &str) -> Result<Address, JsonError> {
    text.parse().map_err(damaged)
}

/// Blocks are written as addresses without key.
pub(super) fn resource(text: &str) -> Result<Resource, JsonError> {
    Ok((*address(text)?.resource).clone())
}

pub(super) fn blocks(texts: &[String]) -> Result<Arc<Blocks>, JsonError> {
    Ok(Arc::new(texts.iter().map(|text| resource(text).map(Arc::new)).collect::<Result<_, _>>()?))
}

/// What `-target` and `-exclude` named.
pub(super) fn selection(targets: &[String], excludes: &[String]) -> Result<Selection, JsonError> {
    let parsed = |all: &[String]| -> Result<Vec<Target>, JsonError> {
        all.iter().map(|text| text.parse().map_err(damaged)).collect()
    };
    Ok(Selection { targets: parsed(targets)?, excludes: parsed(excludes)? })
}

pub(super) fn texts<T: ToString>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(|one| one.to_string()).collect()
}

/// The plan as JSON.
pub(super) fn write(plan: &Plan) -> Result<String, JsonError> {
    // Connections are made anew, and providers with them; warnings were said; with a conflict nothing is saved; what is governed follows from what exists.
    let Plan {
        mode,
        selection: Selection { targets, excludes },
        changes,
        steps,
        outputs,
        live,
        data,
        providers: _,
        connections: _,
        governance: _,
        configured,
        rollouts,
        sharing,
        takes,
        conflicts: _,
        generated,
        checks,
        warnings: _,
    } = plan;
    let mut sets = Sets::default();
    let changes = changes.iter().map(|change| write_change(change, &mut sets)).collect::<Result<_, _>>()?;
    let form = PlanForm {
        mode: *mode,
        targets: texts(targets),
        excludes: texts(excludes),
        dependencies: sets.all,
        changes,
        steps: steps.iter().map(write_step).collect(),
        joins: write_joins(steps),
        outputs: outputs.iter().map(|(name, output)| write_output(name, output)).collect::<Result<_, _>>()?,
        live: live::write(live)?,
        data: data
            .iter()
            .map(|(address, value)| Ok((address.to_string(), to_exact(value)?)))
            .collect::<Result<_, JsonError>>()?,
        configured: configured
            .iter()
            .map(|(address, value)| Ok((address.to_string(), to_exact(value)?)))
            .collect::<Result<_, JsonError>>()?,
        rollouts: rollouts.iter().map(|(address, one)| (address.to_string(), one.clone())).collect(),
        sharing: sharing.iter().map(|(address, one)| (address.to_string(), one.clone())).collect(),
        takes: takes.clone(),
        generated: generated.iter().map(|(address, text)| (address.to_string(), text.clone())).collect(),
        checks: checks.clone(),
    };
    serde_json::to_string(&form).map_err(damaged)
}

/// Reads what [`write`] wrote.
pub(super) fn read(text: &str) -> Result<Plan, JsonError> {
    let form: PlanForm = serde_json::from_str(text).map_err(damaged)?;
    let set = |texts: &Vec<String>| texts.iter().map(|text| address(text)).collect::<Result<_, _>>();
    let sets: Vec<Addresses> = form.dependencies.iter().map(set).collect::<Result<_, _>>()?;
    let changes = form.changes.into_iter().map(|change| read_change(change, &sets));
    let changes: Vec<Change> = changes.collect::<Result<_, _>>()?;
    let count = form.steps.len();
    let joins = read_joins(form.joins, count)?;
    let step = |(number, step)| read_step(number, step, &changes, &joins);
    let steps = form.steps.into_iter().enumerate().map(step).collect::<Result<_, _>>()?;
    let mut outputs = IndexMap::new();
    for output in form.outputs {
        let value = |json: Option<Json>| json.as_ref().map(from_exact).transpose();
        let change = OutputChange {
            before: value(output.before)?,
            after: value(output.after)?,
            was_sensitive: output.was_sensitive,
            is_sensitive: output.sensitive,
        };
        outputs.insert(output.name.into(), change);
    }
    let live = live::read(form.live)?;
    let configured = form.configured.iter().map(|(name, value)| Ok((address(name)?, from_exact(value)?)));
    let rollouts = form.rollouts.into_iter().map(|(name, one)| Ok((address(&name)?, one)));
    let sharing = form.sharing.into_iter().map(|(name, one)| Ok((address(&name)?, one)));
    let data = form.data.iter().map(|(name, value)| Ok((address(name)?, from_exact(value)?)));
    let generated = form.generated.into_iter().map(|(name, text)| Ok((address(&name)?, text)));
    Ok(Plan {
        mode: form.mode,
        selection: selection(&form.targets, &form.excludes)?,
        changes,
        steps,
        outputs,
        governance: crate::plan::rollouts::governance(&live),
        live,
        configured: configured.collect::<Result<_, JsonError>>()?,
        rollouts: rollouts.collect::<Result<_, JsonError>>()?,
        sharing: sharing.collect::<Result<_, JsonError>>()?,
        takes: form.takes,
        conflicts: Vec::new(),
        data: data.collect::<Result<_, JsonError>>()?,
        providers: BTreeMap::new(),
        connections: Connections::default(),
        generated: generated.collect::<Result<_, JsonError>>()?,
        checks: form.checks,
        warnings: Report::default(),
    })
}

/// Sets of addresses, each written once.
#[derive(Default)]
struct Sets {
    known: HashMap<*const Address, usize>,
    all: Vec<Vec<String>>,
}

impl Sets {
    /// The number of the set.
    fn add(&mut self, set: &Addresses) -> usize {
        *self.known.entry(set.place()).or_insert_with(|| {
            self.all.push(texts(set));
            self.all.len() - 1
        })
    }
}

fn write_change(change: &Change, sets: &mut Sets) -> Result<ChangeForm, JsonError> {
    let Change {
        address,
        deposed,
        moved_from,
        importing,
        provider,
        action,
        reason,
        before,
        after,
        changed,
        dependencies,
        recorded,
        had,
        create_before_destroy,
        span,
    } = change;
    let path = |path: &Path| path.0.iter().map(write_path_step).collect();
    let one = |one: &Changed| ChangedForm { path: path(&one.path), forces: one.forces_replacement };
    Ok(ChangeForm {
        address: address.to_string(),
        deposed: deposed.clone(),
        moved_from: moved_from.as_ref().map(ToString::to_string),
        importing: importing.clone(),
        provider: provider.in_state(),
        action: *action,
        reason: *reason,
        before: to_exact(before)?,
        after: to_exact(after)?,
        changed: changed.iter().map(one).collect(),
        dependencies: sets.add(dependencies),
        recorded: texts(&**recorded),
        had: texts(&**had),
        create_before_destroy: *create_before_destroy,
        span: span.map(|span| [span.file, span.start, span.end]),
    })
}

fn read_change(form: ChangeForm, sets: &[Addresses]) -> Result<Change, JsonError> {
    let path = |steps: Vec<StepOfPath>| Path(steps.into_iter().map(read_path_step).collect());
    let one = |one: ChangedForm| Changed { path: path(one.path), forces_replacement: one.forces };
    Ok(Change {
        address: address(&form.address)?,
        deposed: form.deposed,
        moved_from: form.moved_from.as_deref().map(address).transpose()?,
        importing: form.importing,
        provider: Connections::parse(&form.provider),
        action: form.action,
        reason: form.reason,
        before: from_exact(&form.before)?,
        after: from_exact(&form.after)?,
        changed: form.changed.into_iter().map(one).collect(),
        dependencies: sets.get(form.dependencies).cloned().ok_or_else(|| damaged("a set is missing"))?,
        recorded: blocks(&form.recorded)?,
        had: blocks(&form.had)?,
        create_before_destroy: form.create_before_destroy,
        span: form.span.map(|[file, start, end]| Span { file, start, end }),
    })
}

fn write_path_step(step: &PathStep) -> StepOfPath {
    match step {
        PathStep::Attr(name) => StepOfPath::Attr(name.to_string()),
        PathStep::Index(at) => StepOfPath::Index(*at),
        PathStep::Key(key) => StepOfPath::Key(key.to_string()),
    }
}

fn read_path_step(step: StepOfPath) -> PathStep {
    match step {
        StepOfPath::Attr(name) => PathStep::Attr(name.into()),
        StepOfPath::Index(at) => PathStep::Index(at),
        StepOfPath::Key(key) => PathStep::Key(key.into()),
    }
}

fn write_step(step: &Step) -> StepForm {
    let Step { number: _, what, change, address: _, needs, joins } = step;
    StepForm { what: *what, change: *change, needs: needs.clone(), joins: numbers(joins) }
}

fn numbers(joins: &[Arc<Join>]) -> Vec<usize> {
    joins.iter().map(|join| join.number).collect()
}

/// Joins that nothing waits for are left empty, so that numbers stay places.
fn write_joins(steps: &[Step]) -> Vec<JoinForm> {
    let mut forms: Vec<JoinForm> = Vec::new();
    for join in joins_of(steps) {
        let place = forms.last().map_or(0, |last| last.place);
        forms.resize_with(join.number, || JoinForm { place, steps: Vec::new(), joins: Vec::new() });
        forms.push(JoinForm { place: join.place, steps: join.steps.clone(), joins: numbers(&join.joins) });
    }
    forms
}

fn read_joins(forms: Vec<JoinForm>, count: usize) -> Result<Vec<Arc<Join>>, JsonError> {
    let mut joins: Vec<Arc<Join>> = Vec::new();
    for (number, JoinForm { place, steps, joins: inner }) in forms.into_iter().enumerate() {
        let inner = joined(&inner, &joins, place)?;
        let is_early = joins.last().is_some_and(|last| last.place > place);
        if is_early || place > count || steps.iter().any(|&step| step >= place) {
            return Err(damaged("a join needs a step that does not come before it"));
        }
        joins.push(Arc::new(Join { number, place, steps, joins: inner }));
    }
    Ok(joins)
}

fn joined(numbers: &[usize], joins: &[Arc<Join>], place: usize) -> Result<Vec<Arc<Join>>, JsonError> {
    let find = |number: &usize| joins.get(*number).filter(|join| join.place <= place).cloned();
    numbers.iter().map(|number| find(number).ok_or_else(|| damaged("a join comes too late"))).collect()
}

/// Indices must point to what is there, or the run could not follow them.
fn read_step(number: usize, form: StepForm, changes: &[Change], joins: &[Arc<Join>]) -> Result<Step, JsonError> {
    let StepForm { what, change, needs, joins: inner } = form;
    let address = changes.get(change).ok_or_else(|| damaged("a step belongs to no change"))?.address.clone();
    if needs.iter().any(|&need| need >= number) {
        return Err(damaged("a step needs one that does not come before it"));
    }
    Ok(Step { number, what, change, address, needs, joins: joined(&inner, joins, number)? })
}

fn write_output(name: &str, output: &OutputChange) -> Result<OutputForm, JsonError> {
    let OutputChange { before, after, was_sensitive, is_sensitive } = output;
    Ok(OutputForm {
        name: name.to_owned(),
        before: before.as_ref().map(to_exact).transpose()?,
        after: after.as_ref().map(to_exact).transpose()?,
        was_sensitive: *was_sensitive,
        sensitive: *is_sensitive,
    })
}
