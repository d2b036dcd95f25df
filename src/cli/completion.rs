//! `glaz completion`, `-install-autocomplete` and `-uninstall-autocomplete`: what shells complete after `glaz`.
//!
//! The scripts come from clap's own table of commands and flags; flags are completed with one dash, as they are written
//! everywhere else. bash and zsh get a script of their own and one line in `.bashrc` and `.zshrc` that reads it; fish reads
//! its folder of completions by itself.

use std::path::{Path, PathBuf};

use clap::{Args, Command, ValueEnum};
use clap_complete::Shell;

use super::Globals;
use super::failure::Failure;
use crate::diagnostic::{Diagnostic, Report};
use crate::state::store::atomic;

/// Print the script that lets a shell complete commands and flags.
///
/// `glaz -install-autocomplete` puts it where the shells of this machine look for it.
#[derive(Args, Debug)]
pub(super) struct CompletionArgs {
    /// The shell that the script is for.
    #[arg(value_name = "SHELL", value_enum)]
    shell: Known,
}

/// Shells that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Known {
    Bash,
    Zsh,
    Fish,
}

/// Permissions of what is written.
const MODE: u32 = 0o644;

/// Prints; the exit code.
pub(super) fn run(args: &CompletionArgs, command: Command, globals: &Globals) -> u8 {
    globals.shell.out(&script(args.shell, command));
    0
}

/// The script, with flags of one dash.
fn script(shell: Known, mut command: Command) -> String {
    let mut bytes = Vec::new();
    let generator = match shell {
        Known::Bash => Shell::Bash,
        Known::Zsh => Shell::Zsh,
        Known::Fish => Shell::Fish,
    };
    clap_complete::generate(generator, &mut command, "glaz", &mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    match shell {
        // `-s` lets zsh read `-json` as four flags of one letter.
        Known::Zsh => one_dash(&text).replace("_arguments_options=(-s -S -C)", "_arguments_options=(-S -C)"),
        Known::Bash => one_dash(&text),
        // Fish has a kind of its own for long flags with one dash.
        Known::Fish => text.replace(" -l ", " -o "),
    }
}

/// Long flags with one dash instead of two; `--` alone stays.
fn one_dash(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        let starts = before.chars().next_back().is_none_or(|last| !last.is_alphanumeric() && last != '-');
        let is_flag = after.starts_with(|first: char| first.is_ascii_lowercase());
        out.push_str(before);
        out.push_str(if starts && is_flag { "-" } else { "--" });
        rest = after;
    }
    out + rest
}

/// Where one shell wants the script, and which file of its own must name it.
struct Seat {
    shell: Known,
    script: PathBuf,
    /// The file that a shell reads when it starts, and the line that belongs in it.
    startup: Option<(PathBuf, String)>,
}

impl Seat {
    fn is_installed(&self) -> Result<bool, Unusable> {
        match &self.startup {
            Some((file, line)) => Ok(lines(&read(file)?).any(|found| is_line(found, line))),
            None => Ok(self.script.exists()),
        }
    }

    fn shown(&self) -> &Path {
        self.startup.as_ref().map_or(&self.script, |(file, _)| file)
    }
}

/// A file that cannot be read or written, and why.
type Unusable = (PathBuf, std::io::Error);

/// A person's file, in whatever encoding; empty when there is none.
fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| (path.to_owned(), error)),
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}

fn is_line(found: &[u8], line: &str) -> bool {
    found.trim_ascii_end() == line.as_bytes()
}

