//! [`Erased`] shows a [`Resource`] to the engine as an [`AnyResource`]: it picks the clients, converts between the
//! model and [`Value`], fills in tags, and keeps what the service does not tell. [`ErasedSource`] does it for a
//! [`Source`].

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};

use super::client::Account;
use super::contract::{Aws, Marked, Resource, Source, Tags};
use super::keep::keep;
use super::places::places;
use super::sent::sent;
use super::tags::TagRules;
use super::{mark, names, taken};
use crate::resource::agree::agreement;
use crate::resource::attr::{Attr, optional_computed};
use crate::resource::model::{Field, Model};
use crate::resource::{
    AnyResource, AnySource, Cloud, Contents, Draft, Error, Found, Holds, Id, Identity, Making, Pace, PartOf, Pending,
    Problems, Retry, Schema, Settled, Wanted,
};
use crate::value::{Entries, Type, Value};

/// A resource type as the engine sees it, under one of its names.
pub(super) struct Erased<T> {
    name: &'static str,
    schema: Arc<Table>,
    of: PhantomData<fn() -> T>,
}

/// An attribute table, made when somebody asks for it: a stack uses a few of all types.
type Table = LazyLock<&'static Schema>;

/// The model's table with the attributes that every type has. Tables live as long as the process.
fn complete_table<M: Model>(is_global: bool, empty_is_value: bool) -> &'static Schema {
    let table = M::schema();
    let copy = |attr: &Attr| {
        let mut spec = attr.spec.clone();
        if attr.name == "tags" {
            spec.same = spec.same.or(Some(same_tags));
        }
        Attr::new(attr.name, attr.doc, attr.shape.clone(), spec)
    };
    let mut attrs: Vec<Attr> = table.attrs.iter().map(copy).collect();
    let mut add = |name, doc, spec| {
        if table.get(name).is_none() {
            attrs.push(Attr::new(name, doc, String::shape(), spec));
        }
    };
    add("id", "Identifier, given by AWS.", optional_computed());
    if !is_global {
        add("region", "Region it is in; the provider's when left out.", optional_computed().force_new());
    }
    let table = Schema::new(table.doc, attrs);
    Box::leak(Box::new(if empty_is_value { table } else { table.empty_says_nothing() }))
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// Tags that have a value: one that is null is left out.
fn tags_of(value: &Value, name: &str) -> Tags {
    value.get(name).map(tags_in).unwrap_or_default()
}

fn tags_in(tags: &Value) -> Tags {
    let tags = tags.entries().into_iter().flatten();
    tags.filter_map(|(key, tag)| Some((key.to_string(), tag.as_str()?.to_owned()))).collect()
}

/// Whether two maps are the same tags: those that are null do not count.
fn same_tags(have: &Value, want: &Value) -> bool {
    tags_in(have) == tags_in(want)
}

/// Default tags and the resource's own, with their marks: what is sensitive there is so here.
fn all_tags(rules: &TagRules, own: &Value) -> Value {
    let given = tags_in(own);
    let entry = |(key, tag): (&String, &String)| {
        let tag = Value::from(tag.as_str());
        let tag = match own.get(key).filter(|_| given.contains_key(key)) {
            Some(own) => tag.with_marks(&own.marks),
            None if rules.secret.contains(key) => tag.sensitive(),
            None => tag,
        };
        (key.as_str().into(), tag)
    };
    Value::map(Type::String, rules.merged(&given).iter().map(entry).collect()).with_marks(&own.marks)
}

fn encode_tags(tags: &Tags) -> Value {
    Value::map(Type::String, tags.iter().map(|(key, tag)| (key.as_str().into(), tag.as_str().into())).collect())
}

impl<T: Resource> Erased<T> {
    /// The type under its name and its aliases.
    pub(super) fn all_names() -> Vec<Arc<dyn AnyResource>> {
        let schema = Arc::new(Table::new(|| complete_table::<T::Model>(T::GLOBAL, T::EMPTY_IS_VALUE)));
        let names = [T::TYPE].into_iter().chain(T::ALIASES.iter().copied());
        names
            .map(|name| Arc::new(Self { name, schema: schema.clone(), of: PhantomData }) as Arc<dyn AnyResource>)
            .collect()
    }

    fn locate(attributes: &Value) -> Result<Id, Error> {
        let shown = text(attributes, "id").unwrap_or_default();
        Ok(T::locate(shown, &T::Model::decode_element(attributes)?))
    }

