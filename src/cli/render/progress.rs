//! A run as it goes. On a terminal a live area below what is done: how far it is, and each running step with what it
//! waits for. Elsewhere plain lines in Terraform's words.

mod board;

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::board::Board;
use crate::apply::{Counts, Durations, Event};
use crate::cli::shell::{GREEN, Shell, paint};
use crate::plan::Plan;
use crate::resource::Registry;

/// How often the live area is drawn anew.
const FRAME: Duration = Duration::from_millis(200);

/// Events closer to each other than this are drawn together.
const SHORTEST: Duration = Duration::from_millis(50);

/// Shows a run.
pub(crate) struct Progress {
    screen: Arc<Screen>,
    /// Dropping the sender ends the thread that keeps time.
    clock: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

/// Where lines go, and what is running.
struct Screen {
    shell: Shell,
    bar: Option<ProgressBar>,
    board: Mutex<Board>,
    began: Instant,
    /// When an event last drew it, since the beginning.
    drawn: Mutex<Duration>,
}

impl Progress {
    /// Begins to show the run of a plan; typical times of its steps give the estimate.
    pub(crate) fn new(plan: &Plan, registry: &Registry, durations: &Durations, shell: Shell) -> Self {
        let bar = (shell.is_terminal && !plan.steps.is_empty()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
            bar.set_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        let board = Mutex::new(Board::new(&plan.steps, |step| board::typical(step, registry, durations)));
        let screen = Arc::new(Screen { shell, bar, board, began: Instant::now(), drawn: Mutex::default() });
        screen.draw();
        let (stop, stopped) = channel();
        let watched = screen.clone();
        let keep_time = move || {
            while stopped.recv_timeout(FRAME) == Err(RecvTimeoutError::Timeout) {
                watched.tick();
            }
        };
        let thread = std::thread::Builder::new().name("progress".into()).spawn(keep_time).ok();
        Self { screen, clock: Mutex::new(thread.map(|thread| (stop, thread))) }
    }

    /// Something happened.
    pub(crate) fn event(&self, event: Event) {
        let screen = &self.screen;
        let lines = screen.board().event(event, screen.began.elapsed(), screen.bar.is_some());
        screen.print(&lines);
        screen.draw_in_time();
    }

    /// Does something with the live area out of the way, such as asking.
    pub(crate) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.screen.bar {
            Some(bar) => bar.suspend(work),
            None => work(),
        }
    }

    /// The run is over: takes the live area away.
    pub(crate) fn finish(&self) {
        if let Some((stop, thread)) = self.clock.lock().unwrap_or_else(PoisonError::into_inner).take() {
            drop(stop);
            let _ = thread.join();
        }
        if let Some(bar) = &self.screen.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Screen {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time has passed.
    fn tick(&self) {
        if self.bar.is_some() {
            return self.draw();
        }
        let lines = self.board().still(self.began.elapsed());
        self.print(&lines);
    }

    fn print(&self, lines: &[String]) {
        for line in lines {
            let print = || self.shell.line(line);
            self.bar.as_ref().map_or_else(print, |bar| bar.suspend(print));
        }
    }

    /// Draws unless that was just done: a run may have thousands of events a second.
    fn draw_in_time(&self) {
        let now = self.began.elapsed();
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(*drawn) >= SHORTEST {
            *drawn = now;
            self.draw();
        }
    }

    fn draw(&self) {
        if let Some(bar) = &self.bar {
            let area = self.board().area(self.began.elapsed(), self.shell.width);
            let text = area.join("\n");
            bar.set_message(if self.shell.has_colour { text } else { anstream::adapter::strip_str(&text).to_string() });
            bar.tick();
        }
    }
}

/// What was done, after a run without errors.
pub(crate) fn summary(counts: Counts, is_destroy: bool, shell: &Shell) -> String {
    let Counts { imported, added, changed, destroyed } = counts;
    let imported = if imported == 0 { String::new() } else { format!("{imported} imported, ") };
    let text = if is_destroy {
        format!("Destroy complete! Resources: {destroyed} destroyed.")
    } else {
        format!("Apply complete! Resources: {imported}{added} added, {changed} changed, {destroyed} destroyed.")
    };
    if shell.has_colour { format!("\n{}\n", paint(GREEN.bold(), text)) } else { format!("\n{text}\n") }
}
