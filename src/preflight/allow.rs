//! Findings that a comment in the stack files allows:
//!
//! ```text
//! # glaz:allow K09 the service starts in a second
//! health_check_grace_period_seconds = 0
//! ```
//!
//! The comment stands on the line itself, above it, or above the block; several rules are divided by commas.

use super::rule::Finding;
use crate::diagnostic::{Diagnostic, Sources, Span};

const WORD: &str = "glaz:allow";
/// What comments begin with.
const STARTS: [&str; 3] = ["#", "//", "/*"];

/// Comments that allow findings.
#[derive(Clone, Copy, Debug)]
pub struct Allowed<'a> {
    sources: &'a Sources,
}

impl<'a> Allowed<'a> {
    /// In these files.
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources }
    }

    /// A warning for each name in such a comment that no rule has.
    pub fn unknown(self) -> Vec<Diagnostic> {
        let mut all = Vec::new();
        for (id, file) in (0..).map_while(|id| Some((id, self.sources.file(id)?))) {
            for (at, _) in file.text.match_indices(WORD) {
                let line_start = file.text[..at].rfind('\n').map_or(0, |end| end + 1);
                let before = file.text[line_start..at].trim_end();
                let comment = file.text[at + WORD.len()..].lines().next().unwrap_or_default();
                if !STARTS.iter().any(|start| before.ends_with(start)) {
                    continue;
                }
                for name in named(comment).filter(|name| super::rule(name).is_none()) {
                    let text = format!(
                        "This comment allows findings of \"{name}\", and there is no such rule. All are listed by:\n\n    glaz check -list"
                    );
                    let [start, end] = [at, at + WORD.len()].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
                    all.push(Diagnostic::warning("Unknown rule", text).at(Span { file: id, start, end }));
                }
            }
        }
        all
    }

    pub(super) fn covers(self, finding: &Finding) -> bool {
        let spans = [finding.diagnostic.subject, finding.diagnostic.context];
        spans.into_iter().flatten().any(|span| self.comments(span).any(|comment| names(comment, finding)))
    }

    /// The comment at the end of the line, and those on the lines above it.
    fn comments(self, span: Span) -> impl Iterator<Item = &'a str> {
        let text = self.sources.file(span.file).map_or("", |file| &*file.text);
        let start = usize::try_from(span.start).unwrap_or(usize::MAX).min(text.len());
        let (before, after) = text.split_at_checked(start).unwrap_or((text, ""));
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let own = &text[line_start..start + after.find('\n').unwrap_or(after.len())];
        let above = text[..line_start].lines().rev().map(str::trim);
        let above = above.take_while(|line| STARTS.iter().any(|start| line.starts_with(start)));
        above.chain([own]).filter_map(|line| line.split_once(WORD).map(|(_, rest)| rest))
    }
}

/// Whether the comment names the rule: names come first, divided by commas, and then the reason.
fn names(comment: &str, finding: &Finding) -> bool {
    named(comment).any(|word| finding.rule.is_called(word))
}

/// The names at the start of a comment.
fn named(comment: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(comment);
    std::iter::from_fn(move || {
        let text = rest.take()?.trim_start();
        let end = text.find(|letter: char| letter == ',' || letter.is_whitespace()).unwrap_or(text.len());
        let (name, after) = text.split_at(end);
        let name = name.trim_end_matches("*/");
        rest = after.trim_start().strip_prefix(',');
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_the_reason_begins() {
        let all = |text| named(text).collect::<Vec<_>>();
        assert_eq!(all(" K09 until we trust the zones"), ["K09"]);
        assert_eq!(all(" K09,K10 , zones pair-alike, trust"), ["K09", "K10", "zones"]);
        assert_eq!(all(" K09, trust"), ["K09", "trust"]);
        assert_eq!(all("\tK09,"), ["K09"]);
        assert!(all("").is_empty());
    }
}