    /// All attributes of what was read.
    fn attributes(&self, account: &Account, id: &Id, live: &T::Live, wanted: &Wanted) -> Result<Value, Error> {
        let mut model = T::observe(live);
        let prior = T::Model::decode_element(&wanted.prior)?;
        T::keep_spelling(&prior, &mut model);
        let shown = T::shown_id(id, &model);
        let mut entries: Entries = model.encode_element().entries().cloned().unwrap_or_default();
        if self.schema().get("tags_all").is_some() {
            let mut visible = account.tags().visible(&tags_of(&Value::object(entries.clone()), "tags_all"));
            // It is ours, and no tag of the person's: whoever takes the object over takes it off.
            mark::hide(&mut visible);
            let prior = tags_of(&wanted.prior, "tags");
            // Nobody touched the tags: then only the provider's defaults can have changed, and those are the plan's matter.
            let is_untouched = !visible.is_empty() && tags_of(&mark::off(&wanted.prior), "tags_all") == visible;
            let own = if is_untouched { prior } else { account.tags().own(&visible, &prior) };
            entries.insert("tags_all".into(), encode_tags(&visible));
            entries.insert(
                "tags".into(),
                if own.is_empty() { Value::null(Type::map(Type::String)) } else { encode_tags(&own) },
            );
        }
        entries.insert("id".into(), shown.into());
        if !T::GLOBAL {
            entries.insert("region".into(), account.region_of(&wanted.prior).into());
        }
        Ok(keep(self.schema(), &wanted.prior, &Value::object(entries)))
    }

    /// What a call that makes or changes the object is given.
    fn told(&self, whole: &Value) -> Result<T::Model, Error> {
        Ok(T::Model::decode_element(&sent(self.schema(), whole))?)
    }

    fn marked(&self, model: &T::Model) -> Marked {
        if self.schema().get("tags_all").is_some() { T::marked(model) } else { Marked::Not }
    }

    /// Whether the object is the one that the lost call made: it carries the mark, or, where the stack file chooses the
    /// id and nothing can carry a mark, everything is as it was asked for.
    async fn is_ours(&self, account: &Account, aws: &Aws, id: &Id, want: &Value) -> Result<bool, Error> {
        let found = match T::read(aws, std::slice::from_ref(id)).await {
            Err(error) if error.is(T::MISSING) => return Ok(false),
            other => other?,
        };
        // Some reads tell of neighbours too.
        let Some((_, live)) = found.iter().find(|(found, _)| found == id) else { return Ok(false) };
        match (self.marked(&T::Model::decode_element(want)?), mark::on(want), T::IDENTITY) {
            (Marked::Tag, Some(own), _) => {
                Ok(mark::of(&tags_of(&T::observe(live).encode_element(), "tags_all")) == Some(own))
            }
            (Marked::Not, _, Identity::Chosen(_)) => {
                let wanted = Wanted { id: id.clone(), prior: want.clone() };
                Ok(agreement(self.schema(), want, &self.attributes(account, id, live, &wanted)?).is_whole())
            }
            _ => Ok(true),
        }
    }
}

