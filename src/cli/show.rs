//! `glaz show`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::render;
use super::stack;
use super::stored::{self, StoredArgs};
use crate::diagnostic::Diagnostic;
use crate::state::{State, file_v4};

/// Show everything the state remembers.
///
/// Objects with all attributes, then the outputs. Sensitive values are hidden; with -json they are printed and marked,
/// as Terraform does.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// State file to show; that of the stack when left out.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print JSON, in Terraform's form.
    #[arg(long)]
    json: bool,
}

/// Shows the state; the exit code.
pub(super) fn run(args: &ShowArgs, globals: &Globals) -> Result<u8, Failure> {
    let state = match &args.file {
        Some(path) => Some(read(path)?),
        None => stored::read(&StoredArgs::default(), globals)?,
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

fn read(path: &Path) -> Result<State, Diagnostic> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        Diagnostic::error("Failed to read the given file", format!("The file {shown} cannot be read: {error}."))
    })?;
    if bytes.starts_with(b"PK") {
        let text = format!("The file {shown} is a plan that Terraform saved. Only Terraform can read it.");
        return Err(Diagnostic::error("Not a state file", text));
    }
    file_v4::read(&bytes, &shown)?
        .ok_or_else(|| Diagnostic::error("Not a state file", format!("The file {shown} is empty.")))
}
