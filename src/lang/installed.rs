//! Modules that stand in folders: `.terraform/modules/modules.json`, as Terraform writes and reads it, and who looks a
//! module up while a configuration is loaded.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::Files;
use super::source::Source;
use super::version::{Constraint, Version};
use crate::diagnostic::{Diagnostic, Span};

/// A module call that needs a folder.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Names of the calls from the root, joined by dots.
    pub key: &'a str,
    /// Where the module is; never a local folder.
    pub source: &'a Source,
    /// Which versions will do.
    pub version: Option<&'a Constraint>,
    /// Header of the `module` block.
    pub header: Span,
    /// Value of `source`.
    pub span: Option<Span>,
    /// Value of `version`.
    pub version_span: Option<Span>,
}

/// Where a module is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its folder.
    pub dir: PathBuf,
    /// The folder of the package it came in: local modules may not leave it.
    pub package: PathBuf,
}

/// Finds modules that are no local folders.
pub trait Modules {
    /// The folder of a module, which the caller may have to fetch first.
    ///
    /// # Errors
    /// It is not there and cannot be fetched. [`NotFound::is_missing`] says that installing may help.
    fn place(&mut self, call: &Call<'_>) -> Result<Place, NotFound>;

    /// Learns of a module that is a local folder, by its key, its source as written and its folder.
    fn local(&mut self, _key: &str, _source: &str, _dir: &Path) {}

    /// Whether the modules that a broken root module calls are looked at too.
    fn reads_on(&self) -> bool {
        false
    }

    /// The summary when a local folder cannot be read.
    fn unreadable(&self) -> &'static str {
        "Module not installed"
    }
}

/// A module that is not there.
#[derive(Clone, Debug)]
pub struct NotFound {
    /// Why.
    pub problem: Box<Diagnostic>,
    /// Whether installing it may help.
    pub is_missing: bool,
}

/// A module in the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Names of the calls from the root, joined by dots; empty for the root.
    #[serde(rename = "Key")]
    pub key: String,
    /// Its address in canonical form.
    #[serde(rename = "Source")]
    pub source: String,
    /// Version of a registry's module.
    #[serde(rename = "Version", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its folder, relative to the stack's.
    #[serde(rename = "Dir")]
    pub dir: String,
}

/// `modules.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(pub BTreeMap<String, Record>);

#[derive(Serialize, Deserialize)]
struct Form {
    #[serde(rename = "Modules")]
    modules: Vec<Record>,
}

impl Manifest {
    /// Reads the text of a manifest.
    ///
    /// # Errors
    /// It is not JSON of the right form; the text says where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form: Form = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(Self(form.modules.into_iter().map(|record| (record.key.clone(), record)).collect()))
    }

    /// The text of the manifest: one line, sorted.
    pub fn text(&self) -> String {
        serde_json::to_string(&Form { modules: self.0.values().cloned().collect() }).unwrap_or_default()
    }
}

/// The folder for what tools keep of a stack: `.terraform`, unless `TF_DATA_DIR` says otherwise.
pub fn data_dir(stack: &Path, given: Option<&Path>) -> PathBuf {
    given.map_or_else(|| below(stack, Path::new(".terraform")), Path::to_owned)
}

/// `path` seen from where `dir` is seen from.
pub(super) fn below(dir: &Path, path: &Path) -> PathBuf {
    if dir == Path::new(".") { path.to_owned() } else { dir.join(path) }
}

/// Modules that were installed before. Fetches nothing.
#[derive(Debug)]
pub struct Installed {
    stack: PathBuf,
    /// The manifest; the reason when there is one that cannot be read.
    manifest: Result<Manifest, String>,
    /// `.terraform/modules`.
    folder: PathBuf,
}

