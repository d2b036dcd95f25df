//! Everything a person or a program sees.

pub(super) mod diagnostic;
mod diff;
pub(super) mod generate;
pub(super) mod graph;
pub(super) mod json;
pub(super) mod plan;
pub(super) mod progress;
pub(super) mod sarif;
pub(super) mod state;
mod unified;
pub(super) mod value;

pub(super) use unified::unified;
