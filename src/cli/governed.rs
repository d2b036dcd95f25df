//! Services of a stack with what their controllers know, for commands that look at them or tell them something. A command
//! that changes what a service runs holds the lock of the state meanwhile and records what came of it.

use super::Globals;
use super::ending::{self, SAVED};
use super::failure::Failure;
use super::questions;
use super::run;
use super::stack::{Stack, StackArgs};
use crate::address::Address;
use crate::apply::Stop;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Phase;
use crate::plan::{self, Connections, Options, Plan, Purpose};
use crate::resource::Cloud;
use crate::rollout::appspec::AppSpec;
use crate::rollout::pace::Pace;
use crate::rollout::{Controllers, Governed, Order, group_of, is_of_rollouts, own_pace};
use crate::state::{self, Instance, InstanceKey, Loaded, Saved, State, Store};
use crate::value::Value;

/// A stack, and what of it belongs to controllers.
pub(super) struct Seen {
    pub stack: Stack,
    plan: Plan,
    state: State,
    /// The state, locked, of a command that records what it did.
    held: Option<(Store, Loaded)>,
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
    look(args, None, globals).await
}

/// The same for a command that changes what they run: nobody else changes anything of the stack until it has recorded
/// that.
pub(super) async fn see_locked(args: &StackArgs, operation: &str, globals: &Globals) -> Result<Seen, Failure> {
    look(args, Some(operation), globals).await
}

async fn look(args: &StackArgs, operation: Option<&str>, globals: &Globals) -> Result<Seen, Failure> {
    let mut stack = Stack::open(args, globals, Phase::Plan).await?;
    questions::ask(&mut stack, &args.values, &globals.shell)?;
    let mut store = stack.store(&args.state)?;
    if let Some(operation) = operation {
        let taken = args.state.locking.take(&mut store, globals, operation).await;
        taken.map_err(|problem| stack.fail(problem))?;
    }
    let loaded = state::load(&mut store, &stack.around.clock).await.map_err(|problem| stack.fail(problem))?;
    let mut seen = Seen { stack, plan: Plan::default(), state: loaded.state.clone(), held: None };
    let looked = match operation {
        Some(_) if loaded.unseen().next().is_some() => Err(seen.stack.fail(super::edit::interrupted(&loaded))),
        _ => seen.refresh().await,
    };
    if operation.is_some() {
        seen.held = Some((store, loaded));
    }
    match looked {
        Ok(()) => Ok(seen),
        Err(failure) => Err(with_problem(failure, seen.unlock(&Stop::default()).await)),
    }
}

/// A failure with what else went wrong.
fn with_problem(mut failure: Failure, also: Result<(), Failure>) -> Failure {
    failure.report.extend(also.err().unwrap_or_default().report);
    failure
}

fn unrecorded() -> Diagnostic {
    let text = "The command was stopped, and what is live now could not be read and written into the state in time. The next plan reads it.";
    Diagnostic::error("The state was not brought up to date", text)
}

impl Seen {
    /// Looks again: reads the objects that have to do with deployments, and asks their controllers.
    async fn refresh(&mut self) -> Result<(), Failure> {
        let options = Options { mode: Purpose::RefreshOnly, reads: is_of_rollouts, ..Options::default() };
        let plan = plan::draw(run::request(&self.stack, &self.state, &options)).await;
        self.plan = plan.map_err(|report: Report| self.stack.fail(report))?;
        Ok(())
    }

    /// Looks again after a while: at the state, which others may have written, and at what exists.
    pub(super) async fn again(&mut self, args: &StackArgs) -> Result<(), Failure> {
        let mut store = self.stack.store(&args.state)?;
        let loaded = state::load(&mut store, &self.stack.around.clock).await;
        self.state = loaded.map_err(|problem| self.stack.fail(problem))?.state;
        self.refresh().await
    }

    async fn unlock(&mut self, stop: &Stop) -> Result<(), Failure> {
        let Some((mut store, _)) = self.held.take() else { return Ok(()) };
        ending::unlock(&mut store, stop).await.map_err(|problem| self.stack.fail(problem))
    }

