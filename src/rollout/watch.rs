//! A deployment as it goes: how far it is, what is said of it, and whether that is far enough.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::observed::target_group_name;

/// How far a deployment must be before a command is done with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Point {
    /// It was started.
    Started,
    /// All of the users' requests reach the new tasks.
    #[default]
    Traffic,
    /// The old tasks are gone.
    Finished,
    /// This lifecycle event is over.
    Event(String),
}

/// Lifecycle events of a deployment to ECS, in their order.
pub(super) const EVENTS: [&str; 8] = [
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
];

/// Stages of a deployment of ECS's own, in their order.
pub const STAGES: [&str; 11] = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
];

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "started" => Self::Started,
            "traffic" => Self::Traffic,
            "finished" => Self::Finished,
            _ => match EVENTS.iter().chain(&STAGES).find(|event| event.eq_ignore_ascii_case(text)) {
                Some(event) => Self::Event((*event).to_owned()),
                None => {
                    return Err(format!(
                        "give started, traffic, finished, a lifecycle event of CodeDeploy ({}) or a stage of ECS ({})",
                        EVENTS.join(", "),
                        STAGES.join(", ")
                    ));
                }
            },
        })
    }
}

impl Point {
    /// Whether all requests reach the new tasks by then.
    pub fn has_traffic(&self) -> bool {
        let by = |all: &[&str], event: &str, first: &str| {
            let place = |name: &str| all.iter().position(|one| *one == name);
            place(event).is_some_and(|at| place(first).is_some_and(|first| at >= first))
        };
        match self {
            Self::Started => false,
            Self::Traffic | Self::Finished => true,
            Self::Event(event) => by(&EVENTS, event, "AllowTraffic") || by(&STAGES, event, "PRODUCTION_TRAFFIC_SHIFT"),
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started => f.write_str("started"),
            Self::Traffic => f.write_str("traffic"),
            Self::Finished => f.write_str("finished"),
            Self::Event(event) => f.write_str(event),
        }
    }
}

/// What to do about a deployment that is under way when another is to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRunning {
    /// Give up.
    #[default]
    Fail,
    /// Wait until it is over.
    Wait,
    /// Stop it: its traffic goes back first.
    Supersede,
}

impl FromStr for OnRunning {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "fail" => Ok(Self::Fail),
            "wait" => Ok(Self::Wait),
            "supersede" => Ok(Self::Supersede),
            _ => Err("give wait, supersede or fail".to_owned()),
        }
    }
}

/// What a person chose for the deployments of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// How far to wait.
    pub wait: Point,
    /// What to do about a deployment that is under way.
    pub on_running: OnRunning,
    /// How many old revisions of a task definition are kept for the way back.
    pub keep: usize,
}

impl Default for Choices {
    fn default() -> Self {
        Self { wait: Point::default(), on_running: OnRunning::default(), keep: 5 }
    }
}

/// Where a deployment stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Accepted.
    #[default]
    Created,
    /// Under way.
    InProgress,
    /// Waits for somebody to let it continue.
    Ready,
    /// Over, and all is well.
    Succeeded,
    /// Over, and it failed.
    Failed,
    /// Over: somebody stopped it.
    Stopped,
}

impl Status {
    /// Whether nothing more happens.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// One event of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Such as `Install`.
    pub name: String,
    /// `Pending`, `InProgress`, `Succeeded`, `Failed`, `Skipped` or `Unknown`.
    pub status: String,
    /// Why it failed.
    pub why: Option<String>,
}

/// What one set of tasks has of the traffic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Share {
    /// `Blue` or `Green`: the old tasks or the new ones.
    pub label: String,
    /// Name or ARN of its target group.
    pub target_group: String,
    /// Percent of the users' requests.
    pub weight: f64,
    /// Tasks that should run.
    pub desired: i64,
    /// Tasks that run.
    pub running: i64,
}