impl Installed {
    /// What is installed for a stack, read through `files`.
    pub fn read(stack: &Path, files: &Files) -> Self {
        let path = files.manifest(stack);
        let manifest = match files.read(&path) {
            Ok(text) => Manifest::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Manifest::default()),
            Err(error) => Err(error.to_string()),
        };
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Self { stack: stack.to_owned(), manifest, folder }
    }

    /// What is installed, if the manifest can be read.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref().ok()
    }

    /// The record of a call, if what is installed is what the call wants; else the problem.
    ///
    /// # Errors
    /// Nothing is installed for the call, or something else.
    pub fn record(&self, call: &Call<'_>) -> Result<(&Record, Place), Diagnostic> {
        let install = "To install all modules, run:\n\n    glaz init";
        let problem = |summary: &'static str, text: String| {
            Diagnostic::error(summary, format!("{text} {install}")).at(call.span.or(Some(call.header)))
        };
        let manifest = match &self.manifest {
            Ok(manifest) => manifest,
            Err(why) => {
                let text = format!("The list of installed modules in {} cannot be read: {why}.", self.folder.display());
                return Err(problem("Failed to read module manifest", text));
            }
        };
        let Some(record) = manifest.0.get(call.key) else {
            return Err(problem("Module not installed", "This module is not installed yet.".to_owned()));
        };
        if record.source != call.source.to_string() {
            let text =
                format!("What is installed for this module came from {}, and the source has changed.", record.source);
            return Err(problem("Module source has changed", text));
        }
        let version: Option<Version> = record.version.as_deref().and_then(|version| version.parse().ok());
        if let (Some(wanted), Some(version)) = (call.version, &version)
            && !wanted.allows(version)
        {
            let text = format!("Version {version} of this module is installed, and the stack asks for {wanted}.");
            return Err(problem("Module version requirements have changed", text)
                .at(call.version_span.or(call.span).or(Some(call.header))));
        }
        if matches!(call.source, Source::Registry(..)) && version.is_none() {
            return Err(problem(
                "Module not installed",
                "The version of this module that is installed is not known.".to_owned(),
            ));
        }
        let dir = below(&self.stack, Path::new(&record.dir));
        let package = self.package(call, &dir);
        Ok((record, Place { dir, package }))
    }

    /// The folder of the package: the one that installing made for the call, when the module is below it.
    fn package(&self, call: &Call<'_>, dir: &Path) -> PathBuf {
        let own = self.folder.join(call.key);
        if dir.starts_with(&own) { own } else { dir.to_owned() }
    }
}

impl Modules for Installed {
    fn place(&mut self, call: &Call<'_>) -> Result<Place, NotFound> {
        match self.record(call) {
            Ok((_, place)) => Ok(place),
            Err(problem) => Err(NotFound { problem: Box::new(problem), is_missing: true }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_terraforms() {
        let text = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"a","Source":"registry.terraform.io/x/y/z","Version":"1.0.0","Dir":".terraform/modules/a"},{"Key":"m","Source":"./m","Dir":"m"}]}"#;
        let manifest = Manifest::parse(text).expect("a manifest");
        assert_eq!(manifest.0["a"].version.as_deref(), Some("1.0.0"));
        assert_eq!(manifest.text(), text);
        assert!(Manifest::parse("{}").is_err());
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_not_an_empty_one() {
        let temp = tempfile::tempdir().expect("a folder");
        let installed = Installed::read(temp.path(), &Files::disk());
        assert_eq!(installed.manifest(), Some(&Manifest::default()));
        std::fs::create_dir_all(temp.path().join(".terraform/modules/modules.json")).expect("a folder");
        let installed = Installed::read(temp.path(), &Files::disk());
        assert_eq!(installed.manifest(), None);
        let Ok(source) = Source::parse("x/y/z", None) else { panic!("an address") };
        let span = Span { file: 0, start: 0, end: 0 };
        let call = Call { key: "a", source: &source, version: None, header: span, span: None, version_span: None };
        assert_eq!(installed.record(&call).expect_err("unreadable").summary, "Failed to read module manifest");
    }
}
