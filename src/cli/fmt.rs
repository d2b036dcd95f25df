//! `glaz fmt`.

use std::fmt::Display;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Globals;
use super::render;
use crate::diagnostic::{Diagnostic, Report, Sources, Span};
use crate::lang::syntax::format::format;
use crate::state::store::atomic;

/// Exit code of -check when a file would change, as Terraform's.
const WOULD_CHANGE: u8 = 3;
/// Exit code when a file is not valid or cannot be read or written, as Terraform's.
const FAILED: u8 = 2;
/// Mode of a file that vanished between reading and writing; others keep theirs.
const FILE_MODE: u32 = 0o644;
/// How files that are formatted end. JSON has no canonical form here.
const ENDINGS: [&str; 4] = [".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl"];

/// Rewrite stack files to the canonical layout.
///
/// Formats .tf, .tfvars, .tftest.hcl and .tfmock.hcl files and prints the names of those that changed. A file that is
/// not valid is reported and stays as it is. Exit code 2 after an error, 3 when -check finds something to change.
#[derive(Args, Debug)]
pub(super) struct FmtArgs {
    /// Files and folders; `-` reads standard input and prints the result. The current folder when left out.
    #[arg(value_name = "TARGET")]
    targets: Vec<PathBuf>,
    /// Print the names of files that change.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    list: Option<bool>,
    /// Write the files. Never done with -check or standard input.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    write: Option<bool>,
    /// Print what changes.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    diff: Option<bool>,
    /// Write nothing; exit code 3 when something would change.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    check: Option<bool>,
    /// Also format files in folders below.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    recursive: Option<bool>,
}

/// Formats; the exit code.
pub(super) fn run(args: &FmtArgs, globals: &Globals) -> u8 {
    let mut run = Run::new(args);
    match args.targets.as_slice() {
        [] => run.folder(Path::new(".")),
        [first, ..] if first == Path::new("-") => run.standard_input(),
        targets => targets.iter().for_each(|target| run.target(target, &globals.environment.cwd)),
    }
    globals.shell.out(&run.out);
    if run.report.has_errors() {
        globals.shell.err(&format!("\n{}", render::diagnostic::report(&run.report, &run.sources, globals.look())));
        return FAILED;
    }
    if run.does_check && run.has_changes { WOULD_CHANGE } else { 0 }
}

/// What is wanted, and what was found so far.
#[derive(Debug, Default)]
struct Run {
    does_list: bool,
    does_write: bool,
    does_diff: bool,
    does_check: bool,
    is_recursive: bool,
    out: String,
    has_changes: bool,
    report: Report,
    sources: Sources,
}

impl Run {
    fn new(args: &FmtArgs) -> Self {
        Self {
            does_list: args.list != Some(false),
            does_write: args.write != Some(false) && args.check != Some(true),
            does_diff: args.diff == Some(true),
            does_check: args.check == Some(true),
            is_recursive: args.recursive == Some(true),
            ..Self::default()
        }
    }

    fn fail(&mut self, summary: &'static str, text: impl Into<String>) {
        self.report.push(Diagnostic::error(summary, text));
    }

