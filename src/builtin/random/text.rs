//! `random_string` and `random_password`: random characters; the password is sensitive everywhere.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password>

use std::collections::BTreeMap;

use super::draw;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::{Draft, Error, Problems};

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// Declares the two types, which differ in what is sensitive and in the id.
macro_rules! text_type {
    ($args:ident, $name:ident, $type:literal, $version:literal, $about:literal, $result:expr, [$($extra:tt)*]) => {
        model! {
            #[doc = $about]
            pub struct $args {
                /// Identifier.
                id: Option<String> = computed(),
                /// Number of characters, at least 1 and at least the sum of the minima.
                length: i64 = required().force_new().range(1, 1_000_000),
                /// Values whose change draws anew.
                keepers: Option<BTreeMap<String, String>> = optional().force_new(),
                /// Whether lower-case letters may appear.
                lower: Option<bool> = optional().force_new().default(Lit::Bool(true)),
                /// Fewest lower-case letters.
                min_lower: Option<i64> = optional().force_new().default(Lit::Int(0)).range(0, 1_000_000),
                /// Fewest digits.
                min_numeric: Option<i64> = optional().force_new().default(Lit::Int(0)).range(0, 1_000_000),
                /// Fewest special characters.
                min_special: Option<i64> = optional().force_new().default(Lit::Int(0)).range(0, 1_000_000),
                /// Fewest upper-case letters.
                min_upper: Option<i64> = optional().force_new().default(Lit::Int(0)).range(0, 1_000_000),
                /// Whether digits may appear; the old name of `numeric`.
                number: Option<bool> = optional_computed().force_new().deprecated("use `numeric`."),
                /// Whether digits may appear.
                numeric: Option<bool> = optional_computed().force_new(),
                /// Special characters to use instead of the usual ones.
                override_special: Option<String> = optional().force_new(),
                /// The characters that were drawn.
                result: Option<String> = $result,
                /// Whether special characters may appear.
                special: Option<bool> = optional().force_new().default(Lit::Bool(true)),
                /// Whether upper-case letters may appear.
                upper: Option<bool> = optional().force_new().default(Lit::Bool(true)),
                $($extra)*
            }
        }

        /// The type.
        pub struct $name;

        impl $name {
            fn kinds(args: &$args) -> Kinds<'_> {
                Kinds {
                    lower: (args.lower, args.min_lower),
                    upper: (args.upper, args.min_upper),
                    numeric: (args.numeric, args.min_numeric),
                    special: (args.special, args.min_special),
                    override_special: args.override_special.as_deref(),
                }
            }
        }

        impl Local for $name {
            type Model = $args;

            const TYPE: &'static str = $type;
            const SCHEMA_VERSION: u64 = $version;

            fn check(want: &Draft, found: &mut Problems) {
                let minimum = |key| want.known(key).unwrap_or(0i64);
                let minima = minimum($args::min_lower) + minimum($args::min_upper) + minimum($args::min_numeric) + minimum($args::min_special);
                if want.known($args::length).is_some_and(|length| length < minima) {
                    found.at($args::length, format!("The minima add up to {minima} characters. Make `length` at least that."));
                }
                if [$args::lower, $args::upper, $args::numeric, $args::special].iter().all(|key| want.known(*key) == Some(false)) {
                    found.whole("No kind of character is left. Allow `lower`, `upper`, `numeric` or `special`.");
                }
            }

            fn revise(want: &mut Draft) {
                // Two names for one thing: what is given for one holds for the other.
                let given = want.known($args::numeric).or(want.known($args::number)).unwrap_or(true);
                let numeric = if want.is_set($args::numeric) { want.known($args::numeric) } else { None };
                let number = if want.is_set($args::number) { want.known($args::number) } else { None };
                let both = numeric.or(number).unwrap_or(if want.is_new() { true } else { given });
                if !want.is_set($args::numeric) {
                    want.set($args::numeric, &Some(both));
                }
                if !want.is_set($args::number) {
                    want.set($args::number, &Some(both));
                }
            }

            fn make(want: &mut $args, clock: &Clock) -> Result<(), Error> {
                let text = characters(clock, want.length, &Self::kinds(want).classes())?;
                Self::keep(want, text)
            }

            fn import(text: &str) -> Result<$args, Error> {
                let length = i64::try_from(text.chars().count()).unwrap_or_default();
                let [lower, upper, numeric, special, number] = [Some(true); 5];
                let zero = Some(0);
                let mut args = $args {
                    length, lower, upper, numeric, special, number,
                    min_lower: zero, min_upper: zero, min_numeric: zero, min_special: zero,
                    ..$args::default()
                };
                Self::keep(&mut args, text.to_owned())?;
                Ok(args)
            }
        }
    };
}

