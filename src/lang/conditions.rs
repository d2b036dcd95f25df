//! Validations, preconditions, postconditions and assertions.

use super::config::Condition;
use super::convert;
use super::desired::CheckStatus;
use super::expr::{Eval, Scope};
use crate::diagnostic::{Diagnostic, Report};
use crate::value::{Type, Value};

/// What kind of condition it is: the words of its messages.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// Summary when it does not hold.
    pub(super) failed: &'static str,
    /// Summary when its result is neither true nor false.
    pub(super) result: &'static str,
    /// Only warn.
    pub(super) warn: bool,
    /// Summary when it cannot be told yet, if that is worth a warning.
    pub(super) open: Option<&'static str>,
}

/// `validation`
pub(super) const VALIDATION: Words = Words {
    failed: "Invalid value for variable",
    result: "Invalid variable validation result",
    warn: false,
    open: None,
};
/// `precondition` of a resource
pub(super) const PRECONDITION: Words =
    Words { failed: "Resource precondition failed", result: "Invalid condition result", warn: false, open: None };
/// `postcondition` of a resource
pub(super) const POSTCONDITION: Words =
    Words { failed: "Resource postcondition failed", result: "Invalid condition result", warn: false, open: None };
/// `precondition` of an output
pub(super) const OUTPUT: Words = Words {
    failed: "Module output value precondition failed",
    result: "Invalid condition result",
    warn: false,
    open: None,
};
/// `assert`
pub(super) const ASSERT: Words = Words {
    failed: "Check block assertion failed",
    result: "Invalid condition result",
    warn: true,
    open: Some("Check block assertion known after apply"),
};

/// How conditions ended.
#[derive(Default)]
pub(super) struct Verdict {
    /// The worst of them; `None` when there are no conditions.
    pub(super) status: Option<CheckStatus>,
    /// Messages of those that do not hold.
    pub(super) messages: Vec<String>,
    /// Problems, including conditions that do not hold.
    pub(super) report: Report,
}

impl Verdict {
    fn worsen(&mut self, status: CheckStatus) {
        let rank = |status: CheckStatus| match status {
            CheckStatus::Pass => 0,
            CheckStatus::Unknown => 1,
            CheckStatus::Fail => 2,
            CheckStatus::Error => 3,
        };
        if self.status.is_none_or(|old| rank(old) < rank(status)) {
            self.status = Some(status);
        }
    }
}

/// Evaluates conditions.
pub(super) fn check(conditions: &[Condition], words: Words, scope: &dyn Scope) -> Verdict {
    let mut verdict = Verdict::default();
    for condition in conditions {
        one(condition, words, scope, &mut verdict);
    }
    verdict
}

fn one(condition: &Condition, words: Words, scope: &dyn Scope, verdict: &mut Verdict) {
    let broken = |detail: &str| Diagnostic::error(words.result, detail.to_owned()).at(condition.condition.span);
    let value = match Eval::new(scope).finish_with(&condition.condition) {
        Ok(value) => value,
        Err(report) => {
            verdict.worsen(CheckStatus::Error);
            return verdict.report.extend(report);
        }
    };
    if value.is_null() {
        verdict.worsen(CheckStatus::Error);
        return verdict.report.push(broken("A condition must be true or false, but this one is null."));
    }
    let Ok(truth) = convert::convert(&value, &Type::Bool) else {
        verdict.worsen(CheckStatus::Error);
        let detail = format!("A condition must be true or false, but this one is {}.", super::expr::kind(&value));
        return verdict.report.push(broken(&detail));
    };
    match truth.as_bool() {
        Some(true) => verdict.worsen(CheckStatus::Pass),
        Some(false) => {
            verdict.worsen(CheckStatus::Fail);
            failed(condition, words, scope, verdict);
        }
        None => {
            verdict.worsen(CheckStatus::Unknown);
            if let Some(summary) = words.open {
                let detail = "The condition depends on values that are known only after apply.";
                verdict.report.push(Diagnostic::warning(summary, detail).at(condition.condition.span));
            }
        }
    }
}

fn failed(condition: &Condition, words: Words, scope: &dyn Scope, verdict: &mut Verdict) {
    let message = message(condition, scope, verdict);
    let problem = |detail: String| {
        if words.warn { Diagnostic::warning(words.failed, detail) } else { Diagnostic::error(words.failed, detail) }
    };
    verdict.report.push(problem(message.clone()).at(condition.condition.span).within(condition.span));
    verdict.messages.push(message);
}

fn message(condition: &Condition, scope: &dyn Scope, verdict: &mut Verdict) -> String {
    const FALLBACK: &str = "The condition does not hold, and its error message cannot be shown.";
    let span = condition.message.span;
    let value = match Eval::new(scope).finish_with(&condition.message) {
        Ok(value) => value,
        Err(report) => {
            verdict.report.extend(report);
            return FALLBACK.into();
        }
    };
    let text = convert::convert(&value, &Type::String).ok().filter(|text| !text.is_null());
    let Some(text) = text else {
        let detail = format!("An error message must be text, but this one is {}.", super::expr::kind(&value));
        verdict.report.push(Diagnostic::error("Invalid error message", detail).at(span));
        return FALLBACK.into();
    };
    let marks = Value::marks_deep(&text);
    if marks.is_sensitive() {
        let detail = "The error message holds a sensitive value and is not shown. Change it so that it does not, or use \
                      nonsensitive() if the value is no secret.";
        verdict.report.push(Diagnostic::warning("Error message refers to sensitive values", detail).at(span));
        return "The error message included a sensitive value, so it will not be displayed.".into();
    }
    text.as_str().map_or_else(|| FALLBACK.into(), |text| text.trim_end().to_owned())
}
