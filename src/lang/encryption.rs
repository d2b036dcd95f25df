//! `encryption` blocks: in which envelopes states and plans are kept. The syntax is OpenTofu's:
//! <https://opentofu.org/docs/language/state/encryption/>. Terraform has no such block.
//!
//! ```text
//! encryption {
//!   key_provider "pbkdf2" "mine" { passphrase = var.passphrase }
//!   method "aes_gcm" "mine" { keys = key_provider.pbkdf2.mine }
//!   state { method = method.aes_gcm.mine }
//! }
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::blocks::{unsupported_argument, unsupported_block};
use super::expr::constant;
use super::syntax::parse;
use super::syntax::tree::{Attribute, Block, Body, Expr, ExprKind, StepKind, TemplatePart};
use crate::diagnostic::{Diagnostic, Report, Sources, Span};
use crate::value::{Entries, Value};

/// The value of a root variable, as far as it is known before anything is evaluated.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// Type and name of a key provider or a method.
pub type Label = (Arc<str>, Arc<str>);

/// What `encryption` blocks say.
#[derive(Clone, Debug, Default)]
pub struct Encryption {
    /// Where keys come from.
    pub providers: Vec<KeyProvider>,
    /// How content is encrypted.
    pub methods: Vec<Method>,
    /// For states and journals.
    pub state: Option<Target>,
    /// For saved plans.
    pub plan: Option<Target>,
    /// For the states of other stacks that `terraform_remote_state` reads.
    pub others: Others,
}

/// What a `remote_state_data_sources` block says.
#[derive(Clone, Debug, Default)]
pub struct Others {
    /// For all that have no block of their own.
    pub default: Option<Target>,
    /// By the name of the data source.
    pub named: BTreeMap<Arc<str>, Target>,
}

/// A `key_provider` block.
#[derive(Clone)]
pub struct KeyProvider {
    /// Type and name.
    pub label: Label,
    /// Its arguments.
    pub arguments: Entries,
    /// Header of the block.
    pub span: Span,
}

/// Without the values of its arguments: a passphrase is one of them.
impl fmt::Debug for KeyProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&Arc<str>> = self.arguments.keys().collect();
        f.debug_struct("KeyProvider").field("label", &self.label).field("arguments", &names).finish_non_exhaustive()
    }
}

/// A `method` block.
#[derive(Clone, Debug)]
pub struct Method {
    /// Type and name.
    pub label: Label,
    /// The key provider.
    pub keys: Option<Label>,
    /// Bytes that are authenticated with the content.
    pub aad: Vec<u8>,
    /// Header of the block.
    pub span: Span,
}

/// A `state` or `plan` block.
#[derive(Clone, Debug)]
pub struct Target {
    /// The method that is written with, then those that are tried for reading.
    pub methods: Vec<Label>,
    /// Whether nothing may be written in clear.
    pub enforced: bool,
    /// Header of the block.
    pub span: Span,
}

/// Reads an `encryption` block; `variables` knows values of root variables.
///
/// # Errors
/// Something else than what such a block may hold, or a value that is not known.
pub fn read(block: &Block, variables: Variables<'_>) -> Result<Encryption, Report> {
    read_body(&block.body, variables)
}

/// Reads the text of the environment variable `TF_ENCRYPTION`: what is between the braces of the block.
///
/// # Errors
/// As for [`read`].
pub fn from_text(text: &str, variables: Variables<'_>, sources: &mut Sources) -> Result<Encryption, Report> {
    let file = sources.add(Path::new("TF_ENCRYPTION"), text);
    let (body, report) = parse(file, text);
    report.or(())?;
    read_body(&body, variables)
}

impl Encryption {
    /// This one, with what another one says more or otherwise.
    #[must_use]
    pub fn overridden(mut self, other: Self) -> Self {
        self.providers.retain(|one| !other.providers.iter().any(|new| new.label == one.label));
        self.methods.retain(|one| !other.methods.iter().any(|new| new.label == one.label));
        self.providers.extend(other.providers);
        self.methods.extend(other.methods);
        self.others.default = other.others.default.or(self.others.default);
        self.others.named.extend(other.others.named);
        Self { state: other.state.or(self.state), plan: other.plan.or(self.plan), ..self }
    }

    /// The method with this label.
    pub fn method(&self, label: &Label) -> Option<&Method> {
        self.methods.iter().find(|one| one.label == *label)
    }

    /// The key provider with this label.
    pub fn provider(&self, label: &Label) -> Option<&KeyProvider> {
        self.providers.iter().find(|one| one.label == *label)
    }
}

