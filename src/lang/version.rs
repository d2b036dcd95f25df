//! Versions and version constraints, with Terraform's syntax and matching.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions/version-constraints>. How numbers, pre-releases and
//! `~>` compare was taken from the answers of Terraform 1.11.4: a constraint of a single number such as `~> 1` has no
//! upper bound, for example.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

use crate::diagnostic::{Diagnostic, Span};

/// The version of the Terraform language that glaz follows.
pub const LANGUAGE_VERSION: &str = "1.11.4";

/// A version, such as `1.2.3-beta.1+build`.
#[derive(Clone, Debug)]
pub struct Version {
    /// At least three; numbers that were left out are zero.
    numbers: Vec<u64>,
    /// How many numbers were written.
    given: usize,
    /// After the hyphen, empty for a release.
    prerelease: String,
    /// After the plus sign; says nothing about the order.
    metadata: String,
}

/// Not a version, or not a version constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

const VERSION: &str = r"v?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?P<pre>-[0-9]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*|-?[A-Za-z~-]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)?(?:\+(?P<meta>[0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*))?";

impl FromStr for Version {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("^(?:{VERSION})$")).ok());
        let parts = WHOLE.as_ref().and_then(|whole| whole.captures(text)).ok_or(Malformed)?;
        let numbers: Vec<u64> = parts["numbers"]
            .split('.')
            .map(|number| number.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok()))
            .collect::<Option<_>>()
            .ok_or(Malformed)?;
        let part = |name: &str| parts.name(name).map_or("", |found| found.as_str()).to_owned();
        let prerelease = part("pre");
        let prerelease = prerelease.strip_prefix('-').filter(|rest| !rest.is_empty()).unwrap_or(&prerelease).to_owned();
        let given = numbers.len();
        let mut numbers = numbers;
        numbers.resize(given.max(3), 0);
        Ok(Self { numbers, given, prerelease, metadata: part("meta") })
    }
}

/// In the canonical form: at least three numbers.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(ToString::to_string).collect();
        f.write_str(&numbers.join("."))?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By numbers, then pre-releases before the release. What follows a plus sign says nothing about the order.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare_numbers(other).then_with(|| match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
        })
    }
}

impl Version {
    /// Whether it comes before the release of the same numbers.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    fn number(&self, at: usize) -> u64 {
        self.numbers.get(at).copied().unwrap_or(0)
    }

    fn compare_numbers(&self, other: &Self) -> Ordering {
        let longest = self.numbers.len().max(other.numbers.len());
        let numbers = |version: &Self| -> Vec<u64> { (0..longest).map(|at| version.number(at)).collect() };
        numbers(self).cmp(&numbers(other))
    }
}

/// Part by part: numbers by value and before words, words by their letters, fewer parts before more.
fn compare_prereleases(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<i64>(), b.parse::<i64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pessimistic,
}

/// What versions are wanted: parts joined by commas, which must all hold.
#[derive(Clone, Debug, Default)]
pub struct Constraint {
    parts: Vec<(Operator, Version)>,
    text: String,
}

impl FromStr for Constraint {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(&format!(r"^\s*(?P<operator>|=|!=|>|<|>=|<=|~>)\s*(?P<version>{VERSION})\s*$")).ok()
        });
        let part = |text: &str| {
            let found = PART.as_ref().and_then(|part| part.captures(text)).ok_or(Malformed)?;
            let operator = match &found["operator"] {
                "!=" => Operator::NotEqual,
                ">" => Operator::Greater,
                ">=" => Operator::GreaterOrEqual,
                "<" => Operator::Less,
                "<=" => Operator::LessOrEqual,
                "~>" => Operator::Pessimistic,
                _ => Operator::Equal,
            };
            Ok((operator, found["version"].parse()?))
        };
        let parts = text.split(',').map(part).collect::<Result<_, _>>()?;
        Ok(Self { parts, text: text.to_owned() })
    }
}

/// As it was written.
impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Constraint {
    /// Whether the version satisfies every part.
    pub fn allows(&self, version: &Version) -> bool {
        self.parts.iter().all(|(operator, bound)| holds(*operator, version, bound))
    }

    /// Whether a module of this version may be chosen: as [`allows`](Self::allows), but a pre-release only when it is
    /// asked for exactly.
    pub fn chooses(&self, version: &Version) -> bool {
        let is_named = || self.parts.iter().any(|(operator, bound)| *operator == Operator::Equal && bound == version);
        self.allows(version) && (!version.is_prerelease() || is_named())
    }

    /// Whether a part names a pre-release.
    fn names_a_prerelease(&self) -> bool {
        self.parts.iter().any(|(_, bound)| bound.is_prerelease())
    }
}

