//! `glaz state push`.

use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;

use crate::cli::Globals;
use crate::cli::edit;
use crate::cli::encryption;
use crate::cli::failure::Failure;
use crate::cli::place::Place;
use crate::cli::stack::LockArgs;
use crate::diagnostic::{Diagnostic, Sources};
use crate::state::seal::SharedSeal;
use crate::state::{self, State, Store, file_v4};

/// Replace the state by that of a file.
///
/// Refuses a state of another lineage and one with a lower serial than the state there is, with what an interrupted run
/// wrote down since. A file that is encrypted is opened with the key of the stack. The state as it was is kept in
/// terraform.tfstate.backup.
#[derive(Args, Debug)]
pub(in crate::cli) struct PushArgs {
    /// State file; a dash for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write it whatever its lineage and serial, and whatever an interrupted run left.
    #[arg(long)]
    force: bool,
    /// State file to replace; that of the selected workspace when left out.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    #[command(flatten)]
    locking: LockArgs,
    /// Accepted as Terraform's flag: there is no other version to ignore.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    ignore_remote_version: Option<bool>,
}

/// Writes the state; the exit code.
pub(super) async fn run(args: &PushArgs, globals: &Globals) -> Result<u8, Failure> {
    let bytes = read(args)?;
    let place = Place::find(None, globals).await?;
    let seal = place.state_seal();
    let mut store = match &args.state {
        Some(file) => {
            place.refuse_files(Some(file), None)?;
            Store::file(file).sealed(seal.clone())
        }
        None => place.store()?,
    };
    let pushed = state_in(bytes, args, seal.as_ref()).await?;
    let clock = globals.environment.clock();
    args.locking.take(&mut store, globals, "state-push").await?;
    if args.force {
        store.overwrite(&pushed).await?;
        return Ok(0);
    }
    let loaded = state::load(&mut store, &clock).await?;
    globals.warn(&loaded.warnings, &Sources::default());
    if loaded.unseen().next().is_some() {
        return Err(edit::interrupted(&loaded).into());
    }
    if loaded.exists {
        if file_v4::write(&loaded.state)? == file_v4::write(&pushed)? {
            return Ok(0);
        }
        compare(&loaded.state, &pushed)?;
    }
    if loaded.has_journal() {
        // What an interrupted run wrote down becomes part of the state, so that the backup and older versions have it.
        let backup = store.backup_to(None);
        let journal = state::begin(&store, &loaded, "state push", &clock).await?;
        let warnings = state::commit(&mut store, journal, &loaded.state, &loaded.open, &clock).await?;
        globals.warn(&warnings, &Sources::default());
        store.backup_to(backup);
    }
    store.overwrite(&pushed).await?;
    Ok(0)
}

fn read(args: &PushArgs) -> Result<Vec<u8>, Failure> {
    let shown = args.file.display().to_string();
    let mut bytes = Vec::new();
    let read = match shown.as_str() {
        "-" => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
        _ => std::fs::read(&args.file).map(|read| bytes = read),
    };
    read.map_err(|error| Failure::words(format!("Error reading source state \"{shown}\": {error}")))?;
    Ok(bytes)
}

async fn state_in(bytes: Vec<u8>, args: &PushArgs, seal: Option<&SharedSeal>) -> Result<State, Failure> {
    let shown = args.file.display().to_string();
    let name = if shown == "-" { "standard input" } else { &shown };
    let state = file_v4::read(&encryption::open_named(bytes, name, seal).await?, name)?;
    state.ok_or_else(|| Failure::words(format!("Error reading source state \"{shown}\": no state")))
}

/// Refuses what would lose something.
fn compare(present: &State, pushed: &State) -> Result<(), Failure> {
    let (serial, new) = (present.serial, pushed.serial);
    let why = if pushed.lineage.is_empty() {
        let text = "The state to be pushed has no lineage, so nobody can tell whether it belongs to this stack. Nothing was changed. If it does, use -force.";
        return Err(Diagnostic::error("A state without lineage", text).into());
    } else if present.lineage != pushed.lineage && !present.lineage.is_empty() {
        format!(
            "cannot import state with lineage \"{}\" over unrelated state with lineage \"{}\"",
            pushed.lineage, present.lineage
        )
    } else if new < serial {
        format!("cannot import state with serial {new} over newer state with serial {serial}")
    } else if new == serial {
        format!("cannot overwrite existing state with serial {serial} with a different state that has the same serial")
    } else {
        return Ok(());
    };
    Err(Failure::words(format!(
        "Failed to write state: {why}\n\nNothing was changed. To write it all the same, use -force."
    )))
}
