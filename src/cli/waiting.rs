//! Waiting for deployments that are under way before anything is planned on top of them: what they bring out is part of
//! what the plan goes on from.

use std::time::Duration;

use super::Globals;
use super::failure::Failure;
use super::run::Planned;
use crate::plan::{Connections, known, problem};
use crate::resource::Error;
use crate::rollout::appspec::AppSpec;
use crate::rollout::{Choices, Drive};

/// How often a deployment is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Waits until no deployment of the services that are to be deployed is under way, and lets the lock of the state go;
/// whether there was any.
pub(super) async fn until_free(planned: &mut Planned, choices: &Choices, globals: &Globals) -> Result<bool, Failure> {
    let Planned { stack, store, plan, .. } = planned;
    let Some(controllers) = stack.rollouts.as_deref() else { return Ok(false) };
    let mut is_any = false;
    for (address, rollout) in plan.rollouts.iter().filter(|(_, rollout)| rollout.running.is_some()) {
        let object = plan.live.objects.get(address);
        let cloud = object.and_then(|object| plan.connections.get(&Connections::parse(&object.provider)));
        let (Some(object), Some(cloud)) = (object, cloud) else { continue };
        let order = rollout.order(known(&object.attributes), AppSpec::default(), String::new());
        let clock = &stack.around.clock;
        let pause = async || {
            tokio::select! {
                () = clock.sleep(LOOK) => false,
                _ = tokio::signal::ctrl_c() => true,
            }
        };
        let drive = Drive {
            controllers,
            cloud,
            order: &order,
            pace: &rollout.group.pace,
            choices,
            from: None,
            pause: &|| Box::pin(pause()),
            tell: &|line| globals.say(&format!("{address}: {line}")),
            is_late: &|| false,
            progress: &|_| {},
        };
        let fail = |error: Error| stack.fail(problem::from_error(&error, address, "Waiting for the deployment of"));
        globals.say(&format!("{address}: waiting until the deployment that is under way is over, to plan again"));
        drive.until_free().await.map_err(fail)?;
        is_any = true;
    }
    if is_any {
        store.unlock().await.map_err(|problem| stack.fail(problem))?;
    }
    Ok(is_any)
}
