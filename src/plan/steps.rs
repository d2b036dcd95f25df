//! Changes -> steps: what apply does, and what each step needs done before.
//!
//! A replacement is two ordinary steps; `replace` chooses the edges between them and to others.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

mod deployments;
mod sorted;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::change::{Action, Change, Reason};
use super::circle;
use super::hidden::{After, Hidden};
use super::planner::Late;
use super::replace;
use super::singles::InTheWay;
use crate::address::{Address, Resource};
use crate::diagnostic::Report;
use crate::rollout::Rollout;
use deployments::Apart;
use sorted::sorted;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Makes an object.
    Create,
    /// Changes an object.
    Update,
    /// Deletes an object.
    Delete,
    /// Reads a data source.
    Read,
    /// Brings a change out by a deployment.
    Deploy,
}

/// One step of apply.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its place in the plan.
    pub number: usize,
    /// What it does.
    pub what: What,
    /// Index of its change in the plan.
    pub change: usize,
    /// The instance.
    pub address: Address,
    /// Indices of the steps that must be done before.
    pub needs: Vec<usize>,
    /// What must be done before as well, together with others that wait for the same.
    pub joins: Vec<Arc<Join>>,
}

/// Steps that several others wait for together. Between two blocks of a thousand instances each this is two thousand
/// edges in place of a million.
#[derive(Debug)]
pub struct Join {
    /// Its place among the joins of the plan; it comes after those it waits for.
    pub number: usize,
    /// How many steps of the plan come before everything that waits for it.
    pub place: usize,
    /// Indices of the steps it waits for.
    pub steps: Vec<usize>,
    /// Joins it waits for.
    pub joins: Vec<Arc<Self>>,
}

/// Where the steps of a change are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    /// Create, update or read.
    pub make: Option<usize>,
    /// Delete.
    pub delete: Option<usize>,
    /// Bring out by a deployment, after `make` where there is one.
    pub deploy: Option<usize>,
}

impl Pair {
    /// The step after which the object is what was planned.
    pub(super) fn last(self) -> Option<usize> {
        self.deploy.or(self.make)
    }
}

/// Something to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// A step.
    Step(usize),
    /// All of a join.
    Join(usize),
}

/// Steps under construction.
pub(super) struct Draft<'a> {
    pub changes: &'a [Change],
    pub pairs: Vec<Pair>,
    pub steps: Vec<Step>,
    /// By step: what it waits for, perhaps twice.
    pub needs: Vec<Vec<Node>>,
    /// By join: what it waits for. It comes after the joins in it.
    pub joins: Vec<Vec<Node>>,
    /// Steps that come after others only where nothing else says the opposite.
    pub possible: Vec<(usize, usize)>,
    /// Current (not deposed) objects by address.
    pub by_address: HashMap<&'a Address, usize>,
}

/// The steps of the changes, in an order that respects what each needs.
///
/// # Errors
/// Steps need each other in a circle.
pub fn steps(changes: &[Change]) -> Result<Vec<Step>, Report> {
    ordered(changes, &BTreeMap::new(), &Late::new(), &Hidden::default(), &[])
}

