//! Numbers as Terraform computes and prints them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A number of the language.
#[derive(Clone, Debug)]
pub struct Number(f64);

/// The text is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number is required")]
pub struct BadNumber;

impl Number {
    /// The whole number, when it is one that fits.
    #[allow(clippy::cast_possible_truncation)]
    pub fn to_i64(&self) -> Option<i64> {
        (self.0.fract() == 0.0).then_some(self.0 as i64)
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        self.0
    }

    /// From a finite double.
    pub fn from_f64(number: f64) -> Self {
        Self(number)
    }
}

impl From<i64> for Number {
    #[allow(clippy::cast_precision_loss)]
    fn from(number: i64) -> Self {
        Self(number as f64)
    }
}

impl FromStr for Number {
    type Err = BadNumber;

    fn from_str(text: &str) -> Result<Self, BadNumber> {
        text.parse().map(Self).map_err(|_| BadNumber)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}
