//! The binary, run as a person does in a folder of the corpus: nothing of our environment reaches it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};

use regex::Regex;
use tempfile::TempDir;

use crate::support::BINARY;

/// What stays in the folder from one step to the next.
static KEPT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\.terraform|\.glaz.*|\.terraform\.lock\.hcl|terraform\.tfstate.*|log\.txt)$"));
/// The binary under test; `GLAZ_CORPUS_TOOL=terraform` puts the questions to the real one.
static TOOL: LazyLock<OsString> =
    LazyLock::new(|| std::env::var_os("GLAZ_CORPUS_TOOL").unwrap_or_else(|| BINARY.clone()));
static PROBLEM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^[ \t]*(?:[│╷╵|] ?)?(Error|Warning): (.*?)\s*$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

/// How one command ended.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub errors: BTreeSet<String>,
    pub warnings: BTreeSet<String>,
}

impl Ended {
    /// Whether the exit code says success.
    pub fn well(&self) -> bool {
        self.code == 0
    }
}

/// The corpus folder of this name.
pub fn corpus(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language/corpus").join(set)
}

/// The folders of a set, sorted by name.
pub fn folders(set: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(corpus(set))
        .expect("a set of the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// A scratch folder, and where in it the commands run.
pub struct Folder {
    _temp: TempDir,
    pub path: PathBuf,
}

impl Folder {
    pub fn new() -> Self {
        let temp = tempfile::Builder::new().prefix("glaz-corpus-").tempdir().expect("a folder");
        let path = temp.path().join("w");
        std::fs::create_dir(&path).expect("a folder");
        Self { _temp: temp, path }
    }

    /// Puts the files of a step down; state and log of the step before stay.
    pub fn lay(&self, step: &Path) {
        for entry in std::fs::read_dir(&self.path).expect("the folder") {
            let entry = entry.expect("an entry");
            if KEPT.is_match(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let path = entry.path();
            if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.expect("a removal");
        }
        copy(step, &self.path, true);
    }

    /// Runs the binary.
    pub fn run<S: AsRef<str>>(&self, args: &[S], env: &BTreeMap<String, String>) -> Ended {
        self.run_with(args, env, b"")
    }

    /// Runs the binary with a standard input.
    pub fn run_with<S: AsRef<str>>(&self, args: &[S], env: &BTreeMap<String, String>, input: &[u8]) -> Ended {
        let mut child = Command::new(&*TOOL)
            .args(args.iter().map(AsRef::as_ref))
            .current_dir(&self.path)
            .env_clear()
            .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/nonexistent"), ("LC_ALL", "C.UTF-8")])
            .envs([("TF_IN_AUTOMATION", "1"), ("CHECKPOINT_DISABLE", "1")])
            .envs(env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary");
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().expect("its input").write_all(input);
        let output = child.wait_with_output().expect("its end");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let both = format!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
        // Only the real terraform colours what nobody looks at.
        let both = anstream::adapter::strip_str(&both).to_string();
        let named = |kind: &str| {
            let found = PROBLEM.captures_iter(&both).filter(|found| &found[1] == kind);
            found
                .map(|found| if found[2].starts_with("Cycle: ") { "Cycle".to_owned() } else { found[2].to_owned() })
                .collect()
        };
        let (errors, warnings) = (named("Error"), named("Warning"));
        Ended { code: output.status.code().unwrap_or(-1), stdout, errors, warnings }
    }
}

/// Copies a folder's contents; the recorded answers of the folder itself are left behind.
fn copy(from: &Path, to: &Path, top: bool) {
    for entry in std::fs::read_dir(from).expect("a folder of the corpus") {
        let entry = entry.expect("an entry");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy(&path, &target, false);
        } else if !(top && entry.file_name() == "expected.json") {
            std::fs::copy(path, target).expect("a copy");
        }
    }
}

/// The misses of every folder, tried side by side: the machine has more than one core.
pub fn side_by_side(folders: Vec<PathBuf>, play: impl Fn(&Path) -> Vec<String> + Sync) -> Vec<String> {
    let left = Mutex::new(folders.into_iter());
    let misses = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(folder) = left.lock().expect("the list").next() else { break };
                    let found = play(&folder);
                    misses.lock().expect("the misses").extend(found);
                }
            });
        }
    });
    let mut misses = misses.into_inner().expect("the misses");
    misses.sort();
    misses
}
