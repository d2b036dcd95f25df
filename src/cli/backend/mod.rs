//! Where the states of a stack are kept: files, or a bucket. Opens what the backend block says.

pub(super) mod memory;
pub(super) mod migrate;

use std::path::{Path, PathBuf};

use super::Globals;
use super::place::DEFAULT;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::backend::Backend;
use crate::state::bucket::Made;
use crate::state::seal::SharedSeal;
use crate::state::store::{LocalStore, Remote, RemoteStore};
use crate::state::{self, State, Store};
use crate::value::Value;

/// Where all workspaces of a stack have their states.
#[derive(Clone, Debug)]
pub(super) struct Home {
    medium: Medium,
    /// The envelope around them.
    pub(super) seal: Option<SharedSeal>,
}

#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "s3"), allow(dead_code))] // without the services there are no buckets
enum Medium {
    Files {
        /// State of the default workspace.
        state: PathBuf,
        /// Folder of the other workspaces.
        workspaces: PathBuf,
    },
    #[cfg_attr(not(feature = "s3"), allow(dead_code))] // a backend in a bucket is refused
    Bucket {
        remote: Remote,
        key: String,
        /// What the keys of the other workspaces begin with; may be empty.
        prefix: String,
        /// Which storage the bucket is of, and its name there.
        address: Option<String>,
    },
}

impl Home {
    /// The home that a backend block says; files beside the stack without one.
    pub(super) async fn open(dir: &Path, backend: Option<&Backend>, globals: &Globals) -> Result<Self, Report> {
        let medium = match backend {
            Some(backend) if &*backend.kind == "s3" => bucket(backend, globals).await?,
            _ => {
                let below = |name: &str, otherwise: &str| {
                    dir.join(backend.and_then(|backend| backend.text(name)).unwrap_or(otherwise))
                };
                Medium::Files {
                    state: below("path", "terraform.tfstate"),
                    workspaces: below("workspace_dir", "terraform.tfstate.d"),
                }
            }
        };
        Ok(Self { medium, seal: None })
    }

    /// State of a workspace.
    pub(super) fn store(&self, workspace: &str) -> Store {
        let store: Store = match &self.medium {
            Medium::Files { state, workspaces } => LocalStore::open(&file(state, workspaces, workspace)).into(),
            Medium::Bucket { remote, key, prefix, .. } => {
                RemoteStore::open(remote, &key_of(key, prefix, workspace)).into()
            }
        };
        store.sealed(self.seal.clone())
    }

    /// The file of a workspace, when states are files.
    pub(super) fn file(&self, workspace: &str) -> Option<PathBuf> {
        match &self.medium {
            Medium::Files { state, workspaces } => Some(file(state, workspaces, workspace)),
            Medium::Bucket { .. } => None,
        }
    }

    /// Whether states are files.
    pub(super) fn is_in_files(&self) -> bool {
        matches!(self.medium, Medium::Files { .. })
    }

    /// Whether a workspace has its state in the same place there.
    pub(super) fn is_same(&self, other: &Self, workspace: &str) -> bool {
        match (&self.medium, &other.medium) {
            (Medium::Files { state, workspaces }, Medium::Files { state: there, workspaces: others }) => {
                let (here, there) = (file(state, workspaces, workspace), file(there, others, workspace));
                let real = std::fs::canonicalize(&here).ok();
                here == there || real.is_some() && real == std::fs::canonicalize(there).ok()
            }
            (
                Medium::Bucket { remote, key, prefix, address },
                Medium::Bucket { remote: there, key: other_key, prefix: other_prefix, address: other },
            ) => {
                remote.bucket.name() == there.bucket.name()
                    && address == other
                    && key_of(key, prefix, workspace) == key_of(other_key, other_prefix, workspace)
            }
            _ => false,
        }
    }

