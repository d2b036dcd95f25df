//! `glaz force-unlock`.

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::place::Place;
use crate::diagnostic::Diagnostic;
use crate::state::lock::{self, Holder};

/// Release a lock that somebody left behind.
///
/// The lock of a local state belongs to the process that took it and ends with it, so that there never is one to
/// release: this command says who holds it.
#[derive(Args, Debug)]
pub(super) struct ForceUnlockArgs {
    /// Id of the lock, as the error about it shows it.
    #[arg(value_name = "LOCK_ID")]
    id: String,
    /// Do not ask.
    #[arg(long)]
    force: bool,
}

/// Says why there is nothing to release.
pub(super) fn run(args: &ForceUnlockArgs, globals: &Globals) -> Result<u8, Failure> {
    let path = Place::find(None, &globals.environment)?.state()?;
    let holder = lock::holder_of(&path)
        .map_err(|error| Diagnostic::error("The lock cannot be looked at", format!("{}: {error}.", path.display())))?;
    let who = match &holder {
        Holder::Nobody => {
            return Err(Failure::words(format!(
                "Failed to unlock state: LocalState not locked\n\nNobody holds a lock on {}.",
                path.display()
            )));
        }
        Holder::Unnamed => String::new(),
        Holder::Named(info) => {
            let other = if info.id == args.id { "" } else { " (its ID is another one than was given)" };
            format!(" It is held{other} by:\n\n{}", info.lines())
        }
    };
    Err(Failure::words(format!(
        "Local state cannot be unlocked by another process\n\nThe lock on {} ends with the process that took it; end that process.{who}",
        path.display()
    )))
}
