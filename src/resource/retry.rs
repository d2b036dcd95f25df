//! Which errors pass by themselves, as data. The loop is in `apply/retry.rs`; throttling, server errors and lost
//! connections are the engine's and not listed by types.

use super::error::Error;

/// An error that passes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Error code on the wire.
    pub code: &'static str,
    /// A fragment of the message; empty fits all.
    pub text: &'static str,
    /// Why it passes; shown while waiting.
    pub why: &'static str,
}

impl Retry {
    /// Whether this is the error.
    pub fn fits(&self, error: &Error) -> bool {
        error.code == self.code && error.message.contains(self.text)
    }
}
