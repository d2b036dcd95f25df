//! Pictures of what depends on what.

mod dot;
mod layout;
mod mermaid;
mod style;
mod svg;

use std::sync::Arc;

pub(crate) use dot::{operation, summary};
pub(crate) use mermaid::mermaid;
pub(crate) use svg::svg;

use crate::lang::dependencies::{Dependencies, Kind, Node};
use crate::plan::What;

/// What is drawn: nodes in boxes for modules, with arrows to what they need.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picture {
    /// Nodes.
    pub nodes: Vec<Spot>,
    /// From a node to one that it needs.
    pub edges: Vec<Edge>,
}

/// An arrow of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The node that needs.
    pub from: usize,
    /// The node that is needed.
    pub to: usize,
    /// Why, for one that the files do not state: dashed, with the reason beside it.
    pub why: Option<&'static str>,
}

/// A node of a picture.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// What kind of thing it is: the small line.
    pub kind: String,
    /// Its own name: the large line.
    pub label: String,
    /// The modules around it, from the outside.
    pub module: Vec<Arc<str>>,
    /// What a plan does with it.
    pub what: Option<What>,
}

impl Picture {
    /// The nodes of a graph.
    pub(crate) fn of(graph: &Dependencies) -> Self {
        let edges = graph.nodes.iter().enumerate();
        Self {
            nodes: graph.nodes.iter().map(spot).collect(),
            edges: edges
                .flat_map(|(at, node)| node.needs.iter().map(move |need| Edge { from: at, to: *need, why: None }))
                .collect(),
        }
    }

    /// The same with order that the files do not state.
    #[must_use]
    pub(crate) fn with(mut self, inferred: &[Edge]) -> Self {
        self.edges.extend(inferred);
        self
    }
}

fn spot(node: &Node) -> Spot {
    let (kind, label) = match &node.kind {
        Kind::Resource(resource) => {
            let data = resource.mode.prefix();
            (format!("{data}{}", resource.type_name), resource.name.to_string())
        }
        Kind::Variable => ("variable".to_owned(), node.name.trim_start_matches("var.").to_owned()),
        Kind::Provider => ("provider".to_owned(), provider(&node.name)),
        Kind::Root => (String::new(), "root".to_owned()),
        Kind::Other | Kind::Output => other(node),
    };
    Spot { kind, label, module: node.module.clone(), what: None }
}

/// `aws.west` of `provider["registry.terraform.io/hashicorp/aws"].west`.
fn provider(name: &str) -> String {
    let (source, rest) = name.split_once("[\"").and_then(|(_, rest)| rest.split_once("\"]")).unwrap_or((name, ""));
    format!("{}{rest}", source.rsplit('/').next().unwrap_or(source))
}

fn other(node: &Node) -> (String, String) {
    if node.name.contains("provider[") {
        return ("provider (close)".to_owned(), provider(&node.name).replace(" (close)", ""));
    }
    let inside: String = node.module.iter().flat_map(|name| ["module.", name, "."]).collect();
    let own = node.name.strip_prefix(&inside).unwrap_or(&node.name);
    let own = own.strip_suffix(" (expand)").unwrap_or(own);
    match own.split_once('.') {
        Some((kind, label)) => (kind.to_owned(), label.to_owned()),
        None => (String::new(), own.to_owned()),
    }
}
