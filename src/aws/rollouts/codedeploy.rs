//! Groups and deployments of CodeDeploy.
//!
//! API: CodeDeploy 2014-10-06. <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html>

use aws_sdk_codedeploy::types as sdk;

use super::{Asked, failure};
use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::observed::last_part;
use crate::rollout::pace::{Pace, Shift};
use crate::rollout::{Event, Group, Hooks, Look, Order, Running, Share, Status, TaskSet, appspec};

/// There is no such application, group or deployment.
const MISSING: &[&str] = &[
    "ApplicationDoesNotExistException",
    "DeploymentGroupDoesNotExistException",
    "DeploymentDoesNotExistException",
    "DeploymentConfigDoesNotExistException",
    "RevisionDoesNotExistException",
];
/// Statuses of deployments that are not over.
const ACTIVE: [sdk::DeploymentStatus; 5] = [
    sdk::DeploymentStatus::Created,
    sdk::DeploymentStatus::Queued,
    sdk::DeploymentStatus::InProgress,
    sdk::DeploymentStatus::Baking,
    sdk::DeploymentStatus::Ready,
];

fn or_missing<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Err(error) if error.is(MISSING) => Ok(None),
        other => other.map(Some),
    }
}

/// The group of a service, the deployment that is under way, and what could not be found out.
pub(super) async fn group_and_deployment(
    one: &Asked<'_>,
    sets: &[TaskSet],
) -> Result<(Option<Group>, Option<Running>, Vec<String>), Error> {
    let aws = one.aws.as_ref();
    let group = match &one.ask.group {
        Some(group) => Some(group.clone()),
        None => match find_group(one, sets).await {
            Err(error) if error.is_denied() => {
                let note = format!(
                    "The credentials may not look for the deployment group of service {} ({}), so nobody knows between which target groups its traffic moves. Allow codedeploy:List*, BatchGet* and Get*, or put the group into the stack.",
                    one.name, error.code
                );
                return Ok((None, None, vec![note]));
            }
            other => other?,
        },
    };
    let Some(mut group) = group else { return Ok((None, None, Vec::new())) };
    let mut notes = Vec::new();
    if group.pace.shift.is_none() && !group.config.is_empty() {
        match shift_of(aws, &group.config).await {
            Ok(shift) => group.pace.shift = shift,
            Err(error) => notes.push(denied(one, error, "how the traffic moves in deployments")?),
        }
    }
    let running = match running(aws, &group.app, &group.name).await {
        Ok(running) => running,
        Err(error) => {
            notes.push(denied(one, error, "whether a deployment is under way")?);
            None
        }
    };
    Ok((Some(group), running, notes))
}

/// What is not seen when the credentials may not look; any other error stays one.
fn denied(one: &Asked<'_>, error: Error, what: &str) -> Result<String, Error> {
    if !error.is_denied() {
        return Err(error);
    }
    let (name, code) = (&one.name, &error.code);
    Ok(format!(
        "The credentials may not see {what} of service {name} ({code}). Allow codedeploy:List*, BatchGet* and Get*."
    ))
}

async fn shift_of(aws: &Aws, config: &str) -> Result<Option<Shift>, Error> {
    let call = aws.codedeploy.get_deployment_config().deployment_config_name(config);
    let found = or_missing(call.send().await.map_err(Error::from))?;
    let routing = found.and_then(|found| found.deployment_config_info?.traffic_routing_config);
    let number = |number: i32| u32::try_from(number).unwrap_or_default();
    Ok(routing.map(|routing| match (routing.time_based_canary, routing.time_based_linear) {
        (Some(canary), _) => {
            Shift::Canary { percent: number(canary.canary_percentage), minutes: number(canary.canary_interval) }
        }
        (None, Some(linear)) => {
            Shift::Linear { percent: number(linear.linear_percentage), minutes: number(linear.linear_interval) }
        }
        (None, None) => Shift::AllAtOnce,
    }))
}

