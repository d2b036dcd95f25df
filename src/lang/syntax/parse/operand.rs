//! Terms: literals, variables, calls, parentheses, tuples, objects and `for`.

use std::borrow::Cow;

use super::Parser;
use crate::diagnostic::Span;
use crate::lang::syntax::token::{Token, TokenKind};
use crate::lang::syntax::tree::{Call, Expr, ExprKind, For, Name, ObjectEntry, ObjectKey};

const CLOSE_TUPLE: &str =
    "The file ends before the closing bracket of this tuple. Look also for a bracket that is missing further down.";
const CLOSE_OBJECT: &str =
    "The file ends before the closing brace of this object. Look also for a brace that is missing further down.";

impl Parser<'_> {
    pub(super) fn term(&mut self) -> Expr {
        match self.peek() {
            TokenKind::OpenParen => self.parens(),
            TokenKind::Number => {
                let token = self.read();
                self.check_number(token);
                let text = self.token_text(token).replacen(".e", "e", 1).replacen(".E", "e", 1);
                Expr { kind: ExprKind::Number(text.into()), span: self.span(token) }
            }
            TokenKind::Ident => self.word(),
            TokenKind::OpenQuote | TokenKind::OpenHeredoc => self.string(),
            TokenKind::OpenBracket => self.tuple(),
            TokenKind::OpenBrace => self.object(),
            _ => self.no_term(),
        }
    }

    #[cold]
    fn no_term(&mut self) -> Expr {
        let span = self.peek_span();
        if self.peek() == TokenKind::End {
            let detail = "The text ends where a value should start.";
            self.error_unless_recovering("Missing expression", detail, span, None);
        } else {
            let detail =
                "Here a value should start: a string in quotes, a number, a reference, a function call or a bracket.";
            self.error_unless_recovering("Invalid expression", detail, span, None);
        }
        self.set_recovery();
        Self::invalid(span)
    }

    pub(super) fn check_number(&mut self, token: Token) {
        let text = self.token_text(token);
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        if mantissa.matches('.').count() > 1 || exponent.contains(['.', 'e', 'E']) {
            let detail = "A number has digits, at most one dot and at most one exponent, such as 1.5e3.";
            let span = self.span(token);
            self.error("Invalid number literal", detail, span, None);
        }
    }

    fn word(&mut self) -> Expr {
        let token = self.read();
        if matches!(self.peek(), TokenKind::OpenParen | TokenKind::DoubleColon) {
            return self.call(token);
        }
        let span = self.span(token);
        let kind = match self.token_text(token) {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            _ => return self.reference(token),
        };
        Expr { kind, span }
    }

    fn string(&mut self) -> Expr {
        let open = self.read();
        let end = if open.kind == TokenKind::OpenQuote { TokenKind::CloseQuote } else { TokenKind::CloseHeredoc };
        let flush = self.token_text(open).starts_with("<<-");
        let kind = self.template(end, flush);
        Expr { kind, span: self.span(open).to(self.previous_span()) }
    }

    fn parens(&mut self) -> Expr {
        let open = self.read_span();
        self.newlines.push(false);
        let before = self.report.0.len();
        let inner = self.expression();
        let expr = if self.report.0.len() > before {
            self.skip_past(TokenKind::CloseParen);
            inner
        } else {
            if self.peek() != TokenKind::CloseParen {
                let span = self.peek_span();
                let detail = "Here the closing parenthesis of the expression is expected.";
                self.error("Unbalanced parentheses", detail, span, Some(open.to(span)));
                self.set_recovery();
            }
            let span = open.to(self.read_span());
            Expr { kind: ExprKind::Parens(inner.into()), span }
        };
        self.newlines.pop();
        expr
    }

    // --- calls ---

    fn call(&mut self, first: Token) -> Expr {
        let start = self.span(first);
        let mut name = Cow::Borrowed(self.token_text(first));
        let mut name_span = start;
        while self.eat(TokenKind::DoubleColon) {
            let next = self.read();
            name_span = start.to(self.span(next));
            if next.kind != TokenKind::Ident {
                let detail = "After two colons the name of a function in that namespace must follow.";
                return self.broken_call("Missing function name", detail, next, start);
            }
            name = Cow::Owned(format!("{name}::{}", self.token_text(next)));
        }
        let open = self.read();
        if open.kind != TokenKind::OpenParen {
            let detail = "After the name of a function its arguments must follow in parentheses.";
            return self.broken_call("Missing open parenthesis", detail, open, start);
        }
        self.newlines.push(false);
        let (args, expand_final) = self.arguments(start.to(self.span(open)));
        self.newlines.pop();
        let span = start.to(self.previous_span());
        Expr { kind: ExprKind::Call(Box::new(Call { name: self.shared(name), name_span, args, expand_final })), span }
    }

    #[cold]
    fn broken_call(&mut self, summary: &'static str, detail: &str, bad: Token, start: Span) -> Expr {
        let span = self.span(bad);
        self.error(summary, detail, span, Some(start.to(span)));
        self.skip_past_parens();
        Self::invalid(start.to(span))
    }

    fn arguments(&mut self, header: Span) -> (Vec<Expr>, bool) {
        let mut args = Vec::new();
        while !self.eat(TokenKind::CloseParen) {
            let before = self.report.0.len();
            args.push(self.expression());
            if self.lost_since(before) {
                self.skip_past(TokenKind::CloseParen);
                break;
            }
            let separator = self.read();
            match separator.kind {
                TokenKind::Comma => {}
                TokenKind::CloseParen => break,
                TokenKind::Ellipsis => {
                    if !self.eat(TokenKind::CloseParen) {
                        let detail =
                            "After the three dots that spread the last argument, the closing parenthesis must follow.";
                        let span = self.span(separator);
                        self.error_unless_recovering(
                            "Missing closing parenthesis",
                            detail,
                            span,
                            Some(header.to(span)),
                        );
                        self.skip_past(TokenKind::CloseParen);
                    }
                    return (args, true);
                }
                _ => {
                    self.bad_argument_separator(separator, header);
                    self.skip_past(TokenKind::CloseParen);
                    break;
                }
            }
        }
        args.shrink_to_fit();
        (args, false)
    }

    #[cold]
    fn bad_argument_separator(&mut self, separator: Token, header: Span) {
        if separator.kind == TokenKind::End {
            let detail = "The file ends before the closing parenthesis of this call. Look also for a parenthesis that is missing further down.";
            self.error("Unterminated function call", detail, header, None);
        } else {
            let span = self.span(separator);
            let detail = "Arguments of a function are separated by commas.";
            self.error("Missing argument separator", detail, span, Some(header.to(span)));
        }
    }

    // --- tuples and objects ---

    fn tuple(&mut self) -> Expr {
        let open = self.read_span();
        self.newlines.push(false);
        let kind = if self.peek_word("for") {
            self.for_expression(open, TokenKind::CloseBracket)
        } else {
            ExprKind::Tuple(self.elements(open))
        };
        self.newlines.pop();
        Expr { kind, span: open.to(self.previous_span()) }
    }

    fn elements(&mut self, open: Span) -> Vec<Expr> {
        let mut elements = Vec::new();
        while !self.eat(TokenKind::CloseBracket) {
            let before = self.report.0.len();
            elements.push(self.expression());
            if self.lost_since(before) {
                self.skip_past(TokenKind::CloseBracket);
                break;
            }
            if self.peek() == TokenKind::CloseBracket {
                continue;
            }
            if !self.eat(TokenKind::Comma) {
                let span = self.peek_span();
                if self.peek() == TokenKind::End {
                    self.error_unless_recovering("Unterminated tuple constructor expression", CLOSE_TUPLE, open, None);
                } else {
                    let detail = "Elements are separated by commas.";
                    self.error_unless_recovering("Missing item separator", detail, span, Some(open.to(span)));
                }
                self.skip_past(TokenKind::CloseBracket);
                break;
            }
        }
        elements.shrink_to_fit();
        elements
    }

    fn object(&mut self) -> Expr {
        let open = self.read_span();
        // A line break may stand before `for`, whereas between entries line breaks count.
        self.newlines.push(false);
        let kind = if self.peek_word("for") {
            self.for_expression(open, TokenKind::CloseBrace)
        } else {
            self.newlines.push(true);
            let entries = self.entries(open);
            self.newlines.pop();
            ExprKind::Object(entries)
        };
        self.newlines.pop();
        Expr { kind, span: open.to(self.previous_span()) }
    }

    fn entries(&mut self, open: Span) -> Vec<ObjectEntry> {
        let mut entries = Vec::new();
        loop {
            if self.eat(TokenKind::Newline) {
                continue;
            }
            if self.eat(TokenKind::CloseBrace) {
                entries.shrink_to_fit();
                return entries;
            }
            let Some(entry) = self.entry(open) else { break };
            entries.push(entry);
            if self.peek() == TokenKind::CloseBrace {
                continue;
            }
            if !self.eat(TokenKind::Comma) && !self.eat(TokenKind::Newline) {
                self.bad_entry_separator(open);
                break;
            }
        }
        self.skip_past(TokenKind::CloseBrace);
        entries
    }

    /// `key = value` or `key : value`; nothing when the place in the text is lost.
    fn entry(&mut self, open: Span) -> Option<ObjectEntry> {
        let before = self.report.0.len();
        let in_parens = self.peek() == TokenKind::OpenParen;
        let expr = self.expression();
        if self.lost_since(before) {
            return None;
        }
        let key = match expr.as_word() {
            Some(word) => ObjectKey::Name(Name { text: word.into(), span: expr.span }),
            None if !in_parens && expr.as_traversal().is_some() => ObjectKey::Ambiguous(expr),
            None => ObjectKey::Expr(expr),
        };
        if !self.eat(TokenKind::Equal) && !self.eat(TokenKind::Colon) {
            self.no_value(open);
            return None;
        }
        let before = self.report.0.len();
        let value = self.expression();
        (!self.lost_since(before)).then_some(ObjectEntry { key, value })
    }

    #[cold]
    fn no_value(&mut self, open: Span) {
        let span = self.peek_span();
        let context = Some(open.to(span));
        match self.peek() {
            TokenKind::Newline | TokenKind::Comma => {
                let detail = "After the key an equals sign (\"=\") and a value must follow.";
                self.error_unless_recovering("Missing attribute value", detail, span, context);
            }
            TokenKind::End => {
                let summary = "Unterminated object constructor expression";
                self.error_unless_recovering(summary, CLOSE_OBJECT, open, None);
            }
            _ => {
                let detail =
                    "After the key an equals sign (\"=\") must follow. A key with dots or spaces stands in quotes.";
                self.error_unless_recovering("Missing key/value separator", detail, span, context);
            }
        }
    }

    #[cold]
    fn bad_entry_separator(&mut self, open: Span) {
        let span = self.peek_span();
        if self.peek() == TokenKind::End {
            let summary = "Unterminated object constructor expression";
            self.error_unless_recovering(summary, CLOSE_OBJECT, open, None);
        } else {
            let detail = "Entries of an object are separated by line breaks or commas.";
            self.error_unless_recovering("Missing attribute separator", detail, span, Some(open.to(span)));
        }
    }

    // --- for ---

    /// From the word `for` to past the closing bracket.
    fn for_expression(&mut self, open: Span, close: TokenKind) -> ExprKind {
        self.read();
        let first_problem = self.report.0.len();
        let Some(parsed) = self.for_parts(open, close) else {
            self.skip_past(close);
            return ExprKind::Invalid;
        };
        if !self.eat(close) {
            let detail = "The expression is complete before this point; here its closing bracket is expected.";
            self.bad_for(detail, open);
            self.skip_past(close);
        }
        if self.report.0.len() > first_problem { ExprKind::Invalid } else { ExprKind::For(Box::new(parsed)) }
    }

    #[cold]
    fn bad_for(&mut self, detail: &str, open: Span) {
        let span = self.peek_span();
        self.error_unless_recovering("Invalid 'for' expression", detail, span, Some(open.to(span)));
    }

    fn for_parts(&mut self, open: Span, close: TokenKind) -> Option<For> {
        let (key_var, value_var) = match self.for_variables() {
            Ok(variables) => variables,
            Err(detail) => {
                self.bad_for(detail, open);
                return None;
            }
        };
        let before = self.report.0.len();
        let collection = self.expression();
        if self.lost_since(before) {
            return None;
        }
        if !self.eat(TokenKind::Colon) {
            self.bad_for("After the collection a colon must follow.", open);
            return None;
        }
        let mut value = self.expression();
        let mut key = None;
        if self.eat(TokenKind::FatArrow) {
            key = Some(std::mem::replace(&mut value, self.expression()));
        }
        if self.lost_since(before) {
            return None;
        }
        let group = self.eat(TokenKind::Ellipsis);
        let group_span = self.previous_span();
        let mut condition = None;
        if self.peek_word("if") {
            self.read();
            condition = Some(self.expression());
            if self.lost_since(before) {
                return None;
            }
        }
        let wrong = match (close, &key) {
            (TokenKind::CloseBracket, Some(key)) => {
                Some(("A tuple has no keys; use braces to build an object.", key.span))
            }
            (TokenKind::CloseBracket, None) if group => {
                Some(("The three dots group values by key, which only works in an object.", group_span))
            }
            (TokenKind::CloseBrace, None) => {
                Some(("An object needs a key for each value: {for v in list : v => v}.", value.span))
            }
            _ => None,
        };
        if let Some((detail, span)) = wrong {
            self.error("Invalid 'for' expression", detail, span, Some(open.to(span)));
        }
        Some(For { key_var, value_var, collection, key, value, group, condition })
    }

    /// One or two variables and the word `in`.
    pub(super) fn for_variables(&mut self) -> Result<(Option<Name>, Name), &'static str> {
        if self.peek() != TokenKind::Ident {
            return Err("After \"for\" the name of a variable must follow.");
        }
        let token = self.read();
        let mut value = self.name(token);
        let mut key = None;
        if self.eat(TokenKind::Comma) {
            if self.peek() != TokenKind::Ident {
                return Err("After the comma the name of the variable for values must follow.");
            }
            let token = self.read();
            key = Some(std::mem::replace(&mut value, self.name(token)));
        }
        if !self.peek_word("in") {
            return Err("After the variables the word \"in\" must follow.");
        }
        self.read();
        Ok((key, value))
    }
}
