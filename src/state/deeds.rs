//! What a run that was interrupted or stopped did to each object, told from the state it started from and its journal: for
//! undoing it.
//!
//! Objects are followed from name to name: one that was moved, or set aside for its replacement, is still the same. What
//! counts is how they are now against how they were; that something went to and fro in between does not matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::journal::{Action, Entry, Left, StepRef};
use super::object_ref::{ObjectRef, is_still};
use super::{Instance, InstanceKey, State};
use crate::address::Resource;

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
    /// What was done to objects, in the order in which it was done; what another object needs comes before that one.
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
    /// Number of the entry that made it, or of the last one that changed it.
    at: usize,
}

impl Object {
    /// An entry changed it. What was made by the run is deleted, whatever came after that.
    fn changed(&mut self, at: usize) {
        if !self.is_made {
            self.at = at;
        }
    }
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
        let object = Object { origin, is_made: false, instance, before: None, deploys: false, at: 0 };
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
                    object.changed(at);
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
            let made = Object { origin: None, is_made: true, instance, before: None, deploys: false, at };
            self.objects.insert(key.clone(), made);
            return;
        };
        // One that could not be deleted was read again; others changed it, if anybody did.
        if self.actions.get(&step) != Some(&Action::Delete) {
            // Steps that call nobody write down no intent.
            let then = &object.instance;
            object.before.get_or_insert_with(|| then.clone());
            object.changed(at);
        }
        object.instance = instance.clone();
    }

    /// Objects changed in the state alone: moved, set aside, taken over, forgotten, noted.
    fn set(&mut self, at: usize, changes: &[Change]) {
        let away: Vec<_> = changes.iter().filter_map(|(key, _)| self.objects.remove_entry(key)).collect();
        let from = came_from(&away, changes);
        let mut away: Vec<_> = away.into_iter().map(Some).collect();
        for ((key, now), from) in changes.iter().zip(from) {
            let Some(now) = now.as_deref() else { continue };
            let instance = now.clone();
            let object = if let Some((_, object)) = from.and_then(|from| away.get_mut(from)?.take()) {
                Object { instance, ..object }
            } else {
                let origin = self.remembered_again(key, now);
                let before = origin.is_none().then(|| now.clone());
                Object { origin, is_made: false, instance, before, deploys: false, at }
            };
            self.objects.insert(key.clone(), object);
        }
        let left = away.into_iter().flatten();
        self.forgotten.extend(left.filter_map(|(_, object)| Some((object.origin?, object.instance))));
    }

    /// What named an object before it was forgotten, when this is that one.
    fn remembered_again(&mut self, key: &InstanceKey, now: &Instance) -> Option<InstanceKey> {
        let wanted = ObjectRef::of(key, now);
        let place = |is_it: &dyn Fn(&InstanceKey, &Instance) -> bool| {
            self.forgotten.iter().position(|(was, instance)| is_it(was, instance))
        };
        let place = place(&|was, instance| is_same_record((was, instance), (key, now)))
            .or_else(|| place(&|was, instance| ObjectRef::of(was, instance).is(&wanted)))?;
        Some(self.forgotten.remove(place).0)
    }

    fn result(self) -> Deeds {
        let mut deeds: Vec<(usize, Vec<Arc<Resource>>, Deed)> =
            self.gone.into_iter().map(|(at, key)| (at, Vec::new(), Deed { key, what: Did::Deleted })).collect();
        let mut moved = Vec::new();
        for (key, object) in self.objects {
            let Object { origin, is_made, instance, before, deploys, at } = object;
            if let Some(origin) = origin.clone().filter(|origin| *origin != key) {
                moved.push((key.clone(), origin));
            }
            let needs = instance.dependencies.clone();
            let what = match (origin, is_made) {
                (None, true) => Did::Made,
                (None, false) => Did::TakenOver { found: Box::new(before.unwrap_or(instance)) },
                // What a deployment does to the service may be under way.
                (Some(_), _) => match before.filter(|before| deploys || !is_alike(before, &instance)) {
                    Some(before) => Did::Changed { before: Box::new(before), deploys },
                    None => continue,
                },
            };
            deeds.push((at, needs, Deed { key, what }));
        }
        deeds.sort_by_key(|(at, ..)| *at);
        let deeds = deeds.into_iter().map(|(_, needs, deed)| (needs, deed)).collect();
        Deeds { deeds: needed_first(deeds), moved, forgotten: self.forgotten }
    }
}

