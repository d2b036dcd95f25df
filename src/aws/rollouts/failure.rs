//! Why a deployment failed, beyond what CodeDeploy says: unhealthy targets and stopped tasks.

use crate::aws::client::Aws;
use crate::resource::Error;
use crate::rollout::observed::revision;
use crate::rollout::{Order, Share};

/// How many targets and tasks are told of.
const MOST: usize = 3;
/// How many tasks one call describes.
const PAGE: usize = 100;

/// What may tell why; nothing of it is needed.
pub(super) async fn hints(aws: &Aws, order: &Order, shares: &[Share]) -> Vec<String> {
    let green = shares.iter().find(|share| share.label == "Green").map(|share| share.target_group.as_str());
    let mut all = Vec::new();
    for hint in [unhealthy(aws, green).await, stopped(aws, order).await] {
        match hint {
            Ok(some) => all.extend(some),
            // The deployment's own reason must not be lost over it.
            Err(error) => all.push(format!("What else may tell why could not be read ({error})")),
        }
    }
    all
}

async fn unhealthy(aws: &Aws, target_group: Option<&str>) -> Result<Vec<String>, Error> {
    let Some(name) = target_group.filter(|name| !name.is_empty()) else { return Ok(Vec::new()) };
    let found = aws.elbv2.describe_target_groups().names(name).send().await?;
    let Some(arn) = found.target_groups().first().and_then(|group| group.target_group_arn()) else {
        return Ok(Vec::new());
    };
    let health = aws.elbv2.describe_target_health().target_group_arn(arn).send().await?;
    let line = |one: &aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription| {
        let state = one.target_health()?.state()?.as_str();
        if state != "unhealthy" {
            return None;
        }
        let why = one.target_health()?.description().unwrap_or("no reason given");
        Some(format!("Target {} in {name} is unhealthy: {why}", one.target()?.id()?))
    };
    Ok(health.target_health_descriptions().iter().filter_map(line).take(MOST).collect())
}

/// Tasks of the service that stopped otherwise than they were to, as far as ECS still knows them.
pub(super) async fn stopped_tasks(aws: &Aws, order: &Order) -> Result<Vec<aws_sdk_ecs::types::Task>, Error> {
    let call = aws.ecs.list_tasks().cluster(&order.cluster).service_name(&order.name);
    let found = match call.desired_status(aws_sdk_ecs::types::DesiredStatus::Stopped).send().await.map_err(Error::from)
    {
        Err(error) if error.is(&["ClusterNotFoundException", "ServiceNotFoundException"]) => return Ok(Vec::new()),
        other => other?,
    };
    let tasks: Vec<String> = found.task_arns.unwrap_or_default().into_iter().take(PAGE).collect();
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let found = aws.ecs.describe_tasks().cluster(&order.cluster).set_tasks(Some(tasks)).send().await?;
    // Old tasks that a deployment replaced, and those of a number that was lowered.
    let was_meant =
        |task: &aws_sdk_ecs::types::Task| task.stopped_reason().is_some_and(|why| why.starts_with("Scaling activity"));
    Ok(found.tasks.unwrap_or_default().into_iter().filter(|task| !was_meant(task)).collect())
}

async fn stopped(aws: &Aws, order: &Order) -> Result<Vec<String>, Error> {
    // A family stands for its newest revision, whose number nobody said.
    let (family, number) = revision(&order.spec.task_definition);
    let is_it = |task: &&aws_sdk_ecs::types::Task| {
        let of_revision = task.task_definition_arn().map(revision);
        of_revision.is_some_and(|(ran, of)| ran == family && (number.is_none() || of == number))
    };
    let tasks = stopped_tasks(aws, order).await?;
    let mut lines: Vec<String> =
        tasks.iter().filter(is_it).map(|task| format!("A task stopped: {}", why_stopped(task))).collect();
    lines.dedup();
    lines.truncate(MOST);
    Ok(lines)
}

/// Why a task stopped, with what its first failed container says.
pub(super) fn why_stopped(task: &aws_sdk_ecs::types::Task) -> String {
    let container = task.containers().iter().find_map(|one| {
        let code = one.exit_code().map(|code| format!(", exit code {code}")).unwrap_or_default();
        one.reason().map(str::to_owned).or_else(|| (!code.is_empty()).then(String::new)).map(|why| {
            format!(" (container {}{code}{}{why})", one.name().unwrap_or("?"), if why.is_empty() { "" } else { ": " })
        })
    });
    format!("{}{}", task.stopped_reason().unwrap_or("no reason given"), container.unwrap_or_default())
}
