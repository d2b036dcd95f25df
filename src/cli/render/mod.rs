//! Everything a person or a program sees.

pub(super) mod diagnostic;
mod diff;
pub(super) mod plan;
pub(super) mod progress;
pub(super) mod value;
