//! `glaz state mv`.

use std::path::PathBuf;

use clap::Args;

use super::parse;
use crate::cli::Globals;
use crate::cli::edit::{EditArgs, Keep};
use crate::cli::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::state::moving::{self, Refusal};

/// Give objects another address, here or in another state file.
///
/// Moves an instance, a whole resource, or a module with all that is inside it. Nothing happens to the objects
/// themselves. The state as it was is kept in terraform.tfstate.SECONDS.backup.
#[derive(Args, Debug)]
pub(in crate::cli) struct MvArgs {
    /// What to move.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// Where to move it.
    #[arg(value_name = "DESTINATION")]
    destination: String,
    /// Only say what would be moved.
    #[arg(long)]
    dry_run: bool,
    /// State file to move it into; the same one when left out.
    #[arg(long, value_name = "FILE")]
    state_out: Option<PathBuf>,
    /// Where to keep the other state as it was.
    #[arg(long, value_name = "FILE", requires = "state_out")]
    backup_out: Option<PathBuf>,
    #[command(flatten)]
    edit: EditArgs,
}

/// Moves objects; the exit code.
pub(super) async fn run(args: &MvArgs, globals: &Globals) -> Result<u8, Failure> {
    let edit = args.edit.open("state-mv", Keep::Each, globals).await?.required()?;
    let (from, to) = (parse(&args.source)?, parse(&args.destination)?);
    let is_elsewhere = |path: &&PathBuf| !edit.is_of(path);
    let other = match args.state_out.as_ref().filter(is_elsewhere) {
        Some(path) => {
            let out = EditArgs { backup: args.backup_out.clone(), ..args.edit.clone() };
            Some(out.open_at(path, "state-mv", Keep::Each, globals).await?)
        }
        None => None,
    };
    let mut source = edit.state().clone();
    let target = other.as_ref().map_or(&source, |other| other.state());
    let moves = moving::moves(&source, target, &from, &to).map_err(refused)?;
    let line = format!("\"{}\" to \"{}\"", escaped(&from.to_string()), escaped(&to.to_string()));
    if args.dry_run {
        globals.shell.line(&format!("Would move {line}"));
        return Ok(0);
    }
    if let Some(other) = other {
        let mut target = other.state().clone();
        moving::transfer(&mut source, &mut target, &moves);
        // First where it goes: if only one of the two is written, an object stands in both, not in none.
        other.save(&target, "state mv", globals).await?;
    } else {
        moving::rename(&mut source, &moves);
    }
    edit.save(&source, "state mv", globals).await?;
    globals.shell.line(&format!("Move {line}\nSuccessfully moved 1 object(s)."));
    Ok(0)
}

fn escaped(address: &str) -> String {
    address.replace('\\', "\\\\").replace('"', "\\\"")
}

fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Source(text) => Diagnostic::error("Invalid source address", text).into(),
        Refusal::Target(text) => Diagnostic::error("Invalid target address", text).into(),
        Refusal::Request(text) => Diagnostic::error("Invalid state move request", text).into(),
        Refusal::ModuleExists(text) => Failure::words(format!(
            "Error moving state: destination module already exists\n\n{text} Nothing was moved."
        )),
    }
}
