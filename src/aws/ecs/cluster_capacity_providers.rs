//! `aws_ecs_cluster_capacity_providers`: what the tasks of a cluster may run on.
//!
//! API: Elastic Container Service 2014-11-13, `PutClusterCapacityProviders`. Not an object of its own but a part of
//! the cluster, which is set as a whole.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html>

use aws_sdk_ecs::types as sdk;

use super::cluster::describe;
use super::shared::{StrategyItem, check_strategy, from_strategy, to_strategy};
use crate::aws::contract::*;
use crate::take;

/// The type.
pub struct ClusterCapacityProviders;

model! {
    /// What the tasks of a cluster may run on, and what they run on unless they say otherwise.
    pub struct Args {
        /// Names of the capacity providers: `FARGATE`, `FARGATE_SPOT`, or your own; at most 20.
        capacity_providers: Set<String> = optional(),
        /// Name of the cluster.
        cluster_name: String = required().force_new(),
        /// How tasks and services that name neither a launch type nor a strategy are spread over the providers.
        default_capacity_provider_strategy: Set<StrategyItem> = optional(),
    }
}

impl Resource for ClusterCapacityProviders {
    type Model = Args;
    type Live = sdk::Cluster;

    const TYPE: &'static str = "aws_ecs_cluster_capacity_providers";
    const IDENTITY: Identity = Identity::Chosen(&["cluster_name"]);
    const PART_OF: Option<PartOf> = Some(PartOf { whole: "aws_ecs_cluster", name: "name", says: "cluster_name" });
    const PACE: Pace = secs(5, 5, 5);
    const READ_BATCH: usize = 100;
    const MISSING: &'static [&'static str] = &["ClusterNotFoundException"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["PutClusterCapacityProviders"], "ClientException", "the cluster is not ready yet", retry::CHANGE).saying("Cluster was not ACTIVE"),
        Retry::of(&["PutClusterCapacityProviders"], "ResourceInUseException", "a capacity provider is still used by tasks or services", retry::RELEASE),
        Retry::of(&["PutClusterCapacityProviders"], "UpdateInProgressException", "another change of the cluster is under way", retry::CHANGE),
    ];

    fn check(want: &Draft, found: &mut Problems) {
        let (names, parts) =
            (want.known(Args::capacity_providers), want.known(Args::default_capacity_provider_strategy));
        if names.as_ref().is_some_and(|names| names.len() > 20) {
            found.at(Args::capacity_providers, "A cluster has at most 20 capacity providers. Remove some.");
        }
        let Some(parts) = parts else { return };
        check_strategy("default_capacity_provider_strategy", &parts, found);
        if want.is_unknown(Args::capacity_providers) {
            return;
        }
        let names = names.unwrap_or_default();
        for part in parts.iter().filter(|part| !names.contains(&part.capacity_provider)) {
            found.at(
                Args::default_capacity_provider_strategy,
                format!(
                    "The strategy names {0}, which the cluster does not have. Add \"{0}\" to `capacity_providers`.",
                    part.capacity_provider
                ),
            );
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Self::Live)>> {
        let found = describe(aws, ids).await?;
        Ok(found.into_iter().filter_map(|one| Some((one.cluster_name.clone()?, one))).collect())
    }

    fn observe(live: &Self::Live) -> Args {
        take!(Args from live => capacity_providers, cluster_name;
            default_capacity_provider_strategy: from_strategy(live.default_capacity_provider_strategy.as_ref()))
    }

    fn settled(live: &Self::Live) -> Settled {
        match (live.status(), live.attachments_status()) {
            (_, Some("UPDATE_FAILED")) => Settled::Failed(
                "ECS could not attach a capacity provider (UPDATE_FAILED). The events of the cluster say why.".to_owned(),
            ),
            (_, Some("UPDATE_IN_PROGRESS")) => Settled::NotYet("capacity providers are being attached".to_owned()),
            (Some(status), _) if status != "ACTIVE" => Settled::NotYet(format!("cluster is {status}")),
            _ => Settled::Yes,
        }
    }

    fn overwrites(_want: &Args) -> bool {
        true
    }

    fn is_unmade(have: &Args) -> bool {
        have.capacity_providers.is_empty() && have.default_capacity_provider_strategy.is_empty()
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        put(aws, &want.cluster_name, want).await?;
        Ok(want.cluster_name.clone())
    }

    async fn update(aws: &Aws, id: &Id, _have: &Args, want: &Args) -> Result<()> {
        put(aws, id, want).await
    }

    async fn delete(aws: &Aws, id: &Id, _have: &Args) -> Result<()> {
        put(aws, id, &Args::default()).await
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let found = describe(aws, std::slice::from_ref(&want.cluster_name)).await?;
        let is_ours = |one: &sdk::Cluster| {
            let live = Self::observe(one);
            live.capacity_providers == want.capacity_providers
                && live.default_capacity_provider_strategy == want.default_capacity_provider_strategy
        };
        Ok(found.iter().any(is_ours).then(|| want.cluster_name.clone()))
    }
}

/// Both lists are always set as a whole.
async fn put(aws: &Aws, cluster: &str, want: &Args) -> Result<()> {
    aws.ecs
        .put_cluster_capacity_providers()
        .cluster(cluster)
        .set_capacity_providers(Some(want.capacity_providers.0.clone()))
        .set_default_capacity_provider_strategy(Some(to_strategy(&want.default_capacity_provider_strategy)?))
        .send()
        .await?;
    Ok(())
}
