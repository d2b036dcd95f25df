//! What a rule is, and what it finds.

use super::stack::{Place, Stack};
use crate::diagnostic::{Diagnostic, Severity};
use crate::plan::Change;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its number, such as `K03`.
    pub code: &'static str,
    /// Its name, such as `container-port`.
    pub name: &'static str,
    /// Headline of what it finds.
    pub summary: &'static str,
    /// Its documentation as it stands in the source, with a blank before every line.
    pub(super) documentation: &'static str,
    pub(super) check: fn(&Stack<'_>, &mut Findings),
}

impl Rule {
    /// Its documentation: what goes wrong, why, what to do.
    pub fn explanation(&self) -> String {
        let lines = self.documentation.trim_end().lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Whether a person means this rule: number or name, in any case.
    pub fn is_called(&self, text: &str) -> bool {
        self.code.eq_ignore_ascii_case(text) || self.name.eq_ignore_ascii_case(text)
    }
}

/// Declares the rule of a file: its documentation, number, name, headline and function.
macro_rules! rule {
    ($(#[doc = $doc:literal])* $code:literal $name:literal $summary:literal $check:path) => {
        $(#[doc = $doc])*
        pub(super) const RULE: $crate::preflight::Rule = $crate::preflight::Rule {
            code: $code,
            name: $name,
            summary: $summary,
            documentation: concat!($($doc, "\n"),*),
            check: $check,
        };
    };
}
pub(super) use rule;

/// What a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What, why, what to do, and where.
    pub diagnostic: Diagnostic,
}

/// What was found so far.
#[derive(Debug, Default)]
pub struct Findings {
    pub(super) all: Vec<Finding>,
    rule: Option<&'static Rule>,
}

impl Findings {
    pub(super) fn run(&mut self, rule: &'static Rule, stack: &Stack<'_>) {
        self.rule = Some(rule);
        (rule.check)(stack, self);
    }

    /// It cannot work: AWS will refuse it, or tasks will not come up.
    pub(super) fn error(&mut self, place: &Place<'_>, text: impl Into<String>) {
        self.push(Severity::Error, place, text.into());
    }

    /// It can work, and most often is not meant.
    pub(super) fn warning(&mut self, place: &Place<'_>, text: impl Into<String>) {
        self.push(Severity::Warning, place, text.into());
    }

    /// The same about an object that is to be deleted, which may stand in no file any more.
    pub(super) fn error_of(&mut self, change: &Change, text: String) {
        self.add(Severity::Error, text, |one| Diagnostic { subject: change.span, ..one }.about(&change.address));
    }

    /// The same as a warning.
    pub(super) fn warning_of(&mut self, change: &Change, text: String) {
        self.add(Severity::Warning, text, |one| Diagnostic { subject: change.span, ..one }.about(&change.address));
    }

    /// It cannot work, if what can be seen is all there is: an error when that is certain, else a warning.
    pub(super) fn judge(&mut self, is_certain: bool, place: &Place<'_>, text: impl Into<String>) {
        let severity = if is_certain { Severity::Error } else { Severity::Warning };
        self.push(severity, place, text.into());
    }

    fn push(&mut self, severity: Severity, place: &Place<'_>, text: String) {
        self.add(severity, text, |one| one.at(place.span()).within(place.header()).about(place.address()));
    }

    fn add(&mut self, severity: Severity, text: String, placed: impl FnOnce(Diagnostic) -> Diagnostic) {
        let Some(rule) = self.rule else { return };
        let diagnostic = match severity {
            Severity::Error => Diagnostic::error(rule.summary, text),
            Severity::Warning => Diagnostic::warning(rule.summary, text),
        };
        let help = format!("glaz check -explain {} says more.", rule.code);
        let diagnostic = placed(diagnostic).help(help);
        let is_known = |one: &Finding| one.diagnostic == diagnostic;
        if !self.all.iter().any(is_known) {
            self.all.push(Finding { rule, diagnostic });
        }
    }
}
