//! Everything a person or a program sees.

pub(super) mod diagnostic;
mod diff;
pub(super) mod json;
pub(super) mod plan;
pub(super) mod progress;
pub(super) mod state;
pub(super) mod value;
