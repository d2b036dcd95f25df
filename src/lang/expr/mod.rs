//! Values of expressions.
//!
//! An [`Eval`] collects problems and goes on with a value nobody knows, so that every problem of an expression is
//! reported at once. Which problems there are, and their summaries, follow HCL's evaluator.

mod call;
mod collection;
mod explain;
mod operator;
mod size;
mod splat;
mod template;

pub(super) use call::Functions;
pub use call::render_template;
pub(super) use collection::elements;
pub(super) use explain::{Cause, explained};
pub(super) use operator::kind;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::references::Mention;
use super::syntax::tree::{Expr, ExprKind, Name, Step, StepKind, Traversal};
use crate::diagnostic::{Diagnostic, Report, Span};
use crate::value::{Number, Type, Value};

/// Where names get their values from.
pub(super) trait Scope {
    /// The value that the first words of a traversal stand for, and how many of its steps are used up.
    fn lookup(&self, traversal: &Traversal, span: Span, eval: &Eval<'_>) -> Result<(Value, usize), Report>;

    /// What functions work with, and whether this is the inside of a template file; `None` where no function may be
    /// called.
    fn functions(&self) -> Option<(&Functions, bool)>;

    /// Whether names are looked at where nothing is evaluated, too, such as inside a loop over nothing.
    fn looks_ahead(&self) -> bool {
        false
    }

    /// Whether functions of the built-in provider are called by this local name.
    fn is_builtin_provider(&self, _local: &str) -> bool {
        false
    }
}

/// Where nothing has a value: arguments that must be written out.
pub(super) struct Nowhere;

impl Scope for Nowhere {
    fn lookup(&self, _: &Traversal, span: Span, _: &Eval<'_>) -> Result<(Value, usize), Report> {
        Err(Diagnostic::error("Variables not allowed", "This value must be written out. Remove the reference.")
            .at(span)
            .into())
    }

    fn functions(&self) -> Option<(&Functions, bool)> {
        None
    }
}

/// A loop variable, visible inside the loop.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its value.
    pub(super) value: &'a Value,
    /// Variables of the loops around.
    pub(super) outer: Option<&'a Self>,
}

/// Loop variables in reach.
pub(super) type Frames<'a> = Option<&'a Frame<'a>>;

/// Evaluates expressions and collects problems.
pub(super) struct Eval<'a> {
    scope: &'a dyn Scope,
    report: RefCell<Report>,
    /// Problems with names: neither `try` nor a branch that is not taken hides them.
    names: Rc<RefCell<Report>>,
    /// Parts of values that loops have made so far.
    spent: Rc<Cell<usize>>,
    /// Whether problems are told with the values they are about; not where nobody will read them.
    explains: bool,
}

/// The value of an expression that may refer to nothing.
pub(super) fn constant(expr: &Expr) -> Result<Value, Report> {
    Eval::new(&Nowhere).finish_with(expr)
}

impl<'a> Eval<'a> {
    /// Evaluates with names from `scope`.
    pub(super) fn new(scope: &'a dyn Scope) -> Self {
        Self { scope, report: RefCell::default(), names: Rc::default(), spent: Rc::default(), explains: true }
    }

    /// The value of one expression, or all its problems.
    pub(super) fn finish_with(self, expr: &Expr) -> Result<Value, Report> {
        let value = self.value(expr, None);
        // A plain reference is no larger than what it refers to.
        if !matches!(expr.kind, ExprKind::Variable(_)) {
            size::check(&value, expr.span)?;
        }
        self.into_report().or(value)
    }

    /// The problems found so far.
    pub(super) fn into_report(self) -> Report {
        let mut report = self.names.take();
        report.extend(self.report.into_inner());
        report
    }

    /// The problems found so far but those with names, which the evaluation around reports.
    fn into_own_report(self) -> Report {
        self.report.into_inner()
    }

    /// Whether there was an error.
    pub(super) fn has_errors(&self) -> bool {
        self.report.borrow().has_errors() || self.names.borrow().has_errors()
    }

    /// Whether there was an error other than with names.
    fn has_own_errors(&self) -> bool {
        self.report.borrow().has_errors()
    }

    /// Remembers a problem.
    pub(super) fn push(&self, diagnostic: Diagnostic) {
        self.report.borrow_mut().push(diagnostic);
    }

    /// Remembers problems.
    pub(super) fn extend(&self, report: Report) {
        self.report.borrow_mut().extend(report);
    }

    /// Remembers a problem; the answer stands for the value it spoilt.
    fn fail(&self, diagnostic: Diagnostic) -> Value {
        self.push(diagnostic);
        Value::unknown(Type::Any)
    }

    /// The same scope with problems of its own.
    fn apart(&self) -> Self {
        let explains = self.explains;
        Eval { names: self.names.clone(), spent: self.spent.clone(), explains, ..Eval::new(self.scope) }
    }

    /// The same for an expression that may fail without anybody being told.
    fn trial(&self) -> Self {
        Eval { explains: false, ..self.apart() }
    }

