//! Where a journal stands: a file beside a local state, objects beside a state in a bucket.
//!
//! In a bucket each group of entries that became durable together is an object, `KEY.journal/GENERATION/NUMBER`, the
//! number being that of its first entry. Only the newest generation counts: a journal that starts anew is a new
//! generation, written in one go, and the older ones are removed after that.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::line::{self, Records};
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;
use crate::state::bucket::{Bucket, Reason, Refused, When};
use crate::state::seal::SharedSeal;
use crate::state::store::{atomic, digest};

/// Journals hold secrets, as states do; nobody else needs to read them.
pub(super) const MODE: u32 = 0o600;

/// How many objects are read at a time.
const AT_ONCE: usize = 16;

/// Where a journal stands, and the envelope it is in.
#[derive(Clone, Debug)]
pub struct Location {
    pub(super) medium: Medium,
    pub(super) seal: Option<SharedSeal>,
}

#[derive(Clone, Debug)]
pub(super) enum Medium {
    File(PathBuf),
    /// `folder` is `KEY.journal`.
    Bucket {
        bucket: Arc<dyn Bucket>,
        folder: String,
    },
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::in_file(path, None)
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::in_file(path, None)
    }
}

impl Location {
    /// A file.
    pub fn in_file(path: &Path, seal: Option<SharedSeal>) -> Self {
        Self { medium: Medium::File(path.to_owned()), seal }
    }

    /// Objects of a bucket below `folder`, which does not end in a slash.
    pub fn in_bucket(bucket: Arc<dyn Bucket>, folder: &str, seal: Option<SharedSeal>) -> Self {
        Self { medium: Medium::Bucket { bucket, folder: folder.to_owned() }, seal }
    }

    /// Its name in messages.
    pub fn shown(&self) -> String {
        match &self.medium {
            Medium::File(path) => path.display().to_string(),
            Medium::Bucket { bucket, folder } => format!("s3://{}/{folder}", bucket.name()),
        }
    }
}

/// The name of an object, after the folder.
pub(super) fn object(generation: u64, seq: u64) -> String {
    format!("{generation:08}/{seq:010}")
}

/// An object of a journal that was written or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::state) struct Written {
    key: String,
    digest: String,
}

impl Written {
    fn new(key: &str, bytes: &[u8]) -> Self {
        Self { key: key.to_owned(), digest: digest(bytes) }
    }

    /// Whether it is still there. Where that cannot be told it is: who removed it is the exception.
    async fn is_there(&self, bucket: &dyn Bucket) -> bool {
        bucket.get(&self.key).await.map_or(true, |now| now.is_some_and(|now| digest(&now.bytes) == self.digest))
    }
}

/// The objects of one generation that is being written.
///
/// A run whose lock was taken away must not go on. As long as the journal of the run that took over stands in its place,
/// no group has one. And where that run has ended and removed it, the group before is not there any more: that is looked
/// at with every group.
pub(super) struct Objects {
    bucket: Arc<dyn Bucket>,
    folder: String,
    generation: u64,
    /// Groups that were tried at the place where the next one goes, and of which nobody said that they are there.
    unclear: Vec<Unclear>,
    /// The group before the next one.
    last: Option<Written>,
    /// Whether another run has removed what was there.
    is_gone: bool,
}

/// A group whose write was answered with an error, and may have taken effect all the same.
struct Unclear {
    digest: String,
    entries: u64,
}

/// What came of writing a group.
pub(super) enum Put {
    /// It is there.
    Done,
    /// Its place is taken by an earlier group of this run, of so many entries, whose write seemed to fail.
    TakenBy(u64),
}

impl Objects {
    pub(super) fn new(bucket: &Arc<dyn Bucket>, folder: &str, before: &Records) -> Self {
        Self {
            bucket: bucket.clone(),
            folder: folder.to_owned(),
            generation: before.generation.max(1),
            unclear: Vec::new(),
            last: before.last.clone(),
            is_gone: false,
        }
    }

