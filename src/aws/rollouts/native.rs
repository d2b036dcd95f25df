//! Deployments of ECS itself: strategies `ROLLING`, `BLUE_GREEN`, `LINEAR` and `CANARY`.
//!
//! API: Elastic Container Service 2014-11-13.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html>

use aws_sdk_ecs::types as sdk;

use super::Asked;
use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::observed::last_part;
use crate::rollout::{Controller, Event, Happened, Look, Observed, Order, Running, STAGES, Share, Status, TaskSet};

/// Statuses of deployments that are not over.
const ACTIVE: [sdk::ServiceDeploymentStatus; 5] = [
    sdk::ServiceDeploymentStatus::Pending,
    sdk::ServiceDeploymentStatus::InProgress,
    sdk::ServiceDeploymentStatus::StopRequested,
    sdk::ServiceDeploymentStatus::RollbackRequested,
    sdk::ServiceDeploymentStatus::RollbackInProgress,
];

/// Statuses of those of them that bring the old tasks back.
const GOING_BACK: [sdk::ServiceDeploymentStatus; 3] = [
    sdk::ServiceDeploymentStatus::StopRequested,
    sdk::ServiceDeploymentStatus::RollbackRequested,
    sdk::ServiceDeploymentStatus::RollbackInProgress,
];

/// Deployments of the service, newest first.
async fn list(
    aws: &Aws,
    cluster: &str,
    service: &str,
    only: Option<Vec<sdk::ServiceDeploymentStatus>>,
) -> Result<Vec<sdk::ServiceDeploymentBrief>, Error> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let call = aws.ecs.list_service_deployments().cluster(cluster).service(service).set_status(only.clone());
        let page = match call.set_next_token(next).send().await.map_err(Error::from) {
            Err(error) if error.is(&["ServiceNotFoundException", "ClusterNotFoundException"]) => break,
            other => other?,
        };
        all.extend(page.service_deployments.unwrap_or_default());
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            break;
        }
    }
    all.sort_by_key(|one| std::cmp::Reverse(one.created_at().map(aws_smithy_types::DateTime::as_nanos)));
    Ok(all)
}

/// The deployment that is under way.
pub(super) async fn running(aws: &Aws, cluster: &str, service: &str) -> Result<Option<Running>, Error> {
    let all = list(aws, cluster, service, Some(ACTIVE.to_vec())).await?;
    Ok(all.into_iter().next().map(|one| Running {
        id: one.service_deployment_arn.clone().unwrap_or_default(),
        status: one.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        digest: None,
        description: String::new(),
        brings_back: one.status().is_some_and(|status| GOING_BACK.contains(status)),
    }))
}

/// Looks for the deployment that is under way. A service whose only deployment is through has none, and is not asked.
pub(super) async fn observe(one: &Asked<'_>, seen: &mut Observed) -> Result<(), Error> {
    let is_rolling = one.ask.controller == Controller::Rolling;
    if is_rolling && matches!(seen.task_sets.as_slice(), [] | [TaskSet { is_steady: true, .. }]) {
        return Ok(());
    }
    match running(&one.aws, &one.cluster, &one.name).await {
        Err(error) if error.is_denied() => {
            seen.notes.push(format!(
                "The credentials may not look at the deployments of service {} ({}), so nobody knows how far they are. Allow ecs:ListServiceDeployments and ecs:DescribeServiceDeployments.",
                one.name, error.code
            ));
        }
        other => seen.running = other?,
    }
    Ok(())
}

/// The deployment that was made last. The service knows it before the list does.
pub(super) async fn newest(aws: &Aws, order: &Order) -> Result<Option<String>, Error> {
    let found = aws.ecs.describe_services().cluster(&order.cluster).services(&order.name).send().await?;
    let current = found.services().first().and_then(|one| one.current_service_deployment());
    if let Some(current) = current {
        return Ok(Some(current.to_owned()));
    }
    let all = list(aws, &order.cluster, &order.name, None).await?;
    Ok(all.into_iter().next().and_then(|one| one.service_deployment_arn))
}

