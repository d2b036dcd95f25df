//! Time, sleep and randomness: real ones for people, pinned ones for tests.
//!
//! The binary reads `GLAZ_TEST_CLOCK` (seconds since 1970: the clock starts there, stands still, and sleeping moves it;
//! `100,5=30` sets it to 30 once five seconds were slept, as somebody may who corrects the machine's) and `GLAZ_TEST_SEED`
//! (a number) in `cli`; this module never looks at the environment.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

/// What steady time is counted from.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Where time, waiting and randomness come from. Cheap to clone; clones share their state.
#[derive(Clone, Debug)]
pub struct Clock {
    pinned: Option<Arc<Mutex<Pinned>>>,
}

#[derive(Debug)]
struct Pinned {
    now: Duration,
    /// What was slept.
    slept: Duration,
    seed: u64,
    moved: Arc<tokio::sync::Notify>,
    /// After so much sleep the clock is set to another time; the next one last.
    jumps: Vec<(Duration, Duration)>,
}

impl Pinned {
    fn sleep(&mut self, time: Duration) {
        self.now += time;
        self.slept += time;
        while let Some((_, to)) = self.jumps.pop_if(|(after, _)| *after <= self.slept) {
            self.now = to;
        }
    }
}

impl Clock {
    /// The machine's clock and randomness.
    pub fn system() -> Self {
        Self { pinned: None }
    }

    /// A clock that stands at `unix` and moves only by sleeping; bytes follow from `seed`.
    pub fn pinned(unix: Duration, seed: u64) -> Self {
        let pinned = Pinned { now: unix, slept: Duration::ZERO, seed, moved: Arc::default(), jumps: Vec::new() };
        Self { pinned: Some(Arc::new(Mutex::new(pinned))) }
    }

    /// The same from a text such as `100` or `100,5=30`.
    pub fn from_text(text: &str, seed: u64) -> Option<Self> {
        let seconds = |text: &str| text.parse().ok().map(Duration::from_secs);
        let mut parts = text.split(',');
        let clock = Self::pinned(seconds(parts.next()?)?, seed);
        let jump = |text: &str| text.split_once('=').and_then(|(after, to)| Some((seconds(after)?, seconds(to)?)));
        let mut jumps: Vec<_> = parts.map(jump).collect::<Option<_>>()?;
        jumps.sort_unstable_by(|a, b| b.cmp(a));
        clock.with(|pinned| pinned.jumps = jumps);
        Some(clock)
    }

    /// Whether it moves by sleeping alone.
    pub fn is_pinned(&self) -> bool {
        self.pinned.is_some()
    }

    /// Time since 1970-01-01 UTC.
    pub fn now(&self) -> Duration {
        self.with(|pinned| pinned.now).unwrap_or_else(|| {
            #[allow(clippy::disallowed_methods)] // the one place that may ask
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
        })
    }

    /// Time since some beginning, which only goes forward: to measure with, also while somebody sets the clock.
    pub fn steady(&self) -> Duration {
        self.with(|pinned| pinned.slept).unwrap_or_else(|| START.elapsed())
    }

    /// How long a pause really takes: no time on a pinned clock.
    #[must_use]
    pub fn really(&self, pause: Duration) -> Duration {
        if self.pinned.is_some() { pause.min(Duration::from_millis(1)) } else { pause }
    }

    /// Sets a pinned clock to another time, as somebody may who corrects the machine's.
    pub fn set(&self, unix: Duration) {
        self.with(|pinned| pinned.now = unix);
    }

    /// Waits. A pinned clock moves on at once.
    pub async fn sleep(&self, time: Duration) {
        let moved = self.with(|pinned| {
            pinned.sleep(time);
            pinned.moved.clone()
        });
        if let Some(moved) = moved {
            moved.notify_waiters();
            tokio::task::yield_now().await;
        } else {
            #[allow(clippy::disallowed_methods)] // the one place that may sleep
            tokio::time::sleep(time).await;
        }
    }

    /// Waits until that much time has passed, for what goes on in the background: a pinned clock is moved by others
    /// alone.
    pub async fn pass(&self, time: Duration) {
        let Some((start, moved)) = self.with(|pinned| (pinned.now, pinned.moved.clone())) else {
            return self.sleep(time).await;
        };
        loop {
            let next = moved.notified();
            tokio::pin!(next);
            next.as_mut().enable();
            if self.now() >= start + time {
                return;
            }
            next.await;
        }
    }

    /// A limit for calls to others: comes back after that much time of the machine, and never with a pinned clock, which
    /// may be moved by hours while a call is under way.
    pub async fn limit(&self, time: Duration) {
        if self.pinned.is_some() {
            return std::future::pending().await;
        }
        self.sleep(time).await;
    }

    /// Waits in the machine's time, whatever the clock says: for a person who waits.
    pub async fn wait(time: Duration) {
        #[allow(clippy::disallowed_methods)] // the one place that may sleep
        tokio::time::sleep(time).await;
    }

    /// Fills the buffer with random bytes, fit for passwords unless the clock is pinned.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn random(&self, buffer: &mut [u8]) -> Result<(), getrandom::Error> {
        let pinned = self.with(|pinned| {
            for byte in buffer.iter_mut() {
                // SplitMix64: well spread and reproducible, nothing more is asked of it here.
                pinned.seed = pinned.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut mixed = pinned.seed;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                *byte = (mixed >> 56) as u8;
            }
        });
        if pinned.is_some() { Ok(()) } else { getrandom::fill(buffer) }
    }

    fn with<T>(&self, ask: impl FnOnce(&mut Pinned) -> T) -> Option<T> {
        let pinned = self.pinned.as_ref()?;
        let mut pinned = pinned.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(ask(&mut pinned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pinned_clock_moves_by_sleeping_and_repeats_its_bytes() {
        let clock = Clock::pinned(Duration::from_secs(10), 7);
        clock.sleep(Duration::from_secs(5)).await;
        assert_eq!(clock.now(), Duration::from_secs(15));
        clock.set(Duration::ZERO);
        assert_eq!((clock.now(), clock.steady()), (Duration::ZERO, Duration::from_secs(5)));
        let (mut a, mut b) = ([0; 8], [0; 8]);
        assert!(clock.random(&mut a).is_ok());
        assert!(Clock::pinned(Duration::ZERO, 7).random(&mut b).is_ok());
        assert_eq!(a, b);
    }

    #[tokio::test]
    async fn a_pinned_clock_is_set_while_it_runs() {
        let clock = Clock::from_text("100,5=30,9=1000", 0).expect("a clock");
        let mut seen = Vec::new();
        for _ in 0..5 {
            clock.sleep(Duration::from_secs(2)).await;
            seen.push(clock.now().as_secs());
        }
        assert_eq!((seen, clock.steady()), (vec![102, 104, 30, 32, 1000], Duration::from_secs(10)));
        assert!(["", "x", "1,", "1,2", "1,x=3"].iter().all(|text| Clock::from_text(text, 0).is_none()));
    }
}