    /// Writes a group of so many entries, the first of which has the number `seq`.
    pub(super) async fn put(&mut self, seq: u64, bytes: &[u8], entries: u64) -> Result<Put, Refused> {
        let (bucket, last) = (self.bucket.clone(), self.last.clone());
        let is_there = async {
            match &last {
                Some(last) => last.is_there(bucket.as_ref()).await,
                None => true,
            }
        };
        let key = format!("{}/{}", self.folder, object(self.generation, seq));
        if !self.is_gone {
            let (put, is_there) = tokio::join!(self.put_patiently(&key, bytes, entries), is_there);
            if is_there {
                return put;
            }
            self.is_gone = true;
            if put.is_ok() {
                // Nobody would know what it belongs to. Where it stays, the next run says what it tells.
                drop(bucket.delete(&[key]).await);
            }
        }
        Err(Refused { reason: Reason::Condition, call: None, text: "What was there was removed".to_owned() })
    }

    /// When that seems to fail it looks what is there: an answer that was lost is no reason to give the journal up.
    async fn put_patiently(&mut self, key: &str, bytes: &[u8], entries: u64) -> Result<Put, Refused> {
        let written = Written::new(key, bytes);
        let Err(refused) = put(self.bucket.as_ref(), key, bytes).await else {
            return Ok(self.settled(Put::Done, written));
        };
        if !matches!(refused.reason, Reason::Condition | Reason::Other) {
            return Err(refused);
        }
        // What cannot be looked at now is looked at when the next group is refused.
        if let Ok(Some(there)) = self.bucket.get(key).await {
            let there = Written::new(key, &there.bytes);
            if there == written {
                return Ok(self.settled(Put::Done, written));
            }
            if let Some(earlier) = self.unclear.iter().find(|one| one.digest == there.digest) {
                let entries = earlier.entries;
                return Ok(self.settled(Put::TakenBy(entries), there));
            }
        }
        self.unclear.push(Unclear { digest: written.digest, entries });
        Err(refused)
    }

    /// What is at this place is known, so that nothing is unclear about it any more.
    fn settled(&mut self, put: Put, there: Written) -> Put {
        self.unclear.clear();
        self.last = Some(there);
        put
    }
}

/// The generation of an object of this folder.
fn generation(key: &str, folder: &str) -> Option<u64> {
    key.strip_prefix(folder)?.strip_prefix('/')?.split_once('/')?.0.parse().ok()
}

/// Reads the journal; none when there is nothing.
pub async fn read(location: &Location) -> Result<Option<Records>, Diagnostic> {
    let shown = location.shown();
    let (bytes, generation, last) = match &location.medium {
        Medium::File(path) => match std::fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => (other.map_err(|error| unreadable(&shown, &error.to_string()))?, 0, None),
        },
        Medium::Bucket { bucket, folder } => {
            let read = objects(bucket.as_ref(), folder).await;
            let read = read.map_err(|refused| Diagnostic { aws: refused.call, ..unreadable(&shown, &refused.text) })?;
            let Some(read) = read else { return Ok(None) };
            read
        }
    };
    let text = line::unseal(bytes, location.seal.as_ref(), &shown).await?;
    let records = Records { generation, last, ..line::parse(&text, &shown)? };
    Ok(Some(records).filter(|records| records.torn || !records.entries.is_empty()))
}

/// The text of the newest generation, which one it is, and its last object; none without any object.
async fn objects(bucket: &dyn Bucket, folder: &str) -> Result<Option<(Vec<u8>, u64, Option<Written>)>, Refused> {
    loop {
        let keys = listed(bucket, folder).await?;
        let Some(newest) = keys.iter().filter_map(|key| generation(key, folder)).max() else { return Ok(None) };
        let keys: Vec<String> = keys.into_iter().filter(|key| generation(key, folder) == Some(newest)).collect();
        let all: Vec<_> = stream::iter(&keys).map(|key| bucket.get(key)).buffered(AT_ONCE).try_collect().await?;
        // A run that ends at this moment removes its journal: look again.
        let all: Option<Vec<_>> = all.into_iter().collect();
        if let Some(all) = all {
            let last = keys.last().zip(all.last()).map(|(key, object)| Written::new(key, &object.bytes));
            return Ok(Some((all.into_iter().flat_map(|object| object.bytes).collect(), newest, last)));
        }
    }
}

