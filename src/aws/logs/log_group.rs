//! `aws_cloudwatch_log_group`: where log streams are kept, and for how long.
//!
//! API: CloudWatch Logs 2014-03-28, `CreateLogGroup` and its siblings.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>

use aws_sdk_cloudwatchlogs::types as sdk;
use futures_util::future::try_join_all;

use crate::aws::contract::*;
use crate::aws::copy::FromAws;
use crate::aws::{names, rules, tags};
use crate::{send, take};

/// Days that the service accepts; 0 keeps for ever.
const DAYS: [i64; 23] =
    [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// The type.
pub struct LogGroup;

model! {
    /// Where log streams are kept, and for how long.
    pub struct Args {
        /// Name: 1 to 512 letters, digits and . - _ / #. Made up when left out.
        name: Option<String> = optional_computed().force_new().length(1, 512).pattern("^[.\\-_/#A-Za-z0-9]+$", "use letters, digits and . - _ / #").conflicts(&["name_prefix"]),
        /// Start of a made-up name, at most 486 characters.
        name_prefix: Option<String> = optional_computed().force_new().length(1, 486),
        /// Kind of storage: STANDARD, INFREQUENT_ACCESS (cheaper, fewer features) or DELIVERY (kept two days).
        log_group_class: Option<String> = optional_computed().force_new().one_of(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]),
        /// Days that entries are kept: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653; 0 keeps them for ever.
        retention_in_days: Option<i32> = optional().default(Lit::Int(0)).check(days),
        /// ARN of the KMS key that encrypts the entries.
        kms_key_id: Option<String> = optional().check(rules::arn),
        /// Whether the group refuses to be deleted.
        deletion_protection_enabled: Option<bool> = optional_computed(),
        /// Whether destroying leaves the group and its entries in the account.
        skip_destroy: Option<bool> = optional().default(Lit::Bool(false)).local(),
        /// ARN, without the `:*` that the service appends.
        arn: Option<String> = computed(),
        /// Tags of the group.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

fn days(value: &crate::value::Value) -> std::result::Result<(), String> {
    match value.as_i64() {
        Some(days) if !DAYS.contains(&days) => {
            let allowed = DAYS.map(|days| days.to_string()).join(", ");
            Err(format!("{days} is no time that CloudWatch Logs can keep entries. Choose one of {allowed} days; 0 is for ever."))
        }
        _ => Ok(()),
    }
}

/// A group and its tags.
pub struct Live {
    group: sdk::LogGroup,
    tags: Tags,
}

fn plain_arn(group: &sdk::LogGroup) -> Option<String> {
    let arn = group.log_group_arn.as_deref().or(group.arn.as_deref())?;
    Some(arn.strip_suffix(":*").unwrap_or(arn).to_owned())
}

/// What calls about tags take; an object that was just made is asked for it.
async fn arn(aws: &Aws, id: &Id, have: &Args) -> Result<String> {
    if let Some(arn) = &have.arn {
        return Ok(arn.clone());
    }
    let found = LogGroup::read(aws, std::slice::from_ref(id)).await?;
    let arn = found.first().and_then(|(_, live)| LogGroup::observe(live).arn);
    arn.ok_or_else(|| Error::missing("DescribeLogGroups", "ResourceNotFoundException"))
}

impl Resource for LogGroup {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_cloudwatch_log_group";
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name"] };
    const SAME_AS_ID: Option<&'static str> = Some("name");
    const NAMED: Option<&'static str> = Some("terraform-");
    const PACE: Pace = secs(1, 1, 1);
    const READ_BATCH: usize = 50;
    const MISSING: &'static [&'static str] = &["ResourceNotFoundException"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["CreateLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy", "AssociateKmsKey", "DisassociateKmsKey", "PutLogGroupDeletionProtection", "TagResource", "UntagResource", "DeleteLogGroup"], "OperationAbortedException", "another change of the group is under way", retry::CHANGE),
        Retry::of(&["CreateLogGroup", "AssociateKmsKey"], "InvalidParameterException", "the key's policy is not in force everywhere yet", retry::IAM).saying("KMS"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        if want.known(Args::log_group_class).as_deref() == Some("DELIVERY") && want.is_set(Args::retention_in_days) {
            found.at(Args::retention_in_days, "A log group of class DELIVERY keeps its entries two days, always. Remove `retention_in_days`.");
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let call = aws.logs.describe_log_groups().set_log_group_identifiers(Some(ids.to_vec()));
        let found = call.send().await?.log_groups.unwrap_or_default();
        let tagged = async |group: sdk::LogGroup| {
            let told = aws.logs.list_tags_for_resource().set_resource_arn(plain_arn(&group)).send().await?;
            let tags = told.tags.unwrap_or_default().into_iter().collect();
            Ok::<_, Error>((group.log_group_name.clone().unwrap_or_default(), Live { group, tags }))
        };
        try_join_all(found.into_iter().map(tagged)).await
    }

    fn observe(live: &Live) -> Args {
        let group = &live.group;
        take!(Args from group => kms_key_id, log_group_class, deletion_protection_enabled;
            name: FromAws::from_aws(&group.log_group_name),
            name_prefix: names::prefix_of(group.log_group_name.as_deref()),
            retention_in_days: Some(group.retention_in_days.unwrap_or(0)),
            arn: plain_arn(group),
            tags_all: live.tags.clone())
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.name.clone().unwrap_or_default();
        let call = send!(aws.logs.create_log_group().log_group_name(&name), want => set_kms_key_id = kms_key_id,
            set_log_group_class = log_group_class, set_tags = tags_all);
        call.set_deletion_protection_enabled(want.deletion_protection_enabled.filter(|&on| on)).send().await?;
        Ok(name)
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        if want.retention_in_days.is_some_and(|days| days > 0) && want.log_group_class.as_deref() != Some("DELIVERY") {
            keep_for(aws, id, want).await?;
        }
        Ok(())
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.retention_in_days != want.retention_in_days {
            keep_for(aws, id, want).await?;
        }
        if have.kms_key_id != want.kms_key_id {
            match want.kms_key_id.as_deref().filter(|key| !key.is_empty()) {
                Some(key) => drop(aws.logs.associate_kms_key().log_group_name(id).kms_key_id(key).send().await?),
                None => drop(aws.logs.disassociate_kms_key().log_group_name(id).send().await?),
            }
        }
        if let (true, Some(on)) = (have.deletion_protection_enabled != want.deletion_protection_enabled, want.deletion_protection_enabled) {
            aws.logs.put_log_group_deletion_protection().log_group_identifier(id).deletion_protection_enabled(on).send().await?;
        }
        let (set, remove) = tags::difference(&have.tags_all, &want.tags_all);
        if set.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let arn = arn(aws, id, have).await?;
        if !remove.is_empty() {
            aws.logs.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove)).send().await?;
        }
        if !set.is_empty() {
            aws.logs.tag_resource().resource_arn(arn).set_tags(Some(set.into_iter().collect())).send().await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        if have.skip_destroy != Some(true) {
            aws.logs.delete_log_group().log_group_name(id).send().await?;
        }
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(name) = want.name.clone().filter(|name| !name.is_empty()) else { return Ok(None) };
        let found = Self::read(aws, &[name]).await?;
        Ok(found.into_iter().next().map(|(id, _)| id))
    }
}

async fn keep_for(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
    match want.retention_in_days.filter(|&days| days > 0) {
        Some(days) => drop(aws.logs.put_retention_policy().log_group_name(id).retention_in_days(days).send().await?),
        None => drop(aws.logs.delete_retention_policy().log_group_name(id).send().await?),
    }
    Ok(())
}
