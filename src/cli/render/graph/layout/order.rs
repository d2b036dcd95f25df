//! Layers, lanes, and the order inside a column with few crossings.

use std::collections::{BTreeMap, BTreeSet};

use super::{Leg, Member};

/// How often all columns are ordered anew.
const ROUNDS: usize = 12;

/// Members of the columns, from the left.
pub(super) type Columns = Vec<Vec<Member>>;
/// Neighbours in the columns beside: a member and one to the left of it.
pub(super) type Links = BTreeSet<(Member, Member)>;

/// The layer of each item: one more than the layers of what it needs. Needs that close a circle do not count.
pub(super) fn layers(members: &[usize], legs: &[Leg]) -> BTreeMap<usize, usize> {
    let mut needs: BTreeMap<usize, BTreeSet<usize>> = members.iter().map(|at| (*at, BTreeSet::new())).collect();
    for leg in legs {
        if let (Member::Item(from), Member::Item(to)) = (leg.from, leg.to)
            && from != to
            && let Some(all) = needs.get_mut(&from)
        {
            all.insert(to);
        }
    }
    let mut layers: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open: BTreeSet<usize> = BTreeSet::new();
    for start in members {
        // Depth first without recursion: a chain may be long.
        let mut stack = vec![(*start, false)];
        while let Some((at, is_done)) = stack.pop() {
            if is_done {
                open.remove(&at);
                let below = needs[&at].iter().filter_map(|need| layers.get(need)).max();
                layers.insert(at, below.map_or(0, |layer| layer + 1));
            } else if !layers.contains_key(&at) && open.insert(at) {
                stack.push((at, true));
                stack.extend(needs[&at].iter().filter(|need| !layers.contains_key(need)).map(|need| (*need, false)));
            }
        }
    }
    layers
}

/// Items and lanes by column; the lanes that each edge takes, from its start; neighbours.
pub(super) fn columns(layers: &BTreeMap<usize, usize>, legs: &[Leg]) -> (Columns, BTreeMap<usize, Vec<Member>>, Links) {
    // A column on each side is for lanes to the border.
    let last = layers.values().max().map_or(1, |layer| layer + 2);
    let mut columns: Vec<BTreeSet<Member>> = vec![BTreeSet::new(); last + 1];
    let column = |member: Member| match member {
        Member::Item(at) => layers.get(&at).map_or(1, |layer| layer + 1),
        Member::Lane(_, column) => column,
        Member::Left(_) => 0,
        Member::Right(_) => last,
    };
    for at in layers.keys() {
        columns[column(Member::Item(*at))].insert(Member::Item(*at));
    }
    let mut lanes: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    let mut links = Links::new();
    for leg in legs {
        let (start, end) = (column(leg.from), column(leg.to));
        let target = match leg.to {
            // Lanes to the border are those of the item that leaves.
            Member::Item(at) => 2 * at,
            Member::Left(at) | Member::Right(at) | Member::Lane(at, _) => 2 * at + 1,
        };
        let mut way = vec![leg.from];
        // An edge that goes the wrong way takes no lanes.
        way.extend((end + 1..start).rev().map(|column| Member::Lane(target, column)));
        way.push(leg.to);
        for member in &way {
            columns[column(*member)].insert(*member);
        }
        links.extend(way.windows(2).filter(|_| end < start).map(|pair| (pair[0], pair[1])));
        let taken = way.into_iter().filter(|member| !matches!(member, Member::Item(_)));
        lanes.entry(leg.edge).or_default().extend(taken);
    }
    (columns.into_iter().map(|column| column.into_iter().collect()).collect(), lanes, links)
}

/// Orders every column so that few links cross.
pub(super) fn untangle(mut columns: Columns, links: &Links) -> Columns {
    let (mut left, mut right): (BTreeMap<Member, Vec<Member>>, BTreeMap<Member, Vec<Member>>) = Default::default();
    for (from, to) in links {
        left.entry(*from).or_default().push(*to);
        right.entry(*to).or_default().push(*from);
    }
    let mut best = columns.clone();
    let mut fewest = crossings(&columns, &left);
    for round in 0..ROUNDS {
        let is_forward = round % 2 == 0;
        let beside = if is_forward { &left } else { &right };
        let count = columns.len();
        for step in 1..count {
            let (at, fixed) = if is_forward { (step, step - 1) } else { (count - 1 - step, count - step) };
            let places: BTreeMap<Member, usize> =
                columns[fixed].iter().enumerate().map(|(place, member)| (*member, place)).collect();
            let mut keyed: Vec<(f64, Member)> = Vec::new();
            for (own, member) in columns[at].iter().enumerate() {
                let near: Vec<f64> = beside
                    .get(member)
                    .into_iter()
                    .flatten()
                    .filter_map(|other| places.get(other))
                    .map(|place| number(*place))
                    .collect();
                // What has no neighbour stays about where it is.
                let share = number(own) / number(columns[at].len()) * number(places.len().max(1));
                let mean = if near.is_empty() { share } else { near.iter().sum::<f64>() / number(near.len()) };
                keyed.push((mean, *member));
            }
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            columns[at] = keyed.into_iter().map(|(_, member)| member).collect();
        }
        let now = crossings(&columns, &left);
        if now < fewest {
            fewest = now;
            best.clone_from(&columns);
        }
    }
    best
}

/// How many links cross: pairs that are in another order on the other side.
fn crossings(columns: &Columns, left: &BTreeMap<Member, Vec<Member>>) -> usize {
    let mut count = 0;
    for pair in columns.windows(2) {
        let places: BTreeMap<Member, usize> =
            pair[0].iter().enumerate().map(|(place, member)| (*member, place)).collect();
        // A Fenwick tree counts the ends seen so far.
        let mut seen = vec![0_usize; pair[0].len() + 1];
        let mut total = 0;
        for member in &pair[1] {
            let mut ends: Vec<usize> =
                left.get(member).into_iter().flatten().filter_map(|other| places.get(other).copied()).collect();
            ends.sort_unstable();
            for end in &ends {
                let (mut at, mut before) = (end + 1, 0);
                while at > 0 {
                    before += seen[at];
                    at &= at - 1;
                }
                count += total - before;
            }
            for end in ends {
                total += 1;
                let mut at = end + 1;
                while at < seen.len() {
                    seen[at] += 1;
                    at += at & at.wrapping_neg();
                }
            }
        }
    }
    count
}

/// A count as a coordinate.
pub(super) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
