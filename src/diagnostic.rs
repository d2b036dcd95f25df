//! Problems as data: what is wrong, where, why, and what to do. `cli::render` draws them.
//!
//! Wording follows one guide: `summary` is a fixed phrase without user names; `detail` says in sentences
//! what is wrong, why, and what to do; a command to copy stands alone on an indented line. The words
//! "unknown", "mark" and "computed" are never shown: it is "known after apply" and "sensitive".

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::address::Address;

/// A word of a command to copy, as a shell takes it: in quotes where it would take it apart otherwise.
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A stretch of a source file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Index into [`Sources`].
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From the start of this one to the end of `other`, which follows it in the same file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start, end: other.end.max(self.start) }
    }
}

/// A file that spans point into.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path as shown to people: relative to where the tool was started, when below it.
    pub path: PathBuf,
    /// The whole text.
    pub text: Arc<str>,
}

/// Every file that was read, so that a [`Span`] can be shown.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Remembers a file; the answer is what its spans carry as `file`.
    pub fn add(&mut self, path: &Path, text: &str) -> u32 {
        self.add_shared(path, text.into())
    }

    /// The same without a copy of the text.
    pub fn add_shared(&mut self, path: &Path, text: Arc<str>) -> u32 {
        self.files.push(SourceFile { path: path.to_owned(), text });
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }

    /// Takes over the files of an older collection that come after those here, under their numbers: spans into them go on
    /// pointing there.
    pub fn extend_from(&mut self, older: &Self) {
        for file in older.files.iter().skip(self.files.len()) {
            self.add_shared(&file.path, file.text.clone());
        }
    }

    /// Whether no file was read.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The file a span points into.
    pub fn file(&self, id: u32) -> Option<&SourceFile> {
        self.files.get(usize::try_from(id).ok()?)
    }

    /// The text under a span; empty when it lies outside.
    pub fn text(&self, span: Span) -> &str {
        let range = span.start as usize..span.end as usize;
        self.file(span.file).and_then(|file| file.text.get(range)).unwrap_or_default()
    }

    /// Line and column (both from 1, column in what people see as characters) of a byte.
    pub fn position(&self, file: u32, byte: u32) -> (usize, usize) {
        let Some(text) = self.file(file).and_then(|file| file.text.get(..byte as usize)) else { return (1, 1) };
        let line = text.matches('\n').count() + 1;
        let column = text.rsplit('\n').next().unwrap_or_default().graphemes(true).count() + 1;
        (line, column)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can go on.
    Error,
    /// Worth a look.
    Warning,
}

/// The AWS call behind a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsCall {
    /// Such as `CreateTargetGroup`.
    pub operation: String,
    /// Error code on the wire, such as `AccessDenied`.
    pub code: String,
    /// Request id, for AWS support.
    pub request_id: Option<String>,
}

/// What was being evaluated when an expression went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// References with what is to be said of their values, sorted: `local.names` and `is tuple with 2 elements`. Nothing
    /// of what is sensitive.
    pub values: Vec<(String, String)>,
    /// The function whose call went wrong.
    pub function: Option<Arc<str>>,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Fixed phrase, no full stop, no user names.
    pub summary: Cow<'static, str>,
    /// Sentences: what, why, what to do.
    pub detail: String,
    /// The text it is about; underlined.
    pub subject: Option<Span>,
    /// Wider text around the subject, such as the block header.
    pub context: Option<Span>,
    /// The instance it is about.
    pub address: Option<Address>,
    /// Further places, each with a sentence.
    pub notes: Vec<(Option<Span>, String)>,
    /// What to do, when it deserves its own line.
    pub help: Option<String>,
    /// The AWS call that failed.
    pub aws: Option<AwsCall>,
    /// What was being evaluated.
    pub evaluation: Option<Box<Evaluation>>,
}

impl Diagnostic {
    /// An error with a fixed summary and a detail in sentences.
    pub fn error(summary: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            subject: None,
            context: None,
            address: None,
            notes: Vec::new(),
            help: None,
            aws: None,
            evaluation: None,
        }
    }

    /// A warning with a fixed summary and a detail in sentences.
    pub fn warning(summary: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// An impossible state: asks for a report.
    pub fn bug(what: impl std::fmt::Display) -> Self {
        let what = what.to_string();
        let what = what.trim_end_matches('.');
        Self::error("This is a bug in glaz", format!("{what}. Please report it with the stack file that shows it."))
    }

    /// Underlines the span.
    #[must_use]
    pub fn at(mut self, subject: impl Into<Option<Span>>) -> Self {
        self.subject = subject.into().or(self.subject);
        self
    }

    /// Shows the wider text around the subject.
    #[must_use]
    pub fn within(mut self, context: impl Into<Option<Span>>) -> Self {
        self.context = context.into().or(self.context);
        self
    }

    /// Names the instance.
    #[must_use]
    pub fn about(mut self, address: &Address) -> Self {
        self.address = Some(address.clone());
        self
    }

    /// Adds a further place or sentence.
    #[must_use]
    pub fn note(mut self, span: Option<Span>, text: impl Into<String>) -> Self {
        self.notes.push((span, text.into()));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Problems in the order they were found. May be empty or hold only warnings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report(pub Vec<Diagnostic>);

impl Report {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// `value` when there is no error, else the problems.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.has_errors() { Err(self) } else { Ok(value) }
    }
}

impl From<Diagnostic> for Report {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// The candidate nearest to `word`, when it is near enough to be a slip.
pub fn near_miss<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    // Of one letter nothing would be left of the word.
    let limit = if length < 2 { 0 } else { (length / 3).max(1) };
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace, swap of neighbours) between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses() {
        assert_eq!(near_miss("cidr_blok", ["cidr_block", "tags"]), Some("cidr_block"));
        assert_eq!(near_miss("nmae", ["name", "port"]), Some("name"));
        assert_eq!(near_miss("zebra", ["name", "port"]), None);
        assert_eq!((near_miss("c", ["a", "b"]), near_miss("a", ["A", "a"])), (None, Some("a")));
    }

    #[test]
    fn positions_count_characters() {
        let mut sources = Sources::default();
        let file = sources.add(Path::new("main.tf"), "a\nüb = 1\n");
        assert_eq!(sources.position(file, 4), (2, 2));
    }

    #[test]
    fn words_to_copy_are_one_word_for_a_shell() {
        let words = ["aws_lb.main", "a.b[\"it's\"]", "", "-x", "/a b"].map(shell_word);
        assert_eq!(words, ["aws_lb.main", r#"'a.b["it'\''s"]'"#, "''", "-x", "'/a b'"]);
    }
}
