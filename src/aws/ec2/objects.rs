//! What all EC2 objects have in common: filters, tags, ARNs.

use aws_sdk_ec2::types as sdk;

use crate::aws::contract::*;
use crate::aws::tags;

/// A filter: one of these values. Unlike an id parameter, it says nothing of what does not exist.
pub(super) fn filter(name: &str, values: &[Id]) -> sdk::Filter {
    sdk::Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}

/// A filter: this value.
pub(super) fn filter_one(name: &str, value: &str) -> sdk::Filter {
    sdk::Filter::builder().name(name).values(value).build()
}

/// Tags for a making call.
pub(super) fn tagged(kind: sdk::ResourceType, tags: &Tags) -> Option<Vec<sdk::TagSpecification>> {
    let tags = tags::to_list(tags, |key, value| sdk::Tag::builder().key(key).value(value).build())?;
    Some(vec![sdk::TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()])
}

/// Tags of what was read.
pub(super) fn tags_of(tags: Option<&Vec<sdk::Tag>>) -> Tags {
    tags::from_list(tags.into_iter().flatten(), |tag| (tag.key(), tag.value()))
}

/// Changes the tags of an object.
pub(super) async fn retag(aws: &Aws, id: &str, have: &Tags, want: &Tags) -> Result<()> {
    let (set, remove) = tags::difference(have, want);
    if !remove.is_empty() {
        let gone = remove.iter().map(|key| sdk::Tag::builder().key(key).build()).collect();
        aws.ec2.delete_tags().resources(id).set_tags(Some(gone)).send().await?;
    }
    if let Some(set) = tags::to_list(&set, |key, value| sdk::Tag::builder().key(key).value(value).build()) {
        aws.ec2.create_tags().resources(id).set_tags(Some(set)).send().await?;
    }
    Ok(())
}

/// Filters for objects that carry these tags, to find again what a call without answer made. Nothing distinguishes
/// an object without tags, so there is nothing to look for.
pub(super) fn carrying(tags: &Tags) -> Option<Vec<sdk::Filter>> {
    // `*` and `?` in a filter stand for any text, unless escaped.
    let plain = |text: &str| text.replace('\\', "\\\\").replace('*', "\\*").replace('?', "\\?");
    let filters = tags.iter().map(|(key, value)| filter_one(&format!("tag:{key}"), &plain(value)));
    (!tags.is_empty()).then(|| filters.collect())
}

/// The only one of the candidates: with several, nothing says which one the lost call made.
pub(super) fn only(candidates: impl IntoIterator<Item = Option<Id>>) -> Option<Id> {
    let mut candidates = candidates.into_iter().flatten();
    let first = candidates.next();
    if candidates.next().is_some() { None } else { first }
}

/// The ARN of an EC2 object, such as `vpc/vpc-1`.
pub(super) fn arn(aws: &Aws, owner: Option<&str>, what: &str) -> String {
    let (region, partition) = (&aws.region, aws.partition);
    format!("arn:{partition}:ec2:{region}:{}:{what}", owner.unwrap_or_default())
}

/// Whether a bool that may be left out means the same: left out is `false`.
pub(super) fn same_bool(have: &crate::value::Value, want: &crate::value::Value) -> bool {
    have.as_bool().unwrap_or_default() == want.as_bool().unwrap_or_default()
}