/// How the tasks of a deployment stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// New tasks that should run.
    pub desired: i64,
    /// New tasks that run.
    pub running: i64,
    /// New tasks that start.
    pub pending: i64,
    /// New tasks that stopped without being told to.
    pub failed: i64,
    /// Old tasks that still run.
    pub old: i64,
}

impl fmt::Display for Tasks {
    /// `1 of 2 new tasks running, 1 pending, 3 failed, 2 old`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} new tasks running", self.running, self.desired)?;
        for (count, what) in [(self.pending, "pending"), (self.failed, "failed"), (self.old, "old")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

/// A deployment as it was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub status: Status,
    /// Its events, in order.
    pub events: Vec<Event>,
    /// What each set of tasks has of the traffic.
    pub shares: Vec<Share>,
    /// Whether nothing is left but to wait and to stop the old tasks.
    pub is_ending: bool,
    /// Why it failed: code and words.
    pub error: Option<(String, String)>,
    /// The deployment that brings the traffic back.
    pub rollback: Option<String>,
    /// What else may tell why: unhealthy targets, stopped tasks, alarms.
    pub hints: Vec<String>,
    /// How the tasks stand, where they are what is watched.
    pub tasks: Option<Tasks>,
    /// Why it will not come to an end by itself, although it is not over.
    pub stuck: Option<String>,
    /// Whether the old tasks are back, without another deployment.
    pub is_back: bool,
}

impl Look {
    fn is_done(&self, event: &str) -> bool {
        let is_it = |one: &&Event| one.name == event;
        self.events.iter().find(is_it).is_some_and(|one| matches!(one.status.as_str(), "Succeeded" | "Skipped"))
    }

    /// Whether all of the users' requests reach the new tasks, for good as far as the deployment goes.
    pub fn has_traffic(&self) -> bool {
        self.status == Status::Succeeded
            || self.is_ending
            || (self.is_done("AllowTraffic") && self.is_done("AfterAllowTraffic"))
    }

    /// The new tasks, where traffic moves between two sets of them.
    pub(super) fn green(&self) -> Option<&Share> {
        self.shares.iter().find(|share| share.label == "Green")
    }

    /// How far it is, in a line. The service has this name.
    pub fn progress(&self, service: &str) -> String {
        let now = self.events.iter().find(|event| event.status == "InProgress").map(|event| event.name.as_str());
        let mut text = match (now, self.status) {
            (_, Status::Created) => "waiting to start".to_owned(),
            (_, Status::Ready) => format!("ready, waits for `{}`", super::pace::go_on(service)),
            _ if self.is_ending => "all traffic moved, old tasks stay for a while".to_owned(),
            (Some(event), _) => event.to_owned(),
            (None, _) => "under way".to_owned(),
        };
        if let Some(tasks) = &self.tasks {
            return format!("{text}, {tasks}");
        }
        if let Some(green) = self.green().filter(|green| green.running < green.desired) {
            text.push_str(&format!(", {} of {} new tasks running", green.running, green.desired));
        }
        let shares: Vec<String> = self.shares.iter().map(share).collect();
        if self.shares.len() > 1 {
            text.push_str(&format!(", traffic {}", shares.join(" ")));
        }
        text
    }

    fn failure(&self) -> String {
        let what = match self.status {
            Status::Stopped => "was stopped",
            _ if self.stuck.is_some() => "does not come to an end",
            _ => "failed",
        };
        let mut text = format!("Deployment {} {what}", self.id);
        match &self.error {
            None if self.stuck.is_some() => text.push_str(&format!(": {}.", self.stuck.as_deref().unwrap_or_default())),
            Some((code, message)) => text.push_str(&format!(": {} ({code}).", message.trim_end_matches('.'))),
            None => text.push('.'),
        }
        for event in self.events.iter().filter(|event| event.status == "Failed") {
            let why = event.why.as_deref().map(|why| format!(": {}", why.trim_end_matches('.'))).unwrap_or_default();
            text.push_str(&format!(" {} failed{why}.", event.name));
        }
        for hint in &self.hints {
            text.push_str(&format!(" {}.", hint.trim_end_matches('.')));
        }
        text
    }
}

/// `web-green 90 %`.
pub(super) fn share(share: &Share) -> String {
    format!("{} {} %", target_group_name(&share.target_group), percent(share.weight))
}

/// Without decimals where there are none.
pub(super) fn percent(weight: f64) -> String {
    if weight.fract().abs() < 0.05 { format!("{weight:.0}") } else { format!("{weight:.1}") }
}

/// Whether a deployment is far enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not yet.
    Going,
    /// It is.
    Reached,
    /// It never will be; why.
    Failed(String),
}

