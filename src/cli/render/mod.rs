//! Everything a person or a program sees.

pub mod diagnostic;
pub mod plan;
pub mod progress;
