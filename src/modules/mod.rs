//! Modules from elsewhere: registries, git and Mercurial repositories, buckets and archives.
//!
//! An [`Installer`] is asked for each module while a configuration is loaded ([`lang::load_with`](crate::lang::load_with)).
//! What is installed already and still wanted stays; anything else is fetched ([`fetch`]) into `.terraform/modules`, checked
//! against the lock file ([`lock`]) and remembered there. [`Installer::finish`] writes Terraform's `modules.json` and the lock
//! file. Everything blocks.

mod archive;
pub mod credentials;
mod fetch;
mod files;
mod git;
mod hash;
mod hg;
mod installer;
pub mod lock;
mod registry;
mod s3;
mod settings_file;
pub mod starter;
mod web;

use std::path::PathBuf;
use std::sync::Arc;

pub use credentials::Credentials;
pub use fetch::fetch;
pub use installer::Installer;
pub use s3::{Bucket, Buckets};

use crate::http;

/// What fetching needs from outside.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Asks web servers.
    pub client: http::Client,
    /// Tokens and passwords of hosts.
    pub credentials: Credentials,
    /// Reads buckets of S3; nothing in a build without AWS.
    pub buckets: Option<Arc<dyn Buckets>>,
}

/// How modules are installed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of the stack.
    pub stack: PathBuf,
    /// The folder given instead of `.terraform`.
    pub data_dir: Option<PathBuf>,
    /// Take the newest versions that the constraints allow, whatever is installed or locked.
    pub is_upgrade: bool,
    /// Fail instead of changing the lock file.
    pub is_readonly: bool,
}

/// What is going on, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A module is being fetched: its key, what it is and its version.
    Fetching(String, String, Option<String>),
    /// A module is there now: its key and its folder.
    Installed(String, PathBuf),
    /// A module that is a local folder is called for the first time: its key and its folder.
    Local(String, PathBuf),
}
