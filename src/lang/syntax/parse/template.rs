//! Templates: literal text, interpolations and directives in strings, heredocs and template files.
//!
//! Trim markers and heredoc indentation work on pieces as the scanner cuts them (a heredoc at each line end),
//! so a trim marker never reaches beyond the end of a line.

use super::{MAX_DEPTH, Parser};
use crate::diagnostic::{Span, near_miss};
use crate::lang::syntax::token::{Token, TokenKind};
use crate::lang::syntax::tree::{Expr, ExprKind, ForDirective, IfDirective, Name, TemplatePart};

/// A template before its directives are matched.
enum Piece {
    Literal { text: String, span: Span },
    Interpolation(Expr),
    If { condition: Expr, span: Span },
    For { variables: (Option<Name>, Name), collection: Expr, span: Span },
    Closing { word: &'static str, span: Span },
}

/// A directive that is still open, with the parts before it.
struct Open {
    directive: Directive,
    span: Span,
    outer: Vec<TemplatePart>,
}

enum Directive {
    /// `yes` is set from `else` on.
    If {
        condition: Expr,
        yes: Option<Vec<TemplatePart>>,
    },
    For {
        variables: (Option<Name>, Name),
        collection: Expr,
    },
}

const DIRECTIVES: [&str; 5] = ["if", "for", "else", "endif", "endfor"];

impl Parser<'_> {
    /// Everything up to and including `end`.
    pub(super) fn template(&mut self, end: TokenKind, flush: bool) -> ExprKind {
        let mut pieces = self.pieces(end);
        if flush {
            remove_indentation(&mut pieces);
        }
        if let [Piece::Interpolation(_)] = pieces.as_slice()
            && let Some(Piece::Interpolation(expr)) = pieces.pop()
        {
            return ExprKind::TemplateWrap(expr.into());
        }
        let end = self.previous_span();
        ExprKind::Template(self.match_directives(join_literals(pieces), end))
    }

    // --- pieces ---

    fn pieces(&mut self, end: TokenKind) -> Vec<Piece> {
        let opening = self.tokens[self.at.min(self.tokens.len()).saturating_sub(1)];
        let start = self.peek_span();
        let mut pieces = Vec::new();
        let mut trim_next = false;
        loop {
            let token = self.read();
            let trim = std::mem::take(&mut trim_next);
            match token.kind {
                kind if kind == end => return pieces,
                TokenKind::Text | TokenKind::QuotedText => {
                    let mut text = self.literal(token);
                    if trim {
                        text.drain(..text.len() - text.trim_start().len());
                    }
                    pieces.push(Piece::Literal { text, span: self.span(token) });
                }
                TokenKind::OpenInterpolation | TokenKind::OpenDirective => {
                    if self.token_text(token).ends_with('~')
                        && let Some(Piece::Literal { text, .. }) = pieces.last_mut()
                    {
                        text.truncate(text.trim_end().len());
                    }
                    self.newlines.push(false);
                    if token.kind == TokenKind::OpenInterpolation {
                        pieces.push(Piece::Interpolation(self.expression()));
                        trim_next = self.close_interpolation(start, end);
                    } else if let Some((piece, word)) = self.directive(token) {
                        pieces.push(piece);
                        trim_next = self.close_directive(start, word);
                    } else {
                        self.skip_past(TokenKind::CloseTemplate);
                    }
                    self.newlines.pop();
                }
                _ => {
                    self.unterminated(end, opening, start, self.span(token));
                    self.skip_past(end);
                    return pieces;
                }
            }
        }
    }

    #[cold]
    fn unterminated(&mut self, end: TokenKind, opening: Token, start: Span, span: Span) {
        let summary = "Unterminated template string";
        if end != TokenKind::CloseHeredoc {
            let detail = "The string does not end where it should: its closing mark is missing.";
            return self.error_unless_recovering(summary, detail, span, Some(start.to(span)));
        }
        let text = self.token_text(opening).trim_end();
        let width = u32::try_from(text.len()).unwrap_or_default();
        let opening = self.span(Token { end: opening.start + width, ..opening });
        let marker = text.trim_start_matches('<').trim_start_matches('-').trim();
        let detail = format!(
            "The heredoc that starts here has no end: a line with {marker} alone is missing. It needs a line break behind it, \
             also at the end of the file."
        );
        self.error_unless_recovering(summary, &detail, opening, None);
    }

