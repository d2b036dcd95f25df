//! A file per command, and everything a person sees. Terminal, environment, home directory and exit codes exist only
//! here.

mod address;
mod apply;
mod argv;
mod backend;
#[cfg(feature = "s3")]
mod buckets;
mod carry_out;
mod check;
mod completion;
mod console;
mod deploy;
mod durations;
mod edit;
mod encryption;
mod ending;
mod environment;
mod failure;
mod fmt;
mod force_unlock;
mod from_state;
mod generate;
mod governed;
mod graph;
mod images;
mod import;
mod init;
mod leftovers;
mod lines;
mod list_modules;
mod login;
mod metadata;
mod migrate;
mod modules;
mod output;
mod place;
mod plan;
mod providers;
mod questions;
mod refresh;
mod render;
mod rollout_args;
mod run;
mod saved;
mod shell;
mod show;
mod signals;
mod stack;
mod state;
mod status;
mod stored;
mod taint;
mod test;
mod test_directory;
#[cfg(test)]
mod tests;
mod trouble;
mod undo;
mod validate;
mod values;
mod version;
mod waiting;
mod watcher;
mod workspace;

use std::cell::Cell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::state::store::Leases;
use environment::Environment;
use failure::Failure;
use shell::Shell;

/// Provision and run the AWS stack behind an ECS blue/green service, from Terraform files.
///
/// Reads the Terraform language and keeps Terraform's state format. Flags may be written with one dash or two.
#[derive(Parser, Debug)]
#[command(name = "glaz", version, disable_help_subcommand = true, max_term_width = 100)]
// As in Terraform, of a flag that counts once the last one counts: a line overrides TF_CLI_ARGS.
#[command(args_override_self = true)]
struct Cli {
    /// Change to this folder before anything else.
    #[arg(long, global = true, value_name = "DIR")]
    chdir: Option<PathBuf>,
    /// No colour, also without a terminal that shows it.
    #[arg(long, global = true)]
    no_color: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Init(init::InitArgs),
    Get(modules::GetArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Destroy(apply::DestroyArgs),
    Status(status::StatusArgs),
    Deploy(deploy::DeployArgs),
    MigrateController(migrate::MigrateArgs),
    Refresh(refresh::RefreshArgs),
    Validate(validate::ValidateArgs),
    Check(check::CheckArgs),
    Fmt(fmt::FmtArgs),
    Console(console::ConsoleArgs),
    Graph(graph::GraphArgs),
    Output(output::OutputArgs),
    Show(show::ShowArgs),
    #[command(subcommand)]
    State(state::StateCommand),
    Import(import::ImportArgs),
    Taint(taint::TaintArgs),
    Untaint(taint::UntaintArgs),
    Test(test::TestArgs),
    ForceUnlock(force_unlock::ForceUnlockArgs),
    #[command(subcommand)]
    Workspace(workspace::WorkspaceCommand),
    Providers(providers::ProvidersArgs),
    Modules(list_modules::ModulesArgs),
    #[command(subcommand)]
    Metadata(metadata::MetadataCommand),
    Completion(completion::CompletionArgs),
    Login(login::LoginArgs),
    Logout(login::LogoutArgs),
    Version(version::VersionArgs),
}

/// What every command gets.
struct Globals {
    environment: Environment,
    shell: Shell,
    /// Whether everything is said in lines of JSON.
    speaks_json: Cell<bool>,
    /// Locks that are held: released at the end, whichever way it comes.
    leases: Leases,
    /// What SIGINT and SIGTERM mean.
    signals: signals::Signals,
}

impl Globals {
    /// From here on everything is said in Terraform's lines of JSON, on standard output.
    fn speak_json(&self) {
        self.speaks_json.set(true);
        self.shell.line(&render::json::events::version(self.now()));
    }

    fn now(&self) -> Duration {
        self.environment.clock().now()
    }

    /// Says something in a line.
    fn say(&self, text: &str) {
        if self.speaks_json.get() {
            self.shell.line(&render::json::events::log(self.now(), text));
        } else {
            self.shell.line(text);
        }
    }

