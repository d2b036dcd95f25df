//! `required_version`: whether this tool may be used.

use crate::diagnostic::{Diagnostic, Span};

/// The version of the Terraform language that glaz follows.
pub(super) const LANGUAGE_VERSION: &str = "1.11.4";

type Version = [u64; 3];

/// The problem with a version constraint, if there is one.
pub(super) fn check(constraint: &str, span: Span) -> Option<Diagnostic> {
    if constraint.contains('-') {
        let detail =
            "glaz follows a released version of Terraform, so that a constraint on a pre-release makes no sense.";
        return Some(Diagnostic::error("Invalid required_version constraint", detail).at(span));
    }
    match satisfies(LANGUAGE_VERSION, constraint) {
        Some(true) => None,
        Some(false) => Some(
            Diagnostic::error(
                "Unsupported Terraform Core version",
                format!(
                    "This module asks for Terraform {constraint}, and glaz follows Terraform {LANGUAGE_VERSION}. Change the \
                     constraint if the module is known to work with that version."
                ),
            )
            .at(span),
        ),
        None => Some(
            Diagnostic::error(
                "Invalid version constraint",
                format!("\"{constraint}\" is no version constraint. One looks like \">= 1.5, < 2.0\" or \"~> 1.5\"."),
            )
            .at(span),
        ),
    }
}

/// Whether the version satisfies every part of the constraint; `None` when it is none.
pub(super) fn satisfies(version: &str, constraint: &str) -> Option<bool> {
    let (version, _) = parse(version)?;
    let mut all = true;
    for part in constraint.split(',') {
        let part = part.trim();
        let digits = part.find(|c: char| c.is_ascii_digit() || c == 'v')?;
        let (operator, bound) = part.split_at(digits);
        let (bound, given) = parse(bound.trim())?;
        all &= match operator.trim() {
            "" | "=" => version == bound,
            "!=" => version != bound,
            ">" => version > bound,
            ">=" => version >= bound,
            "<" => version < bound,
            "<=" => version <= bound,
            "~>" => version >= bound && version[..given.max(2) - 1] == bound[..given.max(2) - 1],
            _ => return None,
        };
    }
    Some(all)
}

/// Numbers of a version, and how many were given. What follows a hyphen or plus is left aside.
fn parse(text: &str) -> Option<(Version, usize)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let core = text.split(['-', '+']).next()?;
    let numbers: Vec<u64> = core.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let mut version = [0; 3];
    for (slot, number) in version.iter_mut().zip(&numbers) {
        *slot = *number;
    }
    (numbers.len() <= 3).then_some((version, numbers.len()))
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    #[test]
    fn constraints() {
        for (constraint, expected) in [
            (">= 1.5", Some(true)),
            ("~> 1.5", Some(true)),
            ("~> 1.5.0", Some(false)),
            ("~> 1.11.0", Some(true)),
            (">= 1.5, < 1.10", Some(false)),
            ("1.11.4", Some(true)),
            ("!= 1.11.4", Some(false)),
            ("newest", None),
            ("=> 1", None),
            ("", None),
        ] {
            assert_eq!(satisfies("1.11.4", constraint), expected, "{constraint}");
        }
    }
}
