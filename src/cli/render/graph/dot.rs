//! The DOT language, in the two forms that Terraform prints.

use std::collections::{BTreeMap, BTreeSet};

use super::Edge;
use crate::address::{Mode, Resource};
use crate::lang::dependencies::{Dependencies, Kind};

/// Resource blocks only: what depends on what in a configuration, modules as clusters. What is inferred is dashed.
pub(crate) fn summary(graph: &Dependencies, inferred: &[Edge]) -> String {
    let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    let mut all: Vec<(&Resource, usize)> = graph
        .nodes
        .iter()
        .enumerate()
        .filter_map(|(at, node)| match &node.kind {
            Kind::Resource(resource) => Some((resource, at)),
            _ => None,
        })
        .collect();
    all.sort_by_key(|(resource, _)| {
        (&resource.module, resource.mode == Mode::Managed, &resource.type_name, &resource.name)
    });
    let mut modules: BTreeMap<_, Vec<&Resource>> = BTreeMap::new();
    for (resource, _) in &all {
        modules.entry(&resource.module).or_default().push(resource);
    }
    for (module, resources) in modules {
        let indent = if module.is_root() { "  " } else { "    " };
        if !module.is_root() {
            let name = escape(&module.to_string());
            out.push_str(&format!(
                "  subgraph \"cluster_{name}\" {{\n    label = \"{name}\"\n    fontname = \"sans-serif\"\n"
            ));
        }
        for resource in resources {
            let label = Resource { module: crate::address::ModulePath::root(), ..resource.clone() };
            let (name, label) = (escape(&resource.to_string()), escape(&label.to_string()));
            out.push_str(&format!("{indent}\"{name}\" [label=\"{label}\"];\n"));
        }
        if !module.is_root() {
            out.push_str("  }\n");
        }
    }
    let place: BTreeMap<usize, usize> = all.iter().enumerate().map(|(place, (_, at))| (*at, place)).collect();
    for (resource, at) in &all {
        let mut needs: Vec<usize> = graph.nodes[*at].needs.iter().filter_map(|need| place.get(need).copied()).collect();
        needs.sort_unstable();
        for need in needs {
            let (from, to) = (escape(&resource.to_string()), escape(&all[need].0.to_string()));
            out.push_str(&format!("  \"{from}\" -> \"{to}\";\n"));
        }
        for edge in inferred.iter().filter(|edge| edge.from == *at) {
            let Some(need) = place.get(&edge.to) else { continue };
            let (from, to) = (escape(&resource.to_string()), escape(&all[*need].0.to_string()));
            out.push_str(&format!("  \"{from}\" -> \"{to}\"{};\n", dashed(edge)));
        }
    }
    out.push_str("}\n");
    out
}

/// How an edge that the files do not state is drawn.
fn dashed(edge: &Edge) -> String {
    format!(" [style = \"dashed\", label = \"{}\"]", escape(edge.why.unwrap_or_default()))
}

/// Everything that an operation evaluates. Edges inside the groups of `cycles` are red, and what is inferred is dashed.
pub(crate) fn operation(graph: &Dependencies, cycles: &[BTreeSet<usize>], inferred: &[Edge]) -> String {
    let mut out = String::from("digraph {\n\tcompound = \"true\"\n\tnewrank = \"true\"\n\tsubgraph \"root\" {\n");
    let mut named: Vec<(&str, String, &str)> = Vec::new();
    for node in &graph.nodes {
        match &node.kind {
            Kind::Resource(resource) => named.push((&node.name, resource.to_string(), "box")),
            Kind::Provider => named.push((&node.name, node.name.clone(), "diamond")),
            Kind::Variable | Kind::Output => named.push((&node.name, node.name.clone(), "note")),
            Kind::Root | Kind::Other => {}
        }
    }
    named.sort();
    for (name, label, shape) in named {
        let (name, label) = (escape(name), escape(&label));
        out.push_str(&format!("\t\t\"[root] {name}\" [label = \"{label}\", shape = \"{shape}\"]\n"));
    }
    let mut lines: Vec<String> = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        for need in &node.needs {
            let is_cycle = cycles.iter().any(|group| group.contains(&at) && group.contains(need));
            let colour = if is_cycle { " [color = \"red\", penwidth = \"2.0\"]" } else { "" };
            let (from, to) = (escape(&node.name), escape(&graph.nodes[*need].name));
            lines.push(format!("\t\t\"[root] {from}\" -> \"[root] {to}\"{colour}\n"));
        }
    }
    for edge in inferred {
        let (from, to) = (escape(&graph.nodes[edge.from].name), escape(&graph.nodes[edge.to].name));
        lines.push(format!("\t\t\"[root] {from}\" -> \"[root] {to}\"{}\n", dashed(edge)));
    }
    lines.sort();
    out.extend(lines);
    out.push_str("\t}\n}\n");
    out
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
