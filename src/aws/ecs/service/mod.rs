//! `aws_ecs_service`: keeps a number of tasks running.
//!
//! API: Elastic Container Service 2014-11-13, `CreateService` and its siblings.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html>
//!
//! With the controller `CODE_DEPLOY` the service belongs to two masters: the stack file says how it starts, and
//! deployments move its revision, target group and network on. See `crate::rollout` and `send::update`.

mod check;
mod connect;
mod deployment;
mod live;
mod model;
mod send;
#[cfg(test)]
mod tests;
mod volume;

use std::collections::BTreeMap;

use aws_sdk_ecs::types as sdk;
use futures_util::future::try_join_all;

pub use model::Args;
use model::{controller, name_of};

use super::shared::{carries, from_tags, only_missing, retag};
use crate::aws::contract::*;

/// The type.
pub struct Service;

impl Resource for Service {
    type Model = Args;
    type Live = sdk::Service;

    const TYPE: &'static str = "aws_ecs_service";
    const SCHEMA_VERSION: Option<u64> = Some(2);
    const IDENTITY: Identity = Identity::Assigned { recover_by: &["cluster", "name"] };
    const PACE: Pace = secs(60, 120, 120).limits(20, 20, 20).poll(10);
    const READ_BATCH: usize = 10;
    const MISSING: &'static [&'static str] = &["ServiceNotFoundException", "ClusterNotFoundException"];
    const RETRY: &'static [Retry] = &[
        Retry::of(&["CreateService", "UpdateService"], "InvalidParameterException", "the role is not known everywhere yet", retry::IAM).saying("verify that the ECS service role being passed has the proper permissions"),
        Retry::of(&["CreateService", "UpdateService"], "InvalidParameterException", "the listener of the target group is not known everywhere yet", retry::NEW).saying("does not have an associated load balancer"),
        Retry::of(&["CreateService"], "InvalidParameterException", "the service linked role of ECS is being made", retry::IAM).saying("Unable to assume the service linked role"),
        Retry::of(&["CreateService"], "InvalidParameterException", "the previous service of that name is still stopping its tasks", retry::RELEASE).saying("Unable to Start a service that is still Draining"),
        Retry::of(&["DeleteService"], "InvalidParameterException", "a deployment is still under way", retry::RELEASE).saying("cannot be stopped while deployments are active"),
        Retry::of(&["DeleteService"], "InvalidParameterException", "the service is still scaling down", retry::RELEASE).saying("cannot be stopped while the primary deployment is scaled above 0"),
        Retry::of(&["DeleteService"], "InvalidParameterException", "something that uses the service is still going away", retry::RELEASE).saying("has a dependent object"),
    ];
    const DELETES_SLOWLY: bool = true;

    fn check(want: &Draft, found: &mut Problems) {
        check::check(want, found);
    }

    fn revise(want: &mut Draft) {
        if want.known(Args::scheduling_strategy).as_deref() == Some("DAEMON") {
            // What ECS takes for daemons.
            if !want.is_set(Args::deployment_maximum_percent) {
                want.set(Args::deployment_maximum_percent, &Some(100));
            }
            if !want.is_set(Args::deployment_minimum_healthy_percent) {
                want.set(Args::deployment_minimum_healthy_percent, &Some(0));
            }
        }
        if !want.is_set(Args::deployment_controller)
            && let Some(prior) = want.before(Args::deployment_controller)
            && prior.r#type.as_deref() == Some("ECS")
        {
            // The block says nothing that its absence does not say.
            want.set(Args::deployment_controller, &Some(prior));
        }
        let is_strategy_set = want.is_set(Args::capacity_provider_strategy);
        let is_launch_type_set = want.is_set(Args::launch_type);
        if is_strategy_set && !is_launch_type_set {
            want.set(Args::launch_type, &None);
        }
        if let Some(prior) = want.before(Args::capacity_provider_strategy) {
            if !is_strategy_set && !is_launch_type_set {
                // The cluster's strategy was taken when the service was made, and stays.
                want.set(Args::capacity_provider_strategy, &prior);
            }
            let wanted = want.known(Args::capacity_provider_strategy).unwrap_or_default();
            let is_in_place =
                want.known(Args::force_new_deployment) == Some(true) && !prior.is_empty() && !wanted.is_empty();
            // CodeDeploy takes another strategy with a deployment.
            let kind = want.known(Args::deployment_controller).and_then(|controller| controller.r#type);
            let is_in_place = is_in_place || kind.as_deref() == Some("CODE_DEPLOY");
            if !is_in_place && !want.is_new() && want.is_changed(Args::capacity_provider_strategy) {
                want.replace(Args::capacity_provider_strategy);
            }
        }
    }

    async fn read(aws: &Aws, ids: &[Id]) -> Result<Vec<(Id, Self::Live)>> {
        let mut by_cluster: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for id in ids {
            by_cluster.entry(cluster_of(id)).or_default().push(id.clone());
        }
        let in_one = async |(cluster, ids): (&str, Vec<String>)| describe(aws, cluster, &ids).await;
        let found = try_join_all(by_cluster.into_iter().map(in_one)).await?.into_iter().flatten();
        Ok(found.filter_map(|one| Some((one.service_arn.clone()?, one))).collect())
    }

    fn observe(live: &Self::Live) -> Args {
        live::observe(live)
    }

    fn keep_spelling(prior: &Args, live: &mut Args) {
        live::keep_spelling(prior, live);
    }

    fn settled_as(live: &Self::Live, want: &Args) -> Settled {
        live::settled(live, want)
    }

    /// Tags of the service that tasks are to get would stay on those that start meanwhile.
    fn marked(want: &Args) -> Marked {
        if want.propagate_tags.as_deref() == Some("SERVICE") { Marked::Not } else { Marked::Tag }
    }

    async fn create(aws: &Aws, want: &Args) -> Result<Id> {
        send::create(aws, want).await
    }

    async fn update(aws: &Aws, id: &Id, have: &Args, want: &Args) -> Result<()> {
        send::update(aws, id, have, want).await?;
        retag(aws, id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, id: &Id, have: &Args) -> Result<()> {
        // Only the outside controller can scale its task sets down.
        let is_forced = have.force_delete == Some(true) || controller(have) == "EXTERNAL";
        if !is_forced && have.scheduling_strategy.as_deref() != Some("DAEMON") {
            let call = aws.ecs.update_service().cluster(cluster_of(id)).service(id).desired_count(0);
            match call.send().await.map_err(Error::from) {
                // It is on its way already.
                Err(error) if error.is(&["ServiceNotActiveException"]) => return Ok(()),
                other => other?,
            };
        }
        let call = aws.ecs.delete_service().cluster(cluster_of(id)).service(id);
        call.set_force(is_forced.then_some(true)).send().await?;
        Ok(())
    }

    async fn recover(aws: &Aws, want: &Args) -> Result<Option<Id>> {
        let cluster = want.cluster.as_deref().filter(|name| !name.is_empty()).unwrap_or("default");
        let found = describe(aws, cluster, std::slice::from_ref(&want.name)).await?;
        let is_ours = |one: &sdk::Service| {
            one.status() == Some("ACTIVE") && carries(&from_tags(one.tags.as_ref()), &want.tags_all)
        };
        Ok(found.into_iter().find(is_ours).and_then(|one| one.service_arn))
    }

    fn import_text(id: &Id, have: &Args) -> String {
        format!("{}/{}", cluster_of(id), have.name)
    }

    async fn import(aws: &Aws, text: &str) -> Result<Id> {
        let Some((cluster, name)) = text.rsplit_once('/') else {
            return Err(Error::local(
                "import",
                format!("{text} is not a service. Import needs the names of cluster and service, such as main/web."),
            ));
        };
        let found = describe(aws, name_of(cluster), &[name.to_owned()]).await?;
        let arn = found.into_iter().next().and_then(|one| one.service_arn);
        arn.ok_or_else(|| {
            Error::local("DescribeServices", format!("There is no service {name} in cluster {}.", name_of(cluster)))
        })
    }
}

/// The cluster that the ARN of a service names: `arn:…:service/CLUSTER/NAME`.
fn cluster_of(arn: &str) -> &str {
    let mut parts = arn.rsplit('/').skip(1);
    parts.next().filter(|part| !part.contains(':')).unwrap_or("default")
}

/// Services of one cluster; those that are gone are left out, those that still stop their tasks are not.
async fn describe(aws: &Aws, cluster: &str, names: &[String]) -> Result<Vec<sdk::Service>> {
    let call = aws.ecs.describe_services().cluster(cluster).set_services(Some(names.to_vec()));
    match call.include(sdk::ServiceField::Tags).send().await.map_err(Error::from) {
        Err(error) if error.is(&["ClusterNotFoundException"]) => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(found) => {
            only_missing("DescribeServices", found.failures.as_ref())?;
            let all = found.services.unwrap_or_default();
            Ok(all.into_iter().filter(|one| one.status() != Some("INACTIVE")).collect())
        }
    }
}
