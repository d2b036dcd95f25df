//! desired + state + live -> steps.
//!
//! [`draw()`] draws up a plan: it evaluates the configuration with planned values as answers, reads what exists, and
//! turns the changes into steps. Only `refresh` inside it talks to a service; everything else is pure.

pub mod change;
pub mod checks;
mod circle;
pub mod complete;
mod create_first;
pub mod diff;
pub mod draw;
pub mod ephemeral;
mod finish;
pub mod generate;
mod hidden;
pub mod ignore;
pub mod imagine;
mod import;
mod import_object;
mod known_values;
pub mod live;
mod moved;
mod narrow;
mod orphans;
pub mod output;
mod part_of;
pub mod planner;
pub mod problem;
pub mod provider;
mod reading;
mod redraw;
pub mod refresh;
pub mod remembered;
mod removed;
mod replace;
mod replan;
pub mod rollouts;
pub mod saved;
pub mod sharing;
mod singles;
pub mod steps;
#[cfg(test)]
mod tests;
pub mod turned;

pub use change::{Action, Change, Reason};
pub use draw::{Options, Plan, Purpose, Request, connect, draw};
pub use hidden::{Inferred, inferred};
pub use import_object::import_object;
pub use output::OutputChange;
pub use provider::Connections;
pub use redraw::redraw;
pub use remembered::Remembered;
pub use steps::{Step, What};

use crate::value::{Data, Value};

/// The value with everything that is known only after apply replaced by null: what a service is asked with.
pub fn known(value: &Value) -> Value {
    match &value.data {
        Data::Unknown(unknown) => Value::null(unknown.ty.clone()),
        _ => value.map_children(&known),
    }
}
