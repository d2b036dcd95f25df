//! `aws_ecr_repository_policy`: who may use a repository.
//!
//! API: Elastic Container Registry 2015-09-21, `SetRepositoryPolicy`.
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html>

use super::policy::{Live, read_each};
use crate::aws::contract::*;
use crate::aws::policy;

/// The type.
pub struct RepositoryPolicy;

model! {
    /// Who may use a repository.
    pub struct Args {
        /// Policy in JSON, at most 10240 characters. Each statement names a `Principal`; there is no `Resource`.
        policy: String = required().json().same(policy::same).check(policy::check).check(|value| policy::check_size(value, 10240)),
        /// Name of the repository.
        repository: String = required().force_new(),
        /// Account that holds the registry.
        registry_id: Option<String> = computed(),
    }
}

impl Resource for RepositoryPolicy {
    type Model = Args;
    type Live = Live;

    const TYPE: &'static str = "aws_ecr_repository_policy";
    const IDENTITY: Identity = Identity::Chosen(&["repository"]);
    const PART_OF: Option<PartOf> = Some(PartOf { whole: "aws_ecr_repository", name: "name", says: "repository" });
    const PACE: Pace = secs(1, 1, 1).limits(2, 2, 2);
    const READ_BATCH: usize = 10;
    const MISSING: &'static [&'static str] = &["RepositoryPolicyNotFoundException", "RepositoryNotFoundException"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["SetRepositoryPolicy"], "InvalidParameterException", "a role it names is not known everywhere yet", retry::IAM).saying("Invalid repository policy"),
        Retry::of(&["SetRepositoryPolicy"], "RepositoryNotFoundException", "the repository is not known everywhere yet", retry::NEW),
    ];

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Live)>> {
        let ask = async |id: Id| {
            let told = aws.ecr.get_repository_policy().repository_name(id).send().await?;
            Ok((told.registry_id, told.policy_text))
        };
        read_each(ids, Self::MISSING, ask).await
    }

    fn observe(live: &Live) -> Args {
        Args { policy: live.policy.clone(), repository: live.repository.clone(), registry_id: live.registry.clone() }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        aws.ecr.set_repository_policy().repository_name(&want.repository).policy_text(&want.policy).send().await?;
        Ok(want.repository.clone())
    }

    async fn update(aws: &Aws, _id: &Id, _have: &Args, want: &Args) -> Result<()> {
        Self::create(aws, want).await.map(drop)
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        aws.ecr.delete_repository_policy().repository_name(id).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let found = Self::read(aws, std::slice::from_ref(&want.repository)).await?;
        Ok(found.into_iter().next().map(|(id, _)| id))
    }
}