/// Deployments that were stopped or rolled back, newest first.
pub(super) async fn failed(aws: &Aws, order: &Order, most: usize) -> Result<Vec<Happened>, Error> {
    let statuses = vec![
        sdk::ServiceDeploymentStatus::Stopped,
        sdk::ServiceDeploymentStatus::RollbackSuccessful,
        sdk::ServiceDeploymentStatus::RollbackFailed,
    ];
    let all = list(aws, &order.cluster, &order.name, Some(statuses)).await?;
    Ok(all.iter().take(most).map(super::trouble::of_ecs).collect())
}

/// Starts a deployment of another revision; its id.
pub(super) async fn start(aws: &Aws, order: &Order) -> Result<String, Error> {
    let before = newest(aws, order).await?;
    let call = aws.ecs.update_service().cluster(&order.cluster).service(&order.name);
    let answer = call.task_definition(&order.spec.task_definition).send().await?;
    let told = answer.service().and_then(|service| service.current_service_deployment()).map(str::to_owned);
    let made = match told.filter(|told| before.as_ref() != Some(told)) {
        Some(made) => Some(made),
        None => newest(aws, order).await?.filter(|made| before.as_ref() != Some(made)),
    };
    made.ok_or_else(|| {
        let text = format!("ECS started no deployment: service {} runs that revision already.", order.name);
        Error::titled("Nothing to deploy", text)
    })
}

async fn describe(aws: &Aws, id: &str) -> Result<sdk::ServiceDeployment, Error> {
    let found = aws.ecs.describe_service_deployments().service_deployment_arns(id).send().await?;
    let first = found.service_deployments.unwrap_or_default().into_iter().next();
    first.ok_or_else(|| Error::empty("DescribeServiceDeployments"))
}

/// How far a deployment is.
pub(super) async fn look(aws: &Aws, order: &Order, id: &str) -> Result<Look, Error> {
    let found = describe(aws, id).await?;
    let status = match found.status() {
        Some(sdk::ServiceDeploymentStatus::Successful) => Status::Succeeded,
        Some(sdk::ServiceDeploymentStatus::Stopped) => Status::Stopped,
        Some(sdk::ServiceDeploymentStatus::RollbackSuccessful | sdk::ServiceDeploymentStatus::RollbackFailed) => {
            Status::Failed
        }
        Some(sdk::ServiceDeploymentStatus::Pending) | None => Status::Created,
        Some(_) => Status::InProgress,
    };
    let is_back = found.status() == Some(&sdk::ServiceDeploymentStatus::RollbackSuccessful);
    if order.controller == Controller::Rolling {
        return Ok(Look { is_back, ..super::rolling::look(aws, order, &found, status).await? });
    }
    let hints = match status {
        Status::Failed => super::failure::hints(aws, order, &[]).await,
        _ => Vec::new(),
    };
    Ok(Look { hints, is_back, ..seen(&found, status) })
}

/// What a deployment with stages tells of itself.
fn seen(found: &sdk::ServiceDeployment, status: Status) -> Look {
    let waits = |one: &sdk::DeploymentLifecycleHookDetail| {
        one.status() == Some(&sdk::DeploymentLifecycleHookStatus::AwaitingAction)
    };
    // What was shifted goes back: neither the traffic nor a stage counts any more.
    let is_forward = !is_going_back(found);
    let goes = is_forward && status == Status::InProgress;
    let stage = found.lifecycle_stage().map(|stage| stage.as_str().to_owned());
    let shares = [("Blue", found.source_service_revisions().first()), ("Green", found.target_service_revision())];
    Look {
        id: last_part(found.service_deployment_arn().unwrap_or_default()).to_owned(),
        status: if goes && found.lifecycle_hook_details().iter().any(waits) { Status::Ready } else { status },
        events: if is_forward { events(stage.as_deref(), status) } else { vec![going_back(found)] },
        shares: shares.into_iter().filter_map(|(label, one)| Some(share(label, one?))).collect(),
        is_ending: goes && matches!(stage.as_deref(), Some("BAKE_TIME" | "CLEAN_UP")),
        error: why(found, status),
        ..Look::default()
    }
}

