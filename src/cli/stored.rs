//! The state, for commands that only read it: no lock is taken and nothing is written.

use std::path::PathBuf;

use clap::Args;

use super::Globals;
use super::encryption;
use super::failure::Failure;
use super::place::Place;
use crate::diagnostic::Sources;
use crate::state::{self, State, Store};

/// Which state.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct StoredArgs {
    /// State file; `terraform.tfstate` in the current folder when left out.
    #[arg(long = "state", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// The state with what an interrupted run wrote down since; `None` when there is none.
pub(super) async fn read(args: &StoredArgs, globals: &Globals) -> Result<Option<State>, Failure> {
    let mut store = match &args.file {
        Some(file) => Store::file(file).sealed(encryption::here(globals).await?.state),
        None => Place::find(None, globals).await?.store()?,
    };
    let loaded = state::load(&mut store, &globals.environment.clock()).await?;
    globals.warn(&loaded.warnings, &Sources::default());
    Ok(loaded.exists.then_some(loaded.state))
}

/// The state, which must be there.
pub(super) async fn required(args: &StoredArgs, globals: &Globals) -> Result<State, Failure> {
    read(args, globals).await?.ok_or_else(missing)
}

/// There is no state, and there should be one.
pub(super) fn missing() -> Failure {
    Failure::words(
        "No state file was found!\n\nState management commands require a state file. Run this command in the folder of a stack that was applied, or use the -state flag to point the command to a specific state file.",
    )
}
