//! A bucket of Amazon S3.
//!
//! API: Amazon S3 2006-03-01. Conditional writes:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::{Builder, Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, Delete, EncodingType, ObjectCannedAcl, ObjectIdentifier, ServerSideEncryption,
};

use super::{Encryption, create, refused};
use crate::aws::client::Aws;
use crate::aws::listed_keys;
use crate::resource::{Error, ErrorKind};
use crate::state::bucket::{Answer, Bucket, Made, Object, Reason, Refused, When};

/// Most keys that one call removes.
const BATCH: usize = 1000;

/// How often a write is tried that met another one: S3 asks for that with the code 409.
const CONFLICTS: usize = 4;

/// A bucket.
pub(super) struct S3Bucket {
    pub(super) name: String,
    pub(super) acl: Option<String>,
    pub(super) encryption: Encryption,
    pub(super) has_checksums: bool,
    pub(super) path_style: bool,
    pub(super) aws: Arc<Aws>,
}

impl std::fmt::Debug for S3Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

impl S3Bucket {
    pub(super) fn style(&self) -> Builder {
        let style = Builder::new().force_path_style(self.path_style);
        if self.has_checksums {
            return style;
        }
        style.request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
    }

    /// The address that its requests go to, whoever says it: the arguments, the environment, the configuration files, or AWS.
    /// Of AWS's own always the one of the same region: a name is that of one bucket in all of them. None where there is no
    /// such address.
    pub(super) async fn address(&self) -> Option<String> {
        // A signed address is made without a call; nobody's name is on it.
        let nobody = Credentials::new("nobody", "nobody", None, None, "address");
        let plain = self.style().force_path_style(true).use_fips(false).use_dual_stack(false);
        let plain = plain.region(Region::new("eu-central-1")).credentials_provider(nobody);
        let call = self.aws.s3.get_object().bucket(&self.name).key("state").customize().config_override(plain);
        let signed = call.presigned(PresigningConfig::expires_in(Duration::from_secs(60)).ok()?).await.ok()?;
        signed.uri().split_once('?').map(|(address, _)| address.to_owned())
    }

    async fn read(&self, key: &str) -> Result<Option<Object>, Refused> {
        let mut call = self.aws.s3.get_object().bucket(&self.name).key(key);
        if let Encryption::Customer(customer, sum) = &self.encryption {
            call = call.sse_customer_algorithm("AES256").sse_customer_key(customer).sse_customer_key_md5(sum);
        }
        let answer = call.customize().config_override(self.style()).send().await.map_err(Error::from);
        let object = match answer {
            Err(error) if error.is(&["NoSuchKey"]) => return Ok(None),
            other => other.map_err(refused)?,
        };
        let etag = object.e_tag().unwrap_or_default().to_owned();
        let broken = |error| Error {
            kind: ErrorKind::Unreachable,
            ..Error::local("GetObject", format!("the answer breaks off: {error}"))
        };
        let bytes = object.body.collect().await.map_err(broken).map_err(refused)?.to_vec();
        Ok(Some(Object { bytes, etag }))
    }

    async fn write(&self, key: &str, bytes: Vec<u8>, when: When<'_>) -> Result<String, Refused> {
        let mut conflicts = 0;
        loop {
            let error = match self.try_to_write(key, bytes.clone(), when).await {
                Ok(etag) => return Ok(etag),
                Err(error) => error,
            };
            if error.is(&["ConditionalRequestConflict"]) && conflicts < CONFLICTS {
                conflicts += 1;
            } else if error.is(&["NoSuchKey"]) && matches!(when, When::Is(_)) {
                // What was to be replaced went away.
                return Err(Refused { reason: Reason::Condition, ..refused(error) });
            } else {
                return Err(refused(error));
            }
        }
    }

    async fn try_to_write(&self, key: &str, bytes: Vec<u8>, when: When<'_>) -> Result<String, Error> {
        let call = self.aws.s3.put_object().bucket(&self.name).key(key).content_type("application/json");
        let call = call.set_acl(self.acl.as_deref().map(ObjectCannedAcl::from));
        let call = call.set_checksum_algorithm(self.has_checksums.then_some(ChecksumAlgorithm::Sha256));
        let call = match &self.encryption {
            Encryption::Default => call,
            Encryption::S3 => call.server_side_encryption(ServerSideEncryption::Aes256),
            Encryption::Kms(id) => call.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(id),
            Encryption::Customer(key, sum) => {
                call.sse_customer_algorithm("AES256").sse_customer_key(key).sse_customer_key_md5(sum)
            }
        };
        let call = match when {
            When::Always => call,
            When::Absent => call.if_none_match("*"),
            When::Is(etag) => call.if_match(etag),
        };
        let call = call.body(ByteStream::from(bytes)).customize().config_override(self.style());
        Ok(call.send().await?.e_tag.unwrap_or_default())
    }

    async fn remove(&self, keys: &[String]) -> Result<(), Refused> {
        if let [key] = keys {
            let call = self.aws.s3.delete_object().bucket(&self.name).key(key);
            call.customize().config_override(self.style()).send().await.map_err(|error| refused(error.into()))?;
            return Ok(());
        }
        for batch in keys.chunks(BATCH) {
            let objects: Result<Vec<_>, _> =
                batch.iter().map(|key| ObjectIdentifier::builder().key(key).build()).collect();
            let local = |error: aws_smithy_types::error::operation::BuildError| {
                refused(Error::local("DeleteObjects", error.to_string()))
            };
            let delete =
                Delete::builder().set_objects(Some(objects.map_err(local)?)).quiet(true).build().map_err(local)?;
            let call = self.aws.s3.delete_objects().bucket(&self.name).delete(delete);
            let answer = call.customize().config_override(self.style()).send().await;
            let answer = answer.map_err(|error| refused(error.into()))?;
            if let Some(left) = answer.errors().first() {
                let text = format!("{}: {}", left.key().unwrap_or_default(), left.message().unwrap_or_default());
                let code = left.code().unwrap_or_default().to_owned();
                return Err(refused(Error { code, ..Error::local("DeleteObjects", text) }));
            }
        }
        Ok(())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, Refused> {
        let (mut keys, mut next) = (Vec::new(), None);
        loop {
            let call = self.aws.s3.list_objects_v2().bucket(&self.name).prefix(prefix).set_continuation_token(next);
            let call = call.encoding_type(EncodingType::Url);
            let answer = call.customize().config_override(self.style()).send().await;
            let page = answer.map_err(|error| refused(error.into()))?;
            keys.extend(listed_keys::of_page(&page).map_err(refused)?);
            next = page.next_continuation_token.filter(|_| page.is_truncated == Some(true));
            if next.is_none() {
                keys.sort();
                return Ok(keys);
            }
        }
    }
}

impl Bucket for S3Bucket {
    fn name(&self) -> &str {
        &self.name
    }

    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Object>> {
        Box::pin(self.read(key))
    }

    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, when: When<'a>) -> Answer<'a, String> {
        Box::pin(self.write(key, bytes, when))
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> Answer<'a, ()> {
        Box::pin(self.remove(keys))
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Answer<'a, Vec<String>> {
        Box::pin(self.keys(prefix))
    }

    fn make(&self) -> Answer<'_, Made> {
        Box::pin(async { create::make(self).await.map_err(refused) })
    }
}
