//! The canonical layout of stack files, byte for byte that of `terraform fmt`.
//!
//! Works on tokens: comments and line breaks stay where they are, only spaces change. Apart from that
//! old spellings are modernised: an argument that is nothing but `"${x}"`, quoted or bare types of variables,
//! and labels without quotes or with needless escapes.

mod spelling;

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::parse;
use super::token::{TokenKind, lex};
use crate::diagnostic::Report;

/// The text in canonical layout, or why it is no valid file. Spans in the report have the given file number.
///
/// A line break missing at the end of the file stays missing. (`terraform fmt -` seems to add it, because it
/// prints its result as a line.)
pub fn format(file: u32, text: &str) -> Result<String, Report> {
    let (body, report) = parse(file, text);
    if report.has_errors() {
        return Err(report);
    }
    let (pieces, trailing) = pieces(text);
    let labels = spelling::labels(&body);
    let mut pieces = spelling::modernise(&pieces, &body, &labels);
    let lines = lines(&pieces);
    indent(&mut pieces, &lines);
    space(&mut pieces, &lines);
    align(&mut pieces, &lines);
    let mut out = String::with_capacity(text.len());
    for piece in &pieces {
        out.extend(std::iter::repeat_n(' ', piece.spaces));
        out.push_str(piece.text);
    }
    out.extend(std::iter::repeat_n(' ', trailing));
    Ok(out)
}

/// A token with the number of spaces before it.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    kind: TokenKind,
    text: &'a str,
    spaces: usize,
    /// Where it starts in the source.
    start: u32,
}

impl Piece<'_> {
    /// A token that was not there before, at the place of this one.
    fn beside(&self, kind: TokenKind, text: &'static str) -> Self {
        Self { kind, text, spaces: 0, start: self.start }
    }

    /// Whether a line ends with this token.
    fn ends_line(&self) -> bool {
        self.kind == TokenKind::Newline || (self.kind == TokenKind::Comment && self.text.ends_with('\n'))
    }

    /// +1 for an opening bracket, -1 for a closing one.
    fn nesting(&self) -> isize {
        match self.kind {
            TokenKind::OpenBrace
            | TokenKind::OpenBracket
            | TokenKind::OpenParen
            | TokenKind::OpenInterpolation
            | TokenKind::OpenDirective => 1,
            TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParen | TokenKind::CloseTemplate => -1,
            _ => 0,
        }
    }
}

/// The tokens that are not spaces, and the number of spaces at the end of the text (which stay, as in terraform).
fn pieces(text: &str) -> (Vec<Piece<'_>>, usize) {
    let mut pieces = Vec::new();
    let mut spaces = 0;
    for token in lex(text) {
        let range = token.start as usize..token.end as usize;
        match token.kind {
            TokenKind::Bom | TokenKind::End => {}
            TokenKind::Space => spaces = range.len(),
            kind => {
                let spaces = std::mem::take(&mut spaces);
                pieces.push(Piece { kind, text: &text[range], spaces, start: token.start });
            }
        }
    }
    (pieces, spaces)
}

// --- lines ---

/// A line of tokens (one with a heredoc ends after it). Equals signs and comments of neighbouring lines are
/// aligned, so they are kept apart.
#[derive(Debug)]
struct Line {
    lead: Range<usize>,
    /// From the equals sign on, when the value ends on this line.
    assign: Option<Range<usize>>,
    /// At the end of a line that has something else.
    comment: Option<usize>,
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for at in 0..pieces.len() {
        if pieces[at].ends_line() || at + 1 == pieces.len() {
            lines.push(line(pieces, start..at + 1));
            start = at + 1;
        }
    }
    lines
}

fn line(pieces: &[Piece<'_>], mut lead: Range<usize>) -> Line {
    let mut comment = None;
    if lead.len() > 1 && pieces[lead.end - 1].kind == TokenKind::Comment {
        lead.end -= 1;
        comment = Some(lead.end);
    }
    let mut assign = None;
    let equals = (lead.start + 1..lead.end).find(|at| pieces[*at].kind == TokenKind::Equal);
    if let Some(equals) = equals
        && pieces[equals..lead.end].iter().map(Piece::nesting).sum::<isize>() == 0
    {
        assign = Some(equals..lead.end);
        lead.end = equals;
    }
    Line { lead, assign, comment }
}

// --- indentation ---

/// Two spaces for each line that leaves brackets open, however many it opens.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut open: Vec<usize> = Vec::new();
    for line in lines {
        if pieces[line.lead.start].kind == TokenKind::Newline {
            pieces[line.lead.start].spaces = 0;
            continue;
        }
        let lead = &pieces[line.lead.clone()];
        let heredoc = lead.iter().position(|piece| piece.kind == TokenKind::OpenHeredoc).unwrap_or(lead.len());
        let assign = line.assign.clone().map_or(&[][..], |assign| &pieces[assign]);
        let net: isize = lead[..heredoc].iter().chain(assign).map(Piece::nesting).sum();
        let mut closed = net.min(0).unsigned_abs();
        while closed > 0
            && let Some(opened) = open.last_mut()
        {
            let now = closed.min(*opened);
            closed -= now;
            *opened -= now;
            if *opened == 0 {
                open.pop();
            }
        }
        pieces[line.lead.start].spaces = 2 * open.len();
        if net > 0 {
            open.push(net.unsigned_abs());
        }
    }
}