/// A service that was deployed once tells by which deployment; of another all groups are looked through.
async fn find_group(one: &Asked<'_>, sets: &[TaskSet]) -> Result<Option<Group>, Error> {
    let aws = one.aws.as_ref();
    if let Some(id) = sets.iter().find_map(|set| set.deployment.as_ref()) {
        let found = or_missing(aws.codedeploy.get_deployment().deployment_id(id).send().await.map_err(Error::from))?;
        let info = found.and_then(|found| found.deployment_info);
        if let Some((app, name)) = info.and_then(|info| info.application_name.zip(info.deployment_group_name)) {
            let call = aws.codedeploy.get_deployment_group().application_name(app).deployment_group_name(name);
            let found = or_missing(call.send().await.map_err(Error::from))?;
            return Ok(found.and_then(|found| found.deployment_group_info).map(|info| from_group(&info)));
        }
    }
    let mut token = None;
    loop {
        let page = aws.codedeploy.list_applications().set_next_token(token).send().await?;
        for app in page.applications() {
            if let Some(group) = group_in(one, app).await? {
                return Ok(Some(group));
            }
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(None);
        }
    }
}

async fn group_in(one: &Asked<'_>, app: &str) -> Result<Option<Group>, Error> {
    let names_it = |group: &&sdk::DeploymentGroupInfo| {
        group.ecs_services().iter().any(|service| {
            service.cluster_name().map(last_part) == Some(&one.cluster)
                && service.service_name().map(last_part) == Some(&one.name)
        })
    };
    let client = &one.aws.codedeploy;
    let mut token = None;
    loop {
        let call = client.list_deployment_groups().application_name(app).set_next_token(token);
        let Some(page) = or_missing(call.send().await.map_err(Error::from))? else { return Ok(None) };
        for names in page.deployment_groups().chunks(100) {
            let call = client.batch_get_deployment_groups().application_name(app);
            let found = call.set_deployment_group_names(Some(names.to_vec())).send().await?;
            if let Some(group) = found.deployment_groups_info().iter().find(names_it) {
                return Ok(Some(from_group(group)));
            }
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(None);
        }
    }
}

fn from_group(info: &sdk::DeploymentGroupInfo) -> Group {
    let pair = info.load_balancer_info().and_then(|all| all.target_group_pair_info_list().first());
    let route = |route: Option<&sdk::TrafficRoute>| route.map(|one| one.listener_arns().to_vec()).unwrap_or_default();
    let blue_green = info.blue_green_deployment_configuration();
    let ready = blue_green.and_then(|all| all.deployment_ready_option());
    let waits = ready.filter(|ready| ready.action_on_timeout() == Some(&sdk::DeploymentReadyAction::StopDeployment));
    let blue = blue_green.and_then(|all| all.terminate_blue_instances_on_deployment_success());
    let number = |number: i32| u32::try_from(number).unwrap_or_default();
    let config = info.deployment_config_name().unwrap_or_default();
    let rollback = info.auto_rollback_configuration();
    Group {
        address: None,
        app: info.application_name().unwrap_or_default().to_owned(),
        name: info.deployment_group_name().unwrap_or_default().to_owned(),
        config: config.to_owned(),
        pair: pair
            .map(sdk::TargetGroupPairInfo::target_groups)
            .unwrap_or_default()
            .iter()
            .filter_map(|group| group.name.clone())
            .collect(),
        production: route(pair.and_then(|pair| pair.prod_traffic_route())),
        test: route(pair.and_then(|pair| pair.test_traffic_route())),
        pace: Pace {
            shift: Shift::of_config(config),
            ready_minutes: waits.map_or(0, |ready| number(ready.wait_time_in_minutes())),
            termination_minutes: blue.map_or(0, |blue| number(blue.termination_wait_time_in_minutes())),
        },
        alarms: info
            .alarm_configuration()
            .filter(|all| all.enabled())
            .map(|all| all.alarms().iter().filter_map(|alarm| alarm.name.clone()).collect())
            .unwrap_or_default(),
        rolls_back: rollback
            .is_some_and(|all| all.enabled() && all.events().contains(&sdk::AutoRollbackEvent::DeploymentFailure)),
    }
}

