//! What is remembered of the backend: `.terraform/terraform.tfstate`, in Terraform's form, so that both tools notice
//! when the backend block says another place than the one where the state is.
//!
//! glaz needs no `init`: a stack that was never set up uses what its block says, and that is remembered. Once it is, a
//! block that says otherwise is refused until `init -migrate-state` moved the states or `init -reconfigure` said that
//! there is nothing to move: going on would start from an empty state and make everything a second time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Report, Span};
use crate::lang::backend::{self, Backend, Given};
use crate::lang::syntax::tree::{Block, Body, Label};
use crate::state::model::WRITES_AS;
use crate::state::store::atomic;
use crate::value::{Data, Value};

/// Arguments that are kept only where nothing else says them.
const SECRETS: [&str; 4] = ["access_key", "secret_key", "token", "sse_customer_key"];

/// The same inside of arguments that are objects.
const INNER_SECRETS: [&str; 1] = ["web_identity_token"];

/// May hold secrets that were given outside the block.
const MODE: u32 = 0o600;

const FILE: &str = "terraform.tfstate";

#[derive(Serialize, Deserialize)]
struct Document {
    version: u64,
    #[serde(default)]
    terraform_version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backend: Option<Remembered>,
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

/// The backend that was used last.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::cli) struct Remembered {
    /// Such as `s3`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its arguments; null for those that were left out.
    config: BTreeMap<String, Json>,
    /// Terraform's, of the block alone; with another one it compares the arguments.
    #[serde(default)]
    hash: u64,
    /// Arguments that were given with `-backend-config`; none when Terraform wrote this, which does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    glaz_given: Option<BTreeSet<String>>,
}

/// Without the values of the arguments: credentials are among them.
impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.config.keys().collect();
        f.debug_struct("Remembered").field("kind", &self.kind).field("arguments", &names).finish_non_exhaustive()
    }
}

/// What is remembered in a data folder, if anything.
///
/// # Errors
/// The file cannot be read, or is something else.
pub(in crate::cli) fn read(data: &Path) -> Result<Option<Remembered>, Diagnostic> {
    let path = data.join(FILE);
    let bytes = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| broken(&path, &error.to_string()))?,
    };
    if bytes.is_empty() {
        return Ok(None);
    }
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| broken(&path, &error.to_string()))?;
    Ok(document.backend.filter(|backend| !backend.kind.is_empty()))
}

fn broken(path: &Path, why: &str) -> Diagnostic {
    let text = format!(
        "{} remembers where the state is, but cannot be used: {why}. Nothing was changed. Remove the file, and run glaz init.",
        path.display()
    );
    Diagnostic::error("Error loading the backend configuration", text)
}

/// Remembers a backend; none forgets it. Nothing is written when it is remembered already.
pub(in crate::cli) fn write(data: &Path, backend: Option<&Backend>) -> Result<(), Diagnostic> {
    let before = read(data)?;
    let new = backend.map(|backend| of(backend, before.as_ref()));
    let is_same = match (&before, &new) {
        (None, None) => true,
        (Some(before), Some(new)) => {
            before.kind == new.kind && before.config == new.config && before.glaz_given == new.glaz_given
        }
        _ => false,
    };
    if is_same {
        return Ok(());
    }
    let path = data.join(FILE);
    let failed = |error: std::io::Error| {
        let text = format!("{} is to remember where the state is: {error}.", path.display());
        Diagnostic::error("Error saving the backend configuration", text)
    };
    let document =
        Document { version: 3, terraform_version: WRITES_AS.to_owned(), backend: new, rest: BTreeMap::new() };
    let text = serde_json::to_vec_pretty(&document).map_err(|error| failed(error.into()))?;
    std::fs::create_dir_all(data).and_then(|()| atomic::replace(&path, &text, MODE)).map_err(failed)
}

