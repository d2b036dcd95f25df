//! What went wrong lately with a service, and the alarms that its deployments heed.

/// An alarm that stops or rolls back deployments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`; `None` when there is no such alarm.
    pub state: Option<String>,
    /// Why it is in that state.
    pub reason: String,
}

/// Something that happened, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happened {
    /// What it happened to: the id of a deployment or task; empty for an event of the service.
    pub id: String,
    /// `Failed`, `Stopped`, ..., as AWS calls it; empty where that is plain.
    pub status: String,
    /// When, in UTC, as in RFC 3339; empty when not known.
    pub time: String,
    /// Why, in words.
    pub why: String,
}

/// What went wrong lately, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Deployments that failed or were stopped.
    pub deployments: Vec<Happened>,
    /// Tasks that stopped.
    pub tasks: Vec<Happened>,
    /// What ECS says of the service.
    pub events: Vec<Happened>,
    /// Alarms that deployments heed.
    pub alarms: Vec<Alarm>,
    /// What could not be found out, and what that takes.
    pub notes: Vec<String>,
}
