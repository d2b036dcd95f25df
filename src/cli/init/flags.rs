//! The flags of `glaz init`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::stack::duration;
use crate::cli::test_directory::TestDirectory;
use crate::diagnostic::Diagnostic;

/// Check the configuration, install its modules, and set up where the state is kept.
///
/// Other commands do the same by themselves when they need it. Nothing is downloaded for providers: all are built in.
#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    /// Set up the backend.
    #[arg(long, alias = "cloud", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub backend: Option<bool>,
    /// Argument of the backend beside those in its block, or a file of such; may be given several times. Remembered in
    /// .terraform/terraform.tfstate.
    #[arg(long = "backend-config", value_name = "NAME=VALUE|FILE")]
    pub backend_config: Vec<String>,
    /// Install modules.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub get: Option<bool>,
    /// Install the newest modules that the version constraints allow, whatever the lock file says.
    #[arg(long)]
    pub upgrade: bool,
    /// Copy this module into the folder first, which must be empty.
    #[arg(long = "from-module", value_name = "SOURCE")]
    pub from_module: Option<String>,
    /// Take the backend block as it is now, and leave the states where they were before alone.
    #[arg(long)]
    pub reconfigure: bool,
    /// Move the states of all workspaces from where they were before to where the backend block says. Asks first.
    #[arg(long = "migrate-state")]
    pub migrate_state: bool,
    /// The same without asking.
    #[arg(long = "force-copy")]
    pub force_copy: bool,
    /// Make the bucket of the backend "s3" unless it is there: encrypted, versioned, closed to the public.
    #[arg(long = "create-bucket")]
    pub create_bucket: bool,
    /// Whether questions may be asked.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub input: Option<bool>,
    /// Lock the states while one is moved.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub lock: Option<bool>,
    /// How long to wait for a lock that somebody else holds, such as 30s or 5m.
    #[arg(long = "lock-timeout", value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
    /// `readonly`: fail instead of changing the lock file of modules.
    #[arg(long, value_name = "MODE")]
    pub lockfile: Option<String>,
    /// Print a line of JSON per message, in Terraform's form.
    #[arg(long)]
    pub json: bool,
    /// Accepted as Terraform's flag; providers are built in.
    #[arg(long = "plugin-dir", value_name = "DIR", hide = true)]
    pub plugin_dir: Vec<PathBuf>,
    /// Accepted as Terraform's flag.
    #[arg(long = "ignore-remote-version", hide = true)]
    pub ignore_remote_version: bool,
    #[command(flatten)]
    pub tests: TestDirectory,
    /// Accepted as Terraform's flag, for scripts that give it to every command; nothing is evaluated here.
    #[arg(long, value_name = "NAME=VALUE", hide = true, allow_hyphen_values = true)]
    pub var: Vec<String>,
    /// The same.
    #[arg(long = "var-file", value_name = "FILE", hide = true)]
    pub var_file: Vec<PathBuf>,
}

impl InitArgs {
    /// Whether the backend stays as it was set up.
    pub(super) fn skips_backend(&self) -> bool {
        self.backend == Some(false)
    }

    /// Whether modules stay as they are.
    pub(super) fn skips_modules(&self) -> bool {
        self.get == Some(false)
    }

    /// Whether the lock file must not change.
    pub(super) fn is_readonly(&self) -> bool {
        self.lockfile.is_some()
    }

    /// Flags that exclude each other.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        if self.migrate_state && self.json {
            let text = "Moving the state may need an answer, and nobody can be asked while JSON is printed. Leave one of the flags out.";
            return Err(Diagnostic::error("The -migrate-state and -json options are mutually-exclusive", text));
        }
        if (self.migrate_state || self.force_copy) && self.reconfigure {
            let text = "The -migrate-state and -reconfigure options are mutually-exclusive: one moves the state, the other leaves it where it is.";
            return Err(Diagnostic::error("Invalid init options", text));
        }
        if let Some(mode) = self.lockfile.as_deref().filter(|mode| *mode != "readonly") {
            let text = format!("The lock file mode \"{mode}\" does not exist. The only one is \"readonly\".");
            return Err(Diagnostic::error("Failed to parse command-line flags", text));
        }
        if self.upgrade && self.is_readonly() {
            let text =
                "The -upgrade flag conflicts with -lockfile=readonly: one renews the lock file, the other keeps it.";
            return Err(Diagnostic::error("Invalid init options", text));
        }
        Ok(())
    }
}
