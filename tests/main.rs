//! The one test binary: one link instead of fifty.

mod resources;
mod support;
