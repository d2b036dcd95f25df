//! From the graph of evaluation to Terraform's names.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Dependencies, Kind, Node};
use crate::lang::config::{Config, Module};
use crate::lang::desired::ProviderRef;
use crate::lang::graph::{Graph, Item, NodeId, resource, static_path};
use crate::lang::providers;

/// All nodes.
pub(super) fn build(config: &Config, graph: &Graph) -> Dependencies {
    let mut build = Build { config, graph, all: Dependencies::default(), places: Vec::new() };
    build.places = (0..graph.nodes.len()).map(|id| build.place(id)).collect();
    for id in 0..graph.nodes.len() {
        build.needs(id);
    }
    build.ends();
    let used = build.providers();
    let idle = |node: &Node| node.kind == Kind::Provider && !used.contains(&node.name);
    build.all.without(idle)
}

struct Build<'a> {
    config: &'a Config,
    graph: &'a Graph,
    all: Dependencies,
    /// By node of the graph; nothing for the gate of the root module.
    places: Vec<Option<usize>>,
}

impl Build<'_> {
    fn place(&mut self, id: NodeId) -> Option<usize> {
        let node = &self.graph.nodes[id];
        let module = &self.config.modules[node.module];
        let name = match &node.item {
            Item::Gate => return self.begin(node.module),
            Item::Close => return Some(self.end(node.module)),
            Item::CallValue(name) => {
                return module.children.get(name).map(|child| self.end(*child));
            }
            Item::Provider(name, alias) => provider_name(self.config, node.module, name, alias.clone()),
            Item::Check(_) => {
                let name = self.graph.name(self.config, id);
                let report = self.all.add(format!("{name} (report)"), Kind::Other, module.path.clone());
                let check = self.all.add(format!("{name} (expand)"), Kind::Other, module.path.clone());
                self.all.need(check, report);
                if let Some(begin) = self.begin(node.module) {
                    self.all.need(report, begin);
                }
                return Some(check);
            }
            Item::Resource(_) => format!("{} (expand)", self.graph.name(self.config, id)),
            _ => self.graph.name(self.config, id),
        };
        let kind = match &node.item {
            Item::Resource(name) => Kind::Resource(resource(&static_path(module), name)),
            Item::Provider(..) => Kind::Provider,
            Item::Variable(_) if module.parent.is_none() => Kind::Variable,
            _ => Kind::Other,
        };
        Some(self.all.add(name, kind, module.path.clone()))
    }

    /// Where the instances of a module are found; there is no such node for the root.
    fn begin(&mut self, at: usize) -> Option<usize> {
        let module = &self.config.modules[at];
        let parent = module.parent.and_then(|parent| self.config.modules.get(parent))?;
        Some(self.all.add(format!("{} (expand)", dotted(module)), Kind::Other, parent.path.clone()))
    }

    /// Where all of a module is done.
    fn end(&mut self, at: usize) -> usize {
        let module = &self.config.modules[at];
        match module.parent.and_then(|parent| self.config.modules.get(parent)) {
            Some(parent) => self.all.add(format!("{} (close)", dotted(module)), Kind::Other, parent.path.clone()),
            None => self.all.add("root".to_owned(), Kind::Root, Vec::new()),
        }
    }

    fn needs(&mut self, id: NodeId) {
        let Some(from) = self.places[id] else { return };
        let node = &self.graph.nodes[id];
        for need in self.graph.needs.of(id) {
            if let Some(to) = self.places[need] {
                self.all.need(from, to);
            }
            // A value counts only when it was found valid.
            let target = &self.graph.nodes[need];
            if let Item::Variable(name) = &target.item
                && !matches!(node.item, Item::Validation(_))
                && let Some(validation) = self.graph.id(target.module, Item::Validation(name.clone()))
                && let Some(to) = self.places[validation]
            {
                self.all.need(from, to);
            }
        }
        // The data source of a check is read after the check has begun.
        if let Item::Check(_) = node.item {
            let body = &self.config.modules[node.module].body;
            let report = self.all.find(&format!("{} (report)", self.graph.name(self.config, id)));
            let Item::Check(name) = &node.item else { return };
            let data = body.checks.get(name).and_then(|check| check.data.clone());
            let data = data.and_then(|data| self.graph.id(node.module, Item::Resource(data)));
            if let (Some(report), Some(data)) = (report, data.and_then(|data| self.places[data])) {
                self.all.need(data, report);
            }
        }
    }

    /// A module is done when everything in it is.
    fn ends(&mut self) {
        for id in 0..self.graph.nodes.len() {
            let node = &self.graph.nodes[id];
            let Some(place) = self.places[id] else { continue };
            if self.all.nodes[place].kind == Kind::Provider {
                continue;
            }
            // What begins or ends a module below stands in this one.
            let at = match &node.item {
                Item::Gate | Item::Close => match self.config.modules[node.module].parent {
                    Some(parent) => parent,
                    None => continue,
                },
                _ => node.module,
            };
            let end = self.end(at);
            self.all.need(end, place);
        }
    }

    /// Gives every resource its provider; those that are used.
    fn providers(&mut self) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for (at, module) in self.config.modules.iter().enumerate() {
            for block in module.body.resources.values() {
                let provider = providers::reference(self.config, at, block, None);
                let begin = self.all.add(provider.in_state(), Kind::Provider, provider.module.names());
                let close = format!("{} (close)", provider.in_state());
                let close = self.all.add(close, Kind::Other, provider.module.names());
                let resource = self.graph.id(at, Item::Resource(block.name.clone())).and_then(|id| self.places[id]);
                let root = self.end(0);
                if let Some(resource) = resource {
                    self.all.need(resource, begin);
                    self.all.need(close, resource);
                }
                self.all.need(close, begin);
                self.all.need(root, close);
                used.insert(provider.in_state());
            }
        }
        used
    }
}

fn provider_name(config: &Config, at: usize, name: &str, alias: Option<Arc<str>>) -> String {
    let source = providers::source(config, at, name);
    ProviderRef { module: static_path(&config.modules[at]), source, alias }.in_state()
}

/// `module.a.module.b`
fn dotted(module: &Module) -> String {
    static_path(module).to_string()
}
