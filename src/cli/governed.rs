//! Services of a stack with what their controllers know, for commands that look at them or tell them something. The
//! state is only read.

use super::Globals;
use super::failure::Failure;
use super::questions;
use super::run;
use super::stack::{Stack, StackArgs};
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Phase;
use crate::plan::{self, Connections, Mode, Options, Plan};
use crate::resource::Cloud;
use crate::rollout::appspec::AppSpec;
use crate::rollout::{Controllers, Governed, Group, Order, group_of, is_of_rollouts};
use crate::state::{self, State};
use crate::value::Value;

/// A stack, and what of it belongs to controllers.
pub(super) struct Seen {
    pub stack: Stack,
    plan: Plan,
    state: State,
}

/// One service.
pub(super) struct Service<'a> {
    pub address: &'a Address,
    pub governed: &'a Governed,
    pub attributes: &'a Value,
    pub cloud: &'a Cloud,
    pub controllers: &'a dyn Controllers,
}

/// Looks at the services of a stack.
pub(super) async fn see(args: &StackArgs, globals: &Globals) -> Result<Seen, Failure> {
    let mut stack = Stack::open(args, globals, Phase::Plan).await?;
    questions::ask(&mut stack, &args.values, &globals.shell)?;
    let mut store = stack.store(&args.state)?;
    let loaded = state::load(&mut store, &stack.around.clock).await.map_err(|problem| stack.fail(problem))?;
    let mut seen = Seen { stack, plan: Plan::default(), state: loaded.state };
    seen.refresh().await?;
    Ok(seen)
}

impl Seen {
    /// Looks again: reads the objects that have to do with deployments, and asks their controllers.
    async fn refresh(&mut self) -> Result<(), Failure> {
        let mut state = self.state.clone();
        state.instances.retain(|key, _| is_of_rollouts(key.address.type_name()));
        let options = Options { mode: Mode::RefreshOnly, ..Options::default() };
        let plan = plan::draw(run::request(&self.stack, &state, &options)).await;
        self.plan = plan.map_err(|report: Report| self.stack.fail(report))?;
        Ok(())
    }

    /// All services of the stack that exist.
    pub(super) fn services(&self) -> Result<Vec<Service<'_>>, Failure> {
        let Some(controllers) = self.stack.rollouts.as_deref() else {
            let text = "This glaz was built without the services of AWS that deploy.";
            return Err(self.stack.fail(Diagnostic::error("No deployment controllers", text)));
        };
        let service = |(address, governed)| {
            let object = self.plan.live.objects.get(address)?;
            let cloud = self.plan.connections.get(&Connections::parse(&object.provider))?;
            Some(Service { address, governed, attributes: &object.attributes, cloud, controllers })
        };
        Ok(self.plan.governance.services.iter().filter_map(service).collect())
    }

    /// The service with this name or address.
    pub(super) fn service(&self, name: &str) -> Result<Service<'_>, Failure> {
        let all = self.services()?;
        let names: Vec<String> = all.iter().map(|one| one.governed.name.clone()).collect();
        let mut fitting = all.into_iter().filter(|one| one.governed.name == name || one.address.to_string() == name);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => {
                let text = format!("Several services are called {name}. Give the address of one of them.");
                Err(self.stack.fail(Diagnostic::error("Ambiguous service", text)))
            }
            (None, _) => {
                let known = if names.is_empty() {
                    "The stack has none that exists.".to_owned()
                } else {
                    format!("There are: {}.", names.join(", "))
                };
                let text = format!("No service of the stack is called {name}. {known}");
                Err(self.stack.fail(Diagnostic::error("Unknown service", text)))
            }
        }
    }

    /// What was found out about objects that have to do with deployments.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is remembered.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// The deployment group of the stack that names the service, whoever deploys that now.
    pub(super) fn group_of(&self, service: &Service<'_>) -> Option<Address> {
        let objects = self.plan.live.objects.iter().map(|(address, object)| (address, &object.attributes));
        let group = group_of(objects, &service.governed.cluster, &service.governed.name)?;
        group.address?.parse().ok()
    }

    /// A failed call about a service.
    pub(super) fn failed(&self, error: &crate::resource::Error, address: &Address, doing: &str) -> Failure {
        self.stack.fail(plan::problem::from_error(error, address, doing))
    }

    /// Warnings of what could not be seen.
    pub(super) fn warnings(&self) -> Report {
        self.plan.warnings.clone()
    }
}

impl Service<'_> {
    /// What is deployed now, as an order for its group; `None` when no group names the service.
    pub(super) fn order(&self, description: &str) -> Option<Order> {
        let native = self.governed.controller.is_own().then(Group::default);
        let group = self.governed.group.clone().or(native)?;
        let mut spec = AppSpec::of(self.attributes).unwrap_or_default();
        if spec.task_definition.is_empty() {
            spec.task_definition = self.governed.task_definition.clone().unwrap_or_default();
        }
        Some(Order {
            service: self.attributes.clone(),
            cluster: self.governed.cluster.clone(),
            name: self.governed.name.clone(),
            controller: self.governed.controller,
            app: group.app.clone(),
            group: group.name.clone(),
            spec,
            description: description.to_owned(),
        })
    }
}
