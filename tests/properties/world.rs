//! A service that keeps toys in memory, refuses what would break a reference, and fails where it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glaz::resource::model::{Field, Model};
use glaz::resource::{
    AnyResource, AnySource, Cloud, Draft, Error, ErrorKind, Found, Id, Identity, Pace, Pending, Problems, Provider,
    Registry, Schema, Settled, Surroundings, Wanted,
};
use glaz::value::Value;

glaz::model! {
    /// A toy.
    pub struct Toy {
        /// Id.
        id: Option<String> = computed(),
        /// Name, which finds it again.
        name: String = required().force_new(),
        /// Size.
        size: Option<i64> = optional().default(Lit::Int(3)),
        /// Ids of the toys it stands on.
        uses: Option<Vec<String>> = optional(),
        /// Given by the service, another one with each change of size.
        revision: Option<String> = optional_computed(),
    }
}

/// What a call does instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is wrong.
    None,
    /// Refused for good, without effect.
    Refused,
    /// The service fails, without effect.
    Before,
    /// The service fails after the effect.
    After,
    /// No answer arrives, after the effect.
    Lost,
}

/// The service.
#[derive(Debug, Default)]
pub struct World {
    /// Objects by id.
    pub toys: BTreeMap<String, Toy>,
    /// References that a call would have broken: a step ran before what it needs, or after what needs it.
    pub broken: Vec<String>,
    /// For the calls to come that change something; none when used up.
    pub faults: Vec<Fault>,
    made: usize,
    changed: usize,
    calls: usize,
}

/// The service, shared.
pub type Shared = Arc<Mutex<World>>;

pub fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused(operation: &str, code: &str) -> Error {
    Error {
        operation: operation.into(),
        code: code.into(),
        message: "The service says no.".into(),
        request_id: None,
        kind: ErrorKind::Refused,
        summary: None,
    }
}

impl World {
    /// Does the change unless the next fault is in its way. Calls that are not `making` are repeated below, as the
    /// AWS client repeats them: only refusals reach the engine.
    fn call<T>(
        &mut self,
        name: &str,
        making: bool,
        change: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let fault = if self.faults.is_empty() { Fault::None } else { self.faults.remove(0) };
        let error = |kind| Error { kind, code: String::new(), ..refused(name, "") };
        match fault {
            Fault::Refused => Err(refused(name, "AccessDenied")),
            Fault::Before if making => Err(error(ErrorKind::Server)),
            Fault::After if making => change(self).and(Err(error(ErrorKind::Server))),
            Fault::Lost if making => change(self).and(Err(error(ErrorKind::NoAnswer))),
            Fault::None | Fault::Before | Fault::After | Fault::Lost => change(self),
        }
    }

    fn check_uses(&mut self, name: &str, toy: &Toy) {
        for used in toy.uses.iter().flatten().filter(|used| !self.toys.contains_key(*used)) {
            self.broken.push(format!("{name} of {} names {used}, which is not there", toy.name));
        }
    }

    fn create(&mut self, toy: Toy, chosen: bool) -> Result<Id, Error> {
        self.call("CreateToy", true, |world| {
            if world.toys.values().any(|other| other.name == toy.name) {
                return Err(refused("CreateToy", "AlreadyExists"));
            }
            world.check_uses("CreateToy", &toy);
            world.made += 1;
            let id = if chosen { toy.name.clone() } else { format!("toy-{}", world.made) };
            world.changed += 1;
            let made = Toy { id: Some(id.clone()), revision: Some(world.changed.to_string()), ..toy };
            world.toys.insert(id.clone(), made);
            Ok(id)
        })
    }

    fn update(&mut self, id: &Id, want: Toy) -> Result<(), Error> {
        self.call("UpdateToy", false, |world| {
            let Some(now) = world.toys.get(id).cloned() else { return Err(refused("UpdateToy", "NotFound")) };
            world.check_uses("UpdateToy", &want);
            world.changed += usize::from(now.size != want.size);
            let revision = if now.size == want.size { now.revision } else { Some(world.changed.to_string()) };
            world.toys.insert(id.clone(), Toy { id: now.id, name: now.name, revision, ..want });
            Ok(())
        })
    }

    fn delete(&mut self, id: &Id) -> Result<(), Error> {
        self.call("DeleteToy", false, |world| {
            let users = world.toys.values().filter(|toy| toy.uses.iter().flatten().any(|used| used == id));
            let users: Vec<String> = users.map(|toy| toy.name.clone()).collect();
            if !users.is_empty() {
                world.broken.push(format!("DeleteToy of {id} while {users:?} use it"));
                return Err(refused("DeleteToy", "InUse"));
            }
            match world.toys.remove(id) {
                Some(_) => Ok(()),
                None => Err(refused("DeleteToy", "NotFound")),
            }
        })
    }

