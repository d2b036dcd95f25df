//! Escapes in strings, and strings that may hold no template.

use super::Parser;
use crate::diagnostic::Span;
use crate::lang::syntax::token::{Token, TokenKind};
use crate::lang::syntax::tree::Label;

impl Parser<'_> {
    /// The text a literal token stands for.
    pub(super) fn literal(&mut self, token: Token) -> String {
        let text = self.token_text(token);
        if text.starts_with("$${") || text.starts_with("%%{") {
            return format!("{}{}", &text[..1], &text[2..]);
        }
        if token.kind != TokenKind::QuotedText || !text.contains('\\') {
            return text.to_owned();
        }
        self.unescape(text, token.start)
    }

    fn unescape(&mut self, text: &str, start: u32) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let selector = rest[1..].chars().next();
            let mut len = 1 + selector.map_or(0, char::len_utf8);
            match selector {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(c @ ('"' | '\\')) => out.push(c),
                Some(c @ ('u' | 'U')) => {
                    let most = if c == 'u' { 4 } else { 8 };
                    len += rest[2..].bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
                    let code = (len == most + 2).then(|| u32::from_str_radix(&rest[2..len], 16).ok()).flatten();
                    if let Some(character) = code.and_then(char::from_u32) {
                        out.push(character);
                    } else {
                        self.bad_escape(start, text, rest, len);
                        out.push_str(&rest[..len]);
                    }
                }
                _ => {
                    self.bad_escape(start, text, rest, len);
                    out.push_str(&rest[1..len]);
                }
            }
            rest = &rest[len..];
        }
        out.push_str(rest);
        out
    }

    #[cold]
    fn bad_escape(&mut self, start: u32, text: &str, rest: &str, len: usize) {
        let offset = start + u32::try_from(text.len() - rest.len()).unwrap_or(0);
        let span = self.origin.span(self.file, offset, offset + u32::try_from(len).unwrap_or(0));
        let escape = &rest[..len];
        let detail = match (rest.as_bytes().get(1), len) {
            (Some(b'u'), 6) | (Some(b'U'), 10) => format!("There is no character with the number in {escape}."),
            (Some(b'u'), _) => "After \\u there must be four hexadecimal digits.".to_owned(),
            (Some(b'U'), _) => "After \\U there must be eight hexadecimal digits.".to_owned(),
            _ => format!(
                "{escape} is no escape sequence. There are \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN; write \\\\ for a backslash."
            ),
        };
        self.error("Invalid escape sequence", &detail, span, None);
    }

    /// A quoted string in which templates are not allowed: a label.
    pub(super) fn quoted_label(&mut self) -> Label {
        let open = self.read_span();
        if let (TokenKind::QuotedText, Some(end)) = (self.peek(), self.tokens.get(self.at + 1))
            && end.kind == TokenKind::CloseQuote
            && !self.token_text(self.peek_token()).contains(['\\', '$', '%'])
        {
            let text = self.read();
            return Label { text: self.shared_token(text), span: open.to(self.read_span()) };
        }
        let mut text = String::new();
        loop {
            let token = self.read();
            let span = self.span(token);
            match token.kind {
                TokenKind::CloseQuote => return Label { text: text.into(), span: open.to(span) },
                TokenKind::QuotedText => text.push_str(&self.literal(token)),
                TokenKind::OpenInterpolation | TokenKind::OpenDirective => {
                    self.template_in_label(token, open);
                    text.push_str(&self.token_text(token)[..1]);
                    text.push_str("{ ... }");
                    self.skip_past(TokenKind::CloseTemplate);
                }
                TokenKind::End => {
                    let detail = "The file ends before the quote that closes this string.";
                    self.error("Unterminated string literal", detail, open, Some(open.to(span)));
                    return Label { text: text.into(), span: open.to(span) };
                }
                _ => {
                    self.error("Invalid string literal", "This cannot stand in a string.", span, Some(open.to(span)));
                    self.skip_past(TokenKind::CloseQuote);
                    return Label { text: text.into(), span: open.to(span) };
                }
            }
        }
    }

    #[cold]
    fn template_in_label(&mut self, token: Token, open: Span) {
        let sign = &self.token_text(token)[..1];
        let detail = format!(
            "This string must be fixed and cannot hold templates. For a literal \"{sign}{{\" write \"{sign}{sign}{{\"."
        );
        let span = self.span(token);
        self.error("Invalid string literal", &detail, span, Some(open.to(span)));
    }
}
