//! The built-in functions of the language.
//!
//! A function is one entry in the table of its group: name, parameters, type of the result, implementation and a
//! line of documentation. [`call`] converts the arguments, refuses null where it makes no sense, keeps what is
//! unknown unknown and lets the marks travel; an implementation sees known, unmarked values unless its parameters
//! say otherwise.
//!
//! `can` and `try` evaluate their arguments lazily and are done by the evaluator; they are only named here.

#![allow(clippy::unnecessary_wraps)] // implementations share one signature, whether they can fail or not

mod collection;
mod conversion;
mod crypto;
mod date_format;
mod encoding;
mod expression;
mod filesystem;
mod format;
mod glob;
mod network;
mod number;
mod regex;
mod rsa;
mod sequence;
mod sets;
mod signature;
mod string;
mod text_encoding;
mod time;
mod yaml_decode;
mod yaml_encode;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use crate::clock::Clock;
use crate::lang::convert::convert;
use crate::value::{AllMarks, Data, Number, Type, Unknown, Value};

pub use conversion::describe_type;
pub use expression::render as render_expression;
pub use signature::{Parameter, Signature, signature};

/// Renders a template, given by its name for messages and its text, with the variables of an object.
pub type Render<'a> = &'a dyn Fn(&str, &str, &Value) -> Result<Value, CallError>;

/// What a function may need from around it.
pub struct FunctionScope<'a> {
    /// Relative paths start here; absolute unless the caller wants relative ones.
    pub base_dir: PathBuf,
    /// The home directory, for `~`.
    pub home: Option<PathBuf>,
    /// Time and randomness.
    pub clock: Clock,
    /// When the plan was made, for `plantimestamp`; unknown without it.
    pub plan_time: Option<Duration>,
    /// During planning `timestamp`, `uuid` and `bcrypt` are known after apply.
    pub planning: bool,
    /// Whether this is the inside of a template, where templates cannot be called.
    pub in_template: bool,
    /// For `templatefile` and `templatestring`.
    pub render: Render<'a>,
}

/// What went wrong in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// What kind of mistake.
    pub kind: CallErrorKind,
    /// Which argument it is about, counted from zero.
    pub argument: Option<usize>,
    /// The parameter of that argument.
    pub parameter: &'static str,
    /// A phrase without a full stop.
    pub message: String,
}

/// Kinds of mistakes in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallErrorKind {
    /// There is no such function.
    Unknown,
    /// There is no such function in a provider.
    UnknownProvider,
    /// An argument is missing.
    TooFew,
    /// There are more arguments than parameters.
    TooMany,
    /// An argument does not fit.
    Argument,
    /// The function failed.
    Failed,
}

impl CallError {
    /// The function failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self { kind: CallErrorKind::Failed, argument: None, parameter: "", message: message.into() }
    }

    /// An argument does not fit.
    pub fn at(argument: usize, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind: CallErrorKind::Argument, argument: Some(argument), parameter: "", message }
    }

    /// The fixed phrase for it.
    pub fn summary(&self) -> &'static str {
        match self.kind {
            CallErrorKind::Unknown => "Call to unknown function",
            CallErrorKind::UnknownProvider => "Unknown provider function",
            CallErrorKind::TooFew => "Not enough function arguments",
            CallErrorKind::TooMany => "Too many function arguments",
            CallErrorKind::Argument => "Invalid function argument",
            CallErrorKind::Failed => "Error in function call",
        }
    }

    /// A sentence about it; `name` is the function's.
    pub fn detail(&self, name: &str) -> String {
        let Self { parameter, message, .. } = self;
        match self.kind {
            CallErrorKind::Argument => format!("Invalid value for {parameter:?} parameter: {message}."),
            CallErrorKind::Failed => format!("Call to function {name:?} failed: {message}."),
            _ => format!("{message}."),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CallError {}

/// What implementations give back.
type Outcome = Result<Value, CallError>;

/// Types that parameters and results are declared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Any,
    Bool,
    Number,
    String,
    Bools,
    Numbers,
    Strings,
    List,
    Set,
    SetOfStrings,
    MapOfStringLists,
}

impl Kind {
    fn ty(self) -> Type {
        match self {
            Self::Any => Type::Any,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::Bools => Type::list(Type::Bool),
            Self::Numbers => Type::list(Type::Number),
            Self::Strings => Type::list(Type::String),
            Self::List => Type::list(Type::Any),
            Self::Set => Type::set(Type::Any),
            Self::SetOfStrings => Type::set(Type::String),
            Self::MapOfStringLists => Type::map(Type::list(Type::String)),
        }
    }
}

/// A parameter. Without further words it takes known, unmarked values other than null.
#[allow(clippy::struct_excessive_bools)] // four independent permissions
#[derive(Clone, Copy, Debug)]
struct Param {
    name: &'static str,
    kind: Kind,
    null: bool,
    unknown: bool,
    marked: bool,
    untyped: bool,
}

const fn param(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, null: false, unknown: false, marked: false, untyped: false }
}

