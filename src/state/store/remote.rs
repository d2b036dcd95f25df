//! A state in a bucket, with the keys, the lock and the checksum of Terraform's `s3` backend.
//!
//! | what | where |
//! |---|---|
//! | state | the object `KEY` |
//! | lock | the object `KEY.tflock`, the item `BUCKET/KEY` of the table, or both |
//! | checksum | the item `BUCKET/KEY-md5` of the table |
//! | journal | objects `KEY.journal/GENERATION/NUMBER`, ours alone |
//!
//! Every write says what it replaces: of two that write at once one is refused, lock or not.

use std::sync::Arc;
use std::time::Duration;

use md5::{Digest as _, Md5};

use super::content::{Content, Prepared, digest};
use super::lease::{Lease, Leases, Watch};
use super::slot::{self, Slot};
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;
use crate::state::bucket::{Attribute, Bucket, LockTable, Object, Reason, Refused, When};
use crate::state::journal::{self, Entry, Location};
use crate::state::lock::{Holder, LockRequest};
use crate::state::seal::SharedSeal;
use crate::state::{State, file_v4};

/// How long a state may take to be what its checksum says.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two looks at it.
const PAUSE: Duration = Duration::from_secs(2);

/// A bucket that keeps states.
#[derive(Clone, Debug)]
pub struct Remote {
    /// The bucket.
    pub bucket: Arc<dyn Bucket>,
    /// Locks and checksums.
    pub table: Option<Arc<dyn LockTable>>,
    /// Whether an object beside the state locks it.
    pub has_lock_file: bool,
    /// Locks that this process holds.
    pub leases: Leases,
}

/// A state in a bucket.
#[derive(Debug)]
pub struct RemoteStore {
    remote: Remote,
    key: String,
    shown: String,
    lock: Option<Lease>,
    content: Content,
    /// Of the object as it was read or written last; none when there was none.
    etag: Option<String>,
}

impl RemoteStore {
    /// The state with this key, which need not exist.
    pub fn open(remote: &Remote, key: &str) -> Self {
        Self {
            remote: remote.clone(),
            key: key.to_owned(),
            shown: format!("s3://{}/{key}", remote.bucket.name()),
            lock: None,
            content: Content::keeping(),
            etag: None,
        }
    }

    /// The name of the state in messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Where the journal of a run stands.
    pub(super) fn journal(&self, seal: Option<SharedSeal>) -> Location {
        Location::in_bucket(self.remote.bucket.clone(), &format!("{}.journal", self.key), seal)
    }

    fn path(&self) -> String {
        format!("{}/{}", self.remote.bucket.name(), self.key)
    }

    fn slots(&self) -> Vec<Slot> {
        let Remote { bucket, table, has_lock_file, .. } = &self.remote;
        let object =
            has_lock_file.then(|| Slot::Object { bucket: bucket.clone(), key: format!("{}.tflock", self.key) });
        let item = table.as_ref().map(|table| Slot::Item { table: table.clone(), id: self.path() });
        object.into_iter().chain(item).collect()
    }

    /// Takes the lock, when the backend has one; it is renewed until it is released.
    pub(super) async fn lock(&mut self, request: &LockRequest, clock: &Clock) -> Result<(), Diagnostic> {
        let slots = self.slots();
        if self.lock.is_none() && !slots.is_empty() {
            let lease = Lease::take(slots, &self.path(), &self.shown, request, clock, &self.remote.leases).await?;
            self.lock = Some(lease);
            self.content.forget();
        }
        Ok(())
    }

    /// Releases the lock.
    pub(super) async fn unlock(&mut self) -> Result<(), Diagnostic> {
        match self.lock.take() {
            Some(lease) => lease.release().await,
            None => Ok(()),
        }
    }

    /// Tells when the lock is lost.
    pub(super) fn watch(&self) -> Option<Watch> {
        self.lock.as_ref().map(Lease::watch)
    }

    /// Whether the lock is still held, when there is one.
    pub(super) async fn check_lock(&self) -> Result<(), Diagnostic> {
        match &self.lock {
            Some(lease) => lease.check().await,
            None => Ok(()),
        }
    }

    /// Who holds the lock.
    pub(super) async fn holder(&self) -> Result<Holder, Diagnostic> {
        slot::holder(&self.slots(), &self.shown).await
    }

    /// Whether there can be a lock.
    pub(super) fn can_lock(&self) -> bool {
        self.remote.has_lock_file || self.remote.table.is_some()
    }

    /// Releases a lock that somebody else left.
    pub(super) async fn force_unlock(&self, id: &str) -> Result<(), Diagnostic> {
        slot::force(&self.slots(), id, &self.shown).await
    }

