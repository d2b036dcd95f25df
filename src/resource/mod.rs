//! A resource type as the engine sees it: an attribute table, and operations on [`Value`]s. No SDK here.
//!
//! [`Registry`] lists providers; a [`Provider`] lists its types and, given its configuration, makes a [`Cloud`]:
//! the connection that every operation takes. Making it calls nobody, so that `validate` works offline.

pub mod agree;
pub mod attr;
pub mod draft;
pub mod ephemeral;
pub mod error;
pub mod holding;
pub mod model;
pub mod provisioner;
pub mod read;
pub mod retry;
pub mod settled;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use agree::{Agreement, agreement};
pub use attr::{Attr, Pace, Schema, Shape};
pub use draft::{Draft, Problem, Problems};
pub use ephemeral::{AnyEphemeral, Opened};
pub use error::{Error, ErrorKind};
pub use holding::{Contents, Deleted, Held, Holds, Left, Leftovers, Looked};
pub use read::read_all;
pub use retry::Retry;
pub use settled::Settled;

use crate::address::Address;
use crate::clock::Clock;
use crate::value::Value;

/// What names an object in its service: an ARN, an id, or a composed key. Never the user's `name` by accident.
pub type Id = String;

/// A running operation.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// How an object is found again when a run died between the making call and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The stack file chooses it: the id follows from these attributes.
    Chosen(&'static [&'static str]),
    /// The service assigns it; these attributes (a name, a client token, or `tags`) find it again.
    Assigned {
        /// Attributes to look for.
        recover_by: &'static [&'static str],
    },
}

/// What becomes of a making call whose caller is gone, or that is made a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Making {
    /// This process makes the object itself: nothing comes once it ended.
    Here,
    /// A service makes it, maybe after the caller is gone; of objects with the same [`Identity`] it makes only one.
    Once,
    /// A service makes it, maybe after the caller is gone, and makes as many as it is asked for.
    Again,
}

/// What the objects of a type are part of: they bear its name, and go with it when it is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOf {
    /// Type of the whole.
    pub whole: &'static str,
    /// Attribute of the whole that names it.
    pub name: &'static str,
    /// Attribute of the part that bears that name.
    pub says: &'static str,
}

/// An object to read: its id, and what was known of it (an absent object on import).
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its id.
    pub id: Id,
    /// All attributes as last known.
    pub prior: Value,
}

impl Wanted {
    /// The region it is in. What is read together is in one: the same id can be given in each.
    pub fn region(&self) -> Option<&str> {
        self.prior.get("region").and_then(Value::as_str)
    }
}

/// An object that was read.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its id, as it was asked for.
    pub id: Id,
    /// All attributes.
    pub attributes: Value,
    /// Whether it is ready.
    pub settled: Settled,
}

/// A connection to a provider: clients, region, default tags. Only the provider that made it looks inside.
#[derive(Clone)]
pub struct Cloud(Arc<dyn Any + Send + Sync>);

impl Cloud {
    /// Wraps what the provider needs.
    pub fn new<T: Send + Sync + 'static>(inside: T) -> Self {
        Self(Arc::new(inside))
    }

    /// What the provider put inside.
    ///
    /// # Errors
    /// It was made by another provider.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<&T, Error> {
        self.0
            .downcast_ref()
            .ok_or_else(|| Error::local("connect", "This resource was given the connection of another provider."))
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cloud(..)")
    }
}

