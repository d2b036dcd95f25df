//! Envelopes around what is stored: states, journals and plans that only those can read who have the key.
//!
//! The state knows that there may be an envelope; which one it is, and where its key comes from, `cli` says.

mod envelope;
mod keys;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;

pub use envelope::{Envelopes, Method, is_envelope, is_envelope_of_other, unconfigured};
pub use keys::{Hash, KeySource, Origin};

/// A content on its way out of an envelope.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Opened, Diagnostic>> + Send + 'a>>;
/// A key on its way.
pub type Ready<'a> = Pin<Box<dyn Future<Output = Result<(), Diagnostic>> + Send + 'a>>;

/// A seal that stores share.
pub type SharedSeal = Arc<dyn Seal>;

/// What was in an envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The content; none when there was no envelope around it.
    pub plain: Option<Vec<u8>>,
    /// Whether it would be written otherwise today: without the envelope, in one, or under another key.
    pub is_outdated: bool,
}

/// Without the content, which holds secrets.
impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("is_outdated", &self.is_outdated).finish_non_exhaustive()
    }
}

/// Puts content into envelopes and takes it out.
pub trait Seal: fmt::Debug + Send + Sync {
    /// Opens an envelope, whichever of the configured keys it needs; `shown` is its name in messages.
    fn open<'a>(&'a self, bytes: &'a [u8], shown: &'a str) -> Opening<'a>;
    /// Gets the key that is written with, unless it is there. Before anything is closed.
    fn ready(&self) -> Ready<'_>;
    /// The envelope around a state; none when it is written as it is.
    fn close_state(&self, plain: &[u8], serial: u64, lineage: &str) -> Result<Option<Vec<u8>>, Diagnostic>;
    /// The envelope around anything else; none when it is written as it is.
    fn close(&self, plain: &[u8]) -> Result<Option<Vec<u8>>, Diagnostic>;
}
