//! Reads the folder of a stack and the folders of the modules it calls.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::blocks::{FileRole, read_files};
use super::config::{Config, Loaded, Module, ModuleBody, ModuleCall};
use super::files::Files;
use super::installed::{Call, Installed, Modules, NotFound, Place};
use super::passing;
use super::source::{Problem, Source};
use super::syntax::parse;
use super::version::{self, Constraint};
use crate::diagnostic::{Diagnostic, Report, Sources, Span};

/// The deepest chain of module calls.
const DEEPEST: usize = 50;

/// Reads the `.tf` files of a folder and of the modules it calls, as far as they are installed.
pub fn load(dir: &Path) -> Loaded {
    load_from(dir, Files::disk())
}

/// The same, from the disk or from a snapshot. Whatever is read on the way is read through `files`, so that
/// [`Loaded::files`] is enough to load the configuration again.
pub fn load_from(dir: &Path, files: Files) -> Loaded {
    let mut installed = Installed::read(&clean(dir), &files);
    load_with(dir, files, &mut installed)
}

/// The same after other files: spans into those go on pointing there.
pub fn load_after(dir: &Path, files: Files, sources: Sources) -> Loaded {
    let mut installed = Installed::read(&clean(dir), &files);
    whole(dir, Loader { sources, ..Loader::new(files, &mut installed) })
}

/// The same, with modules from where `modules` finds them.
pub fn load_with(dir: &Path, files: Files, modules: &mut dyn Modules) -> Loaded {
    whole(dir, Loader::new(files, modules))
}

fn whole(dir: &Path, mut loader: Loader<'_>) -> Loaded {
    let mut config = Config::default();
    let root_dir = clean(dir);
    let body = loader.folder(&root_dir, None);
    config.modules.push(Module { dir: root_dir, body, ..Module::default() });
    // What a broken module calls is not looked at: what it should find there may be a consequence.
    let is_broken = loader.report.has_errors() && !loader.modules.reads_on();
    let mut next = if is_broken { config.modules.len() } else { 0 };
    while next < config.modules.len() {
        loader.calls(next, &mut config);
        next += 1;
    }
    if !is_broken {
        let is_good = !loader.report.has_errors();
        loader.report.extend(passing::check(&config));
        loader.report.extend(if is_good { super::imports::written(&config) } else { Report::default() });
    }
    loader.done(config)
}

/// Reads the `.tf` files of a folder and not the modules it calls: enough for its `terraform` blocks.
pub fn load_root(dir: &Path) -> Loaded {
    let (dir, files) = (clean(dir), Files::disk());
    let mut none = Installed::read(&dir, &files);
    let mut loader = Loader::new(files, &mut none);
    let body = loader.folder(&dir, None);
    loader.done(Config { modules: vec![Module { dir, body, ..Module::default() }] })
}

struct Loader<'a> {
    sources: Sources,
    report: Report,
    /// By folder: a module that is called twice is read once.
    bodies: BTreeMap<PathBuf, Arc<ModuleBody>>,
    files: Files,
    /// Of each module: the folder of the package it came in, which local modules may not leave.
    packages: Vec<Option<PathBuf>>,
    modules: &'a mut dyn Modules,
    is_incomplete: bool,
}

impl<'a> Loader<'a> {
    fn new(files: Files, modules: &'a mut dyn Modules) -> Self {
        Self {
            sources: Sources::default(),
            report: Report::default(),
            bodies: BTreeMap::new(),
            files,
            packages: vec![None],
            modules,
            is_incomplete: false,
        }
    }

    fn done(self, config: Config) -> Loaded {
        let Self { sources, report, files, is_incomplete, .. } = self;
        Loaded { config: Arc::new(config), sources, report, files: files.into_snapshot(), is_incomplete }
    }

    /// Reads the modules that a module calls.
    fn calls(&mut self, at: usize, config: &mut Config) {
        let body = config.modules[at].body.clone();
        for call in body.calls.values() {
            let path: Vec<_> = config.modules[at].path.iter().cloned().chain([call.name.clone()]).collect();
            let Some((source, place)) = self.place(at, call, &path, config) else { continue };
            let span = source_span(call);
            if path.len() > DEEPEST || Self::calls_itself(config, at, &source, &place.dir) {
                let dir = place.dir.display();
                let detail = format!("The module in {dir} calls itself, so that there would be no end to it.");
                self.report.push(Diagnostic::error("Module calls itself", detail).at(span));
                continue;
            }
            let body = self.folder(&place.dir, span);
            let child = config.modules.len();
            config.modules[at].children.insert(call.name.clone(), child);
            let (dir, source) = (place.dir, Some(source));
            config.modules.push(Module { path, dir, source, parent: Some(at), children: BTreeMap::new(), body });
            self.packages.push(Some(place.package).filter(|package| !package.as_os_str().is_empty()));
        }
    }

