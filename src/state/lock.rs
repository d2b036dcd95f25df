//! The lock on a local state: a POSIX write lock on the state file itself, as Terraform takes it.
//!
//! Only the lock of the operating system counts; `.terraform.tfstate.lock.info` beside it tells others who holds it.
//! `flock` would not do: Terraform ignores it.
//!
//! Two properties of these locks shape the code. They belong to the *process* and all of them on a file vanish when
//! the process closes *any* handle on that file: while the lock is held, the state is read through the lock's own
//! handle only (`Lock::read`). And they belong to the *inode*, which renaming a new file over the state would
//! exchange: a Terraform that waits (`-lock-timeout`) opened the old inode, would get the lock on a file without a
//! name when we finish, read an old state there and write its own into nowhere. So `Lock::replace` renames the new
//! file over the state (from then on a crash is harmless), then brings the old inode up to date out of sight, and
//! renames it back: in the end the name stands for the inode that everybody waits for. A Terraform that starts
//! to wait in the instant between the two renames would still lose; the new inode is locked as well, so one that
//! does not wait is refused at any time.
//!
//! Checked by hand against Terraform 1.11.4: it is refused with our lock info while we hold the lock; with
//! `-lock-timeout=60s` it goes on after our write and sees what was written; and we are refused while it holds it.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::fs::{FlockOperation, fcntl_lock};
use serde::{Deserialize, Serialize};

use super::store::atomic::{self, Reason, STATE_MODE};
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;

/// Time between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// Who holds a lock and since when, in Terraform's form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LockInfo {
    /// Identity of this lock.
    #[serde(rename = "ID")]
    pub id: String,
    /// What is being done, such as `OperationTypeApply`.
    pub operation: String,
    /// Anything else.
    pub info: String,
    /// `user@host`.
    pub who: String,
    /// Version of the program that holds it.
    pub version: String,
    /// Since when, RFC 3339.
    pub created: String,
    /// The state.
    pub path: String,
    /// Until when it holds, unless it is renewed. None for a lock that holds until it is released, as Terraform's do;
    /// Terraform passes over this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease: Option<LeaseInfo>,
}

/// Until when a lock holds, and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LeaseInfo {
    /// When others may take the lock over, RFC 3339. Renewed long before.
    pub expires: String,
    /// The command line's command, such as `apply`.
    pub command: String,
    /// The process.
    #[serde(flatten)]
    pub process: Process,
}

/// A process, so that others on the same machine can tell whether it still runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// What only processes that see each other's numbers share; empty when that cannot be told.
    pub machine: String,
    /// When it started, in the machine's own units: numbers are used again.
    pub started: String,
}

impl LockInfo {
    /// What it says, for people: a line each, indented.
    pub fn lines(&self) -> String {
        let Self { who, operation, created, version, id, info, lease, .. } = self;
        let mut lines = format!(
            "  Who:       {who}\n  Operation: {operation}\n  Since:     {created}\n  Version:   {version}\n  ID:        {id}"
        );
        if let Some(lease) = lease {
            lines.push_str(&format!("\n  Process:   {} ({})", lease.process.pid, lease.command));
            lines.push_str(&format!("\n  Expires:   {}, unless it is renewed", lease.expires));
        }
        if !info.is_empty() {
            lines.push_str("\n  Info:      ");
            lines.push_str(info);
        }
        lines
    }
}

/// Who holds the lock on a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// Somebody who does not say who it is.
    Unnamed,
    /// Somebody.
    Named(Box<LockInfo>),
}

/// What a lock is wanted for.
#[derive(Clone, Debug)]
pub struct LockRequest {
    /// What is being done, such as `OperationTypeApply`.
    pub operation: String,
    /// Anything else worth telling.
    pub info: String,
    /// `user@host`.
    pub who: String,
    /// How long to try; zero fails at once.
    pub timeout: Duration,
    /// The command line's command, such as `apply`.
    pub command: String,
    /// This process.
    pub process: Process,
}