/// The shells that somebody uses here: those with a file of their own.
fn seats(globals: &Globals) -> Result<Vec<Seat>, Diagnostic> {
    let environment = &globals.environment;
    let Some(home) = environment.get("HOME").map(PathBuf::from) else {
        let text = "The variable HOME is not set, so the files of your shells cannot be found. Write the script yourself with:\n\n    glaz completion bash";
        return Err(Diagnostic::error("No home folder", text));
    };
    let data = environment.get("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from);
    let settings = environment.get("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    let mut all = Vec::new();
    let startup = [
        (Known::Bash, ".bashrc", "glaz.bash"),
        (Known::Bash, ".bash_profile", "glaz.bash"),
        (Known::Zsh, ".zshrc", "glaz.zsh"),
    ];
    for (shell, file, name) in startup {
        let script = data.join("glaz").join(name);
        let quoted = format!("'{}'", script.display().to_string().replace('\'', r"'\''"));
        let line = format!("[ -r {quoted} ] && . {quoted} # completion of glaz");
        // One of the two files of bash is enough.
        let has_seat = all.iter().any(|seat: &Seat| seat.shell == shell);
        if home.join(file).is_file() && !has_seat {
            all.push(Seat { shell, script, startup: Some((home.join(file), line)) });
        }
    }
    if settings.join("fish").is_dir() {
        all.push(Seat { shell: Known::Fish, script: settings.join("fish/completions/glaz.fish"), startup: None });
    }
    if all.is_empty() {
        let text = "There is no .bashrc, .bash_profile or .zshrc in the home folder and no folder of fish's. Write the script where your shell looks for it, such as:\n\n    glaz completion bash";
        return Err(Diagnostic::error("Did not find any shells to install", text));
    }
    Ok(all)
}

/// Installs the scripts, or takes them away; the exit code.
///
/// # Errors
/// No shell is known, everything is as wanted already, or a file cannot be written.
pub(super) fn install(is_wanted: bool, command: &Command, globals: &Globals) -> Result<u8, Failure> {
    let mut report = Report::default();
    for seat in seats(globals)? {
        let shown = seat.shown().display().to_string();
        let unusable = |(path, error): Unusable| {
            let text = format!("{} cannot be read or written: {error}. It was left as it is.", path.display());
            Diagnostic::error("Failed to write completion", text)
        };
        let is_installed = match seat.is_installed() {
            Ok(is_installed) => is_installed,
            Err(failed) => {
                report.push(unusable(failed));
                continue;
            }
        };
        if is_installed == is_wanted {
            let (summary, text) = if is_wanted {
                ("Completion is installed already", format!("It stands in {shown}. Nothing was changed there."))
            } else {
                (
                    "Completion is not installed",
                    format!("Nothing of glaz stands in {shown}. Nothing was changed there."),
                )
            };
            report.push(Diagnostic::error(summary, text));
            continue;
        }
        let done = if is_wanted { put(&seat, command) } else { take(&seat) };
        match done {
            Ok(()) if is_wanted => {
                globals.shell.line(&format!("Completion was installed: {shown}. It works in new shells."));
            }
            Ok(()) => globals.shell.line(&format!("Completion was removed: {shown}.")),
            Err(failed) => report.push(unusable(failed)),
        }
    }
    report.or(0).map_err(Failure::from)
}

fn put(seat: &Seat, command: &Command) -> Result<(), Unusable> {
    let failed = |error| (seat.script.clone(), error);
    if let Some(folder) = seat.script.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let text = script(seat.shell, command.clone());
    let text = match seat.shell {
        // Without it zsh has no completion at all.
        Known::Zsh => text.replacen('\n', "\n(( $+functions[compdef] )) || { autoload -U compinit && compinit }\n", 1),
        Known::Bash | Known::Fish => text,
    };
    atomic::replace(&seat.script, text.as_bytes(), MODE).map_err(failed)?;
    let Some((file, line)) = &seat.startup else { return Ok(()) };
    let mut text = read(file)?;
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text.extend_from_slice(format!("{line}\n").as_bytes());
    rewrite(file, &text)
}

fn take(seat: &Seat) -> Result<(), Unusable> {
    if let Some((file, line)) = &seat.startup {
        let text = read(file)?;
        let kept: Vec<u8> = lines(&text).filter(|found| !is_line(found, line)).flatten().copied().collect();
        rewrite(file, &kept)?;
    }
    match std::fs::remove_file(&seat.script) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err((seat.script.clone(), error)),
        _ => Ok(()),
    }
}

/// Writes a file of the person's, through a link if it is one, with the permissions it has.
fn rewrite(file: &Path, text: &[u8]) -> Result<(), Unusable> {
    use std::os::unix::fs::PermissionsExt as _;
    let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let mode = real.metadata().map_or(MODE, |found| found.permissions().mode() & 0o7777);
    atomic::replace(&real, text, mode).map_err(|error| (real, error))
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;

    #[test]
    fn one_dash_and_words_that_are_no_flags() {
        assert_eq!(one_dash("opts=\"-h --chdir --no-color\""), "opts=\"-h -chdir -no-color\"");
        assert_eq!(
            one_dash("compgen -W \"x\" -- \"${cur}\"; a--b ---- '--out=[x]'"),
            "compgen -W \"x\" -- \"${cur}\"; a--b ---- '-out=[x]'"
        );
    }

    #[test]
    fn scripts_name_the_flags() {
        let command = || Command::new("glaz").subcommand(Command::new("plan").arg(Arg::new("out").long("out")));
        for (shell, flag) in [(Known::Bash, " -out "), (Known::Zsh, "-out="), (Known::Fish, "-o out")] {
            let text = script(shell, command());
            assert!(text.contains(flag) && !text.contains("--out"), "{text}");
        }
        assert!(!script(Known::Zsh, command()).contains("-s -S"));
    }
}
