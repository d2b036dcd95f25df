//! `aws_s3_bucket_ownership_controls`: whose the objects of a bucket are.
//!
//! API: Amazon S3 2006-03-01, `PutBucketOwnershipControls`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html>

use aws_sdk_s3::types as sdk;

use super::shared::{OF_BUCKET, passing};
use crate::aws::answers::{built, read_each};
use crate::aws::contract::*;

/// The type.
pub struct BucketOwnershipControls;

model! {
    /// Whose the objects of a bucket are: only where that is not its owner do access control lists count.
    pub struct Args {
        /// Name of the bucket.
        bucket: String = required().force_new(),
        /// The rule.
        rule: Option<Rule> = required(),
    }
}

model! {
    /// Whose objects are.
    pub struct Rule {
        /// The bucket's owner always (BucketOwnerEnforced), where who wrote it agrees (BucketOwnerPreferred), or who wrote
        /// it (ObjectWriter).
        object_ownership: String = required().one_of(&["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"]),
    }
}

/// The setting of a bucket.
pub struct Live {
    bucket: String,
    ownership: String,
}

impl Resource for BucketOwnershipControls {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_s3_bucket_ownership_controls";
    const IDENTITY: Identity = Identity::Chosen(&["bucket"]);
    const PART_OF: Option<PartOf> = Some(OF_BUCKET);
    const SAME_AS_ID: Option<&'static str> = Some("bucket");
    const PACE: Pace = secs(1, 1, 1).limits(5, 5, 5);
    const MISSING: &'static [&'static str] = &["OwnershipControlsNotFoundError", "NoSuchBucket", "NotFound"];
    const RETRY: &'static [Retry] = &passing(&["PutBucketOwnershipControls", "DeleteBucketOwnershipControls"]);

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        read_each(ids, Self::MISSING, async |bucket| {
            let told = aws.s3.get_bucket_ownership_controls().bucket(&bucket).send().await?;
            let rule = told.ownership_controls.and_then(|controls| controls.rules.into_iter().next());
            let rule = rule.ok_or_else(|| Error::empty("GetBucketOwnershipControls"))?;
            Ok(Live { bucket, ownership: rule.object_ownership.as_str().to_owned() })
        })
        .await
    }

    fn observe(live: &Live) -> Args {
        Args { bucket: live.bucket.clone(), rule: Some(Rule { object_ownership: live.ownership.clone() }) }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let ownership = want.rule.as_ref().map(|rule| rule.object_ownership.as_str()).unwrap_or_default().into();
        let rule = built(sdk::OwnershipControlsRule::builder().object_ownership(ownership).build())?;
        let controls = built(sdk::OwnershipControls::builder().rules(rule).build())?;
        aws.s3.put_bucket_ownership_controls().bucket(&want.bucket).ownership_controls(controls).send().await?;
        Ok(want.bucket.clone())
    }

    async fn update(aws: &Aws, _id: &Id, _have: &Args, want: &Args) -> Result<()> {
        Self::create(aws, want).await.map(drop)
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.s3.delete_bucket_ownership_controls().bucket(id).send().await?;
        Ok(())
    }
}