impl Param {
    /// Takes null.
    const fn null(mut self) -> Self {
        self.null = true;
        self
    }

    /// Takes what is unknown.
    const fn unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    /// Takes marks and does itself what is needed for them to travel.
    const fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// Takes what is unknown even in its type.
    const fn untyped(mut self) -> Self {
        self.untyped = true;
        self
    }
}

/// The type of a result.
#[derive(Clone, Copy)]
enum Returns {
    /// Always this one.
    Always(Kind),
    /// It follows from the arguments, which may be unknown.
    From(fn(&[Value]) -> Result<Type, CallError>),
}

/// A function.
struct Function {
    name: &'static str,
    doc: &'static str,
    params: &'static [Param],
    rest: Option<Param>,
    returns: Returns,
    maybe_null: bool,
    run: fn(&Call<'_>) -> Outcome,
}

const fn function(
    name: &'static str,
    doc: &'static str,
    params: &'static [Param],
    returns: Returns,
    run: fn(&Call<'_>) -> Outcome,
) -> Function {
    Function { name, doc, params, rest: None, returns, maybe_null: false, run }
}

impl Function {
    /// Takes any number of further arguments.
    const fn rest(mut self, param: Param) -> Self {
        self.rest = Some(param);
        self
    }

    /// The result may be null.
    const fn maybe_null(mut self) -> Self {
        self.maybe_null = true;
        self
    }

    fn param(&self, at: usize) -> Param {
        self.params.get(at).copied().or(self.rest).unwrap_or(param("", Kind::Any))
    }

    /// The arguments as the parameters want them.
    fn converted(&self, args: Vec<Value>) -> Result<Vec<Value>, Vec<CallError>> {
        let (mut converted, mut errors) = (Vec::with_capacity(args.len()), Vec::new());
        for (at, arg) in args.into_iter().enumerate() {
            let param = self.param(at);
            match convert(&arg, &param.kind.ty()) {
                Ok(arg) => converted.push(arg),
                Err(error) => errors.push(CallError { parameter: param.name, ..CallError::at(at, error.message) }),
            }
        }
        if errors.is_empty() { Ok(converted) } else { Err(errors) }
    }

    fn check_count(&self, given: usize) -> Result<(), CallError> {
        let wanted = self.params.len();
        let failed = |kind, message: String| Err(CallError { kind, ..CallError::new(message) });
        if given < wanted {
            let missing = self.params[given].name;
            let count = if self.rest.is_some() { format!("at least {wanted}") } else { wanted.to_string() };
            let message =
                format!("Function {:?} expects {count} argument(s). Missing value for {missing:?}", self.name);
            return failed(CallErrorKind::TooFew, message);
        }
        if given > wanted && self.rest.is_none() {
            let message = format!("Function {:?} expects only {wanted} argument(s)", self.name);
            return failed(CallErrorKind::TooMany, message)
                .map_err(|error| CallError { argument: Some(wanted), ..error });
        }
        Ok(())
    }
}

/// The arguments of a call on their way into an implementation.
struct Call<'a> {
    args: Vec<Value>,
    /// The type that the result must have.
    ty: Type,
    scope: &'a FunctionScope<'a>,
}

impl Call<'_> {
    fn text(&self, at: usize) -> &str {
        self.args.get(at).and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, at: usize) -> &Number {
        self.args.get(at).and_then(Value::as_number).unwrap_or(&Number::ZERO)
    }