/// All keys of the folder; none when there is no bucket yet.
async fn listed(bucket: &dyn Bucket, folder: &str) -> Result<Vec<String>, Refused> {
    match bucket.list(&format!("{folder}/")).await {
        Err(refused) if refused.reason == Reason::Missing => Ok(Vec::new()),
        other => other,
    }
}

/// Puts this text, which is in its envelope, in place of whatever is there: `generation` is that of what was read. The
/// answer is the object that was written.
pub(super) async fn replace(location: &Location, text: &[u8], generation: u64) -> Result<Option<Written>, Diagnostic> {
    match &location.medium {
        Medium::File(path) => {
            let replaced = atomic::replace(path, text, MODE).map(|()| None);
            replaced.map_err(|error| unwritable(&location.shown(), &error.to_string()))
        }
        Medium::Bucket { bucket, folder } => {
            let failed = |refused: Refused| refused_write(&location.shown(), refused);
            let older = listed(bucket.as_ref(), folder).await.map_err(failed)?;
            let key = format!("{folder}/{}", object(generation + 1, 1));
            put(bucket.as_ref(), &key, text).await.map_err(failed)?;
            // Where that fails they are passed over, and the end of the run says so: they go with the new one.
            drop(bucket.delete(&older).await);
            Ok(Some(Written::new(&key, text)))
        }
    }
}

/// Writes an object that must not be there yet. The first answer may have been lost: then it is there, and ours.
pub(super) async fn put(bucket: &dyn Bucket, key: &str, bytes: &[u8]) -> Result<(), Refused> {
    let Err(refused) = bucket.put(key, bytes.to_vec(), When::Absent).await else { return Ok(()) };
    match refused.reason {
        Reason::Condition => match bucket.get(key).await? {
            Some(object) if object.bytes == bytes => Ok(()),
            _ => Err(refused),
        },
        // A storage without conditions.
        Reason::Unsupported => bucket.put(key, bytes.to_vec(), When::Always).await.map(drop),
        _ => Err(refused),
    }
}

/// Keeps a copy under another name.
pub(in crate::state) async fn put_away(location: &Location, clock: &Clock) -> Result<(), Diagnostic> {
    let seconds = clock.now().as_secs();
    let failed = |error: &dyn std::fmt::Display| {
        let text = format!("{}: {error}. Nothing was changed.", location.shown());
        Diagnostic::error("The journal cannot be put away", text)
    };
    match &location.medium {
        Medium::File(path) => {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{seconds}"));
            // The new journal takes its place in one go; until then it must not be away.
            let kept = std::fs::read(path).and_then(|bytes| atomic::replace(Path::new(&name), &bytes, MODE));
            kept.map_err(|error| failed(&error))
        }
        Medium::Bucket { bucket, folder } => {
            let refused = |refused: Refused| Diagnostic { aws: refused.call.clone(), ..failed(&refused.text) };
            for key in listed(bucket.as_ref(), folder).await.map_err(refused)? {
                let Some(object) = bucket.get(&key).await.map_err(refused)? else { continue };
                let rest = key.strip_prefix(folder.as_str()).unwrap_or_default();
                let away = format!("{folder}.{seconds}{rest}");
                bucket.put(&away, object.bytes, When::Always).await.map_err(refused)?;
            }
            Ok(())
        }
    }
}

