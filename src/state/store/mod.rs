//! Where states are kept: [`local`] in a file, [`remote`] in a bucket. [`Store`] is whichever a stack has.

pub mod atomic;
mod content;
mod lease;
pub mod local;
pub mod remote;
mod slot;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::State;
use super::journal::Location;
use super::lock::{Holder, LockRequest, Traces};
use super::seal::SharedSeal;
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;

pub use content::Prepared;
pub(in crate::state) use content::{digest, following};
pub use lease::{LOST, Leases, Watch, started};
pub use local::LocalStore;
pub use remote::{Remote, RemoteStore};

/// A state, wherever it is kept.
#[derive(Debug)]
pub struct Store {
    medium: Medium,
    seal: Option<SharedSeal>,
}

#[derive(Debug)]
enum Medium {
    File(Box<LocalStore>),
    Bucket(Box<RemoteStore>),
}

impl From<LocalStore> for Store {
    fn from(store: LocalStore) -> Self {
        Self { medium: Medium::File(Box::new(store)), seal: None }
    }
}

impl From<RemoteStore> for Store {
    fn from(store: RemoteStore) -> Self {
        Self { medium: Medium::Bucket(Box::new(store)), seal: None }
    }
}

impl Store {
    /// The state in the file `path`, which need not exist.
    pub fn file(path: &Path) -> Self {
        LocalStore::open(path).into()
    }

    /// The same store, whose content is in envelopes.
    #[must_use]
    pub fn sealed(self, seal: Option<SharedSeal>) -> Self {
        Self { seal, ..self }
    }

    /// The name of the state in messages.
    pub fn shown(&self) -> &str {
        match &self.medium {
            Medium::File(file) => file.shown(),
            Medium::Bucket(remote) => remote.shown(),
        }
    }

    /// Whether somebody else has to answer before it is written: a bucket, or the service that has the key of its envelope.
    pub fn is_remote(&self) -> bool {
        matches!(self.medium, Medium::Bucket(_)) || self.seal.is_some()
    }

    /// Whether it is in a bucket: the same from whichever folder it is looked at.
    pub fn is_in_bucket(&self) -> bool {
        matches!(self.medium, Medium::Bucket(_))
    }

    /// Where the journal of a run stands.
    pub fn journal(&self) -> Location {
        match &self.medium {
            Medium::File(file) => Location::in_file(&file.journal_path(), self.seal.clone()),
            Medium::Bucket(remote) => remote.journal(self.seal.clone()),
        }
    }

    /// Keeps the backup of a file elsewhere, or none; where it would have been kept. A bucket keeps versions instead.
    pub fn backup_to(&mut self, path: Option<PathBuf>) -> Option<PathBuf> {
        match &mut self.medium {
            Medium::File(file) => file.backup_to(path),
            Medium::Bucket(_) => None,
        }
    }

    /// A name for a backup of a file that is kept for good; none for a bucket.
    pub fn dated_backup(&self, clock: &Clock) -> Option<PathBuf> {
        match &self.medium {
            Medium::File(file) => Some(file.dated_backup(clock)),
            Medium::Bucket(_) => None,
        }
    }

    /// Whether the state is in this file.
    pub fn is_of(&self, path: &Path) -> bool {
        matches!(&self.medium, Medium::File(file) if file.is_of(path))
    }

    /// Takes the lock; it is released by [`unlock`](Self::unlock), or when the process ends ([`Leases::release`]).
    pub async fn lock(&mut self, request: &LockRequest, clock: &Clock) -> Result<(), Diagnostic> {
        match &mut self.medium {
            Medium::File(file) => file.lock(request, clock).await,
            Medium::Bucket(remote) => remote.lock(request, clock).await,
        }
    }

    /// What the lock on a file leaves in its folder while it is held.
    fn traces(&self) -> Option<Arc<Traces>> {
        match &self.medium {
            Medium::File(file) => file.traces(),
            Medium::Bucket(_) => None,
        }
    }

    /// Releases the lock.
    pub async fn unlock(&mut self) -> Result<(), Diagnostic> {
        match &mut self.medium {
            Medium::File(file) => {
                file.unlock();
                Ok(())
            }
            Medium::Bucket(remote) => remote.unlock().await,
        }
    }

    /// Tells when a lock is lost that others can take away; none for one that nobody can, and without lock.
    pub fn watch(&self) -> Option<Watch> {
        match &self.medium {
            Medium::File(_) => None,
            Medium::Bucket(remote) => remote.watch(),
        }
    }