    fn elements(&self, at: usize) -> &[Value] {
        self.args.get(at).and_then(Value::elements).unwrap_or_default()
    }

    /// A whole number of machine size; its refusal is about the argument.
    fn whole(&self, at: usize) -> Result<i64, CallError> {
        self.number(at).to_i64().ok_or_else(|| CallError::at(at, NOT_WHOLE))
    }

    /// The same, but its refusal is about the call.
    fn int(&self, at: usize) -> Result<i64, CallError> {
        self.number(at).to_i64().ok_or_else(|| CallError::new(NOT_WHOLE))
    }

    /// An unknown value of the type that the result must have.
    fn unknown(&self) -> Value {
        Value::unknown(self.ty.clone())
    }

    /// The type of the elements that the result must have.
    fn element_type(&self) -> Type {
        match &self.ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => (**element).clone(),
            _ => Type::Any,
        }
    }
}

const NOT_WHOLE: &str = "value must be a whole number, between -9223372036854775808 and 9223372036854775807 inclusive";

static TABLE: LazyLock<BTreeMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let groups: &[&'static [Function]] = &[
        collection::FUNCTIONS,
        conversion::FUNCTIONS,
        crypto::FUNCTIONS,
        encoding::FUNCTIONS,
        expression::FUNCTIONS,
        filesystem::FUNCTIONS,
        format::FUNCTIONS,
        network::FUNCTIONS,
        number::FUNCTIONS,
        regex::FUNCTIONS,
        sequence::FUNCTIONS,
        sets::FUNCTIONS,
        string::FUNCTIONS,
        time::FUNCTIONS,
    ];
    groups.iter().flat_map(|group| group.iter()).map(|function| (function.name, function)).collect()
});

/// Functions that the evaluator does itself, because they evaluate their arguments lazily.
pub const LAZY: [&str; 2] = ["can", "try"];

/// Only for its number of arguments.
const CAN: Function = function(
    "can",
    "Whether an expression can be evaluated.",
    &[param("expression", Kind::Any)],
    Returns::Always(Kind::Bool),
    |call| Ok(call.unknown()),
);

fn find(name: &str) -> Option<&'static Function> {
    TABLE.get(name.strip_prefix("core::").unwrap_or(name)).copied()
}

/// Whether there is a function of that name.
pub fn exists(name: &str) -> bool {
    find(name).is_some() || LAZY.contains(&name.strip_prefix("core::").unwrap_or(name))
}

/// Names of all functions, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> = TABLE.keys().copied().chain(LAZY).collect();
    names.sort_unstable();
    names.into_iter()
}

/// What a function does, in a sentence.
pub fn doc(name: &str) -> Option<&'static str> {
    find(name).map(|function| function.doc)
}

/// Whether a call with that many arguments can be right; says so before anything is evaluated.
pub fn check_count(name: &str, given: usize) -> Result<(), CallError> {
    match name.strip_prefix("core::").unwrap_or(name) {
        "can" => CAN.check_count(given),
        "try" => Ok(()),
        _ => find(name).map_or_else(|| Err(unknown_function(name)), |function| function.check_count(given)),
    }
}

