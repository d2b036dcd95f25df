//! What is said of task definitions that are shared with a pipeline: what is kept, what is a conflict, and what was
//! decided about nothing.

use serde_json::Value as Json;

use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report, Span, shell_word};
use crate::plan::Plan;
use crate::rollout::merge::{Conflict, Field, Kept};
use crate::rollout::observed;
use crate::rollout::take::{Side, Take};

/// A conflict of a task definition that nothing was decided about.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// The task definition.
    pub address: Address,
    /// What both changed.
    pub conflict: Conflict,
    /// Whether the values are secret.
    pub(super) is_hidden: bool,
    /// The revision that runs.
    pub(super) live: String,
    pub(super) span: Span,
}

/// How values are told.
pub(super) struct Told {
    pub is_hidden: bool,
    pub whose: Whose,
}

/// Where the other side comes from.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    /// A pipeline registered this revision after ours.
    Pipeline(u32),
    /// Somebody went back to this revision.
    WentBack(u32),
    /// Ours has it already, from a pipeline.
    Before,
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pipeline(number) => write!(f, "by a pipeline (revision {number})"),
            Self::WentBack(number) => write!(f, "by going back to revision {number} (deploy -rollback)"),
            Self::Before => f.write_str("by a pipeline before"),
        }
    }
}

impl Told {
    /// `image of container web kept: :v7, set by a pipeline (revision 14)`.
    pub(super) fn kept(&self, kept: &Kept) -> String {
        let words = kept.field.words();
        let whose = self.whose;
        let Some(value) = &kept.value else {
            return format!("{words} stays away: taken out {whose}");
        };
        if self.is_hidden || is_private(&kept.field, value) {
            return format!("{words} kept as set {whose}");
        }
        format!("{words} kept: {}, set {whose}", shown(value, kept.said.as_ref()))
    }
}

/// Whether a value is not for everybody: the environment of containers holds what should be secrets, alone or within.
fn is_private(field: &Field, value: &Json) -> bool {
    let holds_environment = |value: &Json| match value {
        Json::Object(members) => members.contains_key("environment"),
        _ => false,
    };
    let is_within = match value {
        Json::Array(elements) => elements.iter().any(holds_environment),
        one => holds_environment(one),
    };
    field.is_private() || is_within
}

/// A value in a line. Of an image of the same repository only the tag or digest.
fn shown(value: &Json, beside: Option<&Json>) -> String {
    let Json::String(text) = value.get("value").or_else(|| value.get("valueFrom")).unwrap_or(value) else {
        return value.to_string();
    };
    let repository = |text: &str| {
        let end = text.rfind('/').map_or(0, |at| at + 1);
        text[end..].find([':', '@']).map(|at| end + at)
    };
    match (repository(text), beside.and_then(Json::as_str).and_then(|one| Some(&one[..repository(one)?]))) {
        (Some(at), Some(same)) if text[..at] == *same && !same.is_empty() => text[at..].to_owned(),
        _ => text.clone(),
    }
}

impl Undecided {
    /// What each side says.
    fn sides(&self) -> [String; 3] {
        let one = |value: &Option<Json>| match value {
            _ if self.is_hidden => "(sensitive)".to_owned(),
            None => "nothing".to_owned(),
            Some(value) if is_private(&self.conflict.field, value) => "(not shown)".to_owned(),
            Some(value) => format!("\"{}\"", shown(value, None)),
        };
        [one(&self.conflict.base), one(&self.conflict.ours), one(&self.conflict.theirs)]
    }

    fn revision(&self) -> String {
        observed::revision(&self.live).1.map(|number| number.to_string()).unwrap_or_default()
    }

    /// The decision about it.
    pub fn decided(&self, side: Side) -> Take {
        Take { definition: Some(self.address.clone()), field: Some(self.conflict.field.flag()), side }
    }

    /// What a person is asked.
    pub fn question(&self) -> String {
        let [base, ours, theirs] = self.sides();
        format!(
            "\nThe stack file and a pipeline both changed {} ({}) since the last apply.\n  it was  {base}\n  stack   {ours}: what the stack file says now\n  live    {theirs}: what runs, revision {}\n\n  Enter a value: ",
            self.conflict.field.words(),
            self.address,
            self.revision()
        )
    }

    /// `is_one_of_many`: whether other task definitions have conflicts as well.
    fn problem(&self, is_one_of_many: bool) -> Diagnostic {
        let [base, ours, theirs] = self.sides();
        let field = &self.conflict.field;
        let flag = |side| {
            let precise = self.decided(side);
            let definition = precise.definition.filter(|_| is_one_of_many);
            shell_word(&Take { definition, ..precise }.to_string())
        };
        let text = format!(
            "Since the last apply both the stack file and a pipeline changed the {} of {}. It was {base}; the stack file says {ours} now, and {theirs} runs (revision {}). Nothing was changed. Make the stack file say what runs, or decide, for all such fields or for this one:\n\n    -take=stack\n    -take=live\n    -take={}\n    -take={}",
            field.words(),
            self.address,
            self.revision(),
            flag(Side::Stack),
            flag(Side::Live)
        );
        Diagnostic::error("Conflicting changes of a task definition", text).at(self.span).about(&self.address)
    }
}

/// The conflicts as problems.
pub fn problems(all: &[Undecided]) -> Report {
    let is_many = all.iter().any(|one| one.address != all[0].address);
    Report(all.iter().map(|one| one.problem(is_many)).collect())
}

/// Decisions about task definitions that are nowhere. In a plan about a part of the stack they may be of the rest.
pub(in crate::plan) fn unknown(plan: &Plan) -> Report {
    let named = plan.takes.said.iter().filter_map(|take| take.definition.as_ref());
    let is_there = |address: &Address| {
        plan.live.objects.contains_key(address) || plan.changes.iter().any(|change| change.address == *address)
    };
    if !plan.selection.is_whole() {
        return Report::default();
    }
    let problem = |address: &Address| {
        let text = format!(
            "-take names {address}, and the stack has no such task definition. The plan names those that are shared with a pipeline."
        );
        Diagnostic::error("Unknown task definition", text)
    };
    Report(named.filter(|address| !is_there(address)).map(problem).collect())
}
