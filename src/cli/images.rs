//! Flags and the question about images that nobody has pushed yet.

use std::time::Duration;

use clap::Args;

use super::shell::Shell;
use super::stack::duration;
use crate::apply::{Missing, Stop};
use crate::rollout::OnMissing;

/// How long to wait when the person wants to push now.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What to do when a service is to start with an image that nobody has pushed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(super) struct ImageArgs {
    /// Wait that long for the image of a service that was not pushed yet, such as 10m, while everything else is made.
    /// Asked for on a terminal, else the service is left out and the run fails.
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "start_empty")]
    wait_image: Option<Duration>,
    /// Start a service without tasks when its image was not pushed yet; the next apply starts them.
    #[arg(long)]
    start_empty: bool,
}

impl ImageArgs {
    /// What the flags say.
    pub(super) fn said(self) -> Option<OnMissing> {
        let empty = self.start_empty.then_some(OnMissing::StartEmpty);
        empty.or(self.wait_image.map(OnMissing::Wait))
    }
}

/// Asks on a terminal.
pub(super) fn ask(missing: &Missing, stop: &Stop, shell: Shell) -> OnMissing {
    let question = format!(
        "\n{}What is to be done about {} meanwhile?\n  wait   until it was pushed, at most an hour\n  empty  start it without tasks\n  Anything else leaves it out.\n\n  Enter a value: ",
        missing.text(),
        missing.address
    );
    // Calls that are under way go on meanwhile, and so does the renewal of the lock; no more steps start.
    let answer = tokio::task::block_in_place(|| shell.ask_until(&question, stop)).unwrap_or_default();
    match answer.trim() {
        "wait" => OnMissing::Wait(PATIENCE),
        "empty" => OnMissing::StartEmpty,
        _ => OnMissing::Fail,
    }
}
