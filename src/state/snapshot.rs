//! The state together with its journal: load both, begin a run, commit it.
//!
//! ```text
//! load(store) -> Loaded { state, open }      what is true now, and what must be looked at first
//! begin(store, loaded) -> Journal            from here on everything is written down
//! save(store, journal, state, open) -> Saved the state file says it all; saved.tidy() removes the journal
//! stop(store, journal, state, open, origin)  the same for a run that was stopped: the journal keeps the way back
//! commit(store, journal, state, open)        saves and tidies
//! ```

use super::deeds::{Deeds, deeds};
use super::fold::{Folded, OpenIntent, Standing, fold, fold_since, standing};
use super::journal::{self, Action, Entry, Intent, Journal, Records};
use super::origin::{Origin, UNDO, WayBack, known};
use super::store::{Store, following};
use super::{InstanceKey, State};
use crate::clock::Clock;
use crate::diagnostic::{Diagnostic, Report};

/// What is true now.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The state, with everything the journal of an interrupted run says. A fresh one when there is none.
    pub state: State,
    /// Whether there was a state or a journal.
    pub exists: bool,
    /// Calls of an interrupted run whose end is not known: look at these before anything else.
    pub open: Vec<OpenIntent>,
    /// Warnings about a journal that does not belong to the state.
    pub warnings: Report,
    journal: Option<(Records, Standing)>,
    /// The state as it is stored, where the journal says more.
    stored: Option<Box<State>>,
    /// Where a run started that can be undone.
    origin: Option<Origin>,
}

impl Loaded {
    /// Whether an interrupted run left something that is not in the state file yet.
    pub fn has_journal(&self) -> bool {
        self.journal.as_ref().is_some_and(|(_, standing)| *standing == Standing::Current)
    }

    /// Calls of which nobody has looked yet what became of them.
    pub fn unseen(&self) -> impl Iterator<Item = &OpenIntent> {
        self.open.iter().filter(|open| !open.is_awaited)
    }

    /// Whether a run was interrupted or stopped, and can be undone.
    pub fn can_be_undone(&self) -> bool {
        self.origin.is_some()
    }

    /// The state that the run started from which can be undone, and what that run did to objects; `found` are the entries
    /// that close its open calls.
    pub fn deeds(&self, found: &[Entry]) -> Option<(&State, Deeds)> {
        let ((records, _), origin) = (self.journal.as_ref()?, self.origin.as_ref()?);
        let since = records.entries.iter().skip(origin.since).map(|recorded| &recorded.entry);
        Some((&origin.state, deeds(&origin.state, since.chain(found))))
    }

    /// Where a run with this command starts that goes on from here: one that undoes another one, where that did.
    pub fn origin(&self, store: &Store, command: &str) -> Origin {
        match &self.origin {
            Some(origin) if command == UNDO => origin.clone(),
            _ => {
                let state = self.stored.clone().unwrap_or_else(|| Box::new(self.state.clone()));
                Origin { state, digest: store.digest(), since: 0 }
            }
        }
    }
}

