//! What a bucket holds, and how it goes: objects, their older versions, and the marks that deletions left.
//!
//! API: Amazon S3 2006-03-01, `ListObjectVersions` and `DeleteObjects`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types as sdk;

use super::shared::built;
use crate::aws::contract::*;
use crate::resource::Held;

/// How many are counted: a hundred calls.
const COUNTED: usize = 100_000;
/// How often a bucket into which others write meanwhile is emptied.
const ROUNDS: usize = 5;
/// Refusals that are told.
const TOLD: usize = 3;

/// What a bucket holds. A bucket without versions has one version of each object. Unfinished uploads are not counted:
/// they go with the bucket.
pub(super) async fn contents(aws: &Aws, bucket: &str) -> Result<Contents> {
    let mut pages = Pages::of(bucket, None);
    let mut found = Contents::default();
    while let Some(page) = pages.next(aws).await? {
        for version in page.versions() {
            let what = if version.is_latest == Some(false) { "older version" } else { "object" };
            found.all.push(Held { what, name: version.key.clone().unwrap_or_default() });
        }
        let marks = page.delete_markers().iter();
        found.all.extend(marks.map(|mark| Held { what: "delete marker", name: mark.key.clone().unwrap_or_default() }));
        if found.all.len() >= COUNTED && pages.has_more() {
            found.is_cut = true;
            break;
        }
    }
    // Objects first, in the order of their names, whatever the pages were.
    found.all.sort_by_key(|held| (held.what != "object", held.what == "delete marker"));
    Ok(found)
}

/// Which versions are deleted.
#[derive(Clone, Copy)]
pub(super) struct Doomed<'a> {
    pub(super) bucket: &'a str,
    /// Only those of this object.
    pub(super) key: Option<&'a str>,
    /// Whether a retention in mode GOVERNANCE is passed over, which takes a permission of its own.
    pub(super) bypasses: bool,
}

/// Deletes all versions. Whoever writes meanwhile makes it look again, a few times.
pub(super) async fn empty(aws: &Aws, doomed: Doomed<'_>) -> Result<()> {
    for _ in 0..ROUNDS {
        if delete_all(aws, doomed).await? == 0 {
            break;
        }
    }
    Ok(())
}

/// Deletes what is there now; how many that was.
async fn delete_all(aws: &Aws, doomed: Doomed<'_>) -> Result<usize> {
    let mut pages = Pages::of(doomed.bucket, doomed.key);
    let (mut count, mut refused) = (0, Vec::new());
    while let Some(page) = pages.next(aws).await? {
        let versions = page.versions().iter().map(|one| (&one.key, &one.version_id));
        let marks = page.delete_markers().iter().map(|one| (&one.key, &one.version_id));
        // A page is a batch: both hold at most a thousand.
        let batch = versions.chain(marks).filter(|(key, _)| doomed.key.is_none() || key.as_deref() == doomed.key);
        let batch = batch.filter_map(|(key, version)| {
            Some(built(sdk::ObjectIdentifier::builder().key(key.as_ref()?).set_version_id(version.clone()).build()))
        });
        let batch: Vec<_> = batch.collect::<Result<_>>()?;
        if batch.is_empty() {
            continue;
        }
        count += batch.len();
        let delete = built(sdk::Delete::builder().set_objects(Some(batch)).quiet(true).build())?;
        let call = aws.s3.delete_objects().bucket(doomed.bucket).delete(delete);
        let done = call.set_bypass_governance_retention(doomed.bypasses.then_some(true)).send().await?;
        refused.extend(done.errors.unwrap_or_default());
    }
    if refused.is_empty() { Ok(count) } else { Err(refusal(&refused)) }
}

/// That some versions cannot be deleted, and why.
fn refusal(refused: &[sdk::Error]) -> Error {
    let one = |error: &sdk::Error| {
        let version = error.version_id().map(|version| format!(" (version {version})")).unwrap_or_default();
        format!("{}{version}: {}", error.key().unwrap_or_default(), error.message().or(error.code()).unwrap_or_default())
    };
    let told: Vec<String> = refused.iter().take(TOLD).map(one).collect();
    let more = refused.len().saturating_sub(TOLD);
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    let text = format!("{} of the bucket's objects cannot be deleted: {}{more}", refused.len(), told.join("; "));
    let code = refused.first().and_then(sdk::Error::code).unwrap_or_default().to_owned();
    Error { code, kind: crate::resource::ErrorKind::Refused, ..Error::local("DeleteObjects", text) }
}

/// Pages of `ListObjectVersions`, which the SDK does not turn.
struct Pages<'a> {
    bucket: &'a str,
    prefix: Option<&'a str>,
    /// Where the next page starts; none after the last.
    next: Option<(Option<String>, Option<String>)>,
}

impl<'a> Pages<'a> {
    fn of(bucket: &'a str, prefix: Option<&'a str>) -> Self {
        Self { bucket, prefix, next: Some((None, None)) }
    }

    fn has_more(&self) -> bool {
        self.next.is_some()
    }

    async fn next(&mut self, aws: &Aws) -> Result<Option<ListObjectVersionsOutput>> {
        let Some((key, version)) = self.next.take() else { return Ok(None) };
        let call = aws.s3.list_object_versions().bucket(self.bucket).set_prefix(self.prefix.map(str::to_owned));
        let page = call.set_key_marker(key).set_version_id_marker(version).send().await?;
        if page.is_truncated == Some(true) {
            self.next = Some((page.next_key_marker.clone(), page.next_version_id_marker.clone()));
        }
        Ok(Some(page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_deleted_is_named() {
        let one = |key: &str| sdk::Error::builder().key(key).version_id("v1").code("AccessDenied").message("Access Denied").build();
        let error = refusal(&["a", "b", "c", "d"].map(one));
        assert!(error.is_denied());
        assert_eq!(
            error.message,
            "4 of the bucket's objects cannot be deleted: a (version v1): Access Denied; b (version v1): Access Denied; c (version v1): Access Denied; and 1 more"
        );
    }
}
