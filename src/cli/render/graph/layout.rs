//! Where the boxes of a picture stand: columns by dependency, from what needs nothing on the left; modules as boxes
//! that are laid out for themselves and stand in the module around them like a node.
//!
//! Each box is laid out in layers (longest way), crossings are reduced by moving nodes to the mean of their
//! neighbours, and rows are set by least squares under the order found. An edge that spans layers takes a lane of its
//! own, shared by all edges to the same target; one that leaves a box takes a lane to its border.

mod order;
mod rows;

use std::collections::BTreeMap;

/// Space between neighbours in a column.
const GAP: f64 = 16.0;
/// Height of the lane of an edge that passes a column.
const LANE: f64 = 6.0;
/// Space between columns, for the curves.
const COLUMN_GAP: f64 = 64.0;
/// Space between a box and what is in it.
const PADDING: f64 = 20.0;
/// Height of the title of a box.
const TITLE: f64 = 24.0;

/// A place in the picture, in pixels.
pub(super) type Point = (f64, f64);

/// What is laid out: a node or a module.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The module around it; nothing at the top.
    pub parent: Option<usize>,
    /// Size of a node; of a module it is found.
    pub size: (f64, f64),
    /// Whether it is a module.
    pub is_module: bool,
}

/// A box and the ways of edges, in pixels.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// By item: left, top, width, height.
    pub boxes: Vec<(f64, f64, f64, f64)>,
    /// By edge: the points it passes, from the node to what it needs.
    pub ways: Vec<Vec<Point>>,
    /// Size of the whole.
    pub size: (f64, f64),
}

/// One member of a box while it is laid out: an item, or the lane of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    /// A node or a module.
    Item(usize),
    /// The lane to a target, in a layer.
    Lane(usize, usize),
    /// Where edges of an item leave the box for what they need, on its left.
    Left(usize),
    /// Where edges to an item enter the box, on its right.
    Right(usize),
}

/// What one box needs to know of an edge that touches it.
#[derive(Clone, Copy, Debug)]
struct Leg {
    edge: usize,
    from: Member,
    to: Member,
}

/// Lays out items; `edges` lead from a node to one that it needs.
pub(super) fn layout(items: &[Item], edges: &[(usize, usize)]) -> Layout {
    let mut legs: BTreeMap<Option<usize>, Vec<Leg>> = BTreeMap::new();
    for (edge, (from, to)) in edges.iter().enumerate() {
        split(items, edge, *from, *to, &mut legs);
    }
    let mut children: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    items.iter().enumerate().for_each(|(at, item)| children.entry(item.parent).or_default().push(at));
    let mut sizes: Vec<(f64, f64)> = items.iter().map(|item| item.size).collect();
    let mut inside: BTreeMap<Option<usize>, Inside> = BTreeMap::new();
    // A module comes before what is in it, so that the other way round its insides are known.
    let modules = (0..items.len()).rev().filter(|at| items[*at].is_module).map(Some).chain([None]);
    for module in modules {
        let members = children.get(&module).map(Vec::as_slice).unwrap_or_default();
        let done = arrange(members, &sizes, legs.get(&module).map(Vec::as_slice).unwrap_or_default());
        if let Some(at) = module {
            sizes[at] = (done.size.0 + 2.0 * PADDING, done.size.1 + 2.0 * PADDING + TITLE);
        }
        inside.insert(module, done);
    }
    join(items, edges, &sizes, &inside)
}