/// A change of the state alone.
type Change = (InstanceKey, Option<Box<Instance>>);

/// Where each object comes from that is remembered now: its place among those that were remembered before under the names
/// that changed. A record that says the same tells more than an id, and the same name more than another one.
fn came_from(away: &[(InstanceKey, Object)], changes: &[Change]) -> Vec<Option<usize>> {
    let were: Vec<_> = away.iter().map(|(key, object)| (key, &object.instance)).collect();
    let are: Vec<_> = changes.iter().filter_map(|(key, now)| Some((key, now.as_deref()?))).collect();
    let refs = [&were, &are].map(|all| all.iter().map(|one| ObjectRef::of(one.0, one.1)).collect::<Vec<_>>());
    let ways: [&dyn Fn(usize, usize) -> bool; 4] = [
        &|from, to| were[from].0 == are[to].0 && is_same_record(were[from], are[to]),
        &|from, to| is_same_record(were[from], are[to]),
        &|from, to| were[from].0 == are[to].0 && is_still(are[to].0, were[from].1, are[to].1),
        &|from, to| refs[0][from].is(&refs[1][to]),
    ];
    let mut free: BTreeSet<usize> = (0..were.len()).collect();
    let mut found = vec![None; are.len()];
    for is_it in ways {
        for (to, found) in found.iter_mut().enumerate().filter(|(_, found)| found.is_none()) {
            *found = free.iter().copied().find(|&from| is_it(from, to));
            if let Some(from) = *found {
                free.remove(&from);
            }
        }
    }
    let mut found = found.into_iter();
    changes.iter().map(|(_, now)| now.as_ref().and_then(|_| found.next().flatten())).collect()
}

/// Whether two records of a type say the same of an object.
fn is_same_record((key, one): (&InstanceKey, &Instance), (other_key, other): (&InstanceKey, &Instance)) -> bool {
    key.address.type_name() == other_key.address.type_name()
        && one.provider == other.provider
        && one.attributes == other.attributes
}

/// The same deeds, each with the blocks that its object depends on, with those first that others need; otherwise in their
/// order, as where objects need each other. A change says only when it was made, and what it is about may exist longer than
/// what the object depends on now.
fn needed_first(deeds: Vec<(Vec<Arc<Resource>>, Deed)>) -> Vec<Deed> {
    let mut of_block: BTreeMap<&Resource, Vec<usize>> = BTreeMap::new();
    for (at, (_, deed)) in deeds.iter().enumerate() {
        of_block.entry(&deed.key.address.resource).or_default().push(at);
    }
    let (mut order, mut seen, mut open) = (Vec::new(), vec![false; deeds.len()], Vec::new());
    for first in 0..deeds.len() {
        open.push((first, false));
        while let Some((at, is_next)) = open.pop() {
            if is_next {
                order.push(at);
            } else if !std::mem::replace(&mut seen[at], true) {
                open.push((at, true));
                let blocks = deeds[at].0.iter().filter_map(|block| of_block.get(&**block));
                let mut needed: Vec<usize> = blocks.flatten().copied().filter(|&needed| !seen[needed]).collect();
                needed.sort_unstable();
                open.extend(needed.into_iter().rev().map(|needed| (needed, false)));
            }
        }
    }
    let mut deeds: Vec<_> = deeds.into_iter().map(|(_, deed)| Some(deed)).collect();
    order.into_iter().filter_map(|at| deeds.get_mut(at)?.take()).collect()
}

