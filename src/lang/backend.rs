//! `backend` blocks: where a stack keeps its state.

mod s3;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::blocks::{unsupported_argument, unsupported_block};
use super::convert;
use super::expr::constant;
use super::path::Step;
use super::spans::in_expr;
use super::syntax::parse;
use super::syntax::tree::{Block, Expr};
use crate::diagnostic::{Diagnostic, Report, Severity, Sources, Span};
use crate::value::{Entries, Type, Value};

/// Backends of Terraform's that glaz does not have.
const ELSEWHERE: [&str; 10] = ["azurerm", "consul", "cos", "gcs", "http", "inmem", "kubernetes", "oss", "pg", "remote"];
/// Arguments of the `local` backend: <https://developer.hashicorp.com/terraform/language/backend/local>.
const LOCAL: [&str; 2] = ["path", "workspace_dir"];
/// A `backend` block with its values.
#[derive(Clone, PartialEq)]
pub struct Backend {
    /// `local` or `s3`.
    pub kind: Arc<str>,
    /// Its arguments, those given outside the block included. Arguments left out are not in it.
    pub arguments: Entries,
    /// Names of the arguments that were given outside the block.
    pub given: BTreeSet<Arc<str>>,
    /// Arguments that should be written otherwise.
    pub warnings: Report,
    /// Header of the block.
    pub span: Span,
}

/// Without the values of its arguments: credentials are among them.
impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&Arc<str>> = self.arguments.keys().collect();
        f.debug_struct("Backend").field("kind", &self.kind).field("arguments", &names).finish_non_exhaustive()
    }
}

/// An argument given outside the block (`init -backend-config`).
#[derive(Clone)]
pub struct Given {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: Value,
    /// What is written, if in a file.
    pub expr: Option<Expr>,
}

/// Without the value, which may be a credential.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Reads a `backend` block; what is given outside the block counts more.
///
/// # Errors
/// An unknown backend or argument, or a value that is not written out.
pub fn read(block: &Block, given: &[Given]) -> Result<Backend, Report> {
    let label = &block.labels[0];
    let names = arguments_of(&label.text).map_err(|problem| problem.at(label.span).within(block.header_span))?;
    let mut report = Report::default();
    let mut arguments = BTreeMap::new();
    for attribute in &block.body.attributes {
        if !names.contains(&&*attribute.name) {
            report.push(unsupported_argument(attribute, names.iter().copied(), std::iter::empty()));
            continue;
        }
        match constant(&attribute.expr) {
            Ok(value) => drop(arguments.insert(attribute.name.clone(), (value, Some(&attribute.expr)))),
            Err(problems) => report.extend(problems),
        }
    }
    if let Some(inner) = block.body.blocks.first() {
        report.push(unsupported_block(inner, names.iter().copied(), std::iter::empty()));
    }
    for one in given {
        if names.contains(&&*one.name) {
            arguments.insert(one.name.clone(), (one.value.clone(), one.expr.as_ref()));
        } else {
            let summary =
                if one.expr.is_some() { "Unsupported argument" } else { "Invalid backend configuration argument" };
            let detail = format!(
                "The backend configuration given to init has an argument \"{}\" that a backend of type \"{}\" does not have.",
                one.name, label.text
            );
            report.push(Diagnostic::error(summary, detail).at(one.expr.as_ref().map(|expr| expr.span)));
        }
    }
    let place = |path: &[Arc<str>]| {
        let (name, inner) = path.split_first()?;
        let steps: Vec<Step> = inner.iter().cloned().map(Step::Attr).collect();
        arguments.get(name)?.1.map(|expr| in_expr(expr, &steps))
    };
    let mut known = Entries::new();
    for (name, (value, _)) in &arguments {
        let mistake = match typed(&label.text, name, value) {
            Ok(value) if value.is_null() => continue,
            Ok(value) if &*label.text == "local" && value.as_str() == Some("") => empty_path(name),
            Ok(value) => {
                known.insert(name.clone(), value);
                continue;
            }
            Err(mistake) => mistake,
        };
        let path: Vec<Arc<str>> = std::iter::once(name.clone()).chain(mistake.inside).collect();
        report.push(mistake.problem.at(place(&path).or(Some(block.header_span))));
    }
    let mut warnings = Report::default();
    if &*label.text == "s3" && !report.has_errors() {
        for (path, problem) in s3::check(&known) {
            let path: Vec<Arc<str>> = path.into_iter().map(Arc::from).collect();
            let problem = problem.at(place(&path).or(Some(block.header_span)));
            if problem.severity == Severity::Warning { warnings.push(problem) } else { report.push(problem) }
        }
    }
    let given = given.iter().map(|one| one.name.clone()).collect();
    report.or(Backend { kind: label.text.clone(), arguments: known, given, warnings, span: block.header_span })
}

