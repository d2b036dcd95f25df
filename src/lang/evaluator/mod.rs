//! Evaluation of a whole configuration, and again of single instances while an apply goes on.

mod again;
mod configured;
mod direct;
mod inputs;
mod lazy;
mod node;
mod outputs;
mod provision;
mod recall;
mod resources;
mod run;
mod selected;

pub(super) use inputs::unknown_input;
pub use inputs::{check_inputs, given_value, root_value};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::config::{Module, Repeat};
use super::desired::{Answers, CheckResult, Desired, Environment, Outcome, ProviderConfig, ProviderRef};
use super::expr::Functions;
use super::graph::{Graph, NodeId};
use super::imports::ByBlock;
use super::input::VariableInput;
use super::selection::Selection;
use super::store::Store;
use super::syntax::tree::ExprKind;
use super::{Config, Phase};
use crate::address::{Address, Blocks, Mode, Resource};
use crate::diagnostic::Report;
use crate::value::Value;

pub use provision::Provision;
pub(super) use provision::mentions as provisioner_mentions;
pub use recall::Answer;
pub use run::Walk;

/// Values of instances as they are remembered.
pub(super) type Remembered = BTreeMap<Address, Value>;

/// Evaluates a configuration. All errors, with their places.
pub fn evaluate(
    config: &Arc<Config>,
    inputs: &[VariableInput],
    env: &Environment,
    answers: &mut dyn Answers,
) -> Result<Outcome, Report> {
    Evaluator::new(config.clone(), inputs, env).run(answers)
}

/// Remembers what was evaluated, and evaluates again what was not wholly known.
///
/// Plan: `new`, `run`. Apply: `new` with [`Phase::Apply`], `run` with the planned values as answers; then for each
/// step `instance` (its configuration with what is known by now), the work, and `settle` with the final value; at the
/// end `outputs`.
#[derive(Debug)]
pub struct Evaluator {
    pub(super) config: Arc<Config>,
    pub(super) graph: Graph,
    pub(super) store: Store,
    pub(super) env: Environment,
    pub(super) functions: Functions,
    inputs: BTreeMap<Arc<str>, VariableInput>,
    /// Which `import` blocks are about which resource block.
    pub(super) imports: ByBlock,
    /// Whether the configuration has ephemeral resources.
    has_ephemerals: bool,
    /// Cycles.
    cycles: Report,
    /// By node: resource blocks it refers to, without instance keys.
    references: Vec<Arc<Blocks>>,
    /// The node that this was found out for last.
    referred: Option<NodeId>,
    providers: BTreeMap<ProviderRef, ProviderConfig>,
    checks: BTreeMap<String, CheckResult>,
    /// What conditions gave reason to say while an apply goes on.
    warnings: Report,
    /// Check blocks whose data source cannot be read: their conditions are not looked at.
    unread: BTreeSet<String>,
    /// Whether references see nothing of resources but their names: in a block that may have no instances, what does not
    /// fit the type of a resource is a mistake once there is one.
    pub(super) sees_names: bool,
    /// Whether conditions of resources and outputs that do not hold are only told.
    refreshes: bool,
    /// Instances whose final value does not fulfil their postconditions: nothing is evaluated from it.
    refused: BTreeSet<Address>,
    /// What a run came to before it failed.
    reached: Box<Outcome>,
    pub(super) selection: Selection,
    /// By node: whether it is evaluated.
    pub(super) selected: Vec<bool>,
}

impl Evaluator {
    /// An evaluator that has evaluated nothing yet.
    pub fn new(config: Arc<Config>, inputs: &[VariableInput], env: &Environment) -> Self {
        let (graph, cycles) = Graph::new(&config);
        let store = Store::new(config.modules.len(), graph.nodes.len());
        let references = vec![Arc::default(); graph.nodes.len()]; // one empty set for all
        // Of inputs with the same name the last one counts.
        let inputs = inputs.iter().map(|input| (input.name.clone(), input.clone())).collect();
        let is_ephemeral = |module: &Module| module.body.resources.keys().any(|name| name.mode == Mode::Ephemeral);
        Self {
            imports: ByBlock::new(&config),
            has_ephemerals: config.modules.iter().any(is_ephemeral),
            reached: Box::default(),
            sees_names: false,
            refreshes: false,
            refused: BTreeSet::new(),
            selection: Selection::default(),
            selected: vec![true; graph.nodes.len()],
            functions: function_scope(env),
            config,
            graph,
            store,
            env: env.clone(),
            inputs,
            cycles,
            references,
            referred: None,
            providers: BTreeMap::new(),
            checks: BTreeMap::new(),
            warnings: Report::default(),
            unread: BTreeSet::new(),
        }
    }

    /// Forgets what was evaluated, for another [`run`](Self::run) with other answers. What was found out about the
    /// configuration alone is kept.
    pub fn forget(&mut self) {
        // The old first: there is no time when both are held.
        (self.store, self.references) = (Store::default(), Vec::new());
        self.store = Store::new(self.config.modules.len(), self.graph.nodes.len());
        self.references = vec![Arc::default(); self.graph.nodes.len()];
        self.referred = None;
        self.providers.clear();
        self.checks.clear();
        self.unread.clear();
    }