    /// Makes the bucket unless it is there. None where states are files.
    pub(super) async fn make_bucket(&self) -> Result<Option<Made>, Diagnostic> {
        let Medium::Bucket { remote, .. } = &self.medium else { return Ok(None) };
        let name = remote.bucket.name();
        let made = remote.bucket.make().await;
        let what =
            format!("The bucket {name} could not be made as it is to be: encrypted, versioned, closed to the public");
        made.map(Some).map_err(|refused| refused.problem("The bucket of the state cannot be made", &what))
    }

    /// All workspaces: the default one, then the others by name.
    pub(super) async fn all(&self) -> Result<Vec<String>, Diagnostic> {
        let mut names = match &self.medium {
            Medium::Files { workspaces, .. } => folders(workspaces)?,
            Medium::Bucket { remote, key, prefix, .. } => objects(remote, key, prefix).await?,
        };
        names.retain(|name| name != DEFAULT);
        names.sort();
        names.dedup();
        names.insert(0, DEFAULT.to_owned());
        Ok(names)
    }

    /// Makes a workspace without objects. In a bucket it is there once it has a state, so it gets an empty one, unless
    /// the journal of a run that was interrupted says that there is one.
    pub(super) async fn create(
        &self,
        workspace: &str,
        locking: &super::stack::LockArgs,
        globals: &Globals,
    ) -> Result<(), Diagnostic> {
        match &self.medium {
            Medium::Files { workspaces, .. } => {
                let folder = workspaces.join(workspace);
                std::fs::create_dir_all(&folder).map_err(|error| {
                    let text = format!("The folder of the workspace, {}, cannot be made: {error}.", folder.display());
                    Diagnostic::error("Failed to create workspace", text)
                })
            }
            Medium::Bucket { .. } => {
                let (mut store, clock) = (self.store(workspace), globals.environment.clock());
                locking.take(&mut store, globals, "init").await?;
                if !state::load(&mut store, &clock).await?.exists {
                    store.write(&State::fresh(&clock)?, &clock).await?;
                }
                store.unlock().await
            }
        }
    }

    /// Removes a workspace with everything in it. The store is its state, locked.
    pub(super) async fn delete(&self, workspace: &str, store: &mut Store) -> Result<(), Diagnostic> {
        store.delete().await?;
        let Medium::Files { workspaces, .. } = &self.medium else { return Ok(()) };
        let folder = workspaces.join(workspace);
        std::fs::remove_dir_all(&folder).map_err(|error| {
            let text = format!("The folder {} cannot be removed: {error}.", folder.display());
            Diagnostic::error("Failed to delete workspace", text)
        })
    }
}

/// Terraform's file of a workspace's state.
fn file(state: &Path, workspaces: &Path, workspace: &str) -> PathBuf {
    match workspace {
        DEFAULT => state.to_owned(),
        _ => workspaces.join(workspace).join("terraform.tfstate"),
    }
}

/// Terraform's key of a workspace's state.
fn key_of(key: &str, prefix: &str, workspace: &str) -> String {
    match (workspace, prefix) {
        (DEFAULT, _) => key.to_owned(),
        (_, "") => format!("{workspace}/{key}"),
        _ => format!("{prefix}/{workspace}/{key}"),
    }
}

/// The workspace whose state has this key, or whose journal has it: an interrupted first run left that alone.
fn workspace_of<'a>(found: &'a str, key: &str, prefix: &str) -> Option<&'a str> {
    let rest = if prefix.is_empty() { found } else { found.strip_prefix(prefix)?.strip_prefix('/')? };
    let (workspace, own) = rest.split_once('/')?;
    let is_of_it = own.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(".journal/"));
    (is_of_it && !workspace.is_empty()).then_some(workspace)
}

fn folders(workspaces: &Path) -> Result<Vec<String>, Diagnostic> {
    let cannot = |error: std::io::Error| {
        let text = format!("The folder of the workspaces, {}, cannot be read: {error}.", workspaces.display());
        Diagnostic::error("Failed to list workspaces", text)
    };
    let entries = match std::fs::read_dir(workspaces) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
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
    Ok(names)
}