    /// Where a called module is; nothing after a problem.
    fn place(&mut self, at: usize, call: &ModuleCall, path: &[Arc<str>], config: &Config) -> Option<(Source, Place)> {
        let text = call.source.as_ref()?;
        let (span, version) = (source_span(call), call.block.body.attribute("version"));
        let wanted = match &call.version {
            None => None,
            Some(text) => {
                let wanted = text.parse::<Constraint>().ok();
                if wanted.is_none() {
                    self.report.0.extend(version.map(|version| version::malformed(text, version.expr.span)));
                    return None;
                }
                wanted
            }
        };
        let source = match Source::parse(text, wanted.as_ref()) {
            Ok(source) => source,
            Err(problem) => {
                self.report.push(bad_source(text, &problem, wanted.is_some()).at(span));
                return None;
            }
        };
        if let Source::Local(local) = &source {
            let dir = clean(&config.modules[at].dir.join(local));
            let package = self.packages[at].clone();
            if package.as_ref().is_some_and(|package| !dir.starts_with(package)) {
                let detail = format!(
                    "The folder \"{local}\" is outside of the package that the calling module came in. Modules of a package \
                     reach only what is inside it."
                );
                self.report.push(Diagnostic::error("Local module path escapes module package", detail).at(span));
                return None;
            }
            self.modules.local(&path.join("."), local, &dir);
            return Some((source, Place { dir, package: package.unwrap_or_default() }));
        }
        let key = path.join(".");
        let wanted = Call {
            key: &key,
            source: &source,
            version: wanted.as_ref(),
            header: call.block.header_span,
            span,
            version_span: version.map(|version| version.expr.span),
        };
        match self.modules.place(&wanted) {
            Ok(place) => Some((source, place)),
            Err(NotFound { problem, is_missing }) => {
                self.report.push(*problem);
                self.is_incomplete |= is_missing;
                None
            }
        }
    }

    /// Whether a module is among those that called it.
    fn calls_itself(config: &Config, from: usize, source: &Source, dir: &Path) -> bool {
        let is_local = matches!(source, Source::Local(_));
        let mut at = Some(from);
        while let Some(module) = at.and_then(|at| config.modules.get(at)) {
            if module.dir == dir || !is_local && module.source.as_ref() == Some(source) {
                return true;
            }
            at = module.parent;
        }
        false
    }

    /// Reads the files of a folder; `span` is where a module call names it.
    #[allow(clippy::case_sensitive_file_extension_comparisons)] // as Terraform does
    fn folder(&mut self, dir: &Path, span: Option<Span>) -> Arc<ModuleBody> {
        if let Some(body) = self.bodies.get(dir) {
            return body.clone();
        }
        let names = match file_names(dir, &self.files) {
            Ok(names) => names,
            Err(error) => {
                let (summary, what) = match span {
                    Some(_) => (self.modules.unreadable(), "This module"),
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
            let path = path_in(dir, &name);
            let text = match self.files.read(&path) {
                Ok(text) => text,
                Err(error) => {
                    let detail = format!("The file {} cannot be read: {error}.", path.display());
                    self.report.push(Diagnostic::error("Failed to read file", detail));
                    continue;
                }
            };
            let file = self.sources.add_shared(&path, text.clone());
            let (body, problems) =
                if name.ends_with(".json") { super::json_syntax::parse(file, &text) } else { parse(file, &text) };
            self.report.extend(problems);
            files.push((role(&name), body));
        }
        files.sort_by_key(|(role, _)| *role);
        let body = Arc::new(read_files(files, &mut self.report));
        for (constraint, span) in &body.settings.required_version {
            self.report.0.extend(version::check(constraint, *span));
        }
        self.bodies.insert(dir.to_owned(), body.clone());
        body
    }
}

/// Names of the files to read, sorted.
#[allow(clippy::case_sensitive_file_extension_comparisons)] // as Terraform does
fn file_names(dir: &Path, files: &Files) -> std::io::Result<Vec<String>> {
    let mut names = files.names(dir)?;
    names.retain(|name| {
        let ignored = name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
        !ignored && (name.ends_with(".tf") || name.ends_with(".tf.json"))
    });
    Ok(names)
}

fn path_in(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) }
}

/// The configuration files of a folder by name, without those of the modules it calls. One that cannot be read has no text;
/// a folder that cannot be read has no files.
pub fn files_in(dir: &Path, files: &Files) -> BTreeMap<String, Option<Arc<str>>> {
    let dir = clean(dir);
    let names = file_names(&dir, files).unwrap_or_default().into_iter();
    names.map(|name| (files.read(&path_in(&dir, &name)).ok(), name)).map(|(text, name)| (name, text)).collect()
}

fn role(name: &str) -> FileRole {
    let stem = name.trim_end_matches(".json").trim_end_matches(".tf");
    if stem == "override" || stem.ends_with("_override") { FileRole::Override } else { FileRole::Primary }
}

fn source_span(call: &ModuleCall) -> Option<Span> {
    call.block.body.attribute("source").map(|attribute| attribute.expr.span)
}

/// The words for an address that is none.
fn bad_source(text: &str, problem: &Problem, has_version: bool) -> Diagnostic {
    if has_version {
        let why = match problem {
            Problem::MaybePath(_) => "this is no address of a registry's module",
            Problem::Other(why) => why,
        };
        let detail = format!(
            "The argument \"version\" is only for modules of a registry, whose addresses are NAMESPACE/NAME/SYSTEM: {why}."
        );
        return Diagnostic::error("Invalid registry module source address", detail);
    }
    let detail = match problem {
        Problem::MaybePath(package) => format!(
            "glaz cannot tell what \"{package}\" is. If it is a folder relative to this module, write it as \"./{package}\"."
        ),
        Problem::Other(why) => format!("\"{text}\" is no address of a module: {why}."),
    };
    Diagnostic::error("Invalid module source address", detail)
}

/// The path without `.` steps and with `..` steps resolved as far as possible.
pub fn clean(path: &Path) -> PathBuf {
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
