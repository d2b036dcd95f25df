//! What a controller can be asked and told. `aws` implements it.

use std::collections::BTreeMap;

use super::appspec::AppSpec;
use super::migrate::Facts;
use super::observed::{Ask, Controller, Group, Observed, Running};
use super::trouble::Trouble;
use super::watch::Look;
use crate::address::Address;
use crate::resource::{Cloud, Pending};
use crate::value::Value;

/// A deployment to make or to look at.
#[derive(Clone, Debug)]
pub struct Order {
    /// All attributes of the service.
    pub service: Value,
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the service.
    pub name: String,
    /// Who brings it out.
    pub controller: Controller,
    /// Name of the application.
    pub app: String,
    /// Name of the deployment group.
    pub group: String,
    /// What is deployed.
    pub spec: AppSpec,
    /// What is said of it: names the run, so that a later one finds it again.
    pub description: String,
}

/// Functions that the last deployment called on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hooks {
    /// As its AppSpec names them.
    pub all: Vec<serde_json::Value>,
    /// Why they could not be found out, and what that means.
    pub note: Option<String>,
}

/// Health of what is registered in a target group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Name of the group.
    pub target_group: String,
    /// How many targets are in each state, such as `healthy`.
    pub states: BTreeMap<String, usize>,
    /// Targets that are not well, and why.
    pub problems: Vec<String>,
}

impl Health {
    /// How many targets are in a state.
    pub fn count(&self, state: &str) -> usize {
        self.states.get(state).copied().unwrap_or_default()
    }
}

/// The deployment controllers of an account.
pub trait Controllers: Send + Sync {
    /// Looks at services. Nothing is changed. A service that does not exist any more is left out.
    fn observe<'a>(&'a self, asks: &'a [Ask]) -> Pending<'a, BTreeMap<Address, Observed>>;
    /// The ARN of the revision that a name stands for.
    fn resolve<'a>(&'a self, cloud: &'a Cloud, service: &'a Value, name: &'a str) -> Pending<'a, String>;
    /// Functions that the last deployment called on its way, as its AppSpec names them.
    fn hooks<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, Hooks>;
    /// The deployment that is under way, if one is.
    fn running<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, Option<Running>>;
    /// The revision that the service runs, as the service names it.
    fn live<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, Option<String>>;
    /// Starts a deployment with one call; its id.
    fn start<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, String>;
    /// The deployment that was made last, of a service that ECS itself deploys.
    fn newest<'a>(&'a self, cloud: &'a Cloud, order: &'a Order) -> Pending<'a, Option<String>>;
    /// How far a deployment is.
    fn look<'a>(&'a self, cloud: &'a Cloud, order: &'a Order, id: &'a str) -> Pending<'a, Look>;
    /// Stops a deployment; traffic goes back when it `rolls_back`.
    fn stop<'a>(&'a self, cloud: &'a Cloud, order: &'a Order, id: &'a str, rolls_back: bool) -> Pending<'a, ()>;
    /// Health of what is registered in target groups, by their names.
    fn health<'a>(&'a self, cloud: &'a Cloud, service: &'a Value, names: &'a [String]) -> Pending<'a, Vec<Health>>;
    /// What went wrong lately with a service, and the alarms with these names.
    fn trouble<'a>(&'a self, cloud: &'a Cloud, order: &'a Order, alarms: &'a [String]) -> Pending<'a, Trouble>;
    /// The newest active revision of the family that is older than this one.
    fn revision_before<'a>(
        &'a self,
        cloud: &'a Cloud,
        service: &'a Value,
        revision: &'a str,
    ) -> Pending<'a, Option<String>>;
    /// Active revisions of the family that are newer than this one, whoever registered them.
    fn revisions_after<'a>(
        &'a self,
        cloud: &'a Cloud,
        definition: &'a Value,
        revision: &'a str,
    ) -> Pending<'a, Vec<String>>;
    /// Registers a revision like this one with other images, by name of the container or for the only one; its ARN.
    fn register<'a>(
        &'a self,
        cloud: &'a Cloud,
        service: &'a Value,
        revision: &'a str,
        images: &'a [(Option<String>, String)],
    ) -> Pending<'a, String>;
    /// What a migration to ECS's own blue/green needs to know of a service that CodeDeploy deploys. Nothing is changed.
    fn facts<'a>(&'a self, cloud: &'a Cloud, service: &'a Value, group: &'a Group) -> Pending<'a, Facts>;
    /// Lets a deployment go on that waits for it.
    fn proceed<'a>(&'a self, cloud: &'a Cloud, order: &'a Order, id: &'a str) -> Pending<'a, ()>;
}
