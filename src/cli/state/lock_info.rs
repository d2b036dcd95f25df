//! `glaz state lock-info`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Globals;
use crate::cli::failure::Failure;
use crate::cli::place::Place;
use crate::diagnostic::Diagnostic;
use crate::state::Store;
use crate::state::lock::{Holder, LockInfo};

/// Show who holds the lock of the state.
///
/// Exits with 0 whether somebody holds it or not. The file that tells who it is may be left over from a run that was
/// killed; what counts is the lock itself, and that is what is asked.
#[derive(Args, Debug)]
pub(in crate::cli) struct LockInfoArgs {
    /// Print JSON: what the holder wrote, or null.
    #[arg(long)]
    json: bool,
    /// State file; that of the selected workspace when left out.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

/// Shows the holder; the exit code.
pub(super) async fn run(args: &LockInfoArgs, globals: &Globals) -> Result<u8, Failure> {
    let store = match &args.state {
        Some(file) => Store::file(file),
        None => Place::find(None, globals).await?.store()?,
    };
    let (holder, shown) = (store.holder().await?, store.shown());
    if args.json {
        let info = match &holder {
            Holder::Nobody => None,
            Holder::Unnamed => Some(LockInfo::default()),
            Holder::Named(info) => Some(LockInfo::clone(info)),
        };
        let text = serde_json::to_string_pretty(&info).map_err(|error| Diagnostic::bug(error.to_string()))?;
        globals.shell.line(&text);
        return Ok(0);
    }
    let text = match holder {
        Holder::Nobody => format!("{shown} is not locked."),
        Holder::Unnamed => format!("{shown} is locked, and whoever holds the lock does not say who it is."),
        Holder::Named(info) => format!("{shown} is locked.\n\n{}", info.lines()),
    };
    globals.shell.line(&text);
    Ok(0)
}
