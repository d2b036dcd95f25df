//! Every flag that `terraform COMMAND -help` lists in version 1.11 is known here: it works, or is refused with a reason.

use clap::{Command, CommandFactory as _};

use super::Cli;

/// Flags of the commands that plan.
const PLANS: &str = "compact-warnings destroy refresh-only refresh replace target var var-file input lock lock-timeout no-color \
                     parallelism state state-out backup json";
/// Flags of the commands that change a state by hand.
const EDITS: &str = "lock lock-timeout ignore-remote-version state backup";

const TERRAFORM: &[(&str, &str)] = &[
    (
        "init",
        "backend cloud backend-config force-copy from-module get input lock lock-timeout no-color json plugin-dir \
         reconfigure migrate-state upgrade lockfile ignore-remote-version test-directory var var-file",
    ),
    ("get", "update no-color test-directory"),
    ("plan", "detailed-exitcode generate-config-out out"),
    ("apply", "auto-approve"),
    ("destroy", "auto-approve"),
    (
        "refresh",
        "compact-warnings input lock lock-timeout no-color parallelism target var var-file state state-out backup json",
    ),
    ("validate", "json no-color no-tests test-directory"),
    ("fmt", "list write diff check no-color recursive"),
    ("console", "state plan var var-file"),
    ("graph", "plan draw-cycles type module-depth"),
    ("output", "state no-color json raw"),
    ("show", "no-color json"),
    ("import", "config input no-color var var-file state-out"),
    ("taint", "allow-missing state-out"),
    ("untaint", "allow-missing state-out"),
    ("force-unlock", "force"),
    ("providers", "test-directory"),
    ("providers schema", "json"),
    ("modules", "json"),
    ("metadata functions", "json"),
    ("version", "json"),
    ("login", ""),
    ("logout", ""),
    ("workspace list", ""),
    ("workspace new", "lock lock-timeout state"),
    ("workspace select", "or-create"),
    ("workspace delete", "force lock lock-timeout"),
    ("workspace show", ""),
    ("state list", "state id"),
    ("state mv", "dry-run state-out backup-out"),
    ("state pull", ""),
    ("state push", "force lock lock-timeout ignore-remote-version"),
    ("state replace-provider", "auto-approve"),
    ("state rm", "dry-run"),
    ("state show", "state"),
];

fn find<'a>(root: &'a Command, path: &str) -> &'a Command {
    path.split(' ').fold(root, |command, name| command.find_subcommand(name).unwrap_or_else(|| panic!("no {path}")))
}

#[test]
fn every_flag_of_terraforms_is_known() {
    let root = Cli::command();
    let mut unknown = Vec::new();
    for (path, flags) in TERRAFORM {
        let command = find(&root, path);
        let more = match *path {
            "plan" | "apply" => PLANS.to_owned(),
            // It is the mode itself.
            "destroy" => PLANS.replace("destroy refresh-only ", ""),
            "import" | "taint" | "untaint" | "state mv" | "state replace-provider" | "state rm" => EDITS.to_owned(),
            _ => String::new(),
        };
        for flag in flags.split_whitespace().chain(more.split_whitespace()) {
            let is_known = command
                .get_arguments()
                .chain(root.get_arguments())
                .any(|arg| arg.get_long() == Some(flag) || arg.get_all_aliases().unwrap_or_default().contains(&flag));
            if !is_known {
                unknown.push(format!("{path} -{flag}"));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn arguments_are_declared_well() {
    Cli::command().debug_assert();
}

/// The commands with their names, from the root on.
fn commands<'a>(path: &[&'a str], command: &'a Command) -> Vec<(Vec<&'a str>, &'a Command)> {
    let below = command.get_subcommands().flat_map(|one| commands(&[path, &[one.get_name()]].concat(), one));
    [(path.to_vec(), command)].into_iter().chain(below).collect()
}

/// As in Terraform: the last one counts, and those that are lists add up.
#[test]
fn every_flag_can_be_given_twice() {
    let root = Cli::command();
    let kind = |words: &[&str]| Cli::command().try_get_matches_from(words).err().map(|error| error.kind());
    let mut seen = 0;
    for (path, command) in commands(&["glaz"], &root) {
        for arg in command.get_arguments().chain(root.get_arguments()) {
            let Some(flag) = arg.get_long() else { continue };
            // One of them is a value that the flag takes.
            let values: &[&str] =
                if arg.get_action().takes_values() { &["=1s", "=1", "=stack", "=true"] } else { &[""] };
            for word in values.iter().map(|value| format!("--{flag}{value}")) {
                let once = kind(&[&path[..], &[word.as_str()]].concat());
                let twice = kind(&[&path[..], &[word.as_str(), word.as_str()]].concat());
                assert_eq!(twice, once, "{path:?} {word}");
                seen += usize::from(once.is_none());
            }
        }
    }
    assert!(seen > 100, "{seen}");
}