/// Follows a deployment.
#[derive(Debug)]
pub struct Watch {
    point: Point,
    /// Status of each event when it was last seen.
    seen: BTreeMap<String, String>,
    shown: String,
    tasks: Option<Tasks>,
    /// New tasks that ran when they were last counted, and how many there should be.
    started: Option<(i64, i64)>,
    hints: BTreeSet<String>,
}

impl Watch {
    /// Waits for the point.
    pub fn new(point: Point) -> Self {
        Self { point, seen: BTreeMap::new(), shown: String::new(), tasks: None, started: None, hints: BTreeSet::new() }
    }

    /// Takes up what was seen: lines about what is new, and whether it is far enough.
    pub fn see(&mut self, look: &Look) -> (Vec<String>, Verdict) {
        let mut lines = Vec::new();
        for event in &look.events {
            let before = self.seen.insert(event.name.clone(), event.status.clone());
            let is_news =
                before.as_deref() != Some(&event.status) && event.status != "Pending" && event.status != "Skipped";
            if is_news {
                lines.push(format!("{}: {} {}", look.id, event.name, words(&event.status)));
            }
        }
        lines.extend(self.started(look));
        let shares: Vec<String> = look.shares.iter().map(share).collect();
        let shown = shares.join(", ");
        if look.shares.len() > 1 && shown != self.shown {
            lines.push(format!("{}: traffic {shown}", look.id));
            self.shown = shown;
        }
        if let Some(tasks) = look.tasks.filter(|tasks| self.tasks != Some(*tasks)) {
            lines.push(format!("{}: {tasks}", look.id));
            self.tasks = Some(tasks);
            for hint in look.hints.iter().filter(|hint| self.hints.insert((*hint).clone())) {
                lines.push(format!("{}: {hint}", look.id));
            }
        }
        (lines, self.verdict(look))
    }

    /// How many of the new tasks run, until all of them do.
    fn started(&mut self, look: &Look) -> Option<String> {
        // On the way back none are wanted.
        let green = look.green().filter(|green| green.desired > 0)?;
        let now = (green.running, green.desired);
        let is_news = self.started != Some(now) && (green.running < green.desired || self.started.is_some());
        if is_news {
            self.started = Some(now);
        }
        is_news.then(|| format!("{}: {} of {} new tasks running", look.id, green.running, green.desired))
    }

    fn verdict(&self, look: &Look) -> Verdict {
        let is_reached = match &self.point {
            Point::Started => true,
            Point::Traffic => look.has_traffic(),
            Point::Finished => false,
            Point::Event(event) => look.is_done(event),
        };
        match look.status {
            Status::Failed | Status::Stopped => Verdict::Failed(look.failure()),
            Status::Created | Status::InProgress if look.stuck.is_some() => Verdict::Failed(look.failure()),
            Status::Succeeded => Verdict::Reached,
            _ if is_reached => Verdict::Reached,
            Status::Created | Status::InProgress | Status::Ready => Verdict::Going,
        }
    }
}

fn words(status: &str) -> &str {
    match status {
        "InProgress" => "begins",
        "Succeeded" => "done",
        "Failed" => "failed",
        other => other,
    }
}

#[cfg(test)]
mod tests;
