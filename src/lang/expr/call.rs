//! Function calls.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Eval, Frames, Scope};
use crate::clock::Clock;
use crate::diagnostic::{Diagnostic, Report, Sources, Span, near_miss};
use crate::lang::convert::convert;
use crate::lang::functions::{self, CallError, CallErrorKind, FunctionScope};
use crate::lang::references::mentions;
use crate::lang::syntax::parse_template;
use crate::lang::syntax::tree::{Call, Expr, ExprKind, Traversal};
use crate::value::{Data, Marks, Type, Value};

/// How names of providers' functions begin.
const PROVIDER: &str = "provider::";

/// What functions work with.
#[derive(Clone, Debug)]
pub(in crate::lang) struct Functions {
    /// Relative paths start here.
    pub(in crate::lang) base_dir: PathBuf,
    /// The home directory.
    pub(in crate::lang) home: Option<PathBuf>,
    /// Time and randomness.
    pub(in crate::lang) clock: Clock,
    /// When the plan was made.
    pub(in crate::lang) plan_time: Option<Duration>,
    /// Functions without a fixed result are known after apply.
    pub(in crate::lang) planning: bool,
    /// Whether people ask interactively, where `type` is there too.
    pub(in crate::lang) console: bool,
}

/// Names inside a template file: the variables it was given.
struct TemplateScope<'a> {
    vars: &'a Value,
    functions: &'a Functions,
    /// Where the template is called, if that is in a stack.
    caller: Option<&'a dyn Scope>,
}

impl Scope for TemplateScope<'_> {
    fn lookup(&self, traversal: &Traversal, span: Span, _: &Eval<'_>) -> Result<(Value, usize), Report> {
        let name = &traversal.root;
        self.vars.get(name).map(|value| (value.clone(), 0)).ok_or_else(|| {
            let detail = format!("The template was given no variable \"{name}\".");
            Diagnostic::error("Unknown variable", detail).at(span).into()
        })
    }

    fn functions(&self) -> Option<(&Functions, bool)> {
        Some((self.functions, true))
    }

    fn is_builtin_provider(&self, local: &str) -> bool {
        self.caller.is_some_and(|caller| caller.is_builtin_provider(local))
    }
}

impl Functions {
    /// Renders the text of a template; `name` says in messages which one it is.
    fn render(&self, name: &str, text: &str, vars: &Value, caller: Option<&dyn Scope>) -> Result<Value, CallError> {
        let mut sources = Sources::default();
        let file = sources.add(Path::new(name), text);
        let place = |span: Span| {
            let (from, to) = (sources.position(file, span.start), sources.position(file, span.end));
            let line = if from.0 == to.0 { String::new() } else { format!("{},", to.0) };
            format!("{name}:{},{}-{line}{}", from.0, from.1, to.1)
        };
        let failed = |report: &Report| {
            let sentence = |problem: &Diagnostic| {
                let place = problem.subject.map(|span| place(span) + ": ").unwrap_or_default();
                format!("{place}{}; {}", problem.summary, problem.detail)
            };
            let sentences: Vec<_> = report.0.iter().filter(|problem| problem.is_error()).map(sentence).collect();
            CallError::new(sentences.join(" ").trim_end_matches('.').to_owned())
        };
        let (expr, report) = parse_template(file, text);
        if report.has_errors() {
            return Err(failed(&report));
        }
        for (traversal, span) in mentions(&expr) {
            let name = &traversal.root;
            if vars.get(name).is_none() && vars.is_known() {
                let keys = vars.entries().into_iter().flat_map(|entries| entries.keys().map(|key| &**key));
                let hint = near_miss(name, keys).map(|near| format!(", only {near}")).unwrap_or_default();
                let place = place(traversal.root_span(span));
                let message = format!("the template uses {name} ({place}), but vars has no such key{hint}");
                return Err(CallError::at(1, message));
            }
        }
        let scope = TemplateScope { vars, functions: self, caller };
        let value = Eval::new(&scope).finish_with(&expr).map_err(|report| failed(&report))?;
        if value.is_null() { Err(CallError::new("the result of the template is null")) } else { Ok(value) }
    }
}

/// Renders a template that belongs to no stack, with the attributes of an object as its variables. Relative paths start
/// where the tool runs.
///
/// # Errors
/// What is wrong with it, as a phrase.
pub fn render_template(text: &str, vars: &Value, clock: &Clock, home: Option<PathBuf>) -> Result<String, String> {
    let base_dir = PathBuf::from(".");
    let functions =
        Functions { base_dir, home, clock: clock.clone(), plan_time: None, planning: false, console: false };
    let value = functions.render("template", text, vars, None).map_err(|error| error.message)?;
    let value = convert(&value, &Type::String).map_err(|error| error.to_string())?;
    value.as_str().map(str::to_owned).ok_or_else(|| "the result of the template is no text".to_owned())
}

