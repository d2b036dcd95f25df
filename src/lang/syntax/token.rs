//! Tokens of the language: every byte of the text belongs to exactly one, so the text can be put together again.
//!
//! Which tokens there are, and where strings and heredocs are cut, follows HCL's scanner, because error
//! messages, trim markers and heredoc indentation depend on it.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Byte order mark at the start of the text.
    Bom,
    /// Spaces and tabs.
    Space,
    /// `# …`, `// …` with their line break, or `/* … */`.
    Comment,
    /// Line break.
    Newline,
    /// A name.
    Ident,
    /// A number.
    Number,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `"` at the start of a string.
    OpenQuote,
    /// `"` at the end of a string.
    CloseQuote,
    /// `<<EOT` or `<<-EOT` with its line break.
    OpenHeredoc,
    /// The line that ends a heredoc, without its line break but with its indentation.
    CloseHeredoc,
    /// Part of a quoted string, may hold escapes.
    QuotedText,
    /// Line break in a quoted string; always an error.
    QuotedNewline,
    /// Part of a heredoc or template file; at most one line.
    Text,
    /// `${` or `${~`
    OpenInterpolation,
    /// `%{` or `%{~`
    OpenDirective,
    /// `}` or `~}` that ends an interpolation or directive.
    CloseTemplate,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `=`
    Equal,
    /// `==`
    EqualEqual,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Bang,
    /// `.`
    Dot,
    /// `...`
    Ellipsis,
    /// `,`
    Comma,
    /// `?`
    Question,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `=>`
    FatArrow,
    /// `&`, `|`, `~` or `^`: no operator of the language.
    Bitwise,
    /// `` ` ``, `'` or `;`: not used by the language, but often tried.
    Foreign,
    /// Any other character.
    Invalid,
    /// End of the text; empty.
    End,
}

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// What the scanner is in the middle of.
#[derive(Clone, Debug)]
enum Mode {
    /// Outside strings.
    Code,
    /// Between quotes.
    Quoted,
    /// In a heredoc that `marker` ends; `line_start` tells whether the marker may come now.
    Heredoc { marker: Box<str>, line_start: bool },
    /// In a template file.
    Bare,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    modes: Vec<Mode>,
    braces: i64,
    /// Brace levels at which a closing brace ends an interpolation or directive.
    returns: Vec<i64>,
    /// Where no `*/` follows any more.
    last_comment_end: usize,
    /// Whether spaces and comments are left out; a comment that ends its line counts as a line break.
    is_code_only: bool,
    tokens: Vec<Token>,
}

/// The tokens of a file or expression, [`TokenKind::End`] last.
pub fn lex(text: &str) -> Vec<Token> {
    Lexer::new(text, Mode::Code, false).run()
}

/// The same without spaces and comments; a comment that ends its line counts as a line break.
pub fn lex_code(text: &str) -> Vec<Token> {
    Lexer::new(text, Mode::Code, true).run()
}

/// The tokens of a template file, [`TokenKind::End`] last; `is_code_only` leaves out spaces and comments in its code.
pub fn lex_template(text: &str, is_code_only: bool) -> Vec<Token> {
    Lexer::new(text, Mode::Bare, is_code_only).run()
}

/// Whether the text is a name of the language.
pub fn is_identifier(text: &str) -> bool {
    !text.is_empty() && identifier_len(text) == text.len()
}

fn identifier_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    if bytes.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_') {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let len = bytes.iter().take_while(|byte| is_part(byte)).count();
        if bytes.get(len).is_none_or(u8::is_ascii) {
            return len;
        }
    }
    let mut chars = text.char_indices();
    match chars.next() {
        Some((_, c)) if c == '_' || unicode_ident::is_xid_start(c) => {}
        _ => return 0,
    }
    chars.find(|(_, c)| *c != '-' && !unicode_ident::is_xid_continue(*c)).map_or(text.len(), |(at, _)| at)
}

/// Length of the number at the start: it may hold several dots, which the parser refuses, but ends in a digit.
fn number_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut at, mut end) = (0, 0);
    loop {
        match bytes.get(at) {
            Some(b'0'..=b'9') => {
                at += 1;
                end = at;
            }
            Some(b'.') if end > 0 => at += 1,
            Some(b'e' | b'E') if end > 0 && digit(at + 1) => {
                at += 2;
                end = at;
            }
            Some(b'e' | b'E') if end > 0 && matches!(bytes.get(at + 1), Some(b'+' | b'-')) && digit(at + 2) => {
                at += 3;
                end = at;
            }
            _ => return end,
        }
    }
}

fn newline_len(text: &str) -> usize {
    match text.as_bytes() {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    }
}

