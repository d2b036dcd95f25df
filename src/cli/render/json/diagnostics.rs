//! `validate -json` and `check -json`: problems with their places.

use serde::Serialize;

use super::context::context;
use super::functions::{self, NamedSignature};
use super::{FORMAT, pretty};
use crate::diagnostic::{Diagnostic, Evaluation, Report, Severity, Sources, Span};
use crate::preflight::Finding;

#[derive(Serialize)]
struct Whole {
    format_version: &'static str,
    valid: bool,
    error_count: usize,
    warning_count: usize,
    diagnostics: Vec<Problem>,
}

/// One problem.
#[derive(Serialize)]
struct Problem {
    severity: &'static str,
    summary: String,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Snippet>,
}

#[derive(Serialize)]
struct Range {
    filename: String,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
    byte: u32,
}

#[derive(Serialize)]
struct Snippet {
    context: Option<String>,
    code: String,
    start_line: usize,
    highlight_start_offset: usize,
    highlight_end_offset: usize,
    /// What is to be said of the values of references.
    values: Vec<Known>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<FunctionCall>,
}

#[derive(Serialize)]
struct Known {
    traversal: String,
    statement: String,
}

#[derive(Serialize)]
struct FunctionCall {
    called_as: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<NamedSignature>,
}

/// The answer of `validate`.
pub(crate) fn validation(report: &Report, sources: &Sources) -> Result<String, Diagnostic> {
    let errors = report.0.iter().filter(|one| one.is_error()).count();
    pretty(&Whole {
        format_version: FORMAT,
        valid: errors == 0,
        error_count: errors,
        warning_count: report.0.len() - errors,
        diagnostics: report.0.iter().map(|one| problem(one, sources)).collect(),
    })
}

/// A problem that a rule found.
#[derive(Serialize)]
struct Found {
    code: &'static str,
    rule: &'static str,
    #[serde(flatten)]
    problem: Problem,
}

#[derive(Serialize)]
struct AllFound {
    format_version: &'static str,
    error_count: usize,
    warning_count: usize,
    findings: Vec<Found>,
}

/// The answer of `check`.
pub(crate) fn findings(findings: &[Finding], sources: &Sources) -> Result<String, Diagnostic> {
    let errors = findings.iter().filter(|one| one.diagnostic.is_error()).count();
    let found =
        |one: &Finding| Found { code: one.rule.code, rule: one.rule.name, problem: problem(&one.diagnostic, sources) };
    pretty(&AllFound {
        format_version: FORMAT,
        error_count: errors,
        warning_count: findings.len() - errors,
        findings: findings.iter().map(found).collect(),
    })
}

fn problem(one: &Diagnostic, sources: &Sources) -> Problem {
    let mut detail = one.detail.clone();
    for more in one.notes.iter().map(|(_, text)| text).chain(&one.help) {
        detail.push_str(if detail.is_empty() { "" } else { "\n\n" });
        detail.push_str(more);
    }
    Problem {
        severity: if one.severity == Severity::Error { "error" } else { "warning" },
        summary: one.summary.to_string(),
        detail,
        address: one.address.as_ref().map(ToString::to_string),
        range: one.subject.and_then(|span| range(span, sources)),
        snippet: one.subject.and_then(|span| snippet(span, one.evaluation.as_deref(), sources)),
    }
}

fn range(span: Span, sources: &Sources) -> Option<Range> {
    let position = |byte: u32| {
        let (line, column) = sources.position(span.file, byte);
        Position { line, column, byte }
    };
    let filename = sources.file(span.file)?.path.to_string_lossy().into_owned();
    Some(Range { filename, start: position(span.start), end: position(span.end) })
}

/// The whole lines that hold the span.
fn snippet(span: Span, evaluation: Option<&Evaluation>, sources: &Sources) -> Option<Snippet> {
    let file = sources.file(span.file)?;
    let text = &*file.text;
    let (start, end) = (span.start as usize, (span.end as usize).max(span.start as usize));
    let before = text.get(..start)?;
    let from = before.rfind('\n').map_or(0, |at| at + 1);
    let to = text.get(end..)?.find('\n').map_or(text.len(), |at| end + at);
    // A span that ends with a line break ends on the line before.
    let to = if end > start && text.as_bytes().get(end - 1) == Some(&b'\n') { end - 1 } else { to };
    Some(Snippet {
        context: context(file, span.start),
        code: text.get(from..to)?.to_owned(),
        start_line: before.matches('\n').count() + 1,
        highlight_start_offset: start - from,
        highlight_end_offset: end.min(to) - from,
        values: evaluation.map(known).unwrap_or_default(),
        function_call: evaluation.and_then(|evaluation| evaluation.function.as_deref()).map(function_call),
    })
}

fn known(evaluation: &Evaluation) -> Vec<Known> {
    let one = |(name, what): &(String, String)| Known { traversal: name.clone(), statement: what.clone() };
    evaluation.values.iter().map(one).collect()
}

fn function_call(name: &str) -> FunctionCall {
    FunctionCall { called_as: name.to_owned(), signature: functions::named(name) }
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "@level")]
    level: &'static str,
    #[serde(rename = "@message")]
    message: String,
    #[serde(rename = "@module")]
    module: &'static str,
    #[serde(rename = "@timestamp")]
    timestamp: &'a str,
    diagnostic: Problem,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// One problem as a line of a command that prints JSON lines (`init -json`).
pub(crate) fn diagnostic_line(one: &Diagnostic, sources: &Sources, timestamp: &str) -> Result<String, Diagnostic> {
    let (level, word) = if one.is_error() { ("error", "Error") } else { ("warn", "Warning") };
    super::line(&Line {
        level,
        message: format!("{word}: {}", one.summary),
        module: "terraform.ui",
        timestamp,
        diagnostic: problem(one, sources),
        kind: "diagnostic",
    })
}