impl LockRequest {
    /// What others are told, with an identity of its own.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub(super) fn info(&self, path: &str, clock: &Clock) -> Result<LockInfo, getrandom::Error> {
        let mut id = [0; 16];
        clock.random(&mut id)?;
        Ok(LockInfo {
            id: uuid::Builder::from_random_bytes(id).into_uuid().to_string(),
            operation: self.operation.clone(),
            info: self.info.clone(),
            who: self.who.clone(),
            version: concat!("glaz ", env!("CARGO_PKG_VERSION")).to_owned(),
            created: timestamp(clock.now()),
            path: path.to_owned(),
            lease: None,
        })
    }
}

/// RFC 3339.
pub(super) fn timestamp(time: Duration) -> String {
    let time = jiff::SignedDuration::try_from(time).ok();
    time.and_then(|time| jiff::Timestamp::from_duration(time).ok()).unwrap_or_default().to_string()
}

/// A lock that is held. Dropping it releases it.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
    /// Inodes that had the name for an instant: closed (and so unlocked) together with the lock.
    passed: Vec<File>,
    info: LockInfo,
    traces: Arc<Traces>,
}

/// What a lock on a file leaves in its folder while it is held.
#[derive(Debug)]
pub(super) struct Traces {
    path: PathBuf,
    /// The state file did not exist before.
    made: bool,
    is_gone: AtomicBool,
}

impl Traces {
    /// Removes them, once: by then somebody else may hold the lock.
    pub(super) fn remove(&self) {
        if self.is_gone.swap(true, Ordering::AcqRel) {
            return;
        }
        let _ = std::fs::remove_file(info_path(&self.path));
        // As Terraform does: locking made an empty file, nothing was written, it goes again.
        if self.made && self.path.metadata().is_ok_and(|file| file.len() == 0) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

enum Attempt {
    Held(File, bool),
    Busy,
    Replaced,
}

impl Lock {
    /// Takes the lock on the state file, which is made when it does not exist. `shown` is its name in messages.
    pub async fn take(path: &Path, shown: &str, request: &LockRequest, clock: &Clock) -> Result<Self, Diagnostic> {
        let start = clock.now();
        loop {
            match attempt(path).map_err(|error| cannot(shown, &error))? {
                Attempt::Held(file, made) => return Self::announce(path, shown, file, made, request, clock),
                Attempt::Replaced => {}
                Attempt::Busy => {
                    let waited = clock.now().saturating_sub(start);
                    let Some(left) = request.timeout.checked_sub(waited).filter(|left| !left.is_zero()) else {
                        return Err(busy(path, shown, request.timeout));
                    };
                    clock.sleep(left.min(PAUSE)).await;
                }
            }
        }
    }

    fn announce(
        path: &Path,
        shown: &str,
        file: File,
        made: bool,
        request: &LockRequest,
        clock: &Clock,
    ) -> Result<Self, Diagnostic> {
        let info = request.info(shown, clock);
        let info = info.map_err(|error| cannot(shown, &io::Error::other(error.to_string())))?;
        let traces = Arc::new(Traces { path: path.to_owned(), made, is_gone: AtomicBool::new(false) });
        let lock = Self { path: path.to_owned(), file, passed: Vec::new(), info, traces };
        let text = serde_json::to_vec(&lock.info).map_err(|error| cannot(shown, &error.into()))?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(info_path(path)).and_then(|mut file| file.write_all(&text));
        written.map_err(|error| cannot(shown, &error))?;
        Ok(lock)
    }

    /// What it leaves in the folder of the state while it is held.
    pub(super) fn traces(&self) -> &Arc<Traces> {
        &self.traces
    }

    /// What others are told.
    pub fn info(&self) -> &LockInfo {
        &self.info
    }

    /// The state file from its start, through the handle that holds the lock.
    pub(super) fn file(&self) -> io::Result<&File> {
        (&self.file).rewind()?;
        Ok(&self.file)
    }

    /// Replaces the state file; the name stands for the same inode before and after. On an error the old content is
    /// intact.
    pub(super) fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        let new = atomic::beside(&self.path, STATE_MODE, |file| {
            fcntl_lock(&*file, FlockOperation::NonBlockingLockExclusive)?;
            file.write_all(bytes)
        })?;
        let spare = beside(&self.path, ".live");
        let _ = std::fs::remove_file(&spare); // of a run that was killed
        let linked = std::fs::hard_link(&self.path, &spare).is_ok();
        let new = new.persist(&self.path).map_err(|error| {
            let _ = std::fs::remove_file(&spare);
            error.error
        })?;
        let synced = atomic::sync_folder(&self.path);
        if linked && self.rewrite(bytes).is_ok() && std::fs::rename(&spare, &self.path).is_ok() {
            self.passed.push(new);
            return synced.and_then(|()| atomic::sync_folder(&self.path));
        }
        // No hard links here, or no space for both: the name goes over to the new inode for good.
        let _ = std::fs::remove_file(&spare);
        self.passed.push(std::mem::replace(&mut self.file, new));
        synced
    }

    /// Brings the inode that holds the lock up to date, while it is not the state.
    fn rewrite(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.file).rewind()?;
        (&self.file).write_all(bytes)?;
        self.file.set_len(bytes.len() as u64)?;
        self.file.sync_all()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.traces.remove();
    }
}

