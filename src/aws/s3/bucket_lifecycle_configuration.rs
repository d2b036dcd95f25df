//! `aws_s3_bucket_lifecycle_configuration`: when objects of a bucket move to cheaper storage, and when they go.
//!
//! API: Amazon S3 2006-03-01, `PutBucketLifecycleConfiguration`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html>

use aws_sdk_s3::types as sdk;

use super::lifecycle_rules::{self, Rule};
use super::shared::{OF_BUCKET, bucket_of, id_of, owner_of, passing};
use crate::aws::answers::{built, read_each};
use crate::aws::contract::*;

/// The type.
pub struct BucketLifecycleConfiguration;

model! {
    /// When objects of a bucket move to cheaper storage, and when they go.
    pub struct Args {
        /// Name of the bucket.
        bucket: String = required().force_new(),
        /// Account that owns the bucket; another one is an error.
        expected_bucket_owner: Option<String> = optional_computed().force_new(),
        /// Smallest object that moves where a rule says nothing: all_storage_classes_128K, or varies_by_storage_class.
        transition_default_minimum_object_size: Option<String> = optional_computed().one_of(&["all_storage_classes_128K", "varies_by_storage_class"]),
        /// The rules: 1 to 1000.
        rule: Vec<Rule> = optional(),
        /// Time limits.
        timeouts: Option<Timeouts> = optional(),
    }
}

/// The rules of a bucket.
pub struct Live {
    id: Id,
    rules: Vec<sdk::LifecycleRule>,
    minimum: Option<String>,
}

impl Resource for BucketLifecycleConfiguration {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_s3_bucket_lifecycle_configuration";
    const SCHEMA_VERSION: Option<u64> = Some(1);
    const EMPTY_IS_VALUE: bool = true;
    const IDENTITY: Identity = Identity::Chosen(&["bucket", "expected_bucket_owner"]);
    const PART_OF: Option<PartOf> = Some(OF_BUCKET);
    const PACE: Pace = secs(2, 2, 1).limits(3, 3, 3);
    const MISSING: &'static [&'static str] = &["NoSuchLifecycleConfiguration", "NoSuchBucket", "NotFound"];
    const RETRY: &'static [Retry] = &passing(&["PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"]);

    fn check(want: &Draft, found: &mut Problems) {
        let mut ids = std::collections::BTreeSet::new();
        for rule in want.known(Args::rule).unwrap_or_default() {
            if !ids.insert(rule.id.clone()) {
                found.inside(&["rule", "id"], format!("Two rules are called {}: an id is unique in a bucket.", rule.id));
            }
            if let Some((path, text)) = lifecycle_rules::mistake(&rule) {
                found.inside(path, text);
            }
        }
        if want.config().get("rule").and_then(crate::value::Value::elements).is_some_and(<[_]>::is_empty) {
            found.whole("A lifecycle without rules says nothing, and S3 refuses it. Add a `rule`, or remove the resource.");
        }
    }

    fn locate(shown: &str, have: &Args) -> Id {
        if shown.is_empty() { id_of(&have.bucket, have.expected_bucket_owner.as_deref()) } else { shown.to_owned() }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        read_each(ids, Self::MISSING, async |id| {
            let call = aws.s3.get_bucket_lifecycle_configuration().bucket(bucket_of(&id));
            let told = call.set_expected_bucket_owner(owner_of(&id).map(str::to_owned)).send().await?;
            let minimum = told.transition_default_minimum_object_size.map(|size| size.as_str().to_owned());
            Ok(Live { id, rules: told.rules.unwrap_or_default(), minimum })
        })
        .await
    }

    fn observe(live: &Live) -> Args {
        Args {
            bucket: bucket_of(&live.id).to_owned(),
            expected_bucket_owner: Some(owner_of(&live.id).unwrap_or_default().to_owned()),
            transition_default_minimum_object_size: live.minimum.clone(),
            rule: live.rules.iter().map(lifecycle_rules::observe).collect(),
            timeouts: None,
        }
    }

    /// Changes come into force after a while, and may be told of before by some of those who answer.
    fn settled_as(live: &Live, want: &Args) -> Settled {
        let there: Vec<&str> = live.rules.iter().filter_map(sdk::LifecycleRule::id).collect();
        let lacks = |rule: &&Rule| !there.contains(&rule.id.as_str());
        let lacking = want.rule.iter().filter(lacks).count();
        if lacking == 0 && (want.rule.is_empty() || there.len() == want.rule.len()) {
            Settled::Yes
        } else {
            Settled::NotYet(format!("{} of {} rules are there", want.rule.len() - lacking, want.rule.len()))
        }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let rules: Vec<_> = want.rule.iter().map(lifecycle_rules::sent).collect::<Result<_>>()?;
        let config = built(sdk::BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build())?;
        let call = aws.s3.put_bucket_lifecycle_configuration().bucket(&want.bucket).lifecycle_configuration(config);
        let call = call.set_expected_bucket_owner(want.expected_bucket_owner.clone().filter(|owner| !owner.is_empty()));
        let minimum = want.transition_default_minimum_object_size.as_deref().filter(|size| !size.is_empty());
        call.set_transition_default_minimum_object_size(minimum.map(Into::into)).send().await?;
        Ok(Self::locate("", want))
    }

    async fn update(aws: &Aws, _id: &Id, _have: &Args, want: &Args) -> Result<()> {
        Self::create(aws, want).await.map(drop)
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        let call = aws.s3.delete_bucket_lifecycle().bucket(bucket_of(id));
        call.set_expected_bucket_owner(owner_of(id).map(str::to_owned)).send().await?;
        Ok(())
    }
}
