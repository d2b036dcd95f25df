//! A picture as SVG: one file without anything from outside, for light and dark ground.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr as _;

use super::layout::{Item, Layout, Point, layout};
use super::style::{self, GROUPS};
use super::{Picture, Spot};
use crate::diagnostic::Diagnostic;
use crate::plan::What;

/// The most nodes of a picture that anybody could read.
const MOST: usize = 1000;
/// The most edges.
const MOST_EDGES: usize = 10_000;
/// Widths of a letter of the small and the large line, in pixels.
const LETTER: (f64, f64) = (6.4, 8.5);
/// The longest line, in letters.
const LONGEST: usize = 48;
/// How far the second half of a curve may be from its middle.
const BEND: f64 = 48.0;

const STYLE: &str = "\
svg{font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif}
.ground{fill:#fff}.module{fill:#64748b;fill-opacity:.06;stroke:#94a3b8;stroke-dasharray:5 4}
.node rect{fill:#fff;stroke:#cbd5e1}.node .bar{stroke:none}.data rect{stroke-dasharray:4 3}
.kind{font-size:11px;fill:#64748b}.label{font-size:13px;font-weight:600;fill:#0f172a}
.title{font-size:12px;font-weight:600;fill:#475569}.way{fill:none;stroke:#94a3b8;stroke-width:1.4}.tip{fill:#94a3b8}
.inferred{stroke-dasharray:5 4}.why{font-size:10px;font-style:italic;fill:#64748b;paint-order:stroke;stroke:#fff;stroke-width:3px}
.node.create rect{fill:#f0fdf4;stroke:#16a34a}.node.update rect{fill:#fefce8;stroke:#ca8a04}
.node.delete rect{fill:#fef2f2;stroke:#dc2626}.node.read rect{fill:#ecfeff;stroke:#0891b2}
";
const DARK: &str = "\
.ground{fill:#0f172a}.node rect{fill:#1e293b;stroke:#475569}.kind{fill:#94a3b8}.label{fill:#f1f5f9}.title{fill:#cbd5e1}
.why{fill:#94a3b8;stroke:#0f172a}.way{stroke:#64748b}.tip{fill:#64748b}.module{stroke:#64748b}
.node.create rect{fill:#052e16;stroke:#22c55e}.node.update rect{fill:#422006;stroke:#eab308}
.node.delete rect{fill:#450a0a;stroke:#ef4444}.node.read rect{fill:#083344;stroke:#06b6d4}
";

/// Draws the picture; arrows lead from a node to what it needs, which stands on its left.
///
/// # Errors
/// It is too large for anybody to read.
pub(crate) fn svg(picture: &Picture) -> Result<String, Diagnostic> {
    if picture.nodes.len() > MOST || picture.edges.len() > MOST_EDGES {
        let text = format!(
            "The graph has {} nodes and {} edges; a picture is drawn of at most {MOST} and {MOST_EDGES}. Take -format=dot and let Graphviz draw it, or draw a part of the stack.",
            picture.nodes.len(),
            picture.edges.len()
        );
        return Err(Diagnostic::error("Graph too large to draw", text));
    }
    let modules = modules(picture);
    let count = modules.len();
    let place = |path: &[Arc<str>]| modules.iter().position(|module| *module == path);
    let mut items: Vec<Item> = modules
        .iter()
        .map(|path| Item { parent: place(&path[..path.len() - 1]), size: (0.0, 0.0), is_module: true })
        .collect();
    items.extend(picture.nodes.iter().map(|node| Item {
        parent: place(&node.module),
        size: size(node),
        is_module: false,
    }));
    let edges: Vec<(usize, usize)> = picture.edges.iter().map(|edge| (edge.from + count, edge.to + count)).collect();
    let layout = layout(&items, &edges);
    Ok(draw(picture, &modules, &layout))
}

/// Paths of all modules that hold something, those outside first.
fn modules(picture: &Picture) -> Vec<&[Arc<str>]> {
    let mut all: BTreeSet<(usize, &[Arc<str>])> = BTreeSet::new();
    for node in &picture.nodes {
        for depth in 1..=node.module.len() {
            all.insert((depth, &node.module[..depth]));
        }
    }
    all.into_iter().map(|(_, path)| path).collect()
}

/// The text, cut where it is too long.
fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

fn width(text: &str, letter: f64) -> f64 {
    f64::from(u32::try_from(text.width()).unwrap_or(u32::MAX)) * letter
}

/// The large line, with the sign of what a plan does.
fn large(node: &Spot) -> String {
    let sign = node.what.map(|what| format!("{} ", style::sign(what))).unwrap_or_default();
    cut(&format!("{sign}{}", node.label))
}

fn size(node: &Spot) -> (f64, f64) {
    let text = width(&cut(&node.kind), LETTER.0).max(width(&large(node), LETTER.1));
    (text.max(48.0) + 30.0, if node.kind.is_empty() { 32.0 } else { 46.0 })
}

fn draw(picture: &Picture, modules: &[&[Arc<str>]], layout: &Layout) -> String {
    let (wide, high) = layout.size;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{high:.0}\" viewBox=\"0 0 {wide:.0} {high:.0}\" role=\"img\">\n<style>\n{STYLE}"
    );
    let colours = |colour: fn(&style::Group) -> &str| -> String {
        GROUPS.iter().flat_map(|group| [".node.", group.name, " .bar{fill:", colour(group), "}"]).collect()
    };
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "{}\n@media (prefers-color-scheme:dark){{\n{DARK}{}\n}}\n</style>\n",
        colours(|group| group.light),
        colours(|group| group.dark)
    );
    out.push_str("<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path class=\"tip\" d=\"M0 0.8L7.5 4L0 7.2z\"/></marker></defs>\n");
    out.push_str("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
    for (path, place) in modules.iter().zip(&layout.boxes) {
        let (x, y, wide, high) = *place;
        let name = path.last().map(|name| escape(&format!("module.{name}"))).unwrap_or_default();
        let _ = writeln!(
            out,
            "<g><rect class=\"module\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" rx=\"10\"/><text class=\"title\" x=\"{:.1}\" y=\"{:.1}\">{name}</text></g>",
            x + 14.0,
            y + 22.0
        );
    }
    let edges = || picture.edges.iter().zip(&layout.ways);
    for (edge, way) in edges() {
        let class = if edge.why.is_some() { "way inferred" } else { "way" };
        let _ = writeln!(out, "<path class=\"{class}\" marker-end=\"url(#tip)\" d=\"{}\"/>", curve(way));
    }
    for (node, place) in picture.nodes.iter().zip(&layout.boxes[modules.len()..]) {
        out.push_str(&drawn(node, *place));
    }
    // On top of nodes and ways: the reasons are all that is there to read of these.
    for (edge, way) in edges() {
        if let (Some(why), Some((x, y))) = (edge.why, middle(way)) {
            let _ = writeln!(
                out,
                "<text class=\"why\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                y - 4.0,
                escape(why)
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

/// The point in the middle of a way's first stretch, which is free of other nodes.
fn middle(way: &[Point]) -> Option<Point> {
    let ((x0, y0), (x1, y1)) = (way.first()?, way.get(1)?);
    Some(((x0 + x1) / 2.0, (y0 + y1) / 2.0))
}

fn drawn(node: &Spot, (x, y, wide, high): (f64, f64, f64, f64)) -> String {
    let data = if node.kind.starts_with("data.") { " data" } else { "" };
    let what = match node.what {
        None => "",
        Some(What::Create) => " create",
        Some(What::Update | What::Deploy) => " update",
        Some(What::Delete) => " delete",
        Some(What::Read) => " read",
    };
    let group = style::group(&node.kind).name;
    let module: String = node.module.iter().flat_map(|name| ["module.", name, "."]).collect();
    let dot = if node.kind.is_empty() { "" } else { "." };
    let title = escape(&format!("{module}{}{dot}{}", node.kind, node.label));
    let (small, label) = (escape(&cut(&node.kind)), escape(&large(node)));
    let (text, base) = (x + 16.0, if node.kind.is_empty() { y + 20.5 } else { y + 34.0 });
    let small = if small.is_empty() {
        String::new()
    } else {
        format!("<text class=\"kind\" x=\"{text:.1}\" y=\"{:.1}\">{small}</text>", y + 17.5)
    };
    format!(
        "<g class=\"node {group}{data}{what}\"><title>{title}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" rx=\"6\"/><rect class=\"bar\" x=\"{:.1}\" y=\"{:.1}\" width=\"4\" height=\"{:.1}\" rx=\"2\"/>{small}<text class=\"label\" x=\"{text:.1}\" y=\"{base:.1}\">{label}</text></g>\n",
        x + 5.0,
        y + 6.0,
        high - 12.0
    )
}

/// A curve through the points, flat at each of them.
fn curve(way: &[Point]) -> String {
    let mut out = String::new();
    let Some((x, y)) = way.first() else { return out };
    let _ = write!(out, "M{x:.1} {y:.1}");
    for pair in way.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if (y0 - y1).abs() < 0.5 && x1 <= x0 {
            let _ = write!(out, "L{x1:.1} {y1:.1}");
            continue;
        }
        // Backwards it swings around.
        let bend = if x1 <= x0 { (x0 - x1) / 2.0 } else { BEND };
        let _ = write!(out, "C{:.1} {y0:.1} {:.1} {y1:.1} {x1:.1} {y1:.1}", x0 - bend, x1 + bend);
    }
    out
}

/// Text between tags or in an attribute. Characters that XML does not allow are left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::Edge;
    use super::*;

    fn spot(label: &str, module: &[&str]) -> Spot {
        Spot {
            kind: "aws_vpc".to_owned(),
            label: label.to_owned(),
            module: module.iter().map(|name| Arc::from(*name)).collect(),
            what: None,
        }
    }

    #[test]
    fn text_is_escaped() {
        let nodes = vec![spot("a[\"<b>&\u{1}\"]", &["m[\"<x>\"]"]), spot("z", &[])];
        let text = svg(&Picture { nodes, edges: vec![Edge { from: 0, to: 1, why: None }] }).expect("drawn");
        assert!(text.contains("a[&quot;&lt;b&gt;&amp;&quot;]") && text.contains("module.m[&quot;&lt;x&gt;&quot;]"));
        assert!(!text.contains("<b>") && !text.contains('\u{1}') && text.matches("class=\"way\"").count() == 1);
    }

    #[test]
    fn order_that_is_inferred_is_dashed_and_says_why() {
        let nodes = vec![spot("a", &[]), spot("b", &[])];
        let edges = vec![Edge { from: 0, to: 1, why: Some("its <log> group") }];
        let text = svg(&Picture { nodes, edges }).expect("drawn");
        assert!(text.contains("class=\"way inferred\"") && text.contains(">its &lt;log&gt; group</text>"));
    }

    #[test]
    fn nothing_and_too_much() {
        assert!(svg(&Picture::default()).expect("drawn").starts_with("<svg "));
        let nodes = vec![spot("a", &[]); MOST + 1];
        let refused = svg(&Picture { nodes, edges: Vec::new() }).expect_err("too large");
        assert_eq!(refused.summary, "Graph too large to draw");
    }
}
