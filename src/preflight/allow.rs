//! Findings that a comment in the stack files allows:
//!
//! ```text
//! # glaz:allow K09 the service starts in a second
//! health_check_grace_period_seconds = 0
//! ```
//!
//! The comment stands on the line itself, above it, or above the block; several rules are divided by commas.

use super::rule::Finding;
use crate::diagnostic::{Sources, Span};

const WORD: &str = "glaz:allow";

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
        let above = above.take_while(|line| line.starts_with('#') || line.starts_with("//"));
        above.chain([own]).filter_map(|line| line.split_once(WORD).map(|(_, rest)| rest))
    }
}

/// Whether the comment names the rule.
fn names(comment: &str, finding: &Finding) -> bool {
    let mut named = comment.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    let is_rule = |word: &str| finding.rule.is_called(word);
    named.any(is_rule)
}
