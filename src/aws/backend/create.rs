//! Making the bucket of a backend, when that was asked for: encrypted, with versions, closed to the public.
//!
//! API: Amazon S3 2006-03-01, `CreateBucket` and its siblings.

use aws_sdk_s3::types as sdk;

use super::Encryption;
use super::bucket::S3Bucket;
use crate::resource::Error;
use crate::state::bucket::Made;

/// Makes the bucket unless it is there. One without objects for which nobody ever said whether it keeps versions is half
/// made: it gets its settings.
pub(super) async fn make(bucket: &S3Bucket) -> Result<Made, Error> {
    let call = bucket.aws.s3.list_objects_v2().bucket(&bucket.name).max_keys(1);
    let found = match call.customize().config_override(bucket.style()).send().await.map_err(Error::from) {
        Err(error) if error.is(&["NoSuchBucket"]) => {
            create(bucket).await?;
            settle(bucket).await?;
            return Ok(Made::New);
        }
        other => other?,
    };
    if !found.contents().is_empty() {
        return Ok(Made::Before);
    }
    let call = bucket.aws.s3.get_bucket_versioning().bucket(&bucket.name);
    if call.customize().config_override(bucket.style()).send().await?.status().is_some() {
        return Ok(Made::Before);
    }
    settle(bucket).await?;
    Ok(Made::Completed)
}

async fn create(bucket: &S3Bucket) -> Result<(), Error> {
    let (s3, name) = (&bucket.aws.s3, &bucket.name);
    // Endpoints of us-east-1 refuse to be told that they are in us-east-1.
    let place = (bucket.aws.region != "us-east-1").then(|| {
        sdk::CreateBucketConfiguration::builder()
            .location_constraint(sdk::BucketLocationConstraint::from(bucket.aws.region.as_str()))
            .build()
    });
    let call = s3.create_bucket().bucket(name).set_create_bucket_configuration(place);
    let made = call.customize().config_override(bucket.style()).send().await.map_err(Error::from);
    match made {
        Err(error) if error.is(&["BucketAlreadyOwnedByYou"]) => {}
        other => drop(other?),
    }
    Ok(())
}

/// Versions last: they tell that all is done.
async fn settle(bucket: &S3Bucket) -> Result<(), Error> {
    let (s3, name) = (&bucket.aws.s3, &bucket.name);
    let block = sdk::PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .block_public_policy(true)
        .ignore_public_acls(true)
        .restrict_public_buckets(true)
        .build();
    let call = s3.put_public_access_block().bucket(name).public_access_block_configuration(block);
    call.customize().config_override(bucket.style()).send().await?;
    encrypt(bucket).await?;
    let versions = sdk::VersioningConfiguration::builder().status(sdk::BucketVersioningStatus::Enabled).build();
    let call = s3.put_bucket_versioning().bucket(name).versioning_configuration(versions);
    call.customize().config_override(bucket.style()).send().await?;
    Ok(())
}

async fn encrypt(bucket: &S3Bucket) -> Result<(), Error> {
    let (algorithm, key) = match &bucket.encryption {
        Encryption::Kms(key) => (sdk::ServerSideEncryption::AwsKms, Some(key.clone())),
        Encryption::Default | Encryption::S3 | Encryption::Customer(..) => (sdk::ServerSideEncryption::Aes256, None),
    };
    let is_kms = key.is_some();
    let local =
        |error: aws_smithy_types::error::operation::BuildError| Error::local("PutBucketEncryption", error.to_string());
    let by_default = sdk::ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm).set_kms_master_key_id(key);
    let by_default = by_default.build().map_err(local)?;
    let rule = sdk::ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(by_default)
        .bucket_key_enabled(is_kms)
        .build();
    let rules = sdk::ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(local)?;
    let call = bucket.aws.s3.put_bucket_encryption().bucket(&bucket.name).server_side_encryption_configuration(rules);
    call.customize().config_override(bucket.style()).send().await?;
    Ok(())
}
