use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::clock::Clock;
use crate::state::lock::{LockRequest, holder};
use crate::state::store::{LocalStore, atomic};
use crate::state::{Instance, InstanceKey, State};
use crate::value::Value;

const NAME: &str = "terraform.tfstate";

fn request(timeout: u64) -> LockRequest {
    LockRequest {
        operation: "OperationTypeApply".to_owned(),
        info: String::new(),
        who: "me@here".to_owned(),
        timeout: Duration::from_secs(timeout),
        command: "apply".to_owned(),
        process: crate::state::lock::Process::default(),
    }
}

/// A state whose only object has an id of this length.
fn state(length: usize) -> State {
    let mut state = State::of_lineage("l");
    let value = Value::object([("id".into(), Value::from("x".repeat(length)))].into());
    let instance =
        Instance::new("provider[\"terraform.io/builtin/terraform\"]", 0, &value, &value.ty()).expect("stored");
    state.instances.insert(InstanceKey::current("terraform_data.b".parse().expect("an address")), instance);
    state
}

fn clock() -> Clock {
    Clock::pinned(Duration::from_secs(1_700_000_000), 1)
}

#[test]
fn serial_rises_only_when_the_content_differs_and_the_first_change_keeps_a_backup() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    let backup = folder.path().join("terraform.tfstate.backup");
    let mut store = LocalStore::open(&path);
    assert_eq!(store.read().expect("read"), None);
    assert_eq!(store.write(&state(1)).expect("written"), 1);
    assert_eq!(store.write(&state(2)).expect("written"), 2);
    assert!(!backup.exists(), "a first run has nothing to go back to");
    let first = std::fs::read(&path).expect("a file");
    assert_eq!(store.write(&state(2)).expect("written"), 2);

    let mut store = LocalStore::open(&path);
    assert_eq!(store.read().expect("read").map(|state| state.serial), Some(2));
    assert_eq!(store.write(&state(2)).expect("written"), 2);
    assert!(!backup.exists());
    assert_eq!(store.write(&state(3)).expect("written"), 3);
    assert_eq!(store.write(&state(4)).expect("written"), 4);
    assert_eq!(std::fs::read(&backup).expect("a backup"), first);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2, "no other files are left");
}

#[test]
fn a_file_laid_out_otherwise_stays_when_nothing_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    let mut store = LocalStore::open(&path);
    store.write(&state(1)).expect("written");
    let text = std::fs::read_to_string(&path).expect("text").replace("  ", "\t");
    atomic::replace(&path, text.as_bytes(), 0o644).expect("written");
    let mut store = LocalStore::open(&path);
    assert_eq!(store.write(&state(1)).expect("written"), 1);
    assert_eq!(std::fs::read_to_string(&path).expect("text"), text);
}

#[test]
fn permissions_and_links_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let (real, link) = (folder.path().join("real"), folder.path().join(NAME));
    LocalStore::open(&real).write(&state(1)).expect("written");
    assert_eq!(std::fs::metadata(&real).expect("a file").mode() & 0o777, 0o644);
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("permissions");
    symlink("real", &link).expect("a link");
    LocalStore::open(&link).write(&state(2)).expect("written");
    assert!(std::fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert_eq!(std::fs::metadata(&real).expect("a file").mode() & 0o777, 0o640);
}

#[test]
fn damage_points_to_the_backup() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    let mut store = LocalStore::open(&path);
    store.write(&state(1)).expect("written");
    let whole = std::fs::read(&path).expect("a file");
    atomic::replace(&path, &whole[..whole.len() / 2], 0o644).expect("written");
    let help = |store: &mut LocalStore| store.read().expect_err("cut").help.unwrap_or_default();
    assert!(help(&mut store).contains("no whole backup"));
    atomic::replace(&folder.path().join("terraform.tfstate.backup"), &whole, 0o644).expect("written");
    assert!(help(&mut store).contains(&format!("cp {0}.backup {0}", path.display())));
    atomic::replace(&path, b"", 0o644).expect("written");
    assert_eq!(store.read().expect("read"), None);
}

#[test]
fn what_somebody_else_wrote_is_not_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    let (mut ours, mut theirs) = (LocalStore::open(&path), LocalStore::open(&path));
    ours.write(&state(1)).expect("written");
    theirs.write(&state(2)).expect("written");
    assert_eq!(ours.write(&state(3)).expect_err("changed").summary, "The state was changed meanwhile");
    assert_eq!(
        theirs.write(&State { lineage: "m".to_owned(), ..state(3) }).expect_err("another").summary,
        "Another state"
    );
    ours.overwrite(&State { serial: 1, lineage: "m".to_owned(), ..state(3) }).expect("written");
    assert_eq!(theirs.read().expect("read").map(|state| (state.serial, state.lineage)), Some((1, "m".to_owned())));
}