    /// A line of JSON for each problem, errors last.
    fn lines(&self, report: &Report, sources: &Sources) {
        let mut all: Vec<&Diagnostic> = report.0.iter().collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.severity));
        let now = render::json::events::timestamp(self.now());
        for one in all {
            // A problem is made of texts and numbers, which have a JSON form.
            if let Ok(line) = render::json::diagnostic_line(one, sources, &now) {
                self.shell.line(&line);
            }
        }
    }

    /// Shows warnings on standard error.
    fn warn(&self, warnings: &Report, sources: &Sources) {
        if self.speaks_json.get() {
            return self.lines(warnings, sources);
        }
        if !warnings.0.is_empty() {
            self.shell.err(&format!("\n{}", render::diagnostic::report(warnings, sources, self.look())));
        }
    }

    /// The same; only headlines when they are to be compact.
    fn warn_as(&self, warnings: &Report, sources: &Sources, is_compact: bool) {
        if is_compact && !warnings.0.is_empty() && !self.speaks_json.get() {
            self.shell.err(&render::diagnostic::headlines(warnings, sources));
        } else {
            self.warn(warnings, sources);
        }
    }

    fn look(&self) -> render::diagnostic::Look {
        render::diagnostic::Look { has_colour: self.shell.has_error_colour, width: self.shell.width }
    }
}

/// Runs the command that the arguments name.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let command = Cli::command();
    let mut args: Vec<OsString> = args.collect();
    if let Some(is_wanted) = args.get(1).and_then(wants_completion) {
        return finish_alone(|globals| completion::install(is_wanted, &command, globals));
    }
    args = match argv::with_environment(&command, args, &Environment::read()) {
        Ok(args) => argv::two_dashes(&command, args),
        Err(problem) => return finish_alone(|_| Err(problem.into())),
    };
    let cli = match command.try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(mut error) => {
            // Nobody who mistypes a flag means a value that looks like one.
            error.remove(clap::error::ContextKind::Suggested);
            // Help and version are "errors" of clap's too, with exit code 0. A wrong flag is 1, as Terraform has it:
            // 2 is the answer of `plan -detailed-exitcode` that something would change.
            if error.exit_code() == 0 {
                let _ = error.print();
                return ExitCode::SUCCESS;
            }
            usage(&error);
            return ExitCode::FAILURE;
        }
    };
    let before = Environment::read();
    if let Some(dir) = &cli.chdir
        && let Err(error) = std::env::set_current_dir(dir)
    {
        let text = format!("The folder {} given with -chdir cannot be used: {error}.", dir.display());
        return finish(Err(Diagnostic::error("Cannot change folder", text).into()), &globals(cli.no_color, before));
    }
    let globals = globals(cli.no_color, before);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return finish(Err(Diagnostic::bug(format!("The runtime does not start: {error}")).into()), &globals);
        }
    };
    let ended = runtime.block_on(async {
        tokio::select! {
            biased;
            result = dispatch(&cli.command, &globals) => Some(result),
            // What it had started ends with it.
            () = globals.signals.ended() => None,
        }
    });
    let Some(mut result) = ended else {
        runtime.shutdown_background();
        return signals::STOPPED.into();
    };
    let unreleased = runtime.block_on(globals.release_locks());
    if unreleased.has_errors() {
        let failure = result.err().unwrap_or_default();
        let report = Report(failure.report.0.into_iter().chain(unreleased.0).collect());
        result = Err(Failure { report, ..failure });
    }
    // Nothing that is still blocked in the background may hold up the end.
    runtime.shutdown_background();
    finish(result, &globals)
}

/// Terraform's flags that stand in place of a command.
fn wants_completion(first: &OsString) -> Option<bool> {
    match first.to_str()?.trim_start_matches('-') {
        "install-autocomplete" => Some(true),
        "uninstall-autocomplete" => Some(false),
        _ => None,
    }
}

/// Runs what needs no command line.
fn finish_alone(run: impl FnOnce(&Globals) -> Result<u8, Failure>) -> ExitCode {
    let globals = globals(false, Environment::read());
    finish(run(&globals), &globals)
}

