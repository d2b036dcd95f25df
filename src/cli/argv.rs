//! Terraform's spelling of flags: one dash (`-auto-approve`, `-var k=v`) works as well as two.
//!
//! The rewrite is driven by clap's own table of names, and the word after a flag that takes a value is left alone.

use std::ffi::OsString;

use clap::{ArgAction, Command};

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
    fn values_and_unknown_words_stay() {
        assert_eq!(rewritten(&["plan", "-var", "-auto-approve"]), "plan --var -auto-approve");
        assert_eq!(rewritten(&["plan", "-nope"]), "plan --nope");
        assert_eq!(rewritten(&["plan", "-x", "--", "-auto-approve"]), "plan -x -- -auto-approve");
    }
}
