//! Which part of a configuration is evaluated: all of it, what `-target` names with all that it needs, or all but what
//! `-exclude` names and whatever needs that.

use std::collections::BTreeSet;

use super::config::Config;
use super::graph::{Graph, Item, NodeId, resource, static_path};
use super::links::Links;
use crate::address::target::Target;
use crate::address::{Address, Resource};

/// What to evaluate. Nothing named means everything; not both are named at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these and what they need.
    pub targets: Vec<Target>,
    /// All but these and what needs them.
    pub excludes: Vec<Target>,
}

impl Selection {
    /// Whether everything is evaluated.
    pub fn is_whole(&self) -> bool {
        self.targets.is_empty() && self.excludes.is_empty()
    }

    /// Whether an instance of a selected block is wanted. What is only needed by others is wanted in all its instances.
    pub fn takes(&self, address: &Address) -> bool {
        if self.excludes.iter().any(|target| target.contains(address)) {
            return false;
        }
        let block = address.resource.without_keys();
        let mut touching = self.targets.iter().filter(|target| target.touches(&block)).peekable();
        touching.peek().is_none() || touching.any(|target| target.contains(address))
    }

    /// Whether it names this object, which needs no block.
    pub fn names(&self, address: &Address) -> bool {
        let is_target = self.targets.is_empty() || self.targets.iter().any(|target| target.contains(address));
        is_target && !self.excludes.iter().any(|target| target.contains(address))
    }

    /// By node: whether it is evaluated.
    pub(super) fn nodes(&self, graph: &Graph, config: &Config) -> Vec<bool> {
        if self.is_whole() {
            return vec![true; graph.nodes.len()];
        }
        let block = |id: NodeId| block_of(graph, config, id);
        let all = || 0..graph.nodes.len();
        if self.targets.is_empty() {
            let is_covered =
                |id: &NodeId| block(*id).is_some_and(|block| self.excludes.iter().any(|target| target.covers(&block)));
            // Where only some instances are excluded the others stay, but nothing that needs the block does.
            let dependents = self.excludes.iter().flat_map(|target| dependents(target, graph, config));
            let gone = spread(&graph.needed_by, all().filter(is_covered).chain(dependents), all().len());
            return gone.into_iter().map(|is_gone| !is_gone).collect();
        }
        let meant =
            |id: &NodeId| block(*id).is_some_and(|block| self.targets.iter().any(|target| target.touches(&block)));
        let mut taken = spread(&graph.needs, all().filter(meant), all().len());
        for id in all().filter(|id| is_root_output(graph, *id)) {
            let below = spread(&graph.needs, [id], all().len());
            let mut resources = all().filter(|id| below[*id] && block(*id).is_some()).peekable();
            if resources.peek().is_some() && resources.all(|id| taken[id]) {
                all().for_each(|id| taken[id] |= below[id]);
            }
        }
        for id in all() {
            if let Item::Validation(name) = &graph.nodes[id].item {
                let variable = graph.id(graph.nodes[id].module, Item::Variable(name.clone()));
                taken[id] = variable.is_some_and(|id| taken[id]) && graph.needs.of(id).all(|need| taken[need]);
            }
        }
        taken
    }

    /// By node: whether a provider block needs it.
    pub(super) fn of_providers(graph: &Graph) -> Vec<bool> {
        let all = 0..graph.nodes.len();
        let providers = all.clone().filter(|id| matches!(graph.nodes[*id].item, Item::Provider(..)));
        spread(&graph.needs, providers, all.len())
    }

    /// The blocks that are evaluated, without instance keys.
    pub(super) fn blocks(&self, graph: &Graph, config: &Config) -> BTreeSet<Resource> {
        let taken = self.nodes(graph, config);
        (0..taken.len()).filter(|id| taken[*id]).filter_map(|id| block_of(graph, config, id)).collect()
    }
}

fn block_of(graph: &Graph, config: &Config, id: NodeId) -> Option<Resource> {
    match &graph.nodes[id].item {
        Item::Resource(name) => Some(resource(&static_path(&config.modules[graph.nodes[id].module]), name)),
        _ => None,
    }
}

fn is_root_output(graph: &Graph, id: NodeId) -> bool {
    graph.nodes[id].module == 0 && matches!(graph.nodes[id].item, Item::Output(_))
}

/// What needs the blocks that an excluded part touches. Instances of a module need nothing of each other: what is inside an
/// excluded one stays in the others, and only what needs that from outside does not.
fn dependents(excluded: &Target, graph: &Graph, config: &Config) -> Vec<NodeId> {
    let is_touched = |id: &NodeId| block_of(graph, config, *id).is_some_and(|block| excluded.touches(&block));
    let is_inside = |id: NodeId| {
        let module = static_path(&config.modules[graph.nodes[id].module]);
        matches!(excluded, Target::Module(path) if module.names().starts_with(&path.names()))
    };
    let mut seen = vec![false; graph.nodes.len()];
    let mut open: Vec<NodeId> = (0..graph.nodes.len()).filter(is_touched).collect();
    let mut found = Vec::new();
    while let Some(id) = open.pop() {
        for after in graph.needed_by.of(id) {
            if !std::mem::replace(&mut seen[after], true) {
                if is_inside(after) { open.push(after) } else { found.push(after) }
            }
        }
    }
    found
}

/// The nodes and everything that the edges lead to from them, of so many nodes.
fn spread(edges: &Links, from: impl IntoIterator<Item = NodeId>, count: usize) -> Vec<bool> {
    let mut reached = vec![false; count];
    let mut open: Vec<NodeId> = from.into_iter().collect();
    while let Some(id) = open.pop() {
        if !std::mem::replace(&mut reached[id], true) {
            open.extend(edges.of(id));
        }
    }
    reached
}
