//! The process environment: read here, once, and nowhere else.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::resource::Surroundings;
use crate::state::lock::Process;
use crate::state::store::started;

/// What the environment says.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    variables: Arc<BTreeMap<String, String>>,
    /// Where the tool was started.
    pub cwd: PathBuf,
}

impl Environment {
    /// Reads the process environment. Variables that are not text are left out.
    pub(super) fn read() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let variables = std::env::vars_os().filter_map(text).collect();
        Self { variables: Arc::new(variables), cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")) }
    }

    /// A variable that is set and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Values of root variables, from `TF_VAR_name`.
    pub(super) fn tf_vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?, value.as_str())))
    }

    /// The clock: pinned by `GLAZ_TEST_CLOCK` and `GLAZ_TEST_SEED`, which only tests set.
    pub(super) fn clock(&self) -> Clock {
        let seed = self.get("GLAZ_TEST_SEED").and_then(|seed| seed.parse().ok()).unwrap_or_default();
        self.get("GLAZ_TEST_CLOCK").and_then(|text| Clock::from_text(text, seed)).unwrap_or_else(Clock::system)
    }

    /// What providers get to see.
    pub(super) fn surroundings(&self) -> Surroundings {
        let agent = concat!("glaz-", env!("CARGO_PKG_VERSION")).to_owned();
        Surroundings { clock: self.clock(), environment: self.variables.clone(), agent }
    }

    /// This process, for locks. Elsewhere than on Linux nobody can tell later whether it still runs.
    pub(super) fn process() -> Process {
        let read = |path: &str| std::fs::read_to_string(path).ok();
        let boot = read("/proc/sys/kernel/random/boot_id");
        let space = std::fs::read_link("/proc/self/ns/pid").ok();
        let machine = boot.zip(space).map(|(boot, space)| format!("{}/{}", boot.trim(), space.display()));
        let started = read("/proc/self/stat").and_then(|stat| started(&stat).map(str::to_owned));
        match (machine, started) {
            (Some(machine), Some(started)) => Process { pid: std::process::id(), machine, started },
            _ => Process { pid: std::process::id(), ..Process::default() },
        }
    }

    /// `user@host`, for locks.
    pub(super) fn who(&self) -> String {
        let user = self.get("USER").or_else(|| self.get("LOGNAME")).unwrap_or("unknown");
        let host = rustix::system::uname();
        format!("{user}@{}", host.nodename().to_string_lossy())
    }
}
