//! `glaz deploy`.

use std::cell::Cell;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::Globals;
use super::apply;
use super::failure::Failure;
use super::governed::{self, Seen, Service};
use super::rollout_args::RolloutArgs;
use super::run::PlanOptions;
use crate::apply::Stop;
use crate::apply::run::GRACE;
use crate::diagnostic::Diagnostic;
use crate::plan::Plan;
use crate::resource::Error;
use crate::rollout::{Choices, Controller, Drive, Order, Point, Running};

const EXAMPLES: &str = "Examples:
  glaz deploy web                                          what the stack files say of it
  glaz deploy web -image=web=nginx:1.29 -wait=finished     another image of container web, to the end
  glaz deploy web -image=nginx:1.29 -on-running=supersede  in place of what is being deployed
  glaz deploy web -rollback                                the revision before
  glaz deploy module.shop.aws_ecs_service.web -continue    let the traffic move, or the old tasks go";

/// Bring out a revision of a service now, and watch it.
///
/// Without -image it is an apply of the service and what it depends on. With -image the revision that runs is registered again with
/// other images and deployed, as a pipeline would: the stack file stays as it is, and the next plan takes what runs. With
/// -image and -rollback the state is locked meanwhile, and has what runs afterwards. After -rollback the next plan keeps what the
/// stack file does not change.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DeployArgs {
    /// Name or address of the service.
    #[arg(value_name = "SERVICE")]
    service: String,
    #[command(flatten)]
    options: PlanOptions,
    #[command(flatten)]
    rollout: RolloutArgs,
    /// Image of a container, or of the only one when NAME= is left out; may be given several times.
    #[arg(long, value_name = "NAME=URI")]
    image: Vec<ForContainer>,
    /// Go back: stop the deployment that is under way, or deploy the revision before the one that runs.
    #[arg(long, conflicts_with_all = ["image", "stop", "go_on"])]
    rollback: bool,
    /// Stop the deployment that is under way; its traffic goes back.
    #[arg(long, conflicts_with_all = ["image", "go_on"])]
    stop: bool,
    /// Let the deployment that waits continue: move the traffic, or stop the old tasks now.
    #[arg(long = "continue", conflicts_with = "image")]
    go_on: bool,
    /// Do not ask before an apply. With -image, -rollback, -stop and -continue nothing is asked.
    #[arg(long)]
    auto_approve: bool,
}

/// The image of a container.
#[derive(Clone, Debug)]
struct ForContainer {
    /// Name of the container; the only one when left out.
    container: Option<String>,
    uri: String,
}

impl FromStr for ForContainer {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (container, uri) = text.split_once('=').map_or((None, text), |(name, uri)| (Some(name), uri));
        if container.is_some_and(str::is_empty) || uri.is_empty() || text.contains(char::is_whitespace) {
            return Err("give an image without spaces (nginx:1.27), or CONTAINER=IMAGE (web=nginx:1.27)");
        }
        Ok(Self { container: container.map(str::to_owned), uri: uri.to_owned() })
    }
}

/// How often a deployment is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Deploys; the exit code.
pub(super) async fn run(args: &DeployArgs, globals: &Globals) -> Result<u8, Failure> {
    let stack = &args.options.stack;
    if !args.image.is_empty() {
        let seen = governed::see_locked(stack, "OperationTypeDeploy", globals).await?;
        let (stop, done) = act(args, &seen, globals, &Cell::default()).await;
        return Box::pin(seen.end("deploy", done, None, &stop, globals)).await.map(|()| 0);
    }
    let seen = governed::see(stack, globals).await?;
    let service = seen.service(&args.service)?;
    if !args.rollback && !args.stop && !args.go_on {
        let mut options = args.options.clone();
        options.target.push(service.address.to_string());
        options.stack.values.remember(&seen.stack.inputs);
        return Box::pin(apply::of(&options, args.auto_approve, &args.rollout, globals)).await;
    }
    // What is under way may be watched by a run that holds the lock: it is told to stop or to go on without.
    let is_idle = service.governed.observed.as_ref().is_none_or(|observed| observed.running.is_none());
    if args.rollback && is_idle {
        let service = service.address.clone();
        let seen = governed::see_locked(stack, "OperationTypeDeploy", globals).await?;
        let back = Cell::default();
        let (stop, done) = act(args, &seen, globals, &back).await;
        let back = back.take().map(|revision| (service, revision));
        return Box::pin(seen.end("deploy", done, back, &stop, globals)).await.map(|()| 0);
    }
    act(args, &seen, globals, &Cell::default()).await.1.map(|()| 0)
}

