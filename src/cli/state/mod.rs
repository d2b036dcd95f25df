//! `glaz state`: look into the state and change it by hand.

mod list;
mod lock_info;
mod mv;
mod pull;
mod push;
mod replace_provider;
mod rm;
mod show;

use clap::Subcommand;

use super::Globals;
use super::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::state::select::Selection;

/// Look into the state, and change it.
#[derive(Subcommand, Debug)]
pub(super) enum StateCommand {
    List(list::ListArgs),
    LockInfo(lock_info::LockInfoArgs),
    Mv(mv::MvArgs),
    Pull(pull::PullArgs),
    Push(push::PushArgs),
    ReplaceProvider(replace_provider::ReplaceProviderArgs),
    Rm(rm::RmArgs),
    Show(show::ShowArgs),
}

/// Runs the subcommand; the exit code.
pub(super) async fn run(command: &StateCommand, globals: &Globals) -> Result<u8, Failure> {
    match command {
        StateCommand::List(args) => list::run(args, globals).await,
        StateCommand::LockInfo(args) => lock_info::run(args, globals).await,
        StateCommand::Mv(args) => mv::run(args, globals).await,
        StateCommand::Pull(args) => pull::run(args, globals).await,
        StateCommand::Push(args) => push::run(args, globals).await,
        StateCommand::ReplaceProvider(args) => replace_provider::run(args, globals).await,
        StateCommand::Rm(args) => rm::run(args, globals).await,
        StateCommand::Show(args) => show::run(args, globals).await,
    }
}

/// What an argument names.
fn parse(text: &str) -> Result<Selection, Diagnostic> {
    Selection::parse(text).map_err(|error| super::address::bad(&error))
}
