//! `glaz show`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Globals;
use super::encryption;
use super::failure::Failure;
use super::render;
use super::stack;
use super::stored::{self, StoredArgs};
use crate::diagnostic::Diagnostic;
use crate::plan::saved;
use crate::state::{State, file_v4, seal};

/// Show everything the state remembers, or a saved plan.
///
/// Of a state: objects with all attributes, then the outputs. Sensitive values are hidden; with -json they are printed and marked,
/// as Terraform does.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// State file or saved plan to show; the state of the stack when left out.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print JSON, in Terraform's form.
    #[arg(long)]
    json: bool,
}

/// Shows the state; the exit code.
pub(super) async fn run(args: &ShowArgs, globals: &Globals) -> Result<u8, Failure> {
    let state = match &args.file {
        Some(path) if is_plan(path) => return plan(path, args, globals).await,
        Some(path) => Some(read(path, globals).await?),
        None => stored::read(&StoredArgs::default(), globals).await?,
    };
    let registry = stack::registry();
    let text = match &state {
        state if args.json => render::json::state(state.as_ref(), &registry)? + "\n",
        Some(state) => render::state::whole(state, &registry)?,
        None => "No state.\n".to_owned(),
    };
    globals.shell.out(&text);
    Ok(0)
}

/// Whether the file is a saved plan rather than a state.
fn is_plan(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| saved::is_archive(&bytes) || seal::is_envelope_of_other(&bytes))
}

async fn plan(path: &Path, args: &ShowArgs, globals: &Globals) -> Result<u8, Failure> {
    let saved = super::saved::read(path, globals).await?;
    let registry = stack::registry();
    let text = if args.json {
        render::json::plan(&saved, &registry)? + "\n"
    } else {
        render::plan::plan(&saved.plan, &registry, &globals.shell, render::plan::Detail::Changes)
    };
    globals.shell.out(&text);
    Ok(0)
}

async fn read(path: &Path, globals: &Globals) -> Result<State, Failure> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        Diagnostic::error("Failed to read the given file", format!("The file {shown} cannot be read: {error}."))
    })?;
    let bytes = if seal::is_envelope(&bytes) {
        encryption::open(bytes, &shown, encryption::here(globals).await?.state.as_ref()).await?
    } else {
        bytes
    };
    let state = file_v4::read(&bytes, &shown)?;
    state.ok_or_else(|| Diagnostic::error("Not a state file", format!("The file {shown} is empty.")).into())
}
