//! The state that a run started from, for undoing that run.
//!
//! While the state file is not written, it is what stands there. A run that was stopped in order has written it: its journal
//! stays and holds the [`WayBack`]. A run that undoes another one starts where that one did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::journal::{Entry, Recorded, Records, form};
use super::{Instance, InstanceKey, Output, Standing, State};
use crate::value::json::Raw;

/// The command in the journal of a run that undoes another one.
pub const UNDO: &str = "apply -rollback";

/// What the state that a run started from says otherwise than the one that it wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WayBack {
    /// Checksum of the state that the run started from.
    digest: String,
    /// Objects that it remembers otherwise; none: not at all.
    instances: Vec<(InstanceKey, Option<Box<Instance>>)>,
    /// All its outputs.
    #[serde(with = "form::outputs")]
    outputs: BTreeMap<String, Output>,
    /// Its results of checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check_results: Option<Raw>,
}

/// The state that a run started from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// That state.
    pub(super) state: Box<State>,
    /// Its checksum; empty when there was none.
    pub(super) digest: String,
    /// How many entries of the journal are older than the run.
    pub(super) since: usize,
}

impl WayBack {
    /// From the state that a run wrote to the one that it started from; none when they say the same.
    pub(super) fn between(now: &State, origin: &State, digest: String) -> Option<Self> {
        let differs = |(key, instance): &(&InstanceKey, &Instance)| now.instances.get(key) != Some(instance);
        let before =
            origin.instances.iter().filter(differs).map(|(key, one)| (key.clone(), Some(Box::new(one.clone()))));
        let new = now.instances.keys().filter(|key| !origin.instances.contains_key(key)).map(|key| (key.clone(), None));
        let instances: Vec<_> = before.chain(new).collect();
        let is_same = instances.is_empty() && now.outputs == origin.outputs;
        let (outputs, check_results) = (origin.outputs.clone(), origin.check_results.clone());
        (!is_same).then_some(Self { digest, instances, outputs, check_results })
    }

    fn applied_to(&self, mut now: State) -> State {
        for (key, instance) in &self.instances {
            match instance {
                Some(instance) => drop(now.instances.insert(key.clone(), (**instance).clone())),
                None => drop(now.instances.remove(key)),
            }
        }
        let (outputs, check_results) = (self.outputs.clone(), self.check_results.clone());
        State { outputs, check_results, ..now }
    }
}

impl Origin {
    /// Where the run started that can be undone: one that was interrupted, or stopped with the way back kept. `stored` is
    /// the state that is stored, with its checksum and how the journal belongs to it.
    pub(super) fn find(records: &Records, standing: Standing, stored: &State, digest: &str) -> Option<Self> {
        let entries = &records.entries;
        let folded = entries.iter().rposition(|one| is_folded(one, digest));
        let here = |since| Self { state: Box::new(stored.clone()), digest: digest.to_owned(), since };
        match (standing, folded) {
            (Standing::Overtaken | Standing::Foreign, _) => None,
            (_, None) => Some(here(begun(entries, digest))),
            (_, Some(at)) => {
                let mut later = entries[at..].iter().filter_map(command);
                let went_back = later.clone().all(|command| command == UNDO);
                match entries[..at].last().map(|one| &one.entry) {
                    Some(Entry::WayBack(way)) if went_back => {
                        let (state, digest) = (Box::new(way.applied_to(stored.clone())), way.digest.clone());
                        Some(Self { since: known(&entries[..at], &digest), state, digest })
                    }
                    _ => later.next().map(|_| here(at)),
                }
            }
        }
    }
}

fn command(one: &Recorded) -> Option<&str> {
    match &one.entry {
        Entry::Begin { command, .. } => Some(command),
        _ => None,
    }
}

fn is_folded(one: &Recorded, digest: &str) -> bool {
    matches!(&one.entry, Entry::Folded { digest: into, .. } if into == digest)
}

/// Where the first run began from the state with this checksum.
fn begun(entries: &[Recorded], digest: &str) -> usize {
    entries
        .iter()
        .position(|one| matches!(&one.entry, Entry::Begin { digest: from, .. } if from == digest))
        .unwrap_or(0)
}