    /// Prints the result when neither a diff nor a check is wanted.
    fn standard_input(&mut self) {
        let mut bytes = Vec::new();
        if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
            return self.fail("Failed to read standard input", format!("Standard input cannot be read: {error}."));
        }
        let shown = Path::new("<stdin>");
        let Some((old, new)) = self.format(shown, bytes) else { return };
        self.has_changes |= old != new;
        if self.does_diff && old != new {
            self.out.push_str(&render::unified(&old, &new, "<stdin>"));
        } else if !self.does_diff && !self.does_check {
            // Terraform prints the result as a line.
            self.out.push_str(&new);
            self.out.push_str(if new.ends_with('\n') { "" } else { "\n" });
        }
    }

    /// A file or folder that was named.
    fn target(&mut self, path: &Path, cwd: &Path) {
        let path = relative(path, cwd);
        match path.metadata() {
            Err(error) => {
                let text = format!(
                    "There is no file or folder {}, or it cannot be read: {error}. Check the name.",
                    path.display()
                );
                self.fail("No file or directory", text);
            }
            Ok(found) if found.is_dir() => self.folder(&path),
            Ok(_) if is_formatted(&path.to_string_lossy()) => self.file(&path),
            Ok(_) => {
                let text = format!("The file {} does not end with {}.", path.display(), ENDINGS.join(", "));
                self.fail("Only .tf, .tfvars, and .tftest.hcl files can be processed with glaz fmt", text);
            }
        }
    }

    fn folder(&mut self, dir: &Path) {
        let entries = match std::fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable("folder", dir, &error),
        };
        let mut entries: Vec<_> = entries.iter().map(|entry| (entry.file_name(), entry.file_type())).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, kind) in entries {
            let shown = name.to_string_lossy();
            if shown.starts_with('.') || shown.ends_with('~') || (shown.starts_with('#') && shown.ends_with('#')) {
                continue;
            }
            let path = if dir == Path::new(".") { PathBuf::from(&name) } else { dir.join(&name) };
            // A link to a folder is no folder, so that a circle of links cannot hold us.
            if kind.is_ok_and(|kind| kind.is_dir()) {
                if self.is_recursive {
                    self.folder(&path);
                }
            } else if is_formatted(&shown) && !path.is_dir() {
                self.file(&path);
            }
        }
    }

    fn unreadable(&mut self, what: &str, path: &Path, error: &dyn Display) {
        let text = format!("The {what} {} cannot be read: {error}.", path.display());
        self.fail("Failed to read file", text);
    }

    fn file(&mut self, path: &Path) {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.unreadable("file", path, &error),
        };
        let Some((old, new)) = self.format(path, bytes) else { return };
        let shown = path.to_string_lossy();
        if old != new {
            self.has_changes = true;
            if self.does_list {
                self.out.push_str(&format!("{shown}\n"));
            }
            if self.does_write
                && let Err(error) = write(path, &new)
            {
                let text = format!("The file {shown} cannot be written: {error}. It stays as it was.");
                return self.fail("Failed to write file", text);
            }
            if self.does_diff {
                self.out.push_str(&render::unified(&old, &new, &shown));
            }
        }
        if !self.does_list && !self.does_write && !self.does_diff && !self.does_check {
            self.out.push_str(&new);
        }
    }

    /// The text before and after; `None` after reporting why it is not valid.
    fn format(&mut self, path: &Path, bytes: Vec<u8>) -> Option<(String, String)> {
        let old = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let start = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
                // What stands for the wrong bytes in the text that is shown.
                let wrong = u32::try_from(char::REPLACEMENT_CHARACTER.len_utf8()).unwrap_or_default();
                let file = self.sources.add(path, &String::from_utf8_lossy(error.as_bytes()));
                let text = "The file is not UTF-8 text. Choose UTF-8 in the editor and save it again.";
                let span = Span { file, start, end: start.saturating_add(wrong) };
                self.report.push(Diagnostic::error("Invalid character encoding", text).at(span));
                return None;
            }
        };
        let file = self.sources.add(path, &old);
        match format(file, &old) {
            Ok(new) => Some((old, new)),
            Err(problems) => {
                self.report.extend(problems);
                None
            }
        }
    }
}

fn is_formatted(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The path from the current folder when it is below it, else as given; as Terraform prints it.
fn relative(path: &Path, cwd: &Path) -> PathBuf {
    let below = path.strip_prefix(cwd).unwrap_or(path);
    let clean: PathBuf = below.components().filter(|part| *part != std::path::Component::CurDir).collect();
    if clean.as_os_str().is_empty() { PathBuf::from(".") } else { clean }
}

/// Replaces the file, or that which a link points to, in one step.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    atomic::replace(&path, text.as_bytes(), FILE_MODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_terraform_prints_them() {
        let cwd = Path::new("/home/ann/stack");
        for (path, expected) in [
            ("/home/ann/stack/a.tf", "a.tf"),
            ("/home/ann/stack", "."),
            ("./a/./b.tf", "a/b.tf"),
            ("../x.tf", "../x.tf"),
            (".", "."),
        ] {
            assert_eq!(relative(Path::new(path), cwd), Path::new(expected));
        }
    }

    #[test]
    fn endings() {
        assert!(["a.tf", "a.tfvars", "a.tftest.hcl", "a.tfmock.hcl"].iter().all(|name| is_formatted(name)));
        assert!(["a.tf.json", "a.hcl", "a.tfstate", "tf"].iter().all(|name| !is_formatted(name)));
    }
}
