//! What is true now: the snapshot, and what the journal says happened since.

use std::collections::BTreeMap;
use std::time::Duration;

use super::journal::{Action, Entry, Intent, Left, Recorded, Records, StepRef};
use super::{InstanceKey, State};

/// A call that was about to be made and whose end is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenIntent {
    /// What was about to be done.
    pub intent: Intent,
    /// The id the object got, when the call is known to have made it.
    pub made: Option<String>,
    /// When it was written down, since 1970-01-01 UTC.
    pub at: Duration,
    /// Whether a run looked it up since and found nothing, which does not mean that nothing comes. It keeps nobody from
    /// changing the state.
    pub is_awaited: bool,
}

/// The result of [`fold`].
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// The snapshot with everything that is known to have happened. Its serial is that of the snapshot.
    pub state: State,
    /// What must be looked at before anything else is done, oldest first.
    pub open: Vec<OpenIntent>,
}

/// The snapshot with everything the entries say. Pure; folding the result with the same entries changes nothing.
pub fn fold(snapshot: State, entries: &[Recorded]) -> Folded {
    fold_since(snapshot, entries, 0)
}

/// The same where the snapshot has the first `known` entries in it, and may know better: of these only the open intents
/// count.
pub fn fold_since(snapshot: State, entries: &[Recorded], known: usize) -> Folded {
    let mut state = snapshot;
    let mut open: BTreeMap<StepRef, OpenIntent> = BTreeMap::new();
    let set = |state: &mut State, key: &InstanceKey, instance: Option<&super::Instance>, is_news: bool| match instance {
        _ if !is_news => {}
        Some(instance) => drop(state.instances.insert(key.clone(), instance.clone())),
        None => drop(state.instances.remove(key)),
    };
    for (index, Recorded { at, entry, .. }) in entries.iter().enumerate() {
        let is_news = index >= known;
        match entry {
            Entry::Intent(intent) => {
                if let (true, Some((aside, old))) = (is_news, intent.set_aside()) {
                    state.instances.remove(&intent.key);
                    state.instances.insert(aside, old.clone());
                }
                open.insert(intent.step, OpenIntent { intent: intent.clone(), made: None, at: *at, is_awaited: false });
            }
            Entry::Made { step, id } => {
                if let Some(open) = open.get_mut(step) {
                    open.made = Some(id.clone());
                }
            }
            Entry::Awaited { step } => {
                if let Some(open) = open.get_mut(step) {
                    open.is_awaited = true;
                    if is_news {
                        open.intent.give_back(&mut state);
                    }
                    open.intent.aside = None;
                }
            }
            Entry::Done { step, key, instance } => {
                open.remove(step);
                set(&mut state, key, instance.as_deref(), is_news);
            }
            Entry::Failed { step, key, left, .. } => match left {
                Left::Unclear => {}
                Left::Nothing => {
                    if let Some(open) = open.remove(step).filter(|_| is_news) {
                        open.intent.give_back(&mut state);
                    }
                }
                Left::Partial(instance) => {
                    let created = open.remove(step).is_some_and(|open| open.intent.action == Action::Create);
                    let mut instance = (**instance).clone();
                    instance.tainted |= created;
                    set(&mut state, key, Some(&instance), is_news);
                }
            },
            Entry::Set { changes } => {
                for (key, instance) in changes {
                    set(&mut state, key, instance.as_deref(), is_news);
                }
            }
            Entry::Outputs(_) | Entry::CheckResults(_) if !is_news => {}
            Entry::Outputs(outputs) => state.outputs.clone_from(outputs),
            Entry::CheckResults(raw) => state.check_results.clone_from(raw),
            Entry::Begin { .. } | Entry::WayBack(_) | Entry::Folded { .. } | Entry::End { .. } => {}
        }
    }
    Folded { state, open: open.into_values().collect() }
}

/// How a journal and the state beside it belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The run started from this state and it was not written since: fold.
    Current,
    /// The state was written with everything in the journal; only open intents count.
    Folded,
    /// The state was written by somebody else since the journal's last word on it; or the run that went on with the journal
    /// has removed what came before.
    Overtaken,
    /// The journal is about a state of another lineage.
    Foreign,
}

/// How the journal belongs to the state with this lineage (none: no state) and checksum.
pub fn standing(records: &Records, lineage: Option<&str>, digest: &str) -> Standing {
    let is_rest = !records.entries.is_empty() && records.lineage().is_none();
    let mut standing = if is_rest { Standing::Overtaken } else { Standing::Foreign };
    let mut is_elsewhere = false;
    for Recorded { entry, .. } in &records.entries {
        match entry {
            Entry::Begin { lineage: of, digest: from, .. } => {
                if from == digest {
                    standing = if standing == Standing::Folded { standing } else { Standing::Current };
                } else if lineage == Some(of) && standing == Standing::Foreign {
                    standing = Standing::Overtaken;
                }
            }
            Entry::Folded { digest: into, .. } => {
                is_elsewhere = into != digest;
                if !is_elsewhere {
                    standing = Standing::Folded;
                }
            }
            // Another state than this one was written for certain: somebody put this one back.
            Entry::End { .. } if is_elsewhere && standing == Standing::Current => standing = Standing::Overtaken,
            // Something happened after the state was written.
            Entry::Done { .. }
            | Entry::Failed { .. }
            | Entry::Intent(Intent { aside: Some(_), .. })
            | Entry::Set { .. }
            | Entry::Outputs(_)
            | Entry::CheckResults(_)
                if standing == Standing::Folded =>
            {
                standing = Standing::Current;
            }
            _ => {}
        }
    }
    standing
}
