//! Repeating a call that failed for a reason that passes: throttling, a lost connection, or what the type lists.
//!
//! Each reason has one owner. Connecting is repeated where connections are made, and a failure to connect is final
//! here. A server error or a lost answer is repeated below too, but for making calls: what those made is looked for
//! before they are made again, so they are asked once below and repeated here.

use std::time::Duration;

use crate::clock::Clock;
use crate::resource::{Error, ErrorKind, Retry};

/// Repeats of a call that got no answer or a server error: enough for a hiccup, not for an outage.
const UNCERTAIN_REPEATS: u32 = 4;

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Decides after each failure whether and when to try again.
#[derive(Debug)]
pub struct Patience<'a> {
    clock: &'a Clock,
    listed: &'static [Retry],
    deadline: Duration,
    tries: u32,
    /// How many more times to try after an uncertain failure.
    uncertain: u32,
}

impl<'a> Patience<'a> {
    /// Patience until `limit` from now with errors that the type lists, and with throttling.
    pub fn new(clock: &'a Clock, listed: &'static [Retry], limit: Duration) -> Self {
        Self { clock, listed, deadline: clock.now() + limit, tries: 0, uncertain: 0 }
    }

    /// The same for a call that nobody below repeats: with uncertain failures too.
    pub fn with_making(clock: &'a Clock, listed: &'static [Retry], limit: Duration) -> Self {
        Self { uncertain: UNCERTAIN_REPEATS, ..Self::new(clock, listed, limit) }
    }

    /// Waits before the next try and says why in `progress`, or gives the error back when it is final.
    ///
    /// # Errors
    /// The error, when trying again would not help or the time is up.
    pub async fn after(&mut self, error: Error, progress: &dyn Fn(&str)) -> Result<(), Error> {
        let why = match error.kind {
            ErrorKind::Throttled => "too many calls, slowing down",
            ErrorKind::Server | ErrorKind::NoAnswer if self.uncertain > 0 => {
                self.uncertain -= 1;
                "no clear answer, asking again"
            }
            ErrorKind::Refused => match self.listed.iter().find(|retry| retry.fits(&error)) {
                Some(retry) => retry.why,
                None => return Err(error),
            },
            ErrorKind::Server
            | ErrorKind::NoAnswer
            | ErrorKind::Unreachable
            | ErrorKind::Credentials
            | ErrorKind::Local => return Err(error),
        };
        let pause = self.pause();
        if self.clock.now() + pause > self.deadline {
            return Err(Error {
                message: format!("{} (given up after {} tries: {why})", error.message, self.tries),
                ..error
            });
        }
        progress(why);
        self.clock.sleep(pause).await;
        Ok(())
    }

    /// Doubles from half a second, with up to a quarter of it at random so that many waiting steps spread out.
    fn pause(&mut self) -> Duration {
        let base = Duration::from_millis(500).saturating_mul(1 << self.tries.min(6)).min(LONGEST_PAUSE);
        self.tries += 1;
        let mut byte = [0];
        // Without randomness the pauses are merely less spread out.
        let _ = self.clock.random(&mut byte);
        base + base.mul_f64(f64::from(byte[0]) / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &[Retry] = &[Retry { code: "InUse", text: "listener", why: "a listener is going away" }];

    fn error(kind: ErrorKind, code: &str, message: &str) -> Error {
        Error {
            operation: "X".into(),
            code: code.into(),
            message: message.into(),
            request_id: None,
            kind,
            summary: None,
        }
    }

    async fn tries(error: Error) -> u32 {
        let clock = Clock::pinned(Duration::ZERO, 1);
        let mut patience = Patience::with_making(&clock, LISTED, Duration::from_secs(60));
        let mut tries = 1;
        while patience.after(error.clone(), &|_| ()).await.is_ok() {
            tries += 1;
        }
        tries
    }

    #[tokio::test]
    async fn only_what_passes_is_tried_again() {
        assert_eq!(tries(error(ErrorKind::Refused, "AccessDenied", "")).await, 1);
        assert_eq!(tries(error(ErrorKind::Refused, "InUse", "by a rule")).await, 1);
        assert!(tries(error(ErrorKind::Refused, "InUse", "by a listener")).await > 4);
        assert!(tries(error(ErrorKind::Throttled, "Throttling", "")).await > 4);
        assert_eq!(tries(error(ErrorKind::NoAnswer, "", "")).await, 1 + UNCERTAIN_REPEATS);
        assert_eq!(tries(error(ErrorKind::Server, "", "")).await, 1 + UNCERTAIN_REPEATS);
        assert_eq!(tries(error(ErrorKind::Unreachable, "", "")).await, 1);
        assert_eq!(tries(error(ErrorKind::Credentials, "", "")).await, 1);
    }

    #[tokio::test]
    async fn what_is_repeated_below_is_not_repeated_here() {
        let clock = Clock::pinned(Duration::ZERO, 1);
        let mut patience = Patience::new(&clock, LISTED, Duration::from_secs(60));
        for kind in [ErrorKind::Server, ErrorKind::NoAnswer, ErrorKind::Unreachable] {
            assert!(patience.after(error(kind, "", ""), &|_| ()).await.is_err());
        }
        assert!(patience.after(error(ErrorKind::Throttled, "", ""), &|_| ()).await.is_ok());
    }
}
