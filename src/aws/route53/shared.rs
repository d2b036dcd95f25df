//! What zones, records and health checks share: names, changes under way, tags.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_route53::types as sdk;

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

/// Remembers a change, so that [`is_under_way`] can ask for it.
pub(super) fn note(object: &str, change: Option<sdk::ChangeInfo>) {
    if let Some(change) = change.filter(|change| change.status != sdk::ChangeStatus::Insync) {
        UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).insert(object.to_owned(), change.id);
    }
}

/// Whether the last change of the object has not yet reached all name servers.
pub(super) async fn is_under_way(aws: &Aws, object: &str) -> Result<bool> {
    let change = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).get(object).cloned();
    let Some(change) = change else { return Ok(false) };
    let answer = aws.route53.get_change().id(plain_id(&change)).send().await.map_err(Error::from);
    let is_done = match answer {
        Ok(answer) => answer.change_info.is_none_or(|info| info.status == sdk::ChangeStatus::Insync),
        Err(error) if error.is(&["NoSuchChange"]) => true,
        Err(error) => return Err(error),
    };
    if is_done {
        UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).remove(object);
    }
    Ok(!is_done)
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
