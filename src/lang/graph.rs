//! What must be evaluated before what.
//!
//! Nodes are things as written (a resource block, a local value), not instances: a cycle is one of the
//! configuration, and the number of instances does not matter.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::config::{Config, Module, ModuleBody, ResourceName};
use super::edges::Edges;
use super::links::Links;
use super::own::Own;
use super::syntax::tree::Step;
use crate::address::{Mode, ModulePath, ModuleStep, Resource};
use crate::diagnostic::{Diagnostic, Report, Span};

/// Index of a node.
pub(super) type NodeId = usize;

/// Something that is evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Item {
    /// A variable's value.
    Variable(Arc<str>),
    /// A variable's validations.
    Validation(Arc<str>),
    /// A local value.
    Local(Arc<str>),
    /// An output with its preconditions.
    Output(Arc<str>),
    /// A resource block: all its instances.
    Resource(ResourceName),
    /// A module call: which instances it has.
    Call(Arc<str>),
    /// A module call: its outputs in one value.
    CallValue(Arc<str>),
    /// Everything that `depends_on` of the module's call asks for.
    Gate,
    /// Everything inside a module.
    Close,
    /// A provider configuration.
    Provider(Arc<str>, Option<Arc<str>>),
    /// A check block.
    Check(Arc<str>),
}

/// A node of the graph.
#[derive(Debug)]
pub(super) struct Node {
    /// Index of the module it stands in.
    pub(super) module: usize,
    /// What it is.
    pub(super) item: Item,
    /// Its block, without instance keys, when it is a resource.
    pub(super) resource: Option<Arc<Resource>>,
}

/// What is wrong with the references of a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Wrong {
    /// In any case.
    pub(super) now: Report,
    /// What is asked for behind an attribute, or with a key too many or too few: in any case, when the type has none of that
    /// name.
    pub(super) attributes: Vec<Lookup>,
    /// References of a block to itself, and triggers: once there is an instance in a plan.
    pub(super) own: Own,
    /// Once a plan is made.
    pub(super) later: Report,
}

/// What is asked for of a resource.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    /// Mode and type of the resource.
    pub(super) of: (Mode, Arc<str>),
    /// The way from the object.
    pub(super) steps: Vec<Step>,
    /// The whole reference.
    pub(super) span: Span,
}

impl Wrong {
    fn is_empty(&self) -> bool {
        let has_none = [&self.now, &self.later].into_iter().all(|report| report.0.is_empty());
        has_none && self.attributes.is_empty() && self.own.is_empty()
    }
}

/// The nodes of a module: where each kind starts, in the order of the names in the body.
#[derive(Debug, Default)]
struct Starts {
    body: Arc<ModuleBody>,
    gate: NodeId,
    variables: NodeId,
    /// Not every variable has one.
    validations: HashMap<Arc<str>, NodeId>,
    locals: NodeId,
    providers: NodeId,
    calls: NodeId,
    resources: NodeId,
    outputs: NodeId,
    checks: NodeId,
    close: NodeId,
}

/// All nodes, with an order.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Nodes.
    pub(super) nodes: Vec<Node>,
    /// What is evaluated before each node.
    pub(super) needs: Links,
    /// What is evaluated after each node.
    pub(super) needed_by: Links,
    /// By module.
    starts: Vec<Starts>,
    /// Of nodes with problems.
    wrong: HashMap<NodeId, Wrong>,
    /// Position of each node in an order in which everything comes after what it needs.
    pub(super) position: Vec<usize>,
}

impl Graph {
    /// The graph of a configuration, or its cycles.
    pub(super) fn new(config: &Config) -> (Self, Report) {
        let mut graph = Self::default();
        for (at, module) in config.modules.iter().enumerate() {
            graph.add_module(at, module);
        }
        graph.nodes.shrink_to_fit();
        let paths: Vec<ModulePath> = config.modules.iter().map(static_path).collect();
        for node in &mut graph.nodes {
            if let Item::Resource(name) = &node.item {
                node.resource = Some(Arc::new(resource(&paths[node.module], name)));
            }
        }
        let edges = Edges::new(config, &graph);
        let (mut links, mut wrong) = (Links::default(), HashMap::new());
        for (id, node) in graph.nodes.iter().enumerate() {
            let (mut needs, problems) = edges.of(node);
            needs.sort_unstable();
            needs.dedup();
            links.push(needs);
            if !problems.is_empty() {
                wrong.insert(id, problems);
            }
        }
        graph.needed_by = links.reversed();
        graph.needs = links;
        graph.wrong = wrong;
        let report = graph.sort(config);
        (graph, report)
    }