/// A resource type.
pub trait AnyResource: Send + Sync {
    /// Terraform's name, such as `aws_vpc`.
    fn type_name(&self) -> &'static str;
    /// Its attribute table.
    fn schema(&self) -> &'static Schema;
    /// Version of the attributes in state, as hashicorp's provider counts them.
    fn schema_version(&self) -> u64 {
        0
    }
    /// The newest version that can be read, where that is known for certain.
    fn newest_version(&self) -> Option<u64> {
        Some(self.schema_version())
    }
    /// How an object is found again.
    fn identity(&self) -> Identity;
    /// What becomes of a making call whose caller is gone, or that is made a second time.
    fn making(&self) -> Making {
        Making::Here
    }
    /// The attribute that says the same as `id`, where one does.
    fn same_as_id(&self) -> Option<&'static str> {
        None
    }
    /// What its objects are part of.
    fn part_of(&self) -> Option<PartOf> {
        None
    }
    /// Names of the places that only one object can have, such as one role of a name; none where they are not known yet, or
    /// where there is room for more. Objects of several types may stand in the same place.
    fn places(&self, attributes: &Value) -> Vec<String> {
        let _ = attributes;
        Vec::new()
    }
    /// How long things take.
    fn pace(&self) -> Pace;
    /// How many objects one read call can ask for.
    fn read_batch(&self) -> usize {
        1
    }
    /// How many steps of the type count as one of those that may run at a time, because their calls travel together.
    fn together(&self) -> usize {
        1
    }
    /// Whether nothing but the state knows its objects, and making one takes no time: a run that dies leaves nothing
    /// behind, so that no intent has to be on disk before, and any number can be made at a time.
    fn is_pure(&self) -> bool {
        false
    }
    /// Error codes that say: it is not there.
    fn missing(&self) -> &'static [&'static str] {
        &[]
    }
    /// Errors that pass by themselves.
    fn retries(&self) -> &'static [Retry] {
        &[]
    }
    /// Whether an object goes on existing for a while after the delete call.
    fn deletes_slowly(&self) -> bool {
        false
    }
    /// Whether nothing of an object tells that the calls after the making call are not done: it is made anew then.
    fn hides_unfinished(&self) -> bool {
        false
    }
    /// What calls of this connection could not do and the objects do not need, in sentences; each is told once.
    fn notes(&self, cloud: &Cloud) -> Vec<String> {
        let _ = cloud;
        Vec::new()
    }
    /// Finds mistakes, in the plan. No io.
    fn check(&self, draft: &Draft, found: &mut Problems);
    /// Adjusts what is planned: derived attributes, conditional replacement, default tags. No io. Run twice, it must
    /// change nothing more. `cloud` is absent while the provider's configuration is known only after apply.
    fn revise(&self, cloud: Option<&Cloud>, draft: &mut Draft);
    /// The id that the attributes hold.
    fn id(&self, attributes: &Value) -> Result<Id, Error>;
    /// Reads objects: all of them or an error. Those that do not exist are left out of the answer.
    fn read<'a>(&'a self, cloud: &'a Cloud, wanted: &'a [Wanted]) -> Pending<'a, Vec<Found>>;
    /// What is asked for, with everything in it that must be written down before the making call: a name that is made
    /// up, and `mark`, a text of our own by which the object will be known, where it can carry one. No io.
    fn prepare(&self, want: &Value, mark: &str) -> Result<Value, Error> {
        let _ = mark;
        Ok(want.clone())
    }
    /// Makes an object with exactly one making call.
    fn create<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Id>;
    /// The object that the making call for `want` would overwrite, with all that it takes to put it back.
    fn overwritten<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Found>> {
        let _ = (cloud, want);
        Box::pin(async { Ok(None) })
    }
    /// The calls after the making call. Safe to run twice.
    fn finish<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, want: &'a Value) -> Pending<'a, ()>;
    /// Takes off the mark of the making call, which [`finish`](Self::finish) does too. `have` is the object as it was read.
    fn unmark<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, ()> {
        let _ = (cloud, id, have);
        Box::pin(async { Ok(()) })
    }
    /// Changes an object. Safe to run twice.
    fn update<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value, want: &'a Value) -> Pending<'a, ()>;
    /// Deletes an object; one that is gone already is deleted.
    fn delete<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, ()>;
    /// Whether nothing is left of what the object held: asked after its deletion. Others need what it held, and are
    /// deleted faster when they wait for it.
    fn released<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, Settled> {
        let _ = (cloud, id, have);
        Box::pin(std::future::ready(Ok(Settled::Yes)))
    }
    /// What an object may hold that no state knows of, and that keeps it from being deleted.
    fn holds(&self) -> Option<Holds> {
        None
    }
    /// What it holds now.
    fn contents<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, Contents> {
        let _ = (cloud, id, have);
        Box::pin(async { Ok(Contents::default()) })
    }
    /// Who keeps an object from being deleted, in words: asked after a delete was refused.
    fn blockers<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, Vec<String>> {
        let _ = (cloud, id, have);
        Box::pin(async { Ok(Vec::new()) })
    }
    /// The object that the making call for `want`, as it was [prepared](Self::prepare), has made: asked after a crash
    /// between call and answer. Never an object that somebody else made.
    fn recover<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Id>>;
    /// Whether the making call was refused because such an object exists.
    fn is_taken(&self, error: &Error) -> bool {
        let _ = error;
        false
    }
    /// The object that stands in the way of `want`, whoever made it.
    fn find<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Id>> {
        let _ = (cloud, want);
        Box::pin(async { Ok(None) })
    }
    /// The text of an import command for the object.
    fn import_text(&self, attributes: &Value) -> Result<String, Error> {
        self.id(attributes)
    }
    /// The object as one of this type, when it was one of type `from` until a `moved` block made it this; `None` when
    /// that cannot be.
    fn adopt(&self, from: &str, object: &Value) -> Option<Value> {
        let _ = (from, object);
        None
    }
    /// The object that the text of an import command names, with what the text tells of its attributes.
    fn import<'a>(&'a self, cloud: &'a Cloud, text: &'a str) -> Pending<'a, Wanted>;
}

/// A data source.
pub trait AnySource: Send + Sync {
    /// Terraform's name, such as `aws_region`.
    fn type_name(&self) -> &'static str;
    /// Its attribute table.
    fn schema(&self) -> &'static Schema;
    /// Finds mistakes, in the plan. No io.
    fn check(&self, draft: &Draft, found: &mut Problems);
    /// Whether it is worked out from its arguments alone: nobody is asked, no file is read.
    fn is_offline(&self) -> bool {
        false
    }
    /// Reads it: arguments in, all attributes out.
    fn read<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Value>;
    /// The same for one whose reading depends on what its name says elsewhere.
    fn read_as<'a>(&'a self, address: &'a Address, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Value> {
        let _ = address;
        self.read(cloud, want)
    }
}