fn of(backend: &Backend, before: Option<&Remembered>) -> Remembered {
    let given: BTreeSet<String> = backend.given.iter().map(ToString::to_string).collect();
    let is_kept = |name: &str| !SECRETS.contains(&name) || given.contains(name);
    let arguments = backend.arguments.iter().filter(|(name, _)| is_kept(name));
    let kept = |name: &str, value: &Value| {
        let value = to_json(value);
        if given.contains(name) { value } else { without_secrets(&value) }
    };
    let config: BTreeMap<String, Json> = arguments.map(|(name, value)| (name.to_string(), kept(name, value))).collect();
    // Of the same block Terraform would remember the same hash.
    let hash = before.filter(|before| before.kind == *backend.kind).map_or(0, |before| before.hash);
    Remembered { kind: backend.kind.to_string(), config, hash, glaz_given: Some(given) }
}

impl Remembered {
    /// Arguments that come from outside the block: those that were given, or (Terraform does not say) all that the block
    /// does not have.
    pub(in crate::cli) fn given(&self, in_block: &BTreeSet<Arc<str>>) -> Vec<Given> {
        let is_outside = |name: &str| match &self.glaz_given {
            Some(given) => given.contains(name),
            None => !in_block.contains(name),
        };
        let all = self.config.iter().filter(|(name, value)| !is_empty(value) && is_outside(name));
        all.map(|(name, value)| Given { name: name.as_str().into(), value: from_json(value), expr: None }).collect()
    }

    /// All arguments.
    pub(in crate::cli) fn arguments(&self) -> Vec<Given> {
        let all = self.config.iter().filter(|(_, value)| !is_empty(value));
        all.map(|(name, value)| Given { name: name.as_str().into(), value: from_json(value), expr: None }).collect()
    }

    /// The backend itself; mistakes in it are told at `span`.
    ///
    /// # Errors
    /// It is none that glaz knows, or has arguments that do not fit.
    pub(in crate::cli) fn backend(&self, span: Option<Span>) -> Result<Backend, Report> {
        let span = span.unwrap_or(Span { file: 0, start: 0, end: 0 });
        let block = Block {
            kind: "backend".into(),
            kind_span: span,
            labels: vec![Label { text: self.kind.as_str().into(), span }],
            body: Body { attributes: Vec::new(), blocks: Vec::new(), span, missing: span, is_json: false },
            span,
            header_span: span,
        };
        backend::read(&block, &self.arguments())
    }

    /// The block as a stack file would have it, without credentials: those are remembered or come from the environment.
    pub(in crate::cli) fn text(&self) -> String {
        let is_said = |name: &str, value: &Json| !is_empty(value) && !SECRETS.contains(&name);
        let arguments = self.config.iter().filter(|(name, value)| is_said(name, value));
        let lines = arguments.map(|(name, value)| {
            let value = without_secrets(value).to_string().replace("${", "$${").replace("%{", "%%{");
            format!("    {name} = {value}\n")
        });
        format!("terraform {{\n  backend \"{}\" {{\n{}  }}\n}}\n", self.kind, lines.collect::<String>())
    }

    /// The argument in which the backend is another one; none when it is the same.
    pub(in crate::cli) fn difference(&self, backend: &Backend) -> Option<String> {
        if self.kind != *backend.kind {
            return Some(format!("it was \"{}\", and is \"{}\" now", self.kind, backend.kind));
        }
        let now: BTreeMap<String, Json> =
            backend.arguments.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect();
        let names: BTreeSet<&String> = self.config.keys().chain(now.keys()).collect();
        for name in names {
            let (before, now) = (self.config.get(name).filter(|value| !is_empty(value)), now.get(name));
            let is_secret = SECRETS.contains(&name.as_str());
            if is_secret && (before.is_none() || now.is_none()) {
                continue; // not kept, or not given again
            }
            // Such tokens come and go, and say nothing about the place.
            let (before, now) = (before.map(without_secrets), now.map(without_secrets));
            let (before, now) = (before.as_ref(), now.as_ref());
            if before.map(plain) != now.filter(|value| !is_empty(value)).map(plain) {
                return Some(if is_secret {
                    format!("\"{name}\" has another value")
                } else {
                    format!("\"{name}\" was {}, and is {} now", shown(before), shown(now))
                });
            }
        }
        None
    }
}

