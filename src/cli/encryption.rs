//! The envelopes that the `encryption` block and the variable `TF_ENCRYPTION` ask for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Globals;
use super::values::{ValueArgs, inputs};
use crate::address;
use crate::builtin::Unseal;
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::config::ModuleBody;
use crate::lang::encryption::{self, Encryption, KeyProvider, Label, Target};
use crate::lang::{self, Given};
use crate::resource::{Error, Pending};
use crate::state::bucket::DataKeys;
use crate::state::seal::{Envelopes, Hash, KeySource, Method, Origin, SharedSeal, is_envelope, unconfigured};
use crate::value::{Entries, Value};

/// Rounds of PBKDF2, unless the block says otherwise; and the least that are taken. Both are OpenTofu's.
const ROUNDS: u32 = 600_000;
const FEWEST_ROUNDS: u32 = 200_000;
/// Characters of the shortest passphrase.
const SHORTEST: usize = 16;

/// The envelopes of a stack.
#[derive(Clone, Debug, Default)]
pub(super) struct Seals {
    /// Around states and journals.
    pub state: Option<SharedSeal>,
    /// Around saved plans.
    pub plan: Option<SharedSeal>,
    /// Around the states of other stacks.
    pub others: OtherStates,
}

/// The envelopes around states of other stacks.
#[derive(Clone, Debug, Default)]
pub(super) struct OtherStates {
    default: Option<SharedSeal>,
    /// By the name of the data source that reads.
    named: BTreeMap<Arc<str>, SharedSeal>,
}

impl Unseal for OtherStates {
    fn open<'a>(&'a self, reader: &'a str, bytes: Vec<u8>, shown: &'a str) -> Pending<'a, Vec<u8>> {
        Box::pin(async move {
            let seal = self.named.get(reader).or(self.default.as_ref());
            if seal.is_none() && is_envelope(&bytes) {
                let text = format!(
                    "{shown} is encrypted, and nothing says with which key. Say it in the `encryption` block:\n\n    remote_state_data_sources {{\n      remote_state_data_source {} {{\n        method = method.TYPE.NAME\n      }}\n    }}",
                    address::quote(reader)
                );
                return Err(Error::titled("The state is encrypted", text));
            }
            let opened = open(bytes, shown, seal).await;
            opened.map_err(|problem| Error::titled("Error loading state error", problem.detail))
        })
    }
}

/// The envelopes of the stack in a folder.
pub(super) async fn seals(dir: &Path, root: Option<&ModuleBody>, globals: &Globals) -> Result<Seals, Report> {
    let block = root.and_then(|root| root.settings.encryption.as_deref());
    let text = globals.environment.get("TF_ENCRYPTION");
    if block.is_none() && text.is_none() {
        return Ok(Seals::default());
    }
    let mut sources = Sources::default();
    let given = inputs(&ValueArgs::default(), Some(dir), &globals.environment, &mut sources)?;
    let declared = |name: &str| root.is_some_and(|root| root.variables.contains_key(name));
    for (at, input) in given.iter().enumerate().filter(|(_, input)| declared(&input.name)) {
        let counts = given[at + 1..].iter().all(|later| later.name != input.name);
        if let (Given::Wrong(report), true) = (&input.value, counts) {
            return Err(report.clone());
        }
    }
    let variables = |name: &str| {
        let given = given.iter().rev().find(|input| &*input.name == name).and_then(|input| match &input.value {
            Given::Text(text) => Some(Value::from(&**text)),
            Given::Value(value) => Some(value.clone()),
            Given::Wrong(_) => None,
        });
        given.or_else(|| root?.variables.get(name)?.default.clone())
    };
    let mut all = Encryption::default();
    if let Some(block) = block {
        all = encryption::read(block, &variables)?;
    }
    if let Some(text) = text {
        let read = encryption::from_text(text, &variables, &mut sources);
        // There is no file to point into.
        let read = read.map_err(|report| Report(report.0.into_iter().map(of_variable).collect()));
        all = all.overridden(read?);
    }
    let mut made = BTreeMap::new();
    let state = seal(all.state.as_ref(), &all, &mut made, globals).await?;
    let plan = seal(all.plan.as_ref(), &all, &mut made, globals).await?;
    let default = seal(all.others.default.as_ref(), &all, &mut made, globals).await?;
    let mut others = OtherStates { default, named: BTreeMap::new() };
    for (name, target) in &all.others.named {
        let seal = seal(Some(target), &all, &mut made, globals).await?;
        others.named.extend(seal.map(|seal| (name.clone(), seal)));
    }
    Ok(Seals { state, plan, others })
}

