//! Findings that a comment in the stack files allows:
//!
//! ```text
//! # glaz:allow K09 the service starts in a second
//! health_check_grace_period_seconds = 0
//! ```
//!
//! The comment stands on the line itself, above it, above a block around it, or above a block of an override file that is
//! about the same resource; several rules are divided by commas.

use super::rule::Finding;
use crate::address::Resource;
use crate::diagnostic::{Diagnostic, Sources, Span};
use crate::lang::syntax::parse;
use crate::lang::syntax::tree::Block;

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
        let headers = self.headers(finding);
        let mut spans = spans.into_iter().flatten().chain(headers);
        spans.any(|span| self.comments(span).any(|comment| names(comment, finding)))
    }

    /// Headers of the blocks of the resource that a finding is about, of which override files have some, and of those
    /// inside of them that stand around the place. Only of files with such comments.
    fn headers(self, finding: &Finding) -> Vec<Span> {
        let Diagnostic { subject, context, address, .. } = &finding.diagnostic;
        let (Some(place), Some(address)) = (subject.or(*context), address) else { return Vec::new() };
        let Some(folder) = self.sources.file(place.file).and_then(|file| file.path.parent()) else { return Vec::new() };
        let files = (0..).map_while(|id| Some((id, self.sources.file(id)?)));
        let files = files.filter(|(_, file)| file.path.parent() == Some(folder) && file.text.contains(WORD));
        let mut headers = Vec::new();
        for (id, file) in files.filter(|(_, file)| file.path.extension().is_some_and(|name| name == "tf")) {
            let (body, _) = parse(id, &file.text);
            for block in body.blocks.iter().filter(|block| is_of(block, &address.resource)) {
                headers.push(block.header_span);
                around(block, place, &mut headers);
            }
        }
        headers
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

/// Whether a block is one of the resource.
fn is_of(block: &Block, resource: &Resource) -> bool {
    let [kind, name] = block.labels.as_slice() else { return false };
    &*block.kind == "resource" && kind.text == resource.type_name && name.text == resource.name
}

/// Headers of the blocks inside of a block around a place.
fn around(block: &Block, place: Span, headers: &mut Vec<Span>) {
    let holds = |one: &&Block| one.span.file == place.file && (one.span.start..one.span.end).contains(&place.start);
    if let Some(inner) = block.body.blocks.iter().find(holds) {
        headers.push(inner.header_span);
        around(inner, place, headers);
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
