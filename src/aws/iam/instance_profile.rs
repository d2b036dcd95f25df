//! `aws_iam_instance_profile`: what gives an instance its role.
//!
//! API: Identity and Access Management 2010-05-08, `CreateInstanceProfile` and its siblings.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>

use aws_sdk_iam::types as sdk;
use futures_util::future::try_join_all;

use super::role_policy::role_name;
use super::shared::{self, GONE, NAME, NAME_SAYS, PATH, PATH_SAYS, unless_gone};
use crate::aws::contract::*;
use crate::aws::{names, tags};
use crate::send;

/// The type.
pub struct InstanceProfile;

model! {
    /// What gives an EC2 instance its role.
    pub struct Args {
        /// Name, unique in the account: 1 to 128 letters, digits and _+=,.@-. Made up when left out.
        name: Option<String> = optional_computed().force_new().length(1, 128).pattern(NAME, NAME_SAYS).conflicts(&["name_prefix"]),
        /// Start of a made-up name, at most 102 characters.
        name_prefix: Option<String> = optional_computed().force_new().length(1, 102).pattern(NAME, NAME_SAYS),
        /// Path that groups profiles, starting and ending with /.
        path: Option<String> = optional().force_new().default(Lit::Str("/")).length(1, 512).pattern(PATH, PATH_SAYS),
        /// Name of the role. One at most.
        role: Option<String> = optional().check(role_name),
        /// ARN of the profile.
        arn: Option<String> = computed(),
        /// When it was made.
        create_date: Option<String> = computed(),
        /// Id that is never used again.
        unique_id: Option<String> = computed(),
        /// Tags of the profile.
        tags: Tags = optional(),
        /// All tags, those of the provider included.
        tags_all: Tags = optional_computed(),
    }
}

impl Resource for InstanceProfile {
    type Model = Args;
    type Live = sdk::InstanceProfile;

    const TYPE: &'static str = "aws_iam_instance_profile";
    const GLOBAL: bool = true;
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["name"] };
    const SAME_AS_ID: Option<&'static str> = Some("name");
    const NAMED: Option<&'static str> = Some("terraform-");
    const PACE: Pace = secs(2, 2, 1).limits(2, 2, 2);
    const MISSING: &'static [&'static str] = GONE;
    const RETRY: &'static [Retry] = &[
        shared::concurrent(&["AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile", "TagInstanceProfile", "UntagInstanceProfile", "DeleteInstanceProfile"]),
        Retry::of(&["AddRoleToInstanceProfile", "TagInstanceProfile"], "NoSuchEntity", "the role or the profile is not known everywhere yet", retry::IAM).saying("cannot be found"),
        Retry::of(&["AddRoleToInstanceProfile"], "InvalidParameterValue", "the role is not known everywhere yet", retry::IAM),
        Retry::of(&["AddRoleToInstanceProfile"], "LimitExceeded", "the profile has a role by now, reading it again", retry::LOST),
        Retry::of(&["DeleteInstanceProfile"], "DeleteConflict", "the profile still holds a role", retry::IAM),
    ];

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, sdk::InstanceProfile)>> {
        let one = async |id: &Id| Ok::<_, Error>(get(aws, id).await?.map(|profile| (id.clone(), profile)));
        Ok(try_join_all(ids.iter().map(one)).await?.into_iter().flatten().collect())
    }

    fn observe(live: &sdk::InstanceProfile) -> Args {
        Args {
            name: Some(live.instance_profile_name.clone()),
            name_prefix: names::prefix_of(Some(&live.instance_profile_name)),
            path: Some(live.path.clone()),
            role: live.roles().first().map(|role| role.role_name.clone()),
            arn: Some(live.arn.clone()),
            create_date: shared::time(&live.create_date),
            unique_id: Some(live.instance_profile_id.clone()),
            tags: Tags::new(),
            tags_all: shared::from_list(live.tags()),
        }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.name.clone().unwrap_or_default();
        let call = send!(aws.iam.create_instance_profile(), want => set_path = path);
        let call = call.instance_profile_name(name).set_tags(shared::to_list(&want.tags_all)?);
        let made = call.send().await?.instance_profile;
        made.map(|profile| profile.instance_profile_name).ok_or_else(|| Error::empty("CreateInstanceProfile"))
    }

    async fn finish(aws: &Aws, id: &Id, want: &Args) -> Result<()> {
        set_role(aws, id, want).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.role != want.role {
            set_role(aws, id, want).await?;
        }
        let (set, remove) = tags::difference(&have.tags_all, &want.tags_all);
        if !remove.is_empty() {
            aws.iam.untag_instance_profile().instance_profile_name(id).set_tag_keys(Some(remove)).send().await?;
        }
        if let Some(tags) = shared::to_list(&set)? {
            aws.iam.tag_instance_profile().instance_profile_name(id).set_tags(Some(tags)).send().await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        set_role(aws, id, &Args::default()).await?;
        aws.iam.delete_instance_profile().instance_profile_name(id).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(name) = want.name.as_ref().filter(|name| !name.is_empty()) else { return Ok(None) };
        let found = unless_gone(get(aws, name).await)?.flatten();
        let tags = found.as_ref().map(|profile| shared::from_list(profile.tags())).unwrap_or_default();
        let is_ours = want.tags_all.iter().all(|(key, value)| tags.get(key) == Some(value));
        Ok(found.filter(|_| is_ours).map(|profile| profile.instance_profile_name))
    }
}

async fn get(aws: &Aws, name: &str) -> Result<Option<sdk::InstanceProfile>> {
    Ok(aws.iam.get_instance_profile().instance_profile_name(name).send().await?.instance_profile)
}

/// Leaves exactly the wanted role in the profile. A profile holds one, so the old one goes first.
async fn set_role(aws: &Aws, profile: &str, want: &Args) -> Result<()> {
    let wanted = want.role.as_deref().filter(|role| !role.is_empty());
    let there = get(aws, profile).await?.map(|profile| profile.roles).unwrap_or_default();
    for role in there.iter().filter(|role| Some(role.role_name.as_str()) != wanted) {
        let call = aws.iam.remove_role_from_instance_profile().instance_profile_name(profile);
        unless_gone(call.role_name(&role.role_name).send().await.map_err(Error::from))?;
    }
    if let Some(role) = wanted.filter(|wanted| there.iter().all(|role| role.role_name != *wanted)) {
        let call = aws.iam.add_role_to_instance_profile().instance_profile_name(profile);
        call.role_name(role).send().await?;
    }
    Ok(())
}
