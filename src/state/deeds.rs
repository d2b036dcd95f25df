//! What a run that was interrupted or stopped did to each object, told from the state it started from and its journal: for
//! undoing it.
//!
//! Objects are followed from name to name: one that was moved, or set aside for its replacement, is still the same. What
//! counts is how they are now against how they were; that something went to and fro in between does not matter.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::journal::{Action, Entry, Left, StepRef};
use super::{Instance, InstanceKey, State};

/// What was done to one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// What names it now; what named it, when it is gone.
    pub key: InstanceKey,
    /// What was done.
    pub what: Did,
}

/// What was done to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Did {
    /// It was made.
    Made,
    /// It exists longer than the run: that took it over.
    TakenOver {
        /// How it was then.
        found: Box<Instance>,
    },
    /// It was changed.
    Changed {
        /// How it was before.
        before: Box<Instance>,
        /// Whether that was to be brought out by a deployment.
        deploys: bool,
    },
    /// It was deleted.
    Deleted,
}

/// What an interrupted run did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deeds {
    /// What was done to objects, in the order in which it was done.
    pub deeds: Vec<Deed>,
    /// Objects that are remembered under another name now: the name of now, and that of before.
    pub moved: Vec<(InstanceKey, InstanceKey)>,
    /// Objects that exist and are not remembered any more.
    pub forgotten: Vec<(InstanceKey, Instance)>,
}

/// An object on its way through the journal.
struct Object {
    /// What named it before; none when it was not remembered.
    origin: Option<InstanceKey>,
    is_made: bool,
    instance: Instance,
    /// How it was before it was changed for the first time.
    before: Option<Instance>,
    deploys: bool,
    /// Number of the last entry about it.
    last: usize,
}

/// The journal read so far.
#[derive(Default)]
struct Reading {
    objects: BTreeMap<InstanceKey, Object>,
    /// Objects that are gone, under the names of before.
    gone: Vec<(usize, InstanceKey)>,
    forgotten: Vec<(InstanceKey, Instance)>,
    actions: BTreeMap<StepRef, Action>,
    /// By making step: the name of the object that gives way to what it makes, and its name meanwhile.
    asides: BTreeMap<StepRef, (InstanceKey, InstanceKey)>,
}

/// What the entries of the journal of a run did to the objects of the state that it started from. Pure.
pub fn deeds<'a>(before: &State, entries: impl IntoIterator<Item = &'a Entry>) -> Deeds {
    let mut reading = Reading::default();
    for (key, instance) in &before.instances {
        let (origin, instance) = (Some(key.clone()), instance.clone());
        let object = Object { origin, is_made: false, instance, before: None, deploys: false, last: 0 };
        reading.objects.insert(key.clone(), object);
    }
    for (at, entry) in entries.into_iter().enumerate() {
        reading.read(at, entry);
    }
    reading.result()
}

impl Reading {
    fn read(&mut self, at: usize, entry: &Entry) {
        match entry {
            Entry::Intent(intent) => {
                self.actions.insert(intent.step, intent.action);
                if let Some((aside, _)) = intent.set_aside() {
                    self.asides.insert(intent.step, (intent.key.clone(), aside.clone()));
                    self.renamed(&intent.key, &aside);
                }
                if let (Action::Update, Some(object)) = (intent.action, self.objects.get_mut(&intent.key)) {
                    let before = intent.before.as_deref().unwrap_or(&object.instance);
                    object.before.get_or_insert_with(|| before.clone());
                    object.deploys |= intent.deploys;
                    object.last = at;
                }
            }
            Entry::Done { step, key, instance: Some(instance) }
            | Entry::Failed { step, key, left: Left::Partial(instance), .. } => self.is_now(at, *step, key, instance),
            Entry::Done { key, instance: None, .. } => {
                let origin = self.objects.remove(key).and_then(|object| object.origin);
                self.gone.extend(origin.map(|origin| (at, origin)));
            }
            Entry::Set { changes } => self.set(at, changes),
            Entry::Awaited { step } | Entry::Failed { step, left: Left::Nothing, .. } => {
                if let Some((key, aside)) = self.asides.remove(step)
                    && !self.objects.contains_key(&key)
                {
                    self.renamed(&aside, &key);
                }
            }
            Entry::Begin { .. }
            | Entry::Made { .. }
            | Entry::Failed { left: Left::Unclear, .. }
            | Entry::Outputs(_)
            | Entry::CheckResults(_)
            | Entry::WayBack(_)
            | Entry::Folded { .. }
            | Entry::End { .. } => {}
        }
    }

