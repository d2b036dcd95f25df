//! What has been evaluated: module instances, values of nodes, instances of resources.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::graph::NodeId;
use crate::address::{Key, ModulePath};
use crate::value::{Data, Entries, Marks, Type, Value};

/// `count.index`, `each.key` and `each.value`, where they mean something.
#[derive(Clone, Debug, Default)]
pub(super) struct Repetition {
    /// `count.index`
    pub(super) index: Option<Value>,
    /// `each.key`
    pub(super) key: Option<Value>,
    /// `each.value`
    pub(super) value: Option<Value>,
}

impl Repetition {
    /// That of a block that does not repeat: one for all.
    pub(super) fn none() -> Arc<Self> {
        static NONE: LazyLock<Arc<Repetition>> = LazyLock::new(Arc::default);
        NONE.clone()
    }
}

/// How the instances of a block are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Repeated {
    /// There is one.
    #[default]
    Once,
    /// By position.
    Count,
    /// By key.
    ForEach,
    /// Not known: the instances stand for any number of them.
    Open,
}

impl Repeated {
    /// Whether instances with such a key are told apart so.
    pub(super) fn fits(self, key: Option<&Key>) -> bool {
        matches!(
            (self, key),
            (Self::Once, None) | (Self::Count, Some(Key::Int(_))) | (Self::ForEach, Some(Key::Str(_)))
        )
    }
}

/// One instance of a module.
#[derive(Clone, Debug, Default)]
pub(super) struct ModuleInstance {
    /// Its path.
    pub(super) path: ModulePath,
    /// Index of the instance that calls it, among those of the calling module.
    pub(super) parent: usize,
    /// What `count` and `each` are in the call.
    pub(super) repetition: Repetition,
    /// Where its existence comes from.
    pub(super) marks: Marks,
}

/// All instances of a module.
#[derive(Clone, Debug, Default)]
pub(super) struct ModuleInstances {
    /// In the order of their keys.
    pub(super) list: Vec<ModuleInstance>,
    /// By calling instance and key.
    pub(super) by_call: BTreeMap<(usize, Option<Key>), usize>,
    /// How the instances that one calling instance makes are told apart.
    pub(super) repeated: Repeated,
}

/// The instances of a resource block in one module instance.
#[derive(Clone, Debug, Default)]
pub(super) struct ResourceCell {
    /// How they are told apart.
    pub(super) repeated: Repeated,
    /// By key.
    pub(super) instances: Instances,
    /// All instances in one value, as `aws_vpc.main` is seen.
    pub(super) whole: Option<Value>,
    /// Where the number of instances comes from.
    pub(super) marks: Marks,
    /// Whether `for_each` or `count` holds something known only after apply.
    pub(super) open: bool,
    /// Whether something in that has become known since it was evaluated.
    pub(super) stale: bool,
}

/// Instances in the order of their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Instances(Vec<(Option<Key>, InstanceCell)>);

