//! A plan in a file: what was planned, and everything it was planned from.
//!
//! The file is a zip archive that holds the plan with all values, the configuration as it was, the values of its
//! variables, and the state that the plan starts from. Whoever applies it looks at nothing else: editing the stack
//! files in between has no influence. It may hold secrets, so it is readable by its owner alone.
//!
//! ```text
//! manifest.json        format, version of glaz, digest of the rest
//! plan.json            changes, steps, outputs, checks, what exists
//! options.json         mode, options, variables, folder, time
//! configuration.json   every file that was read
//! state.json           the state, as the state file would hold it
//! ```

mod archive;
pub mod folder;
mod form;
mod inputs;
mod live;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Options, Plan};
use crate::diagnostic::{Diagnostic, Report, shell_word};
use crate::lang::{Snapshot, VariableInput};
use crate::state::seal::{SharedSeal, is_envelope_of_other};
use crate::state::store::atomic;
use crate::state::{State, file_v4};
use crate::value::json::JsonError;
use archive::{Entries, Refused};

/// A plan with everything it was planned from.
#[derive(Clone, Debug)]
pub struct Saved {
    /// What will be done.
    pub plan: Plan,
    /// What was asked for.
    pub options: Options,
    /// Values of root variables, without ephemeral ones.
    pub variables: Vec<VariableInput>,
    /// Names of ephemeral root variables that had a value from outside: they must be given again.
    pub ephemeral: Vec<String>,
    /// Every file of the configuration.
    pub files: Snapshot,
    /// The folder of the root module, as it was given.
    pub root: PathBuf,
    /// Digest of where that folder is.
    pub folder: String,
    /// The workspace.
    pub workspace: String,
    /// The state file that was given, if one was.
    pub state_file: Option<PathBuf>,
    /// Whether there was a state at all.
    pub had_state: bool,
    /// The state that the plan starts from.
    pub state: State,
    /// When it was planned, since 1970.
    pub time: Duration,
}

/// Where the state of a plan stands, seen from the state as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the state that the plan starts from.
    Same,
    /// It was changed since.
    Stale,
    /// It is another state, or it is gone.
    Other,
}

impl Saved {
    /// Writes the file, in one go, in its envelope.
    ///
    /// # Errors
    /// The file cannot be written, or the plan holds what must not be stored.
    pub fn write(&self, path: &Path, seal: Option<&SharedSeal>) -> Result<(), Diagnostic> {
        let entries: Entries = [
            (PLAN, form::write(&self.plan).map_err(|error| not_stored(&error))?),
            (OPTIONS, inputs::write(self).map_err(|error| not_stored(&error))?),
            (CONFIGURATION, inputs::write_files(&self.files).map_err(|error| not_stored(&error))?),
            (STATE, file_v4::write(&self.state)?),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .into();
        let failed = |error: std::io::Error| {
            let text = format!("The plan cannot be written to {}: {error}.", path.display());
            Diagnostic::error("Failed to write plan file", text)
        };
        let bytes = archive::pack(&entries).map_err(failed)?;
        let sealed = seal.map(|seal| seal.close(&bytes)).transpose()?.flatten();
        atomic::replace_private(path, &sealed.unwrap_or(bytes), archive::MODE).map_err(failed)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is no plan, it is damaged, or another version of glaz wrote it.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| refusal(&shown, &Refused::Unreadable(error)))?;
        Self::unpack(&bytes, &shown)
    }

    /// The same out of the bytes of a file; `shown` is its name in messages.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn unpack(bytes: &[u8], shown: &str) -> Result<Self, Diagnostic> {
        let entries = archive::unpack(bytes).map_err(|refused| refusal(shown, &refused))?;
        Self::parse(&entries).map_err(|error| refusal(shown, &Refused::Damaged(error.to_string())))
    }

    fn parse(entries: &Entries) -> Result<Self, JsonError> {
        let missing = |name: &str| JsonError { path: String::new(), why: format!("it has no part \"{name}\"") };
        let entry = |name: &str| entries.get(name).map(String::as_str).ok_or_else(|| missing(name));
        let state = file_v4::read(entry(STATE)?.as_bytes(), STATE)
            .map_err(|problem| JsonError { path: STATE.to_owned(), why: problem.detail })?
            .ok_or_else(|| missing(STATE))?;
        let plan = form::read(entry(PLAN)?)?;
        inputs::read(entry(OPTIONS)?, plan, inputs::read_files(entry(CONFIGURATION)?)?, state)
    }

    /// How the state as it is now stands to the plan; `exists` says whether there is one.
    pub fn standing(&self, now: &State, exists: bool) -> Standing {
        match (self.had_state, exists) {
            (true, false) => Standing::Other,
            (true, true) if self.state.lineage != now.lineage => Standing::Other,
            (false, false) => Standing::Same,
            (true, true) if self.state == *now => Standing::Same,
            (_, true) => Standing::Stale,
        }
    }
}