/// `${` and `%{` start a sequence, `$${` and `%%{` stand for its text.
fn sequence_len(text: &str) -> Option<(TokenKind, usize)> {
    let kind = match text.as_bytes() {
        [b'$', b'{', ..] => TokenKind::OpenInterpolation,
        [b'%', b'{', ..] => TokenKind::OpenDirective,
        _ => return None,
    };
    Some((kind, if text.as_bytes().get(2) == Some(&b'~') { 3 } else { 2 }))
}

/// Length of the literal at a dollar or percent sign that starts no sequence.
fn sign_len(text: &str) -> usize {
    if text.starts_with("$${") || text.starts_with("%%{") { 3 } else { 1 }
}

const SYMBOLS: [(&str, TokenKind); 37] = [
    ("...", TokenKind::Ellipsis),
    ("==", TokenKind::EqualEqual),
    ("!=", TokenKind::NotEqual),
    (">=", TokenKind::GreaterEqual),
    ("<=", TokenKind::LessEqual),
    ("&&", TokenKind::And),
    ("||", TokenKind::Or),
    ("::", TokenKind::DoubleColon),
    ("=>", TokenKind::FatArrow),
    ("{", TokenKind::OpenBrace),
    ("}", TokenKind::CloseBrace),
    ("~}", TokenKind::CloseTemplate),
    ("[", TokenKind::OpenBracket),
    ("]", TokenKind::CloseBracket),
    ("(", TokenKind::OpenParen),
    (")", TokenKind::CloseParen),
    (".", TokenKind::Dot),
    (",", TokenKind::Comma),
    ("*", TokenKind::Star),
    ("/", TokenKind::Slash),
    ("%", TokenKind::Percent),
    ("+", TokenKind::Plus),
    ("-", TokenKind::Minus),
    ("=", TokenKind::Equal),
    ("<", TokenKind::Less),
    (">", TokenKind::Greater),
    ("!", TokenKind::Bang),
    ("?", TokenKind::Question),
    (":", TokenKind::Colon),
    ("\"", TokenKind::OpenQuote),
    ("&", TokenKind::Bitwise),
    ("|", TokenKind::Bitwise),
    ("~", TokenKind::Bitwise),
    ("^", TokenKind::Bitwise),
    ("`", TokenKind::Foreign),
    ("'", TokenKind::Foreign),
    (";", TokenKind::Foreign),
];

impl<'a> Lexer<'a> {
    fn new(text: &'a str, mode: Mode, is_code_only: bool) -> Self {
        Self {
            text,
            at: 0,
            modes: vec![mode],
            braces: 0,
            returns: Vec::new(),
            last_comment_end: usize::MAX,
            is_code_only,
            tokens: Vec::with_capacity(text.len() / 4),
        }
    }

    fn run(mut self) -> Vec<Token> {
        if self.text.starts_with('\u{feff}') {
            self.emit(TokenKind::Bom, 3);
        }
        while self.at < self.text.len() {
            match self.modes.last() {
                None | Some(Mode::Code) => self.code(),
                Some(Mode::Quoted) => self.quoted(),
                Some(Mode::Heredoc { .. }) => self.heredoc(),
                Some(Mode::Bare) => self.bare(),
            }
        }
        self.emit(TokenKind::End, 0);
        self.tokens
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn emit(&mut self, kind: TokenKind, len: usize) {
        let start = u32::try_from(self.at).unwrap_or(u32::MAX);
        self.at += len;
        let end = u32::try_from(self.at).unwrap_or(u32::MAX);
        let kind = match kind {
            TokenKind::Bom | TokenKind::Space if self.is_code_only => return,
            TokenKind::Comment if self.is_code_only => {
                if !self.text[..self.at].ends_with('\n') {
                    return;
                }
                TokenKind::Newline
            }
            kind => kind,
        };
        self.tokens.push(Token { kind, start, end });
    }

    fn emit_invalid(&mut self) {
        let len = self.rest().chars().next().map_or(0, char::len_utf8);
        self.emit(TokenKind::Invalid, len);
    }

    fn code(&mut self) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        match bytes[0] {
            b' ' | b'\t' => {
                let len = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                self.emit(TokenKind::Space, len);
            }
            b'\n' => self.emit(TokenKind::Newline, 1),
            b'\r' if newline_len(rest) == 2 => self.emit(TokenKind::Newline, 2),
            b'0'..=b'9' => self.emit(TokenKind::Number, number_len(rest)),
            b'#' => self.line_comment(),
            b'/' if rest.starts_with("//") => self.line_comment(),
            b'/' if self.block_comment() => {}
            b'<' if self.open_heredoc() => {}
            b'}' | b'~' if self.close_template() => {}
            _ => match identifier_len(rest) {
                0 => self.symbol(),
                len => self.emit(TokenKind::Ident, len),
            },
        }
    }

    fn block_comment(&mut self) -> bool {
        if !self.rest().starts_with("/*") || self.at >= self.last_comment_end {
            return false;
        }
        let Some(end) = self.rest()[2..].find("*/") else {
            self.last_comment_end = self.at;
            return false;
        };
        self.emit(TokenKind::Comment, end + 4);
        true
    }

