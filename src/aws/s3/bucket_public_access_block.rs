//! `aws_s3_bucket_public_access_block`: what keeps a bucket from being opened to everybody.
//!
//! API: Amazon S3 2006-03-01, `PutPublicAccessBlock`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html>

use aws_sdk_s3::types as sdk;

use super::shared::{OF_BUCKET, passing};
use crate::aws::answers::read_each;
use crate::aws::contract::*;

/// The type.
pub struct BucketPublicAccessBlock;

model! {
    /// What keeps a bucket from being opened to everybody. What is left out is off, while a new bucket has all of it on:
    /// deleting the resource turns all off.
    pub struct Args {
        /// Name of the bucket.
        bucket: String = required().force_new(),
        /// Whether access control lists that open it are refused.
        block_public_acls: bool = optional().default(Lit::Bool(false)),
        /// Whether policies that open it are refused.
        block_public_policy: bool = optional().default(Lit::Bool(false)),
        /// Whether access control lists that open it are passed over.
        ignore_public_acls: bool = optional().default(Lit::Bool(false)),
        /// Whether a policy that opens it serves AWS and the own account only.
        restrict_public_buckets: bool = optional().default(Lit::Bool(false)),
        /// Whether all stays as it is when the resource is deleted.
        skip_destroy: Option<bool> = optional().local(),
    }
}

/// The setting of a bucket.
pub struct Live {
    bucket: String,
    config: sdk::PublicAccessBlockConfiguration,
}

impl Resource for BucketPublicAccessBlock {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_s3_bucket_public_access_block";
    const IDENTITY: Identity = Identity::Chosen(&["bucket"]);
    const PART_OF: Option<PartOf> = Some(OF_BUCKET);
    const SAME_AS_ID: Option<&'static str> = Some("bucket");
    const PACE: Pace = secs(1, 1, 1).limits(5, 5, 5);
    const MISSING: &'static [&'static str] = &["NoSuchPublicAccessBlockConfiguration", "NoSuchBucket", "NotFound"];
    const RETRY: &'static [Retry] = &passing(&["PutPublicAccessBlock", "DeletePublicAccessBlock"]);

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        read_each(ids, Self::MISSING, async |bucket| {
            let told = aws.s3.get_public_access_block().bucket(&bucket).send().await?;
            let config = told.public_access_block_configuration.ok_or_else(|| Error::empty("GetPublicAccessBlock"))?;
            Ok(Live { bucket, config })
        })
        .await
    }

    fn observe(live: &Live) -> Args {
        let Live { bucket, config } = live;
        Args {
            bucket: bucket.clone(),
            block_public_acls: config.block_public_acls.unwrap_or_default(),
            block_public_policy: config.block_public_policy.unwrap_or_default(),
            ignore_public_acls: config.ignore_public_acls.unwrap_or_default(),
            restrict_public_buckets: config.restrict_public_buckets.unwrap_or_default(),
            ..Args::default()
        }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let config = sdk::PublicAccessBlockConfiguration::builder()
            .block_public_acls(want.block_public_acls)
            .block_public_policy(want.block_public_policy)
            .ignore_public_acls(want.ignore_public_acls)
            .restrict_public_buckets(want.restrict_public_buckets)
            .build();
        let call = aws.s3.put_public_access_block().bucket(&want.bucket);
        call.public_access_block_configuration(config).send().await?;
        Ok(want.bucket.clone())
    }

    async fn update(aws: &Aws, _id: &Id, _have: &Args, want: &Args) -> Result<()> {
        Self::create(aws, want).await.map(drop)
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        if have.skip_destroy != Some(true) {
            aws.s3.delete_public_access_block().bucket(id).send().await?;
        }
        Ok(())
    }
}
