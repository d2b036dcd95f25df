//! Which step is next: among those whose needs are done, the one with the longest chain behind it. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::time::Duration;

use crate::plan::steps::Step;

/// The state of a run: what is ready, what waits for what.
#[derive(Debug)]
pub struct Schedule {
    ready: BinaryHeap<(Duration, Reverse<usize>)>,
    waiting: Vec<usize>,
    after: Vec<Vec<usize>>,
    remaining: Vec<Duration>,
    skipped: BTreeSet<usize>,
}

impl Schedule {
    /// A schedule of steps that are ordered so that each follows what it needs; `time` is how long one takes.
    pub fn new(steps: &[Step], time: impl Fn(&Step) -> Duration) -> Self {
        let mut after = vec![Vec::new(); steps.len()];
        for (at, step) in steps.iter().enumerate() {
            step.needs.iter().for_each(|&first| after[first].push(at));
        }
        let mut remaining = vec![Duration::ZERO; steps.len()];
        for at in (0..steps.len()).rev() {
            let behind = after[at].iter().map(|&next: &usize| remaining[next]).max().unwrap_or_default();
            remaining[at] = time(&steps[at]) + behind;
        }
        let waiting: Vec<usize> = steps.iter().map(|step| step.needs.len()).collect();
        let ready = (0..steps.len()).filter(|&at| waiting[at] == 0).map(|at| (remaining[at], Reverse(at))).collect();
        Self { ready, waiting, after, remaining, skipped: BTreeSet::new() }
    }

    /// The next step to start, if one is ready.
    pub fn take(&mut self) -> Option<usize> {
        self.ready.pop().map(|(_, Reverse(at))| at)
    }

    /// The step is done: what waited only for it becomes ready.
    pub fn done(&mut self, step: usize) {
        for &next in &self.after[step] {
            self.waiting[next] -= 1;
            if self.waiting[next] == 0 && !self.skipped.contains(&next) {
                self.ready.push((self.remaining[next], Reverse(next)));
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
    pub fn skipped(&self) -> &BTreeSet<usize> {
        &self.skipped
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
        };
        needs.iter().enumerate().map(step).collect()
    }

    #[test]
    fn the_longest_chain_goes_first() {
        // 0 alone; 1 -> 2 -> 3.
        let steps = steps(&[&[], &[], &[1], &[2]]);
        let mut schedule = Schedule::new(&steps, |_| Duration::from_secs(1));
        assert_eq!(schedule.longest(), Duration::from_secs(3));
        assert_eq!((schedule.take(), schedule.take(), schedule.take()), (Some(1), Some(0), None));
        schedule.done(1);
        assert_eq!(schedule.take(), Some(2));
    }

    #[test]
    fn what_is_behind_a_failure_is_skipped_and_the_rest_goes_on() {
        let steps = steps(&[&[], &[0], &[1], &[], &[3, 2]]);
        let mut schedule = Schedule::new(&steps, |_| Duration::from_secs(1));
        assert_eq!(schedule.take(), Some(0));
        schedule.failed(0);
        assert_eq!(schedule.take(), Some(3));
        schedule.done(3);
        assert_eq!(schedule.take(), None);
        assert_eq!(schedule.skipped(), &[1, 2, 4].into());
    }
}
