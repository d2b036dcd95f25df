//! Validations, preconditions, postconditions and assertions.

use super::config::Condition;
use super::convert;
use super::desired::CheckStatus;
use super::expr::{Cause, Eval, Scope, explained};
use super::references::mentions;
use super::scope::NO_SELF;
use crate::diagnostic::{Diagnostic, Report};
use crate::value::{Marks, Type};

/// What kind of condition it is: the words of its messages.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// Summary when it does not hold.
    pub(super) failed: &'static str,
    /// Summary when its result is neither true nor false.
    pub(super) result: &'static str,
    /// Only warn.
    pub(super) warn: bool,
    /// Whether to say that a message is hidden because it is sensitive.
    pub(super) say_hidden: bool,
    /// Summary when it cannot be told yet, if that is worth a warning.
    pub(super) open: Option<&'static str>,
}

impl Words {
    /// The same, of a condition that may only warn.
    pub(super) fn warning_if(self, warns: bool) -> Self {
        Self { warn: self.warn || warns, ..self }
    }
}

/// `validation`
pub(super) const VALIDATION: Words = Words {
    failed: "Invalid value for variable",
    result: "Invalid variable validation result",
    warn: false,
    say_hidden: false,
    open: None,
};
/// `precondition` of a resource
pub(super) const PRECONDITION: Words = Words {
    failed: "Resource precondition failed",
    result: "Invalid condition result",
    warn: false,
    say_hidden: true,
    open: None,
};
/// `postcondition` of a resource
pub(super) const POSTCONDITION: Words = Words {
    failed: "Resource postcondition failed",
    result: "Invalid condition result",
    warn: false,
    say_hidden: true,
    open: None,
};
/// `precondition` of an output
pub(super) const OUTPUT: Words = Words {
    failed: "Module output value precondition failed",
    result: "Invalid condition result",
    warn: false,
    say_hidden: true,
    open: None,
};
/// `assert`
pub(super) const ASSERT: Words = Words {
    failed: "Check block assertion failed",
    result: "Invalid condition result",
    warn: true,
    say_hidden: true,
    open: Some("Check block assertion known after apply"),
};

/// Whether a problem says how an `assert` of a `check` block ended.
pub fn is_of_check_block(problem: &Diagnostic) -> bool {
    problem.summary == ASSERT.failed || ASSERT.open.is_some_and(|open| problem.summary == open)
}

/// How conditions ended.
#[derive(Default)]
pub(super) struct Verdict {
    /// The worst of them; `None` when there are no conditions.
    pub(super) status: Option<CheckStatus>,
    /// Messages of those that do not hold.
    pub(super) messages: Vec<String>,
    /// Problems, including conditions that do not hold.
    pub(super) report: Report,
    /// Where the values that the conditions look at come from.
    pub(super) marks: Marks,
}

impl Verdict {
    fn worsen(&mut self, status: CheckStatus) {
        self.status = Some(self.status.map_or(status, |old| old.worse(status)));
    }
}

/// Whether a problem says that the `precondition` of an output does not hold.
pub fn is_of_output(problem: &Diagnostic) -> bool {
    problem.summary == OUTPUT.failed
}

/// Evaluates conditions so far as to see whether they can be; whether they hold does not matter.
pub(super) fn sound(conditions: &[Condition], scope: &dyn Scope) -> Report {
    let mut report = Report::default();
    for condition in conditions {
        for expr in [&condition.condition, &condition.message] {
            let problems = Eval::new(scope).finish_with(expr).err().unwrap_or_default();
            report.0.extend(unknown_self(&problems));
            report.extend(problems);
        }
    }
    report
}

/// As Terraform says it once more: the word `self` where there is no object.
fn unknown_self(problems: &Report) -> Option<Diagnostic> {
    let wrong = problems.0.iter().find(|one| one.summary == NO_SELF)?;
    let detail = "There is no object yet that the word \"self\" could stand for.";
    Some(Diagnostic::error("Unknown variable", detail).at(wrong.subject))
}

/// What is wrong with the names in assertions that a validation does not evaluate.
pub(super) fn misplaced_self(conditions: &[Condition], scope: &dyn Scope) -> Report {
    let mut report = Report::default();
    for (traversal, span) in conditions.iter().flat_map(|one| mentions(&one.condition)) {
        if &*traversal.root == "self" {
            let eval = Eval::new(scope);
            report.extend(scope.lookup(traversal, span, &eval).err().unwrap_or_default());
        }
    }
    report
}

