//! Root outputs.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Evaluator;
use crate::lang::desired::OutputValue;
use crate::lang::graph::Item;

impl Evaluator {
    /// The outputs of the root module.
    pub(super) fn root_outputs(&self) -> IndexMap<Arc<str>, OutputValue> {
        let Some(root) = self.config.root() else { return IndexMap::new() };
        let mut outputs = IndexMap::new();
        for (name, output) in &root.body.outputs {
            let Some(id) = self.graph.id(0, Item::Output(name.clone())) else { continue };
            if !self.selected[id] {
                continue;
            }
            let value = OutputValue {
                value: self.store.value(id, 0),
                sensitive: output.sensitive,
                description: output.description.clone(),
                span: output.span,
            };
            outputs.insert(name.clone(), value);
        }
        outputs
    }
}