    /// Reads the closing brace; the answer is whether it has a trim marker.
    fn close_template(&mut self) -> Option<bool> {
        let token = self.peek_token();
        self.eat(TokenKind::CloseTemplate).then(|| self.token_text(token) == "~}")
    }

    fn close_interpolation(&mut self, start: Span, end: TokenKind) -> bool {
        if let Some(trim) = self.close_template() {
            return trim;
        }
        self.unclosed_interpolation(start, end);
        self.skip_past(TokenKind::CloseTemplate);
        false
    }

    #[cold]
    fn unclosed_interpolation(&mut self, start: Span, end: TokenKind) {
        let span = self.peek_span();
        let summary = "Unclosed template interpolation sequence";
        match self.peek() {
            TokenKind::End => {
                let detail = "The file ends before the brace that closes this interpolation.";
                self.error_unless_recovering(summary, detail, start, None);
            }
            TokenKind::OpenQuote | TokenKind::CloseQuote if end == TokenKind::CloseQuote => {
                let detail = "The string ends before the brace that closes this interpolation.";
                self.error_unless_recovering(summary, detail, start, None);
            }
            _ => {
                let summary = "Extra characters after interpolation expression";
                let detail = "Here the brace that closes the interpolation is expected. If the text belongs to another language, such as a shell script, write \"$${\" for a literal \"${\".";
                self.error_unless_recovering(summary, detail, span, Some(start.to(span)));
            }
        }
    }

    fn close_directive(&mut self, start: Span, word: &'static str) -> bool {
        if let Some(trim) = self.close_template() {
            return trim;
        }
        if !self.recovery {
            let span = self.peek_span();
            let detail = "Here the brace that closes the directive is expected.";
            self.error(format!("Extra characters in {word} marker"), detail, span, Some(start.to(span)));
        }
        self.skip_past(TokenKind::CloseTemplate);
        false
    }

    /// A directive up to its closing brace; nothing when it makes no sense.
    fn directive(&mut self, open: Token) -> Option<(Piece, &'static str)> {
        let open = self.span(open);
        let keyword = self.peek_token();
        let word = match DIRECTIVES.iter().find(|word| **word == self.token_text(keyword)) {
            Some(word) if keyword.kind == TokenKind::Ident => *word,
            _ => {
                self.bad_directive(keyword, open);
                return None;
            }
        };
        self.read();
        let piece = match word {
            "if" => {
                let condition = self.expression();
                Piece::If { condition, span: open.to(self.peek_span()) }
            }
            "for" => {
                let variables = match self.for_variables() {
                    Ok(variables) => variables,
                    Err(detail) => {
                        let span = self.peek_span();
                        self.error_unless_recovering("Invalid 'for' directive", detail, span, None);
                        return None;
                    }
                };
                let collection = self.expression();
                Piece::For { variables, collection, span: open.to(self.peek_span()) }
            }
            _ => Piece::Closing { word, span: open.to(self.peek_span()) },
        };
        Some((piece, word))
    }

    #[cold]
    fn bad_directive(&mut self, keyword: Token, open: Span) {
        let span = self.span(keyword);
        let context = Some(open.to(span));
        if keyword.kind != TokenKind::Ident {
            let detail = "After %{ one of the words if, else, endif, for and endfor must follow. Write \"%%{\" for a literal \"%{\".";
            self.error_unless_recovering("Invalid template directive", detail, span, context);
            return;
        }
        self.read();
        let given = self.token_text(keyword);
        let hint = near_miss(given, DIRECTIVES).map(|word| format!(" Did you mean \"{word}\"?")).unwrap_or_default();
        let detail = format!("The directives are if, else, endif, for and endfor; there is no \"{given}\".{hint}");
        self.error_unless_recovering("Invalid template control keyword", &detail, span, context);
    }

    // --- directives ---