fn read_body(body: &Body, variables: Variables<'_>) -> Result<Encryption, Report> {
    const BLOCKS: [&str; 5] = ["key_provider", "method", "state", "plan", "remote_state_data_sources"];
    let (mut all, mut report, mut is_read) = (Encryption::default(), Report::default(), false);
    for attribute in &body.attributes {
        report.push(unsupported_argument(attribute, std::iter::empty(), BLOCKS.into_iter()));
    }
    for block in &body.blocks {
        match (&*block.kind, block.labels.as_slice()) {
            ("key_provider", [kind, name]) => {
                let label = (kind.text.clone(), name.text.clone());
                let is_again = all.provider(&label).is_some();
                match arguments(&block.body, variables) {
                    _ if is_again => report.push(duplicate("key_provider", block)),
                    Ok(arguments) => all.providers.push(KeyProvider { label, arguments, span: block.header_span }),
                    Err(problems) => report.extend(problems),
                }
            }
            ("method", [kind, name]) => match method(block, (kind.text.clone(), name.text.clone()), variables) {
                Ok(method) if all.method(&method.label).is_some() => report.push(duplicate("method", block)),
                Ok(method) => all.methods.push(method),
                Err(problems) => report.extend(problems),
            },
            ("state" | "plan", []) => match target(block) {
                Ok(target) if &*block.kind == "state" && all.state.is_none() => all.state = Some(target),
                Ok(target) if &*block.kind == "plan" && all.plan.is_none() => all.plan = Some(target),
                Ok(_) => report.push(duplicate(&block.kind, block)),
                Err(problems) => report.extend(problems),
            },
            ("remote_state_data_sources", []) => match others(&block.body) {
                Ok(_) if is_read => report.push(duplicate(&block.kind, block)),
                Ok(read) => (all.others, is_read) = (read, true),
                Err(problems) => report.extend(problems),
            },
            ("key_provider" | "method", _) => {
                let text = format!("A {} block has two labels: its type and its name.", block.kind);
                report.push(Diagnostic::error("Missing name for block", text).at(block.header_span));
            }
            _ => report.push(unsupported_block(block, std::iter::empty(), BLOCKS.into_iter())),
        }
    }
    report.or(all)
}

fn duplicate(kind: &str, block: &Block) -> Diagnostic {
    Diagnostic::error(
        format!("Duplicate {kind} block"),
        "There is another one above. Remove one of them, or give it another name.",
    )
    .at(block.header_span)
}

fn arguments(body: &Body, variables: Variables<'_>) -> Result<Entries, Report> {
    let (mut all, mut report) = (Entries::new(), Report::default());
    for attribute in &body.attributes {
        match value(&attribute.expr, variables) {
            Ok(value) => drop(all.insert(attribute.name.clone(), value)),
            Err(problems) => report.extend(problems),
        }
    }
    for block in &body.blocks {
        // OpenTofu has these as blocks or as arguments.
        match arguments(&block.body, variables) {
            Ok(inner) => drop(all.insert(block.kind.clone(), Value::object(inner))),
            Err(problems) => report.extend(problems),
        }
    }
    report.or(all)
}

/// A value that is written out, or that of a root variable.
fn value(expr: &Expr, variables: Variables<'_>) -> Result<Value, Report> {
    let Some(path) = path(expr).filter(|path| path.first().is_some_and(|root| &**root == "var")) else {
        return constant(expr);
    };
    let [_, name] = path.as_slice() else {
        let text = "Only whole variables can be used here, such as var.passphrase.";
        return Err(Diagnostic::error("Invalid expression", text).at(expr.span).into());
    };
    variables(name).filter(|value| !value.is_null()).ok_or_else(|| {
        let text = format!(
            "The encryption is set up before anything else, so the variable \"{name}\" must have a value by then: its default, one in terraform.tfvars or another file that is read by itself, or the environment variable TF_VAR_{name}. Flags such as -var come too late."
        );
        Diagnostic::error("Variable not available for encryption", text).at(expr.span).into()
    })
}

