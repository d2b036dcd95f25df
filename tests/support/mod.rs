//! What tests stand on.
//!
//! [`stack`] builds a folder of stack files and runs the real binary in it; [`emulator`] is the AWS it talks to;
//! [`cases`] are what every resource type has to pass.

#![allow(dead_code)] // without AWS half of it is not used

#[cfg(feature = "aws")]
pub mod bucket;
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

use std::ffi::OsString;
use std::sync::LazyLock;

/// The program under test: the one that was built with the tests, or the one `GLAZ_BINARY` names, such as a release build.
pub static BINARY: LazyLock<OsString> =
    LazyLock::new(|| std::env::var_os("GLAZ_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_glaz").into()));
