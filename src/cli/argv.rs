//! Terraform's spelling of flags: one dash (`-auto-approve`, `-var k=v`) works as well as two.
//!
//! The rewrite is driven by clap's own table of names, and the word after a flag that takes a value is left alone.
//!
//! `TF_CLI_ARGS` and `TF_CLI_ARGS_<command>` hold flags for every run: they come right after the command's name.

use std::ffi::OsString;

use clap::{ArgAction, Command};

use super::environment::Environment;
use crate::diagnostic::Diagnostic;

/// The arguments with those that the environment adds.
///
/// # Errors
/// A variable is no line of words: a quote is not closed.
pub(super) fn with_environment(
    command: &Command,
    mut args: Vec<OsString>,
    environment: &Environment,
) -> Result<Vec<OsString>, Diagnostic> {
    let (mut scope, mut names, mut end) = (command, Vec::new(), 0);
    let mut skip = true; // the program's own name
    for (at, arg) in args.iter().enumerate() {
        let Some(text) = arg.to_str().filter(|_| !skip) else {
            skip = false;
            continue;
        };
        if text.starts_with('-') {
            let name = text.trim_start_matches('-');
            skip = !name.contains('=') && find(command, scope, name) == Some(true);
            if names.is_empty() {
                continue;
            }
            break;
        }
        let Some(sub) = scope.find_subcommand(text) else { break };
        (scope, end) = (sub, at + 1);
        names.push(text.replace('-', "_"));
    }
    if names.is_empty() {
        return Ok(args);
    }
    // What is meant for the command comes first, as Terraform has it: a flag that counts once takes the later one.
    let mut extra = Vec::new();
    for variable in [format!("TF_CLI_ARGS_{}", names.join("_")), "TF_CLI_ARGS".to_owned()] {
        let Some(line) = environment.get(&variable) else { continue };
        let words = words(line).ok_or_else(|| {
            let text = format!("The variable {variable} is no line of words: a quote in it is not closed.");
            Diagnostic::error(format!("Error parsing extra CLI args from {variable}"), text)
        })?;
        extra.extend(words.into_iter().map(OsString::from));
    }
    args.splice(end..end, extra);
    Ok(args)
}

/// Words of a line as a shell takes them apart; nothing when a quote is not closed.
fn words(line: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '"' => break,
                        '\\' => match letters.next()? {
                            kept @ ('"' | '\\' | '$' | '`') => word.push(kept),
                            '\n' => {}
                            other => word.extend(['\\', other]),
                        },
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(letters.next()?),
            space if space.is_whitespace() => all.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    all.extend(word);
    Some(all)
}

/// The arguments with single-dash long flags written with two dashes.
pub(super) fn two_dashes(command: &Command, args: Vec<OsString>) -> Vec<OsString> {
    let mut out = Vec::with_capacity(args.len());
    let mut scope = command;
    let mut skip = true; // the program's own name
    let mut only_words = false;
    for arg in args {
        let Some(text) = arg.to_str().filter(|_| !skip && !only_words) else {
            skip = false;
            out.push(arg);
            continue;
        };
        if text == "--" {
            only_words = true;
        } else if let Some(sub) = scope.find_subcommand(text).filter(|_| !text.starts_with('-')) {
            scope = sub;
        }
        let name = text.trim_start_matches('-').split('=').next().unwrap_or_default();
        let known = text.starts_with('-').then(|| find(command, scope, name)).flatten();
        match known {
            Some(takes_value) => {
                skip = takes_value && !text.contains('=');
                out.push(format!("--{}", text.trim_start_matches('-')).into());
            }
            // An unknown flag keeps its whole name in the error: with one dash it would be read letter by letter.
            None if text.len() > 2 && text.starts_with('-') && !text.starts_with("--") => {
                out.push(format!("-{text}").into());
            }
            None => out.push(arg),
        }
    }
    out
}

/// Whether the long flag exists, and whether it takes its value from the next word.
fn find(root: &Command, scope: &Command, name: &str) -> Option<bool> {
    if matches!(name, "help" | "version") {
        return Some(false);
    }
    let arg = scope
        .get_arguments()
        .chain(root.get_arguments())
        .find(|arg| arg.get_long() == Some(name) || arg.get_all_aliases().unwrap_or_default().contains(&name))?;
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) && !arg.is_require_equals_set();
    Some(takes_value)
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;

    fn rewritten(args: &[&str]) -> String {
        let plan = Command::new("plan")
            .arg(Arg::new("var").long("var").action(ArgAction::Append))
            .arg(Arg::new("refresh").long("refresh").num_args(0..=1).require_equals(true))
            .arg(Arg::new("yes").long("auto-approve").action(ArgAction::SetTrue))
            .arg(Arg::new("dir"));
        let root = Command::new("glaz").arg(Arg::new("chdir").long("chdir").global(true)).subcommand(plan);
        let words = std::iter::once("glaz").chain(args.iter().copied()).map(OsString::from).collect();
        let out = two_dashes(&root, words);
        out.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn flags_of_the_command_and_global_ones() {
        assert_eq!(rewritten(&["-chdir=x", "plan", "-refresh=false"]), "--chdir=x plan --refresh=false");
        assert_eq!(rewritten(&["plan", "-auto-approve", "-var", "a=b", "dir"]), "plan --auto-approve --var a=b dir");
    }

    #[test]
    fn words_as_a_shell_takes_them_apart() {
        let all = |line: &str| words(line).map(|words| words.join("|"));
        assert_eq!(all(" -a  b\t'c d' \"e \\\" f\"g h\\ i '' ").as_deref(), Some("-a|b|c d|e \" fg|h i|"));
        assert_eq!(all("").as_deref(), Some(""));
        assert_eq!((all("'x"), all("\"x"), all("x\\")), (None, None, None));
    }

    #[test]
    fn values_and_unknown_words_stay() {
        assert_eq!(rewritten(&["plan", "-var", "-auto-approve"]), "plan --var -auto-approve");
        assert_eq!(rewritten(&["plan", "-nope"]), "plan --nope");
        assert_eq!(rewritten(&["plan", "-x", "--", "-auto-approve"]), "plan -x -- -auto-approve");
    }
}
