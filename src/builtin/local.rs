//! The contract of a type that only state remembers, and its adapter to the engine.
//!
//! The engine makes an object, gets its id, and reads the object by that id. Here nobody else knows the object, so the
//! id that making gives *is* the object, as JSON; reading takes it apart again.

use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::clock::Clock;
use crate::resource::attr::{Pace, Schema, secs};
use crate::resource::model::{Field as _, Model};
use crate::resource::{
    AnyEphemeral, AnyResource, AnySource, Cloud, Draft, Error, Found, Id, Identity, Pending, Problems, Provider,
    Settled, Surroundings, Wanted,
};
use crate::value::Value;
use crate::value::json::{self, Raw};

/// A type that only state remembers.
pub trait Local: Send + Sync + 'static {
    /// Attributes, written with `model!`; `id` among them.
    type Model: Model;
    /// Terraform's name.
    const TYPE: &'static str;
    /// Version of the attributes in state, as hashicorp's provider counts them.
    const SCHEMA_VERSION: u64 = 0;
    /// Whether making an object takes no time.
    const IS_PURE: bool = true;
    /// How long things take, and may take.
    const PACE: Pace = secs(0, 0, 0);

    /// Finds mistakes in the plan.
    fn check(_want: &Draft, _found: &mut Problems) {}
    /// Adjusts what is planned. Twice is the same as once.
    fn revise(_want: &mut Draft) {}
    /// Fills in what making decides.
    ///
    /// # Errors
    /// There is no randomness, or the arguments cannot be met.
    fn make(want: &mut Self::Model, clock: &Clock) -> Result<(), Error>;
    /// Fills in what follows from the other attributes. Twice is the same as once.
    fn derive(_model: &mut Self::Model) {}
    /// The object as one of this type, when it was one of type `from` until a `moved` block made it this.
    fn adopt(_from: &str, _object: &Value) -> Option<Self::Model> {
        None
    }
    /// How long making takes before there is an object.
    fn wait_to_make(_want: &Self::Model) -> Duration {
        Duration::ZERO
    }
    /// How long deleting takes.
    fn wait_to_delete(_have: &Self::Model) -> Duration {
        Duration::ZERO
    }
    /// Fills in what depends on the time; `now` is the time since 1970-01-01 UTC.
    fn age(_model: &mut Self::Model, _now: Duration) {}
    /// Whether the object has ceased to exist by itself; `now` is the time since 1970-01-01 UTC.
    fn is_gone(_model: &Self::Model, _now: Duration) -> bool {
        false
    }
    /// The object that the text of an import command describes.
    ///
    /// # Errors
    /// The type cannot be imported, or not from this text.
    fn import(_text: &str) -> Result<Self::Model, Error> {
        Err(no_import(Self::TYPE))
    }
}

/// Shows a [`Local`] type to the engine.
pub(super) struct Erased<T>(PhantomData<fn() -> T>);

impl<T: Local> Erased<T> {
    /// The type for a list of types.
    pub(super) fn boxed() -> Arc<dyn AnyResource> {
        Arc::new(Self(PhantomData))
    }
}

fn to_id<M: Model>(model: &M) -> Result<Id, Error> {
    json::to_state(&model.encode_element(), &M::schema().ty)
        .map_err(|error| Error::local("create", format!("{error}.")))
}

/// The object inside an id that making gave; `None` for the id of an object that state knows.
fn from_id<M: Model>(id: &Id) -> Result<Option<Value>, Error> {
    if !id.starts_with('{') {
        return Ok(None);
    }
    let damaged = |error: json::JsonError| Error::local("read", format!("{error}."));
    let raw = Raw::parse(id).map_err(damaged)?;
    Ok(Some(json::from_state(raw.value(), &M::schema().ty).map_err(damaged)?.value))
}

