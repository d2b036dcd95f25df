//! The real binary, from the command line to the exit code.

mod bad_input;
mod basics;
#[cfg(feature = "aws")]
mod bluegreen;
mod console;
mod fmt;
mod graph;
mod init;
#[cfg(feature = "aws")]
mod interrupted;
#[cfg(feature = "aws")]
mod provider;
mod provisioners;
mod refactoring;
mod remote;
mod saved_plan;
mod state_file;
mod state_pull;
mod time;
mod tls;
#[cfg(feature = "aws")]
mod trouble;
mod workspace;
