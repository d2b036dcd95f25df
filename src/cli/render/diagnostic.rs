//! Diagnostics for people: the line of the stack file, underlined, as rustc shows it; then what, why, what to do.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use indexmap::IndexMap;

use crate::cli::shell::{CYAN, paint};
use crate::diagnostic::{Diagnostic, Report, Severity, Sources, Span};
use crate::lang::functions;

/// How diagnostics are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Whether to use colour.
    pub has_colour: bool,
    /// Columns to wrap at.
    pub width: usize,
}

/// All problems, errors last so that they stand next to the prompt.
pub(crate) fn report(report: &Report, sources: &Sources, look: Look) -> String {
    let mut sorted: Vec<&Diagnostic> = report.0.iter().collect();
    sorted.sort_by_key(|one| std::cmp::Reverse(one.severity));
    sorted.into_iter().map(|one| diagnostic(one, sources, look) + "\n").collect()
}

/// Warnings by their headlines, those of one kind together (`-compact-warnings`).
pub(crate) fn headlines(report: &Report, sources: &Sources) -> String {
    let mut kinds: IndexMap<&str, Vec<String>> = IndexMap::new();
    for one in &report.0 {
        let place = one.subject.and_then(|span| {
            let (line, _) = sources.position(span.file, span.start);
            Some(format!("{} line {line}", sources.file(span.file)?.path.display()))
        });
        kinds.entry(&one.summary).or_default().extend(place);
    }
    let mut out = String::from("\nWarnings:\n\n");
    for (summary, places) in kinds {
        out.push_str(&format!("- {summary}\n"));
        if let Some((first, more)) = places.split_first() {
            let more = if more.is_empty() { String::new() } else { format!(" (and {} more)", more.len()) };
            out.push_str(&format!("  on {first}{more}\n"));
        }
    }
    out + "\nTo see the full warning notes, run glaz without -compact-warnings.\n"
}

/// One problem.
pub(crate) fn diagnostic(problem: &Diagnostic, sources: &Sources, look: Look) -> String {
    if problem.summary.is_empty() {
        let text = paragraphs(&problem.detail, look.width + 2);
        return text.lines().map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned() + "\n").collect();
    }
    let renderer = if look.has_colour { Renderer::styled() } else { Renderer::plain() };
    let level = match problem.severity {
        Severity::Error => Level::ERROR.with_name("Error"),
        Severity::Warning => Level::WARNING.with_name("Warning"),
    };
    let mut group = Group::with_title(level.primary_title(&*problem.summary));
    if let Some(snippet) = problem.subject.and_then(|span| snippet(span, problem.context, sources)) {
        group = group.element(snippet);
    }
    for text in evaluation(problem) {
        group = group.element(Level::NOTE.message(text));
    }
    // Of a block without keys the underlined line says enough.
    let instance = problem.address.as_ref().map(ToString::to_string).filter(|address| address.contains('['));
    if let Some(instance) = &instance {
        group = group.element(Level::NOTE.message(format!("with {instance}")));
    }
    for (span, text) in &problem.notes {
        group = group.element(Level::NOTE.message(text));
        if let Some(snippet) = span.and_then(|span| snippet(span, None, sources)) {
            group = group.element(snippet);
        }
    }
    let head = renderer.term_width(look.width).render(&[group]);
    let mut text = head.trim_end().to_owned() + "\n";
    if !problem.detail.is_empty() {
        text.push('\n');
        text.push_str(&paragraphs(&problem.detail, look.width));
    }
    if let Some(help) = &problem.help {
        text.push_str(&format!("\n{}", paragraphs(&format!("Help: {help}"), look.width)));
    }
    if let Some(call) = &problem.aws {
        let id = call.request_id.as_ref().map(|id| format!(", request {id}")).unwrap_or_default();
        let line = format!("  {} answered {}{id}", call.operation, call.code);
        text.push_str(&format!("\n{}\n", if look.has_colour { paint(CYAN, line) } else { line }));
    }
    text
}

/// What was being evaluated: the function and the values of references.
fn evaluation(problem: &Diagnostic) -> Vec<String> {
    let Some(evaluation) = &problem.evaluation else { return Vec::new() };
    let signature = evaluation.function.as_ref().and_then(|name| Some((name, functions::signature(name)?)));
    let call = signature.map(|(name, signature)| {
        let plain = signature.parameters.iter().map(|parameter| parameter.name.to_owned());
        let rest = signature.rest.iter().map(|parameter| format!("{}...", parameter.name));
        format!("while calling {name}({})", plain.chain(rest).collect::<Vec<_>>().join(", "))
    });
    call.into_iter().chain(evaluation.values.iter().map(|(name, what)| format!("{name} {what}"))).collect()
}

/// The lines around the span; the block header as context when it is near enough.
fn snippet(span: Span, context: Option<Span>, sources: &Sources) -> Option<Snippet<'_, Annotation<'_>>> {
    let file = sources.file(span.file)?;
    let within = |span: Span| {
        let (start, end) = (span.start as usize, (span.end as usize).max(span.start as usize));
        (end <= file.text.len()).then_some(start..end)
    };
    let mut snippet = Snippet::source(&*file.text).path(file.path.to_string_lossy().into_owned());
    snippet = snippet.annotation(AnnotationKind::Primary.span(first_line(&file.text, within(span)?)));
    let header = context.filter(|context| context.file == span.file && *context != span).and_then(within);
    if let Some(header) = header {
        snippet = snippet.annotation(AnnotationKind::Visible.span(header));
    }
    Some(snippet)
}

/// A long value is underlined in its first line only.
fn first_line(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let length = text.get(range.clone()).and_then(|part| part.find('\n')).unwrap_or(range.len());
    range.start..range.start + length
}

/// Text wrapped at the width and indented by two; lines that are indented already (commands to copy) stay as they are.
fn paragraphs(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with(' ') || line.is_empty() {
            out.push_str(if line.is_empty() { "" } else { "  " });
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let mut column = 0;
        for word in line.split_whitespace() {
            let length = unicode_width::UnicodeWidthStr::width(word);
            if column == 0 {
                out.push_str("  ");
                column = 2;
            } else if column + 1 + length > width {
                out.push_str("\n  ");
                column = 2;
            } else {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_error_underlines_and_explains() {
        let mut sources = Sources::default();
        let text = "resource \"aws_vpc\" \"main\" {\n  cidr_blok = \"10.0.0.0/16\"\n}\n";
        let file = sources.add(Path::new("main.tf"), text);
        let problem =
            Diagnostic::error("Unsupported argument", "No argument has this name. Did you mean \"cidr_block\"?")
                .at(Span { file, start: 30, end: 39 })
                .within(Span { file, start: 0, end: 25 });
        let text = diagnostic(&problem, &sources, Look { has_colour: false, width: 60 });
        let expected = [
            "Error: Unsupported argument",
            " --> main.tf:2:3",
            "  |",
            "1 | resource \"aws_vpc\" \"main\" {",
            "2 |   cidr_blok = \"10.0.0.0/16\"",
            "  |   ^^^^^^^^^",
            "",
            "  No argument has this name. Did you mean \"cidr_block\"?",
            "",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected[..expected.len() - 1]);
    }
}