/// Says what is wrong with the arguments, under the summary that Terraform gives it.
fn usage(error: &clap::Error) {
    let environment = Environment::read();
    let shell = Shell::new(environment.get("NO_COLOR").is_some(), false, None);
    let text = error.render().ansi().to_string();
    let text = text.trim_end().strip_prefix("error: ").map_or(text.trim_end(), str::trim_end).to_owned();
    let text = anstream::adapter::strip_str(&text).to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let heading = shell::paint(shell::RED.bold(), "Error: ");
    shell.err(&format!("\n{heading}{}\n\n{text}\n", shell::paint(shell::BOLD, "Failed to parse command-line flags")));
}

fn globals(no_color: bool, environment: Environment) -> Globals {
    let columns = environment.get("COLUMNS").and_then(|columns| columns.parse().ok());
    let no_colour = no_color || environment.get("NO_COLOR").is_some();
    let may_ask = environment.get("TF_INPUT").is_none_or(|input| !matches!(input, "0" | "false"));
    Globals {
        shell: Shell::new(no_colour, may_ask, columns),
        environment,
        speaks_json: Cell::default(),
        leases: Leases::default(),
        signals: signals::Signals::default(),
    }
}

async fn dispatch(command: &Command, globals: &Globals) -> Result<u8, Failure> {
    match command {
        Command::Init(args) => Box::pin(init::run(args, globals)).await,
        Command::Get(args) => modules::run(args, globals),
        Command::Plan(args) => Box::pin(plan::run(args, globals)).await,
        Command::Apply(args) => Box::pin(apply::run(args, globals)).await,
        Command::Destroy(args) => Box::pin(apply::destroy(args, globals)).await,
        Command::Status(args) => Box::pin(status::run(args, globals)).await,
        Command::Deploy(args) => Box::pin(deploy::run(args, globals)).await,
        Command::MigrateController(args) => Box::pin(migrate::run(args, globals)).await,
        Command::Refresh(args) => Box::pin(refresh::run(args, globals)).await,
        Command::Validate(args) => Box::pin(validate::run(args, globals)).await,
        Command::Check(args) => Box::pin(check::run(args, globals)).await,
        Command::Console(args) => Box::pin(console::run(args, globals)).await,
        Command::Graph(args) => Box::pin(graph::run(args, globals)).await,
        Command::Fmt(args) => Ok(fmt::run(args, globals)),
        Command::Output(args) => Box::pin(output::run(args, globals)).await,
        Command::Show(args) => Box::pin(show::run(args, globals)).await,
        Command::State(command) => Box::pin(state::run(command, globals)).await,
        Command::Import(args) => Box::pin(import::run(args, globals)).await,
        Command::Taint(args) => Box::pin(taint::taint(args, globals)).await,
        Command::Untaint(args) => Box::pin(taint::untaint(args, globals)).await,
        Command::Test(args) => test::run(args),
        Command::ForceUnlock(args) => Box::pin(force_unlock::run(args, globals)).await,
        Command::Workspace(command) => Box::pin(workspace::run(command, globals)).await,
        Command::Providers(args) => Box::pin(providers::run(args, globals)).await,
        Command::Modules(args) => list_modules::run(args, globals),
        Command::Metadata(command) => metadata::run(command, globals),
        Command::Completion(args) => Ok(completion::run(args, Cli::command(), globals)),
        Command::Login(args) => login::login(args, globals),
        Command::Logout(args) => login::logout(args, globals),
        Command::Version(args) => {
            version::run(args, globals);
            Ok(0)
        }
    }
}

fn finish(result: Result<u8, Failure>, globals: &Globals) -> ExitCode {
    match result {
        Ok(code) => code.into(),
        Err(failure) if globals.speaks_json.get() => {
            globals.lines(&failure.report, &failure.sources);
            ExitCode::FAILURE
        }
        Err(failure) => {
            let text = render::diagnostic::report(&failure.report, &failure.sources, globals.look());
            globals.shell.err(&format!("\n{text}"));
            ExitCode::FAILURE
        }
    }
}