fn of_variable(problem: Diagnostic) -> Diagnostic {
    let detail = format!("In the environment variable TF_ENCRYPTION: {}", problem.detail);
    Diagnostic { detail, subject: None, context: None, ..problem }
}

async fn seal(
    target: Option<&Target>,
    all: &Encryption,
    made: &mut BTreeMap<Label, Arc<KeySource>>,
    globals: &Globals,
) -> Result<Option<SharedSeal>, Report> {
    let Some(target) = target else { return Ok(None) };
    let mut methods = Vec::new();
    for label in &target.methods {
        let Some(method) = all.method(label) else {
            let text = format!("There is no method \"{}\" \"{}\" block in the encryption block.", label.0, label.1);
            return Err(Diagnostic::error("Reference to undeclared encryption method", text).at(target.span).into());
        };
        methods.push(match (&*label.0, &method.keys) {
            ("unencrypted", _) => Method::Unencrypted,
            ("aes_gcm", Some(keys)) => {
                let source = shared(keys, method, all, made, globals).await?;
                Method::AesGcm(source, method.aad.clone())
            }
            _ => {
                let text = format!(
                    "There is no encryption method \"{}\". There are \"aes_gcm\" and \"unencrypted\".",
                    label.0
                );
                return Err(Diagnostic::error("Unknown encryption method type", text).at(method.span).into());
            }
        });
    }
    if target.enforced && matches!(methods.first(), Some(Method::Unencrypted)) {
        let text = "`enforced` says that nothing may be written in clear, and the method is \"unencrypted\". Change one of them.";
        return Err(Diagnostic::error("Unencrypted method is forbidden", text).at(target.span).into());
    }
    Ok(Some(Arc::new(Envelopes::new(methods, &globals.environment.clock()))))
}

/// The key source with this label, made once.
async fn shared(
    label: &Label,
    method: &encryption::Method,
    all: &Encryption,
    made: &mut BTreeMap<Label, Arc<KeySource>>,
    globals: &Globals,
) -> Result<Arc<KeySource>, Diagnostic> {
    if let Some(source) = made.get(label) {
        return Ok(source.clone());
    }
    let Some(provider) = all.provider(label) else {
        let text = format!("There is no key_provider \"{}\" \"{}\" block in the encryption block.", label.0, label.1);
        return Err(Diagnostic::error("Reference to undeclared key provider", text).at(method.span));
    };
    let source = Arc::new(source(provider, globals).await.map_err(|problem| problem.at(provider.span))?);
    made.insert(label.clone(), source.clone());
    Ok(source)
}

async fn source(provider: &KeyProvider, globals: &Globals) -> Result<KeySource, Diagnostic> {
    let name = format!("key_provider.{}.{}", provider.label.0, provider.label.1);
    let given = &provider.arguments;
    let meta = text(given, "encrypted_metadata_alias").unwrap_or(&name).to_owned();
    let origin = match &*provider.label.0 {
        "pbkdf2" => {
            known(given, &["passphrase", "key_length", "iterations", "hash_function", "salt_length", ALIAS])?;
            passphrase(given)?
        }
        "aws_kms" => kms(given, globals).await?,
        other => {
            let text = format!("glaz knows no key provider \"{other}\". There are \"pbkdf2\" and \"aws_kms\".");
            return Err(Diagnostic::error("Unknown key_provider type", text));
        }
    };
    Ok(KeySource { name, meta, origin })
}

const ALIAS: &str = "encrypted_metadata_alias";
const INVALID: &str = "Invalid key provider configuration";

fn known(given: &Entries, names: &[&str]) -> Result<(), Diagnostic> {
    match given.keys().find(|name| !names.contains(&&***name)) {
        Some(name) => Err(Diagnostic::error(
            "Unsupported argument",
            format!("An argument named \"{name}\" is not expected here."),
        )),
        None => Ok(()),
    }
}

fn text<'a>(given: &'a Entries, name: &str) -> Option<&'a str> {
    given.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn number(given: &Entries, name: &str, otherwise: u32) -> Result<u32, Diagnostic> {
    let Some(value) = given.get(name).filter(|value| !value.is_null()) else { return Ok(otherwise) };
    let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    number
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| Diagnostic::error(INVALID, format!("`{name}` is a number that is larger than zero.")))
}

