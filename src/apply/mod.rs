//! steps -> AWS.
//!
//! [`run()`] does what the plan says, the longest chain first. It plans nothing: each step's configuration is evaluated
//! again with the values that are final by then, completed with the same function as in the plan, and compared with
//! what was planned.

mod adopt;
mod checks;
mod connect;
mod delete;
mod dependencies;
mod deploy;
pub mod durations;
mod ephemeral;
pub mod images;
pub mod interrupted;
pub mod job;
pub mod lanes;
mod overwrite;
mod provision;
mod record;
pub mod recover;
pub mod retry;
mod rollback;
pub mod run;
mod run_step;
pub mod schedule;
#[cfg(test)]
mod tests;
mod turned;
pub mod wait;

pub use durations::Durations;
pub use images::Missing;
pub use interrupted::{Undoing, undo};
pub use job::{Act, Counts, Event, Job, Offer, Outcome, Stage, Stop};
pub use run::run;
