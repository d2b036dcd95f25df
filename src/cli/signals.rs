//! SIGINT and SIGTERM while a lock is held.
//!
//! Before a run, while it is planned or the person is asked, a signal releases the lock and ends the process. During a run
//! the first gives running calls a moment and saves; the second stops at once with the journal intact.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::Globals;
use super::ending::ENDED;
use super::shell::Shell;
use crate::apply::Stop;
use crate::clock::Clock;
use crate::diagnostic::Report;
use crate::state::store::Leases;

/// Exit code of a run that was stopped at once, as shells give it for SIGINT.
pub(super) const STOPPED: u8 = 130;
/// How long the command may take to let go of what it holds, such as programs that it runs. One that waits for an answer of
/// the person cannot.
const LETTING_GO: Duration = Duration::from_millis(100);
/// How long the release of the locks may take. One that is not released expires.
const LIMIT: Duration = Duration::from_secs(1);

/// What a signal means now.
#[derive(Clone, Debug, Default)]
pub(super) struct Signals {
    /// Asks the run to stop, when there is one.
    run: Arc<Mutex<Option<Stop>>>,
    is_watched: Arc<AtomicBool>,
    /// How many calls of an interrupted run are looked up, and not yet taken up by this one.
    open: Arc<AtomicUsize>,
    /// Tells that the command is over.
    ended: Arc<Notify>,
}

impl Globals {
    /// From now on a signal releases the locks and ends the process.
    pub(super) fn watch_signals(&self) {
        if self.signals.is_watched.swap(true, Ordering::AcqRel) {
            return;
        }
        let (signals, leases, shell) = (self.signals.clone(), self.leases.clone(), self.shell);
        // Listened to all the time: one that comes while another is answered is not missed. Without a place to listen a
        // signal ends the process, as ever.
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        tokio::spawn(async move {
            loop {
                let came = tokio::select! {
                    came = interrupt.recv() => came,
                    came = terminate.recv() => came,
                };
                if came.is_none() {
                    return;
                }
                signals.came(&leases, shell).await;
            }
        });
    }

    /// From now on a signal stops this run.
    pub(super) fn stop_at_signals(&self, run: &Stop) {
        *self.signals.run.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.clone());
        self.watch_signals();
    }

    /// Releases the locks that are still held at the end of a command; where a run was stopped and there was no time for
    /// it, that was told.
    pub(super) async fn release_locks(&self) -> Report {
        match self.signals.run() {
            Some(run) => run.within(ENDED, self.leases.release()).await.unwrap_or_default(),
            None => self.leases.release().await,
        }
    }
}

impl Signals {
    /// The run that signals stop.
    fn run(&self) -> Option<Stop> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on whoever stops is told that so many calls of an interrupted run are left to the next one.
    pub(super) fn leave_open(&self, calls: usize) {
        self.open.store(calls, Ordering::Release);
    }

    /// Comes back when a signal has ended the command.
    pub(super) async fn ended(&self) {
        self.ended.notified().await;
    }

    async fn came(&self, leases: &Leases, shell: Shell) {
        match self.run() {
            None => shell.err(&format!("\nStopped.{}\n", still_open(self.open.load(Ordering::Acquire)))),
            Some(run) if run.is_asked() => {
                shell.err("\nStopped at once. What was under way is in the journal; the next run looks it up.\n");
            }
            Some(run) => {
                shell.err("\nStopping: no new calls are made, and running ones get a moment to finish. What is not over then is looked up by the next run. Press Ctrl-C again to stop at once.\n");
                return run.ask();
            }
        }
        let unreleased = tokio::select! {
            report = leases.release() => report.0.iter().map(|problem| problem.detail.clone()).collect(),
            () = Clock::wait(LIMIT) => vec!["The lock was not released in time; it expires by itself.".to_owned()],
        };
        unreleased.iter().for_each(|line: &String| shell.err(&format!("{line}\n")));
        self.ended.notify_one();
        Clock::wait(LETTING_GO).await;
        #[allow(clippy::exit)] // the person asked for it
        std::process::exit(STOPPED.into());
    }
}

fn still_open(calls: usize) -> String {
    match calls {
        0 => String::new(),
        1 => " One call of the interrupted run is still open: the next run looks up what became of it.".into(),
        _ => {
            format!(" {calls} calls of the interrupted run are still open: the next run looks up what became of them.")
        }
    }
}
