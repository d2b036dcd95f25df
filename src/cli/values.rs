//! The flags `-var` and `-var-file`, and all other places that values of root variables come from.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::environment::Environment;
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::{self, Given, Origin, VariableInput};

/// Values of root variables.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ValueArgs {
    #[command(flatten)]
    given: GivenValues,
    /// Ask for values of variables that have none, and for approval, when standard input is a terminal.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub input: Option<bool>,
    /// What was answered before, by whoever was asked for values that are missing.
    #[arg(skip)]
    answered: Vec<VariableInput>,
}

impl ValueArgs {
    /// Takes the answers among these values: nobody is asked for them again.
    pub(super) fn remember(&mut self, inputs: &[VariableInput]) {
        self.answered = inputs.iter().filter(|one| one.origin == Origin::Prompt).cloned().collect();
    }
}

/// One `-var` or `-var-file`.
#[derive(Clone, Debug)]
enum GivenValue {
    File(PathBuf),
    Text(String),
}

/// Both flags in the order in which they are written: clap's derive keeps two flags apart.
#[derive(Clone, Debug, Default)]
struct GivenValues(Vec<GivenValue>);

impl<'a> IntoIterator for &'a GivenValues {
    type Item = &'a GivenValue;
    type IntoIter = std::slice::Iter<'a, GivenValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Args for GivenValues {
    fn augment_args(command: Command) -> Command {
        let var = Arg::new("var")
            .long("var")
            .value_name("NAME=VALUE")
            .allow_hyphen_values(true)
            .help("Value of a root variable; may be given several times");
        let file = Arg::new("var_file")
            .long("var-file")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("File with values of root variables; may be given several times");
        command.arg(var.action(ArgAction::Append)).arg(file.action(ArgAction::Append))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for GivenValues {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let at = |name: &str| matches.indices_of(name).into_iter().flatten();
        let texts = matches.get_many::<String>("var").into_iter().flatten().cloned().map(GivenValue::Text);
        let files = matches.get_many::<PathBuf>("var_file").into_iter().flatten().cloned().map(GivenValue::File);
        let mut all: Vec<_> = at("var").zip(texts).chain(at("var_file").zip(files)).collect();
        all.sort_by_key(|(at, _)| *at);
        Ok(Self(all.into_iter().map(|(_, given)| given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Values of root variables in Terraform's order of precedence; the last one of a name counts. `-var` and
/// `-var-file` count in the order in which they are written. Files of `dir` that have a fixed name are read without
/// being asked for.
pub(super) fn inputs(
    args: &ValueArgs,
    dir: Option<&Path>,
    environment: &Environment,
    sources: &mut Sources,
) -> Result<Vec<VariableInput>, Report> {
    let (mut all, mut report) = (Vec::new(), Report::default());
    let from_environment = |(name, value): (&str, &str)| VariableInput {
        name: name.into(),
        value: Given::Text(value.into()),
        origin: Origin::Environment,
    };
    all.extend(environment.tf_vars().map(from_environment));
    for file in dir.map(automatic_files).unwrap_or_default() {
        read_values(&file, sources, &mut all, &mut report);
    }
    for given in &args.given {
        match given {
            GivenValue::File(file) => read_values(file, sources, &mut all, &mut report),
            GivenValue::Text(text) => match text.split_once('=') {
                Some((name, _)) if name.ends_with(' ') => {
                    // The value may be a secret.
                    let text = format!(
                        "The name \"{name}\" ends with a space. Write it as -var \"{}=VALUE\", without spaces around the equals sign.",
                        name.trim_end()
                    );
                    report.push(Diagnostic::error("Invalid -var option", text));
                }
                Some((name, value)) => all.push(VariableInput {
                    name: name.into(),
                    value: Given::Text(value.into()),
                    origin: Origin::CommandLine,
                }),
                None => report.push(Diagnostic::error(
                    "Invalid -var option",
                    format!("\"{text}\" has no equals sign. Write it as -var NAME=VALUE."),
                )),
            },
        }
    }
    all.extend(args.answered.iter().cloned());
    report.or(all)
}

/// `terraform.tfvars`, `terraform.tfvars.json`, then `*.auto.tfvars` and `*.auto.tfvars.json` by name.
fn automatic_files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        ["terraform.tfvars", "terraform.tfvars.json"].iter().map(|name| dir.join(name)).collect();
    found.retain(|path| path.is_file());
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_automatic = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
            !name.starts_with('.') && (name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"))
        })
    };
    let mut automatic: Vec<PathBuf> = entries.filter(is_automatic).collect();
    automatic.sort();
    found.extend(automatic);
    found
}

fn read_values(path: &Path, sources: &mut Sources, all: &mut Vec<VariableInput>, report: &mut Report) {
    match std::fs::read_to_string(path) {
        Ok(text) => match lang::variables::from_file(path.strip_prefix(".").unwrap_or(path), &text, sources) {
            Ok(values) => all.extend(values),
            Err(problems) => report.extend(problems),
        },
        Err(error) => report.push(Diagnostic::error(
            "Failed to read variables file",
            format!("The file {} cannot be read: {error}. Check the path given with -var-file.", path.display()),
        )),
    }
}