fn holds(operator: Operator, version: &Version, bound: &Version) -> bool {
    let comparable = match (version.is_prerelease(), bound.is_prerelease()) {
        (true, true) => version.compare_numbers(bound) == Ordering::Equal,
        (true, false) => false,
        (false, _) => true,
    };
    match operator {
        Operator::Equal => version == bound,
        Operator::NotEqual => version != bound,
        Operator::Greater => comparable && version > bound,
        Operator::GreaterOrEqual => comparable && version >= bound,
        Operator::Less => comparable && version < bound,
        Operator::LessOrEqual => comparable && version <= bound,
        Operator::Pessimistic => {
            comparable
                && version.is_prerelease() == bound.is_prerelease()
                && version >= bound
                && version.numbers.len() >= bound.numbers.len()
                && (0..bound.given - 1).all(|at| version.number(at) == bound.number(at))
                && version.number(bound.numbers.len() - 1) >= bound.number(bound.numbers.len() - 1)
        }
    }
}

/// "Invalid version constraint", for text that is none.
pub(super) fn malformed(text: &str, span: Span) -> Diagnostic {
    let detail = format!("\"{text}\" is no version constraint. One looks like \">= 1.5, < 2.0\" or \"~> 1.5\".");
    Diagnostic::error("Invalid version constraint", detail).at(span)
}

/// The problem with a `required_version`, if there is one.
pub(super) fn check(constraint: &str, span: Span) -> Option<Diagnostic> {
    let Ok(wanted) = constraint.parse::<Constraint>() else { return Some(malformed(constraint, span)) };
    if wanted.names_a_prerelease() {
        let detail = "glaz follows a released version of Terraform, so that a constraint on a pre-release makes no sense. \
                      Remove what follows the numbers.";
        return Some(Diagnostic::error("Invalid required_version constraint", detail).at(span));
    }
    if LANGUAGE_VERSION.parse::<Version>().is_ok_and(|version| wanted.allows(&version)) {
        return None;
    }
    let detail = format!(
        "This module asks for Terraform {constraint}, and glaz follows Terraform {LANGUAGE_VERSION}. Change the constraint if \
         the module is known to work with that version."
    );
    Some(Diagnostic::error(UNSUPPORTED, detail).at(span))
}

const UNSUPPORTED: &str = "Unsupported Terraform Core version";

/// Whether the problem is that `required_version` asks for another version: then everything else can be read.
pub fn is_about_version(problem: &Diagnostic) -> bool {
    problem.summary == UNSUPPORTED
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { file: 0, start: 0, end: 0 };

    /// Answers of Terraform 1.11.4 to `required_version`.
    #[test]
    fn required_versions() {
        let (unsupported, invalid) = (Some("Unsupported Terraform Core version"), Some("Invalid version constraint"));
        let prerelease = Some("Invalid required_version constraint");
        for (constraint, expected) in [
            ("~> 1", None),
            ("~> 0", None),
            ("~> 2", unsupported),
            ("~> 1.11.4.0", unsupported),
            ("~> 1.11.3.9", unsupported),
            ("~>1.11", None),
            ("~> 1.10", None),
            ("~> 1.10.0", unsupported),
            ("1.11", unsupported),
            ("1.11.4.0", None),
            ("1.11.4.1", unsupported),
            ("= v1.11.4", None),
            (">= 1.0 , < 2.0.0.0", None),
            ("  >=1.0 ,<  3  ", None),
            ("> 1.11.3+x", None),
            (">= 1.11.4+build", None),
            (">= 01.1", None),
            ("!= 1.11.4", unsupported),
            ("!=1.11.4-beta", prerelease),
            (">= 1.11.4-", prerelease),
            (">= 1.11.4alpha", prerelease),
            ("1.11.4-alpha", prerelease),
            ("== 1.11.4", invalid),
            ("=> 1.0", invalid),
            (">=1.0 <2", invalid),
            (">= 1.0,", invalid),
            (",>= 1.0", invalid),
            (">= 1.x", invalid),
            (">= 99999999999999999999", invalid),
            ("1..2", invalid),
            ("^1.2", invalid),
            ("*", invalid),
            ("", invalid),
        ] {
            let found = check(constraint, SPAN).map(|problem| problem.summary.into_owned());
            assert_eq!(found.as_deref(), expected, "{constraint}");
        }
    }

    #[test]
    fn order() {
        let sorted = [
            "0.9",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta",
            "1",
            "1.0.1",
            "1.10",
        ];
        for pair in sorted.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|text| text.parse::<Version>().expect("a version"));
            assert!(a < b, "{a} {b}");
        }
        assert_eq!("1.0+a".parse::<Version>(), "v1.0.0+b".parse::<Version>());
        assert_eq!("v1.2-rc1+m".parse::<Version>().expect("a version").to_string(), "1.2.0-rc1+m");
    }

    #[test]
    fn prereleases_are_chosen_only_by_name() {
        for (constraint, version, expected) in [
            (">= 1.0", "1.1.0-beta", false),
            ("1.1.0-beta", "1.1.0-beta", true),
            (">= 1.1.0-alpha", "1.1.0-beta", false),
            ("~> 1.0", "1.9.0", true),
            ("~> 1.0", "2.0.0", false),
            ("~> 1.0.3", "1.0.9", true),
            ("~> 1.0.3", "1.1.0", false),
            ("!= 1.0", "1.1.0-beta", false),
        ] {
            let wanted: Constraint = constraint.parse().expect("a constraint");
            assert_eq!(wanted.chooses(&version.parse().expect("a version")), expected, "{constraint} {version}");
        }
    }
}
