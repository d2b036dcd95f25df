//! The values that a problem is about, as Terraform tells them: `local.names is tuple with 2 elements`.

use std::rc::Rc;
use std::sync::Arc;

use super::{Eval, Frames, Scope};
use crate::diagnostic::{Diagnostic, Evaluation, Span, near_miss};
use crate::lang::convert::friendly;
use crate::lang::describe::beginnings;
use crate::lang::functions;
use crate::lang::references::{Mention, mentions};
use crate::lang::syntax::tree::{Expr, ExprKind, Traversal};
use crate::value::{Data, Type, Value};

/// So many characters of a text are shown.
const LONGEST: usize = 200;

/// So many attributes of an object are listed when none is like the one that is looked for.
const LISTED: usize = 8;

/// What about a value made the problem; such a value is worth mentioning only then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lang) enum Cause {
    /// Nothing of these.
    Content,
    /// It is known only after apply.
    Unknown,
    /// It is sensitive.
    Sensitive,
    /// It is ephemeral.
    Ephemeral,
}

/// The problem with the values that the expression refers to.
pub(in crate::lang) fn explained(problem: Diagnostic, expr: &Expr, scope: &dyn Scope, cause: Cause) -> Diagnostic {
    Eval::new(scope).explained(problem, expr, None, cause)
}

impl Eval<'_> {
    /// The problem with the values that the expression refers to.
    pub(in crate::lang) fn explained(
        &self,
        problem: Diagnostic,
        expr: &Expr,
        frames: Frames<'_>,
        cause: Cause,
    ) -> Diagnostic {
        let values = self.told(&mentions(expr), frames, cause);
        Diagnostic { evaluation: boxed(Evaluation { values, function: None }), ..problem }
    }

    /// Adds to the problems since `before` what they are about. An expression inside has done so with its own.
    pub(super) fn explain(&self, expr: &Expr, frames: Frames<'_>, before: usize) {
        let open: Vec<usize> = {
            let report = self.report.borrow();
            let is_open = |at: &usize| report.0[*at].is_error() && report.0[*at].evaluation.is_none();
            (before..report.0.len()).filter(is_open).collect()
        };
        let all = if open.is_empty() { Vec::new() } else { mentions(expr) };
        for at in open {
            let subject = self.report.borrow().0[at].subject;
            let values = self.told(&concerned(&all, expr, subject), frames, Cause::Content);
            let evaluation = Evaluation { values, function: called(expr) };
            self.report.borrow_mut().0[at].evaluation = Some(Box::new(evaluation));
        }
    }

    /// A sentence with the attribute or key that was probably meant by one that is not there; with all of them where they
    /// are few. Not where nobody will read it: a walk over a large map may look for many keys in vain.
    pub(super) fn meant(&self, value: &Value, name: &str) -> String {
        if !self.explains {
            return String::new();
        }
        // Which attributes there are belongs to the type and is no secret, unlike the keys of a map.
        let (names, is_object): (Vec<&str>, bool) = match &value.data {
            Data::Object(entries) => (entries.keys().map(|name| &**name).collect(), true),
            Data::Map(_, entries) if !value.marks.is_sensitive() => {
                (entries.keys().map(|name| &**name).collect(), false)
            }
            Data::Unknown(unknown) => match &unknown.ty {
                Type::Object(fields) => (fields.keys().map(|name| &**name).collect(), true),
                _ => return String::new(),
            },
            _ => return String::new(),
        };
        match near_miss(name, names.iter().copied()) {
            Some(near) => format!(" Did you mean {near:?}?"),
            None if is_object && (1..=LISTED).contains(&names.len()) => format!(" It has: {}.", names.join(", ")),
            None => String::new(),
        }
    }

    /// What is to be said of references, sorted, each once.
    fn told(&self, mentions: &[Mention<'_>], frames: Frames<'_>, cause: Cause) -> Vec<(String, String)> {
        let one = |(traversal, span): &Mention<'_>| self.one_told(traversal, *span, frames, cause);
        let mut told: Vec<_> = mentions.iter().filter_map(one).collect();
        told.sort_unstable();
        told.dedup();
        told
    }

    /// The longest beginning of a reference that has a value, and what is to be said of it.
    fn one_told(
        &self,
        traversal: &Traversal,
        span: Span,
        frames: Frames<'_>,
        cause: Cause,
    ) -> Option<(String, String)> {
        let texts = beginnings(traversal);
        let mut frame = frames;
        let is_loop_variable = std::iter::from_fn(|| {
            let here = frame?;
            frame = here.outer;
            Some(here.name)
        })
        .any(|name| name == &*traversal.root);
        for (steps, text) in texts.into_iter().enumerate().rev() {
            if steps == 0 && !is_loop_variable {
                return None;
            }
            let quiet = Eval { names: Rc::default(), spent: Rc::default(), ..self.trial() };
            let part = Traversal { steps: traversal.steps.get(..steps)?.to_vec(), ..traversal.clone() };
            let value = quiet.traversal(&part, span, frames);
            if !quiet.has_errors() {
                return statement(&value, cause).map(|statement| (text, statement));
            }
        }
        None
    }
}

