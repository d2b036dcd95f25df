//! Expressions: conditionals, operators, steps into values.

use std::sync::Arc;

use super::Parser;
use crate::diagnostic::Span;
use crate::lang::syntax::token::{Token, TokenKind};
use crate::lang::syntax::tree::{
    Access, Binary, BinaryOp, Conditional, Expr, ExprKind, Operation, Place, Step, StepKind, Traversal, Unary, UnaryOp,
};

/// An operator and its precedence; higher binds tighter.
fn binary_op(kind: TokenKind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        TokenKind::Or => (BinaryOp::Or, 1),
        TokenKind::And => (BinaryOp::And, 2),
        TokenKind::EqualEqual => (BinaryOp::Equal, 3),
        TokenKind::NotEqual => (BinaryOp::NotEqual, 3),
        TokenKind::Less => (BinaryOp::Less, 4),
        TokenKind::LessEqual => (BinaryOp::LessOrEqual, 4),
        TokenKind::Greater => (BinaryOp::Greater, 4),
        TokenKind::GreaterEqual => (BinaryOp::GreaterOrEqual, 4),
        TokenKind::Plus => (BinaryOp::Add, 5),
        TokenKind::Minus => (BinaryOp::Subtract, 5),
        TokenKind::Star => (BinaryOp::Multiply, 6),
        TokenKind::Slash => (BinaryOp::Divide, 6),
        TokenKind::Percent => (BinaryOp::Modulo, 6),
        _ => return None,
    })
}