/// The same, with changes that are brought out by a deployment, providers that are configured late, order that the files do
/// not state, and objects that are in each other's way. The former is given up where replacements make a circle of it.
///
/// # Errors
/// Steps need each other in a circle.
pub(super) fn ordered(
    changes: &[Change],
    rollouts: &BTreeMap<Address, Rollout>,
    late: &Late,
    hidden: &Hidden,
    in_the_way: &[InTheWay],
) -> Result<Vec<Step>, Report> {
    let gone: BTreeSet<usize> = in_the_way.iter().map(|one| one.gone).collect();
    let attempt = |hidden: &Hidden, recorded: Recorded, apart: Apart| {
        let mut draft = Draft::new(changes, rollouts);
        make_edges(&mut draft, rollouts, &hidden.made, apart);
        replace::edges(&mut draft, recorded, &gone);
        replace::hidden_edges(&mut draft, &hidden.deleted, &gone);
        replace::possible_edges(&mut draft, in_the_way);
        deposed_in_turn(&mut draft);
        deletions_when_connected(&mut draft, late);
        checks_last(&mut draft);
        sorted(draft)
    };
    let in_order = |hidden: &Hidden, recorded: Recorded| match attempt(hidden, recorded, Apart::Each) {
        Err(_) if rollouts.len() > 1 => attempt(hidden, recorded, Apart::All),
        ordered => ordered,
    };
    let with_or_without = |recorded: Recorded| match in_order(hidden, recorded) {
        Err(_) if !hidden.is_empty() => in_order(&Hidden::default(), recorded),
        ordered => ordered,
    };
    with_or_without(Recorded::All).or_else(|_| with_or_without(Recorded::Likely))
}

/// Which of the dependencies count that state has recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    /// All.
    All,
    /// Those that close no circle: nothing is to be impossible to delete.
    Likely,
}

impl<'a> Draft<'a> {
    fn new(changes: &'a [Change], rollouts: &BTreeMap<Address, Rollout>) -> Self {
        let mut draft = Self {
            changes,
            pairs: Vec::with_capacity(changes.len()),
            steps: Vec::new(),
            needs: Vec::new(),
            joins: Vec::new(),
            possible: Vec::new(),
            by_address: HashMap::with_capacity(changes.len()),
        };
        for (at, change) in changes.iter().enumerate() {
            let (make, delete) = match change.action {
                Action::NoOp | Action::Forget => (None, None),
                Action::Read => (Some(What::Read), None),
                Action::Create => (Some(What::Create), None),
                Action::Update => (Some(What::Update), None),
                Action::Replace { .. } => (Some(What::Create), Some(What::Delete)),
                Action::Delete => (None, Some(What::Delete)),
            };
            let is_deployed = matches!(change.action, Action::Update | Action::NoOp) && change.deposed.is_none();
            let rollout = rollouts.get(&change.address).filter(|_| is_deployed);
            let delete = delete.map(|what| draft.push(what, at));
            let make = make.filter(|_| rollout.is_none_or(|rollout| rollout.is_partial));
            let make = make.map(|what| draft.push(what, at));
            let deploy = rollout.map(|_| draft.push(What::Deploy, at));
            draft.pairs.push(Pair { make, delete, deploy });
            if change.deposed.is_none() {
                draft.by_address.insert(&change.address, at);
            }
        }
        draft
    }

    fn push(&mut self, what: What, change: usize) -> usize {
        self.steps.push(Step {
            number: self.steps.len(),
            what,
            change,
            address: self.changes[change].address.clone(),
            needs: Vec::new(),
            joins: Vec::new(),
        });
        self.needs.push(Vec::new());
        self.steps.len() - 1
    }

    /// `step` runs after `first`.
    pub(super) fn edge(&mut self, step: usize, first: Node) {
        if first != Node::Step(step) {
            self.needs[step].push(first);
        }
    }

    /// One node that stands for all of them.
    pub(super) fn join(&mut self, nodes: Vec<Node>) -> Vec<Node> {
        if nodes.len() < 2 {
            return nodes;
        }
        self.joins.push(nodes);
        vec![Node::Join(self.joins.len() - 1)]
    }
}

/// The block of an instance, as state files record it.
pub fn block_of(address: &Address) -> Arc<Resource> {
    if address.module().0.iter().all(|step| step.key.is_none()) {
        return address.resource.clone();
    }
    Arc::new(address.resource.without_keys())
}

