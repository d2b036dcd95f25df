//! The tree that [`parse`](super::parse()) makes of a stack file.
//!
//! Nothing borrows from the source text. Every node has a [`Span`] in bytes. Depth is bounded by the
//! parser (`MAX_DEPTH`), and operators of one precedence form one flat [`Binary`], so walking the tree
//! recursively is safe.
//!
//! A stack may hold half a million references, so nodes are small: what is rare stands behind a box, and traversals
//! say where their words stand relative to their expression, so that equal ones can be shared.

use std::sync::Arc;

use crate::diagnostic::Span;

/// What stands in a file or between the braces of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Arguments in source order; of a name given twice only the first (the second is reported).
    pub attributes: Vec<Attribute>,
    /// Nested blocks in source order.
    pub blocks: Vec<Block>,
    /// Everything, including the braces of a block.
    pub span: Span,
    /// What to underline when something is missing: the header of a block; empty, at the end, in a file and in JSON.
    pub missing: Span,
    /// Whether it was written in JSON, where an argument may turn out to be a block.
    pub is_json: bool,
}

/// An argument or a block, in source order; see [`Body::items`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item<'a> {
    /// `name = expr`
    Attribute(&'a Attribute),
    /// `kind "label" { … }`
    Block(&'a Block),
}

/// `name = expr`
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Left side.
    pub name: Arc<str>,
    /// Of the name alone.
    pub name_span: Span,
    /// Right side.
    pub expr: Expr,
    /// From the name to the end of the expression.
    pub span: Span,
}

/// `kind "label" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// First word, such as `resource`.
    pub kind: Arc<str>,
    /// Of the first word.
    pub kind_span: Span,
    /// Labels, quoted or bare.
    pub labels: Vec<Label>,
    /// Between the braces.
    pub body: Body,
    /// From the first word to the closing brace.
    pub span: Span,
    /// From the first word to the last label.
    pub header_span: Span,
}

/// A label of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Without quotes, escapes resolved.
    pub text: Arc<str>,
    /// With quotes.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its text.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as written, such as `1e400`; always digits with optional fraction and exponent.
    Number(Arc<str>),
    /// A quoted string or heredoc. Trim markers and heredoc indentation are applied, neighbouring literals
    /// joined; no part at all for the empty string.
    Template(Vec<TemplatePart>),
    /// `"${x}"` with nothing around: the value of `x` unconverted.
    TemplateWrap(Box<Expr>),
    /// A variable with what follows it: `var.a["b"][*].c`. The same words share one traversal.
    Variable(Arc<Traversal>),
    /// Steps into the value of any other expression: `f(x).a[0]`.
    Access(Box<Access>),
    /// `name(args…)`
    Call(Box<Call>),
    /// `condition ? yes : no`
    Conditional(Box<Conditional>),
    /// `a + b - c`
    Binary(Box<Binary>),
    /// `-a` or `!a`
    Unary(Box<Unary>),
    /// `(a)`
    Parens(Box<Expr>),
    /// `[for …]` or `{for …}`
    For(Box<For>),
    /// `[a, b]`
    Tuple(Vec<Expr>),
    /// `{ a = b }`, entries in source order; of equal keys the last counts.
    Object(Vec<ObjectEntry>),
    /// There was a syntax error here, already reported. Stands for a value nobody knows.
    Invalid,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Text that stands for itself, escapes resolved.
    Literal {
        /// Never empty, except in a broken template.
        text: Arc<str>,
        /// Where it is written.
        span: Span,
    },
    /// `${ expr }`
    Interpolation(Expr),
    /// `%{ if condition }…%{ else }…%{ endif }`
    If(Box<IfDirective>),
    /// `%{ for key, value in collection }…%{ endfor }`
    For(Box<ForDirective>),
}

/// `%{ if condition }…%{ else }…%{ endif }`
#[derive(Clone, Debug, PartialEq)]
pub struct IfDirective {
    /// Its condition.
    pub condition: Expr,
    /// Up to `else` or `endif`.
    pub yes: Vec<TemplatePart>,
    /// After `else`; empty without one.
    pub no: Vec<TemplatePart>,
    /// From the opening to the closing directive.
    pub span: Span,
}

/// `%{ for key, value in collection }…%{ endfor }`
#[derive(Clone, Debug, PartialEq)]
pub struct ForDirective {
    /// First variable of two.
    pub key_var: Option<Name>,
    /// Last variable.
    pub value_var: Name,
    /// What is walked over.
    pub collection: Expr,
    /// Up to `endfor`; rendered once for each element.
    pub body: Vec<TemplatePart>,
    /// From the opening to the closing directive.
    pub span: Span,
}

/// A name and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// The name.
    pub text: Arc<str>,
    /// Where.
    pub span: Span,
}

/// A place in an expression, in bytes from the start of the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A variable and the steps into its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// First word, such as `var` or a loop variable.
    pub root: Arc<str>,
    /// Where the first word stands in the expression.
    pub root_place: Place,
    /// What follows, possibly nothing.
    pub steps: Vec<Step>,
}

/// Steps into the value of an expression that is no variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// What is stepped into; never a [`ExprKind::Variable`] or another access.
    pub source: Expr,
    /// At least one.
    pub steps: Vec<Step>,
}

/// `condition ? yes : no`
#[derive(Clone, Debug, PartialEq)]
pub struct Conditional {
    /// Before the question mark.
    pub condition: Expr,
    /// Before the colon.
    pub yes: Expr,
    /// After the colon.
    pub no: Expr,
}

