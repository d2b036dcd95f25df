//! Where a lock on a state in a bucket lies: an object beside the state, or an item of a table. Whoever asks who holds it, or
//! removes a lock that somebody left, needs no lease.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::state::bucket::{Attribute, Bucket, LockTable, Refused, When};
use crate::state::lock::{Holder, LockInfo};

/// Where a lock is.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// An object beside the state.
    Object { bucket: Arc<dyn Bucket>, key: String },
    /// An item of a table.
    Item { table: Arc<dyn LockTable>, id: String },
}

/// A lock as it was seen.
pub(super) struct Seen {
    /// Names what was seen, for a conditional replacement; empty for an item that does not say whose it is.
    pub(super) token: String,
    pub(super) info: LockInfo,
}

impl Slot {
    /// Writes the lock; what names it then.
    pub(super) async fn put(&self, info: &LockInfo, when: When<'_>) -> Result<String, Refused> {
        let text = serde_json::to_string(info).unwrap_or_default();
        match self {
            Self::Object { bucket, key } => bucket.put(key, text.into_bytes(), when).await,
            Self::Item { table, id } => table.put(id, Attribute::Info, text.clone(), when).await.map(|()| text),
        }
    }

    /// What is there.
    pub(super) async fn look(&self) -> Result<Option<Seen>, Refused> {
        let found = match self {
            Self::Object { bucket, key } => {
                bucket.get(key).await?.map(|object| (object.etag, String::from_utf8_lossy(&object.bytes).into_owned()))
            }
            Self::Item { table, id } => table.get(id, Attribute::Info).await?.map(|item| {
                let text = item.text.unwrap_or_default();
                (text.clone(), text)
            }),
        };
        // Whatever else is there is a lock too, of somebody who does not say who it is.
        Ok(found.map(|(token, text)| Seen { token, info: serde_json::from_str(&text).unwrap_or_default() }))
    }

    /// Removes it, whosever it is.
    pub(super) async fn remove(&self) -> Result<(), Refused> {
        match self {
            Self::Object { bucket, key } => bucket.delete(std::slice::from_ref(key)).await,
            Self::Item { table, id } => table.delete(id).await,
        }
    }

    /// Its name in messages.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Object { bucket, key } => format!("s3://{}/{key}", bucket.name()),
            Self::Item { table, id } => format!("the item {id} of the table {}", table.name()),
        }
    }
}

/// Who holds the lock in the first slot that is taken.
pub(super) async fn holder(slots: &[Slot], shown: &str) -> Result<Holder, Diagnostic> {
    for slot in slots {
        let seen = slot.look().await.map_err(|refused| {
            refused.problem(
                "The lock cannot be looked at",
                &format!("{} is the lock on {shown}, and cannot be looked at", slot.shown()),
            )
        })?;
        match seen {
            Some(seen) if seen.info.id.is_empty() => return Ok(Holder::Unnamed),
            Some(seen) => return Ok(Holder::Named(Box::new(seen.info))),
            None => {}
        }
    }
    Ok(Holder::Nobody)
}

/// Releases a lock that somebody else left, when this is its identity.
pub(super) async fn force(slots: &[Slot], id: &str, shown: &str) -> Result<(), Diagnostic> {
    const SUMMARY: &str = "Failed to unlock state";
    let mut is_done = false;
    for slot in slots {
        let failed = |refused: Refused| {
            refused.problem(SUMMARY, &format!("{} is the lock on {shown}, and cannot be removed", slot.shown()))
        };
        let Some(seen) = slot.look().await.map_err(failed)? else { continue };
        if seen.info.id != id {
            let text = format!(
                "The lock ID \"{id}\" does not match the existing lock ID \"{}\" of {}. Nothing was changed. It is held by:\n\n{}",
                seen.info.id,
                slot.shown(),
                seen.info.lines()
            );
            return Err(Diagnostic::error(SUMMARY, text));
        }
        slot.remove().await.map_err(failed)?;
        is_done = true;
    }
    if is_done {
        return Ok(());
    }
    Err(Diagnostic::error(SUMMARY, format!("Nobody holds a lock on {shown}.")))
}
