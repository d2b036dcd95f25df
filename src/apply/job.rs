//! What a run works with, and what it tells while it goes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::durations::Durations;
use super::images::Missing;
use crate::address::Address;
use crate::clock::Clock;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Config, Environment, VariableInput};
use crate::plan::Plan;
use crate::plan::steps::What;
use crate::resource::{Agreement, Registry, Surroundings};
use crate::rollout::{Choices, Controllers, Images, OnMissing};
use crate::state::{OpenIntent, State};

/// Set when the person asks to stop: no new calls start, waiting ends, and running calls get a moment to finish. Holds the
/// machine's time of the first asking.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<watch::Sender<Option<Duration>>>);

impl Stop {
    /// Asks to stop.
    pub fn ask(&self) {
        let now = Clock::system().steady();
        self.0.send_modify(|asked| *asked = asked.or(Some(now)));
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Comes back when somebody asks.
    pub async fn asked(&self) {
        // The sender lives as long as this: the wait ends only when somebody asks.
        drop(self.0.subscribe().wait_for(Option::is_some).await);
    }

    /// What comes of the work; none when it is not over so long after somebody first asked.
    pub fn within<T>(&self, time: Duration, work: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
        let work = Box::pin(work); // a run is large
        async move {
            tokio::select! {
                biased;
                done = work => Some(done),
                () = self.over(time) => None,
            }
        }
    }

    /// Comes back so long after somebody first asked.
    pub(super) async fn over(&self, time: Duration) {
        self.asked().await;
        let asked = self.0.borrow().unwrap_or_default();
        Clock::wait((asked + time).saturating_sub(Clock::system().steady())).await;
    }
}

/// What a run works with.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// What to do.
    pub plan: &'a Plan,
    /// The configuration.
    pub config: &'a Arc<Config>,
    /// Values of root variables.
    pub inputs: &'a [VariableInput],
    /// What expressions see of the surroundings.
    pub env: &'a Environment,
    /// All types.
    pub registry: &'a Registry,
    /// What providers get from outside.
    pub around: &'a Surroundings,
    /// How many steps run at a time.
    pub parallelism: usize,
    /// Whether everything is deleted: outputs go too.
    pub is_destroy: bool,
    /// The deployment controllers, where there are any.
    pub rollouts: Option<&'a dyn Controllers>,
    /// What the person chose for deployments.
    pub choices: &'a Choices,
    /// Set when the person asks to stop.
    pub stop: &'a Stop,
    /// Whether an object that stands in the way of a new one becomes that: asked for each.
    pub adopt: &'a dyn Fn(&Offer) -> bool,
    /// Whether what objects hold that no state knows of is deleted with them.
    pub empties: bool,
    /// The longest time that targets which go with their target group may drain; as the group says when left out.
    pub drain: Option<Duration>,
    /// Looks whether images were pushed, where that can be asked.
    pub images: Option<&'a dyn Images>,
    /// What to do about a service whose image was not pushed: asked for each.
    pub on_missing_image: &'a dyn Fn(&Missing) -> OnMissing,
    /// Whether what was done is undone when something fails.
    pub rollback: bool,
    /// Making calls of an interrupted run that have made nothing so far, and still may.
    pub awaited: &'a [OpenIntent],
    /// How long steps took in earlier runs.
    pub durations: &'a Durations,
    /// Who watches.
    pub watch: &'a dyn Fn(Event),
}

/// An object that exists and stands in the way of a new one.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The instance that was to be made.
    pub address: Address,
    /// What names the object in an import command.
    pub import: String,
    /// How far it is what was to be made.
    pub agreement: Agreement,
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// What is remembered now. Everything in it is in the journal too.
    pub state: State,
    /// What was done.
    pub counts: Counts,
    /// Steps that were skipped because one they need failed, or because the person asked to stop.
    pub skipped: Vec<Address>,
    /// Steps that were still under way some time after the person asked to stop, and were left as they were.
    pub given_up: Vec<Address>,
    /// Calls without a clear answer: the next run looks what they made.
    pub open: Vec<OpenIntent>,
    /// Everything that went wrong.
    pub report: Report,
    /// How long its steps took.
    pub durations: Durations,
}

/// What happens during a run, for whoever watches.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step starts.
    Started {
        /// The instance.
        address: Address,
        /// What is done to it.
        what: What,
        /// Its id, when it has one already.
        id: Option<String>,
    },
    /// A step goes on; what it waits for.
    Progress {
        /// The instance.
        address: Address,
        /// Such as "2 of 3 tasks running".
        text: String,
    },
    /// An ephemeral resource is opened or closed.
    Ephemeral {
        /// The instance.
        address: Address,
        /// What is done to it.
        act: Act,
        /// How far that is.
        stage: Stage,
    },
    /// A provisioner of an object starts.
    Provisioning {
        /// The instance.
        address: Address,
        /// Such as `local-exec`.
        kind: String,
    },
    /// A provisioner says something, or its command printed it.
    Output {
        /// The instance.
        address: Address,
        /// Such as `local-exec`.
        kind: String,
        /// One line.
        line: String,
    },
    /// A step is done.
    Done {
        /// The instance.
        address: Address,
        /// What was done to it.
        what: What,
        /// Its id.
        id: Option<String>,
        /// How long it took.
        time: Duration,
    },
    /// A step failed.
    Failed {
        /// The instance.
        address: Address,
        /// What was to be done to it.
        what: What,
        /// Why.
        problem: Box<Diagnostic>,
        /// How long it took.
        time: Duration,
    },
    /// The person asked to stop: running calls get a moment to finish, no new ones start.
    Stopping,
    /// Something failed, and what was done is undone.
    RollingBack,
}

/// What is done to an ephemeral resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is opened.
    Open,
    /// It is closed.
    Close,
}

/// How far something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It begins.
    Begun,
    /// It is done; how long it took.
    Done(Duration),
    /// It failed; how long it took.
    Failed(Duration),
}

/// How many objects were made, changed and deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken over for `import` blocks.
    pub imported: usize,
    /// Made.
    pub added: usize,
    /// Changed in place.
    pub changed: usize,
    /// Deleted.
    pub destroyed: usize,
}
