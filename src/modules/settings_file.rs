//! The CLI configuration of Terraform: `~/.terraformrc`, the `.tfrc` files in `~/.terraform.d`, or the file that
//! `TF_CLI_CONFIG_FILE` names instead.
//!
//! What is about modules is taken: `credentials`, `credentials_helper` and `host` blocks. The rest is about providers, which
//! glaz does not download. <https://developer.hashicorp.com/terraform/cli/config/config-file>

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::credentials::Helper;
use crate::diagnostic::{Diagnostic, Report, Sources, Span};
use crate::lang::syntax::parse;
use crate::lang::syntax::tree::{Attribute, Block, Body, Expr, ExprKind, ObjectEntry, ObjectKey};

/// What the files say.
#[derive(Default)]
pub(super) struct Found {
    /// Tokens by host.
    pub(super) tokens: BTreeMap<String, String>,
    /// A program that knows tokens.
    pub(super) helper: Option<Helper>,
    /// URLs of services by host and name of the service.
    pub(super) services: BTreeMap<String, BTreeMap<String, String>>,
}

/// Reads the files that an environment and a home folder name.
pub(super) fn read(environment: &BTreeMap<String, String>, home: Option<&Path>) -> Result<Found, (Report, Sources)> {
    let mut found = Found::default();
    let mut sources = Sources::default();
    let named = ["TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"].iter().find_map(|name| environment.get(*name));
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        // Who names a file does not want what is lying about elsewhere.
        one(Path::new(named), &mut found, &mut sources).map_err(|report| (report, sources))?;
        return Ok(found);
    }
    let Some(home) = home else { return Ok(found) };
    let mut files = vec![home.join(".terraformrc")];
    let more = std::fs::read_dir(home.join(".terraform.d")).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_settings = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".tfrc") || name.ends_with(".tfrc.json")
    };
    let mut more: Vec<PathBuf> = more.filter(is_settings).collect();
    more.sort();
    files.extend(more);
    for file in files {
        if let Err(report) = one(&file, &mut found, &mut sources) {
            return Err((report, sources));
        }
    }
    Ok(found)
}

/// Reads one file, if it is there.
fn one(path: &Path, found: &mut Found, sources: &mut Sources) -> Result<(), Report> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(()) };
    if path.extension().is_some_and(|extension| extension == "json") {
        return json(&text, found).map_err(|why| {
            // The text holds secrets: only places are shown.
            Diagnostic::error("Invalid credentials file", format!("The file {} cannot be used: {why}.", path.display()))
                .into()
        });
    }
    // Only for places: tokens must not be shown with the line.
    let file = sources.add(path, &hidden(&text));
    let (body, report) = parse(file, &text);
    if report.has_errors() {
        return Err(report);
    }
    native(&body, found)
}

/// The text with dots of the same length for all lines but those that begin blocks, so that places can be shown and no
/// token is.
fn hidden(text: &str) -> String {
    let shown = ["credentials ", "credentials_helper ", "host ", "services ", "}"];
    let line = |line: &str| {
        if shown.iter().any(|start| line.trim_start().starts_with(start)) && line.trim_end().ends_with(['{', '}']) {
            return line.to_owned();
        }
        let dots = |c: char| if c.is_ascii_whitespace() { c.to_string() } else { ".".repeat(c.len_utf8()) };
        line.chars().map(dots).collect()
    };
    text.split_inclusive('\n').map(line).collect()
}

fn native(body: &Body, found: &mut Found) -> Result<(), Report> {
    for block in &body.blocks {
        let Some(label) = block.labels.first().map(|label| label.text.to_lowercase()) else { continue };
        match &*block.kind {
            "credentials" => {
                let token = text(block, "token")?;
                found.tokens.extend(token.map(|token| (label, token)));
            }
            "credentials_helper" => {
                let args = block.body.attribute("args").map(|args| texts(&args.expr)).transpose()?;
                found.helper = Some(Helper { name: label, args: args.unwrap_or_default() });
            }
            "host" => drop(found.services.insert(label, services(block)?)),
            _ => {}
        }
    }
    Ok(())
}

/// `services`, as an argument or, as older files have it, as a block.
fn services(block: &Block) -> Result<BTreeMap<String, String>, Report> {
    if let Some(argument) = block.body.attribute("services") {
        let ExprKind::Object(items) = &argument.expr.kind else {
            return Err(wrong(argument.expr.span, "an object with the URL of each service"));
        };
        let pair = |entry: &ObjectEntry| {
            let name = match &entry.key {
                ObjectKey::Name(name) => Some(&*name.text),
                ObjectKey::Expr(expr) | ObjectKey::Ambiguous(expr) => expr.as_text(),
            };
            let name = name.ok_or_else(|| wrong(entry.key.span(), "the name of a service"))?;
            let url = entry.value.as_text().ok_or_else(|| wrong(entry.value.span, "a URL in quotes"))?;
            Ok((name.to_owned(), url.to_owned()))
        };
        return items.iter().map(pair).collect();
    }
    let inner = block.body.blocks.iter().find(|inner| &*inner.kind == "services");
    let pair = |argument: &Attribute| {
        let url = argument.expr.as_text().ok_or_else(|| wrong(argument.expr.span, "a URL in quotes"))?;
        Ok((argument.name.to_string(), url.to_owned()))
    };
    inner.into_iter().flat_map(|inner| &inner.body.attributes).map(pair).collect()
}

