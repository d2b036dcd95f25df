//! Edges of a graph, kept in two pieces of memory however many nodes there are.

use std::ops::Range;

/// For each node, in their order, the nodes it leads to.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// By node: where its edges end in `all`.
    ends: Vec<u32>,
    all: Vec<u32>,
}

impl Links {
    /// Adds the edges of the next node.
    pub(super) fn push(&mut self, to: impl IntoIterator<Item = usize>) {
        self.all.extend(to.into_iter().map(small));
        self.ends.push(small(self.all.len()));
    }

    /// Where the edges of a node are, for [`at`](Self::at).
    pub(super) fn places(&self, node: usize) -> Range<usize> {
        let start = node.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        start..self.ends.get(node).map_or(start, |end| *end as usize)
    }

    /// The node that the edge at a place leads to.
    pub(super) fn at(&self, place: usize) -> usize {
        self.all[place] as usize
    }

    /// The nodes that a node leads to.
    pub(super) fn of(&self, node: usize) -> impl ExactSizeIterator<Item = usize> + Clone {
        self.all[self.places(node)].iter().map(|to| *to as usize)
    }

    /// Whether two nodes lead to the same nodes.
    pub(super) fn are_alike(&self, node: usize, other: usize) -> bool {
        self.all[self.places(node)] == self.all[self.places(other)]
    }

    /// The same edges from their ends; for each node in the order of where they come from.
    pub(super) fn reversed(&self) -> Self {
        let mut ends = vec![0_u32; self.ends.len()];
        self.all.iter().for_each(|to| ends[*to as usize] += 1);
        let mut total = 0;
        for end in &mut ends {
            total += *end;
            *end = total - *end;
        }
        // Each end starts where the edges of its node start, and moves on as they are put there.
        let mut all = vec![0; self.all.len()];
        for node in 0..self.ends.len() {
            for to in self.of(node) {
                all[ends[to] as usize] = small(node);
                ends[to] += 1;
            }
        }
        Self { ends, all }
    }
}

/// No configuration has more than that: files are smaller.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_and_their_reverse() {
        let mut links = Links::default();
        links.push([]);
        links.push([0, 3]);
        links.push([0]);
        links.push([0, 2]);
        links.push([0, 3]);
        let all = |links: &Links| (0..5).map(|node| links.of(node).collect()).collect::<Vec<Vec<usize>>>();
        assert_eq!(all(&links), [vec![], vec![0, 3], vec![0], vec![0, 2], vec![0, 3]]);
        assert_eq!(all(&links.reversed()), [vec![1, 2, 3, 4], vec![], vec![3], vec![1, 4], vec![]]);
        assert!(links.are_alike(1, 4) && !links.are_alike(1, 3));
        assert_eq!(links.places(3).map(|place| links.at(place)).collect::<Vec<_>>(), [0, 2]);
    }
}