/// Removes the journal, durably. In a bucket the last object goes last: it says that all of it is part of the state; and
/// older generations go first, so that none of them becomes the newest.
pub async fn remove(location: &Location) -> Result<(), Refused> {
    match &location.medium {
        Medium::File(path) => match std::fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.and_then(|()| atomic::sync_folder(path)).map_err(|error| {
                let is_denied = error.kind() == io::ErrorKind::PermissionDenied;
                let reason = if is_denied { Reason::Denied } else { Reason::Other };
                Refused { reason, call: None, text: error.to_string() }
            }),
        },
        Medium::Bucket { bucket, folder } => {
            let keys = listed(bucket.as_ref(), folder).await?;
            let newest = keys.iter().filter_map(|key| generation(key, folder)).max();
            let (keys, older): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| generation(key, folder) == newest);
            let Some((last, others)) = keys.split_last() else { return Ok(()) };
            for some in [&older, others] {
                if !some.is_empty() {
                    bucket.delete(some).await?;
                }
            }
            bucket.delete(std::slice::from_ref(last)).await
        }
    }
}

/// A journal that stays although the state is written. `why` is none when nobody answered before a stopped run ended.
pub fn kept(location: &Location, why: Option<Refused>) -> Diagnostic {
    let (shown, late) = (location.shown(), "the run was stopped, and the answer did not come in time");
    let reason = why.as_ref().map_or(late, |refused| refused.text.trim_end_matches('.'));
    let text = format!(
        "The state is written and has everything that {shown} tells, so this journal was to be removed: {reason}. It stays. The next run passes it over, and removes it when it can."
    );
    let warning = Diagnostic::warning("The journal was not removed", text);
    let Some(refused) = why else { return warning };
    let help = match &location.medium {
        _ if refused.reason != Reason::Denied => None,
        Medium::File(_) => Some("Give yourself write permission on its folder.".to_owned()),
        Medium::Bucket { bucket, .. }
            if refused.call.as_ref().is_some_and(|call| call.operation.starts_with("List")) =>
        {
            Some(format!("The backend needs the permission s3:ListBucket on the bucket {}.", bucket.name()))
        }
        Medium::Bucket { bucket, folder } => Some(format!(
            "The backend needs the permission s3:DeleteObject on {folder}/* in the bucket {}.",
            bucket.name()
        )),
    };
    Diagnostic { aws: refused.call, help, ..warning }
}

fn unreadable(shown: &str, why: &str) -> Diagnostic {
    let why = why.trim_end_matches('.');
    Diagnostic::error(
        "The journal cannot be read",
        format!("{shown} tells what an interrupted run did: {why}. Nothing was changed."),
    )
}

const TAKEN: &str = "The journal belongs to another run now";

/// A file that another run removed, wrote to or put its own in place of: neither of the two has a lock. `kept` is where what
/// this run wrote down is now, or why it is nowhere.
pub(super) fn taken(shown: &str, kept: Result<PathBuf, String>) -> Diagnostic {
    let kept = match kept {
        Ok(kept) => format!("What this run did is in {}", kept.display()),
        Err(why) => format!("What this run did could not be kept under another name: {}", why.trim_end_matches('.')),
    };
    let text = format!(
        "Another run has {shown} or removed it: two runs at once on one state, and no lock that keeps them apart. What cannot be written down is not begun, and the state is left to the other run. {kept}."
    );
    let help = "When the other run has ended, look there for objects that the state does not have, and import them. Leave out -lock=false.";
    Diagnostic::error(TAKEN, text).help(help)
}

/// A refused write.
pub(super) fn refused_write(shown: &str, refused: Refused) -> Diagnostic {
    if refused.reason == Reason::Condition {
        let text = format!(
            "Another run took over {shown}: it has the lock now, or had it since. What cannot be written down is not begun; calls that were under way are looked up by that run."
        );
        return Diagnostic::error(TAKEN, text);
    }
    Diagnostic { aws: refused.call, ..unwritable(shown, &refused.text) }
}

/// A write that failed.
pub(super) fn unwritable(shown: &str, why: &str) -> Diagnostic {
    let why = why.trim_end_matches('.');
    let text = format!(
        "{shown}: {why}. What cannot be written down is not begun; what was begun before is in the journal and the next run goes on from there."
    );
    let help = if shown.starts_with("s3://") {
        "See to it that the bucket can be reached and written, then run the command again."
    } else {
        "Free some space or check the permissions of the folder, then run the command again."
    };
    Diagnostic::error("The journal cannot be written", text).help(help)
}