fn text(block: &Block, name: &str) -> Result<Option<String>, Report> {
    let Some(argument) = block.body.attribute(name) else { return Ok(None) };
    let text = argument.expr.as_text().ok_or_else(|| wrong(argument.expr.span, "text in quotes"))?;
    Ok(Some(text.to_owned()))
}

fn texts(list: &Expr) -> Result<Vec<String>, Report> {
    let ExprKind::Tuple(items) = &list.kind else { return Err(wrong(list.span, "a list of texts")) };
    items.iter().map(|item| Ok(item.as_text().ok_or_else(|| wrong(item.span, "text in quotes"))?.to_owned())).collect()
}

fn wrong(span: Span, wanted: &str) -> Report {
    let text = format!("Here the CLI configuration needs {wanted}.");
    Diagnostic::error("Invalid CLI configuration", text).at(span).into()
}

/// `{"credentials": {"HOST": {"token": "…"}}, "host": {"HOST": {"services": {…}}}}`.
fn json(text: &str, found: &mut Found) -> Result<(), String> {
    let whole: Json = serde_json::from_str(text)
        .map_err(|error| format!("it is no JSON in line {}, column {}", error.line(), error.column()))?;
    let entries = |value: Option<&Json>, what: &str| match value {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Object(entries)) => {
            Ok(entries.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect())
        }
        Some(_) => Err(format!("\"{what}\" is no object with a key for each host")),
    };
    if !whole.is_object() {
        return Err("it is no object".to_owned());
    }
    for (host, entry) in entries(whole.get("credentials"), "credentials")? {
        found.tokens.extend(entry.get("token").and_then(Json::as_str).map(|token| (host, token.to_owned())));
    }
    for (host, entry) in entries(whole.get("host"), "host")? {
        let services = entries(entry.get("services"), "services")?;
        let urls = services.into_iter().filter_map(|(name, url)| Some((name, url.as_str()?.to_owned())));
        found.services.insert(host, urls.collect());
    }
    let mut helpers = entries(whole.get("credentials_helper"), "credentials_helper")?.into_iter();
    if let Some((name, entry)) = helpers.next() {
        let args = entry.get("args").and_then(Json::as_array).into_iter().flatten();
        let args = args.filter_map(|arg| Some(arg.as_str()?.to_owned())).collect();
        found.helper = Some(Helper { name, args });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::files;

    const NATIVE: &str = r#"
plugin_cache_dir   = "$HOME/.terraform.d/plugin-cache"
disable_checkpoint = true

credentials "App.Terraform.io" {
  token = "one"
}
credentials_helper "vault" {
  args = ["--realm", "x"]
}
host "registry.example.com" {
  services = {
    "modules.v1" = "https://modules.example.com/v1/"
    providers    = "x"
  }
}
provider_installation {
  direct {}
}
"#;

    #[test]
    fn files_in_their_order_and_one_that_is_named() {
        let home = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| files::write(&home.path().join(name), text.as_bytes()).expect("written");
        write(".terraformrc", NATIVE);
        write(".terraform.d/credentials.tfrc.json", r#"{"credentials": {"app.terraform.io": {"token": "two"}}}"#);
        write("named.tfrc", "host \"h.com\" {\n  services {\n    login = \"x\"\n  }\n}\n");
        let Ok(found) = read(&BTreeMap::new(), Some(home.path())) else { panic!("it is right") };
        assert_eq!(found.tokens, [("app.terraform.io".to_owned(), "two".to_owned())].into());
        assert_eq!(found.services["registry.example.com"]["modules.v1"], "https://modules.example.com/v1/");
        let helper = found.helper.expect("a helper");
        assert_eq!((helper.name.as_str(), helper.args.join(" ")), ("vault", "--realm x".to_owned()));
        let named = home.path().join("named.tfrc").display().to_string();
        let environment = [("TF_CLI_CONFIG_FILE".to_owned(), named)].into();
        let Ok(found) = read(&environment, Some(home.path())) else { panic!("it is right") };
        assert!(found.tokens.is_empty() && found.helper.is_none());
        assert_eq!(found.services["h.com"]["login"], "x");
    }

    #[test]
    fn mistakes_show_no_token() {
        for text in [
            "credentials \"h\" {\n  token = [\"s3cret\"]\n}\n",
            "credentials \"h\" {\n  token = \"s3cret\n",
            "host \"h\" {\n  services = \"s3cret\"\n}",
        ] {
            let home = tempfile::tempdir().expect("a folder");
            files::write(&home.path().join(".terraformrc"), text.as_bytes()).expect("written");
            let Err((report, sources)) = read(&BTreeMap::new(), Some(home.path())) else { panic!("{text}") };
            let shown = format!("{report:?} {sources:?}");
            assert!(!shown.contains("s3cret") && shown.contains(".terraformrc"), "{shown}");
        }
        let home = tempfile::tempdir().expect("a folder");
        files::write(&home.path().join(".terraform.d/x.tfrc.json"), b"{\"credentials\": [\"s3cret\"]}")
            .expect("written");
        assert!(
            read(&BTreeMap::new(), Some(home.path()))
                .is_err_and(|(report, _)| !format!("{report:?}").contains("s3cret"))
        );
    }
}
