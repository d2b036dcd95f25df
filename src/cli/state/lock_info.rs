//! `glaz state lock-info`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Globals;
use crate::cli::failure::Failure;
use crate::cli::place::Place;
use crate::diagnostic::Diagnostic;
use crate::state::lock::{self, Holder};

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
pub(super) fn run(args: &LockInfoArgs, globals: &Globals) -> Result<u8, Failure> {
    let path = match &args.state {
        Some(file) => file.clone(),
        None => Place::find(None, &globals.environment)?.state()?,
    };
    let holder = lock::holder_of(&path).map_err(|error| {
        let text = format!("{}: {error}.", path.display());
        Diagnostic::error("The lock cannot be looked at", text)
    })?;
    if args.json {
        let info = match &holder {
            Holder::Nobody => None,
            Holder::Unnamed => Some(lock::LockInfo::default()),
            Holder::Named(info) => Some(info.clone()),
        };
        let text = serde_json::to_string_pretty(&info).map_err(|error| Diagnostic::bug(error.to_string()))?;
        globals.shell.line(&text);
        return Ok(0);
    }
    match holder {
        Holder::Nobody => globals.shell.line(&format!("{} is not locked.", path.display())),
        Holder::Unnamed => {
            globals
                .shell
                .line(&format!("{} is locked, and whoever holds the lock does not say who it is.", path.display()));
        }
        Holder::Named(info) => globals.shell.line(&format!("{} is locked.\n\n{}", path.display(), info.lines())),
    }
    Ok(0)
}