/// Whether a deployment that is not over brings the old tasks back.
pub(super) fn is_going_back(found: &sdk::ServiceDeployment) -> bool {
    found.status().is_some_and(|status| GOING_BACK.contains(status))
}

/// That, as an event of the deployment.
pub(super) fn going_back(found: &sdk::ServiceDeployment) -> Event {
    let why = found.status_reason().map(str::to_owned);
    Event { name: "rollback".to_owned(), status: "InProgress".to_owned(), why }
}

/// Why a deployment is over before its end.
pub(super) fn why(found: &sdk::ServiceDeployment, status: Status) -> Option<(String, String)> {
    matches!(status, Status::Failed | Status::Stopped).then(|| {
        let code = found.status().map(|status| status.as_str().to_owned()).unwrap_or_default();
        (code, found.status_reason().unwrap_or("no reason given").to_owned())
    })
}

/// ECS tells the stage it is in; those before it are done.
fn events(stage: Option<&str>, status: Status) -> Vec<Event> {
    let at = stage.and_then(|stage| STAGES.iter().position(|one| *one == stage));
    let Some(at) = at else { return Vec::new() };
    let event = |(place, name): (usize, &&str)| {
        let now = match status {
            Status::Succeeded => "Succeeded",
            Status::Failed | Status::Stopped => "Failed",
            Status::Created | Status::InProgress | Status::Ready => "InProgress",
        };
        let status = if place < at { "Succeeded" } else { now };
        Event { name: (*name).to_owned(), status: status.to_owned(), why: None }
    };
    STAGES.iter().enumerate().take(at + 1).map(event).collect()
}

fn share(label: &str, revision: &sdk::ServiceRevisionSummary) -> Share {
    Share {
        label: label.to_owned(),
        target_group: if label == "Blue" { "old".to_owned() } else { "new".to_owned() },
        weight: revision.requested_production_traffic_weight().unwrap_or_default(),
        desired: i64::from(revision.requested_task_count()),
        running: i64::from(revision.running_task_count()),
    }
}

/// Stops a deployment; ECS always brings the traffic back.
pub(super) async fn stop(aws: &Aws, id: &str) -> Result<(), Error> {
    let call = aws.ecs.stop_service_deployment().service_deployment_arn(id);
    match call.stop_type(sdk::StopServiceDeploymentStopType::Rollback).send().await.map_err(Error::from) {
        // It is over already.
        Err(error) if error.is(&["ConflictException"]) => Ok(()),
        other => other.map(drop),
    }
}

/// Lets a deployment go on that a hook holds.
pub(super) async fn proceed(aws: &Aws, id: &str) -> Result<(), Error> {
    let found = describe(aws, id).await?;
    let waits = |one: &&sdk::DeploymentLifecycleHookDetail| {
        one.status() == Some(&sdk::DeploymentLifecycleHookStatus::AwaitingAction)
    };
    let Some(hook) = found.lifecycle_hook_details().iter().find(waits).and_then(|one| one.hook_id()) else {
        let text = format!("Deployment {} does not wait for anybody.", last_part(id));
        return Err(Error::titled("Nothing to continue", text));
    };
    let call = aws.ecs.continue_service_deployment().service_deployment_arn(id).hook_id(hook);
    call.action(sdk::DeploymentLifecycleHookAction::Continue).send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_back_has_no_traffic() {
        let at_the_end = |status: sdk::ServiceDeploymentStatus| {
            let stage = sdk::ServiceDeploymentLifecycleStage::BakeTime;
            let found = sdk::ServiceDeployment::builder().status(status).lifecycle_stage(stage).build();
            let look = seen(&found, Status::InProgress);
            (look.has_traffic(), look.events.first().map(|event| event.name.clone()).unwrap_or_default())
        };
        assert_eq!(at_the_end(sdk::ServiceDeploymentStatus::InProgress), (true, STAGES[0].to_owned()));
        for back in GOING_BACK {
            assert_eq!(at_the_end(back), (false, "rollback".to_owned()));
        }
    }
}