    fn add_module(&mut self, at: usize, module: &Module) {
        let body = &module.body;
        let mut starts = Starts { body: body.clone(), gate: self.nodes.len(), ..Starts::default() };
        self.add(at, [Item::Gate]);
        starts.variables = self.add(at, body.variables.keys().cloned().map(Item::Variable));
        let validated = body.variables.values().filter(|variable| !variable.validations.is_empty());
        for variable in validated {
            let id = self.add(at, [Item::Validation(variable.name.clone())]);
            starts.validations.insert(variable.name.clone(), id);
        }
        starts.locals = self.add(at, body.locals.keys().cloned().map(Item::Local));
        let providers = body.providers.keys().map(|(name, alias)| Item::Provider(name.clone(), alias.clone()));
        starts.providers = self.add(at, providers);
        let calls = body.calls.keys().flat_map(|name| [Item::Call(name.clone()), Item::CallValue(name.clone())]);
        starts.calls = self.add(at, calls);
        starts.resources = self.add(at, body.resources.keys().cloned().map(Item::Resource));
        starts.outputs = self.add(at, body.outputs.keys().cloned().map(Item::Output));
        starts.checks = self.add(at, body.checks.keys().cloned().map(Item::Check));
        starts.close = self.add(at, [Item::Close]);
        self.starts.push(starts);
    }

    /// Adds nodes; the answer is the first of them.
    fn add(&mut self, module: usize, items: impl IntoIterator<Item = Item>) -> NodeId {
        let first = self.nodes.len();
        self.nodes.extend(items.into_iter().map(|item| Node { module, item, resource: None }));
        first
    }

    /// The node of an item.
    pub(super) fn id(&self, module: usize, item: Item) -> Option<NodeId> {
        let starts = self.starts.get(module)?;
        let body = &starts.body;
        Some(match item {
            Item::Gate => starts.gate,
            Item::Variable(name) => starts.variables + body.variables.get_index_of(&name)?,
            Item::Validation(name) => *starts.validations.get(&name)?,
            Item::Local(name) => starts.locals + body.locals.get_index_of(&name)?,
            Item::Provider(name, alias) => starts.providers + body.providers.get_index_of(&(name, alias))?,
            Item::Call(name) => starts.calls + 2 * body.calls.get_index_of(&name)?,
            Item::CallValue(name) => starts.calls + 2 * body.calls.get_index_of(&name)? + 1,
            Item::Resource(name) => starts.resources + body.resources.get_index_of(&name)?,
            Item::Output(name) => starts.outputs + body.outputs.get_index_of(&name)?,
            Item::Check(name) => starts.checks + body.checks.get_index_of(&name)?,
            Item::Close => starts.close,
        })
    }

    /// What is wrong with the references of a node.
    pub(super) fn wrong(&self, id: NodeId) -> Wrong {
        self.wrong.get(&id).cloned().unwrap_or_default()
    }

    /// Finds an order; reports what has none.
    fn sort(&mut self, config: &Config) -> Report {
        let mut waiting: Vec<usize> = (0..self.nodes.len()).map(|id| self.needs.places(id).len()).collect();
        let mut order: Vec<NodeId> = (0..self.nodes.len()).filter(|id| waiting[*id] == 0).collect();
        let mut next = 0;
        while let Some(id) = order.get(next).copied() {
            next += 1;
            for after in self.needed_by.of(id) {
                waiting[after] -= 1;
                if waiting[after] == 0 {
                    order.push(after);
                }
            }
        }
        self.position = vec![usize::MAX; self.nodes.len()];
        for (at, id) in order.iter().enumerate() {
            self.position[*id] = at;
        }
        if order.len() == self.nodes.len() { Report::default() } else { self.cycles(config) }
    }

    /// One problem for each group of nodes that need each other: its shortest cycle.
    fn cycles(&self, config: &Config) -> Report {
        /// So many members are shown beside the first.
        const SHOWN: usize = 4;
        let mut graph = petgraph::graph::DiGraph::<NodeId, ()>::new();
        let nodes: Vec<_> = (0..self.nodes.len()).map(|id| graph.add_node(id)).collect();
        for id in 0..self.nodes.len() {
            for need in self.needs.of(id) {
                graph.add_edge(nodes[id], nodes[need], ());
            }
        }
        let mut report = Report::default();
        for group in petgraph::algo::kosaraju_scc(&graph) {
            let members: BTreeSet<NodeId> = group.into_iter().map(|index| graph[index]).collect();
            let Some(cycle) = self.shortest_cycle(&members) else { continue };
            let names: Vec<_> = cycle.iter().map(|id| self.name(config, *id)).collect();
            let plain = |name: &String| name.trim_end_matches(" (expand)").to_owned();
            let detail = format!(
                "Each of these needs the next, and the last needs the first: {}. Nothing can come first. Remove one of the references.",
                names.iter().map(plain).collect::<Vec<_>>().join(", ")
            );
            let summary = format!("Cycle: {}", names.join(", "));
            let mut problem = Diagnostic::error(summary, detail).at(self.span(config, cycle[0]));
            for (id, name) in cycle.iter().zip(&names).skip(1).take(SHOWN) {
                if let Some(span) = self.span(config, *id) {
                    problem = problem.note(Some(span), format!("{} is here.", plain(name)));
                }
            }
            report.push(problem);
        }
        report
    }

