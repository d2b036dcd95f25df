//! Rows: how far down each member of a column stands.

use std::collections::BTreeMap;

use super::order::{Columns, Links, number};
use super::{GAP, Member};

/// How often all columns are set anew.
const ROUNDS: usize = 8;

/// The middle of each member: near its neighbours, in order, without overlaps, from the top on.
pub(super) fn rows(columns: &Columns, links: &Links, height: &dyn Fn(&Member) -> f64) -> BTreeMap<Member, f64> {
    let mut beside: BTreeMap<Member, Vec<Member>> = BTreeMap::new();
    for (a, b) in links {
        beside.entry(*a).or_default().push(*b);
        beside.entry(*b).or_default().push(*a);
    }
    let mut middles: BTreeMap<Member, f64> = BTreeMap::new();
    for column in columns {
        let mut y = 0.0;
        for member in column {
            middles.insert(*member, y + height(member) / 2.0);
            y += height(member) + GAP;
        }
    }
    for round in 0..ROUNDS {
        let count = columns.len();
        for step in 0..count {
            let column = &columns[if round % 2 == 0 { step } else { count - 1 - step }];
            let wanted: Vec<f64> = column
                .iter()
                .map(|member| {
                    let near: Vec<f64> = beside
                        .get(member)
                        .into_iter()
                        .flatten()
                        .filter_map(|other| middles.get(other).copied())
                        .collect();
                    let own = middles.get(member).copied().unwrap_or_default();
                    if near.is_empty() { own } else { near.iter().sum::<f64>() / number(near.len()) }
                })
                .collect();
            let heights: Vec<f64> = column.iter().map(height).collect();
            for (member, middle) in column.iter().zip(spread(&wanted, &heights)) {
                middles.insert(*member, middle);
            }
        }
    }
    let top = middles.iter().map(|(member, middle)| middle - height(member) / 2.0).fold(f64::INFINITY, f64::min);
    middles.values_mut().for_each(|middle| *middle -= top);
    middles
}

/// The middles nearest to the wanted ones (least squares) that keep the order and the gaps: neighbours that would
/// overlap form a block, which stands at the mean of its wishes.
fn spread(wanted: &[f64], heights: &[f64]) -> Vec<f64> {
    // Distance of each middle from the first one when all stand close together.
    let mut offsets = vec![0.0; wanted.len()];
    for at in 1..wanted.len() {
        offsets[at] = offsets[at - 1] + f64::midpoint(heights[at - 1], heights[at]) + GAP;
    }
    // Blocks: sum of wishes less offset, members.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (wish, offset) in wanted.iter().zip(&offsets) {
        let mut block = (wish - offset, 1);
        while let Some(last) = blocks.pop() {
            if last.0 / number(last.1) <= block.0 / number(block.1) {
                blocks.push(last);
                break;
            }
            block = (last.0 + block.0, last.1 + block.1);
        }
        blocks.push(block);
    }
    let starts = blocks.iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / number(*count), *count));
    starts.zip(&offsets).map(|(start, offset)| start + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_kept_where_there_is_space() {
        assert_eq!(spread(&[0.0, 100.0], &[10.0, 10.0]), [0.0, 100.0]);
        assert_eq!(spread(&[50.0, 50.0], &[10.0, 10.0]), [37.0, 63.0]);
        assert_eq!(spread(&[100.0, 0.0], &[10.0, 10.0]), [37.0, 63.0]);
    }
}
