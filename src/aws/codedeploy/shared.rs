//! What the types of CodeDeploy share: ARNs, which the service never tells, and tags.

use aws_sdk_codedeploy::types as sdk;
use futures_util::future::try_join_all;

use crate::aws::contract::*;
use crate::aws::tags;

/// The part that all ARNs of CodeDeploy in this account and region start with.
pub(super) async fn arn_prefix(aws: &Aws) -> Result<String> {
    let caller = aws.caller().await?;
    let partition = caller.arn.as_deref().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    Ok(format!("arn:{partition}:codedeploy:{}:{}", aws.region, caller.account))
}

/// Tags of several objects, asked for side by side: there is no batch call.
pub(super) async fn tags_of(aws: &Aws, arns: &[String]) -> Result<Vec<Tags>> {
    try_join_all(arns.iter().map(|arn| tags_of_one(aws, arn))).await
}

async fn tags_of_one(aws: &Aws, arn: &str) -> Result<Tags> {
    let (mut all, mut token) = (Tags::new(), None);
    loop {
        let page = aws.codedeploy.list_tags_for_resource().resource_arn(arn).set_next_token(token).send().await?;
        all.extend(tags::from_list(page.tags(), |tag| (tag.key(), tag.value())));
        token = page.next_token;
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// Tags for a making call.
pub(super) fn to_tags(of: &Tags) -> Option<Vec<sdk::Tag>> {
    tags::to_list(of, |key, value| sdk::Tag::builder().key(key).value(value).build())
}

/// Brings the tags of an object from `have` to `want`.
pub(super) async fn retag(aws: &Aws, arn: &str, have: &Tags, want: &Tags) -> Result<()> {
    let (set, remove) = tags::difference(have, want);
    if !remove.is_empty() {
        aws.codedeploy.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send().await?;
    }
    if !set.is_empty() {
        aws.codedeploy.tag_resource().resource_arn(arn).set_tags(to_tags(&set)).send().await?;
    }
    Ok(())
}

/// Whether every wanted tag is there.
pub(super) fn carries(live: &Tags, want: &Tags) -> bool {
    want.iter().all(|(key, value)| live.get(key) == Some(value))
}