// --- spaces inside lines ---

fn space(pieces: &mut [Piece<'_>], lines: &[Line]) {
    for line in lines {
        for cell in [Some(line.lead.clone()), line.assign.clone()].into_iter().flatten() {
            for at in cell.start + 1..cell.end {
                let before = (at - 1 > cell.start).then(|| pieces[at - 2].kind);
                pieces[at].spaces = usize::from(space_between(before, &pieces[at - 1], &pieces[at]));
            }
        }
    }
}

/// Whether a space stands between two neighbouring tokens; `before` comes before them.
#[allow(clippy::match_same_arms, clippy::unnested_or_patterns, reason = "the first rule that fits decides")]
fn space_between(before: Option<TokenKind>, left: &Piece<'_>, right: &Piece<'_>) -> bool {
    use TokenKind as T;
    match (left.kind, right.kind) {
        (_, T::Newline)
        | (T::Ident, T::OpenParen | T::DoubleColon)
        | (T::DoubleColon, T::Ident)
        | (T::Dot, _)
        | (_, T::Dot | T::Comma | T::Ellipsis) => false,
        (T::Comma, _) => true,
        (T::QuotedText | T::Text | T::OpenQuote | T::OpenHeredoc, _)
        | (_, T::QuotedText | T::Text | T::CloseQuote | T::CloseHeredoc) => false,
        // `for x in [a]`, not the index `in[a]`
        (T::Ident, _) if left.text == "in" && before == Some(T::Ident) => true,
        (T::Ident | T::Number, T::OpenBracket) => false,
        (_, T::OpenBracket) if left.nesting() < 0 => false,
        (T::Bang, _) => false,
        (T::Minus, _) => is_subtraction(before),
        (T::OpenBrace, T::CloseBrace) => false,
        (T::OpenBrace, _) | (_, T::CloseBrace) => true,
        (T::OpenInterpolation | T::OpenDirective, T::OpenBrace) | (T::CloseBrace, T::CloseTemplate) => true,
        (T::CloseTemplate, T::OpenInterpolation | T::OpenDirective) => false,
        _ => left.nesting() <= 0 && right.nesting() >= 0,
    }
}

/// Whether a minus after this token has a left operand.
fn is_subtraction(before: Option<TokenKind>) -> bool {
    use TokenKind as T;
    !matches!(
        before,
        None | Some(
            T::OpenParen
                | T::OpenBrace
                | T::OpenBracket
                | T::Equal
                | T::Colon
                | T::Comma
                | T::Question
                | T::Plus
                | T::Star
                | T::Slash
                | T::Percent
                | T::Minus
                | T::EqualEqual
                | T::NotEqual
                | T::Greater
                | T::GreaterEqual
                | T::Less
                | T::LessEqual
                | T::And
                | T::Or
                | T::Bang
        )
    )
}

// --- alignment ---

fn width(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|piece| piece.spaces + piece.text.graphemes(true).count()).sum()
}

fn align(pieces: &mut [Piece<'_>], lines: &[Line]) {
    align_cells(pieces, lines, |line| line.assign.as_ref().map(|assign| assign.start));
    align_cells(pieces, lines, |line| line.comment);
}

/// Moves a cell of neighbouring lines that have it to a common column.
fn align_cells(pieces: &mut [Piece<'_>], lines: &[Line], cell: impl Fn(&Line) -> Option<usize>) {
    for group in lines.chunk_by(|a, b| cell(a).is_some() == cell(b).is_some()) {
        let cells: Vec<_> =
            group.iter().filter_map(|line| cell(line).map(|at| (at, width(&pieces[line.lead.start..at])))).collect();
        let widest = cells.iter().map(|(_, width)| *width).max().unwrap_or(0);
        for (at, width) in cells {
            pieces[at].spaces = widest - width + 1;
        }
    }
}

#[cfg(test)]
mod tests;
