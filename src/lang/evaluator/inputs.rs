//! Values of variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Evaluator;
use crate::diagnostic::{Diagnostic, Report, Span, near_miss};
use crate::lang::config::{Config, Variable};
use crate::lang::convert;
use crate::lang::expr::Eval;
use crate::lang::input::{Given, Origin, VariableInput};
use crate::lang::scope::ModuleScope;
use crate::lang::syntax::parse_expression;
use crate::value::{Marks, Type, Value};

impl Evaluator {
    /// The value of a variable in one instance of its module.
    pub(super) fn variable(&self, module: usize, instance: usize, variable: &Variable) -> Result<Value, Report> {
        if self.is_validation() && self.config.modules[module].parent.is_none() {
            return Ok(unknown_input(variable));
        }
        match self.config.modules[module].parent {
            None => root_value(variable, self.inputs.get(&variable.name)),
            Some(parent) => {
                let (given, span) = self.argument(module, parent, instance, variable)?;
                fit(variable, given, span, false)
            }
        }
    }

    /// What the module call says, evaluated where the call stands.
    fn argument(
        &self,
        module: usize,
        parent: usize,
        instance: usize,
        variable: &Variable,
    ) -> Result<(Option<Value>, Option<Span>), Report> {
        let call =
            self.config.modules[module].path.last().and_then(|name| self.config.modules[parent].body.calls.get(name));
        let Some(call) = call else { return Ok((None, None)) };
        let Some(attribute) = call.block.body.attribute(&variable.name) else {
            return Ok((None, Some(call.block.header_span)));
        };
        let here = &self.store.modules[module].list[instance];
        let mut repetition = here.repetition.clone();
        if self.is_validation() {
            // Which of them there are is not looked at there, as in Terraform.
            let unknown = || Value::unknown(Type::Any);
            repetition.index.get_or_insert_with(unknown);
            repetition.key.get_or_insert_with(unknown);
            repetition.value.get_or_insert_with(unknown);
        }
        let scope = ModuleScope {
            evaluator: self,
            module: parent,
            instance: here.parent,
            repetition: &repetition,
            this: None,
            instead: None,
        };
        let value = Eval::new(&scope).finish_with(&attribute.expr)?;
        if value.marks_deep().is_ephemeral() && !variable.ephemeral {
            let detail = format!(
                "The variable \"{}\" is not ephemeral, but the value given for it is. Add ephemeral = true to the variable.",
                variable.name
            );
            return Err(Diagnostic::error("Ephemeral value not allowed", detail)
                .at(attribute.expr.span)
                .note(Some(variable.span), "The variable is declared here.")
                .into());
        }
        Ok((Some(value), Some(attribute.expr.span)))
    }
}

/// The value of a root variable: what is given, else its default, converted to its type and marked as it says.
///
/// # Errors
/// Nothing is given and there is no default, or the value does not fit.
pub fn root_value(variable: &Variable, input: Option<&VariableInput>) -> Result<Value, Report> {
    let span = match input.map(|input| &input.origin) {
        Some(Origin::File(span)) => Some(*span),
        _ => None,
    };
    let given = input.map(|input| given_value(variable, input)).transpose()?;
    fit(variable, given, span, true).map_err(|mut report| {
        let from = input.and_then(|input| source(variable, input));
        for (problem, from) in report.0.iter_mut().zip(from) {
            problem.detail = format!("In {from}: {}", problem.detail);
        }
        report
    })
}

/// What is given for a root variable, before it is converted to its type.
///
/// # Errors
/// It is a text that cannot be read, or no expression.
pub fn given_value(variable: &Variable, input: &VariableInput) -> Result<Value, Report> {
    match &input.value {
        Given::Value(value) => Ok(value.clone()),
        Given::Text(text) => given_text(variable, input, text),
        Given::Wrong(report) => Err(report.clone()),
    }
}

/// What holds the value of a variable, where no line of a file shows it.
fn source(variable: &Variable, input: &VariableInput) -> Option<String> {
    match input.origin {
        Origin::Environment => Some(format!("the environment variable TF_VAR_{}", variable.name)),
        Origin::CommandLine => Some(format!("-var {}=...", variable.name)),
        Origin::File(_) | Origin::Prompt | Origin::Plan => None,
    }
}

/// Warnings about values in files for variables that do not exist: so many are told one by one.
const SHOWN: usize = 2;

/// What is wrong with the values that were given, before anything else is looked at: variables that do not exist, text that
/// cannot be read, values that are missing.
///
/// # Errors
/// All problems, warnings too.
pub fn check_inputs(config: &Config, inputs: &[VariableInput]) -> Result<(), Report> {
    let inputs = inputs.iter().map(|input| (input.name.clone(), input.clone())).collect();
    let report = problems(config, &inputs);
    if report.has_errors() { Err(report) } else { Ok(()) }
}

