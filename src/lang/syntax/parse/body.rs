//! Bodies: arguments and blocks.

use std::collections::HashMap;
use std::sync::Arc;

use super::Parser;
use crate::diagnostic::Span;
use crate::lang::syntax::token::{Token, TokenKind};
use crate::lang::syntax::tree::{Attribute, Block, Body, Label};

const ITEM_REQUIRED: &str = "Argument or block definition required";
const UNCLOSED: &str = "The file ends before the closing brace of this block. Look also for a brace that is missing or too many further down.";

enum Item {
    Attribute(Attribute),
    Block(Block),
}

/// Collects the content of a body and refuses names given twice.
#[derive(Default)]
struct Content {
    attributes: Vec<Attribute>,
    /// Kept when there are many attributes.
    names: HashMap<Arc<str>, Span>,
    blocks: Vec<Block>,
}

impl Content {
    /// So many attributes are searched one by one.
    const FEW: usize = 16;

    /// Where the name was given before.
    fn earlier(&self, name: &str) -> Option<Span> {
        if self.names.is_empty() {
            return self.attributes.iter().find(|attribute| &*attribute.name == name).map(|found| found.name_span);
        }
        self.names.get(name).copied()
    }

    fn add(&mut self, attribute: Attribute) {
        let pair = |attribute: &Attribute| (attribute.name.clone(), attribute.name_span);
        if !self.names.is_empty() {
            self.names.extend([pair(&attribute)]);
        } else if self.attributes.len() == Self::FEW {
            self.names = self.attributes.iter().chain([&attribute]).map(pair).collect();
        }
        self.attributes.push(attribute);
    }
}

