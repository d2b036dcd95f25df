//! A folder of stack files, and the real binary run in it.
//!
//! ```text
//! let stack = stack().file("main.tf", "...").aws();
//! stack.apply().succeeds();
//! stack.assert_nothing_to_do();
//! stack.destroy().succeeds();
//! stack.emulator().assert_empty();
//! ```
//!
//! The environment is made from nothing: test credentials, a region, a home of its own, a pinned clock. Without
//! [`Stack::aws`] the endpoint is one that refuses connections.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::BINARY;
use super::emulator::{Emulator, repository};
use super::scrub::scrub;

/// The longest a run may take before the test fails.
const LIMIT: Duration = Duration::from_secs(300);
/// Where the pinned clock stands in the first run of a stack: 2026-01-01.
const START: u64 = 1_767_225_600;
/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:9";

/// A stack to run commands on.
pub struct Stack {
    temp: TempDir,
    /// The folder commands run in.
    dir: PathBuf,
    environment: BTreeMap<String, String>,
    /// Flags for every command that reads the stack, such as `-var-file=dev.tfvars`.
    flags: Vec<String>,
    emulator: Option<Emulator>,
    runs: Cell<u64>,
}

/// An empty stack.
pub fn stack() -> Stack {
    let temp = tempfile::Builder::new().prefix("glaz-test-").tempdir().unwrap();
    let root = temp.path().canonicalize().unwrap();
    let (dir, home) = (root.join("stack"), root.join("home"));
    std::fs::create_dir(&dir).unwrap();
    std::fs::create_dir(&home).unwrap();
    let environment = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("HOME", home.to_str().unwrap()),
        ("USER", "tester"),
        ("LC_ALL", "C.UTF-8"),
        ("TZ", "UTC"),
        ("NO_COLOR", "1"),
        ("COLUMNS", "100"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", NOBODY),
    ];
    let environment = environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Stack { temp, dir, environment, flags: Vec::new(), emulator: None, runs: Cell::new(0) }
}

impl Stack {
    /// Writes a file of the stack.
    #[must_use]
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(name, text);
        self
    }

    /// Copies a folder of the repository, such as `examples`.
    #[must_use]
    pub fn copy(self, folder: &str) -> Self {
        copy(&repository().join(folder), &self.dir.join(folder));
        self
    }

    /// Runs commands in this folder of the stack.
    #[must_use]
    pub fn inside(mut self, folder: &str) -> Self {
        self.dir.push(folder);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Removes an environment variable.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Adds a flag to plan, apply and destroy.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// Plans without the rules of `glaz check`: stacks of tests are parts of what would work.
    #[must_use]
    pub fn unchecked(self) -> Self {
        self.flag("-check=false")
    }

    /// Gives the stack an AWS account, empty.
    #[must_use]
    pub fn aws(self) -> Self {
        self.in_account(Emulator::start())
    }

    /// Gives the stack this AWS account, as it is.
    #[must_use]
    pub fn in_account(mut self, emulator: Emulator) -> Self {
        self.environment.insert("AWS_ENDPOINT_URL".to_owned(), emulator.url());
        self.emulator = Some(emulator);
        self
    }

    /// Writes a file of the stack, over an older one.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Where a file of the stack is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The text of a file of the stack.
    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Files of the stack, hidden ones too, sorted.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.dir).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The state file.
    pub fn state(&self) -> serde_json::Value {
        serde_json::from_str(&self.read("terraform.tfstate")).unwrap()
    }

    /// Addresses of the managed instances in the state file, sorted; those of modules without the module.
    pub fn instances(&self) -> Vec<String> {
        let state = self.state();
        let mut all = Vec::new();
        for resource in state["resources"].as_array().into_iter().flatten().filter(|one| one["mode"] == "managed") {
            for instance in resource["instances"].as_array().into_iter().flatten() {
                let key = instance.get("index_key").map(|key| format!("[{key}]")).unwrap_or_default();
                let (kind, name) = (resource["type"].as_str().unwrap(), resource["name"].as_str().unwrap());
                all.push(format!("{kind}.{name}{key}"));
            }
        }
        all.sort();
        all
    }

    /// The account.
    pub fn emulator(&self) -> &Emulator {
        self.emulator.as_ref().unwrap()
    }

    /// The environment that commands get.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// `glaz plan -detailed-exitcode`.
    pub fn plan(&self) -> Output {
        self.with_flags(&["plan", "-detailed-exitcode"])
    }

    /// `glaz apply -auto-approve`.
    pub fn apply(&self) -> Output {
        self.with_flags(&["apply", "-auto-approve"])
    }

    /// `glaz destroy -auto-approve`.
    pub fn destroy(&self) -> Output {
        self.with_flags(&["destroy", "-auto-approve"])
    }

    /// A command with the flags of this stack.
    pub fn with_flags(&self, args: &[&str]) -> Output {
        let flags = self.flags.iter().map(String::as_str);
        self.run(&args.iter().copied().chain(flags).collect::<Vec<_>>())
    }

    /// Fails unless a plan has nothing to do.
    #[track_caller]
    pub fn assert_nothing_to_do(&self) {
        let plan = self.plan();
        match plan.code {
            Some(0) => {}
            Some(2) => panic!("the second plan is not empty:\n{}", plan.raw()),
            _ => panic!("the second plan fails:\n{}", plan.raw()),
        }
    }

    /// Any command.
    pub fn run(&self, args: &[&str]) -> Output {
        self.start(args).wait()
    }

    /// A command while the clock shows this time, in seconds since 1970; or is set while it runs, as `src/clock.rs` says.
    pub fn at(&self, time: impl Copy + std::fmt::Display, args: &[&str]) -> Output {
        self.start_at(time, args).wait()
    }

    /// The same without waiting for it.
    pub fn start_at(&self, time: impl Copy + std::fmt::Display, args: &[&str]) -> Running {
        let mut command = Command::new(&*BINARY);
        command.args(args).env("GLAZ_TEST_CLOCK", time.to_string());
        self.start_as(command)
    }

    /// Starts a command and does not wait for it.
    pub fn start(&self, args: &[&str]) -> Running {
        let mut command = Command::new(&*BINARY);
        command.args(args);
        self.start_as(command)
    }

    /// Starts a command through `sh`, with the binary as `$glaz`.
    pub fn start_shell(&self, script: &str) -> Running {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).env("glaz", &*BINARY);
        self.start_as(command)
    }

    /// Gives a command the environment and the folder of the stack.
    pub(super) fn prepare(&self, command: &mut Command) {
        let run = self.runs.get();
        self.runs.set(run + 1);
        let inherited = command.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)));
        let own: Vec<_> = inherited.filter_map(|(name, value)| Some((name, value?))).collect();
        command
            .env_clear()
            // Each run has a time and randomness of its own, or two runs would make the same "unique" names.
            .env("GLAZ_TEST_CLOCK", (START + run * 3600).to_string())
            .env("GLAZ_TEST_SEED", (run + 1).to_string())
            .envs(&self.environment)
            .envs(own)
            .current_dir(&self.dir);
    }

    fn start_as(&self, mut command: Command) -> Running {
        self.prepare(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap()));
        let mut words = vec![(self.temp.path().canonicalize().unwrap().display().to_string(), "[TEMP]".to_owned())];
        words.insert(0, (self.dir.display().to_string(), "[STACK]".to_owned()));
        if let Some(emulator) = &self.emulator {
            words.push((emulator.url(), "[AWS]".to_owned()));
        }
        Running { child, out, err, words, start: Instant::now() }
    }
}

