//! `aws_s3_bucket_policy`: who may use a bucket.
//!
//! API: Amazon S3 2006-03-01, `PutBucketPolicy`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>

use super::shared::{OF_BUCKET, passing};
use crate::aws::answers::read_each;
use crate::aws::contract::*;
use crate::aws::policy;

/// The type.
pub struct BucketPolicy;

model! {
    /// Who may use a bucket, beside those whom the own account lets.
    pub struct Args {
        /// Name of the bucket.
        bucket: String = required().force_new(),
        /// Policy in JSON, at most 20480 characters. Each statement names a `Principal` and, as `Resource`, the bucket or
        /// its objects.
        policy: String = required().json().same(policy::same).check(policy::check_resource).check(|value| policy::check_size(value, 20480)),
    }
}

/// The policy of a bucket.
pub struct Live {
    bucket: String,
    policy: String,
}

impl Resource for BucketPolicy {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_s3_bucket_policy";
    const IDENTITY: Identity = Identity::Chosen(&["bucket"]);
    const PART_OF: Option<PartOf> = Some(OF_BUCKET);
    const SAME_AS_ID: Option<&'static str> = Some("bucket");
    const PACE: Pace = secs(1, 1, 1).limits(5, 5, 5);
    const MISSING: &'static [&'static str] = &["NoSuchBucketPolicy", "NoSuchBucket", "NotFound"];
    const RETRY: &'static [Retry] = &[
        passing(&["PutBucketPolicy", "DeleteBucketPolicy"])[0],
        passing(&["PutBucketPolicy", "DeleteBucketPolicy"])[1],
        Retry::of(&["PutBucketPolicy"], "MalformedPolicy", "a role it names is not known everywhere yet", retry::IAM).saying("Invalid principal"),
        Retry::of(&["PutBucketPolicy"], "AccessDenied", "what the public access block says is not in force yet", retry::NEW).saying("BlockPublicPolicy"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        let (Some(bucket), Some(text)) = (want.known(Args::bucket), want.known(Args::policy)) else { return };
        if let Some(other) = policy::resources(&text).into_iter().find(|arn| is_of_other_bucket(arn, &bucket)) {
            let text = format!("A policy of the bucket {bucket} is about that bucket and its objects, and not about `{other}`: S3 refuses it (\"Policy has invalid resource\"). Write the bucket's ARN, or that with `/*` for its objects.");
            found.at(Args::policy, text);
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        read_each(ids, Self::MISSING, async |bucket| {
            let told = aws.s3.get_bucket_policy().bucket(&bucket).send().await?;
            Ok(Live { bucket, policy: told.policy.unwrap_or_default() })
        })
        .await
    }

    fn observe(live: &Live) -> Args {
        Args { bucket: live.bucket.clone(), policy: live.policy.clone() }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        aws.s3.put_bucket_policy().bucket(&want.bucket).policy(&want.policy).send().await?;
        Ok(want.bucket.clone())
    }

    async fn update(aws: &Aws, _id: &Id, _have: &Args, want: &Args) -> Result<()> {
        Self::create(aws, want).await.map(drop)
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.s3.delete_bucket_policy().bucket(id).send().await?;
        Ok(())
    }
}

/// Whether an ARN is certainly that of something else than the bucket and its objects.
fn is_of_other_bucket(arn: &str, bucket: &str) -> bool {
    let Some(path) = arn.splitn(6, ':').nth(5).filter(|_| arn.starts_with("arn:") && arn.contains(":s3:")) else { return false };
    let name = path.split('/').next().unwrap_or_default();
    !name.contains(['*', '?', '$']) && name != bucket
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_about_its_own_bucket() {
        for own in ["arn:aws:s3:::web", "arn:aws:s3:::web/*", "arn:aws:s3:::w*", "*"] {
            assert!(!is_of_other_bucket(own, "web"), "{own}");
        }
        assert!(is_of_other_bucket("arn:aws:s3:::other/*", "web"));
    }
}