impl<T: Resource> AnyResource for Erased<T> {
    fn type_name(&self) -> &'static str {
        self.name
    }

    fn schema(&self) -> &'static Schema {
        **self.schema
    }

    fn schema_version(&self) -> u64 {
        T::SCHEMA_VERSION.unwrap_or(0)
    }

    fn newest_version(&self) -> Option<u64> {
        T::SCHEMA_VERSION
    }

    fn identity(&self) -> Identity {
        T::IDENTITY
    }

    fn making(&self) -> Making {
        T::MAKING
    }

    fn pace(&self) -> Pace {
        T::PACE
    }

    fn read_batch(&self) -> usize {
        T::READ_BATCH
    }

    fn together(&self) -> usize {
        T::TOGETHER
    }

    fn same_as_id(&self) -> Option<&'static str> {
        T::SAME_AS_ID
    }

    fn part_of(&self) -> Option<PartOf> {
        T::PART_OF
    }

    fn places(&self, attributes: &Value) -> Vec<String> {
        places::<T>(attributes)
    }

    fn missing(&self) -> &'static [&'static str] {
        T::MISSING
    }

    fn retries(&self) -> &'static [Retry] {
        T::RETRY
    }

    fn deletes_slowly(&self) -> bool {
        T::DELETES_SLOWLY
    }

    fn hides_unfinished(&self) -> bool {
        T::HIDES_UNFINISHED
    }

    fn notes(&self, cloud: &Cloud) -> Vec<String> {
        cloud.get::<Account>().map(Account::notes).unwrap_or_default()
    }

    fn check(&self, draft: &Draft, found: &mut Problems) {
        T::check(draft, found);
    }

    fn revise(&self, cloud: Option<&Cloud>, draft: &mut Draft) {
        let account = cloud.and_then(|cloud| cloud.get::<Account>().ok());
        if self.schema().get("tags_all").is_some() && draft.config().get("tags_all").is_none_or(Value::is_null) {
            let tags = draft.planned().get("tags").cloned();
            let all = match (account, tags) {
                (Some(account), Some(tags)) if tags.is_wholly_known() => all_tags(account.tags(), &tags),
                _ => Value::unknown_not_null(Type::map(Type::String)),
            };
            draft.put("tags_all", all);
        }
        if !T::GLOBAL
            && draft.config().get("region").is_none_or(|said| said.is_null() || said.as_str() == Some(""))
            && let Some(account) = account
            && let Some(region) = account.home_region()
        {
            // Moving the provider to another region moves nothing: what exists stays where it was made.
            let region = draft.prior().and_then(|prior| text(prior, "region")).unwrap_or(region).to_owned();
            draft.put("region", region.into());
        }
        T::revise(draft);
    }

    fn id(&self, attributes: &Value) -> Result<Id, Error> {
        Self::locate(attributes)
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, wanted: &'a [Wanted]) -> Pending<'a, Vec<Found>> {
        Box::pin(async move {
            let account: &Account = cloud.get()?;
            let mut by_region: BTreeMap<String, Vec<&Wanted>> = BTreeMap::new();
            for one in wanted {
                by_region.entry(account.region_of(&one.prior)).or_default().push(one);
            }
            let mut found = Vec::with_capacity(wanted.len());
            for (region, wanted) in by_region {
                let aws = account.in_region(&region).await?;
                let ids: Vec<Id> = wanted.iter().map(|one| one.id.clone()).collect();
                // Of several with one id, the first.
                let by_id: BTreeMap<&Id, &&Wanted> = wanted.iter().rev().map(|one| (&one.id, one)).collect();
                for (id, live) in T::read(&aws, &ids).await? {
                    let Some(one) = by_id.get(&id) else { continue };
                    let attributes = self.attributes(account, &id, &live, one)?;
                    let settled = T::settled_as(&live, &T::Model::decode_element(&one.prior)?);
                    found.push(Found { id, attributes, settled });
                }
            }
            Ok(found)
        })
    }

    fn prepare(&self, want: &Value, own: &str) -> Result<Value, Error> {
        let mut entries: Entries = want.entries().cloned().unwrap_or_default();
        if let Some(start) = T::NAMED {
            let [name, prefix] = T::NAME;
            let chosen = names::choose(text(want, name), text(want, prefix), start)?;
            let old = want.get(name).map(|old| old.marks.clone()).unwrap_or_default();
            entries.insert(name.into(), Value::from(chosen).with_marks(&old));
        }
        let want = Value { marks: want.marks.clone(), ..Value::object(entries) };
        let is_marked = self.marked(&T::Model::decode_element(&want)?) != Marked::Not;
        Ok(if is_marked { mark::put(&want, own) } else { want })
    }

    fn create<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Id> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.asking_once(want).await?;
            let model = self.told(want)?;
            match T::create(&aws, &model).await {
                // Tags at creation may need a permission that the object alone does not.
                Err(error) if error.is_denied() && mark::on(want).is_some() && self.marked(&model) == Marked::Tag => {
                    T::create(&aws, &self.told(&mark::off(want))?).await
                }
                other => other,
            }
        })
    }

    fn overwritten<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Found>> {
        Box::pin(async move {
            let model = T::Model::decode_element(want)?;
            if !T::overwrites(&model) {
                return Ok(None);
            }
            let id = match T::locate("", &model) {
                id if id.is_empty() => {
                    let aws = cloud.get::<Account>()?.for_object(want).await?;
                    T::recover(&aws, &model).await?
                }
                id => Some(id),
            };
            let Some(id) = id else { return Ok(None) };
            let wanted = Wanted { id, prior: want.clone() };
            let found = match self.read(cloud, std::slice::from_ref(&wanted)).await {
                Err(error) if error.is(T::MISSING) => return Ok(None),
                found => found?.into_iter().find(|found| found.id == wanted.id),
            };
            let Some(found) = found else { return Ok(None) };
            Ok(if T::is_unmade(&T::Model::decode_element(&found.attributes)?) { None } else { Some(found) })
        })
    }

    fn finish<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, want: &'a Value) -> Pending<'a, ()> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.for_object(want).await?;
            let (marked, plain) = (self.told(want)?, self.told(&mark::off(want))?);
            // First: the id is written down, and what fails below must not leave a mark that nobody shows.
            if mark::on(want).is_some() && self.marked(&marked) == Marked::Tag {
                unmark::<T>(cloud.get()?, &aws, id, &marked, &plain).await?;
            }
            T::finish(&aws, id, &plain).await
        })
    }

    fn unmark<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, ()> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.for_object(have).await?;
            // Tags are taken off by their keys.
            let (marked, plain) =
                (T::Model::decode_element(&mark::put(have, ""))?, T::Model::decode_element(&mark::off(have))?);
            if self.marked(&marked) == Marked::Tag {
                unmark::<T>(cloud.get()?, &aws, id, &marked, &plain).await?;
            }
            Ok(())
        })
    }

    fn update<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value, want: &'a Value) -> Pending<'a, ()> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.for_object(want).await?;
            T::update(&aws, id, &self.told(have)?, &self.told(want)?).await
        })
    }

    fn delete<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, ()> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.for_object(have).await?;
            T::delete(&aws, id, &T::Model::decode_element(have)?).await
        })
    }

    fn released<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, Settled> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.for_object(have).await?;
            T::released(&aws, id, &T::Model::decode_element(have)?).await
        })
    }

    fn holds(&self) -> Option<Holds> {
        T::HOLDS
    }

    fn contents<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, Contents> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.for_object(have).await?;
            T::contents(&aws, id, &T::Model::decode_element(have)?).await
        })
    }

    fn blockers<'a>(&'a self, cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, Vec<String>> {
        Box::pin(async move {
            let aws = cloud.get::<Account>()?.for_object(have).await?;
            T::blockers(&aws, id, &T::Model::decode_element(have)?).await
        })
    }

    fn recover<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Id>> {
        Box::pin(async move {
            let account: &Account = cloud.get()?;
            let aws = account.for_object(want).await?;
            let Some(id) = T::recover(&aws, &T::Model::decode_element(want)?).await? else { return Ok(None) };
            Ok(if self.is_ours(account, &aws, &id, want).await? { Some(id) } else { None })
        })
    }

    fn is_taken(&self, error: &Error) -> bool {
        taken::is_taken(error)
    }

    fn find<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Id>> {
        Box::pin(async move {
            let account: &Account = cloud.get()?;
            let aws = account.for_object(want).await?;
            // Whoever made it, with whichever tags.
            let mut entries: Entries = want.entries().cloned().unwrap_or_default();
            for name in ["tags", "tags_all"] {
                if entries.contains_key(name) {
                    entries.insert(name.into(), Value::null(Type::map(Type::String)));
                }
            }
            T::recover(&aws, &T::Model::decode_element(&Value::object(entries))?).await
        })
    }

    fn import_text(&self, attributes: &Value) -> Result<String, Error> {
        let id = Self::locate(attributes)?;
        Ok(T::import_text(&id, &T::Model::decode_element(attributes)?))
    }

    fn import<'a>(&'a self, cloud: &'a Cloud, text: &'a str) -> Pending<'a, Wanted> {
        Box::pin(async move {
            let prior = self.schema().absent();
            let aws = cloud.get::<Account>()?.for_object(&prior).await?;
            Ok(Wanted { id: T::import(&aws, text).await?, prior })
        })
    }
}