    fn line_comment(&mut self) {
        let len = self.rest().find('\n').map_or(self.rest().len(), |at| at + 1);
        self.emit(TokenKind::Comment, len);
    }

    /// Ends an interpolation or directive if this brace does.
    fn close_template(&mut self) -> bool {
        let tilde = self.rest().starts_with("~}");
        if !tilde && !self.rest().starts_with('}') || self.returns.last() != Some(&self.braces) {
            return false;
        }
        self.emit(TokenKind::CloseTemplate, if tilde { 2 } else { 1 });
        self.braces -= 1;
        self.returns.pop();
        self.modes.pop();
        true
    }

    fn symbol(&mut self) {
        let rest = self.rest();
        let first = rest.as_bytes()[0];
        let is_here = |symbol: &str| symbol.as_bytes()[0] == first && rest.starts_with(symbol);
        let Some((symbol, kind)) = SYMBOLS.iter().find(|(symbol, _)| is_here(symbol)) else {
            return self.emit_invalid();
        };
        self.emit(*kind, symbol.len());
        match kind {
            TokenKind::OpenBrace => self.braces += 1,
            TokenKind::CloseBrace | TokenKind::CloseTemplate => self.braces -= 1,
            TokenKind::OpenQuote => self.modes.push(Mode::Quoted),
            _ => {}
        }
    }

    fn open_heredoc(&mut self) -> bool {
        let Some(after) = self.rest().strip_prefix("<<") else { return false };
        let name = after.strip_prefix('-').unwrap_or(after);
        let len = identifier_len(name);
        let newline = newline_len(&name[len..]);
        if len == 0 || newline == 0 {
            return false;
        }
        let opener = self.rest().len() - name.len() + len + newline;
        self.emit(TokenKind::OpenHeredoc, opener);
        self.modes.push(Mode::Heredoc { marker: name[..len].into(), line_start: true });
        true
    }

    fn open_template(&mut self) -> bool {
        let Some((kind, len)) = sequence_len(self.rest()) else { return false };
        self.emit(kind, len);
        self.braces += 1;
        self.returns.push(self.braces);
        self.set_line_start(false);
        self.modes.push(Mode::Code);
        true
    }

    fn quoted(&mut self) {
        let rest = self.rest();
        match rest.as_bytes()[0] {
            b'"' => {
                self.emit(TokenKind::CloseQuote, 1);
                self.modes.pop();
            }
            b'\n' | b'\r' => {
                let len = rest.bytes().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
                self.emit(TokenKind::QuotedNewline, len);
            }
            b'$' | b'%' if self.open_template() => {}
            b'$' | b'%' => self.emit(TokenKind::QuotedText, sign_len(rest)),
            _ => match quoted_len(rest) {
                0 => self.emit_invalid(),
                len => self.emit(TokenKind::QuotedText, len),
            },
        }
    }

    fn heredoc(&mut self) {
        if self.open_template() {
            return;
        }
        let rest = self.rest();
        let line = text_len(rest);
        let newline = newline_len(&rest[line..]);
        if newline == 0 {
            self.set_line_start(false);
            return if line == 0 { self.emit_invalid() } else { self.emit(TokenKind::Text, line) };
        }
        if let Some(Mode::Heredoc { marker, line_start: true }) = self.modes.last()
            && rest[..line].trim() == &**marker
        {
            self.emit(TokenKind::CloseHeredoc, line);
            self.modes.pop();
            return self.emit(TokenKind::Newline, newline);
        }
        self.set_line_start(true);
        self.emit(TokenKind::Text, line + newline);
    }

    fn bare(&mut self) {
        if self.open_template() {
            return;
        }
        let rest = self.rest();
        let line = text_len(rest);
        match line + newline_len(&rest[line..]) {
            0 => self.emit_invalid(),
            len => self.emit(TokenKind::Text, len),
        }
    }

    /// Notes in the innermost heredoc whether the next token starts a line.
    fn set_line_start(&mut self, value: bool) {
        for mode in self.modes.iter_mut().rev() {
            if let Mode::Heredoc { line_start, .. } = mode {
                *line_start = value;
                return;
            }
        }
    }
}

/// Length of the literal text at the start of a quoted string's rest: up to a quote, a sign, a line break.
fn quoted_len(text: &str) -> usize {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '$' | '%' | '"' | '\n' | '\r' => return at,
            '\\' => match chars.next() {
                Some((_, '\n' | '\r')) | None => return at,
                Some(_) => {}
            },
            _ => {}
        }
    }
    text.len()
}

/// Length of the literal text at the start of a heredoc's rest: a sign, or up to a sign or a line break.
fn text_len(text: &str) -> usize {
    if text.starts_with(['$', '%']) {
        return sign_len(text);
    }
    text.find(['$', '%', '\n', '\r']).unwrap_or(text.len())
}