impl Parser<'_> {
    /// An expression, where line breaks matter as outside.
    pub(super) fn expression(&mut self) -> Expr {
        if !self.enter() {
            return Self::invalid(self.peek_span());
        }
        let expr = self.conditional();
        self.depth -= 1;
        expr
    }

    fn conditional(&mut self) -> Expr {
        let before = self.report.0.len();
        let condition = self.binary(1);
        if self.lost_since(before) || !self.eat(TokenKind::Question) {
            return condition;
        }
        let yes = self.expression();
        if self.lost_since(before) {
            return condition;
        }
        if !self.eat(TokenKind::Colon) {
            self.no_colon(condition.span);
            return condition;
        }
        let no = self.expression();
        let span = condition.span.to(no.span);
        let kind = ExprKind::Conditional(Box::new(Conditional { condition, yes, no }));
        Expr { kind, span }
    }

    #[cold]
    fn no_colon(&mut self, condition: Span) {
        let span = self.peek_span();
        let detail =
            "After the question mark and its value, a colon and the value for the false case must follow: a ? b : c.";
        self.error("Missing false expression in conditional", detail, span, Some(condition.to(span)));
    }

    /// Operands and operators of at least this precedence.
    fn binary(&mut self, lowest: u8) -> Expr {
        let before = self.report.0.len();
        let mut left = self.operand();
        while let Some((_, precedence)) = binary_op(self.peek()) {
            if precedence < lowest || self.lost_since(before) {
                break;
            }
            let mut rest = Vec::new();
            while let Some((op, level)) = binary_op(self.peek())
                && level == precedence
                && !self.lost_since(before)
            {
                let op_span = self.read_span();
                let operand = self.binary(precedence + 1);
                rest.push(Operation { op, op_span, operand });
            }
            let span = rest.last().map_or(left.span, |last| left.span.to(last.operand.span));
            left = Expr { kind: ExprKind::Binary(Box::new(Binary { first: left, rest })), span };
        }
        left
    }

    /// A sign with its operand, or a term with the steps after it.
    fn operand(&mut self) -> Expr {
        let op = match self.peek() {
            TokenKind::Minus => UnaryOp::Negate,
            TokenKind::Bang => UnaryOp::Not,
            _ => {
                let term = self.term();
                return self.with_steps(term);
            }
        };
        if !self.enter() {
            return Self::invalid(self.peek_span());
        }
        let op_span = self.read_span();
        let operand = self.operand();
        self.depth -= 1;
        let span = op_span.to(operand.span);
        Expr { kind: ExprKind::Unary(Box::new(Unary { op, op_span, operand })), span }
    }

    fn with_steps(&mut self, mut term: Expr) -> Expr {
        if !matches!(self.peek(), TokenKind::Dot | TokenKind::OpenBracket) {
            return term;
        }
        let found = self.steps(term.span);
        let span = term.span.to(self.previous_span());
        if let ExprKind::Variable(traversal) = &mut term.kind {
            Arc::make_mut(traversal).steps = found;
            term.span = span;
            return term;
        }
        if found.is_empty() || term.kind == ExprKind::Invalid {
            return term;
        }
        Expr { kind: ExprKind::Access(Box::new(Access { source: term, steps: found })), span }
    }

    /// A variable. Names joined by dots, with nothing between them, share a traversal with others like them.
    pub(super) fn reference(&mut self, first: Token) -> Expr {
        let mut at = self.at;
        let mut end = first.end;
        while let [dot, name, ..] = &self.tokens[at..]
            && (dot.kind, name.kind, dot.start, name.start) == (TokenKind::Dot, TokenKind::Ident, end, dot.end)
        {
            end = name.end;
            at += 2;
        }
        let before = std::mem::replace(&mut self.at, at);
        let goes_on = matches!(self.peek(), TokenKind::Dot | TokenKind::OpenBracket);
        let span = self.span(Token { end, ..first });
        if goes_on || !self.origin.places.is_empty() {
            self.at = before;
            let span = self.span(first);
            return Expr { kind: ExprKind::Variable(Traversal::word(self.shared_token(first), span)), span };
        }
        let text = &self.text[first.start as usize..end as usize];
        if let Some(traversal) = self.traversals.get(text) {
            return Expr { kind: ExprKind::Variable(traversal.clone()), span };
        }
        let place = |token: Token| Place { start: token.start - first.start, end: token.end - first.start };
        let mut steps = Vec::with_capacity((at - before) / 2);
        for at in (before..at).step_by(2) {
            let name = self.tokens[at + 1];
            let kind = StepKind::Attr(self.shared_token(name));
            steps.push(Step { kind, place: place(Token { start: self.tokens[at].start, ..name }) });
        }
        let root = self.shared_token(first);
        let traversal = Arc::new(Traversal { root, root_place: place(first), steps });
        self.traversals.insert(text, traversal.clone());
        Expr { kind: ExprKind::Variable(traversal), span }
    }

    /// Steps of an expression that starts with `whole`.
    fn steps(&mut self, whole: Span) -> Vec<Step> {
        let mut steps = Vec::new();
        loop {
            match self.peek() {
                TokenKind::Dot => {
                    let dot = self.read_span();
                    steps.extend(self.dot_step(dot, whole));
                }
                TokenKind::OpenBracket => {
                    let open = self.read_span();
                    steps.push(self.bracket_step(open, whole));
                }
                _ => {
                    steps.shrink_to_fit();
                    return steps;
                }
            }
        }
    }

    fn dot_step(&mut self, dot: Span, whole: Span) -> Option<Step> {
        match self.peek() {
            TokenKind::Ident | TokenKind::Number => Some(self.attr_step(dot, whole)),
            TokenKind::Star => {
                let span = dot.to(self.read_span());
                let mut each = Vec::new();
                while self.peek() == TokenKind::Dot {
                    let dot = self.read_span();
                    if !matches!(self.peek(), TokenKind::Ident | TokenKind::Number) {
                        self.bad_splat_step();
                        break;
                    }
                    each.push(self.attr_step(dot, whole));
                }
                Some(Step { kind: StepKind::AttrSplat(each), place: Place::of(span, whole) })
            }
            _ => {
                self.no_attribute_name();
                None
            }
        }
    }

    /// `.name` or `.0`, after the dot.
    fn attr_step(&mut self, dot: Span, whole: Span) -> Step {
        let token = self.read();
        let text = self.token_text(token);
        let kind = if token.kind == TokenKind::Ident {
            StepKind::Attr(self.shared_token(token))
        } else {
            match text.split_once('.') {
                Some((first, second)) => self.chained_index(token, first, second),
                None => self.check_number(token),
            }
            StepKind::LegacyIndex(text.into())
        };
        Step { kind, place: Place::of(dot.to(self.span(token)), whole) }
    }

    #[cold]
    fn chained_index(&mut self, token: Token, first: &str, second: &str) {
        let detail = format!("Two indexes cannot be chained with dots. Write them in brackets: [{first}][{second}].");
        let span = self.span(token);
        self.error("Invalid legacy index syntax", &detail, span, None);
    }

    #[cold]
    fn no_attribute_name(&mut self) {
        let span = self.peek_span();
        self.error("Invalid attribute name", "After a dot the name of an attribute must follow.", span, None);
        self.set_recovery();
    }

    #[cold]
    fn bad_splat_step(&mut self) {
        let span = self.peek_span();
        if self.peek() == TokenKind::Star {
            let detail = "After .* there can be no second star. Use [*] for the splats instead.";
            self.error_unless_recovering("Nested splat expression not allowed", detail, span, None);
        } else {
            let detail = "After a dot the name of an attribute must follow.";
            self.error_unless_recovering("Invalid attribute name", detail, span, None);
        }
        self.set_recovery();
    }

    /// `[*]` with all that follows, or `[key]`, after the opening bracket.
    fn bracket_step(&mut self, open: Span, whole: Span) -> Step {
        if self.eat(TokenKind::Star) {
            let close = if self.eat(TokenKind::CloseBracket) {
                self.previous_span()
            } else {
                let detail = "In [*] nothing may stand between the star and the closing bracket.";
                self.unclosed_bracket("Missing close bracket on splat index", detail)
            };
            let mut each = Vec::new();
            if self.enter() {
                each = self.steps(whole);
                self.depth -= 1;
            }
            return Step { kind: StepKind::Splat(each), place: Place::of(open.to(close), whole) };
        }
        self.newlines.push(false);
        let before = self.report.0.len();
        let key = self.expression();
        let close = if self.lost_since(before) {
            let token = self.skip_past(TokenKind::CloseBracket);
            self.span(token)
        } else if self.eat(TokenKind::CloseBracket) {
            self.previous_span()
        } else {
            let detail = "After the key of an index a closing bracket must follow.";
            self.unclosed_bracket("Missing close bracket on index", detail)
        };
        self.newlines.pop();
        Step { kind: StepKind::Index(Box::new(key)), place: Place::of(open.to(close), whole) }
    }

    #[cold]
    fn unclosed_bracket(&mut self, summary: &'static str, detail: &str) -> Span {
        let span = self.read_span();
        if self.recovery {
            return span;
        }
        self.error(summary, detail, span, None);
        let token = self.skip_past(TokenKind::CloseBracket);
        self.span(token)
    }

    /// A variable with steps that are all constant; for [`super::parse_traversal`].
    pub(super) fn constant_traversal(&mut self) -> Option<Traversal> {
        if self.peek() != TokenKind::Ident {
            let span = self.peek_span();
            self.error("Variable name required", "It must start with a name.", span, None);
            return None;
        }
        let token = self.read();
        let span = self.span(token);
        let steps = self.steps(span);
        if self.peek() != TokenKind::End {
            let span = self.peek_span();
            let detail = "Here an attribute (.name), an index ([0] or [\"key\"]) or the end is expected.";
            self.error_unless_recovering("Invalid character", detail, span, None);
        }
        self.check_constant(&steps, span);
        Some(Traversal { root: self.shared_token(token), root_place: Place::of(span, span), steps })
    }

    fn check_constant(&mut self, steps: &[Step], whole: Span) {
        for step in steps {
            match &step.kind {
                StepKind::Splat(each) => self.check_constant(each, whole),
                StepKind::Index(key) if !matches!(key.kind, ExprKind::Number(_)) && key.as_text().is_none() => {
                    let detail = "The key must be a fixed number or a fixed string.";
                    self.error_unless_recovering("Index value required", detail, step.span(whole), None);
                }
                StepKind::LegacyIndex(_) | StepKind::AttrSplat(_) => {
                    let detail = "After a dot a name must follow. Write a number or a star in brackets.";
                    self.error("Attribute name required", detail, step.span(whole), None);
                }
                StepKind::Attr(_) | StepKind::Index(_) => {}
            }
        }
    }
}
