//! Reads the folder of a stack and the folders of the modules it calls.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::blocks::{FileRole, read_files};
use super::config::{Config, Loaded, Module, ModuleBody};
use super::files::Files;
use super::syntax::parse;
use super::version;
use crate::diagnostic::{Diagnostic, Report, Sources, Span};

/// The deepest chain of module calls.
const DEEPEST: usize = 50;

/// Reads the `.tf` files of a folder and of the local modules it calls.
pub fn load(dir: &Path) -> Loaded {
    load_from(dir, Files::disk())
}

/// The same, from the disk or from a snapshot. Whatever is read on the way is read through `files`, so that
/// [`Loaded::files`] is enough to load the configuration again.
pub fn load_from(dir: &Path, files: Files) -> Loaded {
    let mut loader = Loader { sources: Sources::default(), report: Report::default(), bodies: BTreeMap::new(), files };
    let mut config = Config::default();
    let root_dir = clean(dir);
    let body = loader.folder(&root_dir, None);
    config.modules.push(Module { dir: root_dir, body, ..Module::default() });
    let mut next = 0;
    while next < config.modules.len() {
        loader.calls(next, &mut config);
        next += 1;
    }
    let Loader { sources, report, files, .. } = loader;
    Loaded { config: Arc::new(config), sources, report, files: files.into_snapshot() }
}

/// Reads the `.tf` files of a folder and not the modules it calls: enough for its `terraform` blocks.
pub fn load_root(dir: &Path) -> Loaded {
    let mut loader = Loader {
        sources: Sources::default(),
        report: Report::default(),
        bodies: BTreeMap::new(),
        files: Files::disk(),
    };
    let dir = clean(dir);
    let body = loader.folder(&dir, None);
    let config = Config { modules: vec![Module { dir, body, ..Module::default() }] };
    let Loader { sources, report, files, .. } = loader;
    Loaded { config: Arc::new(config), sources, report, files: files.into_snapshot() }
}

struct Loader {
    sources: Sources,
    report: Report,
    /// By folder: a module that is called twice is read once.
    bodies: BTreeMap<PathBuf, Arc<ModuleBody>>,
    files: Files,
}

impl Loader {
    /// Reads the modules that a module calls.
    fn calls(&mut self, at: usize, config: &mut Config) {
        let body = config.modules[at].body.clone();
        for call in body.calls.values() {
            let Some(source) = &call.source else { continue };
            let span = call.block.body.attribute("source").map(|attribute| attribute.expr.span);
            if !is_local(source) {
                self.report.push(not_local(source, span));
                continue;
            }
            let dir = clean(&config.modules[at].dir.join(&**source));
            let path: Vec<_> = config.modules[at].path.iter().cloned().chain([call.name.clone()]).collect();
            if path.len() > DEEPEST || calls_itself(config, at, &dir) {
                let detail =
                    format!("The module in {} calls itself, so that there would be no end to it.", dir.display());
                self.report.push(Diagnostic::error("Module calls itself", detail).at(span));
                continue;
            }
            let body = self.folder(&dir, span);
            let child = config.modules.len();
            config.modules[at].children.insert(call.name.clone(), child);
            config.modules.push(Module { path, dir, parent: Some(at), children: BTreeMap::new(), body });
        }
    }

    /// Reads the files of a folder; `span` is where a module call names it.
    #[allow(clippy::case_sensitive_file_extension_comparisons)] // as Terraform does
    fn folder(&mut self, dir: &Path, span: Option<Span>) -> Arc<ModuleBody> {
        if let Some(body) = self.bodies.get(dir) {
            return body.clone();
        }
        let names = match self.file_names(dir) {
            Ok(names) => names,
            Err(error) => {
                let (summary, what) = match span {
                    Some(_) => ("Module not installed", "This module"),
                    None => ("Configuration folder cannot be read", "The stack"),
                };
                let detail =
                    format!("{what} should be in the folder {}, which cannot be read: {error}.", dir.display());
                self.report.push(Diagnostic::error(summary, detail).at(span));
                return Arc::default();
            }
        };
        let mut files = Vec::new();
        for name in names {
            let path = if dir == Path::new(".") { PathBuf::from(&name) } else { dir.join(&name) };
            let text = match self.files.read(&path) {
                Ok(text) => text,
                Err(error) => {
                    let detail = format!("The file {} cannot be read: {error}.", path.display());
                    self.report.push(Diagnostic::error("Failed to read file", detail));
                    continue;
                }
            };
            let file = self.sources.add(&path, &text);
            let (body, problems) =
                if name.ends_with(".json") { super::json::parse(file, &text) } else { parse(file, &text) };
            self.report.extend(problems);
            files.push((role(&name), body));
        }
        files.sort_by_key(|(role, _)| *role);
        let body = Arc::new(read_files(&files, &mut self.report));
        for (constraint, span) in &body.settings.required_version {
            self.report.0.extend(version::check(constraint, *span));
        }
        self.bodies.insert(dir.to_owned(), body.clone());
        body
    }

    /// Names of the files to read, sorted.
    #[allow(clippy::case_sensitive_file_extension_comparisons)] // as Terraform does
    fn file_names(&self, dir: &Path) -> std::io::Result<Vec<String>> {
        let mut names = self.files.names(dir)?;
        names.retain(|name| {
            let ignored =
                name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
            !ignored && (name.ends_with(".tf") || name.ends_with(".tf.json"))
        });
        Ok(names)
    }
}

fn role(name: &str) -> FileRole {
    let stem = name.trim_end_matches(".json").trim_end_matches(".tf");
    if stem == "override" || stem.ends_with("_override") { FileRole::Override } else { FileRole::Primary }
}

fn is_local(source: &str) -> bool {
    source == "." || source == ".." || source.starts_with("./") || source.starts_with("../")
}

fn not_local(source: &str, span: Option<Span>) -> Diagnostic {
    let looks_local = source.split('/').count() != 3 && !source.contains("::") && !source.contains("://");
    let (summary, hint) = if looks_local && !source.contains('.') {
        ("Invalid registry module source address", format!(" A folder beside the stack is written \"./{source}\"."))
    } else {
        ("Module not installed", " Copy the module into the stack's folder and give its path.".to_owned())
    };
    let detail = format!(
        "glaz reads modules from local folders only, and \"{source}\" is not the path of one: such a path starts with ./ or ../.{hint}"
    );
    Diagnostic::error(summary, detail).at(span)
}

fn calls_itself(config: &Config, from: usize, dir: &Path) -> bool {
    let mut at = Some(from);
    while let Some(module) = at.and_then(|at| config.modules.get(at)) {
        if module.dir == dir {
            return true;
        }
        at = module.parent;
    }
    false
}

/// The path without `.` steps and with `..` steps resolved as far as possible.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some_and(|name| name != "..") => drop(clean.pop()),
            _ => clean.push(part),
        }
    }
    if clean.as_os_str().is_empty() { PathBuf::from(".") } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (path, expected) in [("./a", "a"), (".", "."), ("a/../b", "b"), ("../x", "../x"), ("/a/./b/..", "/a")] {
            assert_eq!(clean(Path::new(path)), Path::new(expected));
        }
    }

    #[test]
    fn override_files_come_last() {
        assert_eq!(role("override.tf"), FileRole::Override);
        assert_eq!(role("a_override.tf.json"), FileRole::Override);
        assert_eq!(role("overrides.tf"), FileRole::Primary);
    }
}