#[test]
fn where_nothing_can_be_written_it_says_why() {
    let mut store = LocalStore::open(Path::new("/proc/terraform.tfstate"));
    let problem = store.write(&state(1)).expect_err("not writable");
    assert_eq!(problem.summary, "The state cannot be written");
    let failing = |file: &mut std::fs::File| {
        file.write_all(b"half")?;
        Err(std::io::ErrorKind::StorageFull.into())
    };
    let folder = tempfile::tempdir().expect("a folder");
    assert!(atomic::beside(&folder.path().join(NAME), 0o644, failing).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[tokio::test]
async fn locking_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    let mut store = LocalStore::open(&path);
    store.lock(&request(0), &clock()).await.expect("locked");
    let info = folder.path().join(".terraform.tfstate.lock.info");
    assert_eq!(std::fs::metadata(&info).expect("a file").mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&info).expect("text");
    let rest = text.split_once("\"Operation\"").expect("an operation").1;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        rest,
        format!(
            ":\"OperationTypeApply\",\"Info\":\"\",\"Who\":\"me@here\",\"Version\":\"glaz {version}\",\
             \"Created\":\"2023-11-14T22:13:20Z\",\"Path\":\"{}\"}}",
            path.display()
        )
    );
    assert_eq!(store.read().expect("read"), None);
    store.unlock();
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[tokio::test]
async fn another_process_is_kept_out_whatever_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    let mut store = LocalStore::open(&path);
    store.lock(&request(0), &clock()).await.expect("locked");
    let inode = std::fs::metadata(&path).expect("a file").ino();
    let mut other = Other::start(folder.path(), "");
    for length in [3, 2, 1] {
        assert_eq!(other.ask("lock 0"), "The state is locked");
        store.write(&state(length)).expect("written");
        assert_eq!(std::fs::metadata(&path).expect("a file").ino(), inode, "somebody may wait for this inode");
        assert_eq!(store.read().expect("read").map(|state| state.instances), Some(state(length).instances));
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2, "the state and who locks it");
    other.say("lock 60"); // waits, and then sees what was written
    store.write(&state(7)).expect("written");
    store.unlock();
    assert_eq!(other.answer(), "ok");
    assert_eq!(other.ask("read"), "serial 4");
    assert_eq!(store.lock(&request(0), &clock()).await.expect_err("locked").summary, "The state is locked");
}

#[tokio::test]
async fn the_refusal_says_who_and_since_when() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    let mut other = Other::start(folder.path(), "");
    assert_eq!(other.ask("lock 0"), "ok");
    let mut store = LocalStore::open(&path);
    let problem = store.lock(&request(10), &clock()).await.expect_err("locked");
    for part in ["after 10 seconds", "me@here", "OperationTypeApply", "2023-11-14T22:13:20Z"] {
        assert!(problem.detail.contains(part), "{}", problem.detail);
    }
    other.kill();
    assert!(holder(&path).is_some(), "its info is left over");
    store.lock(&request(0), &clock()).await.expect("the info does not block");
    store.unlock();
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "the empty file of the killed run");
}

#[test]
fn where_the_disk_is_full_the_old_state_is_intact() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NAME);
    LocalStore::open(&path).write(&state(10)).expect("written");
    let before = std::fs::read(&path).expect("a file");
    // Files of at most 8 blocks of 512 or 1024 bytes; the signal for larger ones is ignored, so writing fails.
    for lock in [false, true] {
        let mut other = Other::start(folder.path(), "trap '' XFSZ; ulimit -f 8;");
        if lock {
            assert_eq!(other.ask("lock 0"), "ok");
        }
        assert_eq!(other.ask("write 100000"), "The state cannot be written");
        assert_eq!(std::fs::read(&path).expect("a file"), before);
        assert_eq!(other.ask("write 20"), "serial 2");
        drop(other);
        atomic::replace(&path, &before, 0o644).expect("written");
    }
}

/// This test binary once more, as another process in the folder, told what to do line by line.
struct Other {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Other {
    fn start(folder: &Path, before: &str) -> Self {
        atomic::replace(&folder.join("other"), b"", 0o644).expect("written");
        let binary = std::env::current_exe().expect("a binary");
        let mut child = Command::new("sh")
            .args(["-c", &format!("{before} exec \"$0\" --exact state::store::tests::file::other --nocapture")])
            .arg(binary)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let (to, from) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let mut other = Self { child, to, from: BufReader::new(from) };
        assert_eq!(other.answer(), "ready");
        other
    }

    fn say(&mut self, line: &str) {
        writeln!(self.to, "{line}").expect("told");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.from.read_line(&mut line).expect("a line"), 0, "it ended");
            if let Some((_, answer)) = line.split_once("> ") {
                return answer.trim_end().to_owned();
            }
        }
    }

    fn ask(&mut self, line: &str) -> String {
        self.say(line);
        self.answer()
    }

    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The other side of [`Other`]; has nothing to do unless [`Other`] left its mark in the folder.
#[test]
fn other() {
    if std::fs::remove_file("other").is_err() {
        return;
    }
    let answer = |text: &str| writeln!(std::io::stdout(), "> {text}").expect("told");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut store = LocalStore::open(Path::new(NAME));
    answer("ready");
    for line in std::io::stdin().lines() {
        let line = line.expect("a line");
        let (what, number) = line.split_once(' ').unwrap_or((&line, "0"));
        let number: usize = number.parse().expect("a number");
        let done = match what {
            "lock" => {
                // Only a real clock lets the other process go on meanwhile.
                let clock = if number == 0 { clock() } else { Clock::system() };
                runtime.block_on(store.lock(&request(number as u64), &clock)).map(|()| "ok".to_owned())
            }
            "write" => store.write(&state(number)).map(|serial| format!("serial {serial}")),
            _ => store.read().map(|state| format!("serial {}", state.map_or(0, |state| state.serial))),
        };
        answer(&done.unwrap_or_else(|problem| problem.summary.into_owned()));
    }
}