async fn objects(remote: &Remote, key: &str, prefix: &str) -> Result<Vec<String>, Diagnostic> {
    use crate::state::bucket::Reason;
    let below = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    let found = match remote.bucket.list(&below).await {
        // As Terraform: who may not list has the default workspace alone.
        Err(refused) if refused.reason == Reason::Denied && prefix == PREFIX => return Ok(Vec::new()),
        Err(refused) if refused.reason == Reason::Missing => {
            return Err(crate::state::store::remote::no_bucket(remote.bucket.name(), refused));
        }
        other => other.map_err(|refused| {
            let what = format!("The objects of the bucket {} below \"{below}\" cannot be listed", remote.bucket.name());
            refused.problem("Failed to list workspaces", &what)
        })?,
    };
    Ok(found.iter().filter_map(|found| workspace_of(found, key, prefix)).map(str::to_owned).collect())
}

/// What keys of workspaces begin with, unless the block says otherwise.
const PREFIX: &str = "env:";

#[cfg(feature = "s3")]
async fn bucket(backend: &Backend, globals: &Globals) -> Result<Medium, Report> {
    let config = Value::object(backend.arguments.clone());
    let around = globals.environment.surroundings();
    let opened = Box::pin(crate::aws::backend::open(&config, &around)).await;
    let opened = opened.map_err(|error| {
        let summary = error.summary.unwrap_or("Error configuring S3 Backend");
        let text = if error.summary.is_some() { error.message.clone() } else { error.to_string() };
        Diagnostic::error(summary, text).at(backend.span)
    })?;
    let text = |name: &str| backend.arguments.get(name).and_then(Value::as_str).map(str::to_owned);
    let has_lock_file = backend.arguments.get("use_lockfile").and_then(Value::as_bool) == Some(true);
    Ok(Medium::Bucket {
        remote: Remote { bucket: opened.bucket, table: opened.table, has_lock_file, leases: globals.leases.clone() },
        key: text("key").unwrap_or_default(),
        prefix: text("workspace_key_prefix").unwrap_or_else(|| PREFIX.to_owned()),
        address: opened.address,
    })
}

#[cfg(not(feature = "s3"))]
#[allow(clippy::unused_async)] // with the feature it waits
async fn bucket(backend: &Backend, _: &Globals) -> Result<Medium, Report> {
    let text = "This glaz was compiled without the feature `s3`: it cannot keep states in buckets. Nothing was read or changed.";
    Err(Diagnostic::error("Backend is not supported", text).at(backend.span).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_terraform() {
        assert_eq!(key_of("a/state", PREFIX, DEFAULT), "a/state");
        assert_eq!(key_of("a/state", PREFIX, "eu"), "env:/eu/a/state");
        assert_eq!(key_of("a/state", "", "eu"), "eu/a/state");
        assert_eq!(key_of("a/state", "x/y", "eu"), "x/y/eu/a/state");
    }

    #[test]
    fn nothing_but_states_and_journals_makes_a_workspace() {
        let of = |found| workspace_of(found, "a/state", PREFIX);
        assert_eq!(of("env:/eu/a/state"), Some("eu"));
        assert_eq!(of("env:/eu/a/state.journal/00000001/0000000001"), Some("eu"));
        for other in [
            "a/state",
            "env:/eu/a/state.tflock",
            "env:/eu/a/state.journal.1767225600/00000001/0000000001",
            "a/state.journal/00000001/0000000001",
            "env:/eu/b/state",
            "env:/a/state",
            "env://a/state",
            "xenv:/eu/a/state",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(workspace_of("eu/a/state", "a/state", ""), Some("eu"));
        assert_eq!(workspace_of("state.journal/00000001/0000000001", "state", ""), None);
    }
}
