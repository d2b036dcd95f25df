//! What depends on what in a configuration, for `graph`: the nodes of evaluation under the names that Terraform gives
//! them, with providers and the beginning and end of modules.

mod build;
mod reduce;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::config::Config;
use super::graph::Graph;
use crate::address::Resource;
use crate::diagnostic::Report;

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A resource block.
    Resource(Resource),
    /// A variable of the root module.
    Variable,
    /// A provider configuration.
    Provider,
    /// An output that goes away.
    Output,
    /// The whole configuration.
    Root,
    /// Anything else that is evaluated.
    Other,
}

/// Something that is evaluated.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name, as Terraform's: `module.m.local.x (expand)`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Names of the calls from the root to its module.
    pub module: Vec<Arc<str>>,
    /// Indices of what it needs.
    pub needs: BTreeSet<usize>,
}

/// Nodes and what they need.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// All nodes.
    pub nodes: Vec<Node>,
    names: BTreeMap<String, usize>,
}

impl Dependencies {
    /// Everything that a configuration evaluates; with a problem for each cycle.
    pub fn of(config: &Config) -> (Self, Report) {
        let (graph, cycles) = Graph::new(config);
        (build::build(config, &graph), cycles)
    }

    /// The node with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// The node with this name, added when there is none.
    pub fn add(&mut self, name: String, kind: Kind, module: Vec<Arc<str>>) -> usize {
        let next = self.nodes.len();
        let at = *self.names.entry(name.clone()).or_insert(next);
        if at == next {
            self.nodes.push(Node { name, kind, module, needs: BTreeSet::new() });
        }
        at
    }

    /// Notes that one node needs another.
    pub fn need(&mut self, from: usize, to: usize) {
        if let Some(node) = self.nodes.get_mut(from).filter(|_| from != to) {
            node.needs.insert(to);
        }
    }

    /// The same without some nodes; what needed one of them needs what it needed.
    #[must_use]
    pub fn without(&self, is_out: impl Fn(&Node) -> bool) -> Self {
        let mut kept = Self::default();
        for node in self.nodes.iter().filter(|node| !is_out(node)) {
            kept.add(node.name.clone(), node.kind.clone(), node.module.clone());
        }
        for node in self.nodes.iter().filter(|node| !is_out(node)) {
            let Some(from) = kept.find(&node.name) else { continue };
            let mut seen: BTreeSet<usize> = node.needs.clone();
            let mut todo: Vec<usize> = node.needs.iter().copied().collect();
            while let Some(need) = todo.pop() {
                match kept.find(&self.nodes[need].name) {
                    Some(to) => kept.need(from, to),
                    None => todo.extend(self.nodes[need].needs.iter().filter(|next| seen.insert(**next))),
                }
            }
        }
        kept
    }

    /// Takes out every need that others imply. A graph with a cycle stays as it is.
    pub fn reduce(&mut self) {
        if let Some(order) = reduce::order(&self.nodes) {
            reduce::reduce(&mut self.nodes, &order);
        }
    }

    /// Only the resource blocks, each needing those that it reaches through other nodes. A graph with a cycle has none.
    #[must_use]
    pub fn resources(&self) -> Self {
        let Some(order) = reduce::order(&self.nodes) else { return Self::default() };
        let reached = reduce::reached(&self.nodes, &order);
        let mut only = Self::default();
        let mut places = BTreeMap::new();
        for (at, node) in self.nodes.iter().enumerate() {
            if let Kind::Resource(resource) = &node.kind {
                places.insert(at, only.add(resource.to_string(), node.kind.clone(), node.module.clone()));
            }
        }
        for (from, place) in &places {
            for to in reached[*from].iter().filter_map(|to| places.get(&to)) {
                only.need(*place, *to);
            }
        }
        only.reduce();
        only
    }

    /// Groups of nodes that need each other.
    pub fn cycles(&self) -> Vec<BTreeSet<usize>> {
        reduce::cycles(&self.nodes)
    }
}