/// A deposed object goes after the new one is made where that comes first, else before: as in a replacement.
fn deposed_in_turn(draft: &mut Draft<'_>) {
    for (at, change) in draft.changes.iter().enumerate().filter(|(_, change)| change.deposed.is_some()) {
        let Some(&current) = draft.by_address.get(&change.address) else { continue };
        let (Some(delete), Some(make)) = (draft.pairs[at].delete, draft.pairs[current].make) else { continue };
        let is_made = matches!(draft.changes[current].action, Action::Create | Action::Replace { .. });
        let (step, first) = if draft.changes[current].create_before_destroy { (delete, make) } else { (make, delete) };
        if is_made && !circle::waits_for(draft, first, step) {
            draft.edge(step, Node::Step(first));
        }
    }
}

/// An object is deleted once its provider can be configured, unless what configures that waits for the deletion.
fn deletions_when_connected(draft: &mut Draft<'_>, late: &Late) {
    for at in 0..draft.changes.len() {
        let Some(delete) = draft.pairs[at].delete else { continue };
        let origins = late.get(&draft.changes[at].provider).into_iter().flatten();
        let makers: Vec<usize> = origins.filter_map(|one| draft.pairs[*draft.by_address.get(one)?].last()).collect();
        for first in makers {
            if !circle::waits_for(draft, first, delete) {
                draft.edge(delete, Node::Step(first));
            }
        }
    }
}

/// What check blocks look at is read when everything else is done.
fn checks_last(draft: &mut Draft<'_>) {
    let changes = draft.changes;
    let is_check = |step: &Step| changes[step.change].reason == Reason::CheckNested;
    let (last, others): (Vec<&Step>, Vec<&Step>) = draft.steps.iter().partition(|step| is_check(step));
    let (last, others): (Vec<usize>, Vec<Node>) =
        (last.iter().map(|step| step.number).collect(), others.iter().map(|step| Node::Step(step.number)).collect());
    if last.is_empty() || others.is_empty() {
        return;
    }
    for first in draft.join(others) {
        last.iter().for_each(|step| draft.edge(*step, first));
    }
}

/// What makes an object runs after what makes those it depends on, also through objects that do not change.
fn make_edges(draft: &mut Draft<'_>, rollouts: &BTreeMap<Address, Rollout>, hidden: &After, apart: Apart) {
    let count = draft.changes.len();
    let deployed = deployments::deployed(draft, rollouts, hidden, apart);
    let (is_open, frontier) = (vec![false; count], vec![None; count]);
    let mut walk = Walk { hidden, deployed, is_open, frontier, shared: HashMap::new() };
    for start in 0..count {
        let mut stack = vec![start];
        while let Some(&at) = stack.last() {
            if walk.frontier[at].is_some() || walk.step(draft, at, &mut stack) {
                stack.pop();
            }
        }
    }
    deployments::edges(draft, &walk.frontier, rollouts);
}

/// The way from each change to what it depends on.
struct Walk<'h> {
    /// Dependencies that the files do not state.
    hidden: &'h After,
    /// By service that is deployed: the deployment, and what comes before it, although it depends on the service.
    deployed: HashMap<usize, (Node, HashSet<usize>)>,
    /// By change: it was looked at.
    is_open: Vec<bool>,
    /// By change: what to wait for when it is depended on.
    frontier: Vec<Option<Vec<Node>>>,
    /// By set of dependencies that several changes share.
    shared: HashMap<*const Address, Vec<Node>>,
}