/// Evaluates conditions.
pub(super) fn check(conditions: &[Condition], words: Words, scope: &dyn Scope) -> Verdict {
    let mut verdict = Verdict::default();
    for condition in conditions {
        one(condition, words, scope, &mut verdict);
    }
    verdict
}

/// Evaluates messages alone: the answer is what is wrong with them.
pub(super) fn messages(conditions: &[Condition], words: Words, scope: &dyn Scope) -> Report {
    let mut verdict = Verdict::default();
    for condition in conditions {
        message(condition, words, scope, &mut verdict);
    }
    verdict.report
}

fn one(condition: &Condition, words: Words, scope: &dyn Scope, verdict: &mut Verdict) {
    let broken = |detail: &str| Diagnostic::error(words.result, detail.to_owned()).at(condition.condition.span);
    let value = Eval::new(scope).finish_with(&condition.condition).map_err(|mut report| {
        report.0.extend(unknown_self(&report));
        verdict.report.extend(report);
    });
    // A message is looked at whether it is needed or not; that of a variable is evaluated only to find what is wrong with it.
    let text = if words.say_hidden {
        message(condition, words, scope, verdict).map(Some)
    } else {
        let problems = Eval::new(scope).finish_with(&condition.message).err();
        problems.map_or(Some(None), |report| {
            verdict.report.extend(report);
            None
        })
    };
    let (Ok(value), Some(text)) = (value, text) else { return verdict.worsen(CheckStatus::Error) };
    verdict.marks = verdict.marks.union(&value.marks_deep());
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
            let text = text.or_else(|| message(condition, words, scope, verdict));
            // That a value is wrong is said even when the message is no text.
            let nothing = || (!words.say_hidden).then_some(Message::Hidden("The error message is no text."));
            let text = text.or_else(nothing);
            text.into_iter().for_each(|text| failed(condition, words, text, scope, verdict));
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

fn failed(condition: &Condition, words: Words, message: Message, scope: &dyn Scope, verdict: &mut Verdict) {
    let detail = match &message {
        Message::Shown(text) => text.clone(),
        Message::Hidden(text) => (*text).to_owned(),
    };
    let problem =
        if words.warn { Diagnostic::warning(words.failed, detail) } else { Diagnostic::error(words.failed, detail) };
    let problem = problem.at(condition.condition.span).within(condition.span);
    verdict.report.push(explained(problem, &condition.condition, scope, Cause::Content));
    if let Message::Shown(text) = message {
        verdict.messages.push(text);
    }
}

/// What is said about a condition that does not hold.
enum Message {
    /// Its message.
    Shown(String),
    /// What is said in its place.
    Hidden(&'static str),
}

/// The message of a condition that does not hold; nothing when there is a problem with the message itself.
fn message(condition: &Condition, words: Words, scope: &dyn Scope, verdict: &mut Verdict) -> Option<Message> {
    let span = condition.message.span;
    let value = match Eval::new(scope).finish_with(&condition.message) {
        Ok(value) => value,
        Err(report) => {
            verdict.report.extend(report);
            return None;
        }
    };
    let text = convert::convert(&value, &Type::String).ok().filter(|text| !text.is_null());
    let Some(text) = text else {
        let detail = format!("An error message must be text, but this one is {}.", super::expr::kind(&value));
        verdict.report.push(Diagnostic::error("Invalid error message", detail).at(span));
        return None;
    };
    // Of a message that is not known yet nothing is said.
    let says = words.say_hidden && text.is_known();
    if text.marks_deep().is_sensitive() {
        if says {
            let detail = "The error message holds a sensitive value and is not shown. Change it so that it does not, or use \
                          nonsensitive() if the value is no secret.";
            verdict.report.push(Diagnostic::warning("Error message refers to sensitive values", detail).at(span));
        }
        return Some(Message::Hidden("The error message included a sensitive value, so it will not be displayed."));
    }
    if text.marks_deep().is_ephemeral() {
        let detail = "The error message holds an ephemeral value and is not shown. Change it so that it does not, or use \
                      ephemeralasnull().";
        let (summary, is_error) = ("Error message refers to ephemeral values", !words.say_hidden);
        let problem = if is_error { Diagnostic::error(summary, detail) } else { Diagnostic::warning(summary, detail) };
        if is_error || says {
            verdict.report.push(problem.at(span));
        }
        return Some(Message::Hidden("The error message included an ephemeral value, so it will not be displayed."));
    }
    let unknown = "The condition does not hold. Its error message is known only after apply.";
    Some(Message::Shown(text.as_str().map_or_else(|| unknown.into(), |text| text.trim_end().to_owned())))
}
