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
    let (mut ours, mut other) = (Vec::new(), None);
    let failed = |slot: &Slot, refused: Refused| {
        refused.problem(SUMMARY, &format!("{} is the lock on {shown}, and cannot be removed", slot.shown()))
    };
    for slot in slots {
        match slot.look().await.map_err(|refused| failed(slot, refused))? {
            Some(seen) if seen.info.id == id && !id.is_empty() => ours.push(slot),
            Some(seen) => drop(other.get_or_insert((slot, seen.info))),
            None => {}
        }
    }
    // One of somebody else's in another slot stays: it has an identity of its own.
    for slot in &ours {
        slot.remove().await.map_err(|refused| failed(slot, refused))?;
    }
    let text = match other {
        _ if !ours.is_empty() => return Ok(()),
        None => format!("Nobody holds a lock on {shown}."),
        Some((slot, info)) if info.id.is_empty() => format!(
            "{} is the lock on {shown}, and does not say who holds it: it has no ID that could be compared. Nothing was changed. When you are sure that nobody works with it any more, remove it by hand.",
            slot.shown()
        ),
        Some((slot, info)) => format!(
            "The lock ID \"{id}\" does not match the existing lock ID \"{}\" of {}. Nothing was changed. It is held by:\n\n{}",
            info.id,
            slot.shown(),
            info.lines()
        ),
    };
    Err(Diagnostic::error(SUMMARY, text))
}