const PLAN: &str = "plan.json";
const OPTIONS: &str = "options.json";
const CONFIGURATION: &str = "configuration.json";
const STATE: &str = "state.json";

/// Whether the bytes may be those of a plan file: a zip archive.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

/// Takes away the plan that the file holds, in its envelope or not. Any other file stays.
///
/// # Errors
/// It cannot be removed.
pub fn take_away(path: &Path) -> Result<(), Diagnostic> {
    // A device or a pipe is no place that holds a plan.
    if !path.metadata().is_ok_and(|file| file.is_file()) {
        return Ok(());
    }
    let bytes = std::fs::read(path).unwrap_or_default();
    // The key is not asked for: what stands in the envelope would be replaced anyway.
    if !archive::is_own(&bytes) && !is_envelope_of_other(&bytes) {
        return Ok(());
    }
    std::fs::remove_file(path).map_err(|error| {
        let text = format!("The plan that {} holds cannot be removed: {error}.", path.display());
        Diagnostic::error("Failed to write plan file", text)
    })
}

fn not_stored(error: &JsonError) -> Diagnostic {
    Diagnostic::error("Failed to write plan file", format!("A value of the plan cannot be stored: {error}."))
}

/// Why a file cannot be used as a plan. The summary is the one that Terraform's scripts know.
fn refusal(shown: &str, refused: &Refused) -> Diagnostic {
    let file = shell_word(shown);
    let text = match refused {
        Refused::Unreadable(error) => format!("The file {shown} cannot be read: {error}."),
        Refused::NoPlan => {
            format!("The file {shown} is no plan that glaz saved. Make one with:\n\n    glaz plan -out=tfplan")
        }
        Refused::OfTerraform => {
            format!(
                "The file {shown} is a plan that Terraform saved. Only Terraform can apply it. Plan again with:\n\n    glaz plan -out={file}"
            )
        }
        Refused::Version { format, glaz } => format!(
            "The file {shown} was written by glaz {glaz} in format {format}; this glaz {} reads format {}. Plan again with this one.",
            env!("CARGO_PKG_VERSION"),
            archive::FORMAT
        ),
        Refused::Changed => format!(
            "The contents of {shown} are not those that were written: the file was damaged or changed. Nothing was done. Plan again."
        ),
        Refused::Damaged(why) => format!("The file {shown} is damaged: {why}. Nothing was done. Plan again."),
    };
    Diagnostic::error(format!("Failed to load \"{shown}\" as a plan file"), text)
}

/// Why a plan was not applied: the state is not the one it starts from. `can_be_undone`: a run was interrupted, maybe that of
/// this very plan.
///
/// # Errors
/// The state was changed, is another one, or is gone.
pub fn check_standing(saved: &Saved, now: &State, exists: bool, can_be_undone: bool) -> Result<(), Report> {
    let (summary, text) = match saved.standing(now, exists) {
        Standing::Same => return Ok(()),
        Standing::Stale if can_be_undone => (
            "Saved plan is stale",
            "A run that was interrupted or stopped has changed the state since the plan was made. Nothing was done. Plan again to go on; or undo what that run did, without the plan file:\n\n    glaz apply -rollback",
        ),
        Standing::Stale => (
            "Saved plan is stale",
            "The state was changed after the plan was made, so the plan may not fit any more. Nothing was done. Plan again.",
        ),
        Standing::Other => (
            "Saved plan does not match the given state",
            "The plan was made from another state than the one that is here: another stack, or a state that was deleted. Nothing was done. Run it where it was planned, or plan again.",
        ),
    };
    Err(Diagnostic::error(summary, text).into())
}
