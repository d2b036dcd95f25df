//! `glaz force-unlock`.

use std::path::PathBuf;

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::place::Place;
use crate::diagnostic::Diagnostic;
use crate::state::lock::Holder;

/// Release a lock that somebody left behind.
///
/// Only when whoever holds it does not work with the state any more. The lock of a local state belongs to the process
/// that took it and ends with it, so that there never is one to release: this command says who holds it.
#[derive(Args, Debug)]
pub(super) struct ForceUnlockArgs {
    /// Id of the lock, as the error about it shows it.
    #[arg(value_name = "LOCK_ID")]
    id: String,
    /// Folder of the stack; the current one when left out.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Do not ask.
    #[arg(long)]
    force: bool,
}

/// Releases the lock, or says why there is nothing to release.
pub(super) async fn run(args: &ForceUnlockArgs, globals: &Globals) -> Result<u8, Failure> {
    let store = Place::find(args.dir.as_deref(), globals).await?.store()?;
    if store.is_file() {
        return Err(local(&store.holder().await?, store.shown(), &args.id));
    }
    if !store.can_be_forced() {
        let text =
            format!("{} has no lock: the backend has neither `use_lockfile` nor `dynamodb_table`.", store.shown());
        return Err(Failure::words(format!("Failed to unlock state\n\n{text}")));
    }
    if !args.force {
        let question = format!(
            "\nDo you really want to force-unlock?\n  glaz will remove the lock on {}.\n  Others can then change the state, even though it may still be in use.\n  Only 'yes' will be accepted to confirm.\n\n  Enter a value: ",
            store.shown()
        );
        match globals.shell.ask(&question) {
            Some(answer) if answer == "yes" => {}
            Some(_) => {
                globals.shell.line("force-unlock cancelled.");
                return Ok(1);
            }
            None => {
                let text = "Nobody can be asked: standard input is no terminal. To unlock without asking, use -force. Nothing was changed.";
                return Err(Diagnostic::error("Error asking for confirmation", text).into());
            }
        }
    }
    store.force_unlock(&args.id).await?;
    globals.shell.line(
        "glaz state has been successfully unlocked!\n\nThe state has been unlocked, and others can lock it again.",
    );
    Ok(0)
}

fn local(holder: &Holder, shown: &str, id: &str) -> Failure {
    let who = match holder {
        Holder::Nobody => {
            return Failure::words(format!(
                "Failed to unlock state: LocalState not locked\n\nNobody holds a lock on {shown}."
            ));
        }
        Holder::Unnamed => String::new(),
        Holder::Named(info) => {
            let other = if info.id == id { "" } else { " (its ID is another one than was given)" };
            format!(" It is held{other} by:\n\n{}", info.lines())
        }
    };
    Failure::words(format!(
        "Local state cannot be unlocked by another process\n\nThe lock on {shown} ends with the process that took it; end that process.{who}"
    ))
}