    /// How often a call lets others go first: calls take different times.
    fn turns(&mut self) -> usize {
        self.calls = self.calls.wrapping_mul(25_214_903_917).wrapping_add(11);
        self.calls >> 7 & 7
    }
}

/// `toy`, whose id the service gives, or `toy_named`, whose id is its name.
struct ToyType {
    name: &'static str,
    chosen: bool,
}

/// Does something with the service, after a while.
fn later<'a, T: Send + 'a>(
    cloud: &'a Cloud,
    change: impl FnOnce(&mut World) -> Result<T, Error> + Send + 'a,
) -> Pending<'a, T> {
    Box::pin(async move {
        let world: &Shared = cloud.get()?;
        let turns = lock(world).turns();
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        change(&mut lock(world))
    })
}

fn toy(value: &Value) -> Result<Toy, Error> {
    Ok(Toy::decode_element(value)?)
}

impl AnyResource for ToyType {
    fn type_name(&self) -> &'static str {
        self.name
    }
    fn schema(&self) -> &'static Schema {
        Toy::schema()
    }
    fn identity(&self) -> Identity {
        if self.chosen { Identity::Chosen(&["name"]) } else { Identity::Assigned { recover_by: &["name"] } }
    }
    fn pace(&self) -> Pace {
        glaz::resource::attr::secs(1, 1, 1)
    }
    fn read_batch(&self) -> usize {
        2
    }
    fn missing(&self) -> &'static [&'static str] {
        &["NotFound"]
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn revise(&self, _: Option<&Cloud>, draft: &mut Draft) {
        if !draft.is_new() && draft.is_changed(Toy::size) {
            draft.set_unknown(Toy::revision);
        }
    }
    fn id(&self, attributes: &Value) -> Result<Id, Error> {
        Ok(attributes.get("id").and_then(Value::as_str).unwrap_or_default().to_owned())
    }
    fn read<'a>(&'a self, cloud: &'a Cloud, wanted: &'a [Wanted]) -> Pending<'a, Vec<Found>> {
        later(cloud, move |world| {
            let found = |wanted: &Wanted| {
                let toy = world.toys.get(&wanted.id)?;
                Some(Found { id: wanted.id.clone(), attributes: toy.encode_element(), settled: Settled::Yes })
            };
            let all: Option<Vec<Found>> = wanted.iter().map(found).collect();
            all.ok_or_else(|| refused("ReadToys", "NotFound"))
        })
    }
    fn create<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Id> {
        later(cloud, |world| world.create(toy(want)?, self.chosen))
    }
    fn finish<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, want: &'a Value) -> Pending<'a, ()> {
        later(cloud, |world| world.update(id, toy(want)?))
    }
    fn update<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, _: &'a Value, want: &'a Value) -> Pending<'a, ()> {
        later(cloud, |world| world.update(id, toy(want)?))
    }
    fn delete<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, _: &'a Value) -> Pending<'a, ()> {
        later(cloud, |world| world.delete(id))
    }
    fn recover<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Id>> {
        later(cloud, |world| {
            let name = toy(want)?.name;
            Ok(world.toys.values().find(|toy| toy.name == name).and_then(|toy| toy.id.clone()))
        })
    }
    fn import<'a>(&'a self, _: &'a Cloud, text: &'a str) -> Pending<'a, Wanted> {
        let wanted = Wanted { id: text.to_owned(), prior: Toy::schema().absent() };
        Box::pin(std::future::ready(Ok(wanted)))
    }
}

struct Toys {
    types: Vec<Arc<dyn AnyResource>>,
    world: Shared,
}

impl Provider for Toys {
    fn name(&self) -> &'static str {
        "toy"
    }
    fn source(&self) -> &'static str {
        "registry.terraform.io/hashicorp/toy"
    }
    fn schema(&self) -> &'static Schema {
        static NOTHING: std::sync::LazyLock<Schema> =
            std::sync::LazyLock::new(|| Schema::new("Nothing to configure.", Vec::new()));
        &NOTHING
    }
    fn resources(&self) -> &[Arc<dyn AnyResource>] {
        &self.types
    }
    fn sources(&self) -> &[Arc<dyn AnySource>] {
        &[]
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn connect<'a>(&'a self, _: &'a Value, _: &'a Surroundings) -> Pending<'a, Cloud> {
        Box::pin(std::future::ready(Ok(Cloud::new(self.world.clone()))))
    }
}

/// The registry of toys in this world.
pub fn registry(world: &Shared) -> Registry {
    let types: Vec<Arc<dyn AnyResource>> =
        vec![Arc::new(ToyType { name: "toy", chosen: false }), Arc::new(ToyType { name: "toy_named", chosen: true })];
    Registry::new(vec![Arc::new(Toys { types: types.clone(), world: world.clone() })])
}