    /// Ends a command that held the lock: what is live now goes into the state, also after a failure, and the lock is let
    /// go. `done` is what came of the command; `went_back` is the service that it told to go back, and the older revision: the
    /// deployment of that may go on after the command, and where it fails the note is about nothing that runs. After a
    /// signal all of it takes no longer than the end of a run.
    pub(super) async fn end(
        mut self,
        command: &str,
        done: Result<(), Failure>,
        went_back: Option<(Address, String)>,
        stop: &Stop,
        globals: &Globals,
    ) -> Result<(), Failure> {
        let recorded = stop.within(SAVED, self.record(command, went_back)).await;
        let recorded = recorded.unwrap_or_else(|| Err(self.stack.fail(unrecorded())));
        let recorded = match (recorded, &self.held) {
            (Ok(Some(saved)), Some((store, _))) => {
                globals.warn(&ending::tidy(saved, store, stop).await, &self.stack.sources);
                Ok(())
            }
            (recorded, _) => recorded.map(drop),
        };
        let unlocked = self.unlock(stop).await;
        match (done, recorded.and(unlocked)) {
            (Ok(()), recorded) => recorded,
            (Err(failure), recorded) => Err(with_problem(failure, recorded)),
        }
    }

    /// Writes objects that have to do with deployments into the state as they are now.
    async fn record(&mut self, command: &str, went_back: Option<(Address, String)>) -> Result<Option<Saved>, Failure> {
        let Some((mut store, loaded)) = self.held.take() else { return Ok(None) };
        let written = self.write(&mut store, &loaded, command, went_back).await;
        self.held = Some((store, loaded));
        written
    }

    async fn write(
        &mut self,
        store: &mut Store,
        loaded: &Loaded,
        command: &str,
        went_back: Option<(Address, String)>,
    ) -> Result<Option<Saved>, Failure> {
        self.refresh().await?;
        let mut state = loaded.state.clone();
        let objects = self.plan.live.objects.iter();
        for (address, object) in objects.filter(|(address, _)| is_of_rollouts(address.type_name())) {
            let resource = self.stack.registry.resource(address.type_name());
            let old = state.instances.get_mut(&InstanceKey::current(address.clone()));
            let (Some(resource), Some(old)) = (resource, old) else { continue };
            let (version, ty) = (resource.schema_version(), &resource.schema().ty);
            let now = Instance::new(&object.provider, version, &object.attributes, ty);
            let now = now.map_err(|problem| self.stack.fail(problem))?;
            old.schema_version = now.schema_version;
            old.attributes = now.attributes;
            old.sensitive_attributes = now.sensitive_attributes;
            if let Some((_, revision)) = went_back.as_ref().filter(|(service, _)| service == address) {
                plan::rollouts::remember_way_back(old, revision);
            }
        }
        if state == loaded.state {
            return Ok(None);
        }
        let clock = &self.stack.around.clock;
        let journal = state::begin(store, loaded, command, clock).await.map_err(|problem| self.stack.fail(problem))?;
        let saved = state::save(store, journal, &state, &loaded.open, clock).await;
        saved.map(Some).map_err(|problem| self.stack.fail(problem))
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
    /// How ECS deploys it; `None` where somebody else does.
    pub(super) fn strategy(&self) -> Option<String> {
        self.governed.controller.is_own().then(|| own_pace(self.attributes).0)
    }

    /// How long its deployments take.
    pub(super) fn pace(&self) -> Pace {
        if self.governed.controller.is_own() {
            return own_pace(self.attributes).1;
        }
        self.governed.group.as_ref().map(|group| group.pace).unwrap_or_default()
    }

    /// What is deployed now, as an order for its group; `None` when no group names the service.
    pub(super) fn order(&self, description: &str) -> Option<Order> {
        let is_own = self.governed.controller.is_own();
        (is_own || self.governed.group.is_some()).then(|| self.named(description))
    }

    /// What is deployed now; without the names of a group where no group names the service.
    pub(super) fn named(&self, description: &str) -> Order {
        let group = self.governed.group.clone().unwrap_or_default();
        let mut spec = AppSpec::of(self.attributes).unwrap_or_default();
        if spec.task_definition.is_empty() {
            spec.task_definition = self.governed.task_definition.clone().unwrap_or_default();
        }
        Order {
            service: self.attributes.clone(),
            cluster: self.governed.cluster.clone(),
            name: self.governed.name.clone(),
            controller: self.governed.controller,
            app: group.app.clone(),
            group: group.name.clone(),
            spec,
            description: description.to_owned(),
        }
    }
}
