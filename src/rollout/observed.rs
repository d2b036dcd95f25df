//! What was seen of services and their controllers.

use serde::{Deserialize, Serialize};

use super::pace::Pace;
use crate::address::Address;
use crate::resource::Cloud;
use crate::value::Value;

/// Who brings out a new revision of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Controller {
    /// ECS, task by task.
    #[default]
    Rolling,
    /// ECS, with two target groups: strategies `BLUE_GREEN`, `LINEAR`, `CANARY`.
    Gradual,
    /// CodeDeploy.
    CodeDeploy,
    /// Somebody outside, through task sets.
    External,
}

impl Controller {
    /// Whether it moves revision and traffic by itself.
    pub fn governs(self) -> bool {
        self != Self::Rolling
    }

    /// Whether ECS itself brings out revisions.
    pub fn is_own(self) -> bool {
        matches!(self, Self::Rolling | Self::Gradual)
    }

    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rolling | Self::Gradual => "ECS",
            Self::CodeDeploy => "CodeDeploy",
            Self::External => "the external controller",
        }
    }
}

/// A service to look at.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The instance.
    pub address: Address,
    /// Its connection.
    pub cloud: Cloud,
    /// All attributes of the service as known.
    pub service: Value,
    /// Who brings out its revisions.
    pub controller: Controller,
    /// The deployment group that names it, when the stack has one.
    pub group: Option<Group>,
}

/// What only the controller of a service knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Sets of tasks, the one with the users' traffic first.
    pub task_sets: Vec<TaskSet>,
    /// The deployment group that names the service, with the ARNs of its target groups.
    pub group: Option<Group>,
    /// A deployment that is under way.
    pub running: Option<Running>,
    /// Whether the number of tasks belongs to Application Auto Scaling.
    pub is_scaled: bool,
    /// What could not be found out, and what that means.
    pub notes: Vec<String>,
}

/// A set of tasks of one revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSet {
    /// Its id.
    pub id: String,
    /// `PRIMARY`, `ACTIVE` or `DRAINING`.
    pub status: String,
    /// ARN of the revision.
    pub task_definition: String,
    /// ARN of the target group that its tasks are registered in.
    pub target_group: Option<String>,
    /// Tasks that should run.
    pub desired: i32,
    /// Tasks that run.
    pub running: i32,
    /// Tasks that start.
    pub pending: i32,
    /// Whether it is steady.
    pub is_steady: bool,
    /// The deployment that made it.
    pub deployment: Option<String>,
}

/// A deployment group of CodeDeploy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its instance, when it belongs to the stack.
    pub address: Option<String>,
    /// Name of the application.
    pub app: String,
    /// Name of the group.
    pub name: String,
    /// Name of the deployment configuration.
    pub config: String,
    /// The two target groups: names as the group has them, or ARNs once known.
    pub pair: Vec<String>,
    /// ARNs of the listeners with the users' requests.
    pub production: Vec<String>,
    /// ARNs of the listeners with test requests.
    pub test: Vec<String>,
    /// How long its deployments take.
    pub pace: Pace,
    /// Whether a failed deployment is rolled back.
    pub rolls_back: bool,
    /// Names of the alarms that stop its deployments; none when they are off.
    #[serde(default)]
    pub alarms: Vec<String>,
}

/// A deployment that is under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Its id.
    pub id: String,
    /// Such as `InProgress`.
    pub status: String,
    /// Lower-case hexadecimal SHA-256 of its AppSpec, when that is inline.
    pub digest: Option<String>,
    /// What its maker said of it.
    pub description: String,
    /// Whether it brings the traffic back after another one, which nobody should stop half-way.
    #[serde(default)]
    pub brings_back: bool,
}

impl Running {
    /// Its id as people read it: of an ARN the last part.
    pub fn name(&self) -> &str {
        last_part(&self.id)
    }
}

/// `target-group-name` of an ARN; a name stays as it is.
pub fn target_group_name(arn: &str) -> &str {
    match arn.split_once(":targetgroup/") {
        Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
        None => arn,
    }
}

/// The last part of an ARN; a name stays as it is.
pub fn last_part(text: &str) -> &str {
    text.rsplit_once('/').map_or(text, |(_, name)| name)
}

/// Family and revision of a task definition's ARN or name.
pub fn revision(text: &str) -> (&str, Option<u32>) {
    let name = last_part(text);
    match name.split_once(':') {
        Some((family, revision)) => (family, revision.parse().ok()),
        None => (name, None),
    }
}

impl Group {
    /// Whether this is one of its two target groups.
    pub fn has(&self, target_group: &str) -> bool {
        self.pair.iter().any(|one| one == target_group || one == target_group_name(target_group))
    }
}