/// Reads the state and the journal beside it. Takes no lock and changes nothing.
pub async fn load(store: &mut Store, clock: &Clock) -> Result<Loaded, Diagnostic> {
    let snapshot = store.read(clock).await?;
    let exists = snapshot.is_some();
    let location = store.journal();
    let Some(records) = journal::read(&location).await? else {
        let state = snapshot.map_or_else(|| State::fresh(clock), Ok)?;
        let (open, warnings) = (Vec::new(), Report::default());
        return Ok(Loaded { state, exists, open, warnings, journal: None, stored: None, origin: None });
    };
    let digest = store.digest();
    let standing = standing(&records, snapshot.as_ref().map(|state| state.lineage.as_str()), &digest);
    let state = match (snapshot, standing, records.lineage()) {
        (Some(state), ..) => state,
        (None, Standing::Current, Some(lineage)) => State::of_lineage(lineage),
        (None, ..) => State::fresh(clock)?,
    };
    let mut warnings = Report::default();
    let origin = Origin::find(&records, standing, &state, &digest);
    let stored = Some(Box::new(state.clone()));
    let Folded { state, open } = match standing {
        Standing::Current | Standing::Folded => fold_since(state, &records.entries, known(&records.entries, &digest)),
        Standing::Overtaken if is_over(&records) => {
            let open = fold(State::of_lineage(""), &records.entries).open;
            Folded { state, open }
        }
        Standing::Foreign if is_over(&records) => Folded { state, open: Vec::new() },
        Standing::Overtaken => {
            let then = fold(state.clone(), &records.entries);
            let missing = missing(&state, &then);
            warnings.push(overtaken(&location.shown(), store.shown(), &missing));
            // Whoever wrote the state since may know these objects; where it does not, look for them.
            let unknown = |open: &OpenIntent| {
                let is_known = state.instances.contains_key(&open.intent.key);
                open.intent.action == Action::Create && (open.is_awaited || !is_known)
            };
            let open = then.open.into_iter().filter(unknown).collect();
            Folded { state, open }
        }
        Standing::Foreign => {
            if !records.entries.is_empty() {
                warnings.push(foreign(&location.shown(), store.shown()));
            }
            Folded { state, open: Vec::new() }
        }
    };
    let exists = exists || standing == Standing::Current;
    // Nothing in the journal of a run that is over is worth keeping.
    let standing = if is_over(&records) && standing != Standing::Current { Standing::Folded } else { standing };
    Ok(Loaded { state, exists, open, warnings, journal: Some((records, standing)), stored, origin })
}

/// Begins a run: the journal of an interrupted one goes on, any other is put away. Hold the lock, and load after
/// taking it.
pub async fn begin(store: &Store, loaded: &Loaded, command: &str, clock: &Clock) -> Result<Journal, Diagnostic> {
    // Before anything is done: what is done must be written down at the end.
    following(loaded.state.serial, store.shown())?;
    store.ready().await?;
    let location = store.journal();
    let before = loaded.journal.as_ref();
    let goes_on = before.filter(|(_, standing)| match standing {
        Standing::Current => true,
        Standing::Folded => !loaded.open.is_empty() || loaded.can_be_undone() && command == UNDO,
        Standing::Overtaken | Standing::Foreign => false,
    });
    let State { lineage, serial, .. } = &loaded.state;
    let begin = |run| {
        let (lineage, digest, command) = (lineage.clone(), store.digest(), command.to_owned());
        Entry::Begin { run, lineage, serial: *serial, digest, command }
    };
    if let Some((records, _)) = goes_on {
        let journal = Journal::open(location, Some(records), clock)?;
        journal.record(&begin(journal.run())).await?;
        return Ok(journal);
    }
    let holds_more =
        |(records, standing): &(Records, Standing)| *standing != Standing::Folded && !records.entries.is_empty();
    if before.is_some_and(holds_more) {
        journal::put_away(&location, clock).await?;
    }
    let mut entries = Vec::new();
    for open in &loaded.open {
        // Whoever wrote the state since knows best which object is the current one.
        entries.push(Entry::Intent(Intent { aside: None, ..open.intent.clone() }));
        entries.extend(open.made.clone().map(|id| Entry::Made { step: open.intent.step, id }));
        entries.extend(open.is_awaited.then_some(Entry::Awaited { step: open.intent.step }));
    }
    // Steps that are taken over keep their names, so this run counts on.
    entries.push(begin(before.map_or(0, |(records, _)| records.runs()) + 1));
    let generation = before.map_or(0, |(records, _)| records.generation);
    Journal::start(location, &entries, generation, clock).await
}

/// A state that is written.
#[derive(Debug)]
#[must_use = "the journal is still there"]
pub struct Saved {
    /// The journal, when it has nothing that the state lacks.
    done: Option<Journal>,
}

impl Saved {
    /// Removes a journal that is of no use any more. The answer are warnings: one that stays is passed over by the next
    /// run, since it names the state that was written.
    pub async fn tidy(self) -> Report {
        let Some(journal) = self.done else { return Report::default() };
        let location = journal.location().clone();
        let removed = journal.remove().await;
        Report(removed.err().map(|refused| journal::kept(&location, Some(refused))).into_iter().collect())
    }
}

