//! Where a stack keeps things: its data folder, the workspace that is selected, and its states.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Globals;
use super::backend::{Home, memory};
use super::encryption::{self, OtherStates, Seals};
use super::environment::Environment;
use super::failure::Failure;
use super::stack::LockArgs;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang;
use crate::lang::backend::{self, Backend};
use crate::lang::config::{ModuleBody, Settings};
use crate::state::seal::SharedSeal;
use crate::state::store::atomic::{self, Reason};
use crate::state::{LocalStore, Store};

/// The workspace that is always there.
pub(super) const DEFAULT: &str = "default";

/// Terraform's summary for a backend block that `init` would refuse.
const NEEDS_INIT: &str = "Backend initialization required, please run \"terraform init\"";
/// Terraform's summary for a backend block that is not the one `init` saw.
const HAS_CHANGED: &str = "Backend initialization required: please run \"terraform init\"";

/// The places of one stack.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// `.terraform`, or what `TF_DATA_DIR` says.
    data: PathBuf,
    /// Where the states are.
    home: Home,
    /// The block that says so.
    backend: Option<Backend>,
    /// Envelopes of what is stored.
    seals: Seals,
    /// What `TF_WORKSPACE` says.
    overridden: Option<String>,
    /// The backend block that is remembered, where the files are lost that had it.
    recalled: Option<String>,
}

/// The data folder of the stack in a folder.
pub(super) fn data_folder(dir: &Path, environment: &Environment) -> PathBuf {
    environment.get("TF_DATA_DIR").map_or_else(|| dir.join(".terraform"), PathBuf::from)
}

impl Place {
    /// The places of the stack in a folder with this root module.
    pub(super) async fn of(dir: Option<&Path>, root: Option<&ModuleBody>, globals: &Globals) -> Result<Self, Report> {
        let dir = dir.unwrap_or(Path::new(""));
        let data = data_folder(dir, &globals.environment);
        let backend = configured(dir, &data, root.map(|root| &root.settings))?;
        let seals = Box::pin(encryption::seals(dir, root, globals)).await?;
        let mut home = Box::pin(Home::open(dir, backend.as_ref(), globals)).await?;
        home.seal.clone_from(&seals.state);
        let overridden = globals.environment.get("TF_WORKSPACE").map(str::to_owned);
        Ok(Self { data, home, backend, seals, overridden, recalled: None })
    }

    /// The same when the files cannot say where the state is, since they are broken or gone: it is where it was used
    /// last. Nothing is remembered then: what was remembered stays what the files said.
    pub(super) async fn of_lost_files(
        dir: Option<&Path>,
        root: Option<&ModuleBody>,
        globals: &Globals,
    ) -> Result<Self, Report> {
        let says = root.is_some_and(|root| root.settings.backend.is_some());
        let folder = dir.unwrap_or(Path::new(""));
        let remembered = if says { None } else { memory::read(&data_folder(folder, &globals.environment))? };
        let Some(before) = remembered else { return Self::of(dir, root, globals).await };
        let backend = before.backend(None)?;
        globals.say(&format!("The state is looked for where it was used last: backend \"{}\".", before.kind));
        let seals = Box::pin(encryption::seals(folder, root, globals)).await?;
        let mut home = Box::pin(Home::open(folder, Some(&backend), globals)).await?;
        home.seal.clone_from(&seals.state);
        let recalled = Some(before.text());
        Ok(Self { home, seals, recalled, ..Self::without_backend(dir, globals).await? })
    }

    /// The same without looking at any backend: for what needs no state.
    pub(super) async fn without_backend(dir: Option<&Path>, globals: &Globals) -> Result<Self, Report> {
        let dir = dir.unwrap_or(Path::new(""));
        let data = data_folder(dir, &globals.environment);
        let home = Box::pin(Home::open(dir, None, globals)).await?;
        let overridden = globals.environment.get("TF_WORKSPACE").map(str::to_owned);
        Ok(Self { data, home, backend: None, seals: Seals::default(), overridden, recalled: None })
    }

