//! What every type of Elastic Load Balancing needs: tags, and the attribute lists that hold most settings.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types as sdk;
use futures_util::future::join;

use crate::aws::contract::{Aws, Error, Model, Result, Tags};
use crate::aws::tags;
use crate::resource::ErrorKind;

/// How many ARNs `DescribeTags` takes; also kept as the limit of the other reads.
pub(super) const BATCH: usize = 20;

/// Names of load balancers and target groups.
pub(super) const NAME: &str = "^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$";
/// The same in words.
pub(super) const NAME_SAYS: &str = "letters, digits and hyphens, with no hyphen at either end";

/// The value of a setting in an attribute list; absent ones are not sent.
pub(super) type Texts = BTreeMap<String, String>;

/// The tags of these objects, by ARN.
pub(super) async fn read_tags(aws: &Aws, arns: &[String]) -> Result<BTreeMap<String, Tags>> {
    let found = aws.elbv2.describe_tags().set_resource_arns(Some(arns.to_vec())).send().await?;
    let one = |one: &sdk::TagDescription| {
        let tags = tags::from_list(one.tags(), |tag| (tag.key(), tag.value()));
        Some((one.resource_arn()?.to_owned(), tags))
    };
    Ok(found.tag_descriptions().iter().filter_map(one).collect())
}

/// What a read call gives, and the tags of its objects, both asked for at the same time. A refusal of the first counts: it
/// names what is missing.
pub(super) async fn with_tags<T, E>(
    aws: &Aws,
    arns: &[String],
    read: impl Future<Output = Result<T, E>>,
) -> Result<(T, BTreeMap<String, Tags>)>
where
    Error: From<E>,
{
    let (found, tags) = join(read, read_tags(aws, arns)).await;
    Ok((found?, tags?))
}

/// Tags as a create call takes them.
pub(super) fn to_list(tags: &Tags) -> Option<Vec<sdk::Tag>> {
    tags::to_list(tags, |key, value| sdk::Tag::builder().key(key).value(value).build())
}

/// Sends the difference of the tags.
pub(super) async fn change_tags(aws: &Aws, arn: &str, have: &Tags, want: &Tags) -> Result<()> {
    let (set, remove) = tags::difference(have, want);
    if !remove.is_empty() {
        aws.elbv2.remove_tags().resource_arns(arn).set_tag_keys(Some(remove)).send().await?;
    }
    if !set.is_empty() {
        aws.elbv2.add_tags().resource_arns(arn).set_tags(to_list(&set)).send().await?;
    }
    Ok(())
}

/// A field that is kept in an attribute list, as text.
pub(super) trait Text: Sized {
    /// As the service takes it.
    fn to_text(&self) -> Option<String>;
    /// From what the service tells.
    fn from_text(text: &str) -> Self;
}

impl Text for Option<String> {
    fn to_text(&self) -> Option<String> {
        self.clone()
    }
    fn from_text(text: &str) -> Self {
        Some(text.to_owned())
    }
}

macro_rules! parsed {
    ($($type:ty),*) => {$(
        impl Text for Option<$type> {
            fn to_text(&self) -> Option<String> { self.as_ref().map(ToString::to_string) }
            fn from_text(text: &str) -> Self { text.parse().ok() }
        }
    )*};
}

parsed!(bool, i32);

/// A field of a model that the service keeps in an attribute list.
pub(super) struct Setting<M: 'static> {
    /// Key in the list.
    pub(super) key: &'static str,
    /// Terraform's name.
    pub(super) name: &'static str,
    /// Which kinds of object have it.
    pub(super) kinds: &'static [&'static str],
    /// Reads the field.
    pub(super) get: fn(&M) -> Option<String>,
    /// Writes the field.
    pub(super) put: fn(&mut M, &str),
}

/// A table of settings: `settings!(Args: "key" field KINDS, …)`.
macro_rules! settings {
    ($model:ident: $($key:literal $field:ident $kinds:expr),* $(,)?) => {
        &[$( $crate::aws::elbv2::shared::Setting {
            key: $key,
            name: stringify!($field),
            kinds: $kinds,
            get: |from: &$model| $crate::aws::elbv2::shared::Text::to_text(&from.$field),
            put: |into: &mut $model, text| into.$field = $crate::aws::elbv2::shared::Text::from_text(text),
        } ),*]
    };
}
pub(super) use settings;

impl<M: Model> Setting<M> {
    fn default(&self) -> Option<String> {
        let value = M::schema().get(self.name)?.default_value()?;
        let plain = value.as_str().map(str::to_owned).or_else(|| value.as_bool().map(|truth| truth.to_string()));
        plain.or_else(|| value.as_i64().map(|number| number.to_string()))
    }
}

/// Fills in the fields that the service told.
pub(super) fn observe<M>(table: &[Setting<M>], told: &Texts, model: &mut M) {
    for setting in table {
        if let Some(text) = told.get(setting.key) {
            (setting.put)(model, text);
        }
    }
}

/// Keeps what was planned for settings that this kind of object does not have: the service does not tell them.
pub(super) fn keep_foreign<M: Model>(table: &[Setting<M>], kind: &str, prior: &M, live: &mut M) {
    for setting in table.iter().filter(|setting| !setting.kinds.contains(&kind)) {
        if let Some(text) = (setting.get)(prior).or_else(|| setting.default()) {
            (setting.put)(live, &text);
        }
    }
}

/// The settings that this kind of object has and the model gives.
pub(super) fn wanted<M>(table: &[Setting<M>], kind: &str, model: &M) -> Texts {
    let own = table.iter().filter(|setting| setting.kinds.contains(&kind));
    own.filter_map(|setting| Some((setting.key.to_owned(), (setting.get)(model)?))).collect()
}

/// What to send to a new object: what differs from what it has. A key that it does not have is not supported there
/// (some partitions lack some); only somebody who wants another value than the default hears of it.
pub(super) fn missing<M: Model>(table: &[Setting<M>], told: &Texts, want: Texts) -> Texts {
    let is_default = |key: &String, text: &String| {
        let setting = table.iter().find(|setting| setting.key == key);
        setting.and_then(Setting::default).as_ref() == Some(text)
    };
    let differs = |(key, text): &(String, String)| match told.get(key) {
        Some(told) => told != text,
        None => !is_default(key, text),
    };
    want.into_iter().filter(differs).collect()
}

/// What to send on a change: what differs from what was there.
pub(super) fn changed(have: &Texts, want: Texts) -> Texts {
    want.into_iter().filter(|(key, text)| have.get(key) != Some(text)).collect()
}

/// A create call that would find an object of that name. AWS answers with the object when the settings are the same,
/// and it may belong to somebody else.
pub(super) fn taken(operation: &str, code: &str, what: &str, name: &str, arn: &str) -> Error {
    let message = format!("A {what} named {name} exists already ({arn}).");
    Error { code: code.into(), kind: ErrorKind::Refused, ..Error::local(operation, message) }
}

/// Whether an object has the tags it would have if we had made it.
pub(super) fn has_tags(live: Option<&Tags>, want: &Tags) -> bool {
    want.iter().all(|(key, value)| live.and_then(|live| live.get(key)) == Some(value))
}

/// The last part of an ARN, as CloudWatch wants it: `app/web/50dc6c49`.
pub(super) fn suffix(arn: &str, skip: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    resource.strip_prefix(skip).unwrap_or(resource).to_owned()
}
