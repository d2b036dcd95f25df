//! Characters that are never right: reported before parsing, so that the parser need not know them.

use super::Origin;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::syntax::token::{Token, TokenKind};

/// A problem for each token that no text may hold, with few repetitions.
pub(super) fn report(file: u32, text: &str, tokens: &[Token], origin: Origin<'_>) -> Report {
    let mut report = Report::default();
    let (mut bitwise, mut backticks, mut apostrophes, mut semicolons) = (0, 0, 0, 0);
    for token in tokens {
        let written = &text[token.start as usize..token.end as usize];
        let told = match (token.kind, written) {
            (TokenKind::Bitwise, _) => count(&mut bitwise) < 4,
            // Quotation marks come in pairs: tell the first of each.
            (TokenKind::Foreign, "`") => matches!(count(&mut backticks), 0 | 2),
            (TokenKind::Foreign, "'") => matches!(count(&mut apostrophes), 0 | 2),
            (TokenKind::Foreign, _) => count(&mut semicolons) < 1,
            (TokenKind::QuotedNewline | TokenKind::Invalid, _) => true,
            _ => false,
        };
        if told {
            let (summary, detail) = describe(token.kind, written);
            let span = origin.span(file, token.start, token.end);
            report.push(Diagnostic::error(summary, detail).at(span));
        }
    }
    report
}

/// Whether tokens of this kind are reported here.
pub(super) fn is_stray(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Bitwise | TokenKind::Foreign | TokenKind::QuotedNewline | TokenKind::Invalid)
}

fn count(counter: &mut u32) -> u32 {
    *counter += 1;
    *counter - 1
}

fn describe(kind: TokenKind, written: &str) -> (&'static str, &'static str) {
    match (kind, written) {
        (TokenKind::Bitwise, "&") => {
            ("Unsupported operator", "There are no operators on bits. Write \"&&\" for a logical AND.")
        }
        (TokenKind::Bitwise, "|") => {
            ("Unsupported operator", "There are no operators on bits. Write \"||\" for a logical OR.")
        }
        (TokenKind::Bitwise, "~") => {
            ("Unsupported operator", "There are no operators on bits. Write \"!\" for a logical NOT.")
        }
        (TokenKind::Bitwise, _) => {
            ("Unsupported operator", "There are no operators on bits. Powers are computed by pow(base, exponent).")
        }
        (TokenKind::Foreign, "`") => (
            "Invalid character",
            "Backticks have no meaning here. Write a string of several lines as a heredoc, which starts with <<EOT.",
        ),
        (TokenKind::Foreign, "'") => {
            ("Invalid character", "Strings stand between double quotes (\"), not between single quotes.")
        }
        (TokenKind::Foreign, _) => (
            "Invalid character",
            "Semicolons have no meaning here. Put each argument on a line of its own, and separate elements by commas.",
        ),
        (TokenKind::QuotedNewline, _) => (
            "Invalid multi-line string",
            "A quoted string must end on the line it starts on. Write \\n for a line break, or use a heredoc, which starts with <<EOT.",
        ),
        (_, "\u{201c}" | "\u{201d}") => (
            "Invalid character",
            "These are typographic quotes, which often slip in when text is copied from a document. Use straight quotes (\").",
        ),
        _ => ("Invalid character", "This character has no meaning outside strings and comments. Remove it."),
    }
}