#[allow(clippy::ref_option)] // the keys of addresses are asked for as they are
impl Instances {
    /// Room for so many.
    pub(super) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    fn place(&self, key: &Option<Key>) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(key))
    }

    /// The instance with a key.
    pub(super) fn get(&self, key: &Option<Key>) -> Option<&InstanceCell> {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    /// The instance with a key, to be changed.
    pub(super) fn get_mut(&mut self, key: &Option<Key>) -> Option<&mut InstanceCell> {
        self.place(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Adds an instance. Quick when the keys come in their order.
    pub(super) fn insert(&mut self, key: Option<Key>, cell: InstanceCell) {
        if self.0.last().is_none_or(|(last, _)| *last < key) {
            return self.0.push((key, cell));
        }
        match self.place(&key) {
            Ok(at) => self.0[at].1 = cell,
            Err(at) => self.0.insert(at, (key, cell)),
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Option<Key>, InstanceCell)> {
        self.0.iter()
    }
}

/// One instance of a resource.
#[derive(Clone, Debug)]
pub(super) struct InstanceCell {
    /// What `count` and `each` are.
    pub(super) repetition: Arc<Repetition>,
    /// What expressions see.
    pub(super) value: Value,
}

impl ResourceCell {
    /// Another value for an instance, in the joined value too: joining all again each time would be quadratic.
    pub(super) fn replace(&mut self, key: Option<&Key>, value: &Value) {
        let Some(cell) = self.instances.get_mut(&key.cloned()) else { return };
        cell.value = value.clone();
        let done = match (self.whole.as_mut().map(|whole| &mut whole.data), key) {
            (Some(Data::Tuple(elements)), Some(Key::Int(at))) => usize::try_from(*at)
                .ok()
                .and_then(|at| Arc::make_mut(elements).get_mut(at))
                .map(|element| *element = value.clone()),
            (Some(Data::Object(entries)), Some(Key::Str(name))) => {
                Arc::make_mut(entries).get_mut(name).map(|entry| *entry = value.clone())
            }
            _ => None,
        };
        if done.is_none() {
            self.whole = None;
        }
    }

    /// Puts the value in where an instance is missing between others that are told apart by position, so that each has its
    /// own.
    pub(super) fn fill_gaps(&mut self, value: &Value) {
        let last = match self.instances.0.last() {
            Some((Some(Key::Int(last)), _)) if self.repeated == Repeated::Count => *last,
            _ => return,
        };
        if usize::try_from(last).is_ok_and(|last| last < self.instances.0.len()) {
            return;
        }
        for key in (0..last).map(|at| Some(Key::Int(at))) {
            if self.instances.get(&key).is_none() {
                let missing = InstanceCell { repetition: Repetition::none(), value: value.clone() };
                self.instances.insert(key, missing);
            }
        }
    }

    /// Puts the instances together again.
    pub(super) fn join(&mut self) {
        let pairs = self.instances.iter().map(|(key, cell)| (key.clone(), cell.value.clone()));
        self.whole = Some(join(self.repeated, pairs).with_marks(&self.marks));
    }
}

/// Instances in one value: a tuple for `count`, an object for `for_each`.
pub(super) fn join(repeated: Repeated, mut instances: impl Iterator<Item = (Option<Key>, Value)>) -> Value {
    match repeated {
        Repeated::Once => instances.next().map_or_else(|| Value::unknown(Type::Any), |(_, value)| value),
        Repeated::Count => Value::tuple(instances.map(|(_, value)| value).collect()),
        Repeated::ForEach => {
            let entry = |(key, value)| match key {
                Some(Key::Str(key)) => Some((key, value)),
                _ => None,
            };
            Value::object(instances.filter_map(entry).collect::<Entries>())
        }
        Repeated::Open => Value::unknown(Type::Any),
    }
}

/// Everything that has been evaluated.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// By module.
    pub(super) modules: Vec<ModuleInstances>,
    /// By node, then by module instance: values of variables, locals, outputs and calls.
    pub(super) values: Vec<Vec<Value>>,
    /// By node, then by module instance; empty for nodes that are no resources.
    pub(super) resources: Vec<Vec<ResourceCell>>,
    /// By node: it holds something known only after apply.
    pub(super) open: Vec<bool>,
    /// By node: something it was evaluated from has changed.
    pub(super) stale: Vec<bool>,
    /// By node: it could not be evaluated.
    pub(super) failed: Vec<bool>,
}

impl Store {
    /// Room for so many modules and nodes.
    pub(super) fn new(modules: usize, nodes: usize) -> Self {
        let mut store = Self {
            modules: vec![ModuleInstances::default(); modules],
            values: vec![Vec::new(); nodes],
            resources: vec![Vec::new(); nodes],
            open: vec![false; nodes],
            stale: vec![false; nodes],
            failed: vec![false; nodes],
        };
        if let Some(root) = store.modules.first_mut() {
            root.list.push(ModuleInstance::default());
        }
        store
    }

    /// The value of a node in a module instance; one nobody knows while there is none.
    pub(super) fn value(&self, node: NodeId, instance: usize) -> Value {
        self.values
            .get(node)
            .and_then(|values| values.get(instance))
            .cloned()
            .unwrap_or_else(|| Value::unknown(Type::Any))
    }

    /// All instances of a resource in a module instance, in one value.
    pub(super) fn whole(&self, node: NodeId, instance: usize) -> Value {
        let cell = self.resources.get(node).and_then(|cells| cells.get(instance));
        cell.and_then(|cell| cell.whole.clone()).unwrap_or_else(|| Value::unknown(Type::Any))
    }

    /// Whether the node is a resource block that has no instances, in any instance of its module.
    pub(super) fn is_empty(&self, node: NodeId) -> bool {
        let is_empty = |cell: &ResourceCell| cell.repeated != Repeated::Open && cell.instances.iter().next().is_none();
        self.resources[node].iter().all(is_empty)
    }

    /// Keeps the values of a node.
    pub(super) fn put(&mut self, node: NodeId, values: Vec<Value>) {
        self.open[node] = values.iter().any(|value| !value.is_wholly_known());
        self.stale[node] = false;
        self.values[node] = values;
    }
}