/// Whether the object is what it was, with what is remembered of it.
pub fn is_alike(one: &Instance, other: &Instance) -> bool {
    one.attributes.as_str() == other.attributes.as_str() && one.private == other.private && one.tainted == other.tainted
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

    /// An object that depends on these blocks.
    fn of(id: &str, size: u32, blocks: &[&str]) -> Instance {
        let dependencies = blocks.iter().map(|block| key(block).address.resource).collect();
        Instance { dependencies, ..object(id, size) }
    }

    #[test]
    fn parts_have_the_id_of_the_whole() {
        let start = state(&[("a.x", object("web", 1)), ("b.x", object("web", 2)), ("c.x", object("web", 3))]);
        // All are renamed; what was read of one is news.
        let moves = [
            set(&[
                (key("a.x"), None),
                (key("a.y"), Some(object("web", 9))),
                (key("b.x"), None),
                (key("b.y"), Some(object("web", 2))),
                (key("c.x"), None),
                (key("c.y"), Some(object("web", 3))),
            ]),
            // One is forgotten, and remembered again.
            set(&[(key("b.y"), None), (key("c.y"), None)]),
            set(&[(key("c.z"), Some(object("web", 3)))]),
        ];
        let found = deeds(&start, &moves);
        assert_eq!(told(&found), [""; 0]);
        assert_eq!(found.moved, [(key("a.y"), key("a.x")), (key("c.z"), key("c.x"))]);
        assert_eq!(found.forgotten, [(key("b.x"), object("web", 2))]);
    }

    #[test]
    fn what_says_the_same_is_followed_before_what_has_the_same_id() {
        let start = state(&[("a.one", object("none", 1)), ("a.two", object("none", 2))]);
        let swapped = set(&[(key("a.one"), Some(object("none", 2))), (key("a.two"), Some(object("none", 1)))]);
        let found = deeds(&start, [&swapped]);
        assert_eq!(found.moved, [(key("a.one"), key("a.two")), (key("a.two"), key("a.one"))]);
        // Objects of two providers, which nothing else tells apart.
        let through = |provider: &str| Instance { provider: provider.into(), ..object("web", 1) };
        let (one, two) = (through("provider[\"toy\"]"), through("provider[\"toy\"].two"));
        let start = state(&[("a.one", one.clone()), ("a.two", two.clone())]);
        let renamed =
            set(&[(key("a.b"), Some(two)), (key("a.c"), Some(one)), (key("a.one"), None), (key("a.two"), None)]);
        let found = deeds(&start, [&renamed]);
        assert_eq!(found.moved, [(key("a.b"), key("a.two")), (key("a.c"), key("a.one"))]);
    }

    #[test]
    fn an_object_of_another_type_is_another_one() {
        let start = state(&[("a.x", object("1", 1))]);
        let found = deeds(&start, [&set(&[(key("a.x"), None), (key("b.x"), Some(object("1", 1)))])]);
        assert_eq!(told(&found), ["taken over b.x"]);
        assert_eq!((found.moved, found.forgotten), (vec![], vec![(key("a.x"), object("1", 1))]));
    }

    #[test]
    fn what_others_need_comes_before_them() {
        let entries = [
            done(0, key("a.net"), Some(object("n", 1))),
            done(1, key("a.part"), Some(of("p", 1, &["a.net"]))),
            done(2, key("a.user"), Some(object("u", 1))),
            // A second run changes what the first one made.
            done(3, key("a.net"), Some(object("n", 2))),
            done(4, key("a.late"), Some(object("l", 1))),
            done(5, key("a.user"), Some(of("u", 2, &["a.late"]))),
        ];
        let found = deeds(&state(&[]), &entries);
        assert_eq!(told(&found), ["made a.net", "made a.part", "made a.late", "made a.user"]);
        // What was there before is changed back before what it uses is deleted, and blocks may need each other.
        let start = state(&[("a.old", object("o", 1))]);
        let entries = [
            done(0, key("a.old"), Some(of("o", 2, &["a.ring"]))),
            done(1, key("a.ring"), Some(of("r", 1, &["a.gnir"]))),
            done(2, key("a.gnir"), Some(of("g", 1, &["a.ring"]))),
        ];
        let found = deeds(&start, &entries);
        assert_eq!(told(&found), ["made a.gnir", "made a.ring", "changed a.old"]);
    }
}