    /// The same, for commands that read nothing else of the stack's files than where the state is.
    pub(super) async fn find(dir: Option<&Path>, globals: &Globals) -> Result<Self, Failure> {
        let loaded = lang::load_root(dir.unwrap_or(Path::new(".")));
        // A block that cannot be read might be the one that says where the state is.
        let is_doubtful = |problem: &Diagnostic| problem.is_error() && !lang::version::is_about_version(problem);
        if loaded.report.0.iter().any(is_doubtful) {
            return Err(Failure { report: loaded.report, sources: loaded.sources });
        }
        let root = loaded.config.root().map(|root| &*root.body);
        let place = Self::of(dir, root, globals).await;
        let place = place.map_err(|report| Failure { report, sources: loaded.sources.clone() })?;
        globals.warn(&place.warnings(), &loaded.sources);
        Ok(place)
    }

    /// The backend block that is remembered, where the files are lost that had it.
    pub(super) fn recalled(&self) -> &str {
        self.recalled.as_deref().unwrap_or_default()
    }

    /// What should be written otherwise in the backend block.
    pub(super) fn warnings(&self) -> Report {
        self.backend.as_ref().map(|backend| backend.warnings.clone()).unwrap_or_default()
    }

    /// The envelope around saved plans.
    pub(super) fn plan_seal(&self) -> Option<&SharedSeal> {
        self.seals.plan.as_ref()
    }

    /// The envelope around state files that are named instead of the stack's own.
    pub(super) fn state_seal(&self) -> Option<SharedSeal> {
        self.seals.state.clone()
    }

    /// Envelopes around the states of other stacks.
    pub(super) fn others(&self) -> OtherStates {
        self.seals.others.clone()
    }

    /// Remembers the backend, now that it was used.
    pub(super) fn remember(&self) -> Result<(), Diagnostic> {
        if self.backend.is_some() { memory::write(&self.data, self.backend.as_ref()) } else { Ok(()) }
    }