impl Eval<'_> {
    /// `name(args…)`
    pub(super) fn call(&self, call: &Call, span: Span, frames: Frames<'_>) -> Value {
        let canonical = self.provider_function(&call.name);
        let name = canonical.as_deref().unwrap_or(call.name.strip_prefix("core::").unwrap_or(&call.name));
        let Some((functions, in_template)) = self.scope.functions() else {
            let detail = "This value must be written out. Remove the function.";
            return self.fail(Diagnostic::error("Function calls not allowed", detail).at(span));
        };
        let undeclared = canonical.is_none() && name.starts_with(PROVIDER);
        if undeclared || !functions::exists(name) || (name == "type" && !functions.console) {
            return self.no_such_function(call);
        }
        if name == "type" {
            let detail = "The function \"type\" exists only in the console, and only on its own: it gives text for people, not a value.";
            return self.fail(Diagnostic::error("Invalid use of type function", detail).at(span));
        }
        match name {
            "try" => return self.first_success(call, span, frames),
            "can" => return self.can(call, span, frames),
            _ => {}
        }
        if !call.expand_final
            && let Err(error) = functions::check_count(name, call.args.len())
        {
            return self.call_error(call, span, &error);
        }
        if name == "templatestring" && !self.is_template_reference(call) {
            return Value::unknown(Type::Any);
        }
        let before = self.errors();
        let Some((args, marks)) = self.arguments(call, name, span, frames) else { return Value::unknown(Type::Any) };
        if self.errors() > before {
            for error in functions::misfits(name, args) {
                self.call_error(call, span, &error);
            }
            return Value::unknown(Type::Any);
        }
        if name == "templatestring" && !matches!(args.first().map(Value::ty), Some(Type::String | Type::Any) | None) {
            let error = CallError::at(0, "the template must be text");
            return self.call_error(call, span, &error);
        }
        let render = |name: &str, text: &str, vars: &Value| functions.render(name, text, vars, Some(self.scope));
        let scope = FunctionScope {
            base_dir: functions.base_dir.clone(),
            home: functions.home.clone(),
            clock: functions.clock.clone(),
            plan_time: functions.plan_time,
            planning: functions.planning,
            in_template,
            render: &render,
        };
        match functions::call(name, args, &scope) {
            Ok(value) => value.with_marks(&marks),
            Err(errors) => {
                errors.iter().for_each(|error| drop(self.call_error(call, span, error)));
                Value::unknown(Type::Any)
            }
        }
    }

    /// The name that the table has for a function of the built-in provider, called by its local name.
    fn provider_function(&self, name: &str) -> Option<String> {
        let (local, function) = name.strip_prefix(PROVIDER)?.split_once("::")?;
        let is_one = !function.contains("::") && self.scope.is_builtin_provider(local);
        is_one.then(|| format!("{PROVIDER}terraform::{function}"))
    }

    fn no_such_function(&self, call: &Call) -> Value {
        let name = &*call.name;
        if name.contains("::") {
            let detail = if let Some(canonical) = self.provider_function(name) {
                let function = canonical.rsplit("::").next().unwrap_or_default();
                format!("The provider terraform has no function \"{function}\".")
            } else if let Some(local) = name.strip_prefix(PROVIDER).and_then(|rest| rest.split("::").next()) {
                format!(
                    "There is no function \"{name}\": only the provider terraform has functions. Call them by its local name \
                     in this module's required_providers; to call it {local}, add\n\n    {local} = {{ source = \
                     \"terraform.io/builtin/terraform\" }}"
                )
            } else {
                format!("There is no function \"{name}\". The built-in ones have no prefix but core::.")
            };
            return self.fail(Diagnostic::error("Unknown provider function", detail).at(call.name_span));
        }
        let plain = name.rsplit("::").next().unwrap_or(name);
        let hint = near_miss(plain, functions::names()).filter(|near| *near != name);
        let hint = hint.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
        let detail = format!("There is no function \"{name}\".{hint}");
        self.fail(Diagnostic::error("Call to unknown function", detail).at(call.name_span))
    }

    /// Whether the template of `templatestring` is a reference: one written out needs no function.
    fn is_template_reference(&self, call: &Call) -> bool {
        let Some(template) = call.args.first() else { return true };
        let is_reference = matches!(template.kind, ExprKind::Variable(_));
        if !is_reference {
            let detail = "Invalid value for \"template\" parameter: it must be a reference to a text, such as local.template. A \
                          template that is written out needs no function: use it as it is.";
            self.push(Diagnostic::error("Invalid function argument", detail).at(template.span));
        }
        is_reference
    }

    pub(super) fn errors(&self) -> usize {
        let count = |report: &Report| report.0.iter().filter(|problem| problem.is_error()).count();
        count(&self.report.borrow()) + count(&self.names.borrow())
    }

    /// The elements of the last argument, which is followed by `...`, and the marks of the whole. Nothing when that
    /// cannot be done (yet): then nobody looks at the others.
    fn expanded(&self, call: &Call, frames: Frames<'_>) -> Option<(Vec<Value>, Marks)> {
        let before = self.errors();
        let expr = call.args.last()?;
        let last = self.value(expr, frames);
        if self.errors() > before {
            return None;
        }
        let wrong = |detail: &str| {
            self.push(Diagnostic::error("Invalid expanding argument value", detail.to_owned()).at(expr.span));
            None
        };
        if last.is_null() {
            return wrong("The argument before ... must not be null.");
        }
        match last.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                Some((elements.to_vec(), last.marks))
            }
            Data::Unknown(unknown)
                if matches!(unknown.ty, Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_)) =>
            {
                None
            }
            _ => wrong("The argument before ... must be a list, set or tuple."),
        }
    }

    /// The values of the arguments; the last one taken apart when it is followed by `...`.
    fn arguments(&self, call: &Call, name: &str, span: Span, frames: Frames<'_>) -> Option<(Vec<Value>, Marks)> {
        let values = |args: &[Expr]| args.iter().map(|arg| self.value(arg, frames)).collect::<Vec<Value>>();
        if !call.expand_final {
            return Some((values(&call.args), Marks::default()));
        }
        let (expanded, marks) = self.expanded(call, frames)?;
        let (_, others) = call.args.split_last()?;
        if let Err(error) = functions::check_count(name, others.len() + expanded.len()) {
            self.call_error(call, span, &error);
            return None;
        }
        let mut args = values(others);
        args.extend(expanded);
        Some((args, marks))
    }

    /// What `try` and `can` look at one after the other: arguments, then the elements of one followed by `...`, which
    /// have been evaluated and cannot fail. Nothing after a problem with that, which neither hides.
    fn attempts<'e>(&self, call: &'e Call, frames: Frames<'_>) -> Option<(&'e [Expr], Vec<Value>)> {
        if !call.expand_final {
            return Some((&call.args, Vec::new()));
        }
        let (elements, marks) = self.expanded(call, frames)?;
        let (_, others) = call.args.split_last()?;
        Some((others, elements.into_iter().map(|element| element.with_marks(&marks)).collect()))
    }

    fn call_error(&self, call: &Call, span: Span, error: &CallError) -> Value {
        let at = match error.argument.and_then(|at| call.args.get(at).or(call.args.last())) {
            Some(arg) => arg.span,
            // Where the next argument would stand.
            None if error.kind == CallErrorKind::TooFew => Span { start: span.end.saturating_sub(1), ..span },
            None => span,
        };
        self.fail(Diagnostic::error(error.summary(), error.detail(&call.name)).at(at).within(span))
    }

    /// `try`: the first argument without problems.
    fn first_success(&self, call: &Call, span: Span, frames: Frames<'_>) -> Value {
        let Some((args, elements)) = self.attempts(call, frames) else { return Value::unknown(Type::Any) };
        // What fails once everything is known cannot be told yet.
        let settled = |value: Value| {
            if value.is_wholly_known() {
                return value;
            }
            let marks = value.marks.union(&value.marks_deep().provenance());
            Value::unknown(Type::Any).with_marks(&marks)
        };
        let mut failures = Vec::new();
        for (at, arg) in args.iter().enumerate() {
            let apart = self.trial();
            let value = apart.value(arg, frames);
            let report = apart.into_own_report();
            if report.has_errors() {
                failures.extend(report.0.into_iter().filter(Diagnostic::is_error).map(|problem| problem.detail));
                continue;
            }
            // Names must be right also where nobody looks.
            args[at + 1..].iter().for_each(|other| drop(self.trial().value(other, frames)));
            return settled(value);
        }
        if let Some(element) = elements.into_iter().next() {
            return settled(element);
        }
        let why = match failures.as_slice() {
            [] => "at least one argument is required.".to_owned(),
            _ => format!("no expression succeeded:\n- {}", failures.join("\n- ")),
        };
        let detail = format!("Call to function \"try\" failed: {why}");
        self.fail(Diagnostic::error("Error in function call", detail).at(span))
    }

    /// `can`: whether the argument has no problems.
    fn can(&self, call: &Call, span: Span, frames: Frames<'_>) -> Value {
        let Some((args, elements)) = self.attempts(call, frames) else { return Value::unknown(Type::Any) };
        if let Err(error) = functions::check_count("can", args.len() + elements.len()) {
            return self.call_error(call, span, &error);
        }
        let apart = self.trial();
        let value = match (args.first(), elements.into_iter().next()) {
            (Some(arg), _) => apart.value(arg, frames),
            (None, element) => element.unwrap_or_else(|| Value::unknown(Type::Any)),
        };
        if apart.has_own_errors() {
            return false.into();
        }
        let answer = if value.is_wholly_known() { true.into() } else { Value::unknown(Type::Bool) };
        answer.with_marks(&value.marks_deep().provenance())
    }
}
