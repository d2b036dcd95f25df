//! What zones, records and health checks share: names, changes under way, tags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_sdk_route53::types as sdk;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::aws::contract::*;
use crate::aws::tags;
use crate::value::Value;

/// Without the path that the API puts before ids: `/hostedzone/Z1` is `Z1`.
pub(super) fn plain_id(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Whether two texts are the same id, with or without path.
pub(super) fn same_id(have: &Value, want: &Value) -> bool {
    matches!((have.as_str(), want.as_str()), (Some(have), Some(want)) if plain_id(have) == plain_id(want))
}

/// A domain name as hashicorp/aws keeps it: lower case, without the dot at the end, and without the octal codes in
/// which Route 53 answers (`\052` is `*`).
pub(super) fn normal_name(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, code)) = rest.split_once('\\') {
        plain.push_str(before);
        let decoded = code.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(u8::is_ascii_graphic);
        rest = if let Some(byte) = decoded {
            plain.push(char::from(byte));
            code.get(3..).unwrap_or_default()
        } else {
            plain.push('\\');
            code
        };
    }
    plain.push_str(rest);
    plain.to_lowercase()
}

/// Whether two texts are the same domain name.
pub(super) fn same_name(have: &Value, want: &Value) -> bool {
    matches!((have.as_str(), want.as_str()), (Some(have), Some(want)) if normal_name(have) == normal_name(want))
}

/// Changes that the name servers do not all know yet, by the object that was changed. Route 53 tells the state of a
/// change only by the change's own id, which no object holds; a run that did not make the change need not wait for it.
static UNDER_WAY: Mutex<BTreeMap<Id, String>> = Mutex::new(BTreeMap::new());

/// Changes that are asked for at a time: an account has five calls of Route 53 a second.
const CHANGES: usize = 10;

fn under_way_now() -> MutexGuard<'static, BTreeMap<Id, String>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers a change, so that [`under_way`] can ask for it.
pub(super) fn note(object: &str, change: Option<sdk::ChangeInfo>) {
    if let Some(change) = change.filter(|change| change.status != sdk::ChangeStatus::Insync) {
        under_way_now().insert(object.to_owned(), change.id);
    }
}

/// Those of the objects whose last change has not yet reached all name servers. Objects that were changed together are
/// asked for together.
pub(super) async fn under_way(aws: &Aws, objects: &[Id]) -> Result<BTreeSet<Id>> {
    let noted: BTreeMap<&Id, String> = {
        let now = under_way_now();
        objects.iter().filter_map(|object| Some((object, now.get(object)?.clone()))).collect()
    };
    let changes: BTreeSet<String> = noted.values().cloned().collect();
    let asked = changes.into_iter().map(|change| async move {
        let is_done = is_done(aws, &change).await?;
        Ok::<_, Error>((change, is_done))
    });
    let answers: BTreeMap<String, bool> = stream::iter(asked).buffered(CHANGES).try_collect().await?;
    let is_done = |change: &String| answers.get(change) == Some(&true);
    under_way_now().retain(|_, change| !is_done(change));
    Ok(noted.into_iter().filter(|(_, change)| !is_done(change)).map(|(object, _)| object.clone()).collect())
}

/// Whether the last change of the object has not yet reached all name servers.
pub(super) async fn is_under_way(aws: &Aws, object: &Id) -> Result<bool> {
    Ok(!under_way(aws, std::slice::from_ref(object)).await?.is_empty())
}

async fn is_done(aws: &Aws, change: &str) -> Result<bool> {
    match aws.route53.get_change().id(plain_id(change)).send().await.map_err(Error::from) {
        Ok(answer) => Ok(answer.change_info.is_none_or(|info| info.status == sdk::ChangeStatus::Insync)),
        Err(error) if error.is(&["NoSuchChange"]) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Ready when the change has reached all name servers.
pub(super) fn settled(is_under_way: bool) -> Settled {
    if is_under_way { Settled::NotYet("the name servers are still learning it".to_owned()) } else { Settled::Yes }
}

/// Tags by id, of at most ten objects.
pub(super) async fn tags_of(aws: &Aws, kind: sdk::TagResourceType, ids: Vec<String>) -> Result<BTreeMap<Id, Tags>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let answer = aws.route53.list_tags_for_resources().resource_type(kind).set_resource_ids(Some(ids)).send().await?;
    let one = |set: sdk::ResourceTagSet| {
        let tags = tags::from_list(set.tags(), |tag| (tag.key(), tag.value()));
        Some((set.resource_id?, tags))
    };
    Ok(answer.resource_tag_sets.into_iter().filter_map(one).collect())
}

/// Sets and removes tags.
pub(super) async fn retag(aws: &Aws, kind: sdk::TagResourceType, id: &str, have: &Tags, want: &Tags) -> Result<()> {
    let (set, remove) = tags::difference(have, want);
    if set.is_empty() && remove.is_empty() {
        return Ok(());
    }
    aws.route53
        .change_tags_for_resource()
        .resource_type(kind)
        .resource_id(id)
        .set_add_tags(tags::to_list(&set, |key, value| sdk::Tag::builder().key(key).value(value).build()))
        .set_remove_tag_keys((!remove.is_empty()).then_some(remove))
        .send()
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_route_53_means_them() {
        assert_eq!(normal_name("\\052.Example.com."), "*.example.com");
        assert_eq!(normal_name("a\\b.example.com"), "a\\b.example.com");
        assert_eq!(normal_name("_x._tcp.example.com"), "_x._tcp.example.com");
        assert!(same_id(&"/hostedzone/Z1".into(), &"Z1".into()));
    }
}
