//! Carries a deployment out: makes room for it, starts it, and follows it as far as was asked for.

use std::pin::Pin;

use super::controllers::{Controllers, Health, Order};
use super::observed::{Running, last_part, revision, target_group_name};
use super::pace::{Pace, go_on};
use super::watch::{Choices, Look, OnRunning, Point, Status, Verdict, Watch};
use crate::resource::{Cloud, Error};

/// How often a deployment is started again after a call without a clear answer.
const TRIES: u32 = 3;

/// How often a stopped deployment is looked at for the one that brings its traffic back, which starts a moment later.
const LOOKS_AFTER: u32 = 3;

/// How often health is looked at while first checks are not over: five minutes, when it is every ten seconds.
const LOOKS_AT_HEALTH: u32 = 30;

/// Waits until the next look; the answer is whether somebody asked to stop.
pub type Pause<'a> = &'a dyn Fn() -> Pin<Box<dyn Future<Output = bool> + 'a>>;

/// How it ended that a deployment was stopped.
pub struct Stopped {
    /// What brought its traffic back, where something did.
    pub back: Option<String>,
    /// Whether that went well.
    is_well: bool,
}

impl Stopped {
    /// The same.
    ///
    /// # Errors
    /// What was to bring the traffic back failed.
    pub fn well(self) -> Result<Self, Error> {
        let Some(back) = self.back.as_deref().filter(|_| !self.is_well) else { return Ok(self) };
        let text = format!(
            "{} was to bring the traffic back, and failed. See where the requests go with glaz status, and bring out a revision that works.",
            last_part(back)
        );
        Err(Error::titled("The traffic was not brought back", text))
    }
}

/// What carrying out works with.
#[derive(Clone, Copy)]
pub struct Drive<'a> {
    /// Who is asked and told.
    pub controllers: &'a dyn Controllers,
    /// The connection.
    pub cloud: &'a Cloud,
    /// What is deployed.
    pub order: &'a Order,
    /// How long it takes, for words.
    pub pace: &'a Pace,
    /// What the person chose.
    pub choices: &'a Choices,
    /// The revision that what is deployed goes on from: nothing newer may run. `None` when that does not matter.
    pub from: Option<&'a str>,
    /// Waits until the next look.
    pub pause: Pause<'a>,
    /// Takes lines about what is new.
    pub tell: &'a dyn Fn(&str),
    /// Whether it has taken longer than it may.
    pub is_late: &'a dyn Fn() -> bool,
    /// Takes what it waits for, such as "Install, 1 of 2 new tasks running".
    pub progress: &'a dyn Fn(&str),
}