/// The deployment of a group that is under way.
pub(super) async fn running(aws: &Aws, app: &str, group: &str) -> Result<Option<Running>, Error> {
    let call = aws.codedeploy.list_deployments().application_name(app).deployment_group_name(group);
    let call = call.set_include_only_statuses(Some(ACTIVE.to_vec()));
    let found = or_missing(call.send().await.map_err(Error::from))?;
    let Some(id) = found.and_then(|found| found.deployments.unwrap_or_default().into_iter().next()) else {
        return Ok(None);
    };
    let found = or_missing(aws.codedeploy.get_deployment().deployment_id(&id).send().await.map_err(Error::from))?;
    let info = found.and_then(|found| found.deployment_info);
    Ok(info.map(|info| Running {
        id,
        status: info.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        digest: info
            .revision()
            .and_then(|revision| revision.app_spec_content())
            .and_then(|content| content.sha256())
            .map(str::to_owned),
        description: info.description().unwrap_or_default().to_owned(),
        brings_back: info.creator() == Some(&sdk::DeploymentCreator::CodeDeployRollback),
    }))
}

/// Hooks of what the group deployed last: a deployment without them would leave out the checks of a pipeline.
pub(super) async fn hooks(aws: &Aws, order: &Order) -> Result<Hooks, Error> {
    let Some(last) = last_revision(aws, order).await? else { return Ok(Hooks::default()) };
    let content = match last.revision_type() {
        Some(sdk::RevisionLocationType::AppSpecContent) => {
            let call = aws.codedeploy.get_application_revision().application_name(&order.app).revision(last);
            let found = or_missing(call.send().await.map_err(Error::from))?;
            Ok(found.and_then(|found| found.revision?.app_spec_content?.content))
        }
        Some(sdk::RevisionLocationType::S3) => in_bucket(aws, last.s3_location()).await,
        _ => Ok(None),
    };
    let unread = |why: &str| Hooks {
        note: Some(format!(
            "the AppSpec of the last deployment cannot be read ({why}): functions that it calls are not called by this one"
        )),
        ..Hooks::default()
    };
    Ok(match content {
        Ok(None) => Hooks::default(),
        Ok(Some(content)) => match appspec::hooks_of(&content) {
            Some(all) => Hooks { all, note: None },
            None => unread("it is neither YAML nor JSON"),
        },
        Err(error) => unread(&error.code),
    })
}

/// What the last successful deployment of the group brought out.
async fn last_revision(aws: &Aws, order: &Order) -> Result<Option<sdk::RevisionLocation>, Error> {
    let call = aws.codedeploy.get_deployment_group().application_name(&order.app).deployment_group_name(&order.group);
    let found = or_missing(call.send().await.map_err(Error::from))?;
    let Some(group) = found.and_then(|found| found.deployment_group_info) else { return Ok(None) };
    let id = group.last_successful_deployment().and_then(|last| last.deployment_id.clone());
    if let Some(id) = id {
        let found = or_missing(aws.codedeploy.get_deployment().deployment_id(id).send().await.map_err(Error::from))?;
        if let Some(revision) = found.and_then(|found| found.deployment_info?.revision) {
            return Ok(Some(revision));
        }
    }
    Ok(group.target_revision)
}

/// An AppSpec that was put into a bucket. What may not be read is an error of its own, since all else goes without it.
#[cfg(feature = "s3")]
async fn in_bucket(aws: &Aws, place: Option<&sdk::S3Location>) -> Result<Option<String>, Error> {
    let Some((place, bucket, key)) = place.and_then(|place| Some((place, place.bucket()?, place.key()?))) else {
        return Ok(None);
    };
    let call = aws.s3.get_object().bucket(bucket).key(key).set_version_id(place.version.clone());
    let found = call.send().await?;
    let bytes = found.body.collect().await.map_err(|error| Error::local("GetObject", error.to_string()))?;
    String::from_utf8(bytes.to_vec()).map(Some).map_err(|_| Error::local("GetObject", "it is no text"))
}

#[cfg(not(feature = "s3"))]
async fn in_bucket(_: &Aws, _: Option<&sdk::S3Location>) -> Result<Option<String>, Error> {
    Err(Error::local("GetObject", "this glaz was built without S3"))
}

