//! Where a stack keeps things: its data folder, the workspace that is selected, and the state files.

use std::path::{Path, PathBuf};

use super::Globals;
use super::failure::Failure;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang;
use crate::lang::backend::{self, Backend};
use crate::lang::config::Settings;
use crate::state::Store;
use crate::state::store::atomic;

/// The workspace that is always there.
pub(super) const DEFAULT: &str = "default";

/// Terraform's summary for a backend block that is not the one `init` saw, or that `init` would refuse.
const NEEDS_INIT: &str = "Backend initialization required, please run \"terraform init\"";

/// The places of one stack.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// `.terraform`, or what `TF_DATA_DIR` says.
    data: PathBuf,
    /// State of the default workspace.
    state: PathBuf,
    /// Folder of the other workspaces.
    workspaces: PathBuf,
    /// What `TF_WORKSPACE` says.
    overridden: Option<String>,
}

impl Place {
    /// The places of the stack in a folder with this backend.
    #[allow(clippy::unused_async)] // a bucket is looked for with the network
    pub(super) async fn of(dir: Option<&Path>, settings: Option<&Settings>, globals: &Globals) -> Result<Self, Report> {
        let environment = &globals.environment;
        let backend = settings.map_or(Ok(None), local_backend)?;
        let dir = dir.unwrap_or(Path::new(""));
        let below = |name: &str, otherwise: &str| {
            dir.join(backend.as_ref().and_then(|backend| backend.text(name)).unwrap_or(otherwise))
        };
        Ok(Self {
            data: environment.get("TF_DATA_DIR").map_or_else(|| dir.join(".terraform"), PathBuf::from),
            state: below("path", "terraform.tfstate"),
            workspaces: below("workspace_dir", "terraform.tfstate.d"),
            overridden: environment.get("TF_WORKSPACE").map(str::to_owned),
        })
    }

    /// The same, for commands that read nothing else of the stack's files than where the state is.
    pub(super) async fn find(dir: Option<&Path>, globals: &Globals) -> Result<Self, Failure> {
        let loaded = lang::load_root(dir.unwrap_or(Path::new(".")));
        let settings = loaded.config.root().map(|root| &root.body.settings);
        Self::of(dir, settings, globals).await.map_err(|report| Failure { report, sources: loaded.sources })
    }

    /// The same with this workspace, whichever is selected: that of a saved plan.
    pub(super) fn of_workspace(self, name: String) -> Self {
        Self { overridden: Some(name), ..self }
    }

    /// Whether `TF_WORKSPACE` says which workspace it is.
    pub(super) fn is_overridden(&self) -> bool {
        self.overridden.is_some()
    }