/// Takes the mark off. Without the permission for that it stays, and is hidden: the id is known by now.
async fn unmark<T: Resource>(
    account: &Account,
    aws: &Aws,
    id: &Id,
    marked: &T::Model,
    plain: &T::Model,
) -> Result<(), Error> {
    match T::update(aws, id, marked, plain).await {
        Err(error) if error.is_denied() => {
            account.note(&error.operation, mark::stays(&error));
            Ok(())
        }
        other => other,
    }
}

/// A data source as the engine sees it.
pub(super) struct ErasedSource<T> {
    schema: Table,
    of: PhantomData<fn() -> T>,
}

impl<T: Source> ErasedSource<T> {
    /// The data source with its complete table.
    pub(super) fn new() -> Self {
        Self { schema: Table::new(|| complete_table::<T::Model>(T::GLOBAL, true)), of: PhantomData }
    }
}

impl<T: Source> AnySource for ErasedSource<T> {
    fn type_name(&self) -> &'static str {
        T::TYPE
    }

    fn schema(&self) -> &'static Schema {
        *self.schema
    }

    fn check(&self, draft: &Draft, found: &mut Problems) {
        T::check(draft, found);
    }

    fn is_offline(&self) -> bool {
        T::OFFLINE
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Value> {
        Box::pin(async move {
            let account: &Account = cloud.get()?;
            let aws = account.for_object(want).await?;
            let (id, model) = T::read(&aws, T::Model::decode_element(want)?).await?;
            let mut entries: Entries = model.encode_element().entries().cloned().unwrap_or_default();
            if T::Model::schema().get("id").is_none() {
                entries.insert("id".into(), id.into());
            }
            if !T::GLOBAL && T::Model::schema().get("region").is_none() {
                entries.insert("region".into(), account.region_of(want).into());
            }
            Ok(Value::object(entries))
        })
    }
}
