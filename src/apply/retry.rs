//! Repeating a call that failed for a reason that passes: throttling, a lost connection, or what the type lists.
//!
//! Each reason has one owner. Connecting is repeated where connections are made, and a failure to connect is final
//! here. A server error or a lost answer is repeated below too, but for making calls: what those made is looked for
//! before they are made again, so they are asked once below and repeated here.

use std::time::Duration;

use crate::clock::Clock;
use crate::resource::{Error, ErrorKind, Retry, retry};

/// Repeats of a call that got no answer or a server error: enough for a hiccup, not for an outage.
const UNCERTAIN_REPEATS: u32 = 4;

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Decides after each failure whether and when to try again.
#[derive(Debug)]
pub struct Patience<'a> {
    clock: &'a Clock,
    listed: &'static [Retry],
    /// When the time of the step is up.
    deadline: Duration,
    /// What is waited for, since when, and the tries so far.
    waiting: Option<(Reason, Duration, u32)>,
    /// How many more times to try after an uncertain failure.
    uncertain: u32,
    /// Codes that say that the object is not there, which was just made.
    unseen: &'static [&'static str],
}

/// Why trying again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Throttled,
    Uncertain,
    Unseen,
    Listed(Retry),
}

impl Reason {
    fn why(self) -> &'static str {
        match self {
            Self::Throttled => "too many calls, slowing down",
            Self::Uncertain => "no clear answer, asking again",
            Self::Unseen => "the new object is not known everywhere yet",
            Self::Listed(retry) => retry.why,
        }
    }

    /// How long it may take to pass, where the time of the step is not the limit.
    fn limit(self) -> Option<Duration> {
        match self {
            Self::Throttled | Self::Uncertain => None,
            Self::Unseen => Some(retry::IAM),
            Self::Listed(retry) => Some(retry.limit),
        }
    }
}

impl<'a> Patience<'a> {
    /// Patience until `limit` from now with throttling, and with errors that the type lists for as long as those may
    /// take.
    pub fn new(clock: &'a Clock, listed: &'static [Retry], limit: Duration) -> Self {
        Self { clock, listed, deadline: clock.steady() + limit, waiting: None, uncertain: 0, unseen: &[] }
    }

    /// The same for a call that nobody below repeats: with uncertain failures too.
    pub fn with_making(clock: &'a Clock, listed: &'static [Retry], limit: Duration) -> Self {
        Self { uncertain: UNCERTAIN_REPEATS, ..Self::new(clock, listed, limit) }
    }

    /// The same for calls about an object that was made a moment ago: `missing` are codes that say it is not there.
    #[must_use]
    pub fn with_new(self, missing: &'static [&'static str]) -> Self {
        Self { unseen: missing, ..self }
    }

    /// Waits before the next try and says why in `progress`, or gives the error back when it is final.
    ///
    /// # Errors
    /// The error, when trying again would not help or the time is up; then it says what was waited for, and how long.
    pub async fn after(&mut self, error: Error, progress: &dyn Fn(&str)) -> Result<(), Error> {
        let Some(reason) = self.reason(&error) else { return Err(error) };
        // Not the time of day: somebody may set that meanwhile.
        let now = self.clock.steady();
        let (since, tries) = match self.waiting {
            Some((before, since, tries)) if before == reason => (since, tries),
            _ => (now, 0),
        };
        self.waiting = Some((reason, since, tries + 1));
        let deadline = reason.limit().map_or(self.deadline, |limit| self.deadline.min(since + limit));
        let pause = self.pause(tries);
        if now + pause > deadline {
            return Err(given_up(error, reason, now.saturating_sub(since), tries + 1));
        }
        progress(reason.why());
        self.clock.sleep(pause).await;
        Ok(())
    }

    fn reason(&mut self, error: &Error) -> Option<Reason> {
        match error.kind {
            ErrorKind::Throttled => Some(Reason::Throttled),
            ErrorKind::Server | ErrorKind::NoAnswer => {
                self.uncertain = self.uncertain.checked_sub(1)?;
                Some(Reason::Uncertain)
            }
            // What is said of credentials may be of new ones, not known everywhere yet.
            ErrorKind::Refused | ErrorKind::Credentials => {
                let listed = self.listed.iter().find(|retry| retry.fits(error)).copied().map(Reason::Listed);
                listed.or_else(|| error.is(self.unseen).then_some(Reason::Unseen))
            }
            ErrorKind::Unreachable | ErrorKind::Local => None,
        }
    }

    /// Doubles from half a second, with up to a quarter of it at random so that many waiting steps spread out.
    fn pause(&self, tries: u32) -> Duration {
        let base = Duration::from_millis(500).saturating_mul(1 << tries.min(6)).min(LONGEST_PAUSE);
        let mut byte = [0];
        // Without randomness the pauses are merely less spread out.
        let _ = self.clock.random(&mut byte);
        base + base.mul_f64(f64::from(byte[0]) / 1024.0)
    }
}

