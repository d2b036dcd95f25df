//! `random_integer`: a whole number between two others.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/integer>

use std::collections::BTreeMap;

use super::draw;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::{Draft, Error, Problems};

model! {
    /// A whole number between two others.
    pub struct Args {
        /// The number as text.
        id: Option<String> = computed(),
        /// Values whose change draws anew.
        keepers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// Largest number, included.
        max: i64 = required().force_new(),
        /// Smallest number, included.
        min: i64 = required().force_new(),
        /// The number.
        result: Option<i64> = computed(),
        /// Text that decides the number; the same seed gives the same one.
        seed: Option<String> = optional().force_new(),
    }
}

/// The type.
pub struct RandomInteger;

impl Local for RandomInteger {
    type Model = Args;

    const TYPE: &'static str = "random_integer";

    fn check(want: &Draft, found: &mut Problems) {
        if let (Some(min), Some(max)) = (want.known(Args::min), want.known(Args::max))
            && min > max
        {
            found.at(Args::max, format!("`max` is {max} and `min` is {min}. Make `max` at least as large as `min`."));
        }
    }

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let seeded = draw::seeded(want.seed.as_deref());
        let span = want.max.abs_diff(want.min);
        let above = match span.checked_add(1) {
            Some(bound) => draw::below(seeded.as_ref().unwrap_or(clock), bound)?,
            None => u64::from_le_bytes(draw::bytes(clock, 8)?.try_into().unwrap_or_default()),
        };
        let result = want.min.wrapping_add_unsigned(above);
        want.id = Some(result.to_string());
        want.result = Some(result);
        Ok(())
    }

    /// `result,min,max[,seed]`.
    fn import(text: &str) -> Result<Args, Error> {
        let form =
            || Error::local("import", format!("\"{text}\" is not of the form result,min,max or result,min,max,seed."));
        let parts: Vec<&str> = text.split(',').collect();
        let number = |at: usize| parts.get(at).and_then(|part| part.trim().parse::<i64>().ok()).ok_or_else(form);
        let (result, min, max) = (number(0)?, number(1)?, number(2)?);
        let seed = parts.get(3).map(|seed| (*seed).to_owned());
        Ok(Args { id: Some(result.to_string()), result: Some(result), min, max, seed, keepers: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_and_bounds_hold() {
        let clock = Clock::system();
        let draw = || {
            let mut args = Args { min: -3, max: 3, seed: Some("s".into()), ..Args::default() };
            assert!(RandomInteger::make(&mut args, &clock).is_ok());
            args.result
        };
        assert_eq!(draw(), draw());
        assert!(draw().is_some_and(|drawn| (-3..=3).contains(&drawn)));
        assert!(RandomInteger::import("2,1,5").is_ok_and(|args| args.result == Some(2) && args.max == 5));
    }
}
