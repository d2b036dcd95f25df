//! Which errors pass by themselves, as data. The loop is in `apply/retry.rs`; throttling, server errors and lost
//! connections are the engine's and not listed by types.

use std::time::Duration;

use super::error::Error;

/// How long a new object of a service may be unknown to other calls of the same service. Seconds, as a rule; a name or
/// id that is mistyped is told after this time.
pub const NEW: Duration = Duration::from_secs(60);

/// How long reads may go on telling what was true before a call whose answer was lost. The call was repeated meanwhile, and
/// the repeat refused: a type that reads before it changes finds out what is left to do.
pub const LOST: Duration = Duration::from_secs(30);

/// How long a change in IAM may take until other services know it; also what roles and policies say of each other.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>
pub const IAM: Duration = Duration::from_secs(120);

/// How long another change of the same object may be under way.
pub const CHANGE: Duration = Duration::from_secs(300);

/// How long a service may take to let go of what a deleted object used: network interfaces, addresses, tasks.
pub const RELEASE: Duration = Duration::from_secs(1200);

/// An error that passes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The calls it holds for, such as `CreateRoute`. From others the same error is final.
    pub calls: &'static [&'static str],
    /// Error code on the wire.
    pub code: &'static str,
    /// A fragment of the message; empty fits all.
    pub text: &'static str,
    /// Why it passes; shown while waiting, and when it did not.
    pub why: &'static str,
    /// How long it may take to pass, from the first time on. The step's own time limit holds as well.
    pub limit: Duration,
}

impl Retry {
    /// An error of these calls, whatever its message says.
    pub const fn of(calls: &'static [&'static str], code: &'static str, why: &'static str, limit: Duration) -> Self {
        Self { calls, code, text: "", why, limit }
    }

    /// Only where the message says this.
    #[must_use]
    pub const fn saying(self, text: &'static str) -> Self {
        Self { text, ..self }
    }

    /// Whether this is the error.
    pub fn fits(&self, error: &Error) -> bool {
        error.code == self.code && self.calls.contains(&error.operation.as_str()) && error.message.contains(self.text)
    }
}