/// What is wrong with a value, and where.
struct Mistake {
    /// The attribute of an object that it is about.
    inside: Option<Arc<str>>,
    problem: Diagnostic,
}

fn empty_path(name: &str) -> Mistake {
    let detail = format!("The text given for \"{name}\" is empty. Give a path, or leave the argument out.");
    let summary =
        if name == "path" { "Invalid local state file path" } else { "Invalid local workspace directory path" };
    Mistake { inside: None, problem: Diagnostic::error(summary, detail) }
}

/// A value of another type than the argument's; `why` is a phrase.
fn mistyped(name: &str, inside: Option<Arc<str>>, why: impl fmt::Display) -> Mistake {
    let inner = inside.as_ref().map_or_else(String::new, |inside| format!(".{inside}: "));
    let detail = format!("Inappropriate value for \"{name}\": {inner}{why}.");
    Mistake { inside, problem: Diagnostic::error("Incorrect attribute value type", detail) }
}

/// The arguments in a file given with `-backend-config`.
///
/// # Errors
/// The file is not one of lines like `name = value`.
pub fn from_file(path: &Path, text: &str, sources: &mut Sources) -> Result<Vec<Given>, Report> {
    let file = sources.add(path, text);
    let (body, mut report) = parse(file, text);
    for block in &body.blocks {
        report.push(unsupported_block(block, std::iter::empty(), std::iter::empty()));
    }
    let mut given = Vec::new();
    for attribute in &body.attributes {
        match constant(&attribute.expr) {
            Ok(value) => given.push(Given { name: attribute.name.clone(), value, expr: Some(attribute.expr.clone()) }),
            Err(problems) => report.extend(problems),
        }
    }
    report.or(given)
}

impl Backend {
    /// A text argument; nothing when it is left out or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

fn arguments_of(kind: &str) -> Result<Vec<&'static str>, Diagnostic> {
    match kind {
        "local" => Ok(LOCAL.to_vec()),
        "s3" => Ok(s3::names().collect()),
        other => {
            let known = if ELSEWHERE.contains(&other) {
                "is one of Terraform's that glaz does not have"
            } else {
                "does not exist"
            };
            let detail = format!(
                "The backend type \"{other}\" {known}. glaz keeps state in a local file (backend \"local\") or in a bucket (backend \"s3\")."
            );
            Err(Diagnostic::error("Unsupported backend type", detail))
        }
    }
}

/// The value as the argument's type. All of `local` are text.
fn typed(kind: &str, name: &str, value: &Value) -> Result<Value, Mistake> {
    if kind == "s3" {
        return s3::typed(name, value);
    }
    convert::convert(value, &Type::String).map_err(|why| mistyped(name, None, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_arguments_are_not_shown() {
        let text = "backend \"s3\" {\n  bucket = \"b\"\n  key = \"k\"\n  secret_key = \"very secret\"\n}";
        let (body, _) = parse(0, text);
        let given = Given { name: "token".into(), value: "most secret".into(), expr: None };
        let shown = format!("{:?} {given:?}", read(&body.blocks[0], std::slice::from_ref(&given)).expect("a backend"));
        assert!(shown.contains("secret_key") && shown.contains("token"), "{shown}");
        assert!(!shown.contains("very secret") && !shown.contains("most secret"), "{shown}");
    }

    #[test]
    fn what_is_wrong_inside_an_object_is_underlined_there() {
        let place = |inside: &str| {
            let text = format!("backend \"s3\" {{\n bucket = \"b\"\n key = \"k\"\n assume_role = {{\n{inside}\n}}\n}}");
            let (body, _) = parse(0, &text);
            let problem = read(&body.blocks[0], &[]).expect_err("a mistake").0.into_iter().next().expect("one");
            let span = problem.subject.expect("a place");
            text[span.start as usize..span.end as usize].to_owned()
        };
        let role = "role_arn = \"arn:aws:iam::123456789012:role/x\"";
        assert_eq!(place("role_arn = \"x\""), "\"x\"");
        assert_eq!(place(&format!("{role}\n\"duration\" = \"for ever\"")), "\"for ever\"");
        assert_eq!(place(&format!("{role}\ntags = \"t\"")), "\"t\"");
        assert_eq!(place(&format!("{role}\nrole = 1 + 1")), "1 + 1");
        assert_eq!(place(&format!("{role}\npolicy_arns = [\"x\"]")), "[\"x\"]");
        assert_eq!(place("duration = \"1h\""), "{\nduration = \"1h\"\n}");
    }
}
