//! The watch of `apply -json`: a line for each event, and one now and then for steps that take long.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::render::json::events;
use super::shell::Shell;
use crate::address::Address;
use crate::apply::Event;
use crate::clock::Clock;
use crate::plan::What;

/// How often it looks for steps that take long.
const LOOK: Duration = Duration::from_millis(200);
/// How often a step that takes long has a line.
const REMIND: Duration = Duration::from_secs(10);

/// By step: when it began, and how often it was told of.
type Running = Arc<Mutex<BTreeMap<(Address, What), (Instant, u32)>>>;

/// Writes lines.
pub(super) struct Lines {
    shell: Shell,
    clock: Clock,
    running: Running,
    ticker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Lines {
    /// Begins to watch.
    pub(super) fn new(shell: Shell, clock: Clock) -> Self {
        let running = Running::default();
        let (stop, stopped) = channel();
        let (seen, time) = (running.clone(), clock.clone());
        let tick = move || {
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                still(&seen, &time, shell);
            }
        };
        let thread = std::thread::Builder::new().name("lines".into()).spawn(tick).ok();
        Self { shell, clock, running, ticker: thread.map(|thread| (stop, thread)) }
    }

    /// Something happened.
    pub(super) fn event(&self, event: &Event) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { address, what, .. } => {
                running.insert((address.clone(), *what), (Instant::now(), 0));
            }
            Event::Done { address, what, .. } | Event::Failed { address, what, .. } => {
                running.remove(&(address.clone(), *what));
            }
            Event::Progress { .. }
            | Event::Ephemeral { .. }
            | Event::Provisioning { .. }
            | Event::Output { .. }
            | Event::Stopping
            | Event::RollingBack => {}
        }
        if let Some(line) = events::event(event, self.clock.now()) {
            self.shell.line(&line);
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.ticker.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn still(running: &Running, clock: &Clock, shell: Shell) {
    let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
    for ((address, what), (since, told)) in running.iter_mut() {
        let elapsed = since.elapsed();
        if elapsed >= REMIND * (*told + 1) {
            *told += 1;
            shell.line(&events::still(address, *what, elapsed, clock.now()));
        }
    }
}
