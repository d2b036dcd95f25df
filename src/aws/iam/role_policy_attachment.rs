//! `aws_iam_role_policy_attachment`: a managed policy that a role has.
//!
//! API: Identity and Access Management 2010-05-08, `AttachRolePolicy`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::role::attached;
use super::role_policy::role_name;
use super::shared::{self, GONE, unless_gone};
use crate::aws::contract::*;

/// The type.
pub struct RolePolicyAttachment;

model! {
    /// A managed policy that a role has.
    pub struct Args {
        /// Name of the role.
        role: String = required().force_new().check(role_name),
        /// The policy. Those of AWS are `arn:aws:iam::aws:policy/…`, some with a path such as `service-role/`.
        policy_arn: String = required().force_new().check(crate::aws::rules::arn),
    }
}

/// Well-known policies of AWS and whether they are under `service-role/`: mixed up, the error is only that there is no
/// such policy.
const PATHS: &[(&str, bool)] = &[
    ("AmazonECSTaskExecutionRolePolicy", true),
    ("AmazonEC2ContainerServiceforEC2Role", true),
    ("AWSCodeDeployRole", true),
    ("AWSLambdaBasicExecutionRole", true),
    ("AWSLambdaVPCAccessExecutionRole", true),
    ("AmazonECSInfrastructureRolePolicyForVolumes", true),
    ("AWSCodeDeployRoleForECS", false),
    ("AWSCodeDeployRoleForECSLimited", false),
    ("AmazonECSInfrastructureRolePolicyForLoadBalancers", false),
    ("AmazonSSMManagedInstanceCore", false),
];

impl Resource for RolePolicyAttachment {
    type Model = Args;
    type Live = Args;

    const TYPE: &'static str = "aws_iam_role_policy_attachment";
    const GLOBAL: bool = true;
    const IDENTITY: Identity = Identity::Chosen(&["role", "policy_arn"]);
    const PART_OF: Option<PartOf> = Some(PartOf { whole: "aws_iam_role", name: "name", says: "role" });
    const PACE: Pace = secs(1, 1, 1).limits(2, 2, 2);
    const READ_BATCH: usize = 50;
    const MISSING: &'static [&'static str] = GONE;
    const RETRY: &'static [Retry] = &[
        shared::concurrent(&["AttachRolePolicy", "DetachRolePolicy"]),
        Retry::of(&["AttachRolePolicy"], "NoSuchEntity", "the role is not known everywhere yet", retry::IAM).saying("cannot be found"),
        Retry::of(&["AttachRolePolicy"], "NoSuchEntity", "the policy is not known everywhere yet", retry::IAM).saying("does not exist"),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        let Some(arn) = want.known(Args::policy_arn) else { return };
        let Some((_, path)) = arn.split_once(":aws:policy/") else { return };
        let (start, name) = path.rsplit_once('/').unwrap_or(("", path));
        let right = PATHS.iter().find(|(known, _)| *known == name).map(|(_, below)| if *below { "service-role" } else { "" });
        if let Some(right) = right.filter(|right| *right != start) {
            let right = if right.is_empty() { name.to_owned() } else { format!("{right}/{name}") };
            let text = format!("The policy {name} of AWS has another path, so this ARN names none. It ends with `:policy/{right}`.");
            found.at(Args::policy_arn, text);
        }
    }

    fn locate(_shown: &str, have: &Args) -> Id {
        id_of(have)
    }

    /// One list for each role, whatever the number of its policies.
    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Args)>> {
        let mut by_role: BTreeMap<&str, Vec<(&Id, &str)>> = BTreeMap::new();
        for id in ids {
            let (role, arn) = parts(id)?;
            by_role.entry(role).or_default().push((id, arn));
        }
        let one = async |(role, wanted): (&str, Vec<(&Id, &str)>)| {
            let there = unless_gone(attached(aws, role).await)?.unwrap_or_default();
            let is_there = |(_, arn): &(&Id, &str)| there.iter().any(|there| there == arn);
            let live = |(id, arn): (&Id, &str)| (id.clone(), Args { role: role.into(), policy_arn: arn.into() });
            Ok::<_, Error>(wanted.into_iter().filter(is_there).map(live).collect::<Vec<_>>())
        };
        Ok(try_join_all(by_role.into_iter().map(one)).await?.into_iter().flatten().collect())
    }

    fn observe(live: &Args) -> Args {
        live.clone()
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        aws.iam.attach_role_policy().role_name(&want.role).policy_arn(&want.policy_arn).send().await?;
        Ok(id_of(want))
    }

    async fn update(_aws: &Aws, _id: &Id, _have: &Args, _want: &Args) -> Result<()> {
        Ok(())
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        let (role, arn) = parts(id)?;
        unless_gone(aws.iam.detach_role_policy().role_name(role).policy_arn(arn).send().await.map_err(Error::from))?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let there = unless_gone(attached(aws, &want.role).await)?.unwrap_or_default();
        Ok(there.contains(&want.policy_arn).then(|| id_of(want)))
    }
}

fn id_of(args: &Args) -> Id {
    format!("{}/{}", args.role, args.policy_arn)
}

/// `role/policy-arn`.
fn parts(id: &str) -> Result<(&str, &str)> {
    id.split_once('/').ok_or_else(|| {
        let text = format!("\"{id}\" does not name a role and its policy. Write role/policy-arn.");
        Error::local("aws_iam_role_policy_attachment", text)
    })
}