impl Drive<'_> {
    /// Starts the deployment, or takes up one that brings out the same, and follows it. Whether all traffic has moved.
    ///
    /// # Errors
    /// It could not be started, it failed, or somebody asked to stop.
    pub async fn bring_out(&self) -> Result<bool, Error> {
        let mut last = None;
        for _ in 0..TRIES {
            if let Some(running) = self.controllers.running(self.cloud, self.order).await? {
                if running.digest.as_deref() == Some(&self.order.spec.digest()) {
                    (self.tell)(&format!("{} brings this out already: following it", running.name()));
                    return self.follow(&running.id).await;
                }
                self.make_room(&running).await?;
            }
            self.is_current().await?;
            match self.controllers.start(self.cloud, self.order).await {
                Ok(id) => {
                    (self.tell)(&format!("{}: started, {}", last_part(&id), self.pace.words(&self.order.name)));
                    return self.follow(&id).await;
                }
                // It may have been started all the same, or somebody was quicker.
                Err(error) if error.is_uncertain() || error.is(&["DeploymentLimitExceededException"]) => {
                    last = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(last.unwrap_or_else(|| Error::local("CreateDeployment", "No deployment could be started.")))
    }

    /// Makes sure that nobody brought out another revision since the plan was made: a deployment now would take back what
    /// it changed.
    ///
    /// # Errors
    /// Somebody did, or a call failed.
    pub async fn is_current(&self) -> Result<(), Error> {
        let Some(from) = self.from else { return Ok(()) };
        let Some(live) = self.controllers.live(self.cloud, self.order).await? else { return Ok(()) };
        match (revision(from), revision(&live)) {
            ((family, Some(planned)), (now, Some(number))) if family == now && number > planned => Err(Error::titled(
                "Another revision went live",
                format!(
                    "Service {} ran revision {planned} when this was planned, and runs revision {number} now: a deployment would take back what that one changed. Nothing was deployed. Run the command again to plan with both changes.",
                    self.order.name
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Does what the person chose when a deployment is under way.
    ///
    /// # Errors
    /// The choice is to give up, a call failed, or somebody asked to stop.
    pub async fn room(&self) -> Result<(), Error> {
        match self.controllers.running(self.cloud, self.order).await? {
            Some(running) => self.make_room(&running).await,
            None => Ok(()),
        }
    }

    /// Does what the person chose about a deployment of something else that is under way.
    async fn make_room(&self, running: &Running) -> Result<(), Error> {
        match self.choices.on_running {
            OnRunning::Fail => {
                return Err(Error::titled(
                    "A deployment is under way",
                    format!(
                        "Deployment {} of service {} is under way ({}), and one at a time is all that goes well. Nothing was deployed. Wait until it is over, or say what to do about it:\n\n    -on-running=wait\n    -on-running=supersede",
                        running.name(),
                        self.order.name,
                        running.status
                    ),
                ));
            }
            OnRunning::Wait => (self.tell)(&format!("waiting until deployment {} is over", running.name())),
            OnRunning::Supersede => return self.stop(running).await?.well().map(drop),
        }
        self.until_free().await
    }

    /// Stops a deployment and waits until its traffic is back. One that brings traffic back itself is left to do so:
    /// stopped half-way, nobody would.
    ///
    /// # Errors
    /// A call failed, it takes too long, or somebody asked to stop.
    pub async fn stop(&self, running: &Running) -> Result<Stopped, Error> {
        let id = running.id.as_str();
        if running.brings_back {
            (self.tell)(&format!("{} brings the traffic back already: waiting until it is over", running.name()));
            self.until_free().await?;
            let look = self.controllers.look(self.cloud, self.order, id).await?;
            return Ok(Stopped {
                back: Some(id.to_owned()),
                is_well: look.status == Status::Succeeded || look.is_back,
            });
        }
        (self.tell)(&format!("stopping deployment {}", running.name()));
        self.controllers.stop(self.cloud, self.order, id, true).await?;
        let mut looks_after = LOOKS_AFTER;
        let look = loop {
            let look = self.controllers.look(self.cloud, self.order, id).await?;
            if look.status.is_over() {
                if look.rollback.is_some() || look.is_back || looks_after == 0 {
                    break look;
                }
                looks_after -= 1;
            }
            self.wait_on(id, "being stopped").await?;
        };
        let mut is_well = true;
        if let Some(back) = &look.rollback {
            is_well = loop {
                let look = self.controllers.look(self.cloud, self.order, back).await?;
                if look.status.is_over() {
                    break look.status == Status::Succeeded;
                }
                self.wait_on(back, "bringing the traffic back").await?;
            };
        }
        self.until_free().await?;
        Ok(Stopped { back: look.rollback, is_well })
    }

    /// Waits until no deployment is under way.
    ///
    /// # Errors
    /// A look failed, it takes too long, or somebody asked to stop.
    pub async fn until_free(&self) -> Result<(), Error> {
        while let Some(running) = self.controllers.running(self.cloud, self.order).await? {
            self.wait_on(&running.id, &running.status).await?;
        }
        Ok(())
    }

    /// Waits before the next look at a deployment, unless that takes too long.
    async fn wait_on(&self, id: &str, status: &str) -> Result<(), Error> {
        let name = last_part(id);
        (self.progress)(&format!("deployment {name} is {status}"));
        if (self.is_late)() {
            let text = format!(
                "It was waited for the end of deployment {name}, which is still {status} after the time limit; it goes on. Run the command again to wait on."
            );
            return Err(Error::titled("The deployment takes too long", text));
        }
        self.wait(id).await
    }

    /// Follows a deployment to the point that was asked for; whether all traffic has moved by then.
    ///
    /// # Errors
    /// It failed, or somebody asked to stop.
    pub async fn follow(&self, id: &str) -> Result<bool, Error> {
        let mut watch = Watch::new(self.choices.wait.clone());
        let (mut is_told, mut looks_left) = (false, LOOKS_AT_HEALTH);
        loop {
            let look = self.controllers.look(self.cloud, self.order, id).await?;
            let (lines, verdict) = watch.see(&look);
            lines.iter().for_each(|line| (self.tell)(line));
            (self.progress)(&look.progress(&self.order.name));
            if look.status == Status::Ready && !std::mem::replace(&mut is_told, true) {
                (self.tell)(&format!("{} waits. Let it go on with: {}", last_part(id), go_on(&self.order.name)));
            }
            match verdict {
                Verdict::Going if (self.is_late)() => {
                    let text = format!(
                        "Deployment {} is not through after the time limit: {}. ECS goes on with it. See what keeps it (glaz status {}), raise `update` in the `timeouts` block of the service, or stop it with:\n\n    glaz deploy {} -stop",
                        look.id,
                        look.progress(&self.order.name),
                        self.order.name,
                        self.order.name
                    );
                    return Err(Error::titled("The deployment takes too long", text));
                }
                Verdict::Going => self.wait(id).await?,
                Verdict::Reached if !look.has_traffic() => return Ok(false),
                Verdict::Reached if Box::pin(self.serves(&look, looks_left == 0)).await? => return Ok(true),
                Verdict::Reached => {
                    looks_left -= 1;
                    (self.progress)("all traffic moved, waiting for first health checks");
                    self.wait(id).await?;
                }
                Verdict::Failed(why) => {
                    let after = match &look.rollback {
                        Some(rollback) => self.follow_back(rollback).await?,
                        None if look.is_back => "It was rolled back: the old tasks are back.".to_owned(),
                        None if look.stuck.is_some() => {
                            format!("It goes on until it is stopped: glaz deploy {} -stop.", self.order.name)
                        }
                        None => "Traffic and tasks stay as they are.".to_owned(),
                    };
                    return Err(Error::titled("The deployment failed", format!("{why} {after}")));
                }
            }
        }
    }

    /// Looks whether the new tasks answer, now that they have all of the traffic; false where that is not known yet. Behind a
    /// target group that was attached by the shift itself health checks begin only then, and the controller does not wait for
    /// them.
    async fn serves(&self, look: &Look, is_last: bool) -> Result<bool, Error> {
        let Some(green) = look.green().filter(|green| green.desired > 0 && !green.target_group.is_empty()) else {
            return Ok(true);
        };
        let names = [target_group_name(&green.target_group).to_owned()];
        let found = match self.controllers.health(self.cloud, &self.order.service, &names).await {
            Err(error) if error.is_denied() => {
                (self.tell)(
                    "whether the targets are healthy is not known: the credentials lack elasticloadbalancing:DescribeTargetGroups and DescribeTargetHealth",
                );
                return Ok(true);
            }
            found => found?,
        };
        let Some(health) = found.into_iter().next() else { return Ok(true) };
        let (id, name, group) = (last_part(&look.id), &self.order.name, &health.target_group);
        if health.count("healthy") > 0 {
            health.problems.iter().for_each(|one| (self.tell)(&format!("{id}: target {one}")));
            return Ok(true);
        }
        if health.problems.is_empty() && !is_last {
            return Ok(false);
        }
        let text = format!(
            "Deployment {id} moved all traffic to {group}, and no target there is healthy: {}. Users get errors. See more with glaz status {name}, and go back with:\n\n    glaz deploy {name} -rollback",
            self.why_unhealthy(&health).await?
        );
        Err(Error::titled("The new tasks are not healthy", text))
    }

    /// What is wrong with the targets; where none is registered, why the tasks stopped.
    async fn why_unhealthy(&self, health: &Health) -> Result<String, Error> {
        if !health.problems.is_empty() {
            return Ok(format!("target {}", health.problems.join("; target ")));
        }
        let trouble = self.controllers.trouble(self.cloud, self.order, &[]).await?;
        let states: Vec<String> = health.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let states = if states.is_empty() { "none is registered".to_owned() } else { states.join(", ") };
        let event = trouble.events.iter().find(|event| event.why.contains("is unhealthy in"));
        let event = event.map(|event| event.why.trim_end_matches('.').to_owned());
        let task = trouble.tasks.first();
        let task = task.map(|task| format!("the last task stopped: {}", task.why.trim_end_matches('.')));
        Ok([Some(states), event, task].into_iter().flatten().collect::<Vec<_>>().join("; "))
    }

    /// Follows the deployment that brings traffic back; what came of it.
    async fn follow_back(&self, id: &str) -> Result<String, Error> {
        let mut watch = Watch::new(Point::Finished);
        loop {
            let look = self.controllers.look(self.cloud, self.order, id).await?;
            let (lines, verdict) = watch.see(&look);
            lines.iter().for_each(|line| (self.tell)(line));
            (self.progress)(&format!("rolling back, {}", look.progress(&self.order.name)));
            match verdict {
                Verdict::Going => self.wait(id).await?,
                Verdict::Reached => return Ok(format!("It was rolled back by {id}: the old tasks have the traffic.")),
                Verdict::Failed(why) => return Ok(format!("The way back failed as well: {why}")),
            }
        }
    }

    async fn wait(&self, id: &str) -> Result<(), Error> {
        if !(self.pause)().await {
            return Ok(());
        }
        let text = format!(
            "Deployment {} goes on without being watched. Run the command again to watch it to its end, or stop it with:\n\n    glaz deploy {} -stop",
            last_part(id),
            self.order.name
        );
        Err(Error::titled("Stopped watching", text))
    }
}
