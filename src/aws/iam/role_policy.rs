//! `aws_iam_role_policy`: a policy of a role's own.
//!
//! API: Identity and Access Management 2010-05-08, `PutRolePolicy`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use futures_util::future::try_join_all;

use super::shared::{self, GONE, NAME, NAME_SAYS, decoded, unless_gone};
use crate::aws::contract::*;
use crate::aws::{names, policy};

/// The type.
pub struct RolePolicy;

model! {
    /// A policy of a role's own: it lives and dies with the role.
    pub struct Args {
        /// Name, unique among the role's policies: 1 to 128 letters, digits and _+=,.@-. Made up when left out.
        name: Option<String> = optional_computed().force_new().length(1, 128).pattern(NAME, NAME_SAYS).conflicts(&["name_prefix"]),
        /// Start of a made-up name, at most 102 characters.
        name_prefix: Option<String> = optional_computed().force_new().length(1, 102).pattern(NAME, NAME_SAYS),
        /// Name of the role.
        role: String = required().force_new().check(role_name),
        /// What the role may do, in JSON. All own policies of a role together: 10240 characters without white space.
        policy: String = required().json().same(policy::same).check(policy::check_identity).check(|value| policy::check_size(value, 10240)),
    }
}

/// A role is given by its name.
pub(super) fn role_name(value: &crate::value::Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some(text) if text.starts_with("arn:") => {
            Err("The name of the role is needed, not its ARN. Use the attribute `name` of the aws_iam_role.".into())
        }
        _ => Ok(()),
    }
}

/// A policy: role, name and document.
pub struct Live {
    role: String,
    name: String,
    document: String,
}

impl Resource for RolePolicy {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_iam_role_policy";
    const GLOBAL: bool = true;
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["role", "name"] };
    const PART_OF: Option<PartOf> = Some(PartOf { whole: "aws_iam_role", name: "name", says: "role" });
    const NAMED: Option<&'static str> = Some("terraform-");
    const PACE: Pace = secs(1, 1, 1).limits(2, 2, 2);
    const MISSING: &'static [&'static str] = GONE;
    const RETRY: &'static [Retry] = &[
        shared::concurrent(&["PutRolePolicy", "DeleteRolePolicy"]),
        Retry::of(&["PutRolePolicy"], "NoSuchEntity", "the role is not known everywhere yet", retry::IAM).saying("cannot be found"),
    ];

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let one = async |id: &Id| {
            let (role, name) = parts(id)?;
            let told = aws.iam.get_role_policy().role_name(role).policy_name(name).send().await?;
            let live = Live { role: told.role_name, name: told.policy_name, document: decoded(&told.policy_document) };
            Ok::<_, Error>((id.clone(), live))
        };
        try_join_all(ids.iter().map(one)).await
    }

    fn observe(live: &Live) -> Args {
        Args {
            name: Some(live.name.clone()),
            name_prefix: names::prefix_of(Some(&live.name)),
            role: live.role.clone(),
            policy: live.document.clone(),
        }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        let name = want.name.clone().unwrap_or_default();
        let call = aws.iam.put_role_policy().role_name(&want.role).policy_name(&name);
        call.policy_document(&want.policy).send().await?;
        Ok(format!("{}:{name}", want.role))
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        if have.policy != want.policy {
            let (role, name) = parts(id)?;
            let call = aws.iam.put_role_policy().role_name(role).policy_name(name);
            call.policy_document(&want.policy).send().await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        let (role, name) = parts(id)?;
        unless_gone(aws.iam.delete_role_policy().role_name(role).policy_name(name).send().await.map_err(Error::from))?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let Some(name) = want.name.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
        let call = aws.iam.get_role_policy().role_name(&want.role).policy_name(name);
        let found = unless_gone(call.send().await.map_err(Error::from))?;
        Ok(found.map(|found| format!("{}:{}", found.role_name, found.policy_name)))
    }
}

/// `role:policy`.
fn parts(id: &str) -> Result<(&str, &str)> {
    id.split_once(':').ok_or_else(|| {
        Error::local("aws_iam_role_policy", format!("\"{id}\" does not name a role and its policy. Write role:policy."))
    })
}
