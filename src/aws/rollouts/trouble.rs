//! What went wrong lately with a service: failed deployments, stopped tasks, events, and alarms.

use aws_sdk_codedeploy::types as deploys;
use aws_sdk_ecs::types as sdk;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::{failure, native};
use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::observed::revision;
use crate::rollout::{Alarm, Controller, Happened, Order, Trouble};

/// How many of each are told of.
const MOST: usize = 5;
/// Alarms that one call asks for.
const BATCH: usize = 100;

/// What went wrong lately, and the alarms with these names. What may not be asked is left out, with a note.
pub(super) async fn trouble(aws: &Aws, order: &Order, alarms: &[String]) -> Result<Trouble, Error> {
    let mut notes = Vec::new();
    let (deployments, tasks, events, alarms) = tokio::join!(
        Box::pin(deployments(aws, order)),
        Box::pin(stopped_tasks(aws, order)),
        Box::pin(events(aws, order)),
        Box::pin(states(aws, alarms))
    );
    let (one, two) = ("codedeploy:ListDeployments and BatchGetDeployments", "ecs:ListTasks and DescribeTasks");
    Ok(Trouble {
        deployments: or_note(deployments, "Past deployments", one, &mut notes)?,
        tasks: or_note(tasks, "Stopped tasks", two, &mut notes)?,
        events: or_note(events, "Events of the service", "ecs:DescribeServices", &mut notes)?,
        alarms: or_note(alarms, "Alarms", "cloudwatch:DescribeAlarms", &mut notes)?,
        notes,
    })
}

/// What is not allowed is no reason to tell nothing.
fn or_note<T>(found: Result<Vec<T>, Error>, what: &str, needs: &str, notes: &mut Vec<String>) -> Result<Vec<T>, Error> {
    match found {
        Err(error) if error.is_denied() => {
            notes.push(format!("{what} are not shown: the credentials lack {needs}."));
            Ok(Vec::new())
        }
        other => other,
    }
}

fn time(moment: Option<&DateTime>) -> String {
    // Whole seconds: nobody reads the rest.
    let whole = moment.map(|moment| DateTime::from_secs(moment.secs()));
    whole.and_then(|moment| moment.fmt(Format::DateTime).ok()).unwrap_or_default()
}

async fn deployments(aws: &Aws, order: &Order) -> Result<Vec<Happened>, Error> {
    match order.controller {
        Controller::CodeDeploy if !order.group.is_empty() => by_codedeploy(aws, order).await,
        Controller::Gradual | Controller::Rolling => native::failed(aws, order, MOST).await,
        Controller::CodeDeploy | Controller::External => Ok(Vec::new()),
    }
}

async fn by_codedeploy(aws: &Aws, order: &Order) -> Result<Vec<Happened>, Error> {
    let call = aws.codedeploy.list_deployments().application_name(&order.app).deployment_group_name(&order.group);
    let statuses = vec![deploys::DeploymentStatus::Failed, deploys::DeploymentStatus::Stopped];
    let found = call.set_include_only_statuses(Some(statuses)).send().await.map_err(Error::from);
    let gone = ["ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"];
    let ids = match found {
        Err(error) if error.is(&gone) => Vec::new(),
        other => other?.deployments.unwrap_or_default(),
    };
    let ids: Vec<String> = ids.into_iter().take(MOST).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = aws.codedeploy.batch_get_deployments().set_deployment_ids(Some(ids)).send().await?;
    let mut all = found.deployments_info.unwrap_or_default();
    all.sort_by_key(|one| std::cmp::Reverse(one.create_time().map(DateTime::as_nanos)));
    Ok(all.iter().map(past).collect())
}

fn past(info: &deploys::DeploymentInfo) -> Happened {
    let error = info.error_information().map(|error| {
        let code = error.code().map(|code| format!(" ({})", code.as_str())).unwrap_or_default();
        format!("{}{code}", error.message().unwrap_or("no reason given").trim_end_matches('.'))
    });
    let back = info.rollback_info().and_then(|info| info.rollback_deployment_id());
    let back = back.filter(|back| Some(*back) != info.deployment_id()).map(|back| format!("rolled back by {back}"));
    let why: Vec<String> = error.into_iter().chain(back).collect();
    Happened {
        id: info.deployment_id().unwrap_or_default().to_owned(),
        status: info.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        time: time(info.complete_time().or(info.create_time())),
        why: why.join("; "),
    }
}

async fn stopped_tasks(aws: &Aws, order: &Order) -> Result<Vec<Happened>, Error> {
    let mut tasks = failure::stopped_tasks(aws, order).await?;
    tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped_at().map(DateTime::as_nanos)));
    let one = |task: &sdk::Task| {
        let number = task.task_definition_arn().and_then(|arn| revision(arn).1);
        Happened {
            id: task.task_arn().map(|arn| crate::rollout::observed::last_part(arn).to_owned()).unwrap_or_default(),
            status: number.map(|number| format!("revision {number}")).unwrap_or_default(),
            time: time(task.stopped_at()),
            why: failure::why_stopped(task),
        }
    };
    Ok(tasks.iter().take(MOST).map(one).collect())
}

async fn events(aws: &Aws, order: &Order) -> Result<Vec<Happened>, Error> {
    let call = aws.ecs.describe_services().cluster(&order.cluster).services(&order.name);
    let found = match call.send().await.map_err(Error::from) {
        Err(error) if error.is(&["ClusterNotFoundException"]) => return Ok(Vec::new()),
        other => other?,
    };
    let one = |event: &sdk::ServiceEvent| Happened {
        id: String::new(),
        status: String::new(),
        time: time(event.created_at()),
        why: event.message().unwrap_or_default().to_owned(),
    };
    Ok(found
        .services()
        .first()
        .map(|service| service.events().iter().take(MOST).map(one).collect())
        .unwrap_or_default())
}

async fn states(aws: &Aws, names: &[String]) -> Result<Vec<Alarm>, Error> {
    let mut all: Vec<Alarm> = names.iter().map(|name| Alarm { name: name.clone(), ..Alarm::default() }).collect();
    for some in names.chunks(BATCH) {
        let kinds =
            [aws_sdk_cloudwatch::types::AlarmType::MetricAlarm, aws_sdk_cloudwatch::types::AlarmType::CompositeAlarm];
        let call = aws.cloudwatch.describe_alarms().set_alarm_names(Some(some.to_vec()));
        let found = call.set_alarm_types(Some(kinds.to_vec())).send().await?;
        let metric = found.metric_alarms().iter().map(|one| (one.alarm_name(), one.state_value(), one.state_reason()));
        let composite =
            found.composite_alarms().iter().map(|one| (one.alarm_name(), one.state_value(), one.state_reason()));
        for (name, state, reason) in metric.chain(composite) {
            let Some(alarm) = all.iter_mut().find(|alarm| name == Some(alarm.name.as_str())) else { continue };
            alarm.state = state.map(|state| state.as_str().to_owned());
            reason.unwrap_or_default().clone_into(&mut alarm.reason);
        }
    }
    Ok(all)
}

/// For the deployments that ECS itself made.
pub(super) fn of_ecs(one: &sdk::ServiceDeploymentBrief) -> Happened {
    Happened {
        id: one
            .service_deployment_arn()
            .map(|arn| crate::rollout::observed::last_part(arn).to_owned())
            .unwrap_or_default(),
        status: one.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        time: time(one.finished_at().or(one.created_at())),
        why: one.status_reason().unwrap_or_default().to_owned(),
    }
}