/// What a provider gets from outside: never the process environment itself, which `cli` collects.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Time and randomness.
    pub clock: Clock,
    /// The environment variables that matter (`AWS_*`, `TF_AWS_*`, `HOME`, the proxy variables), collected by `cli`.
    pub environment: Arc<std::collections::BTreeMap<String, String>>,
    /// Tool name and version, for the user agent.
    pub agent: String,
}

/// A family of types that share a connection.
pub trait Provider: Send + Sync {
    /// Local name that types start with, such as `aws`.
    fn name(&self) -> &'static str;
    /// Source address as in state files, such as `registry.terraform.io/hashicorp/aws`.
    fn source(&self) -> &'static str;
    /// Attributes of the `provider` block.
    fn schema(&self) -> &'static Schema;
    /// Its resource types.
    fn resources(&self) -> &[Arc<dyn AnyResource>];
    /// Its data sources.
    fn sources(&self) -> &[Arc<dyn AnySource>];
    /// Its ephemeral resources.
    fn ephemerals(&self) -> &[Arc<dyn AnyEphemeral>] {
        &[]
    }
    /// Finds mistakes in the `provider` block. No io.
    fn check(&self, draft: &Draft, found: &mut Problems);
    /// Makes the connection. Calls nobody.
    fn connect<'a>(&'a self, config: &'a Value, around: &'a Surroundings) -> Pending<'a, Cloud>;
    /// What the connection lacks for any call; a provider that nothing uses may lack it.
    ///
    /// # Errors
    /// What is missing, and how to give it.
    fn usable(&self, cloud: &Cloud) -> Result<(), Error> {
        let _ = cloud;
        Ok(())
    }
}

/// Every provider that is built in.
#[derive(Clone, Default)]
pub struct Registry {
    providers: Vec<Arc<dyn Provider>>,
    resources: std::collections::BTreeMap<&'static str, (usize, Arc<dyn AnyResource>)>,
    sources: std::collections::BTreeMap<&'static str, (usize, Arc<dyn AnySource>)>,
    ephemerals: std::collections::BTreeMap<&'static str, (usize, Arc<dyn AnyEphemeral>)>,
}

impl Registry {
    /// A registry of these providers.
    pub fn new(providers: Vec<Arc<dyn Provider>>) -> Self {
        let mut registry = Self::default();
        for (at, provider) in providers.iter().enumerate() {
            registry.resources.extend(provider.resources().iter().map(|one| (one.type_name(), (at, one.clone()))));
            registry.sources.extend(provider.sources().iter().map(|one| (one.type_name(), (at, one.clone()))));
            registry.ephemerals.extend(provider.ephemerals().iter().map(|one| (one.type_name(), (at, one.clone()))));
        }
        registry.providers = providers;
        registry
    }

    /// All providers.
    pub fn providers(&self) -> &[Arc<dyn Provider>] {
        &self.providers
    }

    /// The provider with this local name.
    pub fn provider(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.providers.iter().find(|provider| provider.name() == name)
    }

    /// The resource type.
    pub fn resource(&self, type_name: &str) -> Option<&Arc<dyn AnyResource>> {
        self.resources.get(type_name).map(|(_, resource)| resource)
    }

    /// The data source.
    pub fn source(&self, type_name: &str) -> Option<&Arc<dyn AnySource>> {
        self.sources.get(type_name).map(|(_, source)| source)
    }

    /// The ephemeral resource type.
    pub fn ephemeral(&self, type_name: &str) -> Option<&Arc<dyn AnyEphemeral>> {
        self.ephemerals.get(type_name).map(|(_, ephemeral)| ephemeral)
    }

    /// All ephemeral resource types, by name.
    pub fn ephemerals(&self) -> impl Iterator<Item = &Arc<dyn AnyEphemeral>> {
        self.ephemerals.values().map(|(_, ephemeral)| ephemeral)
    }

    /// The provider that has the resource type, data source or ephemeral resource type.
    pub fn provider_of(&self, type_name: &str) -> Option<&Arc<dyn Provider>> {
        let at = self
            .resources
            .get(type_name)
            .map(|(at, _)| *at)
            .or_else(|| self.sources.get(type_name).map(|(at, _)| *at))
            .or_else(|| self.ephemerals.get(type_name).map(|(at, _)| *at))?;
        self.providers.get(at)
    }

    /// All resource types, by name.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<dyn AnyResource>> {
        self.resources.values().map(|(_, resource)| resource)
    }

    /// All data sources, by name.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<dyn AnySource>> {
        self.sources.values().map(|(_, source)| source)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.providers.iter().map(|provider| provider.name())).finish()
    }
}