fn shown(value: Option<&Json>) -> String {
    value.map_or_else(|| "left out".to_owned(), ToString::to_string)
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Object(inner) => inner.values().all(is_empty),
        _ => false,
    }
}

fn without_secrets(value: &Json) -> Json {
    let Json::Object(inner) = value else { return value.clone() };
    let kept = inner.iter().filter(|(name, _)| !INNER_SECRETS.contains(&name.as_str()));
    Json::Object(kept.map(|(name, value)| (name.clone(), without_secrets(value))).collect())
}

/// Without what is null, and sets in order.
fn plain(value: &Json) -> Json {
    match value {
        Json::Object(inner) => Json::Object(
            inner
                .iter()
                .filter(|(_, value)| !is_empty(value))
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect(),
        ),
        Json::Array(all) => {
            let mut all: Vec<Json> = all.iter().map(plain).collect();
            all.sort_by_key(ToString::to_string);
            Json::Array(all)
        }
        other => other.clone(),
    }
}

/// The value of an argument, which is written out: texts, numbers, truths, and lists and objects of those.
fn to_json(value: &Value) -> Json {
    if let Some(text) = value.as_str() {
        return text.into();
    }
    if let Some(entries) = value.entries() {
        return Json::Object(entries.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect());
    }
    if let Some(all) = value.elements() {
        return Json::Array(all.iter().map(to_json).collect());
    }
    match &value.data {
        Data::Bool(truth) => (*truth).into(),
        Data::Number(number) => number.to_i64().map_or_else(|| number.to_f64().into(), Json::from),
        _ => Json::Null,
    }
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::String(text) => text.as_str().into(),
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => Value::string(number.to_string()),
        },
        Json::Array(all) => Value::tuple(all.iter().map(from_json).collect()),
        Json::Object(inner) => {
            let all = inner.iter().filter(|(_, value)| !is_empty(value));
            Value::object(all.map(|(name, value)| (name.as_str().into(), from_json(value))).collect())
        }
        Json::Null => Value::null(crate::value::Type::Any),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Entries;

    #[test]
    fn tokens_inside_of_arguments_are_neither_kept_nor_shown() {
        let with = |token: &str| {
            let role = [("role_arn".into(), "arn:r".into()), ("web_identity_token".into(), token.into())];
            let arguments = [("assume_role_with_web_identity".into(), Value::object(role.into_iter().collect()))];
            Backend {
                kind: "s3".into(),
                arguments: arguments.into_iter().collect(),
                given: BTreeSet::new(),
                warnings: crate::diagnostic::Report::default(),
                span: crate::diagnostic::Span { file: 0, start: 0, end: 0 },
            }
        };
        let kept = of(&with("hush"), None);
        let text = serde_json::to_string(&kept).unwrap_or_default();
        assert!(text.contains("arn:r") && !text.contains("hush"), "{text}");
        assert_eq!(kept.difference(&with("another")), None);
        let other = Backend { arguments: Entries::default(), ..with("hush") };
        let told = kept.difference(&other).unwrap_or_default();
        assert!(told.contains("arn:r") && !told.contains("hush"), "{told}");
    }

    #[test]
    fn values_of_arguments_are_not_shown() {
        let config = [("secret_key".to_owned(), Json::from("very secret"))].into();
        let remembered = Remembered { kind: "s3".to_owned(), config, hash: 0, glaz_given: None };
        assert_eq!(format!("{remembered:?}"), "Remembered { kind: \"s3\", arguments: [\"secret_key\"], .. }");
    }
}
