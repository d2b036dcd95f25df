//! Mermaid flowcharts, which GitHub and others draw in Markdown pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::style::{self, GROUPS};
use super::{Edge, Picture};

/// The picture as a flowchart; arrows lead from a node to what it needs.
pub(crate) fn mermaid(picture: &Picture) -> String {
    let mut out = String::from("flowchart RL\n");
    let mut modules: BTreeMap<&[Arc<str>], Vec<usize>> = BTreeMap::new();
    for (at, node) in picture.nodes.iter().enumerate() {
        // Every module around it, too: one that holds only modules is a box as well.
        for depth in 0..node.module.len() {
            modules.entry(&node.module[..depth]).or_default();
        }
        modules.entry(&node.module).or_default().push(at);
    }
    let mut boxes = 0;
    module(picture, &modules, &[], &mut boxes, &mut out);
    for Edge { from, to, why } in &picture.edges {
        match why {
            None => out.push_str(&format!("  n{from} --> n{to}\n")),
            Some(why) => out.push_str(&format!("  n{from} -. \"{}\" .-> n{to}\n", escape(why))),
        }
    }
    for group in &GROUPS {
        let members: Vec<String> = (0..picture.nodes.len())
            .filter(|at| style::group(&picture.nodes[*at].kind).name == group.name)
            .map(|at| format!("n{at}"))
            .collect();
        if !members.is_empty() {
            out.push_str(&format!("  classDef {} stroke:{},stroke-width:2px\n", group.name, group.light));
            out.push_str(&format!("  class {} {}\n", members.join(","), group.name));
        }
    }
    out
}

/// The nodes of a module and the modules in it.
fn module(
    picture: &Picture,
    modules: &BTreeMap<&[Arc<str>], Vec<usize>>,
    path: &[Arc<str>],
    boxes: &mut usize,
    out: &mut String,
) {
    let indent = "  ".repeat(path.len() + 1);
    for at in modules.get(path).into_iter().flatten() {
        let node = &picture.nodes[*at];
        let what = node.what.map(|what| format!("{} ", style::sign(what))).unwrap_or_default();
        let small =
            if node.kind.is_empty() { String::new() } else { format!("<small>{}</small><br>", escape(&node.kind)) };
        out.push_str(&format!("{indent}n{at}[\"{small}{what}{}\"]\n", escape(&node.label)));
    }
    let inside = |other: &&&[Arc<str>]| other.len() == path.len() + 1 && other.starts_with(path);
    for below in modules.keys().filter(inside) {
        let name = below.last().map(|name| escape(name)).unwrap_or_default();
        out.push_str(&format!("{indent}subgraph m{boxes}[\"module.{name}\"]\n"));
        *boxes += 1;
        module(picture, modules, below, boxes, out);
        out.push_str(&format!("{indent}end\n"));
    }
}

/// Mermaid's labels are HTML with character references of their own.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '#' => out.push_str("#35;"),
            '`' => out.push_str("#96;"),
            _ => out.push(c),
        }
    }
    out
}
