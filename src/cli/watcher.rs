//! Who watches a run: a person, with a live area and questions, or a program that reads lines of JSON.

use super::Globals;
use super::lines::Lines;
use super::render;
use super::shell::Shell;
use super::stack::Stack;
use crate::apply::{self, Durations, Offer, Stop};
use crate::plan::Plan;

/// Whether the person wants an object that stands in the way to become the one that was to be made. Who stops the run
/// meanwhile does not.
pub(super) fn is_wanted(offer: &Offer, stop: &Stop, shell: Shell) -> bool {
    let (agree, differ) = (offer.agreement.agree.len(), &offer.agreement.differ);
    let differences =
        if differ.is_empty() { String::new() } else { format!(" Different, and then changed: {}.", differ.join(", ")) };
    let question = format!(
        "\n{} exists already ({}) and is not in the state. {agree} of {} attributes are as wanted.{differences}\nDo you want to take it over? Only 'yes' will be accepted.\n\n  Enter a value: ",
        offer.address,
        offer.import,
        agree + differ.len()
    );
    // Calls that are under way go on meanwhile, and so does the renewal of the lock; no more steps start.
    tokio::task::block_in_place(|| shell.ask_until(&question, stop)).is_some_and(|answer| answer == "yes")
}

/// Who watches a run.
pub(super) enum Watcher {
    /// People read it.
    Words(render::progress::Progress),
    /// Programs read it.
    Lines(Lines),
}

impl Watcher {
    /// In words, or in lines of JSON.
    pub(super) fn new(plan: &Plan, stack: &Stack, durations: &Durations, globals: &Globals) -> Self {
        if globals.speaks_json.get() {
            return Self::Lines(Lines::new(globals.shell, stack.around.clock.clone()));
        }
        Self::Words(render::progress::Progress::new(plan, &stack.registry, durations, globals.shell))
    }

    /// Does something with the live area out of the way.
    pub(super) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        match self {
            Self::Words(progress) => progress.aside(work),
            Self::Lines(_) => work(),
        }
    }

    /// Takes up what happens.
    pub(super) fn event(&self, event: apply::Event) {
        match self {
            Self::Words(progress) => progress.event(event),
            Self::Lines(lines) => lines.event(&event),
        }
    }
}
