//! A provider with one resource type, `toy`, which exists as state remembers it, and a data source of the same name.

#![allow(unreachable_pub)] // `model!` makes public items

use std::sync::Arc;

use crate::resource::model::{Field, Model};
use crate::resource::{
    AnyResource, AnySource, Cloud, Draft, Error, Found, Id, Identity, Pace, Pending, Problems, Provider, Registry,
    Schema, Settled, Surroundings, Wanted,
};
use crate::value::Value;

crate::model! {
    /// A toy.
    pub struct Toy {
        /// Id.
        id: Option<String> = computed(),
        /// Size.
        size: Option<i64> = optional(),
        /// What it is made of.
        made_of: Option<String> = optional().force_new(),
        /// Labels.
        labels: Option<std::collections::BTreeMap<String, String>> = optional(),
    }
}

thread_local! {
    static ASKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How often the types of this thread were asked to plan an object, since this was asked last.
pub fn asked() -> usize {
    ASKED.take()
}

/// `toy`, or another name.
struct ToyType(&'static str);

fn ready<T: Send + 'static>(value: T) -> Pending<'static, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl AnyResource for ToyType {
    fn type_name(&self) -> &'static str {
        self.0
    }
    fn schema(&self) -> &'static Schema {
        Toy::schema()
    }
    fn identity(&self) -> Identity {
        Identity::Assigned { recover_by: &[] }
    }
    fn pace(&self) -> Pace {
        crate::resource::attr::secs(1, 1, 1)
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn revise(&self, _: Option<&Cloud>, _: &mut Draft) {
        ASKED.set(ASKED.get() + 1);
    }
    fn id(&self, attributes: &Value) -> Result<Id, Error> {
        Ok(attributes.get("id").and_then(Value::as_str).unwrap_or_default().to_owned())
    }
    fn read<'a>(&'a self, _: &'a Cloud, wanted: &'a [Wanted]) -> Pending<'a, Vec<Found>> {
        let found =
            |wanted: &Wanted| Found { id: wanted.id.clone(), attributes: wanted.prior.clone(), settled: Settled::Yes };
        let exists = |wanted: &&Wanted| wanted.id != "gone";
        ready(wanted.iter().filter(exists).map(found).collect())
    }
    fn create<'a>(&'a self, _: &'a Cloud, _: &'a Value) -> Pending<'a, Id> {
        ready(Id::new())
    }
    fn finish<'a>(&'a self, _: &'a Cloud, _: &'a Id, _: &'a Value) -> Pending<'a, ()> {
        ready(())
    }
    fn update<'a>(&'a self, _: &'a Cloud, _: &'a Id, _: &'a Value, _: &'a Value) -> Pending<'a, ()> {
        ready(())
    }
    fn delete<'a>(&'a self, _: &'a Cloud, _: &'a Id, _: &'a Value) -> Pending<'a, ()> {
        ready(())
    }
    fn recover<'a>(&'a self, _: &'a Cloud, _: &'a Value) -> Pending<'a, Option<Id>> {
        ready(None)
    }
    fn adopt(&self, from: &str, object: &Value) -> Option<Value> {
        (from == "old_toy" && self.0 == "toy").then(|| object.clone())
    }
    fn import<'a>(&'a self, _: &'a Cloud, text: &'a str) -> Pending<'a, Wanted> {
        let toy = Toy { id: Some(text.to_owned()), size: Some(1), ..Toy::default() };
        ready(Wanted { id: text.to_owned(), prior: toy.encode_element() })
    }
}

/// A data source that tells its size.
struct ToySource;

impl AnySource for ToySource {
    fn type_name(&self) -> &'static str {
        "toy"
    }
    fn schema(&self) -> &'static Schema {
        Toy::schema()
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn read<'a>(&'a self, _: &'a Cloud, want: &'a Value) -> Pending<'a, Value> {
        if want.get("size").and_then(Value::as_i64) == Some(13) {
            return Box::pin(std::future::ready(Err(Error::local("read", "There is no such toy."))));
        }
        let toy = Toy { id: Some("found".into()), size: Some(7), ..Toy::default() };
        ready(toy.encode_element())
    }
}

struct Toys(Vec<Arc<dyn AnyResource>>, Vec<Arc<dyn AnySource>>);

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
        &self.0
    }
    fn sources(&self) -> &[Arc<dyn AnySource>] {
        &self.1
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn connect<'a>(&'a self, _: &'a Value, _: &'a Surroundings) -> Pending<'a, Cloud> {
        ready(Cloud::new(()))
    }
}

/// The registry of these types.
pub(super) fn registry() -> Registry {
    let types: [Arc<dyn AnyResource>; 3] =
        [Arc::new(ToyType("toy")), Arc::new(ToyType("old_toy")), Arc::new(ToyType("other_toy"))];
    Registry::new(vec![Arc::new(Toys(types.into(), vec![Arc::new(ToySource)]))])
}
