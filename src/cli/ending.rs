//! The end of a run: the state is written and the lock released. After a signal that is over within two seconds, also
//! when the place of the state does not answer any more: the journal has what the state lacks. A file of this machine
//! needs no such limit.
//!
//! | seconds after the first signal | at the latest |
//! |---|---|
//! | [`GRACE`](crate::apply::run::GRACE) | running calls are given up |
//! | [`SAVED`] | writing the journal and the state is given up, and removing the journal |
//! | [`ENDED`] | releasing the lock is given up |

use std::collections::BTreeSet;
use std::time::Duration;

use super::failure::Failure;
use super::stack::Stack;
use crate::apply::{Outcome, Stop};
use crate::diagnostic::{Diagnostic, Report};
use crate::state::journal;
use crate::state::origin::Origin;
use crate::state::store::LOST;
use crate::state::{self, Journal, OpenIntent, Saved, Store};

/// How long after the first signal the state may still be written.
pub(super) const SAVED: Duration = Duration::from_millis(1550);
/// How long after the first signal the lock may still be released.
pub(super) const ENDED: Duration = Duration::from_millis(1800);

/// A run that ends.
pub(super) struct Ending<'a> {
    pub stack: &'a Stack,
    /// Its command, such as `apply`.
    pub command: &'a str,
    /// Whether it undoes an interrupted one.
    pub is_undoing: bool,
    /// Whether it applies a saved plan.
    pub is_saved: bool,
    pub stop: &'a Stop,
    /// Whether somebody else has to answer before the state is written.
    pub is_remote: bool,
}

impl Ending<'_> {
    /// What the work comes to; none when somebody does not answer so long after the first signal.
    pub(super) async fn within<T>(&self, time: Duration, work: impl Future<Output = T>) -> Option<T> {
        if self.is_remote { self.stop.within(time, work).await } else { Some(work.await) }
    }

    /// Writes the state and releases the lock. `late` are calls of an interrupted run whose end is not known yet.
    ///
    /// # Errors
    /// Something went wrong, here or in the run, or the run did not do everything: all of that.
    pub(super) async fn save(
        &self,
        outcome: &mut Outcome,
        late: &[OpenIntent],
        store: &mut Store,
        journal: Journal,
        origin: Origin,
    ) -> Result<(), Failure> {
        let open = [&outcome.open[..], late].concat();
        let clock = &self.stack.around.clock;
        let is_cut = self.is_cut(outcome);
        let writing = async {
            if is_cut && (self.is_undoing || did_something(outcome)) {
                state::stop(store, journal, &outcome.state, &open, origin, clock).await
            } else {
                state::save(store, journal, &outcome.state, &open, clock).await
            }
        };
        let saved = self.within(SAVED, writing).await;
        let saved = saved.unwrap_or_else(|| Err(unwritten(store.shown(), "What this run did is")));
        let saved = match saved {
            Ok(saved) => {
                outcome.report.0.extend(tidy(saved, store, self.stop).await.0);
                Ok(())
            }
            Err(problem) => Err(problem),
        };
        let is_lost = saved.as_ref().is_err_and(|problem| problem.summary == LOST);
        let place = if saved.is_ok() { "state" } else { "journal" };
        let released = unlock(store, self.stop).await;
        if saved.is_ok() && released.is_ok() && !outcome.report.has_errors() && !is_cut {
            return Ok(());
        }
        let mut report = std::mem::take(&mut outcome.report);
        report.0.extend((is_cut && !is_lost).then(|| self.interrupted(outcome, place)));
        report.0.extend(saved.err().into_iter().chain(released.err()));
        Err(self.stack.fail(report))
    }

    /// Ends a run that could not even write its journal down in time, so that nobody knows what it came to.
    pub(super) async fn given_up(&self, store: &mut Store) -> Failure {
        // A lost lock, which stops a run as well, is why then.
        let lost = self.within(SAVED, store.check_lock()).await.and_then(Result::err);
        let what = "What this run did is, as far as it could be written down,";
        let problem = lost.unwrap_or_else(|| unwritten(store.shown(), what));
        let released = unlock(store, self.stop).await;
        self.stack.fail(Report(std::iter::once(problem).chain(released.err()).collect()))
    }

    /// Whether it was cut short: a run that did everything was not, whenever it was told to stop.
    fn is_cut(&self, outcome: &Outcome) -> bool {
        let is_all = !outcome.report.has_errors() && outcome.skipped.is_empty() && under_way(outcome) == 0;
        self.stop.is_asked() && (self.is_undoing || !is_all)
    }

    fn interrupted(&self, outcome: &Outcome, place: &str) -> Diagnostic {
        let did_something = did_something(outcome);
        let go_on = if self.is_saved && did_something {
            "The saved plan is stale now: plan again to go on"
        } else {
            "Run the command again to go on"
        };
        let way_back = match self.command {
            "apply" if did_something && self.is_saved => {
                "; or undo what was done, without the plan file:\n\n    glaz apply -rollback"
            }
            "apply" if did_something => "; or undo what was done, with the same flags and:\n\n    glaz apply -rollback",
            _ => ".",
        };
        let under_way = match under_way(outcome) {
            0 => String::new(),
            1 => " One step was still under way: the next run looks up what became of it.".into(),
            steps => format!(" {steps} steps were still under way: the next run looks up what became of them."),
        };
        let text = format!(
            "The run was stopped: {} made, {} changed, {} deleted, {} not started. Everything that was done is in the {place}.{under_way} {go_on}{way_back}",
            outcome.counts.added,
            outcome.counts.changed,
            outcome.counts.destroyed,
            outcome.skipped.len(),
        );
        Diagnostic::error("Interrupted", text)
    }
}

/// Removes the journal beside a state that is written; warnings when it stays. After a signal nobody waits long for that.
pub(super) async fn tidy(saved: Saved, store: &Store, stop: &Stop) -> Report {
    let tidied = stop.within(SAVED, saved.tidy()).await;
    tidied.unwrap_or_else(|| Report(vec![journal::kept(&store.journal(), None)]))
}

/// Releases the lock of a store, after a signal not for longer than a person waits.
///
/// # Errors
/// It is not released, or not as far as can be told.
pub(super) async fn unlock(store: &mut Store, stop: &Stop) -> Result<(), Diagnostic> {
    let shown = store.shown().to_owned();
    let released = stop.within(ENDED, store.unlock()).await;
    released.unwrap_or_else(|| {
        let text = format!("The run was stopped, and the lock on {shown} could not be released in time.");
        let help = "The lock expires by itself for glaz; a run on this machine takes it over at once. For Terraform, or to be rid of it, look who holds it with `glaz state lock-info` and release it with `glaz force-unlock`.";
        Err(Diagnostic::error("Error releasing the state lock", text).help(help))
    })
}

/// How many steps have no known end.
fn under_way(outcome: &Outcome) -> usize {
    let open = outcome.open.iter().map(|open| &open.intent.key.address);
    open.chain(&outcome.given_up).collect::<BTreeSet<_>>().len()
}

/// Whether there is something to take back.
fn did_something(outcome: &Outcome) -> bool {
    let counts = &outcome.counts;
    let done = counts.added + counts.changed + counts.destroyed + counts.imported;
    done > 0 || under_way(outcome) > 0 || outcome.report.has_errors()
}

fn unwritten(shown: &str, what: &str) -> Diagnostic {
    let text = format!(
        "The run was stopped, and {shown} could not be written in time. {what} in the journal beside it; calls of which it does not know the end are looked up by the next run."
    );
    Diagnostic::error("The state was not written", text).help("Run the command again to go on.")
}