/// Does what the flags say, until the person stops it. `back`: the older revision that a deployment was started for.
async fn act(
    args: &DeployArgs,
    seen: &Seen,
    globals: &Globals,
    back: &Cell<Option<String>>,
) -> (Stop, Result<(), Failure>) {
    let stop = Stop::default();
    globals.stop_at_signals(&stop);
    let done = stop.within(GRACE, flagged(args, seen, globals, back, &stop)).await;
    let cut_short = || {
        let text = format!(
            "A call about {} was still under way, and what became of it is not known. A deployment that has begun goes on without this command; `glaz status` tells.",
            args.service
        );
        Err(seen.stack.fail(Diagnostic::error("Interrupted", text)))
    };
    (stop.clone(), done.unwrap_or_else(cut_short))
}

async fn flagged(
    args: &DeployArgs,
    seen: &Seen,
    globals: &Globals,
    back: &Cell<Option<String>>,
    stop: &Stop,
) -> Result<(), Failure> {
    let service = seen.service(&args.service)?;
    let order = service.order("glaz deploy").ok_or_else(|| no_group(seen, &service))?;
    let running = service.governed.observed.as_ref().and_then(|observed| observed.running.clone());
    let job = Job { args, globals, seen, service: &service, choices: choices(args, seen, globals)?, stop };
    match (running, args.stop || args.rollback, args.go_on) {
        (Some(running), true, _) => job.stop(&order, &running).await,
        (Some(running), _, true) => job.go_on(&order, &running).await,
        (None, _, true) => Err(job.nothing_runs()),
        (None, true, _) if args.stop => Err(job.nothing_runs()),
        (None, true, _) => job.back(order, back).await,
        (_, false, false) => job.with_images(order).await,
    }
}

fn no_group(seen: &Seen, service: &Service<'_>) -> Failure {
    if service.governed.controller == Controller::External {
        let text = format!(
            "Service {} is deployed by an outside controller (EXTERNAL) through task sets of its own: tell that one to deploy, stop or go back.",
            service.governed.name
        );
        return seen.stack.fail(Diagnostic::error("Deployed by an outside controller", text));
    }
    let text = format!(
        "Service {} has no CodeDeploy deployment group, in the stack or in the account, so there is nothing that could be told to deploy, stop or go on.",
        service.governed.name
    );
    seen.stack.fail(Diagnostic::error("No deployment group", text))
}

fn choices(args: &DeployArgs, seen: &Seen, globals: &Globals) -> Result<Choices, Failure> {
    args.rollout.choices(&Plan::default(), globals.shell).map_err(|problem| seen.stack.fail(problem))
}

struct Job<'a> {
    args: &'a DeployArgs,
    globals: &'a Globals,
    seen: &'a Seen,
    service: &'a Service<'a>,
    choices: Choices,
    stop: &'a Stop,
}