    /// The value of an expression.
    pub(super) fn value(&self, expr: &Expr, frames: Frames<'_>) -> Value {
        let before = self.report.borrow().0.len();
        let value = self.value_of(expr, frames);
        if self.explains && self.report.borrow().0.len() > before {
            self.explain(expr, frames, before);
        }
        value
    }

    fn value_of(&self, expr: &Expr, frames: Frames<'_>) -> Value {
        match &expr.kind {
            ExprKind::Null => Value::null(Type::Any),
            ExprKind::Bool(truth) => (*truth).into(),
            ExprKind::Number(digits) => match digits.parse::<Number>() {
                Ok(number) => number.into(),
                Err(_) => self.fail(
                    Diagnostic::error("Invalid number literal", "This number cannot be represented.").at(expr.span),
                ),
            },
            ExprKind::Template(parts) => self.template(parts, frames),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => self.value(inner, frames),
            ExprKind::Variable(traversal) => self.traversal(traversal, expr.span, frames),
            ExprKind::Access(access) => {
                let before = self.errors();
                let value = self.value(&access.source, frames);
                self.steps_of(value, &access.steps, frames, (access.source.span, expr.span), before)
            }
            ExprKind::Call(call) => self.call(call, expr.span, frames),
            ExprKind::Conditional(parts) => {
                self.conditional(&parts.condition, &parts.yes, &parts.no, frames, expr.span)
            }
            ExprKind::Binary(binary) => self.binary(binary, frames),
            ExprKind::Unary(unary) => self.unary(unary.op, unary.op_span, &unary.operand, frames),
            ExprKind::For(each) => self.for_each(each, frames, expr.span),
            ExprKind::Tuple(elements) => {
                Value::tuple(elements.iter().map(|element| self.value(element, frames)).collect())
            }
            ExprKind::Object(entries) => self.object(entries, frames),
            ExprKind::Invalid => Value::unknown(Type::Any),
        }
    }

    fn traversal(&self, traversal: &Traversal, span: Span, frames: Frames<'_>) -> Value {
        let mut frame = frames;
        while let Some(found) = frame {
            if found.name == &*traversal.root {
                return self.steps(found.value.clone(), &traversal.steps, frames, traversal.root_span(span), span);
            }
            frame = found.outer;
        }
        match self.scope.lookup(traversal, span, self) {
            Ok((value, used)) => {
                let done = used.checked_sub(1).and_then(|at| traversal.steps.get(at));
                let root = traversal.root_span(span);
                let at = done.map_or(root, |step| root.to(step.span(span)));
                self.steps(value, traversal.steps.get(used..).unwrap_or_default(), frames, at, span)
            }
            Err(report) => {
                self.wrong_names(report);
                Value::unknown(Type::Any)
            }
        }
    }

    fn wrong_names(&self, report: Report) {
        for problem in report.0 {
            let mut names = self.names.borrow_mut();
            if !names.0.contains(&problem) {
                names.push(problem);
            }
        }
    }

    /// Looks at the names in what is not evaluated, such as the inside of a loop over nothing with these variables.
    fn look_at_names(&self, mentions: Vec<Mention<'_>>, variables: [Option<&Name>; 2], frames: Frames<'_>) {
        let is_variable = |name: &str| {
            let mut frames = std::iter::successors(frames, |frame| frame.outer);
            frames.any(|frame| frame.name == name) || variables.into_iter().flatten().any(|own| &*own.text == name)
        };
        for (traversal, span) in mentions.into_iter().filter(|_| self.scope.looks_ahead()) {
            if !is_variable(&traversal.root) {
                self.wrong_names(self.scope.lookup(traversal, span, self).err().unwrap_or_default());
            }
        }
    }

    /// The value that steps lead to; `from` is the place of what they start at, `whole` that of the expression they
    /// belong to.
    fn steps(&self, value: Value, steps: &[Step], frames: Frames<'_>, from: Span, whole: Span) -> Value {
        self.steps_of(value, steps, frames, (from, whole), self.errors())
    }

    /// The same; there were so many problems before the value was looked for.
    fn steps_of(
        &self,
        mut value: Value,
        steps: &[Step],
        frames: Frames<'_>,
        (from, whole): (Span, Span),
        before: usize,
    ) -> Value {
        let mut at = from;
        for step in steps {
            let span = step.span(whole);
            value = match &step.kind {
                StepKind::Attr(name) => self.attribute(&value, name, at, span),
                StepKind::Index(key) => {
                    let key_value = self.value(key, frames);
                    self.index(&value, &key_value, at, span)
                }
                StepKind::LegacyIndex(digits) => {
                    let key = digits.parse::<Number>().map_or_else(|_| Value::null(Type::Number), Value::from);
                    self.index(&value, &key, at, span)
                }
                // What is wrong with the source is not told again for what is done with its elements.
                StepKind::Splat(_) | StepKind::AttrSplat(_) if self.errors() > before => Value::unknown(Type::Any),
                StepKind::Splat(inner) | StepKind::AttrSplat(inner) => {
                    let each = |element: &Value| self.steps(element.clone(), inner, frames, at.to(span), whole);
                    self.splat(&value, &each, at, span)
                }
            };
            at = at.to(span);
        }
        value
    }
}
