//! `aws_s3_bucket_server_side_encryption_configuration`: how a bucket encrypts objects that say nothing of it.
//!
//! API: Amazon S3 2006-03-01, `PutBucketEncryption`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html>

use aws_sdk_s3::types as sdk;

use super::shared::{OF_BUCKET, bucket_of, id_of, owner_of, passing};
use crate::aws::answers::{built, read_each};
use crate::aws::contract::*;
use crate::value::Value;

/// The type.
pub struct BucketEncryption;

model! {
    /// How a bucket encrypts objects that say nothing of it. Without, and after the resource is deleted, with keys of S3.
    pub struct Args {
        /// Name of the bucket.
        bucket: String = required().force_new().length(1, 63),
        /// Account that owns the bucket; another one is an error.
        expected_bucket_owner: Option<String> = optional().force_new(),
        /// The rule.
        rule: Set<Rule> = required().min_items(1),
    }
}

model! {
    /// How objects are encrypted.
    pub struct Rule {
        /// Encryption that objects may not ask for: SSE-C, or NONE where they may ask for any. Left out, it stays as it is.
        blocked_encryption_types: Option<Vec<String>> = optional().same(same_blocked).one_of(&["NONE", "SSE-C"]),
        /// Whether the bucket has a key of its own under that of KMS, which saves calls to KMS.
        bucket_key_enabled: Option<bool> = optional().same(same_truth),
        /// Algorithm and key.
        apply_server_side_encryption_by_default: Option<ByDefault> = optional(),
    }
}

model! {
    /// Algorithm and key of objects that name none.
    pub struct ByDefault {
        /// ARN or id of a key of KMS; that of AWS for S3 when left out. Only with algorithms of KMS.
        kms_master_key_id: Option<String> = optional(),
        /// AES256 (keys of S3), aws:kms, or aws:kms:dsse (two layers).
        sse_algorithm: String = required().one_of(&["aws:fsx", "AES256", "aws:kms", "aws:kms:dsse"]),
    }
}

/// Left out is whatever is there.
fn same_blocked(have: &Value, want: &Value) -> bool {
    let is_left_out = |value: &Value| value.elements().is_none_or(<[Value]>::is_empty);
    let texts = |value: &Value| {
        let mut all: Vec<String> = value.elements().into_iter().flatten().filter_map(|one| Some(one.as_str()?.to_owned())).collect();
        all.sort_unstable();
        all
    };
    is_left_out(have) || is_left_out(want) || texts(have) == texts(want)
}

/// Left out is false.
fn same_truth(have: &Value, want: &Value) -> bool {
    have.as_bool().unwrap_or_default() == want.as_bool().unwrap_or_default()
}

/// The rules of a bucket.
pub struct Live {
    id: Id,
    rules: Vec<sdk::ServerSideEncryptionRule>,
}

impl Resource for BucketEncryption {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_s3_bucket_server_side_encryption_configuration";
    const IDENTITY: Identity = Identity::Chosen(&["bucket", "expected_bucket_owner"]);
    const PART_OF: Option<PartOf> = Some(OF_BUCKET);
    const PACE: Pace = secs(1, 1, 1).limits(5, 5, 5);
    const MISSING: &'static [&'static str] = &["ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucket", "NotFound"];
    const RETRY: &'static [Retry] = &passing(&["PutBucketEncryption", "DeleteBucketEncryption"]);

    fn check(want: &Draft, found: &mut Problems) {
        for rule in want.known(Args::rule).unwrap_or_default().0 {
            let Some(one) = rule.apply_server_side_encryption_by_default else { continue };
            if one.sse_algorithm == "AES256" && one.kms_master_key_id.is_some_and(|key| !key.is_empty()) {
                found.inside(
                    &["rule", "apply_server_side_encryption_by_default", "kms_master_key_id"],
                    "AES256 stands for keys of S3, so that there is none to name. Set `sse_algorithm` to aws:kms, or remove the key.",
                );
            }
        }
    }

    fn locate(shown: &str, have: &Args) -> Id {
        if shown.is_empty() { id_of(&have.bucket, have.expected_bucket_owner.as_deref()) } else { shown.to_owned() }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        read_each(ids, Self::MISSING, async |id| {
            let call = aws.s3.get_bucket_encryption().bucket(bucket_of(&id));
            let told = call.set_expected_bucket_owner(owner_of(&id).map(str::to_owned)).send().await?;
            Ok(Live { id, rules: told.server_side_encryption_configuration.map(|config| config.rules).unwrap_or_default() })
        })
        .await
    }

    fn observe(live: &Live) -> Args {
        let by_default = |one: &sdk::ServerSideEncryptionByDefault| ByDefault {
            kms_master_key_id: one.kms_master_key_id.clone(),
            sse_algorithm: one.sse_algorithm.as_str().to_owned(),
        };
        let blocked = |blocked: &sdk::BlockedEncryptionTypes| {
            blocked.encryption_type().iter().map(|kind| kind.as_str().to_owned()).collect::<Vec<_>>()
        };
        let rule = |rule: &sdk::ServerSideEncryptionRule| Rule {
            blocked_encryption_types: rule.blocked_encryption_types.as_ref().map(blocked),
            bucket_key_enabled: rule.bucket_key_enabled,
            apply_server_side_encryption_by_default: rule.apply_server_side_encryption_by_default.as_ref().map(by_default),
        };
        Args {
            bucket: bucket_of(&live.id).to_owned(),
            expected_bucket_owner: owner_of(&live.id).map(str::to_owned),
            rule: live.rules.iter().map(rule).collect(),
        }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let rules: Vec<_> = want.rule.iter().map(sent).collect::<Result<_>>()?;
        let config = built(sdk::ServerSideEncryptionConfiguration::builder().set_rules(Some(rules)).build())?;
        let call = aws.s3.put_bucket_encryption().bucket(&want.bucket).server_side_encryption_configuration(config);
        let owner = want.expected_bucket_owner.clone().filter(|owner| !owner.is_empty());
        call.set_expected_bucket_owner(owner).send().await?;
        Ok(Self::locate("", want))
    }

    async fn update(aws: &Aws, _id: &Id, _have: &Args, want: &Args) -> Result<()> {
        Self::create(aws, want).await.map(drop)
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        let call = aws.s3.delete_bucket_encryption().bucket(bucket_of(id));
        call.set_expected_bucket_owner(owner_of(id).map(str::to_owned)).send().await?;
        Ok(())
    }
}

fn sent(rule: &Rule) -> Result<sdk::ServerSideEncryptionRule> {
    let by_default = match &rule.apply_server_side_encryption_by_default {
        Some(one) => {
            let key = one.kms_master_key_id.clone().filter(|key| !key.is_empty());
            let algorithm = one.sse_algorithm.as_str().into();
            Some(built(sdk::ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm).set_kms_master_key_id(key).build())?)
        }
        None => None,
    };
    let kinds: Vec<sdk::EncryptionType> = rule.blocked_encryption_types.iter().flatten().map(|kind| kind.as_str().into()).collect();
    let blocked = sdk::BlockedEncryptionTypes::builder().set_encryption_type(Some(kinds.clone())).build();
    Ok(sdk::ServerSideEncryptionRule::builder()
        .set_apply_server_side_encryption_by_default(by_default)
        .set_bucket_key_enabled(rule.bucket_key_enabled)
        .set_blocked_encryption_types((!kinds.is_empty()).then_some(blocked))
        .build())
}
