//! Old spellings and what `terraform fmt` makes of them.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::Piece;
use crate::diagnostic::Span;
use crate::lang::syntax::token::TokenKind;
use crate::lang::syntax::tree::Body;

/// What Go's `unicode.IsPrint` lets through. A pattern that did not compile, which a test rules out, would match nothing:
/// more would be escaped, and mean the same.
static PRINTABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\pL\pM\pN\pP\pS ]$").ok());

fn is_printable(c: char) -> bool {
    PRINTABLE.as_ref().is_some_and(|pattern| pattern.is_match(c.encode_utf8(&mut [0; 4])))
}

/// A label and its spelling between the quotes.
#[derive(Debug)]
pub(super) struct Labelled {
    span: Span,
    spelling: String,
}

/// All labels in source order, spelled anew: Unicode composed, escapes only where they are needed.
pub(super) fn labels(body: &Body) -> Vec<Labelled> {
    let mut all = Vec::new();
    for block in &body.blocks {
        let own = block.labels.iter().map(|label| Labelled { span: label.span, spelling: escaped(&label.text) });
        all.extend(own);
        all.extend(labels(&block.body));
    }
    all.sort_by_key(|label| label.span.start);
    all
}

fn escaped(text: &str) -> String {
    let text: String = text.nfc().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if text[at + 1..].starts_with('{') => out.extend([c, c]),
            _ if is_printable(c) => out.push(c),
            '\0'..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out
}

/// Something in the tree whose tokens may have to change.
enum Spot {
    Value,
    VariableType,
    Labels,
}

/// The tokens with old spellings replaced.
pub(super) fn modernise<'a>(pieces: &[Piece<'a>], body: &Body, labels: &'a [Labelled]) -> Vec<Piece<'a>> {
    let mut spots = Vec::new();
    collect(body, None, &mut spots);
    spots.sort_by_key(|(span, _)| span.start);
    let mut out = Vec::with_capacity(pieces.len());
    let mut rest = pieces;
    for (span, spot) in spots {
        let before = rest.partition_point(|piece| piece.start < span.start);
        out.extend_from_slice(&rest[..before]);
        let len = rest[before..].partition_point(|piece| piece.start < span.end);
        let (within, after) = rest[before..].split_at(len);
        rest = after;
        match spot {
            Spot::Value => out.extend(modern_value(within)),
            Spot::VariableType => out.extend(modern_type(within)),
            Spot::Labels => {
                let from = labels.partition_point(|label| label.span.start < span.start);
                let to = labels.partition_point(|label| label.span.start < span.end);
                out.extend(modern_labels(within, &labels[from..to]));
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

fn collect(body: &Body, parent: Option<&str>, spots: &mut Vec<(Span, Spot)>) {
    for attribute in &body.attributes {
        let is_type = parent == Some("variable") && &*attribute.name == "type";
        let spot = if is_type { Spot::VariableType } else { Spot::Value };
        spots.push((attribute.expr.span, spot));
    }
    for block in &body.blocks {
        if let Some(last) = block.labels.last() {
            // Comments between the first word and the first label go away, too.
            let span = Span { start: block.kind_span.end, ..last.span };
            spots.push((span, Spot::Labels));
        }
        // Only a block at the top of the file declares a variable.
        let name = if parent.is_none() { &*block.kind } else { "" };
        collect(&block.body, Some(name), spots);
    }
}

/// Labels in quotes, without what stood between them.
fn modern_labels<'a>(within: &[Piece<'a>], labels: &'a [Labelled]) -> Vec<Piece<'a>> {
    let mut out = Vec::new();
    for piece in within {
        let Some(label) = labels.iter().find(|label| label.span.start == piece.start) else { continue };
        let text = &*label.spelling;
        out.push(Piece { spaces: 1, ..piece.beside(TokenKind::OpenQuote, "\"") });
        out.extend((!text.is_empty()).then(|| Piece { text, ..piece.beside(TokenKind::QuotedText, "") }));
        out.push(piece.beside(TokenKind::CloseQuote, "\""));
    }
    out
}

/// `"${x}"` becomes `x`, in parentheses when it has several lines.
fn modern_value<'a>(within: &[Piece<'a>]) -> Vec<Piece<'a>> {
    let Some(mut inside) = sole_interpolation(within) else { return within.to_vec() };
    while let [Piece { kind: TokenKind::Newline, .. }, rest @ ..] = inside {
        inside = rest;
    }
    while let [rest @ .., Piece { kind: TokenKind::Newline, .. }] = inside {
        inside = rest;
    }
    let mut out = inside.to_vec();
    let [first, middle @ .., last] = inside else { return out };
    let in_parens = first.kind == TokenKind::OpenParen && last.kind == TokenKind::CloseParen;
    if !in_parens && middle.iter().any(|piece| piece.kind == TokenKind::Newline) {
        out.insert(0, first.beside(TokenKind::OpenParen, "("));
        out.push(last.beside(TokenKind::CloseParen, ")"));
    }
    out
}

/// What is inside `"${…}"`, if there is nothing else in the string.
fn sole_interpolation<'p, 'a>(within: &'p [Piece<'a>]) -> Option<&'p [Piece<'a>]> {
    let [
        Piece { kind: TokenKind::OpenQuote, .. },
        Piece { kind: TokenKind::OpenInterpolation, .. },
        inside @ ..,
        Piece { kind: TokenKind::CloseTemplate, .. },
        Piece { kind: TokenKind::CloseQuote, .. },
    ] = within
    else {
        return None;
    };
    let mut quotes = 0_usize;
    for piece in inside {
        match piece.kind {
            TokenKind::OpenQuote => quotes += 1,
            TokenKind::CloseQuote => quotes = quotes.saturating_sub(1),
            TokenKind::OpenInterpolation | TokenKind::CloseTemplate | TokenKind::QuotedText if quotes == 0 => {
                return None;
            }
            _ => {}
        }
    }
    (!inside.is_empty()).then_some(inside)
}

/// Types as they were written long ago: quoted, or without the type of the elements.
fn modern_type<'a>(within: &[Piece<'a>]) -> Vec<Piece<'a>> {
    let (word, element) = match within {
        [word @ Piece { kind: TokenKind::Ident, .. }] => match word.text {
            "list" | "map" | "set" => (word, Some("any")),
            _ => return within.to_vec(),
        },
        [Piece { kind: TokenKind::OpenQuote, .. }, word, Piece { kind: TokenKind::CloseQuote, .. }] => {
            match word.text {
                "string" => (word, None),
                "list" | "map" => (word, Some("string")),
                _ => return within.to_vec(),
            }
        }
        _ => return within.to_vec(),
    };
    let mut out = vec![Piece { kind: TokenKind::Ident, ..*word }];
    if let Some(element) = element {
        out.push(word.beside(TokenKind::OpenParen, "("));
        out.push(word.beside(TokenKind::Ident, element));
        out.push(word.beside(TokenKind::CloseParen, ")"));
    }
    out
}
