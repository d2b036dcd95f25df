//! Reachability: needs that others imply, resources behind other nodes, cycles.

use std::collections::BTreeSet;

use petgraph::graph::{DiGraph, NodeIndex};

use super::{Kind, Node};

/// A set of nodes, a bit each.
#[derive(Clone, Debug)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn of(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn insert(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn contains(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    fn extend(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// The nodes, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len() * 64).filter(|at| self.contains(*at))
    }
}

/// An order in which everything comes after what it needs; `None` when there is a cycle.
pub(super) fn order(nodes: &[Node]) -> Option<Vec<usize>> {
    let mut waiting: Vec<usize> = nodes.iter().map(|node| node.needs.len()).collect();
    let mut needed_by = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        node.needs.iter().for_each(|need| needed_by[*need].push(at));
    }
    let mut order: Vec<usize> = (0..nodes.len()).filter(|at| waiting[*at] == 0).collect();
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        next += 1;
        for after in &needed_by[at] {
            waiting[*after] -= 1;
            if waiting[*after] == 0 {
                order.push(*after);
            }
        }
    }
    (order.len() == nodes.len()).then_some(order)
}

/// Takes out needs that other needs imply.
pub(super) fn reduce(nodes: &mut [Node], order: &[usize]) {
    let mut place = vec![0; nodes.len()];
    order.iter().enumerate().for_each(|(at, node)| place[*node] = at);
    let mut all: Vec<Bits> = vec![Bits(Vec::new()); nodes.len()];
    for &at in order {
        let mut seen = Bits::of(nodes.len());
        let mut needs: Vec<usize> = nodes[at].needs.iter().copied().collect();
        // The latest first: what it implies comes before it.
        needs.sort_by_key(|need| std::cmp::Reverse(place[*need]));
        for need in needs {
            if seen.contains(need) {
                nodes[at].needs.remove(&need);
            }
            seen.insert(need);
            seen.extend(&all[need]);
        }
        all[at] = seen;
    }
}

/// For each node the resources that it reaches without passing another resource.
pub(super) fn reached(nodes: &[Node], order: &[usize]) -> Vec<Bits> {
    let mut all: Vec<Bits> = vec![Bits(Vec::new()); nodes.len()];
    for &at in order {
        let mut seen = Bits::of(nodes.len());
        for &need in &nodes[at].needs {
            if matches!(nodes[need].kind, Kind::Resource(_)) {
                seen.insert(need);
            } else {
                seen.extend(&all[need]);
            }
        }
        all[at] = seen;
    }
    all
}

/// Groups of more than one node that need each other.
pub(super) fn cycles(nodes: &[Node]) -> Vec<BTreeSet<usize>> {
    let mut graph = DiGraph::<(), ()>::new();
    let places: Vec<NodeIndex> = nodes.iter().map(|_| graph.add_node(())).collect();
    for (at, node) in nodes.iter().enumerate() {
        for need in &node.needs {
            graph.add_edge(places[at], places[*need], ());
        }
    }
    let groups = petgraph::algo::kosaraju_scc(&graph).into_iter().filter(|group| group.len() > 1);
    groups.map(|group| group.into_iter().map(NodeIndex::index).collect()).collect()
}
