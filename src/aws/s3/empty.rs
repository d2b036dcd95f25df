//! What a bucket holds, and how it goes: objects, their older versions, and the marks that deletions left.
//!
//! API: Amazon S3 2006-03-01, `ListObjectVersions` and `DeleteObjects`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types as sdk;

use crate::aws::answers::built;
use crate::aws::contract::*;
use crate::aws::listed_keys::decoded;
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
        let all = versions.chain(marks).filter(|(key, _)| doomed.key.is_none() || key.as_deref() == doomed.key);
        let all = all.filter_map(|(key, version)| {
            Some(built(sdk::ObjectIdentifier::builder().key(key.as_ref()?).set_version_id(version.clone()).build()))
        });
        let all: Vec<_> = all.collect::<Result<_>>()?;
        count += all.len();
        let (batch, alone): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| is_xml(&one.key));
        refused.extend(delete_batch(aws, doomed, batch).await?);
        for one in alone {
            refused.extend(delete_alone(aws, doomed, one).await?);
        }
    }
    if refused.is_empty() { Ok(count) } else { Err(refusal(&refused)) }
}

/// Deletes a page of versions: a page and a batch both hold at most a thousand. What was refused.
async fn delete_batch(aws: &Aws, doomed: Doomed<'_>, batch: Vec<sdk::ObjectIdentifier>) -> Result<Vec<sdk::Error>> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let delete = built(sdk::Delete::builder().set_objects(Some(batch)).quiet(true).build())?;
    let call = aws.s3.delete_objects().bucket(doomed.bucket).delete(delete);
    let done = call.set_bypass_governance_retention(doomed.bypasses.then_some(true)).send().await?;
    Ok(done.errors.unwrap_or_default())
}

/// Deletes a version whose key stands in a path, but not in a document. Whether that was refused.
async fn delete_alone(aws: &Aws, doomed: Doomed<'_>, one: sdk::ObjectIdentifier) -> Result<Option<sdk::Error>> {
    let call = aws.s3.delete_object().bucket(doomed.bucket).key(&one.key).set_version_id(one.version_id.clone());
    let done = call.set_bypass_governance_retention(doomed.bypasses.then_some(true)).send().await.map_err(Error::from);
    match done {
        Err(error) if error.is_denied() => {
            let refused = sdk::Error::builder().key(one.key).set_version_id(one.version_id);
            Ok(Some(refused.code(error.code).message(error.message).build()))
        }
        other => other.map(|_| None),
    }
}

/// Whether a document can say it: XML 1.0 has no control characters, escaped or not. <https://www.w3.org/TR/xml/#charsets>
fn is_xml(key: &str) -> bool {
    key.chars().all(|letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..))
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
        // Not every key can stand in the answer as it is.
        let call = call.encoding_type(sdk::EncodingType::Url);
        let mut page = call.set_key_marker(key).set_version_id_marker(version).send().await?;
        if page.encoding_type == Some(sdk::EncodingType::Url) {
            decode(&mut page)?;
        }
        if page.is_truncated == Some(true) {
            self.next = Some((page.next_key_marker.clone(), page.next_version_id_marker.clone()));
        }
        Ok(Some(page))
    }
}

/// Writes keys as they are.
fn decode(page: &mut ListObjectVersionsOutput) -> Result<()> {
    let versions = page.versions.iter_mut().flatten().map(|one| &mut one.key);
    let marks = page.delete_markers.iter_mut().flatten().map(|one| &mut one.key);
    for key in versions.chain(marks).chain([&mut page.next_key_marker]).filter_map(Option::as_mut) {
        *key = decoded(key, "ListObjectVersions")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_can_say() {
        assert!(is_xml("a b\r\n\tü\u{1F600}"));
        assert!(!is_xml("\u{1}") && !is_xml("\u{0}a") && !is_xml("\u{FFFF}"));
    }

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
