//! The resources that a data source names itself: it is read once what changes of them has changed.

use std::sync::Arc;

use super::Evaluator;
use crate::address::{Blocks, Mode};
use crate::lang::graph::{Item, NodeId};
use crate::lang::references::body_mentions;
use crate::lang::target::{Target, resolve};

/// Inside of a data block: where names say nothing of what is read.
const ELSEWHERE: [&str; 3] = ["depends_on", "provider", "lifecycle"];

impl Evaluator {
    /// Managed resources that a data source names, not by way of locals, variables or outputs.
    pub(super) fn direct(&self, id: NodeId) -> Arc<Blocks> {
        let Some((module, block)) = self.block(id).filter(|(_, block)| block.name.mode == Mode::Data) else {
            return Arc::default();
        };
        let mentions = body_mentions(&block.block.body, &ELSEWHERE);
        let targets =
            mentions.into_iter().filter_map(|(traversal, span)| match resolve(traversal, span).ok()?.target {
                Target::Resource(name) if name.mode == Mode::Managed => Some(name),
                _ => None,
            });
        let node = |name| self.graph.id(module, Item::Resource(name));
        Arc::new(targets.filter_map(node).filter_map(|node| self.graph.nodes[node].resource.clone()).collect())
    }
}
