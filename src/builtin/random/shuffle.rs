//! `random_shuffle`: texts in random order.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/shuffle>

use std::collections::BTreeMap;

use super::draw;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;

model! {
    /// Texts in random order.
    pub struct Args {
        /// Always `-`.
        id: Option<String> = computed(),
        /// The texts.
        input: Vec<String> = required().force_new(),
        /// Values whose change draws anew.
        keepers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// How many texts to give; as many as there are when left out. More than that repeats them.
        result_count: Option<i64> = optional().force_new().range(0, 1_000_000),
        /// Text that decides the order; the same seed gives the same one.
        seed: Option<String> = optional().force_new(),
        /// The texts in random order.
        result: Option<Vec<String>> = computed(),
    }
}

/// The type.
pub struct RandomShuffle;

impl Local for RandomShuffle {
    type Model = Args;

    const TYPE: &'static str = "random_shuffle";

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let seeded = draw::seeded(want.seed.as_deref());
        let count = want.result_count.map_or(want.input.len(), |count| usize::try_from(count).unwrap_or_default());
        let mut result: Vec<String> = Vec::with_capacity(count);
        while result.len() < count && !want.input.is_empty() {
            let mut round = want.input.clone();
            draw::shuffle(seeded.as_ref().unwrap_or(clock), &mut round)?;
            round.truncate(count - result.len());
            result.append(&mut round);
        }
        want.id = Some("-".to_owned());
        want.result = Some(result);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn made(count: Option<i64>, seed: Option<&str>) -> Vec<String> {
        let input = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let mut args = Args { input, result_count: count, seed: seed.map(str::to_owned), ..Args::default() };
        RandomShuffle::make(&mut args, &Clock::pinned(Duration::ZERO, 3)).unwrap();
        args.result.unwrap()
    }

    #[test]
    fn each_text_comes_once_a_round() {
        let mut all = made(None, None);
        all.sort();
        assert_eq!(all, ["a", "b", "c", "d"]);
        assert_eq!(made(Some(2), None).len(), 2);
        assert!(made(Some(0), None).is_empty());
        let mut twice = made(Some(8), Some("s"));
        assert_eq!(twice, made(Some(8), Some("s")));
        twice.sort();
        assert_eq!(twice, ["a", "a", "b", "b", "c", "c", "d", "d"]);
    }
}
