//! A rolling deployment of ECS: how its tasks stand, and whether it gets anywhere.
//!
//! API: Elastic Container Service 2014-11-13.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>

use aws_sdk_ecs::types as sdk;

use super::native;
use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::observed::last_part;
use crate::rollout::{Look, Order, Status, Tasks};

/// Failed tasks after which the circuit breaker gives a deployment up: half of the desired count, within these bounds.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
const FEWEST: i64 = 3;
const MOST: i64 = 200;

/// How far it is. Why tasks stop is asked once some did.
pub(super) async fn look(
    aws: &Aws,
    order: &Order,
    found: &sdk::ServiceDeployment,
    status: Status,
) -> Result<Look, Error> {
    let tasks = tasks(found, failed(aws, order, found).await?);
    let has_failed = tasks.failed > 0 || status == Status::Failed;
    let hints = if has_failed { super::failure::hints(aws, order, &[]).await } else { Vec::new() };
    let is_back = native::is_going_back(found);
    Ok(Look {
        id: last_part(found.service_deployment_arn().unwrap_or_default()).to_owned(),
        status,
        events: is_back.then(|| native::going_back(found)).into_iter().collect(),
        error: native::why(found, status),
        stuck: stuck(found, tasks).filter(|_| status == Status::InProgress && !is_back),
        tasks: Some(tasks),
        hints,
        ..Look::default()
    })
}

/// Tasks of the new revision that failed. The circuit breaker counts them where it is on, the service always.
async fn failed(aws: &Aws, order: &Order, found: &sdk::ServiceDeployment) -> Result<i64, Error> {
    let counted = found.deployment_circuit_breaker().map_or(0, |breaker| i64::from(breaker.failure_count()));
    let call = aws.ecs.describe_services().cluster(&order.cluster).services(&order.name);
    let services = call.send().await?.services.unwrap_or_default();
    let primary = services.first().and_then(|one| one.deployments().iter().find(|one| one.status() == Some("PRIMARY")));
    Ok(counted.max(primary.map_or(0, |one| i64::from(one.failed_tasks()))))
}

fn tasks(found: &sdk::ServiceDeployment, failed: i64) -> Tasks {
    let new = found.target_service_revision();
    let count = |of: fn(&sdk::ServiceRevisionSummary) -> i32| new.map_or(0, |new| i64::from(of(new)));
    Tasks {
        desired: count(sdk::ServiceRevisionSummary::requested_task_count),
        running: count(sdk::ServiceRevisionSummary::running_task_count),
        pending: count(sdk::ServiceRevisionSummary::pending_task_count),
        failed,
        old: found.source_service_revisions().iter().map(|old| i64::from(old.running_task_count())).sum(),
    }
}

/// Without a circuit breaker ECS starts tasks that fail again and again, for ever.
fn stuck(found: &sdk::ServiceDeployment, tasks: Tasks) -> Option<String> {
    let breaker = found.deployment_circuit_breaker().and_then(|breaker| breaker.status());
    let is_off = breaker.is_none_or(|status| *status == sdk::ServiceDeploymentRollbackMonitorsStatus::Disabled);
    let limit = (tasks.desired / 2).clamp(FEWEST, MOST);
    (is_off && tasks.failed >= limit && tasks.running < tasks.desired.max(1)).then(|| {
        format!(
            "{} new tasks failed, and ECS goes on starting others, since `deployment_circuit_breaker` of the service is off",
            tasks.failed
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(breaker: sdk::ServiceDeploymentRollbackMonitorsStatus) -> sdk::ServiceDeployment {
        let breaker = sdk::ServiceDeploymentCircuitBreaker::builder().status(breaker).build();
        sdk::ServiceDeployment::builder().deployment_circuit_breaker(breaker).build()
    }

    #[test]
    fn without_a_circuit_breaker_failing_again_and_again_is_the_end() {
        use sdk::ServiceDeploymentRollbackMonitorsStatus as Breaker;
        let tasks = |failed, running| Tasks { desired: 2, running, failed, ..Tasks::default() };
        assert!(stuck(&deployment(Breaker::Disabled), tasks(3, 0)).is_some());
        assert!(stuck(&deployment(Breaker::Disabled), tasks(2, 0)).is_none());
        assert!(stuck(&deployment(Breaker::Disabled), tasks(3, 2)).is_none());
        assert!(stuck(&deployment(Breaker::Monitoring), tasks(30, 0)).is_none());
    }
}