    /// An object has another name.
    fn renamed(&mut self, from: &InstanceKey, to: &InstanceKey) {
        if let Some(object) = self.objects.remove(from) {
            self.objects.insert(to.clone(), object);
        }
    }

    /// A step left the object like this.
    fn is_now(&mut self, at: usize, step: StepRef, key: &InstanceKey, instance: &Instance) {
        let Some(object) = self.objects.get_mut(key) else {
            let instance = instance.clone();
            let made = Object { origin: None, is_made: true, instance, before: None, deploys: false, last: at };
            self.objects.insert(key.clone(), made);
            return;
        };
        // One that could not be deleted was read again; others changed it, if anybody did.
        if self.actions.get(&step) != Some(&Action::Delete) {
            // Steps that call nobody write down no intent.
            let then = &object.instance;
            object.before.get_or_insert_with(|| then.clone());
            object.last = at;
        }
        object.instance = instance.clone();
    }

    /// Objects changed in the state alone: moved, set aside, taken over, forgotten, noted.
    fn set(&mut self, at: usize, changes: &[(InstanceKey, Option<Box<Instance>>)]) {
        let mut away = Vec::new();
        for (key, now) in changes {
            let stays = |object: &Object| now.as_deref().is_some_and(|now| is_same_object(&object.instance, now));
            if self.objects.get(key).is_some_and(|object| !stays(object)) {
                away.extend(self.objects.remove(key));
            }
        }
        for (key, now) in changes {
            let Some(now) = now.as_deref() else { continue };
            if let Some(object) = self.objects.get_mut(key) {
                object.instance = now.clone();
                continue;
            }
            let object = if let Some(place) = away.iter().position(|object| is_same_object(&object.instance, now)) {
                Object { instance: now.clone(), ..away.swap_remove(place) }
            } else {
                let again = self.forgotten.iter().position(|(_, instance)| is_same_object(instance, now));
                let origin = again.map(|place| self.forgotten.swap_remove(place).0);
                let before = origin.is_none().then(|| now.clone());
                Object { origin, is_made: false, instance: now.clone(), before, deploys: false, last: at }
            };
            self.objects.insert(key.clone(), object);
        }
        self.forgotten.extend(away.into_iter().filter_map(|object| Some((object.origin?, object.instance))));
    }

    fn result(self) -> Deeds {
        let mut deeds: Vec<(usize, Deed)> =
            self.gone.into_iter().map(|(at, key)| (at, Deed { key, what: Did::Deleted })).collect();
        let mut moved = Vec::new();
        for (key, object) in self.objects {
            let Object { origin, is_made, instance, before, deploys, last } = object;
            if let Some(origin) = origin.clone().filter(|origin| *origin != key) {
                moved.push((key.clone(), origin));
            }
            let what = match (origin, is_made) {
                (None, true) => Did::Made,
                (None, false) => Did::TakenOver { found: Box::new(before.unwrap_or(instance)) },
                // What a deployment does to the service may be under way.
                (Some(_), _) => match before.filter(|before| deploys || !is_alike(before, &instance)) {
                    Some(before) => Did::Changed { before: Box::new(before), deploys },
                    None => continue,
                },
            };
            deeds.push((last, Deed { key, what }));
        }
        deeds.sort_by_key(|(last, _)| *last);
        Deeds { deeds: deeds.into_iter().map(|(_, deed)| deed).collect(), moved, forgotten: self.forgotten }
    }
}

/// Whether both are about the same object: by its id, or by everything.
pub fn is_same_object(one: &Instance, other: &Instance) -> bool {
    one.attributes.as_str() == other.attributes.as_str() || id(one).is_some_and(|id_of| Some(id_of) == id(other))
}

/// Whether the object is what it was, with what is remembered of it.
pub fn is_alike(one: &Instance, other: &Instance) -> bool {
    one.attributes.as_str() == other.attributes.as_str() && one.private == other.private && one.tainted == other.tainted
}