impl Parser<'_> {
    /// Everything up to and including `end`; `start` is the opening brace or the start of the file.
    pub(super) fn body(&mut self, end: TokenKind, start: Span) -> Body {
        let mut content = Content::default();
        let last = loop {
            let next = self.peek();
            if next == end {
                break self.read_span();
            }
            match next {
                TokenKind::Newline => {
                    self.read();
                }
                TokenKind::Ident => {
                    let item = self.item();
                    self.keep(&mut content, item);
                }
                _ => {
                    self.no_item(end, start);
                    let last = self.previous_span();
                    self.skip_past(end);
                    break last;
                }
            }
        };
        let missing = Span { start: last.end, ..last };
        let Content { mut attributes, mut blocks, .. } = content;
        attributes.shrink_to_fit();
        blocks.shrink_to_fit();
        Body { attributes, blocks, span: start.to(last), missing, is_json: false }
    }

    fn keep(&mut self, content: &mut Content, item: Option<Item>) {
        match item {
            Some(Item::Block(block)) => content.blocks.push(block),
            Some(Item::Attribute(attribute)) => {
                if let Some(earlier) = content.earlier(&attribute.name) {
                    self.redefined(&attribute, earlier);
                } else {
                    content.add(attribute);
                }
            }
            None => {}
        }
    }

    #[cold]
    fn redefined(&mut self, attribute: &Attribute, earlier: Span) {
        let line = self.text[..earlier.start as usize].matches('\n').count() + 1;
        let detail = format!(
            "The argument \"{}\" was already set in line {line}. Each argument may be set only once; remove one of the two.",
            attribute.name
        );
        self.error("Attribute redefined", &detail, attribute.name_span, None);
    }

    #[cold]
    fn no_item(&mut self, end: TokenKind, start: Span) {
        let bad = self.read();
        let span = self.span(bad);
        if self.skipped {
            return;
        }
        match bad.kind {
            TokenKind::OpenQuote => {
                self.error("Invalid argument name", "The name of an argument is written without quotes.", span, None);
            }
            TokenKind::End if end == TokenKind::CloseBrace => {
                self.error("Unclosed configuration block", UNCLOSED, start, None);
            }
            _ => self.item_required(span),
        }
    }

    #[cold]
    fn item_required(&mut self, span: Span) {
        let is_comment = self.text.get(span.start as usize..).is_some_and(|rest| rest.starts_with("/*"));
        let detail = if is_comment {
            "The comment that starts here has no end: */ is missing."
        } else {
            "Here an argument must start, such as name = \"value\", or a block, such as resource \"type\" \"name\" {."
        };
        self.error(ITEM_REQUIRED, detail, span, None);
    }

    #[cold]
    fn equals_required(&mut self, span: Span) {
        let detail = "Here an argument or a block is expected. An equals sign (\"=\") stands between the name of an argument and its value.";
        self.error(ITEM_REQUIRED, detail, span, None);
    }

    fn item(&mut self) -> Option<Item> {
        let name = self.read();
        let name_span = self.span(name);
        match self.peek() {
            TokenKind::Equal => {
                self.recovery = false;
                Some(Item::Attribute(self.attribute(name, false)))
            }
            TokenKind::OpenQuote | TokenKind::OpenBrace | TokenKind::Ident => Some(Item::Block(self.block(name))),
            _ => {
                self.equals_required(name_span);
                self.skip_item();
                None
            }
        }
    }

    /// The rest of an argument, from its equals sign on.
    fn attribute(&mut self, name: Token, single_line: bool) -> Attribute {
        self.read();
        let before = self.report.0.len();
        let expr = self.expression();
        if self.lost_since(before) {
            self.skip_item();
        } else if !single_line {
            let next = self.peek();
            if matches!(next, TokenKind::Newline | TokenKind::End) {
                self.read();
            } else {
                self.no_newline(name, next == TokenKind::Comma);
                self.skip_item();
            }
        }
        let name_span = self.span(name);
        let span = name_span.to(expr.span);
        Attribute { name: self.shared_token(name), name_span, expr, span }
    }

    #[cold]
    fn no_newline(&mut self, name: Token, comma: bool) {
        let span = self.peek_span();
        let context = Some(self.span(name).to(span));
        if comma {
            let detail = "In a block each argument stands on a line of its own; there are no commas between them.";
            self.error_unless_recovering("Unexpected comma after argument", detail, span, context);
        } else {
            let detail = "The value is complete before this point, so a line break must follow it.";
            self.error_unless_recovering("Missing newline after argument", detail, span, context);
        }
    }

    /// The rest of a block, from its first label or opening brace on.
    fn block(&mut self, kind: Token) -> Block {
        let kind_span = self.span(kind);
        let mut block = Block {
            kind: self.shared_token(kind),
            kind_span,
            labels: Vec::new(),
            body: empty_body(kind_span),
            span: kind_span,
            header_span: kind_span,
        };
        while self.peek() != TokenKind::OpenBrace {
            let label = match self.peek() {
                TokenKind::OpenQuote => self.quoted_label(),
                TokenKind::Ident => {
                    let token = self.read();
                    Label { text: self.shared_token(token), span: self.span(token) }
                }
                _ => {
                    self.bad_header(kind_span);
                    self.skip_item();
                    return block;
                }
            };
            block.header_span = kind_span.to(label.span);
            block.labels.push(label);
        }
        block.labels.shrink_to_fit();
        let open = self.read_span();
        block.body = self.block_body(open, block.header_span);
        block.body.missing = block.header_span;
        block.span = kind_span.to(self.previous_span());
        if matches!(self.peek(), TokenKind::Newline | TokenKind::End) {
            self.read();
        } else {
            self.no_newline_after_block(kind_span);
            self.skip_item();
        }
        block
    }

    #[cold]
    fn no_newline_after_block(&mut self, kind_span: Span) {
        if !self.skipped {
            let span = self.peek_span();
            let detail = "After the closing brace of a block a line break must follow.";
            self.error("Missing newline after block definition", detail, span, Some(kind_span.to(span)));
        }
    }

    #[cold]
    fn bad_header(&mut self, kind_span: Span) {
        let span = self.peek_span();
        let context = Some(kind_span.to(span));
        let summary = "Invalid block definition";
        match self.peek() {
            TokenKind::Equal => {
                let detail =
                    "An equals sign belongs to an argument; a block has none between its labels and its opening brace.";
                self.error(summary, detail, span, context);
            }
            TokenKind::Newline => {
                let detail = "The opening brace of a block must stand on the same line as its labels.";
                self.error(summary, detail, span, context);
            }
            _ => {
                let detail = "Here a label in quotes or the opening brace of the block is expected.";
                self.error_unless_recovering(summary, detail, span, context);
            }
        }
    }

    fn block_body(&mut self, open: Span, header: Span) -> Body {
        if !self.enter() {
            self.skip_past(TokenKind::CloseBrace);
            return empty_body(open);
        }
        let body = match self.peek() {
            TokenKind::Newline | TokenKind::End | TokenKind::CloseBrace => self.body(TokenKind::CloseBrace, open),
            _ => {
                let body = self.single_line_body(open);
                if !self.eat(TokenKind::CloseBrace) {
                    self.unclosed_single_line(open, header);
                    self.skip_past(TokenKind::CloseBrace);
                }
                body
            }
        };
        self.depth -= 1;
        body
    }

    /// The one argument in `{ a = 1 }`.
    fn single_line_body(&mut self, open: Span) -> Body {
        let name = self.read();
        let name_span = self.span(name);
        match self.peek() {
            _ if name.kind != TokenKind::Ident => self.item_required(name_span),
            TokenKind::Equal => {
                let attribute = self.attribute(name, true);
                let last = self.peek_span();
                return Body {
                    attributes: vec![attribute],
                    blocks: Vec::new(),
                    span: open.to(last),
                    missing: open,
                    is_json: false,
                };
            }
            TokenKind::OpenQuote | TokenKind::OpenBrace | TokenKind::Ident => {
                let detail = "A block on a single line can hold only one argument. Put nested blocks on lines of their own; an argument needs an equals sign.";
                let span = name_span.to(self.peek_span());
                self.error("Argument definition required", detail, span, None);
            }
            _ => self.equals_required(name_span),
        }
        self.skip_item();
        empty_body(open)
    }

    #[cold]
    fn unclosed_single_line(&mut self, open: Span, header: Span) {
        let summary = "Invalid single-argument block definition";
        let span = self.peek_span();
        match self.peek() {
            TokenKind::Comma => {
                let detail = "A block on a single line can hold only one argument. Put each of several arguments on a line of its own.";
                self.error(summary, detail, span, None);
            }
            TokenKind::Newline => {
                let detail =
                    "A block whose argument stands on the line of its opening brace must also be closed on that line.";
                self.error(summary, detail, span, None);
            }
            TokenKind::End => {
                self.error_unless_recovering("Unclosed configuration block", UNCLOSED, open, Some(header.to(open)));
            }
            _ => {
                let detail = "In a block on a single line the closing brace must follow its one argument.";
                self.error_unless_recovering(summary, detail, span, None);
            }
        }
    }
}

fn empty_body(span: Span) -> Body {
    Body { attributes: Vec::new(), blocks: Vec::new(), span, missing: span, is_json: false }
}
