//! Blue/green: what a deployment controller governs, and how a new revision is rolled out and watched.
//!
//! A service under CodeDeploy, under an outside controller, or with a strategy of ECS's own has two masters: the stack
//! file says how it starts and what it should become, deployments move its revision, its target group and the weights
//! of its listeners. Everything here but [`Controllers`] is pure: what was seen goes in, decisions and words come out.
//!
//! ```text
//! Controllers::observe(asks)   -> Observed     what only a controller knows: task sets, group, running deployment
//! govern(objects, observed)    -> Governance   which attributes are the controller's at the moment
//! merge(base, ours, theirs)    -> definition   what the stack file and a pipeline changed, put together by field
//! Governance::hold(config)     -> config       ... and stay as they are, unless the person changed them
//! order(change, governance)    -> Rollout      a change that only a deployment can make
//! Watch::see(look)             -> Verdict      how far a deployment is, and whether that is far enough
//! ```

pub mod appspec;
pub mod configured;
mod controllers;
mod drive;
pub mod govern;
mod hold;
pub mod images;
pub mod merge;
pub mod migrate;
mod object;
pub mod observed;
mod order;
pub mod pace;
pub mod say;
pub mod take;
mod traffic;
mod trouble;
mod watch;

pub use configured::governable;
pub use controllers::{Controllers, Health, Hooks, Order};
pub use drive::{Drive, Pause};
pub use govern::{Governance, Governed, Theirs, govern, group_of};
pub use images::{Image, Images, OnMissing, Reference};
pub use object::{alarms_of, controller, is_of_rollouts, own_pace, service_key};
pub use observed::{Ask, Controller, Group, Observed, Running, TaskSet};
pub use order::{DEPLOYED, Refused, Rollout, resumed, rollout};
pub use traffic::{forwards, leads_elsewhere};
pub use trouble::{Alarm, Happened, Trouble};
pub use watch::{Choices, Event, Look, OnRunning, Point, STAGES, Share, Status, Tasks, Verdict, Watch};