fn boxed(evaluation: Evaluation) -> Option<Box<Evaluation>> {
    (evaluation != Evaluation::default()).then(|| Box::new(evaluation))
}

/// Those of the references in an expression that stand where the problem is; all, when the problem is a part of one.
fn concerned<'a>(all: &[Mention<'a>], expr: &Expr, subject: Option<Span>) -> Vec<Mention<'a>> {
    let is_reference = matches!(expr.kind, ExprKind::Variable(_) | ExprKind::Access(_));
    let within = |span: Span| subject.is_none_or(|subject| subject.start <= span.start && span.end <= subject.end);
    all.iter().filter(|(_, span)| is_reference || within(*span)).copied().collect()
}

fn called(expr: &Expr) -> Option<Arc<str>> {
    match &expr.kind {
        ExprKind::Call(call) if functions::exists(&call.name) => Some(call.name.clone()),
        _ => None,
    }
}

/// What is to be said of a value, so that it follows its name in a sentence.
fn statement(value: &Value, cause: Cause) -> Option<String> {
    match (value.marks.is_sensitive(), value.marks.is_ephemeral()) {
        (true, true) => {
            let is_told = matches!(cause, Cause::Sensitive | Cause::Ephemeral);
            return is_told.then(|| "has an ephemeral, sensitive value".to_owned());
        }
        (true, false) => return (cause == Cause::Sensitive).then(|| "has a sensitive value".to_owned()),
        (false, true) => return (cause == Cause::Ephemeral).then(|| "has an ephemeral value".to_owned()),
        (false, false) => {}
    }
    let later = cause == Cause::Unknown;
    Some(match &value.data {
        Data::Unknown(unknown) if unknown.ty == Type::Any => {
            return later.then(|| "will be known only after apply".to_owned());
        }
        Data::Unknown(unknown) => {
            let name = friendly(&unknown.ty);
            let article = if name.starts_with('o') { "an" } else { "a" };
            format!("is {article} {name}{}", if later { ", known only after apply" } else { "" })
        }
        data => format!("is {}", content(data)),
    })
}

/// As much of a text as a message shows, and what stands for the rest.
pub(super) fn start_of(text: &str) -> (&str, &'static str) {
    text.char_indices().nth(LONGEST).map_or((text, ""), |(end, _)| (&text[..end], "…"))
}

/// A known value in a few words.
fn content(data: &Data) -> String {
    let counted = |name: String, number: usize| match number {
        0 => format!("empty {name}"),
        1 => format!("{name} with 1 element"),
        _ => format!("{name} with {number} elements"),
    };
    match data {
        Data::Null(_) => "null".into(),
        Data::Bool(truth) => truth.to_string(),
        Data::Number(number) => {
            let text = number.to_string();
            let (start, more) = start_of(&text);
            format!("{start}{more}")
        }
        Data::String(text) => {
            let (start, more) = start_of(text);
            format!("{start:?}{more}")
        }
        Data::List(ty, elements) => counted(format!("list of {}", friendly(ty)), elements.len()),
        Data::Set(ty, elements) => counted(format!("set of {}", friendly(ty)), elements.len()),
        Data::Map(ty, entries) => counted(format!("map of {}", friendly(ty)), entries.len()),
        Data::Tuple(elements) => counted("tuple".into(), elements.len()),
        Data::Object(entries) => match (entries.len(), entries.keys().next()) {
            (0, _) | (_, None) => "object with no attributes".into(),
            (1, Some(name)) => format!("object with 1 attribute {:?}", &**name),
            (number, _) => format!("object with {number} attributes"),
        },
        Data::Unknown(_) => "known after apply".into(),
    }
}
