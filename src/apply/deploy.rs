//! Steps that a deployment controller carries out: a new revision is brought out and watched, and old revisions are
//! kept for the way back.

use std::time::Duration;

use super::job::Event;
use super::rollback::Done;
use super::run_step::{Runner, Work, limits, problem_of};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Desired;
use crate::plan::ignore::is_ignored;
use crate::plan::live::{copy_marks, mark_schema};
use crate::plan::rollouts::forget_way_back;
use crate::plan::sharing::{self, Returned};
use crate::plan::{Action, Change, known};
use crate::resource::{Error, Id, Wanted};
use crate::rollout::appspec::AppSpec;
use crate::rollout::observed::{last_part, revision};
use crate::rollout::pace::Pace;
use crate::rollout::{self, Ask, Choices, Controller, Controllers, DEPLOYED, Drive, Order, Point, Rollout, configured};
use crate::state::{Instance, InstanceKey};
use crate::value::Value;

/// How often a deployment is looked at.
const LOOK: Duration = Duration::from_secs(10);
/// The type whose old revisions are kept.
const REVISION: &str = "aws_ecs_task_definition";
/// How long a stopped deployment may take to bring its traffic back, where the object has no longer time limit.
const WAY_BACK: Duration = Duration::from_secs(1800);
/// The type of services.
const SERVICE: &str = "aws_ecs_service";
/// The type of deployment groups.
const GROUP: &str = "aws_codedeploy_deployment_group";
/// The note of a revision that names older ones that are kept.
const KEPT: &str = "kept";

/// The planned service with what only a deployment can change as it is.
pub(super) fn without_deployed(planned: &Value, before: &Value) -> Value {
    let mut entries = planned.entries().cloned().unwrap_or_default();
    for name in DEPLOYED {
        if let Some(value) = before.get(name) {
            entries.insert((*name).into(), value.clone());
        }
    }
    Value { marks: planned.marks.clone(), ..Value::object(entries) }
}