/// Starts a deployment.
pub(super) async fn start(aws: &Aws, order: &Order) -> Result<String, Error> {
    let content = sdk::AppSpecContent::builder().content(order.spec.content()).sha256(order.spec.digest()).build();
    let revision = sdk::RevisionLocation::builder()
        .revision_type(sdk::RevisionLocationType::AppSpecContent)
        .app_spec_content(content)
        .build();
    let call = aws.codedeploy.create_deployment().application_name(&order.app).deployment_group_name(&order.group);
    let made = call.revision(revision).description(&order.description).send().await?;
    made.deployment_id.ok_or_else(|| Error::empty("CreateDeployment"))
}

/// How far a deployment is. Why it failed is looked up once it did.
pub(super) async fn look(aws: &Aws, order: &Order, id: &str) -> Result<Look, Error> {
    let found = aws.codedeploy.get_deployment().deployment_id(id).send().await?;
    let info = found.deployment_info.ok_or_else(|| Error::empty("GetDeployment"))?;
    let target = format!("{}:{}", order.cluster, order.name);
    let call = aws.codedeploy.batch_get_deployment_targets().deployment_id(id).target_ids(target);
    // Right after its start a deployment has no target yet.
    let targets = match call.send().await.map_err(Error::from) {
        Err(error) if error.is(&["DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"]) => None,
        other => Some(other?),
    };
    let target = targets.as_ref().and_then(|all| all.deployment_targets().first()).and_then(|one| one.ecs_target());
    let status = match info.status() {
        Some(sdk::DeploymentStatus::InProgress | sdk::DeploymentStatus::Baking) => Status::InProgress,
        Some(sdk::DeploymentStatus::Ready) => Status::Ready,
        Some(sdk::DeploymentStatus::Succeeded) => Status::Succeeded,
        Some(sdk::DeploymentStatus::Failed) => Status::Failed,
        Some(sdk::DeploymentStatus::Stopped) => Status::Stopped,
        _ => Status::Created,
    };
    let shares: Vec<Share> = target.map(sdk::EcsTarget::task_sets_info).unwrap_or_default().iter().map(share).collect();
    let error = info.error_information().map(|error| {
        let code = error.code().map(|code| code.as_str().to_owned()).unwrap_or_default();
        (code, error.message().unwrap_or("no reason given").to_owned())
    });
    let hints = match status {
        Status::Failed => failure::hints(aws, order, &shares).await,
        _ => Vec::new(),
    };
    Ok(Look {
        id: id.to_owned(),
        status,
        events: target.map(sdk::EcsTarget::lifecycle_events).unwrap_or_default().iter().map(event).collect(),
        shares,
        is_ending: info.instance_termination_wait_time_started(),
        error,
        rollback: info.rollback_info().and_then(|info| info.rollback_deployment_id.clone()).filter(|back| back != id),
        hints,
        ..Look::default()
    })
}

fn event(one: &sdk::LifecycleEvent) -> Event {
    let why = one.diagnostics().and_then(|diagnostics| diagnostics.message()).filter(|text| !text.is_empty());
    Event {
        name: one.lifecycle_event_name().unwrap_or_default().to_owned(),
        status: one.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        why: why.map(str::to_owned),
    }
}

fn share(set: &sdk::EcsTaskSet) -> Share {
    Share {
        label: set.task_set_label().map(|label| label.as_str().to_owned()).unwrap_or_default(),
        target_group: set.target_group().and_then(|group| group.name.clone()).unwrap_or_default(),
        weight: set.traffic_weight(),
        desired: set.desired_count(),
        running: set.running_count(),
    }
}

/// Lets a deployment go on: to move the traffic, or to stop the old tasks now.
pub(super) async fn proceed(aws: &Aws, id: &str) -> Result<(), Error> {
    let found = aws.codedeploy.get_deployment().deployment_id(id).send().await?;
    let is_ending = found.deployment_info.is_some_and(|info| info.instance_termination_wait_time_started());
    let wait = if is_ending { sdk::DeploymentWaitType::TerminationWait } else { sdk::DeploymentWaitType::ReadyWait };
    aws.codedeploy.continue_deployment().deployment_id(id).deployment_wait_type(wait).send().await?;
    Ok(())
}