/// A command that runs.
pub struct Running {
    child: Child,
    out: JoinHandle<String>,
    err: JoinHandle<String>,
    words: Vec<(String, String)>,
    start: Instant,
}

impl Running {
    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Asks it to end, as a service manager does.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Kills it as the machine would.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        send(&self.child, signal);
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Output {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break Some(status);
            }
            if self.start.elapsed() > LIMIT {
                let _ = self.child.kill();
                let _ = self.child.wait();
                break None;
            }
            std::thread::sleep(Duration::from_millis(4));
        };
        let time = self.start.elapsed();
        let (out, err) = (self.out.join().unwrap(), self.err.join().unwrap());
        let output =
            Output { code: status.and_then(|status| status.code()), status, out, err, time, words: self.words };
        assert!(status.is_some(), "it did not end within {LIMIT:?}:\n{}", output.raw());
        output
    }
}

/// Sends a signal to a process.
pub(super) fn send(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(id, signal).unwrap();
}

/// What a command said, and how it ended.
#[derive(Clone)]
pub struct Output {
    /// `None` after a signal.
    pub code: Option<i32>,
    pub status: Option<ExitStatus>,
    /// Standard output as it came.
    pub out: String,
    /// Standard error as it came.
    pub err: String,
    pub time: Duration,
    words: Vec<(String, String)>,
}

impl Output {
    /// Fails unless the exit code is 0.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.ends_with(0)
    }

    /// Fails unless the exit code is 1.
    #[track_caller]
    pub fn fails(self) -> Self {
        self.ends_with(1)
    }

    /// Fails unless the exit code is this.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert!(self.code == Some(code), "exit code {code} was expected:\n{}", self.raw());
        self
    }

    /// Fails unless standard output or error says it.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.text().contains(text), "nothing says {text:?}:\n{}", self.text());
        self
    }

    /// Fails if standard output or error says it.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        assert!(!self.text().contains(text), "something says {text:?}:\n{}", self.text());
        self
    }

    /// Both streams with what differs from run to run taken out, for snapshots.
    pub fn text(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|(word, instead)| (word.as_str(), instead.as_str())).collect();
        let (out, err) = (scrub(&self.out, &words), scrub(&self.err, &words));
        match (out.is_empty(), err.is_empty()) {
            (false, false) => format!("{out}\n--- standard error\n{err}"),
            (true, false) => err.trim_start().to_owned(),
            _ => out,
        }
    }

    /// Everything as it came, for the message of a failed test.
    pub fn raw(&self) -> String {
        let status = self.status.map_or_else(|| "no end".to_owned(), |status| status.to_string());
        format!("{}{}({status})", self.out, self.err)
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Copies the stack files of a folder: no state, nothing hidden.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with('.') || name.contains(".tfstate") {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}
