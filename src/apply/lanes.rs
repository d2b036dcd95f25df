//! How many steps run at a time: `-parallelism`, in which steps whose calls travel together count as one. Pure.

/// The lane of steps that have nothing to share.
pub const CALLS: usize = 0;
/// The lane of steps that call nobody.
pub const QUICK: usize = 1;

/// How many more steps run at a time that call nobody: they only wait for the disk, and share its syncs. Each takes some
/// ten kilobytes meanwhile.
const QUICK_TIMES: usize = 20;

/// Lanes by number: how many steps are under way in each, and whether there is room for another.
#[derive(Debug)]
pub struct Lanes {
    parallelism: usize,
    /// By lane, how many of its steps count as one.
    together: Vec<usize>,
    under_way: Vec<usize>,
}

impl Lanes {
    /// The lanes of [`CALLS`] and [`QUICK`], and behind them one for each of `together`: how many of its steps count as
    /// one.
    pub fn new(parallelism: usize, together: impl Iterator<Item = usize>) -> Self {
        let together: Vec<usize> = [1, 1].into_iter().chain(together.map(|steps| steps.max(1))).collect();
        Self { parallelism: parallelism.max(1), under_way: vec![0; together.len()], together }
    }

    /// Whether another step may start in the lane.
    pub fn has_room(&self, lane: usize) -> bool {
        let (under_way, together) = (self.under_way[lane], self.together[lane]);
        if lane == QUICK {
            return under_way < self.parallelism.saturating_mul(QUICK_TIMES);
        }
        under_way % together != 0 || self.taken() < self.parallelism
    }

    /// How much of the parallelism is taken.
    fn taken(&self) -> usize {
        let lanes = self.under_way.iter().zip(&self.together).enumerate();
        lanes.filter(|(lane, _)| *lane != QUICK).map(|(_, (under_way, together))| under_way.div_ceil(*together)).sum()
    }

    /// A step has started.
    pub fn start(&mut self, lane: usize) {
        self.under_way[lane] += 1;
    }

    /// A step has ended.
    pub fn end(&mut self, lane: usize) {
        self.under_way[lane] -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many more start in the lane.
    fn fill(lanes: &mut Lanes, lane: usize) -> usize {
        (0..1000).take_while(|_| lanes.has_room(lane).then(|| lanes.start(lane)).is_some()).count()
    }

    #[test]
    fn steps_that_travel_together_count_as_one() {
        let mut lanes = Lanes::new(3, [100].into_iter());
        assert_eq!(fill(&mut lanes, CALLS), 3);
        assert_eq!(fill(&mut lanes, 2), 0);
        lanes.end(CALLS);
        assert_eq!((fill(&mut lanes, 2), fill(&mut lanes, CALLS)), (100, 0));
        // The other 99 still take a place.
        lanes.end(2);
        assert_eq!((fill(&mut lanes, CALLS), fill(&mut lanes, 2)), (0, 1));
        lanes.end(CALLS);
        assert_eq!(fill(&mut lanes, 2), 100);
        assert_eq!(fill(&mut lanes, QUICK), 60);
    }

    #[test]
    fn at_least_one_runs() {
        let mut lanes = Lanes::new(0, [].into_iter());
        assert_eq!((fill(&mut lanes, CALLS), fill(&mut lanes, QUICK)), (1, 20));
    }
}
