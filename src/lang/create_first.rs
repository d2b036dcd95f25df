//! Which objects are made anew before the old ones are deleted: those whose block asks for it, and all that these come from. A chain in
//! which only some links are create-first could not be ordered.
//!
//! What leads from block to block is what the files say, not what values come from. A reference to one instance, with a key that
//! is written out, goes to that one alone: state says of the others of its block that they are not create-first, although the
//! plan treats all instances of a block alike.

use std::collections::{BTreeMap, BTreeSet};

use super::edges::Edges;
use super::evaluator::Evaluator;
use super::graph::NodeId;
use crate::address::{Key, Mode, Resource};

/// Which instances of a block are meant; none named means all.
type Which = Option<BTreeSet<Key>>;

/// Blocks whose objects are made anew before the old ones are deleted.
#[derive(Clone, Debug, Default)]
pub struct CreateFirst {
    /// In the part of the configuration that is planned: the plan is drawn up with these.
    pub planned: BTreeSet<Resource>,
    /// In all of it: what state records of objects that are made or changed.
    recorded: BTreeMap<Resource, Which>,
}

impl CreateFirst {
    /// Whether only some instances of the block are meant in what state records.
    pub fn names_some(&self, block: &Resource) -> bool {
        matches!(self.recorded.get(block), Some(Some(_)))
    }

    /// Whether state records it of an object that is made or changed. A key stands for all instances of the block where nothing
    /// is done about the one that has it.
    pub fn is_recorded(&self, block: &Resource, key: Option<&Key>, is_active: impl Fn(&Key) -> bool) -> bool {
        match self.recorded.get(block) {
            None => false,
            Some(None) => true,
            Some(Some(keys)) => key.is_some_and(|key| keys.contains(key)) || !keys.iter().all(is_active),
        }
    }
}

impl Evaluator {
    /// The blocks whose objects are made anew before the old ones are deleted.
    pub fn create_first(&self) -> CreateFirst {
        let asks = |id: &NodeId| {
            let resource = self.graph.nodes[*id].resource.as_ref().filter(|resource| resource.mode == Mode::Managed);
            let block = resource.and_then(|resource| self.config.block(resource));
            block.is_some_and(|block| block.lifecycle.create_before_destroy == Some(true))
        };
        let asking: Vec<NodeId> = (0..self.graph.nodes.len()).filter(asks).collect();
        if asking.is_empty() {
            return CreateFirst::default();
        }
        let recorded = self.below(&asking, |_| true);
        let block = |id: &NodeId| self.graph.nodes[*id].resource.as_deref().filter(|block| block.mode == Mode::Managed);
        let planned = if self.selection.is_whole() {
            recorded.keys().filter_map(block).cloned().collect()
        } else {
            let asking: Vec<NodeId> = asking.into_iter().filter(|id| self.selected[*id]).collect();
            self.below(&asking, |id| self.selected[id]).keys().filter_map(block).cloned().collect()
        };
        let recorded = recorded.into_iter().filter_map(|(id, which)| Some((block(&id)?.clone(), which))).collect();
        CreateFirst { planned, recorded }
    }

    /// The nodes and everything that they refer to, with the instances that are meant.
    fn below(&self, from: &[NodeId], is_meant: impl Fn(NodeId) -> bool) -> BTreeMap<NodeId, Which> {
        let edges = Edges::new(&self.config, &self.graph);
        let mut found: BTreeMap<NodeId, Which> = from.iter().map(|id| (*id, None)).collect();
        let mut open = from.to_vec();
        while let Some(id) = open.pop() {
            for (need, keys) in edges.keyed(&self.graph.nodes[id]) {
                if !is_meant(need) {
                    continue;
                }
                match found.get_mut(&need) {
                    None => {
                        found.insert(need, keys);
                        open.push(need);
                    }
                    Some(known) => *known = known.take().zip(keys).map(|(a, b)| a.into_iter().chain(b).collect()),
                }
            }
        }
        found
    }
}
