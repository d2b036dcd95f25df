//! Tokens -> tree, with every problem of the text.
//!
//! Which texts are accepted, and the summaries of problems, follow HCL's own parser; the sentences are ours.
//! After a problem the parser skips to where the bracket closes or the next argument starts, and goes on.

mod body;
mod expression;
mod operand;
mod stray;
mod string;
mod template;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::token::{Token, TokenKind, lex_code, lex_template};
use super::tree::{Body, Expr, ExprKind, Name, Traversal};
use crate::diagnostic::{Diagnostic, Report, Span};

/// How deep brackets, blocks, signs and directives may be nested. The deepest kind of nesting takes less than
/// 6 KB of stack a level in an unoptimised build, so this fits threads of 2 MB with room to spare.
pub const MAX_DEPTH: usize = 250;

/// Parses a whole file. There is always a tree; it has gaps when the report has errors.
pub fn parse(file: u32, text: &str) -> (Body, Report) {
    let mut tokens = lex_code(text);
    // They are held while the tree grows.
    tokens.shrink_to_fit();
    let mut parser = Parser::new(file, text, tokens, Origin::default());
    let start = parser.peek_span();
    let body = parser.body(TokenKind::End, start);
    (body, parser.report)
}

/// Where a text comes from that is part of a file: for each byte its place there. Without places it is there as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    /// Place of the first byte.
    pub start: u32,
    /// Place of each byte and of the end, where the text was written with escapes.
    pub places: &'a [u32],
}

impl Origin<'_> {
    fn place(&self, at: u32) -> u32 {
        self.places.get(at as usize).or(self.places.last()).copied().unwrap_or(self.start + at)
    }

    fn span(&self, file: u32, start: u32, end: u32) -> Span {
        Span { file, start: self.place(start), end: self.place(end) }
    }
}

/// Parses one expression, in which line breaks do not matter; nothing when the report has errors.
pub fn parse_expression(file: u32, text: &str) -> (Option<Expr>, Report) {
    parse_expression_at(file, text, Origin::default())
}

/// The same for a text that stands somewhere in a file.
pub fn parse_expression_at(file: u32, text: &str, origin: Origin<'_>) -> (Option<Expr>, Report) {
    let mut parser = Parser::new(file, text, lex_code(text), origin);
    parser.newlines.push(false);
    let expr = parser.expression();
    if parser.peek() != TokenKind::End && !parser.recovery {
        let span = parser.peek_span();
        parser.error(
            "Extra characters after expression",
            "The expression is complete before this point, but more text follows. Remove the rest, or join it with an operator.",
            span,
            None,
        );
    }
    let report = parser.report;
    ((!report.has_errors()).then_some(expr), report)
}

/// Parses a template file: literal text with interpolations and directives.
pub fn parse_template(file: u32, text: &str) -> (Expr, Report) {
    parse_template_at(file, text, Origin::default())
}

/// The same for a text that stands somewhere in a file.
pub fn parse_template_at(file: u32, text: &str, origin: Origin<'_>) -> (Expr, Report) {
    let mut parser = Parser::new(file, text, lex_template(text, true), origin);
    let span = origin.span(file, 0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    let kind = parser.template(TokenKind::End, false);
    (Expr { kind, span }, parser.report)
}

/// Parses a variable with attribute steps, constant indexes and `[*]`, and nothing else; nothing when the report
/// has errors. For addresses and the like, where expressions make no sense.
pub fn parse_traversal(file: u32, text: &str) -> (Option<Traversal>, Report) {
    let mut parser = Parser::new(file, text, lex_code(text), Origin::default());
    parser.newlines.push(false);
    let traversal = parser.constant_traversal();
    let report = parser.report;
    (traversal.filter(|_| !report.has_errors()), report)
}

struct Parser<'a> {
    file: u32,
    text: &'a str,
    origin: Origin<'a>,
    /// Without spaces and comments; a comment that ends its line counts as a line break.
    tokens: Vec<Token>,
    at: usize,
    /// Whether line breaks matter, innermost bracket last.
    newlines: Vec<bool>,
    /// After a problem, until the start of an argument or block is found again: problems that would follow from
    /// the first are kept back.
    recovery: bool,
    /// Whether anything was ever skipped: braces may no longer match.
    skipped: bool,
    depth: usize,
    report: Report,
    /// Words that stood in the text so far.
    names: HashMap<&'a str, Arc<str>>,
    /// Names joined by dots that stood in the text so far.
    traversals: HashMap<&'a str, Arc<Traversal>>,
}

impl<'a> Parser<'a> {
    fn new(file: u32, text: &'a str, tokens: Vec<Token>, origin: Origin<'a>) -> Self {
        Self {
            report: stray::report(file, text, &tokens, origin),
            file,
            text,
            origin,
            tokens,
            at: 0,
            newlines: vec![true],
            recovery: false,
            skipped: false,
            depth: 0,
            names: HashMap::new(),
            traversals: HashMap::new(),
        }
    }

    /// A word, shared with where it stood before.
    fn shared_token(&mut self, token: Token) -> Arc<str> {
        self.shared(Cow::Borrowed(self.token_text(token)))
    }

    fn shared(&mut self, word: Cow<'a, str>) -> Arc<str> {
        let Cow::Borrowed(text) = word else { return word.into() };
        self.names.entry(text).or_insert_with(|| Arc::from(text)).clone()
    }

    // --- tokens ---

    fn next_index(&self) -> usize {
        let newlines = self.newlines.last().copied().unwrap_or(true);
        let mut at = self.at.min(self.tokens.len() - 1);
        while !newlines && self.tokens[at].kind == TokenKind::Newline {
            at += 1;
        }
        at
    }

