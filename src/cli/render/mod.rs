//! Everything a person or a program sees.

pub(super) mod diagnostic;
pub(super) mod plan;
pub(super) mod progress;