    /// Fails when the lock that was taken is not held any more: looks.
    pub async fn check_lock(&self) -> Result<(), Diagnostic> {
        match &self.medium {
            Medium::File(_) => Ok(()),
            Medium::Bucket(remote) => remote.check_lock().await,
        }
    }

    /// Who holds the lock. Must not be asked by whoever holds it.
    pub async fn holder(&self) -> Result<Holder, Diagnostic> {
        match &self.medium {
            Medium::File(file) => file.holder(),
            Medium::Bucket(remote) => remote.holder().await,
        }
    }

    /// Whether a lock can outlive the process that took it.
    pub fn can_be_forced(&self) -> bool {
        matches!(&self.medium, Medium::Bucket(remote) if remote.can_lock())
    }

    /// Whether the state is in a file.
    pub fn is_file(&self) -> bool {
        matches!(self.medium, Medium::File(_))
    }

    /// Releases a lock that somebody else left, when this is its identity.
    pub async fn force_unlock(&self, id: &str) -> Result<(), Diagnostic> {
        match &self.medium {
            Medium::File(_) => Err(Diagnostic::bug("The lock of a file was to be forced")),
            Medium::Bucket(remote) => remote.force_unlock(id).await,
        }
    }

    /// Reads the state; none when there is none.
    pub async fn read(&mut self, clock: &Clock) -> Result<Option<State>, Diagnostic> {
        match &mut self.medium {
            Medium::File(file) => file.open_with(self.seal.as_ref()).await,
            Medium::Bucket(remote) => remote.read(self.seal.as_ref(), clock).await,
        }
    }

    /// Gets what is needed to write, so that no later write fails for want of it.
    pub async fn ready(&self) -> Result<(), Diagnostic> {
        match &self.seal {
            Some(seal) => seal.ready().await,
            None => Ok(()),
        }
    }

    /// Checksum of what was read or written last; empty for no state. The journal names states by it.
    pub fn digest(&self) -> String {
        match &self.medium {
            Medium::File(file) => file.digest(),
            Medium::Bucket(remote) => remote.digest(),
        }
    }

    /// What [`write`](Self::write) will write, with the serial it carries: one more than before when the content differs.
    pub async fn prepare(&mut self, state: &State, clock: &Clock) -> Result<Prepared, Diagnostic> {
        let is_known = match &self.medium {
            Medium::File(file) => file.is_known(),
            Medium::Bucket(remote) => remote.is_known(),
        };
        if !is_known {
            self.read(clock).await?;
        }
        self.ready().await?;
        match &self.medium {
            Medium::File(file) => file.prepare_with(state, self.seal.as_ref()),
            Medium::Bucket(remote) => remote.prepare(state, self.seal.as_ref()),
        }
    }

    /// Writes the state: serial one higher when it differs from what is there, else nothing happens. The answer is the
    /// serial of what is stored.
    pub async fn write(&mut self, state: &State, clock: &Clock) -> Result<u64, Diagnostic> {
        let prepared = self.prepare(state, clock).await?;
        self.write_prepared(&prepared, &state.lineage).await?;
        Ok(prepared.serial)
    }

    /// Writes what [`prepare`](Self::prepare) made.
    pub async fn write_prepared(&mut self, prepared: &Prepared, lineage: &str) -> Result<(), Diagnostic> {
        if !prepared.changed {
            return Ok(());
        }
        match &mut self.medium {
            Medium::File(file) => file.write_prepared(prepared, lineage),
            Medium::Bucket(remote) => remote.put(prepared, lineage).await,
        }
    }

    /// Writes the state with the serial it has, whatever was there (`state push`).
    pub async fn overwrite(&mut self, state: &State) -> Result<(), Diagnostic> {
        self.ready().await?;
        match &mut self.medium {
            Medium::File(file) => file.overwrite_with(state, self.seal.as_ref()),
            Medium::Bucket(remote) => remote.overwrite(state, self.seal.as_ref()).await,
        }
    }

    /// Removes a state in a bucket with everything that belongs to it; of a file nothing, its folder goes as a whole.
    pub async fn delete(&mut self) -> Result<(), Diagnostic> {
        match &mut self.medium {
            Medium::File(_) => Ok(()),
            Medium::Bucket(remote) => remote.delete(self.seal.as_ref()).await,
        }
    }
}
