//! What exists: state, decoded with the attribute tables and brought up to date by `refresh`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::sharing::Returned;
use super::turned::Turned;
use crate::address::{Address, Blocks, Resource};
use crate::rollout::Observed;
pub use crate::value::copy_marks;
use crate::value::{Data, Marks, Value};

/// One object that exists.
#[derive(Clone, Debug)]
pub struct Object {
    /// All attributes; sensitive ones are marked.
    pub attributes: Value,
    /// Its provider, as state files write it.
    pub provider: String,
    /// Whether its making failed half-way, or it was tainted by hand.
    pub is_tainted: bool,
    /// Blocks it depends on, as recorded.
    pub dependencies: Arc<Blocks>,
    /// Whether a replacement is made before it is deleted, as recorded.
    pub create_before_destroy: bool,
}

/// Everything that exists.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Current objects.
    pub objects: BTreeMap<Address, Object>,
    /// Objects that a replacement left behind, by address and key.
    pub deposed: BTreeMap<(Address, String), Object>,
    /// What expressions see of objects and data sources that the plan is not about: what state remembers.
    pub left_out: BTreeMap<Address, Value>,
    /// Attributes as state has them, of objects that were found changed.
    pub drifted: BTreeMap<Address, Value>,
    /// Objects that were read again.
    pub fresh: BTreeSet<Address>,
    /// Objects that were taken over for an `import` block, with the id it gives.
    pub imported: BTreeMap<Address, String>,
    /// Objects that state has and the service does not.
    pub vanished: BTreeMap<Address, Object>,
    /// Where state has those of them that were to move.
    pub vanished_from: BTreeMap<Address, Address>,
    /// Objects that the service is deleting, whoever asked for it, with its words: they count as tainted.
    pub leaving: BTreeMap<Address, String>,
    /// What was configured at the last apply, of attributes that a deployment controller may move on.
    pub configured: BTreeMap<Address, Value>,
    /// Revisions that `deploy -rollback` went back to, by service.
    pub went_back: BTreeMap<Address, String>,
    /// What deployment controllers know of services.
    pub observed: BTreeMap<Address, Observed>,
    /// Services that ECS is to take over from CodeDeploy, as far as the configuration was evaluated.
    pub taken_over: BTreeSet<Address>,
    /// Listeners and rules that deployments of the plan turn, as far as the configuration was evaluated.
    pub turned: Turned,
    /// Revisions of task definitions that services run and that are not the stack's own; null for one that is gone.
    pub revisions: BTreeMap<Address, Value>,
    /// Task definitions of which an older revision becomes the stack's own again.
    pub returned: BTreeMap<Address, Returned>,
}

impl Live {
    /// Where state has the objects that the service does not.
    pub fn gone(&self) -> impl Iterator<Item = &Address> {
        self.vanished.keys().map(|address| self.vanished_from.get(address).unwrap_or(address))
    }

    /// Whether it differs from what state has.
    pub fn has_news(&self) -> bool {
        !self.vanished.is_empty() || !self.drifted.is_empty()
    }
}

/// The instances of a block among those that a plan is not about.
pub(super) fn left_out(all: &BTreeMap<Address, Value>, block: &Resource) -> Vec<(Address, Value)> {
    // The address without key is the first one of its block.
    let first = Address::new(block.clone(), None);
    let found = all.range(first..).take_while(|(address, _)| *address.resource == *block);
    found.map(|(address, value)| (address.clone(), value.clone())).collect()
}

/// Marks what the attribute table calls sensitive.
pub fn mark_schema(schema: &crate::resource::Schema, value: &Value) -> Value {
    let Some(entries) = value.entries() else { return value.clone() };
    if !schema.attrs.iter().any(hides) {
        return value.clone();
    }
    let mut entries = entries.clone();
    for attr in &schema.attrs {
        let Some(inner) = entries.get_mut(attr.name) else { continue };
        if attr.spec.sensitive {
            *inner = inner.clone().with_marks(&Marks::SENSITIVE);
        } else if let Some((_, block)) = attr.shape.block() {
            *inner = if matches!(inner.data, Data::Object(_)) {
                mark_schema(block, inner)
            } else {
                inner.map_children(&|one| mark_schema(block, one))
            };
        }
    }
    Value { data: Data::Object(entries.into()), marks: value.marks.clone() }
}

/// Whether the attribute or something inside it is sensitive.
fn hides(attr: &crate::resource::attr::Attr) -> bool {
    attr.spec.sensitive || attr.shape.block().is_some_and(|(_, block)| block.attrs.iter().any(hides))
}
