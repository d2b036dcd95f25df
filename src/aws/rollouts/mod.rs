//! Deployment controllers of AWS, as [`crate::rollout`] sees them: CodeDeploy, and what ECS tells of task sets.

mod codedeploy;
mod ecs;
mod failure;
mod health;
mod migration;
mod native;
mod revisions;
mod rolling;
mod scaling;
mod trouble;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::address::Address;
use crate::aws::client::{Account, Aws};
use crate::resource::{Cloud, Error, Pending};
use crate::rollout::migrate::Facts;
use crate::rollout::{Ask, Controller, Controllers, Group, Health, Hooks, Look, Observed, Order, Running, Trouble};
use crate::value::Value;

/// The controllers.
pub struct AwsControllers;

/// A service to look at, with the clients of its account and region.
struct Asked<'a> {
    ask: &'a Ask,
    aws: Arc<Aws>,
    cluster: String,
    name: String,
}

async fn clients(cloud: &Cloud, service: &Value) -> Result<Arc<Aws>, Error> {
    cloud.get::<Account>()?.for_object(service).await
}

async fn asked(ask: &Ask) -> Result<Asked<'_>, Error> {
    let aws = clients(&ask.cloud, &ask.service).await?;
    let text = |name: &str| ask.service.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let cluster = crate::rollout::observed::last_part(text("cluster").unwrap_or("default")).to_owned();
    Ok(Asked { ask, aws, cluster, name: text("name").unwrap_or_default().to_owned() })
}

/// Services of one account and region together: calls ask for many at a time.
fn by_account<'a, 'b>(all: &'b [Asked<'a>]) -> Vec<Vec<&'b Asked<'a>>> {
    let mut groups: BTreeMap<*const Aws, Vec<&Asked<'_>>> = BTreeMap::new();
    for one in all {
        groups.entry(Arc::as_ptr(&one.aws)).or_default().push(one);
    }
    groups.into_values().collect()
}

async fn observe(asks: &[Ask]) -> Result<BTreeMap<Address, Observed>, Error> {
    let all = try_join_all(asks.iter().map(asked)).await?;
    let mut seen: BTreeMap<Address, Observed> =
        asks.iter().map(|ask| (ask.address.clone(), Observed::default())).collect();
    for together in by_account(&all) {
        let (scaled, sets) = tokio::try_join!(scaling::scaled(&together), ecs::task_sets(&together))?;
        for (address, is_scaled) in scaled {
            let one = seen.entry(address).or_default();
            match is_scaled {
                Ok(is_scaled) => one.is_scaled = is_scaled,
                Err(note) => one.notes.push(note),
            }
        }
        for (address, task_sets) in sets {
            seen.entry(address).or_default().task_sets = task_sets;
        }
    }
    for one in all.iter().filter(|one| one.ask.controller.is_own()) {
        native::observe(one, seen.entry(one.ask.address.clone()).or_default()).await?;
    }
    let deployed = all.iter().filter(|one| one.ask.controller == Controller::CodeDeploy);
    let look = async |one: &Asked<'_>| {
        let sets = seen.get(&one.ask.address).map(|one| one.task_sets.clone()).unwrap_or_default();
        Ok::<_, Error>((one.ask.address.clone(), codedeploy::group_and_deployment(one, &sets).await?))
    };
    let found = try_join_all(deployed.map(look)).await?;
    for (address, (group, running, notes)) in found {
        let one = seen.entry(address).or_default();
        (one.group, one.running) = (group, running);
        one.notes.extend(notes);
    }
    Ok(seen)
}

impl Controllers for AwsControllers {
    fn observe<'a>(&'a self, asks: &'a [Ask]) -> Pending<'a, BTreeMap<Address, Observed>> {
        Box::pin(observe(asks))
    }

    fn resolve<'a>(&'a self, cloud: &'a Cloud, service: &'a Value, name: &'a str) -> Pending<'a, String> {
        Box::pin(async move {
            let (_, revision) = crate::rollout::observed::revision(name);
            if name.starts_with("arn:") && revision.is_some() {
                return Ok(name.to_owned());
            }
            let aws = clients(cloud, service).await?;
            let found = aws.ecs.describe_task_definition().task_definition(name).send().await?;
            let arn = found.task_definition.and_then(|found| found.task_definition_arn);
            arn.ok_or_else(|| Error::empty("DescribeTaskDefinition"))
        })
    }