/// Ends a run: writes the state. Its journal may go then, unless `open` intents remain in it.
///
/// The journal names the state it is about to become before that is written: a crash in between is known for what it is.
///
/// # Errors
/// The state cannot be written, or the lock was lost: the journal stays, and the next run goes on from it.
pub async fn save(
    store: &mut Store,
    journal: Journal,
    state: &State,
    open: &[OpenIntent],
    clock: &Clock,
) -> Result<Saved, Diagnostic> {
    match write(store, &journal, state, clock).await {
        Ok(()) if open.is_empty() => Ok(Saved { done: Some(journal) }),
        Ok(()) => {
            end(journal).await;
            Ok(Saved { done: None })
        }
        Err(problem) => {
            journal.close().await;
            Err(problem)
        }
    }
}

/// Ends a run: [saves](save) and [tidies](Saved::tidy). The answer are warnings.
///
/// # Errors
/// As for [`save`].
pub async fn commit(
    store: &mut Store,
    journal: Journal,
    state: &State,
    open: &[OpenIntent],
    clock: &Clock,
) -> Result<Report, Diagnostic> {
    Ok(save(store, journal, state, open, clock).await?.tidy().await)
}

/// Ends a run that was stopped, as [`save`] does; but the journal stays, with the way back to `origin`, until the next
/// run begins: so that this one can be undone.
///
/// # Errors
/// As for [`save`].
pub async fn stop(
    store: &mut Store,
    journal: Journal,
    state: &State,
    open: &[OpenIntent],
    origin: Origin,
    clock: &Clock,
) -> Result<Saved, Diagnostic> {
    let Some(way) = WayBack::between(state, &origin.state, origin.digest) else {
        return save(store, journal, state, open, clock).await;
    };
    // It is durable before the entry that says which state was written.
    let written = match journal.note(&Entry::WayBack(Box::new(way))) {
        Ok(()) => write(store, &journal, state, clock).await,
        Err(problem) => Err(problem),
    };
    if written.is_ok() {
        end(journal).await;
    } else {
        journal.close().await;
    }
    written.map(|()| Saved { done: None })
}

/// Notes that the run ended in order. The state is written: where the note fails, the next run only has more to look at.
async fn end(journal: Journal) {
    drop(journal.record(&Entry::End { run: journal.run() }).await);
    journal.close().await;
}

async fn write(store: &mut Store, journal: &Journal, state: &State, clock: &Clock) -> Result<(), Diagnostic> {
    store.check_lock().await?;
    let prepared = store.prepare(state, clock).await?;
    journal.record(&Entry::Folded { serial: prepared.serial, digest: prepared.digest() }).await?;
    store.write_prepared(&prepared, &state.lineage).await
}

/// Whether the last run ended in order and left nothing that must be looked up: nobody has to know of it, unless it is to
/// be undone.
fn is_over(records: &Records) -> bool {
    let ended = records.entries.last().is_some_and(|last| matches!(last.entry, Entry::End { .. }));
    ended && fold(State::of_lineage(""), &records.entries).open.iter().all(|open| open.is_awaited)
}

/// Objects that the journal knows and the state does not.
fn missing(state: &State, then: &Folded) -> Vec<InstanceKey> {
    then.state.instances.keys().filter(|key| !state.instances.contains_key(key)).cloned().collect()
}

fn overtaken(journal: &str, shown: &str, missing: &[InstanceKey]) -> Diagnostic {
    let mut detail = format!(
        "A run was interrupted and left its journal {journal}, but {shown} was written by somebody else since. The state is taken as it \
         is; the journal is kept under another name when the next run begins."
    );
    if !missing.is_empty() {
        detail.push_str(" The journal knows objects that the state does not; they may exist:\n");
        for key in missing {
            detail.push_str("\n  ");
            detail.push_str(&key.to_string());
        }
    }
    let warning = Diagnostic::warning("The state was changed after an interrupted run", detail);
    if missing.is_empty() {
        warning
    } else {
        warning.help("Look for these objects, and import those that exist before applying.")
    }
}

fn foreign(journal: &str, shown: &str) -> Diagnostic {
    Diagnostic::warning(
        "The journal belongs to another state",
        format!(
            "{journal} tells of an interrupted run on another state than {shown}, or on one that was deleted. It is ignored, and kept \
             under another name when the next run begins."
        ),
    )
}