fn method(block: &Block, label: Label, variables: Variables<'_>) -> Result<Method, Report> {
    let (mut keys, mut aad, mut report) = (None, Vec::new(), Report::default());
    let takes_keys = &*label.0 == "aes_gcm";
    for attribute in &block.body.attributes {
        match &*attribute.name {
            "keys" if takes_keys => match reference(attribute, "key_provider") {
                Ok(label) => keys = Some(label),
                Err(problem) => report.push(problem),
            },
            "aad" if takes_keys => match value(&attribute.expr, variables).map(|value| bytes(&value)) {
                Ok(Some(bytes)) => aad = bytes,
                Ok(None) => {
                    let text = "`aad` is a list of numbers from 0 to 255.";
                    report.push(Diagnostic::error("Unsuitable value type", text).at(attribute.expr.span));
                }
                Err(problems) => report.extend(problems),
            },
            _ => {
                let known: &[&str] = if takes_keys { &["keys", "aad"] } else { &[] };
                report.push(unsupported_argument(attribute, known.iter().copied(), std::iter::empty()));
            }
        }
    }
    if let Some(inner) = block.body.blocks.first() {
        report.push(unsupported_block(inner, std::iter::empty(), std::iter::empty()));
    }
    if takes_keys && keys.is_none() && !report.has_errors() {
        let text =
            "The method needs `keys`: the key provider that its key comes from, such as key_provider.pbkdf2.mine.";
        report.push(Diagnostic::error("Missing required argument", text).at(block.header_span));
    }
    report.or(Method { label, keys, aad, span: block.header_span })
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    value.elements()?.iter().map(|one| one.as_i64().and_then(|number| u8::try_from(number).ok())).collect()
}

fn others(body: &Body) -> Result<Others, Report> {
    const BLOCKS: [&str; 2] = ["default", "remote_state_data_source"];
    let (mut all, mut report) = (Others::default(), Report::default());
    for attribute in &body.attributes {
        report.push(unsupported_argument(attribute, std::iter::empty(), BLOCKS.into_iter()));
    }
    for block in &body.blocks {
        match (&*block.kind, block.labels.as_slice(), reading(block)) {
            ("default" | "remote_state_data_source", _, Err(problems)) => report.extend(problems),
            ("default", [], Ok(target)) if all.default.is_none() => all.default = Some(target),
            ("remote_state_data_source", [name], Ok(target)) if !all.named.contains_key(&name.text) => {
                all.named.insert(name.text.clone(), target);
            }
            ("default", [], Ok(_)) | ("remote_state_data_source", [_], Ok(_)) => {
                report.push(duplicate(&block.kind, block));
            }
            ("remote_state_data_source", ..) => {
                let text = "A remote_state_data_source block has one label: the name of the data source, such as \"net\", or \"sub.net\" in a module.";
                report.push(Diagnostic::error("Missing name for block", text).at(block.header_span));
            }
            _ => report.push(unsupported_block(block, std::iter::empty(), BLOCKS.into_iter())),
        }
    }
    report.or(all)
}

/// A target that nothing is written with: there is nothing to enforce.
fn reading(block: &Block) -> Result<Target, Report> {
    match block.body.attribute("enforced") {
        Some(enforced) => Err(unsupported_argument(enforced, ["method"].into_iter(), ["fallback"].into_iter()).into()),
        None => target(block),
    }
}

fn target(block: &Block) -> Result<Target, Report> {
    let (mut methods, mut enforced, mut report) = (Vec::new(), false, Report::default());
    for attribute in &block.body.attributes {
        match &*attribute.name {
            "method" => match reference(attribute, "method") {
                Ok(label) => methods.push(label),
                Err(problem) => report.push(problem),
            },
            "enforced" => match constant(&attribute.expr) {
                Ok(value) => match value.as_bool() {
                    Some(given) => enforced = given,
                    None => report.push(
                        Diagnostic::error("Unsuitable value type", "`enforced` is true or false.")
                            .at(attribute.expr.span),
                    ),
                },
                Err(problems) => report.extend(problems),
            },
            _ => report.push(unsupported_argument(
                attribute,
                ["method", "enforced"].into_iter(),
                ["fallback"].into_iter(),
            )),
        }
    }
    if methods.is_empty() && !report.has_errors() {
        let text = "The block needs `method`, such as method = method.aes_gcm.mine.";
        report.push(Diagnostic::error("Missing required argument", text).at(block.header_span));
    }
    for inner in &block.body.blocks {
        if &*inner.kind != "fallback" {
            report.push(unsupported_block(inner, std::iter::empty(), ["fallback"].into_iter()));
            continue;
        }
        match target(inner) {
            Ok(inner) => methods.extend(inner.methods),
            Err(problems) => report.extend(problems),
        }
    }
    report.or(Target { methods, enforced, span: block.header_span })
}

/// What `key_provider.pbkdf2.mine` names. In JSON it is text.
fn reference(attribute: &Attribute, root: &str) -> Result<Label, Diagnostic> {
    let words = path(&attribute.expr);
    match words.as_deref() {
        Some([first, kind, name]) if &**first == root => Ok((kind.clone(), name.clone())),
        _ => {
            let text = format!("`{}` names a {root} block by type and name, such as {root}.TYPE.NAME.", attribute.name);
            Err(Diagnostic::error(format!("Invalid {root} expression format"), text).at(attribute.expr.span))
        }
    }
}