    fn hooks<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, Hooks> {
        Box::pin(async move {
            match order.controller {
                // Its hooks belong to the service.
                Controller::Gradual | Controller::Rolling | Controller::External => Ok(Hooks::default()),
                Controller::CodeDeploy => {
                    codedeploy::hooks(clients(cloud, &order.service).await?.as_ref(), order).await
                }
            }
        })
    }

    fn running<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, Option<Running>> {
        Box::pin(async move {
            let aws = clients(cloud, &order.service).await?;
            match order.controller {
                Controller::Gradual | Controller::Rolling => native::running(&aws, &order.cluster, &order.name).await,
                Controller::CodeDeploy | Controller::External => {
                    codedeploy::running(&aws, &order.app, &order.group).await
                }
            }
        })
    }

    fn live<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, Option<String>> {
        Box::pin(async move { ecs::live(clients(cloud, &order.service).await?.as_ref(), order).await })
    }

    fn start<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, String> {
        Box::pin(async move {
            // A call without a clear answer is looked up, not repeated.
            let aws = cloud.get::<Account>()?.asking_once(&order.service).await?;
            match order.controller {
                Controller::Gradual | Controller::Rolling => native::start(&aws, order).await,
                Controller::CodeDeploy | Controller::External => codedeploy::start(&aws, order).await,
            }
        })
    }

    fn newest<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, Option<String>> {
        Box::pin(async move { native::newest(clients(cloud, &order.service).await?.as_ref(), order).await })
    }

    fn look<'a>(&'a self, cloud: &'a Cloud, order: &'a Order, id: &'a str) -> Pending<'a, Look> {
        Box::pin(async move {
            let aws = clients(cloud, &order.service).await?;
            match order.controller {
                Controller::Gradual | Controller::Rolling => native::look(&aws, order, id).await,
                Controller::CodeDeploy | Controller::External => codedeploy::look(&aws, order, id).await,
            }
        })
    }

    fn stop<'a>(&'a self, cloud: &'a Cloud, order: &'a Order, id: &'a str, rolls_back: bool) -> Pending<'a, ()> {
        Box::pin(async move {
            let aws = clients(cloud, &order.service).await?;
            if order.controller.is_own() {
                return native::stop(&aws, id).await;
            }
            let call = aws.codedeploy.stop_deployment().deployment_id(id).auto_rollback_enabled(rolls_back);
            match call.send().await.map_err(Error::from) {
                Err(error) if error.is(&["DeploymentAlreadyCompletedException"]) => Ok(()),
                other => other.map(drop),
            }
        })
    }

    fn health<'a>(&'a self, cloud: &'a Cloud, service: &'a Value, names: &'a [String]) -> Pending<'a, Vec<Health>> {
        Box::pin(async move { health::health(clients(cloud, service).await?.as_ref(), names).await })
    }

    fn trouble<'a>(&'a self, cloud: &'a Cloud, order: &'a Order, alarms: &'a [String]) -> Pending<'a, Trouble> {
        Box::pin(async move {
            Box::pin(trouble::trouble(clients(cloud, &order.service).await?.as_ref(), order, alarms)).await
        })
    }

    fn revision_before<'a>(
        &'a self,
        cloud: &'a Cloud,
        service: &'a Value,
        revision: &'a str,
    ) -> Pending<'a, Option<String>> {
        Box::pin(async move { revisions::before(clients(cloud, service).await?.as_ref(), revision).await })
    }

    fn revisions_after<'a>(
        &'a self,
        cloud: &'a Cloud,
        definition: &'a Value,
        revision: &'a str,
    ) -> Pending<'a, Vec<String>> {
        Box::pin(async move { revisions::after(clients(cloud, definition).await?.as_ref(), revision).await })
    }

    fn register<'a>(
        &'a self,
        cloud: &'a Cloud,
        service: &'a Value,
        revision: &'a str,
        images: &'a [(Option<String>, String)],
    ) -> Pending<'a, String> {
        Box::pin(async move { revisions::register(clients(cloud, service).await?.as_ref(), revision, images).await })
    }

    fn facts<'a>(&'a self, cloud: &'a Cloud, service: &'a Value, group: &'a Group) -> Pending<'a, Facts> {
        Box::pin(async move { migration::facts(clients(cloud, service).await?.as_ref(), group).await })
    }

    fn proceed<'a>(&'a self, cloud: &'a Cloud, order: &'a Order, id: &'a str) -> Pending<'a, ()> {
        Box::pin(async move {
            let aws = clients(cloud, &order.service).await?;
            match order.controller {
                Controller::Gradual | Controller::Rolling => native::proceed(&aws, id).await,
                Controller::CodeDeploy | Controller::External => codedeploy::proceed(&aws, id).await,
            }
        })
    }
}
