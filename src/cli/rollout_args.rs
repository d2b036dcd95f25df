//! Flags about deployments.

use clap::Args;

use super::shell::Shell;
use crate::diagnostic::Diagnostic;
use crate::plan::Plan;
use crate::rollout::{Choices, OnRunning, Point};

/// What to do about deployments.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct RolloutArgs {
    /// How far to watch a deployment: started, traffic (all of it reaches the new tasks), finished (the old tasks are
    /// gone), or a lifecycle event such as AfterAllowTestTraffic. traffic when left out. An apply watches one that other
    /// changes or outputs refer to until all traffic has moved.
    #[arg(long, value_name = "POINT")]
    pub wait: Option<Point>,
    /// What to do when another deployment of the service is under way: wait, supersede (stop it first) or fail. An
    /// apply asks on a terminal; else fail.
    #[arg(long, value_name = "WHAT")]
    pub on_running: Option<OnRunning>,
    /// How many old revisions of a task definition stay for the way back. 5 when left out.
    #[arg(long, value_name = "N")]
    pub keep_revisions: Option<usize>,
}

impl RolloutArgs {
    /// What the person chose. Asked what to do about a deployment that is under way, unless a flag says it.
    ///
    /// # Errors
    /// The answer is none of the choices.
    pub(super) fn choices(&self, plan: &Plan, shell: Shell) -> Result<Choices, Diagnostic> {
        let on_running = match self.on_running {
            Some(on_running) => on_running,
            None => asked(plan, shell)?,
        };
        let keep = self.keep_revisions.unwrap_or(Choices::default().keep);
        Ok(Choices { wait: self.wait.clone().unwrap_or_default(), on_running, keep })
    }
}

fn asked(plan: &Plan, shell: Shell) -> Result<OnRunning, Diagnostic> {
    let Some((rollout, running)) = plan.rollouts.values().find_map(|one| Some((one, one.running.as_ref()?))) else {
        return Ok(OnRunning::default());
    };
    let question = format!(
        "\nDeployment {} of service {} is under way ({}).\n  wait       until it is over, then deploy\n  supersede  stop it: its traffic goes back, then deploy\n  fail       deploy nothing\n\n  Enter a value: ",
        running.name(),
        rollout.service,
        running.status
    );
    match shell.ask(&question) {
        None => Ok(OnRunning::default()),
        Some(answer) => answer.trim().parse().map_err(|expected: String| {
            let text = format!("\"{}\" is none of the choices: {expected}. Nothing was changed.", answer.trim());
            Diagnostic::error("Invalid answer", text)
        }),
    }
}