/// The error with what was waited for.
fn given_up(error: Error, reason: Reason, time: Duration, tries: u32) -> Error {
    let seconds = time.as_secs();
    let asked = if tries == 1 { "once".to_owned() } else { format!("{tries} times in {seconds} seconds") };
    let message = error.message.trim_end_matches('.');
    let message = match reason {
        Reason::Throttled | Reason::Uncertain => format!("{message}. It was asked {asked} ({})", reason.why()),
        Reason::Listed(_) | Reason::Unseen => format!(
            "{message}. That can pass by itself ({}), so it was asked {asked}, but it did not pass",
            reason.why()
        ),
    };
    Error { message, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &[Retry] =
        &[Retry::of(&["X"], "InUse", "a listener is going away", Duration::from_secs(30)).saying("listener")];

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

    /// How often the call is made, how long that takes, and what is said in the end.
    async fn tries(error: Error) -> (u32, Duration, String) {
        let clock = Clock::pinned(Duration::ZERO, 1);
        let mut patience = Patience::with_making(&clock, LISTED, Duration::from_secs(60));
        let mut tries = 1;
        loop {
            match patience.after(error.clone(), &|_| ()).await {
                Ok(()) => tries += 1,
                Err(error) => return (tries, clock.now(), error.message),
            }
        }
    }

    #[tokio::test]
    async fn only_what_passes_is_tried_again() {
        assert_eq!(tries(error(ErrorKind::Refused, "AccessDenied", "")).await.0, 1);
        assert_eq!(tries(error(ErrorKind::Refused, "InUse", "by a rule")).await.0, 1);
        assert!(tries(error(ErrorKind::Refused, "InUse", "by a listener")).await.0 > 4);
        assert!(tries(error(ErrorKind::Throttled, "Throttling", "")).await.0 > 4);
        assert_eq!(tries(error(ErrorKind::NoAnswer, "", "")).await.0, 1 + UNCERTAIN_REPEATS);
        assert_eq!(tries(error(ErrorKind::Server, "", "")).await.0, 1 + UNCERTAIN_REPEATS);
        assert_eq!(tries(error(ErrorKind::Unreachable, "", "")).await.0, 1);
        assert_eq!(tries(error(ErrorKind::Credentials, "", "")).await.0, 1);
    }

    #[tokio::test]
    async fn an_error_holds_for_its_call_alone() {
        let other = Error { operation: "Y".into(), ..error(ErrorKind::Refused, "InUse", "by a listener") };
        assert_eq!(tries(other).await.0, 1);
    }

    #[tokio::test]
    async fn a_listed_error_has_a_limit_of_its_own() {
        let (tries, time, text) = tries(error(ErrorKind::Refused, "InUse", "by a listener")).await;
        assert!(time > Duration::from_secs(10) && time <= Duration::from_secs(30), "{time:?}");
        let words = format!(
            "by a listener. That can pass by itself (a listener is going away), so it was asked {tries} times in {} seconds, but it did not pass",
            time.as_secs()
        );
        assert_eq!(text, words);
    }

    #[tokio::test]
    async fn setting_the_clock_changes_no_limit() {
        let clock = Clock::pinned(Duration::from_secs(1_000_000), 1);
        let mut patience = Patience::new(&clock, LISTED, Duration::from_secs(600));
        for jump in [0, 2_000_000, 5].repeat(20) {
            clock.set(Duration::from_secs(jump));
            if patience.after(error(ErrorKind::Refused, "InUse", "by a listener"), &|_| ()).await.is_err() {
                break;
            }
        }
        assert!(clock.steady() > Duration::from_secs(10) && clock.steady() <= Duration::from_secs(30));
    }

    #[tokio::test]
    async fn what_was_just_made_may_not_be_known_yet() {
        let clock = Clock::pinned(Duration::ZERO, 1);
        let error = || error(ErrorKind::Refused, "NotFound", "");
        let patience = || Patience::new(&clock, LISTED, Duration::from_secs(600));
        assert!(patience().after(error(), &|_| ()).await.is_err());
        assert!(patience().with_new(&["NotFound"]).after(error(), &|_| ()).await.is_ok());
    }

    #[tokio::test]
    async fn another_reason_has_time_of_its_own() {
        let clock = Clock::pinned(Duration::ZERO, 1);
        let mut patience = Patience::new(&clock, LISTED, Duration::from_secs(600));
        let listed = || error(ErrorKind::Refused, "InUse", "by a listener");
        while patience.after(listed(), &|_| ()).await.is_ok() {}
        assert!(patience.after(error(ErrorKind::Throttled, "", ""), &|_| ()).await.is_ok());
        assert!(patience.after(listed(), &|_| ()).await.is_ok());
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
