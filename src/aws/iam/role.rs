//! `aws_iam_role`: an identity that services and people take on.
//!
//! API: Identity and Access Management 2010-05-08, `CreateRole` and its siblings.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use aws_sdk_iam::types as sdk;
use futures_util::future::{try_join, try_join_all};

use super::shared::{self, GONE, NAME, NAME_SAYS, PATH, PATH_SAYS, decoded, unless_gone};
use crate::aws::contract::*;
use crate::aws::{names, policy, tags};
use crate::send;

/// The type.
pub struct Role;

model! {
    /// An identity with permissions that services and people take on.
    pub struct Args {
        /// Name, unique in the account whatever its capitals: 1 to 64 letters, digits and _+=,.@-. Made up when left out.
        name: Option<String> = optional_computed().force_new().length(1, 64).pattern(NAME, NAME_SAYS).conflicts(&["name_prefix"]),
        /// Start of a made-up name, at most 38 characters.
        name_prefix: Option<String> = optional_computed().force_new().length(1, 38).pattern(NAME, NAME_SAYS),
        /// Path that groups roles, starting and ending with /.
        path: Option<String> = optional().force_new().default(Lit::Str("/")).length(1, 512).pattern(PATH, PATH_SAYS),
        /// Who may take on the role, as a policy in JSON.
        assume_role_policy: String = required().json().same(policy::same).check(policy::check_trust),
        /// What it is for, at most 1000 characters.
        description: Option<String> = optional().length(0, 1000),
        /// Longest session, in seconds: 3600 to 43200.
        max_session_duration: Option<i32> = optional().default(Lit::Int(3600)).range(3600, 43200),
        /// ARN of the policy that limits what the role can be allowed.
        permissions_boundary: Option<String> = optional().check(crate::aws::rules::arn),
        /// Whether deleting it also takes away policies that were given to it elsewhere.
        force_detach_policies: Option<bool> = optional().default(Lit::Bool(false)).local(),
        /// All managed policies it has; others are taken away. Left out, they are left alone.
        managed_policy_arns: Option<Set<String>> = optional_computed().deprecated("Use aws_iam_role_policy_attachment for each policy."),
        /// All policies of its own; others are deleted. Left out, they are left alone; an empty block stands for none.
        inline_policy: Set<InlinePolicy> = optional_computed().deprecated("Use aws_iam_role_policy for each policy."),
        /// ARN of the role.
        arn: Option<String> = computed(),
        /// When it was made.
        create_date: Option<String> = computed(),
        /// Id that is never used again, also not for a role of the same name.
        unique_id: Option<String> = computed(),
        /// Tags of the role.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

model! {
    /// A policy of the role's own.
    pub struct InlinePolicy {
        /// Its name.
        name: Option<String> = optional().length(1, 128).pattern(NAME, NAME_SAYS),
        /// What it allows, in JSON.
        policy: Option<String> = optional().json().same(policy::same).check(policy::check_identity),
    }
}

/// A role and the policies it has.
pub struct Live {
    role: sdk::Role,
    attached: Vec<String>,
    inline: Vec<InlinePolicy>,
}

impl Resource for Role {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_iam_role";
    const GLOBAL: bool = true;
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name"] };
    const SAME_AS_ID: Option<&'static str> = Some("name");
    const NAMED: Option<&'static str> = Some("terraform-");
    const PACE: Pace = secs(1, 1, 2).limits(2, 2, 2);
    const MISSING: &'static [&'static str] = GONE;
    const RETRY: &'static [Retry] = &[
        shared::concurrent(&["UpdateRole", "UpdateAssumeRolePolicy", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy", "TagRole", "UntagRole", "RemoveRoleFromInstanceProfile", "DeleteRole"]),
        Retry::of(&["CreateRole", "UpdateAssumeRolePolicy"], "MalformedPolicyDocument", "a principal of the policy is not known everywhere yet", retry::IAM).saying("Invalid principal in policy"),
        Retry::of(&["CreateRole", "PutRolePermissionsBoundary"], "NoSuchEntity", "the permissions boundary is not known everywhere yet", retry::IAM).saying("Scope ARN"),
        Retry::of(&["UpdateRole", "UpdateAssumeRolePolicy", "PutRolePermissionsBoundary", "PutRolePolicy", "AttachRolePolicy", "TagRole"], "NoSuchEntity", "the role is not known everywhere yet", retry::IAM).saying("cannot be found"),
        Retry::of(&["DeleteRole"], "DeleteConflict", "the role still has policies, or is in an instance profile", retry::IAM),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        if want.known(Args::assume_role_policy).is_some_and(|text| policy::size(&text) > 4096) {
            found.at(Args::assume_role_policy, "A trust policy has at most 2048 characters without white space, or 4096 with a raised quota. Shorten it.");
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let one = async |id: &Id| {
            let lists = try_join(attached(aws, id), inline(aws, id));
            let role = async { Ok::<_, Error>(aws.iam.get_role().role_name(id).send().await?.role) };
            let (role, (attached, inline)) = try_join(role, lists).await?;
            Ok::<_, Error>(role.map(|role| (id.clone(), Live { role, attached, inline })))
        };
        Ok(try_join_all(ids.iter().map(one)).await?.into_iter().flatten().collect())
    }

    fn observe(live: &Live) -> Args {
        let role = &live.role;
        Args {
            name: Some(role.role_name.clone()),
            name_prefix: names::prefix_of(Some(&role.role_name)),
            path: Some(role.path.clone()),
            assume_role_policy: decoded(role.assume_role_policy_document().unwrap_or_default()),
            description: role.description.clone().filter(|text| !text.is_empty()),
            max_session_duration: role.max_session_duration.or(Some(3600)),
            permissions_boundary: role.permissions_boundary().and_then(|one| one.permissions_boundary_arn.clone()),
            managed_policy_arns: Some(live.attached.iter().cloned().collect()),
            inline_policy: live.inline.iter().cloned().collect(),
            arn: Some(role.arn.clone()),
            create_date: shared::time(&role.create_date),
            unique_id: Some(role.role_id.clone()),
            tags_all: shared::from_list(role.tags()),
            ..Args::default()
        }
    }

    /// Policies are shown only where the stack file lists them all: otherwise they are the business of other resources,
    /// and would look like a change by somebody else after each of those.
    fn keep_spelling(prior: &Args, live: &mut Args) {
        if prior.managed_policy_arns.is_none() {
            live.managed_policy_arns = None;
        }
        let wants_none = prior.inline_policy.iter().all(|one| one.name.is_none());
        if prior.inline_policy.is_empty() || (wants_none && live.inline_policy.is_empty()) {
            live.inline_policy.clone_from(&prior.inline_policy);
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.name.clone().unwrap_or_default();
        let call = send!(aws.iam.create_role(), want => set_path = path, set_description = description,
            set_assume_role_policy_document = assume_role_policy, set_max_session_duration = max_session_duration,
            set_permissions_boundary = permissions_boundary);
        let made = call.role_name(name).set_tags(shared::to_list(&want.tags_all)?).send().await?;
        made.role.map(|role| role.role_name).ok_or_else(|| Error::empty("CreateRole"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        own_policies(aws, id, &Args::default(), want).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.assume_role_policy != want.assume_role_policy {
            let call = aws.iam.update_assume_role_policy().role_name(id);
            call.policy_document(&want.assume_role_policy).send().await?;
        }
        // Both or none: a duration that is not sent goes back to an hour.
        if have.description != want.description || have.max_session_duration != want.max_session_duration {
            let call = aws.iam.update_role().role_name(id).description(want.description.clone().unwrap_or_default());
            call.set_max_session_duration(want.max_session_duration).send().await?;
        }
        let boundary = |args: &Args| args.permissions_boundary.clone().filter(|arn| !arn.is_empty());
        match (boundary(have), boundary(want)) {
            (have, Some(want)) if have.as_ref() != Some(&want) => {
                aws.iam.put_role_permissions_boundary().role_name(id).permissions_boundary(want).send().await?;
            }
            (Some(_), None) => {
                unless_gone(aws.iam.delete_role_permissions_boundary().role_name(id).send().await.map_err(Error::from))?;
            }
            _ => {}
        }
        own_policies(aws, id, have, want).await?;
        let (set, remove) = tags::difference(&have.tags_all, &want.tags_all);
        if !remove.is_empty() {
            aws.iam.untag_role().role_name(id).set_tag_keys(Some(remove)).send().await?;
        }
        if let Some(tags) = shared::to_list(&set)? {
            aws.iam.tag_role().role_name(id).set_tags(Some(tags)).send().await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        leave_profiles(aws, id).await?;
        let is_forced = have.force_detach_policies == Some(true);
        if is_forced || have.managed_policy_arns.is_some() {
            for arn in attached(aws, id).await? {
                unless_gone(aws.iam.detach_role_policy().role_name(id).policy_arn(arn).send().await.map_err(Error::from))?;
            }
        }
        if is_forced || !have.inline_policy.is_empty() {
            for name in inline_names(aws, id).await? {
                unless_gone(aws.iam.delete_role_policy().role_name(id).policy_name(name).send().await.map_err(Error::from))?;
            }
        }
        aws.iam.delete_role().role_name(id).send().await?;
        Ok(())
    }

    async fn blockers(aws: &Aws, id: &Id, _have: &Args) -> Result<Vec<String>> {
        let mut all: Vec<String> = attached(aws, id).await?.into_iter().map(|arn| format!("attached policy {arn}")).collect();
        all.extend(inline_names(aws, id).await?.into_iter().map(|name| format!("inline policy {name}")));
        let profiles = aws.iam.list_instance_profiles_for_role().role_name(id).send().await?;
        all.extend(profiles.instance_profiles.into_iter().map(|one| format!("instance profile {}", one.instance_profile_name)));
        Ok(all)
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(name) = want.name.clone().filter(|name| !name.is_empty()) else { return Ok(None) };
        let Some(found) = unless_gone(aws.iam.get_role().role_name(&name).send().await.map_err(Error::from))? else {
            return Ok(None);
        };
        let tags = found.role().map(|role| shared::from_list(role.tags())).unwrap_or_default();
        let is_ours = want.tags_all.iter().all(|(key, value)| tags.get(key) == Some(value));
        Ok(is_ours.then_some(name))
    }
}

/// ARNs of the managed policies of a role.
pub(super) async fn attached(aws: &Aws, role: &str) -> Result<Vec<String>> {
    let mut pages = aws.iam.list_attached_role_policies().role_name(role).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page?.attached_policies.unwrap_or_default().into_iter().filter_map(|one| one.policy_arn));
    }
    Ok(all)
}

/// Names of the policies of a role's own.
async fn inline_names(aws: &Aws, role: &str) -> Result<Vec<String>> {
    let mut pages = aws.iam.list_role_policies().role_name(role).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page?.policy_names);
    }
    Ok(all)
}

/// The policies of a role's own.
async fn inline(aws: &Aws, role: &str) -> Result<Vec<InlinePolicy>> {
    let one = async |name: String| {
        let told = aws.iam.get_role_policy().role_name(role).policy_name(&name).send().await?;
        Ok::<_, Error>(InlinePolicy { name: Some(name), policy: Some(decoded(&told.policy_document)) })
    };
    try_join_all(inline_names(aws, role).await?.into_iter().map(one)).await
}

/// Brings the lists that the stack file gives in whole up to date.
async fn own_policies(aws: &Aws, role: &str, have: &Args, want: &Args) -> Result<()> {
    if let Some(wanted) = want.managed_policy_arns.as_ref().filter(|_| have.managed_policy_arns != want.managed_policy_arns) {
        let there = attached(aws, role).await?;
        for arn in there.iter().filter(|arn| !wanted.contains(arn)) {
            unless_gone(aws.iam.detach_role_policy().role_name(role).policy_arn(arn).send().await.map_err(Error::from))?;
        }
        for arn in wanted.iter().filter(|arn| !there.contains(arn)) {
            aws.iam.attach_role_policy().role_name(role).policy_arn(arn).send().await?;
        }
    }
    if have.inline_policy != want.inline_policy && !want.inline_policy.is_empty() {
        let named = |one: &InlinePolicy| Some((one.name.clone()?, one.policy.clone().unwrap_or_default()));
        let wanted: Vec<(String, String)> = want.inline_policy.iter().filter_map(named).collect();
        for name in inline_names(aws, role).await? {
            if wanted.iter().all(|(wanted, _)| *wanted != name) {
                unless_gone(aws.iam.delete_role_policy().role_name(role).policy_name(name).send().await.map_err(Error::from))?;
            }
        }
        for (name, text) in wanted {
            aws.iam.put_role_policy().role_name(role).policy_name(name).policy_document(text).send().await?;
        }
    }
    Ok(())
}

/// Takes a role out of its instance profiles, which would keep it from being deleted.
async fn leave_profiles(aws: &Aws, role: &str) -> Result<()> {
    let found = aws.iam.list_instance_profiles_for_role().role_name(role).send().await?;
    for profile in found.instance_profiles {
        let call = aws.iam.remove_role_from_instance_profile().role_name(role);
        let call = call.instance_profile_name(profile.instance_profile_name);
        unless_gone(call.send().await.map_err(Error::from))?;
    }
    Ok(())
}