impl<T: Local> AnyResource for Erased<T> {
    fn type_name(&self) -> &'static str {
        T::TYPE
    }

    fn schema(&self) -> &'static Schema {
        T::Model::schema()
    }

    fn schema_version(&self) -> u64 {
        T::SCHEMA_VERSION
    }

    fn identity(&self) -> Identity {
        Identity::Assigned { recover_by: &[] }
    }

    fn is_pure(&self) -> bool {
        T::IS_PURE
    }

    fn pace(&self) -> Pace {
        T::PACE
    }

    fn read_batch(&self) -> usize {
        // Ids of some types are the same for all objects (`-`, `none`): answers of a larger batch could not be told apart.
        1
    }

    fn check(&self, draft: &Draft, found: &mut Problems) {
        T::check(draft, found);
    }

    fn revise(&self, _cloud: Option<&Cloud>, draft: &mut Draft) {
        T::revise(draft);
    }

    fn id(&self, attributes: &Value) -> Result<Id, Error> {
        Ok(attributes.get("id").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, wanted: &'a [Wanted]) -> Pending<'a, Vec<Found>> {
        let read = |one: &Wanted| {
            let made = from_id::<T::Model>(&one.id)?;
            let mut model = T::Model::decode_element(made.as_ref().unwrap_or(&one.prior))?;
            let now = cloud.get::<Surroundings>()?.clock.now();
            // What was made a moment ago is there, also when its time has passed already: the next run will notice.
            if made.is_none() && T::is_gone(&model, now) {
                return Ok(None);
            }
            T::age(&mut model, now);
            T::derive(&mut model);
            Ok(Some(Found { id: one.id.clone(), attributes: model.encode_element(), settled: Settled::Yes }))
        };
        Box::pin(std::future::ready(wanted.iter().filter_map(|one| read(one).transpose()).collect()))
    }

    fn create<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Id> {
        Box::pin(async move {
            let mut model = T::Model::decode_element(want)?;
            let clock = &cloud.get::<Surroundings>()?.clock;
            pause(clock, T::wait_to_make(&model)).await;
            T::make(&mut model, clock)?;
            to_id(&model)
        })
    }

    fn finish<'a>(&'a self, _cloud: &'a Cloud, _id: &'a Id, _want: &'a Value) -> Pending<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn update<'a>(&'a self, _cloud: &'a Cloud, _id: &'a Id, _have: &'a Value, _want: &'a Value) -> Pending<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn delete<'a>(&'a self, cloud: &'a Cloud, _id: &'a Id, have: &'a Value) -> Pending<'a, ()> {
        Box::pin(async move {
            pause(&cloud.get::<Surroundings>()?.clock, T::wait_to_delete(&T::Model::decode_element(have)?)).await;
            Ok(())
        })
    }

    fn recover<'a>(&'a self, _cloud: &'a Cloud, _want: &'a Value) -> Pending<'a, Option<Id>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn adopt(&self, from: &str, object: &Value) -> Option<Value> {
        T::adopt(from, object).map(|model| model.encode_element())
    }

    fn import<'a>(&'a self, _cloud: &'a Cloud, text: &'a str) -> Pending<'a, Wanted> {
        let wanted = T::import(text).and_then(|model| Ok(Wanted { id: to_id(&model)?, prior: model.encode_element() }));
        Box::pin(std::future::ready(wanted))
    }
}

async fn pause(clock: &Clock, time: Duration) {
    if !time.is_zero() {
        clock.sleep(time).await;
    }
}

struct LocalProvider {
    name: &'static str,
    source: &'static str,
    resources: Vec<Arc<dyn AnyResource>>,
    sources: Vec<Arc<dyn AnySource>>,
    ephemerals: Vec<Arc<dyn AnyEphemeral>>,
}

/// A provider without configuration and data sources.
pub(super) fn provider(
    name: &'static str,
    source: &'static str,
    resources: Vec<Arc<dyn AnyResource>>,
) -> Arc<dyn Provider> {
    provider_with(name, source, resources, Vec::new())
}

/// A provider without configuration. What its types get to see is [`Surroundings`].
pub(super) fn provider_with(
    name: &'static str,
    source: &'static str,
    resources: Vec<Arc<dyn AnyResource>>,
    sources: Vec<Arc<dyn AnySource>>,
) -> Arc<dyn Provider> {
    provider_in_full(name, source, resources, sources, Vec::new())
}

/// A provider without configuration that has ephemeral resources too.
pub(super) fn provider_in_full(
    name: &'static str,
    source: &'static str,
    resources: Vec<Arc<dyn AnyResource>>,
    sources: Vec<Arc<dyn AnySource>>,
    ephemerals: Vec<Arc<dyn AnyEphemeral>>,
) -> Arc<dyn Provider> {
    Arc::new(LocalProvider { name, source, resources, sources, ephemerals })
}

/// A type that refuses import, as the plugin framework says it.
pub(super) fn no_import(type_name: &str) -> Error {
    let text = format!(
        "Objects of the type {type_name} cannot be imported: their id does not tell their arguments. Write a resource block for it and apply it."
    );
    Error::titled("Resource Import Not Implemented", text)
}

impl Provider for LocalProvider {
    fn name(&self) -> &'static str {
        self.name
    }

    fn source(&self) -> &'static str {
        self.source
    }

    fn schema(&self) -> &'static Schema {
        static NOTHING: LazyLock<Schema> = LazyLock::new(|| Schema::new("Nothing to configure.", Vec::new()));
        &NOTHING
    }

    fn resources(&self) -> &[Arc<dyn AnyResource>] {
        &self.resources
    }

    fn sources(&self) -> &[Arc<dyn AnySource>] {
        &self.sources
    }

    fn ephemerals(&self) -> &[Arc<dyn AnyEphemeral>] {
        &self.ephemerals
    }

    fn check(&self, _draft: &Draft, _found: &mut Problems) {}

    fn connect<'a>(&'a self, _config: &'a Value, around: &'a Surroundings) -> Pending<'a, Cloud> {
        Box::pin(std::future::ready(Ok(Cloud::new(around.clone()))))
    }
}
