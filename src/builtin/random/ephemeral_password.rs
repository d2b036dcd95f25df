//! `random_password`, ephemeral: a password that nothing remembers.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs/ephemeral-resources/password>

use super::text::{self, Kinds};
use crate::builtin::ephemeral::Ephemeral;
use crate::clock::Clock;
use crate::model;
use crate::resource::{Draft, Error, Problems};

model! {
    /// A password that nothing remembers: another one each time it is opened.
    pub struct Args {
        /// A bcrypt hash of the password.
        bcrypt_hash: Option<String> = computed().sensitive(),
        /// Number of characters.
        length: i64 = required().range(1, 1_000_000),
        /// Whether lower case letters may occur.
        lower: Option<bool> = optional_computed(),
        /// Fewest lower case letters.
        min_lower: Option<i64> = optional_computed().range(0, 1_000_000),
        /// Fewest digits.
        min_numeric: Option<i64> = optional_computed().range(0, 1_000_000),
        /// Fewest special characters.
        min_special: Option<i64> = optional_computed().range(0, 1_000_000),
        /// Fewest upper case letters.
        min_upper: Option<i64> = optional_computed().range(0, 1_000_000),
        /// Whether digits may occur.
        numeric: Option<bool> = optional_computed(),
        /// Special characters to draw from, in place of the usual ones.
        override_special: Option<String> = optional(),
        /// The password.
        result: Option<String> = computed().sensitive(),
        /// Whether special characters may occur.
        special: Option<bool> = optional_computed(),
        /// Whether upper case letters may occur.
        upper: Option<bool> = optional_computed(),
    }
}

/// The type.
pub struct RandomPassword;

impl Ephemeral for RandomPassword {
    type Model = Args;

    const TYPE: &'static str = "random_password";

    fn check(want: &Draft, found: &mut Problems) {
        let minimum = |key| want.said(key).unwrap_or(0i64);
        let minima = minimum(Args::min_lower)
            + minimum(Args::min_upper)
            + minimum(Args::min_numeric)
            + minimum(Args::min_special);
        if want.known(Args::length).is_some_and(|length| length < minima) {
            found.at(Args::length, format!("The minima add up to {minima} characters. Make `length` at least that."));
        }
        if [Args::lower, Args::upper, Args::numeric, Args::special].iter().all(|key| want.said(*key) == Some(false)) {
            found.whole("No kind of character is left. Allow `lower`, `upper`, `numeric` or `special`.");
        }
    }

    fn open(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        for allowed in [&mut want.lower, &mut want.upper, &mut want.numeric, &mut want.special] {
            allowed.get_or_insert(true);
        }
        for minimum in [&mut want.min_lower, &mut want.min_upper, &mut want.min_numeric, &mut want.min_special] {
            minimum.get_or_insert(0);
        }
        let kinds = Kinds {
            lower: (want.lower, want.min_lower),
            upper: (want.upper, want.min_upper),
            numeric: (want.numeric, want.min_numeric),
            special: (want.special, want.min_special),
            override_special: want.override_special.as_deref(),
        };
        let password = text::characters(clock, want.length, &kinds.classes())?;
        want.bcrypt_hash = Some(text::bcrypt_hash(&password)?);
        want.result = Some(password);
        Ok(())
    }
}
