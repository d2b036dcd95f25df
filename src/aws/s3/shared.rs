//! What the types of S3 have in common: every one of them is about a bucket.

use aws_sdk_s3::types as sdk;
use aws_smithy_runtime_api::client::result::SdkError;

use crate::aws::answers::{built, unless};
use crate::aws::contract::*;
use crate::aws::tags;

/// Codes that say: there is no such bucket. The answer to HEAD has no body, which the SDK calls by its status.
pub(super) const GONE: &[&str] = &["NoSuchBucket", "NotFound"];

/// A setting of a bucket goes with it.
pub(super) const OF_BUCKET: PartOf = PartOf { whole: "aws_s3_bucket", name: "bucket", says: "bucket" };

/// Errors of the calls that set something on a bucket and that pass: the bucket was just made, or another setting of it
/// is under way.
pub(super) const fn passing(calls: &'static [&'static str]) -> [Retry; 2] {
    [
        Retry::of(calls, "NoSuchBucket", "the bucket is not known everywhere yet", retry::NEW),
        Retry::of(calls, "OperationAborted", "another change of the bucket is under way", retry::CHANGE),
    ]
}

/// Looks whether the bucket is there, and in this region. What an answer without a body cannot say is said here.
pub(super) async fn head(aws: &Aws, bucket: &str) -> Result<()> {
    let Err(error) = aws.s3.head_bucket().bucket(bucket).send().await else { return Ok(()) };
    let raw = match &error {
        SdkError::ServiceError(service) => Some(service.raw()),
        _ => None,
    };
    let status = raw.map(|raw| raw.status().as_u16());
    let region = raw.and_then(|raw| raw.headers().get("x-amz-bucket-region")).map(str::to_owned);
    let error = Error::from(error);
    Err(match status {
        Some(301 | 400) if region.as_ref().is_some_and(|region| *region != aws.region) => {
            let region = region.unwrap_or_default();
            let text = format!("The bucket {bucket} is in {region}, and {} was asked. Set `region = \"{region}\"`, or use the provider configuration of that region.", aws.region);
            Error { code: "PermanentRedirect".to_owned(), message: text, ..error }
        }
        Some(403) => Error {
            code: "AccessDenied".to_owned(),
            message: format!("{bucket} may not be looked at: the bucket is of another account, or the credentials lack s3:ListBucket."),
            ..error
        },
        _ => error,
    })
}

/// All tags of a bucket, those of AWS too.
pub(super) async fn tags_of(aws: &Aws, bucket: &str) -> Result<Tags> {
    let told = aws.s3.get_bucket_tagging().bucket(bucket).send().await.map_err(Error::from);
    let told = unless(told, &["NoSuchTagSet", "NoSuchTagSetError"])?;
    let set = told.map(|told| told.tag_set).unwrap_or_default();
    Ok(tags::from_list(&set, |tag| (Some(tag.key()), Some(tag.value()))))
}

/// Tags as the service takes them.
pub(super) fn tag_set(all: &Tags) -> Result<Vec<sdk::Tag>> {
    all.iter().map(|(key, value)| built(sdk::Tag::builder().key(key).value(value).build())).collect()
}

/// Changes the tags of a bucket. They are set as a whole: tags that the provider block ignores, and AWS's own, stay.
pub(super) async fn retag(aws: &Aws, bucket: &str, have: &Tags, want: &Tags) -> Result<()> {
    let (set, remove) = tags::difference(have, want);
    if set.is_empty() && remove.is_empty() {
        return Ok(());
    }
    let live = tags_of(aws, bucket).await?;
    let mut all = live.clone();
    all.retain(|key, _| !remove.contains(key));
    all.extend(set);
    if all == live {
        return Ok(());
    }
    if all.is_empty() {
        aws.s3.delete_bucket_tagging().bucket(bucket).send().await?;
        return Ok(());
    }
    let tagging = built(sdk::Tagging::builder().set_tag_set(Some(tag_set(&all)?)).build())?;
    aws.s3.put_bucket_tagging().bucket(bucket).tagging(tagging).send().await?;
    Ok(())
}

/// The bucket of an id, which is its name, or its name, a comma and the account of its owner.
pub(super) fn bucket_of(id: &str) -> &str {
    id.split_once(',').map_or(id, |(bucket, _)| bucket)
}

/// The account of the owner in an id.
pub(super) fn owner_of(id: &str) -> Option<&str> {
    id.split_once(',').map(|(_, owner)| owner).filter(|owner| !owner.is_empty())
}

/// The id of a setting of a bucket.
pub(super) fn id_of(bucket: &str, owner: Option<&str>) -> Id {
    match owner.filter(|owner| !owner.is_empty()) {
        Some(owner) => format!("{bucket},{owner}"),
        None => bucket.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_may_name_the_owner() {
        for (bucket, owner, id) in [("web", None, "web"), ("web", Some("123456789012"), "web,123456789012")] {
            assert_eq!(id_of(bucket, owner), id);
            assert_eq!((bucket_of(id), owner_of(id)), (bucket, owner));
        }
        assert_eq!(id_of("web", Some("")), "web");
    }
}