    /// The data folder, which need not exist.
    pub(super) fn data(&self) -> &Path {
        &self.data
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

    /// Refuses to take files that are named for the state where it is kept in a bucket: what exists would be made a second
    /// time, or not be found, and a bucket makes no backups.
    pub(super) fn refuse_files(&self, state: Option<&Path>, backup: Option<&Path>) -> Result<(), Diagnostic> {
        let backup = backup.filter(|file| file.as_os_str() != "-");
        match (state, backup) {
            _ if self.home.is_in_files() => Ok(()),
            (Some(file), _) => Err(no_state_file(file)),
            (None, Some(_)) => Err(no_backup()),
            (None, None) => Ok(()),
        }
    }

    /// State of the workspace that is selected.
    pub(super) fn store(&self) -> Result<Store, Report> {
        Ok(self.store_of(&self.workspace()?))
    }

    /// State of a workspace.
    pub(super) fn store_of(&self, workspace: &str) -> Store {
        self.home.store(workspace)
    }

    /// All workspaces: the default one, then the others by name.
    pub(super) async fn all(&self) -> Result<Vec<String>, Diagnostic> {
        self.home.all().await
    }

    /// Makes a workspace without objects. What was used is to be [remembered](Self::remember) then.
    pub(super) async fn create(&self, workspace: &str, lock: &LockArgs, globals: &Globals) -> Result<(), Diagnostic> {
        self.home.create(workspace, lock, globals).await
    }

    /// Removes a workspace with everything in it. The store is its state, locked.
    pub(super) async fn delete(&self, workspace: &str, store: &mut Store) -> Result<(), Diagnostic> {
        self.home.delete(workspace, store).await
    }

    /// Makes a workspace the selected one.
    pub(super) fn select(&self, workspace: &str) -> Result<(), Diagnostic> {
        let path = self.selection();
        let written =
            std::fs::create_dir_all(&self.data).and_then(|()| atomic::replace(&path, workspace.as_bytes(), 0o644));
        written.map_err(|error| {
            let why = Reason::of(&error);
            let text = format!(
                "{} remembers which workspace is selected, and cannot be written: {}. The one that was selected before still is.",
                path.display(),
                why.text
            );
            Diagnostic::error("Error selecting workspace", text).help(why.help)
        })
    }

    fn selection(&self) -> PathBuf {
        self.data.join("environment")
    }
}

/// What the `backend` block says, if there is one; it must be one that glaz can keep states in.
/// The backend of the stack: what its block says, and what `init` was told beside it. It must be the one that was used
/// last.
fn configured(dir: &Path, data: &Path, settings: Option<&Settings>) -> Result<Option<Backend>, Report> {
    let remembered = memory::read(data)?;
    let Some(block) = settings.and_then(|settings| settings.backend.as_ref()) else {
        return match remembered {
            Some(before) if before.kind != "local" || !before.arguments().is_empty() => {
                let text = format!("The backend \"{}\" was used last, and there is no backend block now.", before.kind);
                Err(changed(&text).into())
            }
            _ => Ok(None),
        };
    };
    let in_block: BTreeSet<Arc<str>> = block.body.attributes.iter().map(|one| one.name.clone()).collect();
    let same_kind =
        remembered.as_ref().filter(|before| block.labels.first().is_some_and(|label| *label.text == *before.kind));
    let given = same_kind.map(|before| before.given(&in_block)).unwrap_or_default();
    let backend =
        backend::read(block, &given).map_err(|report| Report(report.0.into_iter().map(unusable).collect()))?;
    match remembered {
        Some(before) => match before.difference(&backend) {
            Some(what) => {
                let text = format!("The backend is another one than was used last: {what}.");
                Err(changed(&text).at(backend.span).into())
            }
            None => Ok(Some(backend)),
        },
        None => match left_behind(dir, &backend) {
            Some(path) => Err(unmoved(&path).at(backend.span).into()),
            None => Ok(Some(backend)),
        },
    }
}

/// A state file beside the stack, of any workspace, from before it had the backend block; or the journal of a run that was
/// interrupted before there was one.
pub(super) fn left_behind(dir: &Path, backend: &Backend) -> Option<PathBuf> {
    const WORKSPACES: &str = "terraform.tfstate.d";
    let is_local = &*backend.kind == "local";
    let is_own = |path: &Path, argument: &str| {
        let own = backend.text(argument).map_or_else(|| path.to_owned(), |own| dir.join(own));
        is_local && (own == path || std::fs::canonicalize(own).ok() == std::fs::canonicalize(path).ok())
    };
    let is_filled = |path: &PathBuf| path.metadata().is_ok_and(|file| file.is_file() && file.len() > 0);
    let state_or_journal = |state: PathBuf| {
        let journal = LocalStore::open(&state).journal_path();
        [state, journal].into_iter().find(is_filled)
    };
    let (state, workspaces) = (dir.join("terraform.tfstate"), dir.join(WORKSPACES));
    let of_default = Some(state).filter(|path| !is_own(path, "path"));
    let of_others = Some(workspaces).filter(|path| !is_own(path, "workspace_dir"));
    let of_others = of_others.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let mut of_others: Vec<PathBuf> = of_others.map(|one| one.path().join("terraform.tfstate")).collect();
    of_others.sort();
    of_default.into_iter().chain(of_others).find_map(state_or_journal)
}

fn changed(what: &str) -> Diagnostic {
    let text = format!(
        "{what} Going on would start from another state, or from none, and make everything a second time. Nothing was read or changed."
    );
    Diagnostic::error(HAS_CHANGED, text).help(MOVE)
}

fn unmoved(path: &Path) -> Diagnostic {
    let is_journal = path.extension().is_some_and(|extension| extension == "journal");
    let what = if is_journal { "what an interrupted run made is known only to" } else { "its state is still in" };
    let text = format!(
        "The stack has a backend block now, and {what} {}. Going on would start from another state, or from none, and make everything a second time. Nothing was read or changed.",
        path.display()
    );
    Diagnostic::error(HAS_CHANGED, text).help(MOVE)
}

fn no_state_file(file: &Path) -> Diagnostic {
    let file = file.display();
    let text = format!(
        "The backend keeps the state of this stack in a bucket, and {file} would be taken in its place: what the stack has would be made a second time, or not be found. Nothing was read or changed. Leave -state out to use the state of the stack. To keep it in a file from now on, take the backend block out and run `glaz init -migrate-state`. To look into a file:\n\n    glaz show {file}"
    );
    Diagnostic::error("Invalid command line options: -state", text)
}

fn no_backup() -> Diagnostic {
    let text = "The backend keeps the state of this stack in a bucket, and -backup is for state files alone. Nothing was read or changed. Leave it out: a bucket with versioning has the state as it was. For a copy in a file, run `glaz state pull` first.";
    Diagnostic::error("Invalid command line options: -backup", text)
}

const MOVE: &str = "To move the states to where the block says:\n\n    glaz init -migrate-state\n\nTo go on with the states that are there already, and leave the others alone:\n\n    glaz init -reconfigure";

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
