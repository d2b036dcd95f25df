//! `glaz state`: look into the state and change it by hand.

mod list;
mod pull;
mod show;

use clap::Subcommand;

use super::Globals;
use super::failure::Failure;

/// Look into the state, and change it.
#[derive(Subcommand, Debug)]
pub(super) enum StateCommand {
    List(list::ListArgs),
    Pull(pull::PullArgs),
    Show(show::ShowArgs),
}

/// Runs the subcommand; the exit code.
pub(super) fn run(command: &StateCommand, globals: &Globals) -> Result<u8, Failure> {
    match command {
        StateCommand::List(args) => list::run(args, globals),
        StateCommand::Pull(args) => pull::run(args, globals),
        StateCommand::Show(args) => show::run(args, globals),
    }
}