fn passphrase(given: &Entries) -> Result<Origin, Diagnostic> {
    let wrong = |text: String| Diagnostic::error(INVALID, text);
    let Some(passphrase) = text(given, "passphrase") else {
        return Err(wrong("`passphrase` is missing or empty. Take it from a variable: passphrase = var.NAME, with TF_VAR_NAME in the environment.".to_owned()));
    };
    if passphrase.chars().count() < SHORTEST {
        return Err(wrong(format!("`passphrase` is too short: it has at least {SHORTEST} characters.")));
    }
    let iterations = number(given, "iterations", ROUNDS)?;
    if iterations < FEWEST_ROUNDS {
        return Err(wrong(format!("`iterations` is dangerously low: at least {FEWEST_ROUNDS}, better {ROUNDS}.")));
    }
    let hash = match text(given, "hash_function") {
        None | Some("sha512") => Hash::Sha512,
        Some("sha256") => Hash::Sha256,
        Some(other) => return Err(wrong(format!("`hash_function` is \"{other}\". It is \"sha512\" or \"sha256\"."))),
    };
    let key_length = number(given, "key_length", 32)?;
    if !matches!(key_length, 16 | 24 | 32) {
        return Err(wrong("`key_length` is 32, 24 or 16: the bytes of a key of AES.".to_owned()));
    }
    let salt_length = number(given, "salt_length", 32)?;
    if salt_length == 0 || salt_length > 1024 {
        return Err(wrong("`salt_length` is a number from 1 to 1024.".to_owned()));
    }
    Ok(Origin::Passphrase {
        passphrase: passphrase.to_owned(),
        iterations,
        hash,
        key_length: key_length as usize,
        salt_length: salt_length as usize,
    })
}

async fn kms(given: &Entries, globals: &Globals) -> Result<Origin, Diagnostic> {
    let wrong = |text: &str| Diagnostic::error(INVALID, text);
    let id =
        text(given, "kms_key_id").ok_or_else(|| wrong("`kms_key_id` is missing: id, ARN or alias of a key of KMS."))?;
    let spec = text(given, "key_spec").unwrap_or("AES_256");
    if !matches!(spec, "AES_256" | "AES_128") {
        return Err(wrong("`key_spec` is \"AES_256\" or \"AES_128\"."));
    }
    let context = given.get("encryption_context").and_then(Value::entries).into_iter().flatten();
    let context = context.map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned()));
    let mut rest = given.clone();
    for name in ["kms_key_id", "key_spec", "encryption_context", ALIAS] {
        rest.remove(name);
    }
    let keys = data_keys(&Value::object(rest), globals).await?;
    Ok(Origin::Kms { keys, id: id.to_owned(), spec: spec.to_owned(), context: context.collect() })
}

#[cfg(all(feature = "kms", feature = "s3"))]
async fn data_keys(config: &Value, globals: &Globals) -> Result<Arc<dyn DataKeys>, Diagnostic> {
    let around = globals.environment.surroundings();
    let opened = Box::pin(crate::aws::keys::open(config, &around)).await;
    opened.map_err(|error| Diagnostic::error(error.summary.unwrap_or(INVALID), error.to_string()))
}

#[cfg(not(all(feature = "kms", feature = "s3")))]
#[allow(clippy::unused_async)] // with the features it waits
async fn data_keys(_: &Value, _: &Globals) -> Result<Arc<dyn DataKeys>, Diagnostic> {
    let text = "This glaz was compiled without the features `kms` and `s3`: it cannot take keys from KMS.";
    Err(Diagnostic::error("KMS is not supported", text))
}

/// A file out of its envelope.
pub(super) async fn open(bytes: Vec<u8>, shown: &str, seal: Option<&SharedSeal>) -> Result<Vec<u8>, Diagnostic> {
    match seal {
        Some(seal) => Ok(seal.open(&bytes, shown).await?.plain.unwrap_or(bytes)),
        None if is_envelope(&bytes) => Err(unconfigured(shown)),
        None => Ok(bytes),
    }
}

/// A state file that somebody names: out of its envelope if it has one, else in clear, whatever the stack's own must be.
pub(super) async fn open_named(bytes: Vec<u8>, shown: &str, seal: Option<&SharedSeal>) -> Result<Vec<u8>, Diagnostic> {
    if is_envelope(&bytes) { open(bytes, shown, seal).await } else { Ok(bytes) }
}

/// The envelopes of the stack in the current folder.
pub(super) async fn here(globals: &Globals) -> Result<Seals, Report> {
    let loaded = lang::load_root(Path::new("."));
    Box::pin(seals(Path::new(""), loaded.config.root().map(|root| &*root.body), globals)).await
}