/// Problems with the given values, by variable.
pub(super) fn problems(config: &Config, inputs: &BTreeMap<Arc<str>, VariableInput>) -> Report {
    let mut report = Report::default();
    let Some(root) = config.root() else { return report };
    let mut from_files = 0;
    for input in inputs.values() {
        if root.body.variables.contains_key(&input.name) || matches!(input.value, Given::Wrong(_)) {
            continue;
        }
        let name = &input.name;
        let hint = near_miss(name, root.body.variables.keys().map(|name| &**name));
        let hint = hint.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
        let detail = format!("There is no variable \"{name}\" in the root module.{hint}");
        match input.origin {
            Origin::CommandLine => report.push(Diagnostic::error("Value for undeclared variable", detail)),
            Origin::File(span) => {
                from_files += 1;
                if from_files <= SHOWN {
                    report.push(Diagnostic::warning("Value for undeclared variable", detail).at(span));
                }
            }
            Origin::Environment | Origin::Prompt | Origin::Plan => {}
        }
    }
    if from_files > SHOWN {
        let detail = format!("Files give values for {} more variables that are not declared.", from_files - SHOWN);
        report.push(Diagnostic::warning("Values for undeclared variables", detail));
    }
    root.body.variables.values().for_each(|variable| report.extend(unread(variable, inputs.get(&variable.name))));
    report
}

/// What is wrong before the type of the variable is looked at: no value, or text that is no expression.
fn unread(variable: &Variable, input: Option<&VariableInput>) -> Report {
    match input.map(|input| (input, &input.value)) {
        None if variable.default.is_none() => missing(variable, true, None).into(),
        Some((input, Given::Text(text))) => given_text(variable, input, text).err().unwrap_or_default(),
        Some((_, Given::Wrong(report))) if variable.default.is_none() => {
            let mut report = report.clone();
            report.push(missing(variable, true, None));
            report
        }
        Some((_, Given::Wrong(report))) => report.clone(),
        _ => Report::default(),
    }
}

/// The given value, else the default, converted to the type of the variable.
fn fit(variable: &Variable, given: Option<Value>, span: Option<Span>, outside: bool) -> Result<Value, Report> {
    let value = given.or_else(|| variable.default.clone());
    let Some(value) = value else {
        return Err(missing(variable, outside, span).into());
    };
    let value = match convert::convert(&variable.defaults.fill(&value), &variable.ty) {
        Ok(value) => value,
        Err(why) => {
            let inside = if why.path.0.is_empty() { String::new() } else { format!(" at {}", why.path) };
            let detail = format!(
                "The value given for the variable \"{}\" does not fit its type{inside}: {}.",
                variable.name, why.message
            );
            let problem =
                Diagnostic::error("Invalid value for input variable", detail).at(span.or(Some(variable.span)));
            return Err(match span {
                Some(_) => problem.note(Some(variable.span), "The variable is declared here."),
                None => problem,
            }
            .into());
        }
    };
    let value = match (&value, variable.nullable, &variable.default) {
        (value, false, Some(default)) if value.is_null() => default.clone(),
        (value, false, None) if value.is_null() => {
            let detail =
                format!("The variable \"{}\" must not be null (nullable = false), but null is given.", variable.name);
            return Err(Diagnostic::error("Required variable not set", detail).at(span.or(Some(variable.span))).into());
        }
        _ => value,
    };
    Ok(finished(value, variable))
}

/// A variable that may have any value of its type.
pub(in crate::lang) fn unknown_input(variable: &Variable) -> Value {
    finished(Value::unknown(variable.ty.clone()), variable)
}

/// The value with the marks that the variable asks for.
fn finished(value: Value, variable: &Variable) -> Value {
    let value = if variable.sensitive { value.sensitive() } else { value };
    if variable.ephemeral { value.with_marks(&Marks::EPHEMERAL) } else { value }
}

fn missing(variable: &Variable, outside: bool, span: Option<Span>) -> Diagnostic {
    let name = &variable.name;
    if outside {
        let detail = format!(
            "The variable \"{name}\" has no value and no default. Give it with -var, in a variables file, or in the environment as TF_VAR_{name}."
        );
        return Diagnostic::error("No value for required variable", detail).at(variable.span);
    }
    let detail = format!("The argument \"{name}\" is required, but it is not given.");
    Diagnostic::error("Missing required argument", detail)
        .at(span)
        .note(Some(variable.span), "The variable is declared here.")
}

/// The value of text from the command line or the environment: text for a variable of type string, any other
/// type is written as an expression.
fn given_text(variable: &Variable, input: &VariableInput, text: &str) -> Result<Value, Report> {
    let is_text = !variable.has_type || matches!(variable.ty, Type::String | Type::Bool | Type::Number);
    if is_text {
        return Ok(Value::string(text));
    }
    let from = source(variable, input).unwrap_or_else(|| "the given text".to_owned());
    // Spans of the text point into no file: problems are reported at the declaration.
    let at_declaration = |report: Report| {
        let place = |problem: Diagnostic| Diagnostic {
            detail: format!("In {from}: {}", problem.detail),
            subject: Some(variable.span),
            context: None,
            ..problem
        };
        Report(report.0.into_iter().map(place).collect())
    };
    let (expr, report) = parse_expression(u32::MAX, text);
    let value = expr.map_or(Err(report), |expr| crate::lang::expr::constant(&expr));
    value.map_err(|report| {
        // A value that cannot be read is none.
        let mut report = at_declaration(report);
        if variable.default.is_none() {
            report.push(missing(variable, true, None));
        }
        report
    })
}