    /// The workspace that is selected. Whether it exists is another matter: its state is made by the first change.
    pub(super) fn workspace(&self) -> Result<String, Report> {
        if let Some(name) = &self.overridden {
            return if is_name(name) { Ok(name.clone()) } else { Err(bad_override(name).into()) };
        }
        let path = self.selection();
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            other => other.map_err(|error| {
                let text = format!("{} says which workspace is selected, but cannot be read: {error}.", path.display());
                Diagnostic::error("Error selecting workspace", text)
            })?,
        };
        match text.trim() {
            "" => Ok(DEFAULT.to_owned()),
            name if is_name(name) => Ok(name.to_owned()),
            _ => {
                let text = format!(
                    "{} holds something that is no name of a workspace. Remove the file to go back to the default one.",
                    path.display()
                );
                Err(Diagnostic::error("Error selecting workspace", text).into())
            }
        }
    }

    /// State of the workspace that is selected.
    pub(super) fn store(&self) -> Result<Store, Report> {
        Ok(self.store_of(&self.workspace()?))
    }

    /// State of a workspace.
    pub(super) fn store_of(&self, workspace: &str) -> Store {
        if workspace == DEFAULT {
            return Store::file(&self.state);
        }
        Store::file(&self.workspaces.join(workspace).join("terraform.tfstate"))
    }

    /// Makes a workspace without objects.
    #[allow(clippy::unused_async)] // a bucket is asked
    pub(super) async fn create(&self, workspace: &str) -> Result<(), Diagnostic> {
        let folder = self.workspaces.join(workspace);
        std::fs::create_dir_all(&folder).map_err(|error| {
            let text = format!("The folder of the workspace, {}, cannot be made: {error}.", folder.display());
            Diagnostic::error("Failed to create workspace", text)
        })
    }

    /// Removes a workspace with everything in it. The store is its state, locked.
    pub(super) async fn delete(&self, workspace: &str, store: &mut Store) -> Result<(), Diagnostic> {
        store.delete().await?;
        let folder = self.workspaces.join(workspace);
        std::fs::remove_dir_all(&folder).map_err(|error| {
            let text = format!("The folder {} cannot be removed: {error}.", folder.display());
            Diagnostic::error("Failed to delete workspace", text)
        })
    }

    /// All workspaces: the default one, then the others by name.
    #[allow(clippy::unused_async)] // a bucket is asked
    pub(super) async fn all(&self) -> Result<Vec<String>, Diagnostic> {
        let cannot = |error: std::io::Error| {
            let text = format!("The folder of the workspaces, {}, cannot be read: {error}.", self.workspaces.display());
            Diagnostic::error("Failed to list workspaces", text)
        };
        let entries = match std::fs::read_dir(&self.workspaces) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![DEFAULT.to_owned()]),
            other => other.map_err(cannot)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(cannot)?;
            if entry.path().is_dir()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort();
        names.insert(0, DEFAULT.to_owned());
        Ok(names)
    }

    /// Makes a workspace the selected one.
    pub(super) fn select(&self, workspace: &str) -> Result<(), Diagnostic> {
        let path = self.selection();
        let written =
            std::fs::create_dir_all(&self.data).and_then(|()| atomic::replace(&path, workspace.as_bytes(), 0o644));
        written.map_err(|error| {
            let text =
                format!("{} remembers which workspace is selected: {error}. Nothing was changed.", path.display());
            Diagnostic::error("Error selecting workspace", text)
        })
    }

    fn selection(&self) -> PathBuf {
        self.data.join("environment")
    }
}

/// What the `backend` block says, if there is one; it must be one that glaz can keep states in.
fn local_backend(settings: &Settings) -> Result<Option<Backend>, Report> {
    let Some(block) = &settings.backend else { return Ok(None) };
    let backend = backend::read(block, &[]).map_err(|report| Report(report.0.into_iter().map(unusable).collect()))?;
    if &*backend.kind == "local" {
        return Ok(Some(backend));
    }
    let text = format!(
        "glaz keeps states in local files so far, and cannot use the backend \"{}\". Nothing was read or changed. Remove the block to keep the state beside the stack.",
        backend.kind
    );
    Err(Diagnostic::error("Backend is not supported", text).at(backend.span).into())
}

/// A mistake inside the block: the summary is the one that Terraform gives to whoever did not run `init`.
fn unusable(problem: Diagnostic) -> Diagnostic {
    if problem.summary == "Unsupported backend type" {
        return Diagnostic { summary: "Invalid backend type".into(), ..problem };
    }
    let detail = format!(
        "The backend block cannot be used. {}: {} Nothing was read or changed.",
        problem.summary,
        problem.detail.trim_end()
    );
    Diagnostic { summary: NEEDS_INIT.into(), detail, ..problem }
}

/// Whether a workspace may have this name: it becomes a folder and a part of web addresses.
pub(super) fn is_name(name: &str) -> bool {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+:=@".contains(c);
    !matches!(name, "" | "." | "..") && name.chars().all(is_safe)
}

fn bad_override(name: &str) -> Diagnostic {
    let text =
        format!("\"{name}\" cannot be the name of a workspace: it may consist of letters, digits and -_.~$&+:=@ only.");
    Diagnostic::error("Invalid workspace name set using TF_WORKSPACE", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_in_paths_and_addresses() {
        for name in ["a", "eu-west-1", "a.b_c~1", "a@b", "..."] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".", "..", "a b", "a/b", "../x", "a;b", "ä", "a\n"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