fn id(instance: &Instance) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<String>,
    }
    serde_json::from_str::<Named>(instance.attributes.as_str()).ok()?.id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::journal::Intent;
    use crate::value::Value;

    fn key(address: &str) -> InstanceKey {
        InstanceKey::current(address.parse().expect("an address"))
    }

    fn aside(address: &str) -> InstanceKey {
        InstanceKey { deposed: Some("00000001".into()), ..key(address) }
    }

    fn object(id: &str, size: u32) -> Instance {
        let value = Value::object([("id".into(), id.into()), ("size".into(), i64::from(size).into())].into());
        Instance::new("provider[\"toy\"]", 0, &value, &value.ty()).expect("an instance")
    }

    fn intent(step: u64, action: Action, address: &str, before: Option<Instance>) -> Entry {
        let intent = Intent::of(StepRef { run: 1, step }, key(address), action);
        Entry::Intent(Intent { before: before.map(Box::new), ..intent })
    }

    fn done(step: u64, key: InstanceKey, instance: Option<Instance>) -> Entry {
        Entry::Done { step: StepRef { run: 1, step }, key, instance: instance.map(Box::new) }
    }

    fn set(changes: &[(InstanceKey, Option<Instance>)]) -> Entry {
        Entry::Set { changes: changes.iter().map(|(key, one)| (key.clone(), one.clone().map(Box::new))).collect() }
    }

    fn state(all: &[(&str, Instance)]) -> State {
        let mut state = State::of_lineage("x");
        state.instances = all.iter().map(|(address, instance)| (key(address), instance.clone())).collect();
        state
    }

    fn told(deeds: &Deeds) -> Vec<String> {
        let word = |what: &Did| match what {
            Did::Made => "made",
            Did::TakenOver { .. } => "taken over",
            Did::Changed { .. } => "changed",
            Did::Deleted => "deleted",
        };
        deeds.deeds.iter().map(|deed| format!("{} {}", word(&deed.what), deed.key)).collect()
    }

    #[test]
    fn what_was_made_changed_and_deleted() {
        let start = state(&[("a.kept", object("k", 1)), ("a.gone", object("g", 1)), ("a.other", object("o", 1))]);
        let seen = object("k", 2);
        let entries = [
            intent(0, Action::Create, "a.new", None),
            done(0, key("a.new"), Some(object("n", 1))),
            intent(1, Action::Update, "a.kept", Some(seen.clone())),
            done(1, key("a.kept"), Some(object("k", 3))),
            intent(2, Action::Delete, "a.gone", None),
            done(2, key("a.gone"), None),
            // Refused, and found drifted when it was looked up.
            intent(3, Action::Delete, "a.other", None),
            done(3, key("a.other"), Some(object("o", 9))),
        ];
        let found = deeds(&start, &entries);
        assert_eq!(told(&found), ["made a.new", "changed a.kept", "deleted a.gone"]);
        assert_eq!(found.deeds[1].what, Did::Changed { before: Box::new(seen), deploys: false });
    }

    #[test]
    fn what_went_to_and_fro_is_as_it_was() {
        let start = state(&[("a.kept", object("k", 1))]);
        let entries = [
            done(0, key("a.new"), Some(object("n", 1))),
            done(1, key("a.kept"), Some(object("k", 3))),
            done(2, key("a.kept"), Some(object("k", 1))),
            done(3, key("a.new"), None),
        ];
        assert_eq!(deeds(&start, &entries), Deeds::default());
    }

    #[test]
    fn objects_are_followed_from_name_to_name() {
        let start = state(&[("a.one", object("1", 1)), ("a.two", object("2", 1)), ("a.left", object("l", 1))]);
        let entries = [
            // `two` becomes `three` and `one` becomes `two`; one is forgotten, and one is taken over.
            set(&[
                (key("a.one"), None),
                (key("a.two"), Some(object("1", 2))),
                (key("a.three"), Some(object("2", 1))),
                (key("a.left"), None),
                (key("a.theirs"), Some(object("t", 1))),
            ]),
            // It is replaced, the new one first.
            set(&[(key("a.three"), None), (aside("a.three"), Some(object("2", 1)))]),
            done(0, key("a.three"), Some(object("3", 1))),
        ];
        let found = deeds(&start, &entries);
        assert_eq!(told(&found), ["taken over a.theirs", "made a.three"]);
        assert_eq!(found.moved, [(aside("a.three"), key("a.two")), (key("a.two"), key("a.one"))]);
        assert_eq!(found.forgotten, [(key("a.left"), object("l", 1))]);
    }
}
