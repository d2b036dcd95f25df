//! The real binary, from the command line to the exit code.

mod basics;
#[cfg(feature = "aws")]
mod provider;