/// The legs of an edge: out of the boxes around its start, between two members, into the boxes around its end.
fn split(items: &[Item], edge: usize, from: usize, to: usize, legs: &mut BTreeMap<Option<usize>, Vec<Leg>>) {
    let chain = |start: usize| {
        let mut all = vec![start];
        let mut at = start;
        while let Some(parent) = items[at].parent {
            all.push(parent);
            at = parent;
        }
        all
    };
    let (mut up, mut down) = (chain(from), chain(to));
    while up.len() > 1 && down.len() > 1 && up[up.len() - 1] == down[down.len() - 1] {
        up.pop();
        down.pop();
    }
    for pair in up.windows(2) {
        let leg = Leg { edge, from: Member::Item(pair[0]), to: Member::Left(pair[0]) };
        legs.entry(Some(pair[1])).or_default().push(leg);
    }
    let (Some(&from), Some(&to)) = (up.last(), down.last()) else { return };
    let leg = Leg { edge, from: Member::Item(from), to: Member::Item(to) };
    legs.entry(items[from].parent).or_default().push(leg);
    for pair in down.windows(2) {
        let leg = Leg { edge, from: Member::Right(pair[0]), to: Member::Item(pair[0]) };
        legs.entry(Some(pair[1])).or_default().push(leg);
    }
}

/// A box, laid out: places relative to its inner corner.
#[derive(Clone, Debug, Default)]
struct Inside {
    /// Left and top of items, middle of lanes.
    places: BTreeMap<Member, Point>,
    /// By edge: the lanes it takes here, as members.
    lanes: BTreeMap<usize, Vec<Member>>,
    /// Left and right end of each column.
    columns: Vec<(f64, f64)>,
    size: (f64, f64),
}

fn arrange(members: &[usize], sizes: &[(f64, f64)], legs: &[Leg]) -> Inside {
    let layers = order::layers(members, legs);
    let (columns, lanes, links) = order::columns(&layers, legs);
    let columns = order::untangle(columns, &links);
    let height = |member: &Member| match member {
        Member::Item(at) => sizes[*at].1,
        _ => LANE,
    };
    let middles = rows::rows(&columns, &links, &height);
    let mut inside = Inside { lanes, ..Inside::default() };
    let mut x = 0.0;
    for column in &columns {
        let width = column.iter().map(|member| if let Member::Item(at) = member { sizes[*at].0 } else { 0.0 });
        let width = width.fold(0.0, f64::max);
        for member in column {
            let middle = middles.get(member).copied().unwrap_or_default();
            let left = match member {
                // Nodes of a column stand in its middle.
                Member::Item(at) => x + (width - sizes[*at].0) / 2.0,
                _ => x + width / 2.0,
            };
            inside.places.insert(
                *member,
                (left, middle - if let Member::Item(_) = member { height(member) / 2.0 } else { 0.0 }),
            );
            inside.size.1 = inside.size.1.max(middle + height(member) / 2.0);
        }
        inside.columns.push((x, x + width));
        // Lanes to the border need no space of their own.
        x += width + if width > 0.0 { COLUMN_GAP } else { 0.0 };
        inside.size.0 = inside.size.0.max(x - COLUMN_GAP);
    }
    inside
}