fn attempt(path: &Path) -> io::Result<Attempt> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(STATE_MODE);
    let (file, made) = match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (options.open(path), false),
        other => (other, true),
    };
    let file = match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !made => return Ok(Attempt::Replaced),
        other => other?,
    };
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => return Ok(Attempt::Busy),
        other => other?,
    }
    // Whoever held it before may have put another file in its place, or have removed it.
    let (ours, named) = (file.metadata()?, path.metadata());
    let same = named.is_ok_and(|named| (named.dev(), named.ino()) == (ours.dev(), ours.ino()));
    Ok(if same { Attempt::Held(file, made) } else { Attempt::Replaced })
}

/// Who holds the lock on the state file. Must not be asked by whoever holds it: looking would release it.
///
/// # Errors
/// The file is there and cannot be opened.
pub fn holder_of(path: &Path) -> io::Result<Holder> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Holder::Nobody),
        other => other?,
    };
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Holder::Nobody),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
            Ok(holder(path).map_or(Holder::Unnamed, |info| Holder::Named(Box::new(info))))
        }
        Err(error) => Err(error.into()),
    }
}

/// What the holder of the lock says about itself, if it says so. May be left over from a run that was killed.
pub fn holder(path: &Path) -> Option<LockInfo> {
    serde_json::from_slice(&std::fs::read(info_path(path)).ok()?).ok()
}

fn info_path(path: &Path) -> PathBuf {
    beside(path, ".lock.info")
}

/// `.terraform.tfstate` with an ending, in the folder of the state.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(ending);
    path.with_file_name(name)
}

fn busy(path: &Path, shown: &str, waited: Duration) -> Diagnostic {
    use std::fmt::Write as _;
    let mut detail = format!("Somebody else is working with {shown}");
    if !waited.is_zero() {
        let _ = write!(detail, ", and was not done after {} seconds", waited.as_secs_f64());
    }
    detail.push_str(". Nothing was changed.");
    if let Some(info) = holder(path) {
        let _ = write!(detail, "\n\n{}", info.lines());
    }
    Diagnostic::error("The state is locked", detail)
        .help("Wait until it is done, or let glaz wait with -lock-timeout=10m. When that process ends, its lock ends with it.")
}

fn cannot(shown: &str, error: &io::Error) -> Diagnostic {
    let why = if Reason::is_of_disk(error) {
        Reason::of(error)
    } else {
        Reason { text: error.to_string().into(), help: "Check the path and its permissions." }
    };
    let text = format!(
        "To lock {shown}, glaz must be able to write it and the folder it is in: {}. Nothing was changed.",
        why.text
    );
    let help = format!("{} To only look at things without a lock, use -lock=false.", why.help);
    Diagnostic::error("The state cannot be locked", text).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_matter_of_permissions() {
        let help = |kind: io::ErrorKind| cannot("terraform.tfstate", &kind.into()).help.unwrap_or_default();
        assert!(help(io::ErrorKind::StorageFull).starts_with("Free some space"));
        assert!(help(io::ErrorKind::PermissionDenied).starts_with("Check the path and its permissions."));
    }
}