impl Runner<'_> {
    /// Whether a deployment follows this step.
    pub(super) fn deploys(&self, work: &Work<'_>) -> bool {
        work.step.what == crate::plan::What::Update && self.job.plan.rollouts.contains_key(&work.step.address)
    }

    /// What to remember as configured once the step is done.
    pub(super) fn configured(&self, work: &Work<'_>, want: &Desired) -> Option<Value> {
        let is_ignored = |name: &str| is_ignored(&want.lifecycle.ignore_changes, name);
        let (type_name, schema) = (work.step.address.type_name(), work.resource.schema());
        let said = sharing::by_own_name(&self.job.plan.sharing, &want.config);
        let now = configured::configured(type_name, schema, &said, &is_ignored)?;
        if !self.deploys(work) {
            return Some(now);
        }
        let kept = now.entries()?.iter().filter(|(name, _)| !DEPLOYED.contains(&&***name));
        Some(Value::object(kept.map(|(name, value)| (name.clone(), value.clone())).collect()))
    }

    /// Brings a change out by a deployment, and records what is live then.
    pub(super) async fn deploy(&self, work: &Work<'_>) -> Result<String, Report> {
        let address = &work.step.address;
        let (Some(controllers), Some(rollout)) = (self.job.rollouts, self.job.plan.rollouts.get(address)) else {
            return Err(Diagnostic::bug(format!("Nobody can deploy {address}")).into());
        };
        let before = &work.change.before;
        let (want, planned, _) = self.wanted(work, Some(before))?;
        let asked = known(&planned);
        self.images(work, &want, &asked).await?;
        let fail = |error: &Error| problem_of(work, &want, error, "Deploying");
        let id = work.resource.id(before).map_err(|error| fail(&error))?;
        let current = InstanceKey::current(address.clone());
        if let Some(mut service) = self.record.remembered(&current)
            && forget_way_back(&mut service)
        {
            self.record.set(vec![(current, Some(service))]).await?;
        }
        self.record.intent(work.step, work.change, &asked, Some(&id), false, false).await?;
        // With the values that are final now nothing may be left to deploy.
        let differs = |name: &&&str| before.get(name).map(Value::unmarked) != asked.get(name).map(Value::unmarked);
        let result = if rollout.controller.is_own() {
            self.bring_out_by_ecs(work, controllers, rollout, (&known(before), &asked), &id).await
        } else if DEPLOYED.iter().any(|name| differs(&name)) {
            self.bring_out(work, controllers, rollout, &asked).await
        } else {
            Ok(true)
        };
        let prior = if result.is_ok() { asked } else { known(before) };
        let wanted = Wanted { id, prior: prior.clone() };
        let found = self.reader.read(&work.resource, &work.cloud, &work.provider, wanted).await;
        let seen = found.as_ref().ok().and_then(Option::as_ref).map(|found| found.attributes.clone());
        let value = mark_schema(work.resource.schema(), &copy_marks(&planned, &seen.unwrap_or(prior)));
        let has_traffic = result.as_ref().is_ok_and(|has_traffic| *has_traffic);
        let configured = self.configured(work, &want).filter(|_| has_traffic);
        let resource = work.resource.as_ref();
        self.record
            .became(work.step, work.change, resource, &value, false, configured.as_ref(), result.is_ok())
            .await?;
        if result.is_err() && self.job.rollback {
            let seen = found.as_ref().ok().and_then(Option::as_ref).map(|found| &found.attributes);
            let is_back = self.is_back(work, seen).await;
            self.did(|| (!is_back).then(|| Done::Deployed { step: work.step.clone(), is_certain: false }));
        }
        result.map_err(|error| fail(&error))?;
        found.map_err(|error| fail(&error))?;
        self.known.borrow_mut().set(address, value.clone());
        let shown = value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.evaluator.borrow_mut().settle(address, value)?;
        Box::pin(self.turned_by(address)).await?;
        Ok(shown)
    }

    async fn bring_out(
        &self,
        work: &Work<'_>,
        controllers: &dyn Controllers,
        rollout: &Rollout,
        asked: &Value,
    ) -> Result<bool, Error> {
        let order = self.order(work, controllers, rollout, asked).await?;
        let pace = (&rollout.group.pace, rollout.from.as_deref());
        self.driving(work, controllers, &order, pace, &|| false, async |drive| drive.bring_out().await).await
    }

    /// Changes the service, which starts a deployment of ECS's own, and follows that.
    async fn bring_out_by_ecs(
        &self,
        work: &Work<'_>,
        controllers: &dyn Controllers,
        rollout: &Rollout,
        (have, asked): (&Value, &Value),
        id: &Id,
    ) -> Result<bool, Error> {
        let mut order = rollout.order(asked.clone(), AppSpec::of(asked).unwrap_or_default(), String::new());
        if let Some(revision) = asked.get("task_definition").and_then(Value::as_str) {
            revision.clone_into(&mut order.spec.task_definition);
        }
        let [_, limit, _] = limits(work, asked);
        let clock = &self.job.around.clock;
        let end = clock.steady() + limit;
        // Steps, bakes and hooks of the others take as long as they are told to.
        let is_late = || rollout.controller == Controller::Rolling && clock.steady() > end;
        let pace = (&rollout.group.pace, rollout.from.as_deref());
        let change = async |drive: Drive<'_>| self.change_by_ecs(work, rollout, drive, (have, asked), id, limit).await;
        self.driving(work, controllers, &order, pace, &is_late, change).await
    }

    async fn change_by_ecs(
        &self,
        work: &Work<'_>,
        rollout: &Rollout,
        drive: Drive<'_>,
        (have, asked): (&Value, &Value),
        id: &Id,
        limit: Duration,
    ) -> Result<bool, Error> {
        let (controllers, order) = (drive.controllers, drive.order);
        if let Some(running) = rollout.running.as_ref().filter(|_| work.change.action == Action::NoOp) {
            self.tell(work, &format!("{} is under way: following it", running.name()));
            return drive.follow(&running.id).await;
        }
        drive.room().await?;
        drive.is_current().await?;
        let before = controllers.newest(&work.cloud, order).await?;
        let patience = self.patience(work, limit);
        self.patiently(work, patience, || work.resource.update(&work.cloud, id, have, asked)).await?;
        match controllers.newest(&work.cloud, order).await?.filter(|made| before.as_ref() != Some(made)) {
            Some(made) => {
                self.tell(
                    work,
                    &format!("{}: started, {}", last_part(&made), rollout.group.pace.words(&rollout.service)),
                );
                drive.follow(&made).await
            }
            // What changed needs none.
            None => Ok(true),
        }
    }

    async fn order(
        &self,
        work: &Work<'_>,
        controllers: &dyn Controllers,
        rollout: &Rollout,
        asked: &Value,
    ) -> Result<Order, Error> {
        let mut spec = AppSpec::of(asked).ok_or_else(|| {
            let text = "A deployment needs a task definition and one `load_balancer` block with container and port.";
            Error::local("CreateDeployment", text)
        })?;
        spec.task_definition = controllers.resolve(&work.cloud, asked, &spec.task_definition).await?;
        let description = format!("glaz {}: {}", self.record.run(), work.step.address);
        let mut order = rollout.order(asked.clone(), spec, description);
        let hooks = controllers.hooks(&work.cloud, &order).await?;
        hooks.note.iter().for_each(|note| self.tell(work, note));
        order.spec.hooks = hooks.all;
        Ok(order)
    }

    /// Carries a deployment out with what this run has: its choices, its clock, and who watches. `pace` is how long it takes,
    /// with the revision that it goes on from.
    async fn driving<T>(
        &self,
        work: &Work<'_>,
        controllers: &dyn Controllers,
        order: &Order,
        (pace, from): (&Pace, Option<&str>),
        is_late: &dyn Fn() -> bool,
        act: impl AsyncFnOnce(Drive<'_>) -> T,
    ) -> T {
        let choices = self.choices(work);
        act(Drive {
            controllers,
            cloud: &work.cloud,
            order,
            pace,
            choices: &choices,
            from,
            pause: &|| Box::pin(self.pause()),
            tell: &|line| self.tell(work, line),
            is_late,
            progress: &|text| self.progress(work, text),
        })
        .await
    }

    /// What the person chose; where others need to know what comes of the deployment it is followed at least until then.
    fn choices(&self, work: &Work<'_>) -> Choices {
        let choices = self.job.choices.clone();
        if choices.wait.has_traffic() || !self.job.plan.live.turned.is_needed(&work.step.address) {
            return choices;
        }
        self.tell(work, "what it brings out is needed by others: it is followed until all traffic has moved");
        Choices { wait: Point::Traffic, ..choices }
    }

    /// Waits until the next look; whether the person asked to stop.
    async fn pause(&self) -> bool {
        if !self.job.stop.is_asked() {
            tokio::select! {
                () = self.job.around.clock.sleep(LOOK) => {}
                () = self.job.stop.asked() => {}
            }
        }
        self.job.stop.is_asked()
    }

    fn tell(&self, work: &Work<'_>, line: &str) {
        let kind = "deployment".to_owned();
        (self.job.watch)(Event::Output { address: work.step.address.clone(), kind, line: line.to_owned() });
    }

    /// Before a deployment group goes, or a service that ECS itself deploys step by step: stops what is under way, since nobody
    /// could any more, and waits until the traffic is back.
    pub(super) async fn end_deployment(&self, work: &Work<'_>) -> Result<(), Report> {
        let before = known(&work.change.before);
        let controller = match work.step.address.type_name() {
            GROUP => Controller::CodeDeploy,
            SERVICE if rollout::controller(&before) == Controller::Gradual => Controller::Gradual,
            _ => return Ok(()),
        };
        let Some(controllers) = self.job.rollouts else { return Ok(()) };
        let (cluster, name) =
            rollout::service_key(&before).filter(|_| controller == Controller::Gradual).unwrap_or_default();
        let text = |name: &str| before.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let order = Order {
            app: text("app_name"),
            group: text("deployment_group_name"),
            cluster,
            name,
            controller,
            spec: AppSpec::default(),
            description: String::new(),
            service: before,
        };
        let fail = |error: Error| -> Report {
            crate::plan::problem::from_error(&error, &work.step.address, "Stopping the deployment of").into()
        };
        let Some(running) = controllers.running(&work.cloud, &order).await.map_err(fail)? else { return Ok(()) };
        let [_, _, limit] = limits(work, &order.service);
        let clock = &self.job.around.clock;
        let end = clock.steady() + limit.max(WAY_BACK);
        let (pace, is_late) = ((&Pace::default(), None), || clock.steady() > end);
        // Where the way back fails nothing is left to wait for: what goes away needs no traffic.
        let stopped = async |drive: Drive<'_>| drive.stop(&running).await.map(drop);
        self.driving(work, controllers, &order, pace, &is_late, stopped).await.map_err(fail)
    }

    /// Whether the old revision gives way to one that a deployment brings out, or to one that somebody else brings out in
    /// place of what a service runs: it stays for the way back.
    pub(super) fn is_kept(&self, work: &Work<'_>) -> bool {
        let plan = self.job.plan;
        if work.step.address.type_name() != REVISION {
            return false;
        }
        if work.change.deposed.is_some() {
            return self.is_left_behind(work);
        }
        let is_replaced = work.change.action == (Action::Replace { create_first: true });
        let uses = |change: &Change| {
            plan.rollouts.contains_key(&change.address) && change.dependencies.contains(&work.step.address)
        };
        let is_running = plan.governance.revision(&work.step.address).is_some();
        is_replaced && (is_running || plan.changes.iter().any(uses))
    }

    /// Whether a run that failed or was killed left it behind its successor, which a service runs or is to run. One that
    /// is newer than what is current never came so far that anybody could want it back.
    fn is_left_behind(&self, work: &Work<'_>) -> bool {
        let plan = self.job.plan;
        let number = |object: &Value| object.get("revision").and_then(Value::as_i64);
        let is_current = |one: &&Change| one.address == work.step.address && one.deposed.is_none();
        let current = plan.changes.iter().find(is_current).filter(|one| one.action != Action::Delete);
        let is_older = current.is_some_and(|current| number(&work.change.before) < number(&current.before));
        is_older && plan.governance.revision(&work.step.address).is_some()
    }

    /// Keeps the old revision with those before it; the oldest go, but none that a set of tasks runs.
    pub(super) async fn keep(&self, work: &Work<'_>) -> Result<(), Report> {
        let fail = |error: &Error| -> Report {
            crate::plan::problem::from_error(error, &work.step.address, "Deregistering old revisions of").into()
        };
        let _keeping = self.keeping.lock().await;
        let current = InstanceKey::current(work.step.address.clone());
        let old = self.record.key_of(work.step, work.change);
        let mut kept = self.record.remembered(&old).map(|instance| kept_of(&instance)).unwrap_or_default();
        kept.extend(work.change.before.get("arn").and_then(Value::as_str).map(str::to_owned));
        // What a pipeline registered and the new revision goes on from.
        let theirs = self.job.plan.sharing.get(&work.step.address).filter(|one| one.has_say);
        kept.extend(theirs.map(|one| one.live.clone()));
        // Of several that are left behind each keeps itself.
        kept.extend(self.record.remembered(&current).map(|instance| kept_of(&instance)).unwrap_or_default());
        let kept = in_order(kept);
        let in_use = self.in_use(work).await.map_err(|error| fail(&error))?;
        let excess = kept.len().saturating_sub(self.job.choices.keep);
        let (mut gone, mut stay) = (Vec::new(), Vec::new());
        for (at, arn) in kept.into_iter().enumerate() {
            if at < excess && !in_use.contains(&arn) { gone.push(arn) } else { stay.push(arn) }
        }
        for arn in &gone {
            self.deregister(work, arn).await.map_err(|error| fail(&error))?;
        }
        self.tell(
            work,
            &format!("the old revision stays for the way back; {} kept, {} deregistered", stay.len(), gone.len()),
        );
        let Some(mut instance) = self.record.remembered(&current) else { return Ok(()) };
        stay.extend(kept_of(&instance).into_iter().filter(|arn| !gone.contains(arn)));
        instance.set_note(KEPT, Some(in_order(stay).into()));
        self.record.set(vec![(current, Some(instance)), (old, None)]).await
    }

    /// Remembers with a new revision the one of a pipeline's that it goes on from: it goes with the resource.
    pub(super) async fn keep_theirs(&self, work: &Work<'_>) -> Result<(), Report> {
        let theirs = self.job.plan.sharing.get(&work.step.address).filter(|one| one.has_say);
        let _keeping = self.keeping.lock().await;
        let current = InstanceKey::current(work.step.address.clone());
        let (Some(theirs), Some(mut instance)) = (theirs, self.record.remembered(&current)) else { return Ok(()) };
        let kept = kept_of(&instance).into_iter().chain([theirs.live.clone()]);
        instance.set_note(KEPT, Some(in_order(kept).into()));
        self.record.set(vec![(current, Some(instance))]).await
    }

    /// Revisions that sets of tasks run at the moment.
    async fn in_use(&self, work: &Work<'_>) -> Result<Vec<String>, Error> {
        let Some(controllers) = self.job.rollouts else { return Ok(Vec::new()) };
        let plan = self.job.plan;
        let ask = |change: &Change| {
            let governed = plan.governance.services.get(&change.address)?;
            Some(Ask {
                address: change.address.clone(),
                cloud: work.cloud.clone(),
                service: known(&change.before),
                controller: governed.controller,
                group: governed.group.clone(),
            })
        };
        let asks: Vec<Ask> = plan.changes.iter().filter_map(ask).collect();
        let seen = controllers.observe(&asks).await?;
        Ok(seen.into_values().flat_map(|one| one.task_sets).map(|set| set.task_definition).collect())
    }

    /// Deregisters what was kept with a revision that goes, and with the last one what a pipeline made of it since.
    pub(super) async fn delete_kept(&self, work: &Work<'_>) -> Result<(), Report> {
        if work.step.address.type_name() != REVISION {
            return Ok(());
        }
        let key = self.record.key_of(work.step, work.change);
        let mut gone = self.record.remembered(&key).map(|instance| kept_of(&instance)).unwrap_or_default();
        let fail = |error: Error| {
            let doing = "Deregistering old revisions of";
            Report::from(crate::plan::problem::from_error(&error, &work.step.address, doing))
        };
        let before = known(&work.change.before);
        let own = before.get("arn").and_then(Value::as_str).map(str::to_owned);
        // An undoing takes back its own revision alone.
        let is_undoing = work.step.number >= self.job.plan.steps.len();
        let is_last = work.change.action == Action::Delete && work.change.deposed.is_none() && !is_undoing;
        let oldest = gone.iter().chain(&own).min_by_key(|arn| revision(arn).1).cloned();
        let stays = before.get("skip_destroy").and_then(Value::as_bool) == Some(true);
        if let (Some(controllers), Some(oldest), true) = (self.job.rollouts, oldest, is_last && !stays) {
            let newer = match controllers.revisions_after(&work.cloud, &before, &oldest).await {
                Err(error) if error.is_denied() => {
                    self.tell(work, "newer revisions, such as a pipeline registers, are not looked for: ecs:ListTaskDefinitions is not allowed");
                    Vec::new()
                }
                other => other.map_err(fail)?,
            };
            gone.extend(newer.into_iter().filter(|arn| Some(arn) != own.as_ref()));
            gone.sort();
            gone.dedup();
        }
        for arn in &gone {
            self.deregister(work, arn).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn deregister(&self, work: &Work<'_>, arn: &str) -> Result<(), Error> {
        let mut entries = known(&work.change.before).entries().cloned().unwrap_or_default();
        entries.insert("arn".into(), arn.into());
        match work.resource.delete(&work.cloud, &arn.to_owned(), &Value::object(entries)).await {
            Err(error) if error.is(work.resource.missing()) => Ok(()),
            other => other,
        }
    }
}

/// Notes that an older revision became the stack's own again, and that this one is kept in its place.
pub(super) fn swap_kept(instance: &mut Instance, returned: &Returned) {
    let mut kept = kept_of(instance);
    kept.retain(|arn| *arn != returned.live);
    kept.push(returned.gone.clone());
    instance.set_note(KEPT, Some(in_order(kept).into()));
}

/// Each revision once, the oldest first.
fn in_order(revisions: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = revisions.into_iter().collect();
    all.sort_by_cached_key(|arn| (revision(arn).1, arn.clone()));
    all.dedup();
    all
}

/// Older revisions that are kept with this one.
fn kept_of(instance: &Instance) -> Vec<String> {
    let note = instance.note(KEPT);
    let all = note.as_ref().and_then(serde_json::Value::as_array).into_iter().flatten();
    all.filter_map(|arn| arn.as_str().map(str::to_owned)).collect()
}