fn unknown_function(name: &str) -> CallError {
    let (kind, message) = match name.split_once("::") {
        None => (CallErrorKind::Unknown, format!("There is no function named {name:?}")),
        Some(("provider", rest)) => {
            let provider = rest.split("::").next().unwrap_or_default();
            let message = format!(
                "There is no function named {name:?}. Ensure that provider name {provider:?} is declared in this module's \
                 required_providers block, and that this provider offers a function with that name"
            );
            (CallErrorKind::UnknownProvider, message)
        }
        Some((namespace, _)) => {
            let message = format!(
                "The function namespace {namespace:?} is not valid. Provider function calls must use the \"provider::\" \
                 namespace prefix"
            );
            (CallErrorKind::UnknownProvider, message)
        }
    };
    CallError { kind, ..CallError::new(message) }
}

/// Calls a function.
///
/// # Errors
/// What is wrong with the call: every argument of a wrong type, or the one thing that else went wrong.
pub fn call(name: &str, args: Vec<Value>, scope: &FunctionScope<'_>) -> Result<Value, Vec<CallError>> {
    let function = find(name).ok_or_else(|| vec![unknown_function(name)])?;
    if scope.in_template && matches!(function.name, "templatefile" | "templatestring") {
        let message = format!("cannot recursively call {} from inside another template function", function.name);
        return Err(vec![CallError::new(message)]);
    }
    function.check_count(args.len()).map_err(|error| vec![error])?;
    let args = function.converted(args)?;
    invoke(function, args, scope).map_err(|mut error| {
        error.parameter = error.argument.map_or("", |at| function.param(at).name);
        vec![error]
    })
}

/// Arguments of wrong types, where the function cannot be called for another reason.
pub fn misfits(name: &str, args: Vec<Value>) -> Vec<CallError> {
    let Some(function) = find(name).filter(|function| function.check_count(args.len()).is_ok()) else {
        return Vec::new();
    };
    function.converted(args).err().unwrap_or_default()
}

fn invoke(function: &'static Function, args: Vec<Value>, scope: &FunctionScope<'_>) -> Outcome {
    let mut marks = AllMarks::default();
    let (mut open, mut untyped, mut nothing) = (false, false, false);
    let mut prepared = Vec::with_capacity(args.len());
    for (at, arg) in args.into_iter().enumerate() {
        let param = function.param(at);
        if arg.is_null() && !param.null {
            return Err(CallError::at(at, "argument must not be null"));
        }
        let arg = if param.marked {
            arg
        } else {
            let (arg, inner) = arg.split_marks_deep();
            marks.add(&inner);
            arg
        };
        untyped |= !param.untyped && matches!(&arg.data, Data::Unknown(unknown) if unknown.ty == Type::Any);
        nothing |= !param.untyped && matches!(&arg.data, Data::Null(Type::Any));
        open |= !param.unknown && !arg.is_known();
        prepared.push(arg);
    }
    let marks = marks.finish();
    if untyped {
        return Ok(Value::unknown(Type::Any).with_marks(&marks));
    }
    if nothing {
        // Terraform never learns the result of `format("%s", null)`, and what is never learnt ends as null.
        let result = if scope.planning { Value::unknown(Type::Any) } else { Value::null(Type::Any) };
        return Ok(result.with_marks(&marks));
    }
    let ty = match function.returns {
        Returns::Always(kind) => kind.ty(),
        Returns::From(of) => of(&prepared)?,
    };
    let result = if open {
        // Parameters that keep their marks hand them on here, since the function itself is not asked.
        let mut kept = AllMarks::default();
        prepared.iter().for_each(|arg| arg.add_marks(&mut kept));
        Value::unknown(ty).with_marks(&kept.finish())
    } else {
        (function.run)(&Call { args: prepared, ty, scope })?
    };
    let result = match result.data {
        Data::Unknown(unknown) if !function.maybe_null && unknown.ty != Type::Any => {
            let refined =
                crate::lang::convert::refined(Unknown { not_null: true, ..std::sync::Arc::unwrap_or_clone(unknown) });
            refined.with_marks(&result.marks)
        }
        _ => result,
    };
    Ok(result.with_marks(&marks))
}

#[cfg(test)]
mod tests;