    /// Reads the state; none when there is no object or an empty one.
    pub(super) async fn read(&mut self, seal: Option<&SharedSeal>, clock: &Clock) -> Result<Option<State>, Diagnostic> {
        let object = self.checked(seal, clock).await?;
        self.etag = object.as_ref().map(|object| object.etag.clone());
        let bytes = object.map(|object| object.bytes).unwrap_or_default();
        let opened = self.content.open(bytes, &self.shown, seal).await;
        opened.map_err(|problem| {
            if !file_v4::is_damaged(&problem) {
                return problem;
            }
            problem.help(
                "When the bucket keeps versions, the state before the last change is an older version of the object.",
            )
        })
    }

    /// The object, once it is what its checksum says.
    async fn checked(&self, seal: Option<&SharedSeal>, clock: &Clock) -> Result<Option<Object>, Diagnostic> {
        let start = clock.now();
        loop {
            let object = self.remote.bucket.get(&self.key).await.map_err(|refused| self.unreadable(refused))?;
            let object = object.filter(|object| !object.bytes.is_empty());
            let found = object.as_ref().map(|object| md5_hex(&object.bytes)).unwrap_or_default();
            let Some(expected) = self.checksum().await.filter(|expected| *expected != found) else { return Ok(object) };
            if let Some(object) = &object
                && self.is_ours(object, seal).await?
            {
                if self.lock.is_some() {
                    self.put_checksum(&object.bytes).await?;
                }
                return Ok(Some(object.clone()));
            }
            if clock.now().saturating_sub(start) >= PATIENCE {
                return Err(self.mismatch(&found, &expected));
            }
            clock.sleep(PAUSE).await;
        }
    }

    /// The checksum that the table has. As with Terraform, one that cannot be read is none.
    async fn checksum(&self) -> Option<String> {
        let table = self.remote.table.as_ref()?;
        let item = table.get(&format!("{}-md5", self.path()), Attribute::Digest).await.ok()??;
        let text = item.text?.to_ascii_lowercase();
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(text)
    }

    /// Whether a run of ours wrote this object and was killed before it wrote the checksum: its journal says so.
    async fn is_ours(&self, object: &Object, seal: Option<&SharedSeal>) -> Result<bool, Diagnostic> {
        let records = journal::read(&self.journal(seal.cloned())).await?;
        let digest = digest(&object.bytes);
        let is_it = |entry: &Entry| matches!(entry, Entry::Folded { digest: into, .. } if *into == digest);
        Ok(records.is_some_and(|records| records.entries.iter().any(|one| is_it(&one.entry))))
    }

    /// What [`write`](Self::put) writes; the state was read before.
    pub(super) fn prepare(&self, state: &State, seal: Option<&SharedSeal>) -> Result<Prepared, Diagnostic> {
        let again = || Err(Diagnostic::bug("The text of a state in a bucket was not kept"));
        self.content.prepare(state, &self.shown, seal, again)
    }

    /// Whether the state was read.
    pub(super) fn is_known(&self) -> bool {
        self.content.is_known()
    }

    /// Checksum of the object as it was read or written last; empty for no state. The journal names states by it.
    pub(super) fn digest(&self) -> String {
        self.content.digest()
    }

    /// Writes the state with the serial it has, whatever was there.
    pub(super) async fn overwrite(&mut self, state: &State, seal: Option<&SharedSeal>) -> Result<(), Diagnostic> {
        let object = self.remote.bucket.get(&self.key).await.map_err(|refused| self.unreadable(refused))?;
        self.etag = object.as_ref().map(|object| object.etag.clone());
        self.content.replace(object.map(|object| digest(&object.bytes)).unwrap_or_default());
        self.put(&Prepared::new(state, state.serial, seal)?, &state.lineage).await
    }

    /// Writes it in place of what was read.
    pub(super) async fn put(&mut self, prepared: &Prepared, lineage: &str) -> Result<(), Diagnostic> {
        if !self.is_known() {
            return Err(Diagnostic::bug("A state was written before it was read"));
        }
        self.check_lock().await?;
        let when = self.etag.as_deref().map_or(When::Absent, When::Is);
        let bucket = &self.remote.bucket;
        let etag = match bucket.put(&self.key, prepared.bytes().to_vec(), when).await {
            Ok(etag) => etag,
            Err(refused) if matches!(refused.reason, Reason::Condition | Reason::Unsupported) => {
                self.put_unconditionally(prepared, refused.reason).await?
            }
            Err(refused) => match self.written_all_the_same(prepared, refused.reason).await {
                Some(etag) => etag,
                None => return Err(self.unwritable(refused)),
            },
        };
        self.etag = Some(etag);
        self.put_checksum(prepared.bytes()).await?;
        self.content.written(prepared, lineage);
        Ok(())
    }