/// Puts the boxes into each other, and the legs of each edge together.
fn join(
    items: &[Item],
    edges: &[(usize, usize)],
    sizes: &[(f64, f64)],
    inside: &BTreeMap<Option<usize>, Inside>,
) -> Layout {
    let mut layout = Layout { boxes: vec![(0.0, 0.0, 0.0, 0.0); items.len()], ..Layout::default() };
    // Where the inside of a box begins.
    let corner = |boxes: &[(f64, f64, f64, f64)], module: Option<usize>| match module {
        Some(at) => (boxes[at].0 + PADDING, boxes[at].1 + PADDING + TITLE),
        None => (PADDING, PADDING),
    };
    for (at, item) in items.iter().enumerate() {
        let (x, y) = corner(&layout.boxes, item.parent);
        let place = inside.get(&item.parent).and_then(|inside| inside.places.get(&Member::Item(at)));
        let (left, top) = place.copied().unwrap_or_default();
        layout.boxes[at] = (x + left, y + top, sizes[at].0, sizes[at].1);
    }
    for (edge, (from, to)) in edges.iter().enumerate() {
        let middle = |at: usize| layout.boxes[at].1 + layout.boxes[at].3 / 2.0;
        let mut way = vec![(layout.boxes[*from].0, middle(*from))];
        let (up, down) = (outside(items, *from), outside(items, *to));
        let shared = up.iter().rev().zip(down.iter().rev()).take_while(|(a, b)| a == b).count();
        let passed = up[..up.len() - shared].iter().chain(&up[up.len() - shared..][..1]);
        let passed: Vec<Option<usize>> = passed.chain(down[..down.len() - shared].iter().rev()).copied().collect();
        for module in passed {
            let (x, y) = corner(&layout.boxes, module);
            let Some(inside) = inside.get(&module) else { continue };
            for member in inside.lanes.get(&edge).into_iter().flatten() {
                let Some((_, lane)) = inside.places.get(member) else { continue };
                let right_to_left = match member {
                    // The border itself is the place.
                    Member::Left(_) => vec![x - PADDING],
                    Member::Right(_) => vec![x + inside.size.0 + PADDING],
                    Member::Lane(_, column) => match inside.columns.get(*column) {
                        Some((left, right)) => vec![x + right, x + left],
                        None => continue,
                    },
                    Member::Item(_) => continue,
                };
                way.extend(right_to_left.into_iter().map(|x| (x, y + lane)));
            }
        }
        way.push((layout.boxes[*to].0 + layout.boxes[*to].2, middle(*to)));
        layout.ways.push(way);
    }
    let whole = inside.get(&None).map(|inside| inside.size).unwrap_or_default();
    layout.size = (whole.0 + 2.0 * PADDING, whole.1 + 2.0 * PADDING);
    layout
}

/// The boxes around an item, from the nearest to the whole picture.
fn outside(items: &[Item], at: usize) -> Vec<Option<usize>> {
    let mut all = Vec::new();
    let mut at = at;
    while let Some(parent) = items[at].parent {
        all.push(Some(parent));
        at = parent;
    }
    all.push(None);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(parent: Option<usize>) -> Item {
        Item { parent, size: (100.0, 40.0), is_module: false }
    }

    fn module(parent: Option<usize>) -> Item {
        Item { parent, size: (0.0, 0.0), is_module: true }
    }

    fn overlap(a: (f64, f64, f64, f64), b: (f64, f64, f64, f64)) -> bool {
        a.0 < b.0 + b.2 && b.0 < a.0 + a.2 && a.1 < b.1 + b.3 && b.1 < a.1 + a.3
    }

    #[test]
    fn siblings_never_overlap_and_stay_inside() {
        // A module of a hundred nodes beside fifty others, with edges all over, both ways.
        let mut items = vec![module(None), module(Some(0))];
        items.extend((0..100).map(|at| node(if at % 3 == 0 { Some(0) } else { Some(1) })));
        items.extend((0..50).map(|_| node(None)));
        let edges: Vec<_> = (2..152).flat_map(|at| [(at, 2 + (at * 7) % 150), (at, 2 + (at * 13) % 150)]).collect();
        let edges: Vec<_> = edges.into_iter().filter(|(from, to)| from != to).collect();
        let layout = layout(&items, &edges);
        for (at, a) in layout.boxes.iter().enumerate() {
            for (other, b) in layout.boxes.iter().enumerate().skip(at + 1) {
                assert!(items[at].parent != items[other].parent || !overlap(*a, *b), "{at} and {other}");
            }
            if let Some(parent) = items[at].parent {
                let around = layout.boxes[parent];
                assert!(a.0 >= around.0 && a.1 >= around.1, "{at}");
                assert!(a.0 + a.2 <= around.0 + around.2 && a.1 + a.3 <= around.1 + around.3, "{at}");
            }
        }
        assert!(layout.ways.iter().flatten().all(|(x, y)| x.is_finite() && y.is_finite()));
    }

    #[test]
    fn what_is_needed_stands_left() {
        let layout = layout(&[node(None), node(None), node(None)], &[(0, 1), (1, 2), (0, 2)]);
        assert!(layout.boxes[2].0 < layout.boxes[1].0 && layout.boxes[1].0 < layout.boxes[0].0);
        assert_eq!(layout.ways[2].len(), 4, "the long edge takes a lane");
    }
}
