//! Loading a stack with its modules, fetching what is missing; and `glaz get`.

use std::path::Path;

use clap::Args;

use super::Globals;
use super::environment::Environment;
use super::failure::Failure;
use super::test_directory::TestDirectory;
use crate::http;
use crate::lang::{self, Files, Loaded};
use crate::modules::lock::Lock;
use crate::modules::{Credentials, Event, Installer, Outside, Settings};

/// Install the modules that the stack calls.
///
/// `glaz init` does the same, and other commands do it by themselves when a module is missing.
#[derive(Args, Debug)]
pub(super) struct GetArgs {
    /// Install the newest modules that the version constraints allow, whatever the lock file says.
    #[arg(long)]
    update: bool,
    #[command(flatten)]
    tests: TestDirectory,
}

/// Installs; the exit code.
pub(super) fn run(args: &GetArgs, globals: &Globals) -> Result<u8, Failure> {
    let how = How { is_upgrade: args.update, is_readonly: false };
    let loaded = install(Path::new("."), how, &globals.environment, &mut |event| {
        if let Event::Installed(key, dir) | Event::Local(key, dir) = event {
            globals.shell.line(&format!("- {key} in {}", dir.display()));
        }
    })?;
    let mut warnings = loaded.report;
    warnings.0.extend(args.tests.missing(Path::new(".")));
    globals.warn(&warnings, &loaded.sources);
    Ok(0)
}

/// How modules are installed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// Newest versions.
    pub is_upgrade: bool,
    /// The lock file must not change.
    pub is_readonly: bool,
}

/// Files of a stack, with installed modules where the environment says they are.
pub(super) fn files(environment: &Environment) -> Files {
    Files::disk().with_data_dir(environment.get("TF_DATA_DIR").map(Into::into))
}

/// Loads a stack. Modules that are missing are installed first, with a line for each.
pub(super) fn load(dir: &Path, globals: &Globals) -> Result<Loaded, Failure> {
    let loaded = lang::load_from(dir, files(&globals.environment));
    if !loaded.is_incomplete {
        return Ok(loaded);
    }
    install(dir, How::default(), &globals.environment, &mut |event| {
        if let Event::Installed(key, _) = event {
            globals.shell.err(&format!("Installed module {key}\n"));
        }
    })
}

/// Installs the modules of a stack and loads it.
pub(super) fn install(
    dir: &Path,
    how: How,
    environment: &Environment,
    watch: &mut dyn FnMut(&Event),
) -> Result<Loaded, Failure> {
    let stack = lang::clean(dir);
    let lock = Lock::read(&stack).map_err(|(report, sources)| Failure { report, sources })?;
    let (outside, data_dir) = (outside(environment)?, environment.get("TF_DATA_DIR").map(Into::into));
    let settings = Settings { stack, data_dir, is_upgrade: how.is_upgrade, is_readonly: how.is_readonly };
    let mut installer = Installer::new(&settings, &outside, lock, watch);
    let mut loaded = lang::load_with(dir, files(environment), &mut installer);
    if let Err(problem) = installer.finish(&loaded) {
        loaded.report.push(problem);
    }
    if loaded.report.has_errors() {
        return Err(Failure { report: loaded.report, sources: loaded.sources });
    }
    Ok(loaded)
}

/// What fetching needs.
///
/// # Errors
/// The CLI configuration cannot be read.
pub(super) fn outside(environment: &Environment) -> Result<Outside, Failure> {
    let around = environment.surroundings();
    let home = environment.get("HOME").map(Path::new);
    Ok(Outside {
        client: http::Client::new(http::Settings::from_environment(&around.environment, &around.agent)),
        credentials: Credentials::read(&around.environment, home)
            .map_err(|(report, sources)| Failure { report, sources })?,
        #[cfg(feature = "s3")]
        buckets: Some(std::sync::Arc::new(super::buckets::S3::new(around))),
        #[cfg(not(feature = "s3"))]
        buckets: None,
    })
}