    /// After a refused condition: what is there may be ours, when the answer to the first try was lost. A storage that
    /// does not know conditions is asked first what is there.
    async fn put_unconditionally(&self, prepared: &Prepared, reason: Reason) -> Result<String, Diagnostic> {
        let bucket = &self.remote.bucket;
        let now = bucket.get(&self.key).await.map_err(|refused| self.unreadable(refused))?;
        if let Some(now) = now.as_ref().filter(|now| now.bytes == prepared.bytes()) {
            return Ok(now.etag.clone());
        }
        let is_same = now.as_ref().map(|now| &now.etag) == self.etag.as_ref();
        if reason == Reason::Unsupported && is_same {
            let put = bucket.put(&self.key, prepared.bytes().to_vec(), When::Always).await;
            return put.map_err(|refused| self.unwritable(refused));
        }
        Err(Diagnostic::error(
            "The state was changed meanwhile",
            format!(
                "Somebody else wrote {} since it was read; writing it now would lose that. It was left as it is. Run the command again, without -lock=false.",
                self.shown
            ),
        ))
    }

    /// After a write that failed: the etag of what is there when it took effect and only the answer was lost.
    async fn written_all_the_same(&self, prepared: &Prepared, reason: Reason) -> Option<String> {
        if reason != Reason::Other {
            return None;
        }
        // What cannot be read either is reported as not written; the next run finds out from the journal.
        let now = self.remote.bucket.get(&self.key).await.ok()??;
        (now.bytes == prepared.bytes()).then_some(now.etag)
    }

    async fn put_checksum(&self, bytes: &[u8]) -> Result<(), Diagnostic> {
        let Some(table) = &self.remote.table else { return Ok(()) };
        let id = format!("{}-md5", self.path());
        let put = table.put(&id, Attribute::Digest, md5_hex(bytes), When::Always).await;
        put.map_err(|refused| {
            let what = format!(
                "The state {} is written, but not its checksum, the item {id} of the table {}",
                self.shown,
                table.name()
            );
            refused.problem("The checksum of the state cannot be written", &what)
        })
    }

    /// Removes the state, its checksum and its journal.
    pub(super) async fn delete(&mut self, seal: Option<&SharedSeal>) -> Result<(), Diagnostic> {
        const SUMMARY: &str = "Failed to delete workspace";
        let failed = |refused: Refused| refused.problem(SUMMARY, &format!("{} could not be deleted", self.shown));
        self.check_lock().await?;
        let journal = self.journal(seal.cloned());
        journal::remove(&journal).await.map_err(|refused| {
            let what = format!("{} could not be deleted, so {} was left as it is", journal.shown(), self.shown);
            refused.problem(SUMMARY, &what)
        })?;
        self.remote.bucket.delete(std::slice::from_ref(&self.key)).await.map_err(failed)?;
        if let Some(table) = &self.remote.table {
            table.delete(&format!("{}-md5", self.path())).await.map_err(failed)?;
        }
        self.content.forget();
        self.etag = None;
        Ok(())
    }

    fn unreadable(&self, refused: Refused) -> Diagnostic {
        let bucket = self.remote.bucket.name();
        if refused.reason == Reason::Missing {
            return no_bucket(bucket, refused);
        }
        refused.problem(
            "Error refreshing state",
            &format!("The object {} cannot be read. Nothing was changed", self.shown),
        )
    }

    fn unwritable(&self, refused: Refused) -> Diagnostic {
        let what = format!(
            "{} was {}. What was done since is in the journal beside it, if there is one",
            self.shown,
            if refused.reason == Reason::Other { "not written, as far as can be told" } else { "left as it was" }
        );
        refused.problem("The state cannot be written", &what).help("Remove the cause and run the command again.")
    }

    fn mismatch(&self, found: &str, expected: &str) -> Diagnostic {
        let mend = if found.is_empty() {
            "remove the item".to_owned()
        } else {
            format!("set the attribute Digest of the item to {found}")
        };
        let shown = if found.is_empty() { "(there is no state)" } else { found };
        let table = self.remote.table.as_ref().map(|table| table.name().to_owned()).unwrap_or_default();
        Diagnostic::error(
            "state data in S3 does not have the expected content",
            format!(
                "The checksum of the state in S3 is not the one that the DynamoDB table has.\n\n  Bucket: {}\n  Key:    {}\n  Calculated checksum: {shown}\n  Stored checksum:     {expected}\n\nThe object may be damaged or of another version than the last one that was written, or S3 takes unusually long. Nothing was changed.",
                self.remote.bucket.name(),
                self.key
            ),
        )
        .help(format!(
            "Wait for a minute or two and try again. If it stays so, look whether the object is the state you expect. If it is, {mend}: {}-md5 in the table {table}.",
            self.path()
        ))
    }
}

/// The bucket is not there.
pub fn no_bucket(bucket: &str, refused: Refused) -> Diagnostic {
    let call = refused.call;
    let text = format!(
        "S3 bucket \"{bucket}\" does not exist. Nothing was changed. When it was made a minute ago, try again in a minute. To let glaz make it, encrypted, versioned and closed to the public, run the command with\n\n    glaz init -create-bucket"
    );
    Diagnostic { aws: call, ..Diagnostic::error("The bucket of the state does not exist", text) }
}

fn md5_hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