/// How many entries of the journal the state with this checksum has in it.
pub(super) fn known(entries: &[Recorded], digest: &str) -> usize {
    entries.iter().rposition(|one| is_folded(one, digest)).unwrap_or_else(|| begun(entries, digest))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::value::Value;

    fn key(name: &str) -> InstanceKey {
        InstanceKey::current(format!("a.{name}").parse().expect("an address"))
    }

    /// A state of objects, each with a size, and an output.
    fn state(objects: &[(&str, u32)], output: &str) -> State {
        let mut state = State::of_lineage("x");
        for (name, size) in objects {
            let value = Value::object([("size".into(), i64::from(*size).into())].into());
            let instance = Instance::new("provider[\"toy\"]", 0, &value, &value.ty()).expect("an instance");
            state.instances.insert(key(name), instance);
        }
        state.outputs.insert("o".into(), Output { value: output.into(), sensitive: false });
        state
    }

    #[test]
    fn the_way_back_leads_back() {
        let before = state(&[("kept", 1), ("changed", 1), ("gone", 1)], "old");
        let now = state(&[("kept", 1), ("changed", 2), ("new", 1)], "new");
        let way = WayBack::between(&now, &before, "d0".into()).expect("a way");
        let names: Vec<&InstanceKey> = way.instances.iter().map(|(key, _)| key).collect();
        assert_eq!(names, [&key("changed"), &key("gone"), &key("new")], "what stayed is not in it");
        assert_eq!(way.applied_to(now), before);
        assert_eq!(WayBack::between(&before, &before, "d0".into()), None);
        let other = state(&[("kept", 1), ("changed", 1), ("gone", 1)], "new");
        let way = WayBack::between(&other, &before, "d0".into()).expect("a way of outputs alone");
        assert!(way.instances.is_empty());
        assert_eq!(way.applied_to(other), before);
    }

    fn begin(run: u32, digest: &str, command: &str) -> Entry {
        Entry::Begin { run, lineage: "x".into(), serial: 1, digest: digest.into(), command: command.into() }
    }

    fn folded(digest: &str) -> Entry {
        Entry::Folded { serial: 2, digest: digest.into() }
    }

    /// Where the run started that can be undone: checksum of its state, that state, and how much of the journal is older.
    fn found(entries: &[Entry], standing: Standing, stored: &State, digest: &str) -> Option<(String, State, usize)> {
        let recorded = |(seq, entry): (u64, &Entry)| Recorded { seq, at: Duration::ZERO, entry: entry.clone() };
        let records = Records { entries: (1..).zip(entries).map(recorded).collect(), ..Records::default() };
        Origin::find(&records, standing, stored, digest).map(|found| (found.digest, *found.state, found.since))
    }

    #[test]
    fn an_interrupted_run_started_from_the_state_that_is_stored() {
        let stored = state(&[("kept", 1)], "old");
        let here = |since| Some(("d0".to_owned(), stored.clone(), since));
        let runs = [begin(1, "d0", "apply"), begin(2, "d0", "apply")];
        assert_eq!(found(&runs, Standing::Current, &stored, "d0"), here(0));
        // The state was written in between: the second run started from that.
        let runs = [begin(1, "dx", "apply"), folded("d0"), begin(2, "d0", "apply")];
        assert_eq!(found(&runs, Standing::Current, &stored, "d0"), here(1));
        for standing in [Standing::Overtaken, Standing::Foreign] {
            assert_eq!(found(&runs, standing, &stored, "d0"), None);
        }
        // A run that ended in order and kept no way back.
        let runs = [begin(1, "dx", "apply"), folded("d0"), Entry::End { run: 1 }];
        assert_eq!(found(&runs, Standing::Folded, &stored, "d0"), None);
    }

    #[test]
    fn a_stopped_run_started_where_its_way_back_leads() {
        let (before, now) = (state(&[("kept", 1)], "old"), state(&[("kept", 2)], "new"));
        let way = WayBack::between(&now, &before, "d0".into()).expect("a way");
        let mut entries =
            vec![begin(1, "d0", "apply"), Entry::WayBack(Box::new(way)), folded("d1"), Entry::End { run: 1 }];
        let start = Some(("d0".to_owned(), before, 0));
        assert_eq!(found(&entries, Standing::Folded, &now, "d1"), start);
        // An undoing that was killed goes on from there.
        entries.push(begin(2, "d1", UNDO));
        assert_eq!(found(&entries, Standing::Current, &now, "d1"), start);
        // Another run has gone on from what was written: that one is what can be undone.
        entries.push(begin(3, "d1", "apply"));
        assert_eq!(found(&entries, Standing::Current, &now, "d1"), Some(("d1".to_owned(), now.clone(), 2)));
    }
}
