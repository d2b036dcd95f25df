//! Which instances a plan is about, and what expressions see of the others.

use super::{Evaluator, visible};
use crate::address::{Address, Key, Resource};
use crate::lang::config::{ResourceBlock, ResourceName};
use crate::lang::desired::Answers;
use crate::value::Value;

impl Evaluator {
    /// The instance, if it belongs to the part that is evaluated.
    pub(super) fn taken(&self, block: &ResourceBlock, module: usize, at: usize, key: Option<&Key>) -> Option<Address> {
        let path = self.store.modules[module].list[at].path.clone();
        let ResourceName { mode, type_name, name } = block.name.clone();
        let address = Address::new(Resource { module: path, mode, type_name, name }, key.cloned());
        self.takes(&address).then_some(address)
    }

    pub(super) fn takes(&self, address: &Address) -> bool {
        self.selection.is_whole() || self.selection.takes(address)
    }

    /// Whether no instance of the block in this module instance belongs to what is evaluated, because all are excluded.
    pub(super) fn is_excluded(&self, block: &ResourceBlock, module: usize, at: usize) -> bool {
        !self.selection.excludes.is_empty() && self.taken(block, module, at, None).is_none()
    }

    /// The instances that are not part of what is evaluated, as they are remembered. Like those that are, they come from
    /// nowhere but themselves.
    pub(super) fn left_out(
        &self,
        block: &ResourceBlock,
        (module, at): (usize, usize),
        answers: &dyn Answers,
    ) -> Vec<(Option<Key>, Value)> {
        let path = self.store.modules[module].list[at].path.clone();
        let ResourceName { mode, type_name, name } = block.name.clone();
        let remembered = answers.left_out(&Resource { module: path, mode, type_name, name });
        let left = remembered.into_iter().filter(|(address, _)| !self.takes(address));
        left.map(|(address, value)| (address.key.clone(), visible(value, &address))).collect()
    }
}