    /// The shortest way from a node back to itself inside the group.
    fn shortest_cycle(&self, members: &BTreeSet<NodeId>) -> Option<Vec<NodeId>> {
        /// Starting points tried in a large group.
        const TRIED: usize = 100;
        members.iter().take(TRIED).filter_map(|start| self.way_back(*start, members)).min_by_key(Vec::len)
    }

    fn way_back(&self, start: NodeId, members: &BTreeSet<NodeId>) -> Option<Vec<NodeId>> {
        let mut from: HashMap<NodeId, NodeId> = HashMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(id) = queue.pop_front() {
            for need in self.needs.of(id).filter(|need| members.contains(need)) {
                if need == start {
                    let mut way = vec![id];
                    while let Some(before) = way.last().filter(|last| **last != start).and_then(|last| from.get(last)) {
                        way.push(*before);
                    }
                    way.reverse();
                    return Some(way);
                }
                if let Entry::Vacant(vacant) = from.entry(need) {
                    vacant.insert(id);
                    queue.push_back(need);
                }
            }
        }
        None
    }

    fn span(&self, config: &Config, id: NodeId) -> Option<Span> {
        let node = &self.nodes[id];
        let body = &config.modules[node.module].body;
        match &node.item {
            Item::Local(name) => body.locals.get(name).map(|local| local.span),
            Item::Resource(name) => body.resources.get(name).map(|resource| resource.block.header_span),
            Item::Output(name) => body.outputs.get(name).map(|output| output.span),
            Item::Variable(name) | Item::Validation(name) => body.variables.get(name).map(|variable| variable.span),
            Item::Call(name) | Item::CallValue(name) => body.calls.get(name).map(|call| call.block.header_span),
            _ => None,
        }
    }

    /// The name of a node as Terraform prints it in cycles.
    pub(super) fn name(&self, config: &Config, id: NodeId) -> String {
        let node = &self.nodes[id];
        let module = &config.modules[node.module];
        let prefix: String = module.path.iter().flat_map(|name| ["module.", name, "."]).collect();
        let expanded = |what: &str, name: &str| {
            let expand = if what == "var" && module.path.is_empty() { "" } else { " (expand)" };
            format!("{prefix}{what}.{name}{expand}")
        };
        match &node.item {
            Item::Variable(name) => expanded("var", name),
            Item::Validation(name) => format!("{prefix}var.{name} (validation)"),
            Item::Local(name) => expanded("local", name),
            Item::Output(name) => expanded("output", name),
            Item::Resource(name) => resource(&static_path(module), name).to_string(),
            Item::Call(name) => expanded("module", name),
            Item::CallValue(name) => format!("{prefix}module.{name} (close)"),
            Item::Gate => format!("{} (expand)", prefix.trim_end_matches('.')),
            Item::Close => format!("{} (close)", prefix.trim_end_matches('.')),
            Item::Provider(name, alias) => {
                let alias = alias.as_ref().map(|alias| format!(".{alias}")).unwrap_or_default();
                format!("{prefix}provider[\"{name}\"]{alias}")
            }
            Item::Check(name) => format!("{prefix}check.{name}"),
        }
    }
}

/// A block of a module, without instance keys.
pub(super) fn resource(module: &ModulePath, name: &ResourceName) -> Resource {
    Resource { module: module.clone(), mode: name.mode, type_name: name.type_name.clone(), name: name.name.clone() }
}

/// The module without instance keys.
pub(super) fn static_path(module: &Module) -> ModulePath {
    ModulePath(module.path.iter().map(|name| ModuleStep { name: name.clone(), key: None }).collect())
}

/// Of a resource block whether it is managed, a data source or ephemeral; none for other nodes.
pub(super) fn mode_of(item: &Item) -> Option<Mode> {
    match item {
        Item::Resource(name) => Some(name.mode),
        _ => None,
    }
}