    /// The instances of modules and resources that the last run found before it failed.
    pub fn reached(&self) -> &Outcome {
        &self.reached
    }

    /// Whether a block has no instances, so that nothing in it was evaluated.
    pub fn passed_over(&self) -> bool {
        let is_block = |id: NodeId| self.selected[id] && self.graph.nodes[id].resource.is_some();
        self.env.phase == Phase::Plan && (0..self.graph.nodes.len()).any(|id| is_block(id) && self.store.is_empty(id))
    }

    /// Evaluates only a part.
    #[must_use]
    pub fn within(self, selection: &Selection) -> Self {
        let selected = selection.nodes(&self.graph, &self.config);
        Self { selection: selection.clone(), selected, ..self }
    }

    /// Nothing is to be done: managed resources are what they are, so that their arguments are not evaluated, and
    /// conditions of resources and outputs that do not hold are only told of.
    #[must_use]
    pub fn refreshing(self) -> Self {
        Self { refreshes: true, ..self }
    }

    /// Evaluates only what the provider blocks need.
    #[must_use]
    pub fn for_providers(self) -> Self {
        let selected = Selection::of_providers(&self.graph);
        Self { selected, ..self }
    }

    /// The blocks that are evaluated, without instance keys.
    pub fn selected_blocks(&self) -> BTreeSet<Resource> {
        self.selection.blocks(&self.graph, &self.config)
    }

    /// Whether a node is evaluated in a validation that sees the names of resources only, see `sees_names`.
    fn looks_at_names(&self, id: NodeId) -> bool {
        let is_sure = |repeat: &Repeat| match repeat {
            Repeat::Once => true,
            Repeat::Count(expr) => {
                matches!(&expr.kind, ExprKind::Number(digits) if digits.contains(|c| ('1'..='9').contains(&c)))
            }
            Repeat::ForEach(_) => false,
        };
        let around = |module: &usize| self.config.modules[*module].parent;
        let is_called = |module: usize| {
            let Module { parent, path, .. } = &self.config.modules[module];
            let call = parent.zip(path.last()).and_then(|(at, name)| self.config.modules[at].body.calls.get(name));
            call.is_none_or(|call| is_sure(&call.repeat))
        };
        let has_instances = || match self.block(id) {
            Some((_, block)) => is_sure(&block.repeat),
            None => true,
        };
        let modules = || std::iter::successors(Some(self.graph.nodes[id].module), around);
        self.is_validation() && !(has_instances() && modules().all(is_called))
    }

    /// Whether everything goes: conditions and checks are not evaluated then.
    pub(super) fn is_destroy(&self) -> bool {
        self.env.phase == Phase::Destroy
    }

    pub(in crate::lang) fn is_validation(&self) -> bool {
        self.env.phase == Phase::Validate
    }

    /// Resource blocks that a node refers to: those it needs, and those its other needs refer to. What an ephemeral
    /// resource refers to counts too: nothing but its own value stands between; and what a block without instances refers to.
    fn refer(&mut self, id: NodeId) {
        let mut own: Vec<&Arc<Resource>> = Vec::new();
        let mut others: Vec<&Arc<Blocks>> = Vec::new();
        // Blocks that need the same refer to the same.
        if let Some(before) = self.referred.replace(id).filter(|before| self.graph.needs.are_alike(*before, id)) {
            self.references[id] = self.references[before].clone();
            return;
        }
        for need in self.graph.needs.of(id) {
            match &self.graph.nodes[need].resource {
                Some(resource) => {
                    own.push(resource);
                    let is_passed = resource.mode == Mode::Ephemeral || self.store.is_empty(need);
                    if is_passed && !self.references[need].is_empty() {
                        others.push(&self.references[need]);
                    }
                }
                None if self.references[need].is_empty() => {}
                None => others.push(&self.references[need]),
            }
        }
        others.sort_by_key(|set| Arc::as_ptr(set));
        others.dedup_by_key(|set| Arc::as_ptr(set));
        self.references[id] = match (own.as_slice(), others.as_slice()) {
            ([], []) => return,
            ([], [only]) => (*only).clone(),
            _ => Arc::new(own.into_iter().chain(others.into_iter().flat_map(|set| set.iter())).cloned().collect()),
        };
    }
}

fn function_scope(env: &Environment) -> Functions {
    Functions {
        base_dir: env.cwd.join(&env.root),
        home: env.home.clone(),
        clock: env.clock.clone(),
        plan_time: (env.phase != Phase::Validate).then_some(env.plan_time),
        planning: env.phase != Phase::Apply,
        console: false,
    }
}

/// An instance that is about to be asked for.
pub(super) struct Prepared {
    desired: Arc<Desired>,
    module_instance: usize,
    repetition: Arc<super::store::Repetition>,
}

/// The value of an instance as others see it: it comes from the instance, and only from there. What the instance itself
/// comes from is its own affair: a long chain would carry all of it to its end. An ephemeral resource is no object that
/// could be waited for: what it comes from is what its value comes from.
pub(super) fn visible(value: Value, address: &Address) -> Value {
    if address.is_ephemeral() {
        return value.with_marks(&crate::value::Marks::EPHEMERAL);
    }
    value.without_origins().with_marks(&crate::value::Marks::origin(address.clone()))
}
