//! Which step is next: among those whose needs are done, the one with the longest chain behind it. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use crate::plan::steps::{Join, Step, chains, joins_of};

/// The state of a run: what is ready, what waits for what. Joins are numbered after the steps.
#[derive(Debug)]
pub struct Schedule {
    /// By lane.
    ready: Vec<BinaryHeap<(Duration, Reverse<usize>)>>,
    /// By step.
    lanes: Vec<usize>,
    waiting: Vec<usize>,
    after: Vec<Vec<usize>>,
    remaining: Vec<Duration>,
    skipped: BTreeSet<usize>,
}

impl Schedule {
    /// A schedule of steps that are ordered so that each follows what it needs; `time` is how long one takes, and
    /// `lanes` tells, by step, the lane in which it waits for its turn.
    pub fn new(steps: &[Step], time: impl Fn(&Step) -> Duration, lanes: Vec<usize>) -> Self {
        let joins = joins_of(steps);
        let count = steps.len() + joins.last().map_or(0, |join| join.number + 1);
        let mut after = vec![Vec::new(); count];
        let mut waiting = vec![0; count];
        let mut edges = |node: usize, needs: &[usize], joins: &[Arc<Join>]| {
            waiting[node] = needs.len() + joins.len();
            needs.iter().for_each(|&first| after[first].push(node));
            joins.iter().for_each(|join| after[steps.len() + join.number].push(node));
        };
        steps.iter().enumerate().for_each(|(at, step)| edges(at, &step.needs, &step.joins));
        joins.iter().for_each(|join| edges(steps.len() + join.number, &join.steps, &join.joins));
        let remaining = chains(steps, time);
        let ready = vec![BinaryHeap::new(); lanes.iter().max().map_or(0, |last| last + 1)];
        let mut schedule = Self { ready, lanes, waiting, after, remaining, skipped: BTreeSet::new() };
        (0..steps.len())
            .filter(|&at| schedule.waiting[at] == 0)
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|at| schedule.push(at));
        schedule
    }

    fn push(&mut self, step: usize) {
        self.ready[self.lanes[step]].push((self.remaining[step], Reverse(step)));
    }

    /// The next step to start, with its lane, if one is ready in a lane that has room.
    pub fn take(&mut self, has_room: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
        let open = (0..self.ready.len()).filter(|&lane| has_room(lane));
        let lane = open.max_by_key(|&lane| self.ready[lane].peek().copied())?;
        self.ready[lane].pop().map(|(_, Reverse(at))| (at, lane))
    }

    /// The step is done: what waited only for it becomes ready.
    pub fn done(&mut self, step: usize) {
        let mut done = vec![step];
        while let Some(node) = done.pop() {
            for next in std::mem::take(&mut self.after[node]) {
                self.waiting[next] -= 1;
                if self.waiting[next] > 0 || self.skipped.contains(&next) {
                    continue;
                }
                if next < self.remaining.len() { self.push(next) } else { done.push(next) }
            }
        }
    }

    /// The step failed: everything behind it is skipped. The others go on.
    pub fn failed(&mut self, step: usize) {
        let mut open = self.after[step].clone();
        while let Some(at) = open.pop() {
            if self.skipped.insert(at) {
                open.extend(&self.after[at]);
            }
        }
    }

    /// Steps that are skipped because one they need failed.
    pub fn skipped(&self) -> BTreeSet<usize> {
        self.skipped.range(..self.remaining.len()).copied().collect()
    }

    /// The time of the longest chain of all.
    pub fn longest(&self) -> Duration {
        self.remaining.iter().max().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{Address, Resource};
    use crate::plan::steps::What;

    fn steps(needs: &[&[usize]]) -> Vec<Step> {
        let step = |(at, needs): (usize, &&[usize])| Step {
            number: at,
            what: What::Create,
            change: at,
            address: Address::new(Resource::managed("t", &format!("r{at}")), None),
            needs: needs.to_vec(),
            joins: Vec::new(),
        };
        needs.iter().enumerate().map(step).collect()
    }

    /// The next step of the one lane that has room.
    fn take(schedule: &mut Schedule, lane: usize) -> Option<usize> {
        schedule.take(|one| one == lane).map(|(at, _)| at)
    }

    #[test]
    fn the_longest_chain_goes_first() {
        // 0 alone; 1 -> 2 -> 3.
        let steps = steps(&[&[], &[], &[1], &[2]]);
        let mut schedule = Schedule::new(&steps, |_| Duration::from_secs(1), vec![0; steps.len()]);
        assert_eq!(schedule.longest(), Duration::from_secs(3));
        assert_eq!((take(&mut schedule, 0), take(&mut schedule, 0), take(&mut schedule, 0)), (Some(1), Some(0), None));
        schedule.done(1);
        assert_eq!(take(&mut schedule, 0), Some(2));
    }

    #[test]
    fn a_lane_without_room_is_passed_by() {
        // 0 -> 2 in one lane, 1 in another.
        let steps = steps(&[&[], &[], &[0]]);
        let mut schedule = Schedule::new(&steps, |_| Duration::from_secs(1), vec![0, 1, 0]);
        assert_eq!((take(&mut schedule, 1), take(&mut schedule, 1)), (Some(1), None));
        assert_eq!(schedule.take(|_| true), Some((0, 0)));
        schedule.done(0);
        assert_eq!(schedule.take(|_| false), None);
        assert_eq!(schedule.take(|_| true), Some((2, 0)));
    }

    #[test]
    fn what_is_behind_a_failure_is_skipped_and_the_rest_goes_on() {
        let steps = steps(&[&[], &[0], &[1], &[], &[3, 2]]);
        let mut schedule = Schedule::new(&steps, |_| Duration::from_secs(1), vec![0; steps.len()]);
        assert_eq!(take(&mut schedule, 0), Some(0));
        schedule.failed(0);
        assert_eq!(take(&mut schedule, 0), Some(3));
        schedule.done(3);
        assert_eq!(take(&mut schedule, 0), None);
        assert_eq!(schedule.skipped(), [1, 2, 4].into());
    }
}
