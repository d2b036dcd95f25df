//! Task sets of services: what DescribeServices tells of those that ECS does not deploy task by task.

use std::collections::BTreeMap;

use aws_sdk_ecs::types as sdk;
use futures_util::future::try_join_all;

use super::Asked;
use crate::address::Address;
use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::{Order, TaskSet};

/// Services that one call asks for.
const BATCH: usize = 10;

/// Task sets of the services, deployments of those that ECS brings out.
pub(super) async fn task_sets(together: &[&Asked<'_>]) -> Result<Vec<(Address, Vec<TaskSet>)>, Error> {
    let mut by_cluster: BTreeMap<&str, Vec<&Asked<'_>>> = BTreeMap::new();
    for one in together {
        by_cluster.entry(&one.cluster).or_default().push(one);
    }
    let calls = by_cluster.iter().flat_map(|(cluster, all)| all.chunks(BATCH).map(move |some| describe(cluster, some)));
    Ok(try_join_all(calls).await?.into_iter().flatten().collect())
}

async fn describe(cluster: &str, some: &[&Asked<'_>]) -> Result<Vec<(Address, Vec<TaskSet>)>, Error> {
    let Some(first) = some.first() else { return Ok(Vec::new()) };
    let names = some.iter().map(|one| one.name.clone()).collect();
    let call = first.aws.ecs.describe_services().cluster(cluster).set_services(Some(names));
    let found = match call.send().await.map_err(Error::from) {
        Err(error) if error.is(&["ClusterNotFoundException"]) => return Ok(Vec::new()),
        other => other?,
    };
    let of = |one: &&Asked<'_>| {
        let service = found.services().iter().find(|service| service.service_name() == Some(one.name.as_str()))?;
        Some((one.ask.address.clone(), observed(service)))
    };
    Ok(some.iter().filter_map(of).collect())
}

/// The revision that a service runs.
pub(super) async fn live(aws: &Aws, order: &Order) -> Result<Option<String>, Error> {
    let found = aws.ecs.describe_services().cluster(&order.cluster).services(&order.name).send().await?;
    Ok(found.services.unwrap_or_default().into_iter().next().and_then(|service| service.task_definition))
}

/// The primary set first. What ECS deploys itself is told as deployments.
fn observed(service: &sdk::Service) -> Vec<TaskSet> {
    let mut all: Vec<TaskSet> = service.task_sets().iter().map(task_set).collect();
    if all.is_empty() {
        all = service.deployments().iter().map(deployment).collect();
    }
    all.sort_by_key(|set| set.status != "PRIMARY");
    all
}

fn task_set(set: &sdk::TaskSet) -> TaskSet {
    let balancer = set.load_balancers().first();
    TaskSet {
        id: set.id().unwrap_or_default().to_owned(),
        status: set.status().unwrap_or_default().to_owned(),
        task_definition: set.task_definition().unwrap_or_default().to_owned(),
        target_group: balancer.and_then(|one| one.target_group_arn.clone()),
        desired: set.computed_desired_count(),
        running: set.running_count(),
        pending: set.pending_count(),
        is_steady: set.stability_status() == Some(&sdk::StabilityStatus::SteadyState),
        deployment: set.external_id().filter(|id| id.starts_with("d-")).map(str::to_owned),
    }
}

fn deployment(one: &sdk::Deployment) -> TaskSet {
    TaskSet {
        id: one.id().unwrap_or_default().to_owned(),
        status: one.status().unwrap_or_default().to_owned(),
        task_definition: one.task_definition().unwrap_or_default().to_owned(),
        target_group: None,
        desired: one.desired_count(),
        running: one.running_count(),
        pending: one.pending_count(),
        is_steady: one.rollout_state() == Some(&sdk::DeploymentRolloutState::Completed),
        deployment: None,
    }
}