    fn peek_token(&self) -> Token {
        self.tokens[self.next_index()]
    }

    fn peek(&self) -> TokenKind {
        self.peek_token().kind
    }

    fn peek_span(&self) -> Span {
        self.span(self.peek_token())
    }

    fn read(&mut self) -> Token {
        let at = self.next_index();
        self.at = at + 1;
        self.tokens[at]
    }

    fn read_span(&mut self) -> Span {
        let token = self.read();
        self.span(token)
    }

    /// Reads the next token if it is of this kind.
    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.read();
        }
        found
    }

    fn span(&self, token: Token) -> Span {
        self.origin.span(self.file, token.start, token.end)
    }

    /// Of the token read last.
    fn previous_span(&self) -> Span {
        match self.at.min(self.tokens.len()).checked_sub(1) {
            Some(at) => self.span(self.tokens[at]),
            None => self.peek_span(),
        }
    }

    fn token_text(&self, token: Token) -> &'a str {
        &self.text[token.start as usize..token.end as usize]
    }

    fn name(&mut self, token: Token) -> Name {
        Name { text: self.shared_token(token), span: self.span(token) }
    }

    fn peek_word(&self, word: &str) -> bool {
        let token = self.peek_token();
        token.kind == TokenKind::Ident && self.token_text(token) == word
    }

    // --- problems ---

    #[cold]
    #[inline(never)]
    fn error(&mut self, summary: impl Into<Cow<'static, str>>, detail: &str, at: Span, context: Option<Span>) {
        self.report.push(Diagnostic::error(summary, detail).at(at).within(context));
    }

    /// The same, unless an earlier problem probably caused it.
    #[cold]
    #[inline(never)]
    fn error_unless_recovering(&mut self, summary: &'static str, detail: &str, at: Span, context: Option<Span>) {
        let told = self.skipped && self.is_stray(at);
        if !self.recovery && !told {
            self.error(summary, detail, at, context);
        }
    }

    /// Whether the token at this place was already reported for itself.
    fn is_stray(&self, at: Span) -> bool {
        let found = self.tokens.binary_search_by_key(&at.start, |token| token.start);
        found.is_ok_and(|index| stray::is_stray(self.tokens[index].kind))
    }

    /// Whether problems came up since `before` and the place in the text is lost.
    fn lost_since(&self, before: usize) -> bool {
        self.recovery && self.report.0.len() > before
    }

    fn set_recovery(&mut self) {
        self.recovery = true;
        self.skipped = true;
    }

    /// Steps into a nested construct; reports and refuses when it is too deep. Pair with `self.depth -= 1`.
    fn enter(&mut self) -> bool {
        if self.depth >= MAX_DEPTH {
            let span = self.peek_span();
            self.too_deep(span);
            return false;
        }
        self.depth += 1;
        true
    }

    #[cold]
    #[inline(never)]
    fn too_deep(&mut self, span: Span) {
        let detail = format!(
            "Brackets, blocks, signs and directives may be nested {MAX_DEPTH} levels deep, and here it is more. Move inner parts to local values."
        );
        self.error_unless_recovering("Nesting too deep", &detail, span, None);
        self.set_recovery();
    }

    fn invalid(span: Span) -> Expr {
        Expr { kind: ExprKind::Invalid, span }
    }

    // --- skipping after problems ---

    /// Skips past the `end` that closes the current bracket.
    #[cold]
    fn skip_past(&mut self, end: TokenKind) -> Token {
        self.set_recovery();
        let start = opener(end);
        let mut nested = 0_usize;
        loop {
            let token = self.read();
            let kind = match token.kind {
                TokenKind::OpenDirective => TokenKind::OpenInterpolation,
                kind => kind,
            };
            if kind == TokenKind::End || (kind == end && nested == 0) {
                return token;
            } else if kind == end {
                nested -= 1;
            } else if Some(kind) == start {
                nested += 1;
            }
        }
    }

    /// Skips past the next pair of parentheses.
    #[cold]
    fn skip_past_parens(&mut self) {
        while !matches!(self.read().kind, TokenKind::OpenParen | TokenKind::End) {}
        self.skip_past(TokenKind::CloseParen);
    }

    /// Skips to the next line that is not inside a bracket opened on the way.
    #[cold]
    fn skip_item(&mut self) {
        self.set_recovery();
        let mut open: Vec<TokenKind> = Vec::new();
        loop {
            let kind = self.read().kind;
            match kind {
                TokenKind::End => return,
                TokenKind::Newline if open.is_empty() => return,
                TokenKind::OpenDirective => open.push(TokenKind::OpenInterpolation),
                TokenKind::OpenBrace
                | TokenKind::OpenBracket
                | TokenKind::OpenParen
                | TokenKind::OpenQuote
                | TokenKind::OpenHeredoc
                | TokenKind::OpenInterpolation => open.push(kind),
                _ => {
                    if let Some(start) = opener(kind) {
                        let depth = open.iter().rposition(|kind| *kind == start).unwrap_or(0);
                        open.truncate(depth);
                    }
                }
            }
        }
    }
}

fn opener(end: TokenKind) -> Option<TokenKind> {
    match end {
        TokenKind::CloseBrace => Some(TokenKind::OpenBrace),
        TokenKind::CloseBracket => Some(TokenKind::OpenBracket),
        TokenKind::CloseParen => Some(TokenKind::OpenParen),
        TokenKind::CloseQuote => Some(TokenKind::OpenQuote),
        TokenKind::CloseHeredoc => Some(TokenKind::OpenHeredoc),
        TokenKind::CloseTemplate => Some(TokenKind::OpenInterpolation),
        _ => None,
    }
}
