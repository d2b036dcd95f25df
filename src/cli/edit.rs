//! The state, for commands that change it by hand: locked, changed through the journal, and kept as it was beside it.

use std::path::PathBuf;

use clap::Args;

use super::Globals;
use super::encryption;
use super::failure::Failure;
use super::place::Place;
use super::stack::LockArgs;
use super::stored;
use crate::clock::Clock;
use crate::diagnostic::{Diagnostic, Sources};
use crate::state::{self, Loaded, State, Store};

/// Which state to change, and what to keep of it.
#[derive(Args, Clone, Debug)]
pub(super) struct EditArgs {
    /// State file; that of the selected workspace when left out.
    #[arg(long = "state", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Where to keep the state as it was.
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
    #[command(flatten)]
    pub locking: LockArgs,
    /// Accepted as Terraform's flag: there is no other version to ignore.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub ignore_remote_version: Option<bool>,
}

/// Where the state as it was is kept, unless `-backup` says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// `terraform.tfstate.backup`: one, of before the last change.
    Last,
    /// `terraform.tfstate.SECONDS.backup`: one for each change. It cannot be switched off.
    Each,
}

/// A state that is being changed by hand.
pub(super) struct Edit {
    store: Store,
    loaded: Loaded,
    clock: Clock,
}

impl EditArgs {
    /// Opens the state file, locks it and reads the state.
    ///
    /// # Errors
    /// It is locked by somebody else, damaged, or an interrupted run must be taken up first; or a file is named where the
    /// backend keeps states elsewhere.
    pub(super) async fn open(&self, operation: &str, keep: Keep, globals: &Globals) -> Result<Edit, Failure> {
        if let (Some(file), Keep::Each) = (&self.file, keep) {
            // `state mv` and its like change whichever file they are told, as in Terraform.
            return self.open_at(file, operation, keep, globals).await;
        }
        let place = Place::find(None, globals).await?;
        place.refuse_files(self.file.as_deref(), self.backup.as_deref())?;
        if let Some(file) = &self.file {
            return self.open_at(file, operation, keep, globals).await;
        }
        let edit = self.open_in(place.store()?, operation, keep, globals).await?;
        place.remember()?;
        Ok(edit)
    }

    /// The same with another file.
    pub(super) async fn open_at(
        &self,
        path: &std::path::Path,
        operation: &str,
        keep: Keep,
        globals: &Globals,
    ) -> Result<Edit, Failure> {
        let store = Store::file(path).sealed(encryption::here(globals).await?.state);
        self.open_in(store, operation, keep, globals).await
    }

    async fn open_in(&self, mut store: Store, operation: &str, keep: Keep, globals: &Globals) -> Result<Edit, Failure> {
        let clock = globals.environment.clock();
        match (&self.backup, keep) {
            (Some(file), Keep::Last) if file.as_os_str() == "-" => drop(store.backup_to(None)),
            (Some(file), _) if file.as_os_str() != "-" => drop(store.backup_to(Some(file.clone()))),
            (_, Keep::Each) => {
                let backup = store.dated_backup(&clock);
                drop(store.backup_to(backup));
            }
            _ => {}
        }
        self.locking.take(&mut store, globals, operation).await?;
        let loaded = state::load(&mut store, &clock).await?;
        globals.warn(&loaded.warnings, &Sources::default());
        if loaded.unseen().next().is_some() {
            Err(interrupted(&loaded).into())
        } else {
            Ok(Edit { store, loaded, clock })
        }
    }
}

impl Edit {
    /// The state as it is.
    pub(super) fn state(&self) -> &State {
        &self.loaded.state
    }

    /// Whether the state is in this file.
    pub(super) fn is_of(&self, path: &std::path::Path) -> bool {
        self.store.is_of(path)
    }

    /// Whether there was a state.
    pub(super) fn exists(&self) -> bool {
        self.loaded.exists
    }

    /// Fails unless there was a state.
    pub(super) fn required(self) -> Result<Self, Failure> {
        if self.exists() { Ok(self) } else { Err(stored::missing()) }
    }

    /// Writes the state as it is now; nothing happens when it is the same.
    pub(super) async fn save(mut self, state: &State, command: &str, globals: &Globals) -> Result<(), Failure> {
        let journal = state::begin(&self.store, &self.loaded, command, &self.clock).await?;
        let warnings = state::commit(&mut self.store, journal, state, &self.loaded.open, &self.clock).await?;
        globals.warn(&warnings, &Sources::default());
        self.store.unlock().await?;
        Ok(())
    }
}

/// What an interrupted run left must be looked up before anything else: by hand it could only be lost.
pub(super) fn interrupted(loaded: &Loaded) -> Diagnostic {
    let way = "Nothing was changed. Let glaz look them up and take over what is there:\n\n    glaz apply";
    interrupted_run("A run was interrupted", loaded, way)
}

/// The same with the way to go on.
pub(super) fn interrupted_run(what: &str, loaded: &Loaded, way: &str) -> Diagnostic {
    let list: Vec<String> = loaded.open.iter().map(|open| format!("\n  {}", open.intent.key)).collect();
    let list = list.concat();
    let text = format!("{what}, and it is not known yet what became of these objects:\n{list}\n\n{way}");
    Diagnostic::error("An interrupted run must be taken up first", text)
}
