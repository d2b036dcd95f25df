//! The one test binary: one link instead of fifty.

#![allow(unreachable_pub)] // nothing is exported from here
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)] // a panic is how a test fails; its files need no atomic write
#![allow(missing_docs)]

mod builtin;
mod commands;
#[cfg(feature = "aws")]
mod crash;
mod language;
mod layers;
#[cfg(feature = "aws")]
mod preflight;
mod properties;
#[cfg(feature = "aws")]
mod resources;
#[cfg(feature = "aws")]
mod schema;
mod support;
