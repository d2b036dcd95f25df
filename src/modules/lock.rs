//! `.glaz.lock.hcl`: which content every module from elsewhere has.
//!
//! Terraform's own `.terraform.lock.hcl` pins providers only and is left alone. Ours has one block per package:
//!
//! ```text
//! module "registry.terraform.io/terraform-aws-modules/vpc/aws" {
//!   version = "5.1.0"
//!   hash    = "h1:…"
//! }
//! module "git::https://example.com/network.git?ref=v2" {
//!   commit = "…"
//!   hash   = "h1:…"
//! }
//! ```
//!
//! The hash is that of the package's files. A registry's module may stand there in several versions. What is locked is
//! installed again exactly, until `init -upgrade` renews it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::syntax::parse;
use crate::lang::version::{Constraint, Version};

/// Name of the lock file, in the folder of the stack.
pub const NAME: &str = ".glaz.lock.hcl";

/// One package, and for a registry's module one version of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pin {
    /// Commit of a git repository.
    pub commit: Option<String>,
    /// Hash of the files.
    pub hash: String,
}

/// The lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// By address and version (empty for what has none).
    pins: BTreeMap<(String, String), Pin>,
}

impl Lock {
    /// Reads the lock file of a stack; an empty lock when there is none.
    ///
    /// # Errors
    /// The file is damaged. The problems point into it.
    pub fn read(stack: &Path) -> Result<Self, (Report, Sources)> {
        let path = path(stack);
        let mut sources = Sources::default();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                let text = format!("The lock file {} cannot be read: {error}.", path.display());
                return Err((Diagnostic::error("Failed to read the lock file", text).into(), sources));
            }
        };
        let file = sources.add(&path, &text);
        Self::parse(file, &text).map_err(|report| (report, sources))
    }

    fn parse(file: u32, text: &str) -> Result<Self, Report> {
        let (body, mut report) = parse(file, text);
        let mut lock = Self::default();
        let wrong = |text: &str| {
            Diagnostic::error(
                "Invalid lock file",
                format!("{text} To make a new one, remove the file and run:\n\n    glaz init"),
            )
        };
        for attribute in &body.attributes {
            report.push(wrong("There are only module blocks here.").at(attribute.span));
        }
        for block in &body.blocks {
            let [label] = block.labels.as_slice() else {
                report.push(wrong("A block here is: module \"ADDRESS\".").at(block.header_span));
                continue;
            };
            let get = |name: &str| {
                block.body.attribute(name).and_then(|attribute| attribute.expr.as_text()).unwrap_or_default()
            };
            let (hash, commit) = (get("hash"), get("commit"));
            let is_commit = commit.chars().all(|c| c.is_ascii_hexdigit());
            if &*block.kind != "module" || !hash.starts_with("h1:") || !is_commit {
                report.push(
                    wrong("A block here is module \"ADDRESS\" with a hash, and with a version or a commit.")
                        .at(block.header_span),
                );
                continue;
            }
            let commit = Some(commit.to_owned()).filter(|commit| !commit.is_empty());
            lock.pins
                .insert((label.text.to_string(), get("version").to_owned()), Pin { commit, hash: hash.to_owned() });
        }
        report.or(lock)
    }

    /// The pin of a package.
    pub fn pin(&self, address: &str, version: Option<&Version>) -> Option<&Pin> {
        self.pins.get(&key(address, version))
    }

    /// The newest locked version of a registry's module that a constraint allows.
    pub fn version(&self, address: &str, wanted: Option<&Constraint>) -> Option<Version> {
        let of_it = self.pins.keys().filter(|(found, _)| found == address);
        let versions = of_it.filter_map(|(_, version)| version.parse::<Version>().ok());
        versions.filter(|version| wanted.is_none_or(|wanted| wanted.allows(version))).max()
    }

    /// Whether the module is locked in any version.
    pub fn has(&self, address: &str) -> bool {
        self.pins.keys().any(|(found, _)| found == address)
    }

    /// Adds or renews a pin.
    pub fn set(&mut self, address: &str, version: Option<&Version>, pin: Pin) {
        self.pins.insert(key(address, version), pin);
    }

    /// Forgets all but these, which are in use.
    pub fn keep(&mut self, used: &BTreeSet<(String, String)>) {
        self.pins.retain(|key, _| used.contains(key));
    }

    /// The text of the file; nothing when there is nothing to lock.
    pub fn text(&self) -> Option<String> {
        if self.pins.is_empty() {
            return None;
        }
        let mut text = String::from(
            "# This file is maintained by glaz. It pins the content of modules that come from elsewhere: keep it under version\n\
             # control. To take newer modules, run: glaz init -upgrade\n",
        );
        for ((address, version), pin) in &self.pins {
            let _ = write!(text, "\nmodule {} {{\n", quoted(address));
            let entries = [
                ("version", Some(version.as_str())),
                ("commit", pin.commit.as_deref()),
                ("hash", Some(pin.hash.as_str())),
            ];
            let given: Vec<(&str, &str)> = entries
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
                .collect();
            let width = given.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
            for (name, value) in given {
                let _ = writeln!(text, "  {name:width$} = {}", quoted(value));
            }
            text.push_str("}\n");
        }
        Some(text)
    }
}

/// The key of a package among the pins.
pub(super) fn key(address: &str, version: Option<&Version>) -> (String, String) {
    (address.to_owned(), version.map(ToString::to_string).unwrap_or_default())
}

/// Where the lock file of a stack is.
pub(super) fn path(stack: &Path) -> PathBuf {
    if stack == Path::new(".") { PathBuf::from(NAME) } else { stack.join(NAME) }
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{}\"", text.replace("${", "$${").replace("%{", "%%{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_again() {
        let mut lock = Lock::default();
        let version = |text: &str| text.parse::<Version>().expect("a version");
        let pin = |hash: &str| Pin { commit: None, hash: hash.to_owned() };
        lock.set("r/a/b/c", Some(&version("1.2.0")), pin("h1:one"));
        lock.set("r/a/b/c", Some(&version("1.10.0")), pin("h1:two"));
        lock.set(
            "git::https://h/x.git?ref=\"${v}\"",
            None,
            Pin { commit: Some("abc123".to_owned()), hash: "h1:x".to_owned() },
        );
        let text = lock.text().expect("a text");
        insta::assert_snapshot!(text, @r#"
        # This file is maintained by glaz. It pins the content of modules that come from elsewhere: keep it under version
        # control. To take newer modules, run: glaz init -upgrade

        module "git::https://h/x.git?ref=\"$${v}\"" {
          commit = "abc123"
          hash   = "h1:x"
        }

        module "r/a/b/c" {
          version = "1.10.0"
          hash    = "h1:two"
        }

        module "r/a/b/c" {
          version = "1.2.0"
          hash    = "h1:one"
        }
        "#);
        assert_eq!(Lock::parse(0, &text), Ok(lock.clone()));
        assert_eq!(lock.version("r/a/b/c", None), Some(version("1.10.0")));
        assert_eq!(lock.version("r/a/b/c", Some(&"~> 1.2.0".parse().expect("a constraint"))), Some(version("1.2.0")));
        for bad in [
            "x = 1\n",
            "module \"a\" {}\n",
            "module {\n hash = \"h1:x\"\n}\n",
            "module \"a\" {\n hash = \"h1:x\"\n commit = \"--x\"\n}\n",
        ] {
            assert!(Lock::parse(0, bad).is_err(), "{bad}");
        }
    }
}
