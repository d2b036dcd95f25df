//! steps -> AWS.
//!
//! [`run()`] does what the plan says, the longest chain first. It plans nothing: each step's configuration is evaluated
//! again with the values that are final by then, completed with the same function as in the plan, and compared with
//! what was planned.

mod checks;
mod dependencies;
mod deploy;
pub mod job;
mod provision;
mod record;
pub mod recover;
pub mod retry;
pub mod run;
mod run_step;
pub mod schedule;
pub mod wait;

pub use job::{Counts, Event, Job, Outcome, Stop};
pub use run::run;
