//! Ctrl-C: the first gives running calls a moment, saves and stops; the second stops at once with the journal intact.

use super::shell::Shell;
use crate::apply::Stop;

/// Exit code of a run that was stopped at once, as shells give it for SIGINT.
const STOPPED: i32 = 130;

/// Watches for SIGINT and SIGTERM from now on.
pub(super) fn watch(stop: &Stop, shell: Shell) {
    let stop = stop.clone();
    tokio::spawn(async move {
        loop {
            if wait().await.is_err() {
                return;
            }
            if stop.is_asked() {
                shell.err("\nStopped at once. What was under way is in the journal; the next run looks it up.\n");
                #[allow(clippy::exit)] // the person asked twice
                std::process::exit(STOPPED);
            }
            shell.err("\nStopping: no new calls are made, and running ones get a moment to finish. What is not over then is looked up by the next run. Press Ctrl-C again to stop at once.\n");
            stop.ask();
        }
    });
}

async fn wait() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}
