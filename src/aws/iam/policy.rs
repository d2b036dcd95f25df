//! `aws_iam_policy`: a managed policy.
//!
//! API: Identity and Access Management 2010-05-08, `CreatePolicy` and its siblings. A change makes a new version; five
//! are kept.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use std::time::Duration;

use aws_sdk_iam::types as sdk;
use futures_util::future::try_join_all;

use super::shared::{self, GONE, NAME, NAME_SAYS, PATH, PATH_SAYS, decoded, unless_gone};
use crate::aws::contract::*;
use crate::aws::{names, policy, tags};
use crate::clock::Clock;
use crate::send;

/// The type.
pub struct Policy;

model! {
    /// A managed policy: permissions that several roles, users and groups can have.
    pub struct Args {
        /// Name, unique in the account: 1 to 128 letters, digits and _+=,.@-. Made up when left out.
        name: Option<String> = optional_computed().force_new().length(1, 128).pattern(NAME, NAME_SAYS).conflicts(&["name_prefix"]),
        /// Start of a made-up name, at most 102 characters.
        name_prefix: Option<String> = optional_computed().force_new().length(1, 102).pattern(NAME, NAME_SAYS),
        /// Path that groups policies, starting and ending with /.
        path: Option<String> = optional().force_new().default(Lit::Str("/")).length(1, 512).pattern(PATH, PATH_SAYS),
        /// What it is for, at most 1000 characters.
        description: Option<String> = optional().force_new().length(0, 1000),
        /// What it allows, in JSON. At most 6144 characters without white space.
        policy: String = required().json().same(policy::same).check(policy::check_identity).check(|value| policy::check_size(value, 6144)),
        /// Milliseconds between making a new version and switching to it. For regions where IAM is slow to copy.
        delay_after_policy_creation_in_ms: Option<i32> = optional().local().range(0, 600_000),
        /// ARN of the policy.
        arn: Option<String> = computed(),
        /// Id that is never used again.
        policy_id: Option<String> = computed(),
        /// How many roles, users and groups have it.
        attachment_count: Option<i32> = computed(),
        /// Tags of the policy.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

/// A policy and the document of its current version.
pub struct Live {
    policy: sdk::Policy,
    document: String,
}

/// How many versions IAM keeps.
const VERSIONS: usize = 5;

impl Resource for Policy {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_iam_policy";
    const GLOBAL: bool = true;
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name", "path"] };
    const SAME_AS_ID: Option<&'static str> = Some("arn");
    const NAMED: Option<&'static str> = Some("terraform-");
    const PACE: Pace = secs(1, 1, 1).limits(2, 2, 2);
    const MISSING: &'static [&'static str] = GONE;
    const RETRY: &'static [Retry] = &[
        shared::concurrent(&["CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion", "TagPolicy", "UntagPolicy", "DeletePolicy"]),
        Retry::of(&["DeletePolicy"], "DeleteConflict", "the policy is still given to somebody", retry::IAM),
    ];

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let one = async |id: &Id| {
            let Some(policy) = aws.iam.get_policy().policy_arn(id).send().await?.policy else { return Ok(None) };
            let version = policy.default_version_id().unwrap_or_default();
            let told = aws.iam.get_policy_version().policy_arn(id).version_id(version).send().await?;
            let document = told.policy_version().and_then(sdk::PolicyVersion::document).map(decoded).unwrap_or_default();
            Ok::<_, Error>(Some((id.clone(), Live { policy, document })))
        };
        Ok(try_join_all(ids.iter().map(one)).await?.into_iter().flatten().collect())
    }

    fn observe(live: &Live) -> Args {
        let policy = &live.policy;
        Args {
            name: policy.policy_name.clone(),
            name_prefix: names::prefix_of(policy.policy_name()),
            path: policy.path.clone(),
            description: policy.description.clone().filter(|text| !text.is_empty()),
            policy: live.document.clone(),
            arn: policy.arn.clone(),
            policy_id: policy.policy_id.clone(),
            attachment_count: policy.attachment_count,
            tags_all: shared::from_list(policy.tags()),
            ..Args::default()
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.name.clone().unwrap_or_default();
        let call = send!(aws.iam.create_policy(), want => set_path = path, set_description = description,
            set_policy_document = policy);
        let made = call.policy_name(name).set_tags(shared::to_list(&want.tags_all)?).send().await?;
        made.policy.and_then(|policy| policy.arn).ok_or_else(|| Error::empty("CreatePolicy"))
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.policy != want.policy {
            new_version(aws, id, want).await?;
        }
        let (set, remove) = tags::difference(&have.tags_all, &want.tags_all);
        if !remove.is_empty() {
            aws.iam.untag_policy().policy_arn(id).set_tag_keys(Some(remove)).send().await?;
        }
        if let Some(tags) = shared::to_list(&set)? {
            aws.iam.tag_policy().policy_arn(id).set_tags(Some(tags)).send().await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        for version in versions(aws, id).await? {
            forget(aws, id, &version).await?;
        }
        aws.iam.delete_policy().policy_arn(id).send().await?;
        Ok(())
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        let found = aws.iam.list_entities_for_policy().policy_arn(id).send().await?;
        let roles = found.policy_roles().iter().filter_map(|one| Some(format!("role {}", one.role_name()?)));
        let users = found.policy_users().iter().filter_map(|one| Some(format!("user {}", one.user_name()?)));
        let groups = found.policy_groups().iter().filter_map(|one| Some(format!("group {}", one.group_name()?)));
        Ok(roles.chain(users).chain(groups).collect())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(name) = want.name.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
        let call = aws.iam.list_policies().scope(sdk::PolicyScopeType::Local);
        let mut pages = send!(call, want => set_path_prefix = path).into_paginator().send();
        while let Some(page) = pages.next().await {
            let found = page?.policies.unwrap_or_default().into_iter().find(|policy| policy.policy_name() == Some(name));
            if let Some(arn) = found.and_then(|policy| policy.arn) {
                return Ok(Some(arn));
            }
        }
        Ok(None)
    }
}

/// Versions that are not the current one, oldest first.
async fn versions(aws: &Aws, arn: &str) -> Result<Vec<sdk::PolicyVersion>> {
    let mut pages = aws.iam.list_policy_versions().policy_arn(arn).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page?.versions.unwrap_or_default().into_iter().filter(|version| !version.is_default_version));
    }
    all.sort_by_key(|version| version.create_date.map(|date| date.secs()));
    Ok(all)
}

async fn forget(aws: &Aws, arn: &str, version: &sdk::PolicyVersion) -> Result<()> {
    let call = aws.iam.delete_policy_version().policy_arn(arn).version_id(version.version_id().unwrap_or_default());
    unless_gone(call.send().await.map_err(Error::from))?;
    Ok(())
}

/// Makes a version and switches to it; the oldest makes room.
async fn new_version(aws: &Aws, arn: &str, want: &Args) -> Result<()> {
    let old = versions(aws, arn).await?;
    if let (true, Some(oldest)) = (old.len() + 1 >= VERSIONS, old.first()) {
        forget(aws, arn, oldest).await?;
    }
    let pause = want.delay_after_policy_creation_in_ms.and_then(|pause| u64::try_from(pause).ok());
    let call = aws.iam.create_policy_version().policy_arn(arn).policy_document(&want.policy);
    let made = call.set_as_default(pause.is_none()).send().await?;
    if let Some(pause) = pause {
        Clock::system().sleep(Duration::from_millis(pause)).await;
        let version = made.policy_version().and_then(sdk::PolicyVersion::version_id).unwrap_or_default();
        aws.iam.set_default_policy_version().policy_arn(arn).version_id(version).send().await?;
    }
    Ok(())
}
