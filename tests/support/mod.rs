//! What tests stand on.
//!
//! [`stack`] builds a folder of stack files and runs the real binary in it; [`emulator`] is the AWS it talks to;
//! [`cases`] are what every resource type has to pass.

#![allow(dead_code)] // without AWS half of it is not used

#[cfg(feature = "aws")]
pub mod cases;
pub mod emulator;
#[cfg(feature = "aws")]
pub mod import;
#[cfg(feature = "aws")]
pub mod kept;
pub mod scrub;
pub mod ssh;
pub mod stack;
pub mod terminal;
pub mod web;