text_type!(StringArgs, RandomString, "random_string", 2, "Random characters.", computed(), []);
text_type!(PasswordArgs, RandomPassword, "random_password", 3, "A random password.", computed().sensitive(), [
    /// Bcrypt hash of the password.
    bcrypt_hash: Option<String> = computed().sensitive(),
]);

impl RandomString {
    #[allow(clippy::unnecessary_wraps)] // the same shape as the password's
    fn keep(args: &mut StringArgs, text: String) -> Result<(), Error> {
        args.id = Some(text.clone());
        args.result = Some(text);
        Ok(())
    }
}

impl RandomPassword {
    fn keep(args: &mut PasswordArgs, text: String) -> Result<(), Error> {
        args.bcrypt_hash = Some(bcrypt_hash(&text)?);
        args.id = Some("none".to_owned());
        args.result = Some(text);
        Ok(())
    }
}

/// Which kinds of characters may be drawn, and how many of each at least.
pub(super) struct Kinds<'a> {
    pub(super) lower: (Option<bool>, Option<i64>),
    pub(super) upper: (Option<bool>, Option<i64>),
    pub(super) numeric: (Option<bool>, Option<i64>),
    pub(super) special: (Option<bool>, Option<i64>),
    /// In place of the usual special characters.
    pub(super) override_special: Option<&'a str>,
}

impl Kinds<'_> {
    /// Whether each kind is allowed, its minimum and its characters.
    pub(super) fn classes(&self) -> [(bool, i64, String); 4] {
        let special = self.override_special.filter(|text| !text.is_empty()).unwrap_or(SPECIAL);
        let class = |(allowed, minimum): (Option<bool>, Option<i64>), text: &str| {
            (allowed != Some(false), minimum.unwrap_or_default(), text.to_owned())
        };
        [class(self.lower, LOWER), class(self.upper, UPPER), class(self.numeric, DIGITS), class(self.special, special)]
    }
}

/// bcrypt takes at most 72 bytes; hashicorp/random hashes the beginning of a longer password too.
pub(super) fn bcrypt_hash(text: &str) -> Result<String, Error> {
    let end = (0..=text.len().min(72)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    let hash = bcrypt::hash(&text[..end], bcrypt::DEFAULT_COST);
    hash.map_err(|error| Error::local("create", format!("The bcrypt hash cannot be made: {error}.")))
}

/// Draws the minimum of each allowed kind, the rest from all allowed kinds, and shuffles.
pub(super) fn characters(clock: &Clock, length: i64, classes: &[(bool, i64, String)]) -> Result<String, Error> {
    let all: Vec<char> =
        classes.iter().filter(|(allowed, ..)| *allowed).flat_map(|(_, _, text)| text.chars()).collect();
    let mut drawn = Vec::new();
    for (_, minimum, text) in classes {
        let kind: Vec<char> = text.chars().collect();
        for _ in 0..*minimum {
            drawn.push(*draw::one_of(clock, &kind)?);
        }
    }
    while i64::try_from(drawn.len()).unwrap_or(i64::MAX) < length {
        drawn.push(*draw::one_of(clock, &all)?);
    }
    draw::shuffle(clock, &mut drawn)?;
    Ok(drawn.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn minima_and_kinds_are_kept() {
        let clock = Clock::pinned(Duration::ZERO, 1);
        let classes =
            [(true, 2, LOWER.into()), (false, 0, UPPER.into()), (true, 3, DIGITS.into()), (false, 0, SPECIAL.into())];
        let text = characters(&clock, 8, &classes).unwrap_or_default();
        assert_eq!(text.chars().count(), 8);
        assert!(text.chars().filter(char::is_ascii_lowercase).count() >= 2);
        assert!(text.chars().filter(char::is_ascii_digit).count() >= 3);
        assert!(text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    }
}