/// `-a` or `!a`
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// Which of the two.
    pub op: UnaryOp,
    /// The sign alone.
    pub op_span: Span,
    /// What it applies to.
    pub operand: Expr,
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// Where it stands in the variable's or access's expression, with its dot or brackets; of a splat only the marker.
    pub place: Place,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// `.name`
    Attr(Arc<str>),
    /// `[key]`
    Index(Box<Expr>),
    /// `.0`, the old spelling of `[0]`; the digits as written.
    LegacyIndex(Arc<str>),
    /// `[*]` and the steps done in each element: all that follow, so it is always the last step.
    Splat(Vec<Step>),
    /// `.*`, the old splat: in each element only the `.name` and `.0` steps right after it are done;
    /// further steps follow this one and apply to the resulting tuple.
    AttrSplat(Vec<Step>),
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Name, with namespaces such as `provider::aws::arn_parse`.
    pub name: Arc<str>,
    /// Of the name alone.
    pub name_span: Span,
    /// Arguments in order.
    pub args: Vec<Expr>,
    /// Whether the last argument is followed by `...`.
    pub expand_final: bool,
}

/// Operands joined by operators of one precedence, to be worked off from the left:
/// `a - b + c` is `first` = a, `rest` = [(-, b), (+, c)].
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// Leftmost operand.
    pub first: Expr,
    /// At least one.
    pub rest: Vec<Operation>,
}

/// An operator and its right operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Operator.
    pub op: BinaryOp,
    /// Of the operator alone.
    pub op_span: Span,
    /// Right operand.
    pub operand: Expr,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// `[for key_var, value_var in collection : value if condition]`, or with braces
/// `{for key_var, value_var in collection : key => value... if condition}`.
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    /// First variable of two.
    pub key_var: Option<Name>,
    /// Last variable.
    pub value_var: Name,
    /// What is walked over; the variables are not visible in it.
    pub collection: Expr,
    /// Before `=>`: present exactly when an object is built.
    pub key: Option<Expr>,
    /// Result for each element.
    pub value: Expr,
    /// Whether `...` groups values of equal keys.
    pub group: bool,
    /// After `if`.
    pub condition: Option<Expr>,
}

/// `key = value` in an object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectEntry {
    /// Left side.
    pub key: ObjectKey,
    /// Right side.
    pub value: Expr,
}

/// Left side of an entry of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectKey {
    /// A bare word, which stands for itself (also `true`, `null`).
    Name(Name),
    /// Any other expression, such as `(var.key)`, `"a-${b}"` or `1`.
    Expr(Expr),
    /// `a.b` without parentheses: an error on evaluation, "Ambiguous attribute key".
    Ambiguous(Expr),
}

impl Body {
    /// The argument called `name`.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    /// Arguments and blocks in source order.
    pub fn items(&self) -> Vec<Item<'_>> {
        let mut items: Vec<_> = self.attributes.iter().map(Item::Attribute).collect();
        items.extend(self.blocks.iter().map(Item::Block));
        items.sort_by_key(|item| match item {
            Item::Attribute(attribute) => attribute.span.start,
            Item::Block(block) => block.span.start,
        });
        items
    }
}

impl Place {
    /// Where a span stands in the expression around it.
    pub fn of(span: Span, whole: Span) -> Self {
        Self { start: span.start.saturating_sub(whole.start), end: span.end.saturating_sub(whole.start) }
    }

    /// The span, with that of the expression.
    pub fn in_span(self, whole: Span) -> Span {
        Span { file: whole.file, start: whole.start + self.start, end: whole.start + self.end }
    }
}

impl Traversal {
    /// One word that takes up the whole expression.
    pub fn word(text: Arc<str>, span: Span) -> Arc<Self> {
        Arc::new(Self { root: text, root_place: Place::of(span, span), steps: Vec::new() })
    }

    /// The span of the first word; `whole` is that of the expression.
    pub fn root_span(&self, whole: Span) -> Span {
        self.root_place.in_span(whole)
    }
}

impl Step {
    /// Its span; `whole` is that of the expression.
    pub fn span(&self, whole: Span) -> Span {
        self.place.in_span(whole)
    }
}

/// Moves the places of steps towards the end.
fn shift(steps: &mut [Step], by: u32) {
    for step in steps {
        step.place = Place { start: step.place.start + by, end: step.place.end + by };
        if let StepKind::Splat(inner) | StepKind::AttrSplat(inner) = &mut step.kind {
            shift(inner, by);
        }
    }
}

impl ObjectKey {
    /// Where it is written.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(name) => name.span,
            Self::Expr(expr) | Self::Ambiguous(expr) => expr.span,
        }
    }
}

impl Expr {
    /// The same expression with a span that starts earlier, such as one with quotes; its parts stay where they are.
    #[must_use]
    pub fn widened(mut self, span: Span) -> Self {
        let by = self.span.start.saturating_sub(span.start);
        match &mut self.kind {
            ExprKind::Variable(traversal) if by > 0 => {
                let traversal = Arc::make_mut(traversal);
                traversal.root_place = Place::of(traversal.root_place.in_span(self.span), span);
                shift(&mut traversal.steps, by);
            }
            ExprKind::Access(access) => shift(&mut access.steps, by),
            _ => {}
        }
        Self { span, ..self }
    }

    /// The text of a string without interpolations, such as a quoted `"ingress"`.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Template(parts) => match parts.as_slice() {
                [] => Some(""),
                [TemplatePart::Literal { text, .. }] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The word when the expression is one bare word, such as `string` or `all`.
    pub fn as_word(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Variable(traversal) if traversal.steps.is_empty() => Some(&traversal.root),
            ExprKind::Null => Some("null"),
            ExprKind::Bool(true) => Some("true"),
            ExprKind::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// The variable and its steps, when it is nothing else.
    pub fn as_traversal(&self) -> Option<&Traversal> {
        match &self.kind {
            ExprKind::Variable(traversal) => Some(traversal),
            _ => None,
        }
    }
}
