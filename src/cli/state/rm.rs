//! `glaz state rm`.

use clap::Args;

use super::parse;
use crate::cli::Globals;
use crate::cli::edit::{EditArgs, Keep};
use crate::cli::failure::Failure;
use crate::cli::render;
use crate::diagnostic::Diagnostic;

/// Forget objects without deleting them.
///
/// A resource stands for all its instances, a module for all that is inside it. The objects go on existing; nobody
/// manages them any more. The state as it was is kept in terraform.tfstate.SECONDS.backup.
#[derive(Args, Debug)]
pub(in crate::cli) struct RmArgs {
    /// Resources, instances or modules.
    #[arg(value_name = "ADDRESS", required = true)]
    addresses: Vec<String>,
    /// Only say what would be forgotten.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    edit: EditArgs,
}

/// Forgets objects; the exit code.
pub(super) async fn run(args: &RmArgs, globals: &Globals) -> Result<u8, Failure> {
    let edit = args.edit.open("state-rm", Keep::Each, globals).await?.required()?;
    let selections = args.addresses.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
    let mut state = edit.state().clone();
    let mut gone: Vec<String> = Vec::new();
    for selection in selections {
        for (key, _) in render::state::sorted(edit.state()) {
            if selection.fits(&key.address) && state.instances.remove(key).is_some() {
                let name = key.address.to_string();
                if gone.last() != Some(&name) {
                    gone.push(name);
                }
            }
        }
    }
    let verb = if args.dry_run { "Would remove" } else { "Removed" };
    if gone.is_empty() && args.dry_run {
        globals.shell.line("Would have removed nothing.");
        return Ok(0);
    }
    if gone.is_empty() {
        let text = "No matching objects found. To view the available instances, use \"glaz state list\". Change the address to reference a specific instance.";
        return Err(Diagnostic::error("Invalid target address", text).into());
    }
    if !args.dry_run {
        edit.save(&state, "state rm", globals).await?;
    }
    gone.iter().for_each(|name| globals.shell.line(&format!("{verb} {name}")));
    if !args.dry_run {
        globals.shell.line(&format!("Successfully removed {} resource instance(s).", gone.len()));
    }
    Ok(0)
}