/// The names of `a.b.c`, also as text.
fn path(expr: &Expr) -> Option<Vec<Arc<str>>> {
    match &expr.kind {
        ExprKind::Variable(traversal) => {
            let steps = traversal.steps.iter().map(|step| match &step.kind {
                StepKind::Attr(name) => Some(name.clone()),
                _ => None,
            });
            std::iter::once(Some(traversal.root.clone())).chain(steps).collect()
        }
        ExprKind::TemplateWrap(inner) => path(inner),
        ExprKind::Template(parts) => match parts.as_slice() {
            [TemplatePart::Literal { text, .. }] => {
                let words: Vec<Arc<str>> = text.split('.').map(Into::into).collect();
                (words.len() == 3).then_some(words)
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Encryption, Vec<String>> {
        let variables = |name: &str| (name == "p").then(|| Value::from("a long passphrase"));
        from_text(text, &variables, &mut Sources::default())
            .map_err(|report| report.0.into_iter().map(|problem| problem.summary.into_owned()).collect())
    }

    #[test]
    fn values_of_arguments_are_not_shown() {
        let all = parsed("key_provider \"pbkdf2\" \"a\" {\n passphrase = var.p\n}").expect("a block");
        let shown = format!("{all:?}");
        assert!(shown.contains("[\"passphrase\"]") && !shown.contains("a long passphrase"), "{shown}");
    }

    #[test]
    fn a_whole_block() {
        let all = parsed(
            r#"
            key_provider "pbkdf2" "a" {
              passphrase = var.p
              iterations = 700000
            }
            key_provider "aws_kms" "b" {
              kms_key_id = "alias/x"
              key_spec = "AES_256"
              endpoints { kms = "http://x" }
            }
            method "aes_gcm" "a" {
              keys = key_provider.pbkdf2.a
              aad = [1, 255]
            }
            method "unencrypted" "old" {}
            state {
              method = method.aes_gcm.a
              enforced = true
              fallback {
                method = method.unencrypted.old
                fallback { method = method.aes_gcm.b }
              }
            }
            plan { method = method.aes_gcm.a }
            remote_state_data_sources {
              default { method = method.unencrypted.old }
              remote_state_data_source "sub.net" { method = method.aes_gcm.a }
            }
            "#,
        )
        .unwrap();
        assert_eq!(all.providers[0].arguments.get("passphrase").and_then(Value::as_str), Some("a long passphrase"));
        let endpoints = all.providers[1].arguments.get("endpoints").and_then(|all| all.get("kms")?.as_str());
        assert_eq!(endpoints, Some("http://x"));
        assert_eq!(all.methods[0].aad, [1, 255]);
        let state = all.state.clone().unwrap();
        let names: Vec<String> = state.methods.iter().map(|(kind, name)| format!("{kind}.{name}")).collect();
        assert_eq!(
            (names, state.enforced),
            (["aes_gcm.a", "unencrypted.old", "aes_gcm.b"].map(str::to_owned).to_vec(), true)
        );
        let over = parsed("method \"aes_gcm\" \"a\" {\n keys = \"key_provider.pbkdf2.c\"\n}\n").unwrap();
        let both = all.overridden(over);
        assert_eq!(
            both.method(&("aes_gcm".into(), "a".into())).and_then(|one| one.keys.clone()).map(|keys| keys.1),
            Some("c".into())
        );
        assert!(both.state.is_some() && both.plan.is_some() && both.others.default.is_some());
        assert_eq!(both.others.named.keys().map(|name| &**name).collect::<Vec<_>>(), ["sub.net"]);
    }

    #[test]
    fn mistakes() {
        let says = |text: &str| parsed(text).unwrap_err();
        assert_eq!(says("x = 1"), ["Unsupported argument"]);
        assert_eq!(says("method \"aes_gcm\" \"a\" {}"), ["Missing required argument"]);
        assert_eq!(says("method \"aes_gcm\" \"a\" {\n keys = 1\n}"), ["Invalid key_provider expression format"]);
        assert_eq!(says("state {}"), ["Missing required argument"]);
        assert_eq!(
            says("key_provider \"pbkdf2\" \"a\" {\n passphrase = var.q\n}"),
            ["Variable not available for encryption"]
        );
        assert_eq!(says("key_provider \"pbkdf2\" \"a\" {\n passphrase = local.q\n}"), ["Variables not allowed"]);
        assert_eq!(says("remote_state_data_sources {\n default {}\n}"), ["Missing required argument"]);
        assert_eq!(says("remote_state_data_sources {\n default {\n enforced = true\n }\n}"), ["Unsupported argument"]);
        let nameless = "remote_state_data_sources {\n remote_state_data_source {\n method = method.aes_gcm.a\n }\n}";
        assert_eq!(says(nameless), ["Missing name for block"]);
    }
}