    fn match_directives(&mut self, pieces: Vec<Piece>, end: Span) -> Vec<TemplatePart> {
        let mut parts = Vec::new();
        let mut open: Vec<Open> = Vec::new();
        for piece in pieces {
            let (directive, span) = match piece {
                Piece::Literal { text, span } => {
                    if !text.is_empty() {
                        parts.push(TemplatePart::Literal { text: text.into(), span });
                    }
                    continue;
                }
                Piece::Interpolation(expr) => {
                    parts.push(TemplatePart::Interpolation(expr));
                    continue;
                }
                Piece::Closing { word, span } => {
                    self.close(word, span, &mut open, &mut parts);
                    continue;
                }
                Piece::If { condition, span } => (Directive::If { condition, yes: None }, span),
                Piece::For { variables, collection, span } => (Directive::For { variables, collection }, span),
            };
            if self.depth + open.len() >= MAX_DEPTH {
                self.too_deep(span);
                return parts;
            }
            open.push(Open { directive, span, outer: std::mem::take(&mut parts) });
        }
        for left in open.iter().rev() {
            let word = left.directive.closing_word();
            let detail = format!("The template ends before the %{{ {word} }} of this directive.");
            self.error("Unexpected end of template", &detail, left.span, Some(left.span.to(end)));
        }
        parts.shrink_to_fit();
        parts
    }

    /// Applies an `else`, `endif` or `endfor` to the innermost open directive.
    fn close(&mut self, word: &'static str, span: Span, open: &mut Vec<Open>, parts: &mut Vec<TemplatePart>) {
        let Some(Open { directive, span: start, outer }) = open.pop() else {
            self.unexpected(word, "No directive is open here.", span);
            return;
        };
        let inner = std::mem::replace(parts, outer);
        let (here, span) = (span, start.to(span));
        match (directive, word) {
            (Directive::If { condition, yes: None }, "else") => {
                let directive = Directive::If { condition, yes: Some(inner) };
                open.push(Open { directive, span: start, outer: std::mem::take(parts) });
            }
            (Directive::If { condition, yes }, "endif") => {
                let (yes, no) = match yes {
                    Some(yes) => (yes, inner),
                    None => (inner, Vec::new()),
                };
                parts.push(TemplatePart::If(Box::new(IfDirective { condition, yes, no, span })));
            }
            (Directive::For { variables: (key_var, value_var), collection }, "endfor") => {
                let part = ForDirective { key_var, value_var, collection, body: inner, span };
                parts.push(TemplatePart::For(Box::new(part)));
            }
            (directive, _) => {
                let expected = directive.closing_word();
                let detail = format!("The innermost open directive is closed by %{{ {expected} }}.");
                self.unexpected(word, &detail, here);
            }
        }
    }

    #[cold]
    fn unexpected(&mut self, word: &str, detail: &str, span: Span) {
        self.error(format!("Unexpected {word} directive"), detail, span, None);
    }
}

impl Directive {
    fn closing_word(&self) -> &'static str {
        match self {
            Self::If { .. } => "endif",
            Self::For { .. } => "endfor",
        }
    }
}

/// Makes one literal of neighbouring ones.
fn join_literals(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Piece::Literal { text, span }), Piece::Literal { text: more, span: end }) => {
                text.push_str(&more);
                *span = span.to(end);
            }
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

/// Removes the indentation that all lines share. Blank lines do not count, and neither does a line whose
/// break was trimmed away before it.
fn remove_indentation(pieces: &mut [Piece]) {
    let mut least = usize::MAX;
    let mut line_start = true;
    let mut firsts = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let literal = match piece {
            Piece::Literal { text, .. } => Some(text),
            _ => None,
        };
        if line_start {
            line_start = false;
            let blank = literal.is_some_and(|text| text.ends_with('\n') && text.trim_start().is_empty());
            if !blank {
                let indentation = literal.map_or(0, |text| text.chars().take_while(|c| c.is_whitespace()).count());
                least = least.min(indentation);
                firsts.push(at);
            }
        }
        line_start |= literal.is_some_and(|text| text.ends_with('\n'));
    }
    for at in firsts {
        if let Piece::Literal { text, span } = &mut pieces[at] {
            let bytes: usize = text.chars().take(least).map(char::len_utf8).sum();
            text.drain(..bytes);
            span.start += u32::try_from(bytes).unwrap_or(0);
        }
    }
}