impl Walk<'_> {
    /// What a change waits for of one that it depends on.
    fn last(&self, at: usize, below: usize) -> &[Node] {
        match self.deployed.get(&below) {
            Some((deploy, first)) if !first.contains(&at) => std::slice::from_ref(deploy),
            _ => self.frontier[below].as_deref().unwrap_or_default(),
        }
    }

    /// Finds what the change waits for; false when those below it, now on the stack, come first.
    fn step(&mut self, draft: &mut Draft<'_>, at: usize, stack: &mut Vec<usize>) -> bool {
        let dependencies = &draft.changes[at].dependencies;
        let key = dependencies.place();
        let hidden = self.hidden.get(&draft.changes[at].address).filter(|_| draft.changes[at].deposed.is_none());
        let is_own = hidden.is_some() || self.deployed.values().any(|(_, first)| first.contains(&at));
        let is_shared = dependencies.len() > 1 && dependencies.is_shared() && !is_own;
        let known = if is_shared { self.shared.get(&key).cloned() } else { None };
        let makers = if let Some(makers) = known {
            makers
        } else {
            let below = dependencies.iter().chain(hidden.into_iter().flatten());
            let below: Vec<usize> = below.filter_map(|one| draft.by_address.get(one).copied()).collect();
            if !std::mem::replace(&mut self.is_open[at], true) {
                let before = stack.len();
                let is_new = |b: &&usize| self.frontier[**b].is_none() && !self.is_open[**b];
                stack.extend(below.iter().filter(is_new));
                if stack.len() > before {
                    return false;
                }
            }
            let mut makers: Vec<Node> = below.iter().flat_map(|&b| self.last(at, b)).copied().collect();
            makers.sort_unstable();
            makers.dedup();
            if is_shared {
                makers = draft.join(makers);
                self.shared.insert(key, makers.clone());
            }
            makers
        };
        self.frontier[at] = Some(match draft.pairs[at].make {
            Some(make) => {
                makers.into_iter().for_each(|first| draft.edge(make, first));
                vec![Node::Step(make)]
            }
            None => draft.join(makers),
        });
        true
    }
}

/// Every join that the steps wait for, by number.
pub fn joins_of(steps: &[Step]) -> Vec<Arc<Join>> {
    let mut found: BTreeMap<usize, Arc<Join>> = BTreeMap::new();
    let mut open: Vec<&Arc<Join>> = steps.iter().flat_map(|step| &step.joins).collect();
    while let Some(join) = open.pop() {
        if let Entry::Vacant(slot) = found.entry(join.number) {
            slot.insert(join.clone());
            open.extend(&join.joins);
        }
    }
    found.into_values().collect()
}

/// By step, the time of the longest chain that begins with it; `time` is how long a step takes.
pub fn chains(steps: &[Step], time: impl Fn(&Step) -> Duration) -> Vec<Duration> {
    let mut joins = joins_of(steps);
    let last = joins.last().map_or(0, |join| join.number + 1);
    let mut behind_join = vec![Duration::ZERO; last];
    let mut behind = vec![Duration::ZERO; steps.len()];
    for (at, step) in steps.iter().enumerate().rev() {
        // Everything that waits for these is done with.
        while let Some(join) = joins.pop_if(|join| join.place > at) {
            let chain = behind_join[join.number];
            join.steps.iter().for_each(|&first| behind[first] = behind[first].max(chain));
            for inner in &join.joins {
                behind_join[inner.number] = behind_join[inner.number].max(chain);
            }
        }
        behind[at] += time(step);
        let chain = behind[at];
        step.needs.iter().for_each(|&first| behind[first] = behind[first].max(chain));
        for join in &step.joins {
            behind_join[join.number] = behind_join[join.number].max(chain);
        }
    }
    behind
}

fn label(step: &Step) -> String {
    let what = match step.what {
        What::Create => "create",
        What::Update => "update",
        What::Delete => "delete",
        What::Read => "read",
        What::Deploy => "deploy",
    };
    format!("{what} {}", step.address)
}

/// One step per line with what it needs: the format of planning tests.
pub fn to_text(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        text.push_str(&label(step));
        let mut needs = step.needs.clone();
        let mut open: Vec<&Arc<Join>> = step.joins.iter().collect();
        while let Some(join) = open.pop() {
            needs.extend(&join.steps);
            open.extend(&join.joins);
        }
        if !needs.is_empty() {
            let needs: Vec<String> = needs.iter().map(|&first| label(&steps[first])).collect();
            // Writing to a String cannot fail.
            let _ = write!(text, " <- {}", needs.join(", "));
        }
        text.push('\n');
    }
    text
}