impl Job<'_> {
    fn fail(&self, error: &Error) -> Failure {
        self.seen.failed(error, self.service.address, "Deploying")
    }

    fn nothing_runs(&self) -> Failure {
        let text = format!("No deployment of service {} is under way.", self.service.governed.name);
        self.seen.stack.fail(Diagnostic::error("Nothing is being deployed", text))
    }

    fn say(&self, line: &str) {
        self.globals.say(&format!("{}: {line}", self.service.address));
    }

    /// Runs something with what follows deployments.
    async fn driven<T>(
        &self,
        order: &Order,
        choices: &Choices,
        act: impl AsyncFnOnce(&Drive<'_>) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let clock = &self.seen.stack.around.clock;
        let pause = async || {
            tokio::select! {
                () = clock.sleep(LOOK) => {}
                () = self.stop.asked() => {}
            }
            self.stop.is_asked()
        };
        let pace = self.service.pace();
        let drive = Drive {
            controllers: self.service.controllers,
            cloud: self.service.cloud,
            order,
            pace: &pace,
            choices,
            from: None,
            pause: &|| Box::pin(pause()),
            tell: &|line| self.say(line),
            is_late: &|| false,
            progress: &|_| {},
        };
        act(&drive).await.map_err(|error| self.fail(&error))
    }

    async fn stop(&self, order: &Order, running: &Running) -> Result<(), Failure> {
        let stopped = self.driven(order, &self.choices, async |drive| drive.stop(running).await?.well()).await?;
        let name = running.name();
        self.say(&match &stopped.back {
            _ if running.brings_back => format!("{name} brought the traffic back"),
            Some(back) => format!("{name} was stopped, {back} brought the traffic back"),
            None => format!("{name} was stopped"),
        });
        Ok(())
    }

    async fn go_on(&self, order: &Order, running: &Running) -> Result<(), Failure> {
        let (controllers, cloud) = (self.service.controllers, self.service.cloud);
        let look = controllers.look(cloud, order, &running.id).await.map_err(|error| self.fail(&error))?;
        controllers.proceed(cloud, order, &running.id).await.map_err(|error| self.fail(&error))?;
        self.say(&format!("{} goes on", running.name()));
        // The wait for the end was cut short: nothing less than the end is left to wait for.
        let wait = if look.is_ending { Point::Finished } else { self.choices.wait.clone() };
        let choices = Choices { wait, ..self.choices.clone() };
        self.driven(order, &choices, async |drive| drive.follow(&running.id).await).await.map(drop)
    }

    /// Deploys the revision before the one that runs, and tells `chosen` which that is.
    async fn back(&self, order: Order, chosen: &Cell<Option<String>>) -> Result<(), Failure> {
        let (controllers, cloud) = (self.service.controllers, self.service.cloud);
        let before = controllers.revision_before(cloud, &order.service, &order.spec.task_definition).await;
        let Some(before) = before.map_err(|error| self.fail(&error))? else {
            let text = format!(
                "{} is the oldest active revision of its family: there is none to go back to.",
                order.spec.task_definition
            );
            return Err(self.seen.stack.fail(Diagnostic::error("No older revision", text)));
        };
        self.say(&format!("back to {before}"));
        chosen.set(Some(before.clone()));
        self.bring_out(order, before).await
    }

    /// Registers the revision that runs with other images, and deploys it.
    async fn with_images(&self, mut order: Order) -> Result<(), Failure> {
        let images: Vec<_> = self.args.image.iter().map(|one| (one.container.clone(), one.uri.clone())).collect();
        let (controllers, cloud) = (self.service.controllers, self.service.cloud);
        // Before a revision is registered for nothing. What was waited for or stopped is not what runs then.
        self.driven(&order, &self.choices, async |drive| drive.room().await).await?;
        let live = controllers.live(cloud, &order).await.map_err(|error| self.fail(&error))?;
        order.spec.task_definition = live.unwrap_or(order.spec.task_definition);
        let made = controllers.register(cloud, &order.service, &order.spec.task_definition, &images).await;
        let revision = made.map_err(|error| self.fail(&error))?;
        self.say(&format!("registered {revision}"));
        self.bring_out(order, revision).await
    }

    async fn bring_out(&self, mut order: Order, revision: String) -> Result<(), Failure> {
        order.spec.task_definition = revision;
        let hooks = self.service.controllers.hooks(self.service.cloud, &order).await;
        let hooks = hooks.map_err(|error| self.fail(&error))?;
        hooks.note.iter().for_each(|note| self.say(note));
        order.spec.hooks = hooks.all;
        let has_traffic = self.driven(&order, &self.choices, async |drive| drive.bring_out().await).await?;
        let how = if has_traffic { "is brought out" } else { "is being brought out" };
        self.say(&format!("{} {how}", order.spec.task_definition));
        Ok(())
    }
}
