//! Ephemeral resources and providers during an apply: what something needs, so that it can be opened just before.

use super::Evaluator;
use crate::address::{Address, Mode, Resource};
use crate::diagnostic::Report;
use crate::lang::desired::{Answers, ProviderConfig, ProviderRef};
use crate::lang::graph::{Item, NodeId, mode_of, static_path};
use crate::lang::providers;

impl Evaluator {
    /// Instances of ephemeral resources that an instance needs, each after what it needs itself. Those behind another
    /// object, whose value is there already, do not count.
    pub fn ephemerals(&self, address: &Address) -> Vec<Address> {
        if !self.has_ephemerals {
            return Vec::new();
        }
        self.find(address).map(|(id, _)| self.ephemerals_before([id])).unwrap_or_default()
    }

    /// The same for a provider configuration.
    pub fn ephemerals_of_provider(&self, provider: &ProviderRef) -> Vec<Address> {
        if !self.has_ephemerals {
            return Vec::new();
        }
        self.provider_node(provider).map(|id| self.ephemerals_before([id])).unwrap_or_default()
    }

    /// The same for what is evaluated at the end: outputs, checks, and conditions that were not told before.
    pub fn ephemerals_at_end(&self) -> Vec<Address> {
        if !self.has_ephemerals {
            return Vec::new();
        }
        let is_end = |id: &NodeId| match &self.graph.nodes[*id].item {
            Item::Output(_) => self.graph.nodes[*id].module == 0,
            Item::Check(_) => true,
            Item::Validation(_) => self.store.open[*id],
            _ => false,
        };
        self.ephemerals_before((0..self.graph.nodes.len()).filter(|id| self.selected[*id]).filter(is_end))
    }

    /// The provider configuration with what is known by now.
    ///
    /// # Errors
    /// What is wrong with the block.
    pub fn provider(
        &mut self,
        provider: &ProviderRef,
        answers: &mut dyn Answers,
    ) -> Result<Option<ProviderConfig>, Report> {
        if let Some(id) = self.provider_node(provider) {
            self.refresh(id).or(())?;
            self.provider_block(id, answers).or(())?;
        }
        Ok(self.providers.get(provider).cloned())
    }

    fn provider_node(&self, provider: &ProviderRef) -> Option<NodeId> {
        (0..self.graph.nodes.len()).find(|id| {
            let node = &self.graph.nodes[*id];
            let Item::Provider(name, alias) = &node.item else { return false };
            *alias == provider.alias
                && static_path(&self.config.modules[node.module]) == provider.module
                && providers::source(&self.config, node.module, name) == provider.source
        })
    }

    fn ephemerals_before(&self, from: impl IntoIterator<Item = NodeId>) -> Vec<Address> {
        let mut seen = vec![false; self.graph.nodes.len()];
        let mut todo: Vec<NodeId> = from.into_iter().collect();
        let mut found = Vec::new();
        while let Some(id) = todo.pop() {
            for need in self.graph.needs.of(id) {
                if std::mem::replace(&mut seen[need], true) {
                    continue;
                }
                match mode_of(&self.graph.nodes[need].item) {
                    Some(Mode::Managed | Mode::Data) => continue,
                    Some(Mode::Ephemeral) => found.push(need),
                    None => {}
                }
                todo.push(need);
            }
        }
        found.sort_by_key(|id| self.graph.position[*id]);
        found.into_iter().flat_map(|id| self.instances(id)).collect()
    }

    /// Addresses of all instances of a block.
    fn instances(&self, id: NodeId) -> Vec<Address> {
        let Some((module, block)) = self.block(id) else { return Vec::new() };
        let name = &block.name;
        let mut all = Vec::new();
        for (at, cell) in self.store.resources[id].iter().enumerate() {
            let Some(around) = self.store.modules[module].list.get(at) else { continue };
            let resource = Resource {
                module: around.path.clone(),
                mode: name.mode,
                type_name: name.type_name.clone(),
                name: name.name.clone(),
            };
            all.extend(cell.instances.iter().map(|(key, _)| Address::new(resource.clone(), key.clone())));
        }
        all
    }
}
