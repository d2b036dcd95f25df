//! A stack whose runs are killed at given points.

use std::collections::BTreeMap;

use super::points::{Course, Point, Seen, When};
use crate::support::kept::Kept;
use crate::support::stack::{Running, Stack};

const STATE: &str = "terraform.tfstate";
const BACKUP: &str = "terraform.tfstate.backup";
const JOURNAL: &str = "terraform.tfstate.journal";
/// A second name of the journal, by which it is still there when the run has removed it.
const KEPT: &str = "kept.journal";
/// What says who holds the lock; a killed run leaves it.
const LOCK: &str = ".terraform.tfstate.lock.info";

/// Where the state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file of the stack; the journal beside it.
    File,
    /// In a bucket, and so are the lock and the journal: each write is a call.
    Bucket,
}

/// The backend of [`Place::Bucket`].
const BACKEND: &str = r#"terraform {
  backend "s3" {
    bucket         = "states"
    key            = "a/state"
    use_path_style = true
    use_lockfile   = true
  }
}
"#;

/// A stack whose runs are killed.
pub struct Rig {
    pub stack: Stack,
    place: Place,
    start: Option<Kept>,
}

/// What the account holds, counted by kind.
pub type Content = BTreeMap<String, usize>;

impl Rig {
    /// The stack with its state there.
    pub fn new(stack: Stack, place: Place) -> Self {
        if place == Place::Bucket {
            stack.write("backend.tf", BACKEND);
            assert_eq!(stack.emulator().exchange("s3", "PUT", "/states", "").0, 200);
        }
        Self { stack, place, start: None }
    }

    /// Here every point starts, as often as wanted.
    pub fn keep(&mut self) {
        self.start = Some(self.stack.keep());
    }

    /// To the start, whatever has happened since.
    pub fn go_back(&self) {
        self.stack.go_back(self.start.as_ref().unwrap());
    }

    /// Removes the state of a stack that is destroyed: the next run is the first one.
    pub fn forget_state(&self) {
        match self.place {
            Place::File => [STATE, BACKUP].into_iter().for_each(|name| self.put(name, None)),
            Place::Bucket => drop(self.stack.emulator().exchange("s3", "DELETE", "/states/a/state", "")),
        }
    }

    fn start(&self, args: &[&str]) -> Running {
        // One at a time: what a point leaves behind is the same in every run.
        self.stack.start(&[args, &["-auto-approve", "-parallelism=1"]].concat())
    }

    /// Runs a command to its end.
    #[track_caller]
    pub fn run(&self, args: &[&str]) {
        self.start(args).wait().succeeds();
    }

    /// What the account holds.
    pub fn content(&self) -> Content {
        let mut content = Content::new();
        // The bucket is there before the stack, and stays.
        for one in self.stack.emulator().leftovers().into_iter().filter(|one| one.service != "s3") {
            *content.entry(format!("{} {}", one.service, one.kind)).or_insert(0) += 1;
        }
        content
    }

    /// What the command does, call by call. It is done then.
    pub fn course(&self, args: &[&str]) -> Course {
        self.stack.emulator().hold(r#"{"count": 0}"#);
        let mut run = self.start(args);
        let mut calls = Vec::new();
        let mut lines = 0;
        loop {
            if let Some(operation) = self.stack.emulator().held().into_iter().next() {
                self.keep_journal();
                calls.push(Seen { operation, lines: self.lines(JOURNAL) });
                self.stack.emulator().release_one();
            } else if run.is_over() {
                break;
            }
        }
        self.stack.emulator().release();
        run.wait().succeeds();
        if self.is_there(KEPT) {
            lines = self.lines(KEPT);
            self.remove(KEPT);
        }
        Course { calls, lines }
    }

    /// Runs the command and leaves what a kill at that point leaves; `course` is what it does undisturbed.
    pub fn crash(&self, args: &[&str], course: &Course, point: &Point) {
        self.crash_at(args, course, point, self.place == Place::Bucket);
    }

    /// The same for a run that may end before: where objects are gone, reads are given up once another one said so, and
    /// whether they arrive before that is not the same in every run.
    pub fn crash_or_end(&self, args: &[&str], course: &Course, point: &Point) {
        self.crash_at(args, course, point, true);
    }

    fn crash_at(&self, args: &[&str], course: &Course, point: &Point, may_end: bool) {
        match point.when {
            When::Before(call) | When::Effect(call) => {
                self.hold(call, matches!(point.when, When::Effect(_)));
                let run = self.start(args);
                let Some(run) = self.until_held(run, point, may_end) else { return };
                run.kill();
                run.wait();
                self.stack.emulator().drop_held();
            }
            When::Unwritten | When::Written => self.undo_the_end(args, course, point, may_end),
        }
        if let Some(lines) = point.lines {
            self.cut(lines, point.is_torn);
        }
    }

    fn hold(&self, call: usize, after: bool) {
        self.stack.emulator().hold(&format!(r#"{{"call": {call}, "after": {after}}}"#));
    }

    /// The run, with the call of the point held; `None` when it is done before. That can be in a bucket, too: how often
    /// the lock is renewed while others are waited for is not the same in every run.
    fn until_held(&self, mut run: Running, point: &Point, may_end: bool) -> Option<Running> {
        while self.stack.emulator().held().is_empty() {
            if run.is_over() {
                let output = run.wait();
                // What was to be held must not be a call of the next run.
                self.stack.emulator().release();
                assert!(may_end, "the run ended before the point ({point}):\n{}", output.raw());
                output.succeeds();
                return None;
            }
        }
        Some(run)
    }

    /// No call follows the last one by which the run could be held: it ends, and its end is taken back on disk.
    fn undo_the_end(&self, args: &[&str], course: &Course, point: &Point, may_end: bool) {
        self.hold(course.calls.len(), false);
        let Some(run) = self.until_held(self.start(args), point, may_end) else { return };
        self.keep_journal();
        let (state, lock) = (self.content_of(STATE), self.content_of(LOCK));
        let lines = self.lines(KEPT);
        self.stack.emulator().release();
        run.wait().succeeds();
        if self.is_there(KEPT) {
            if self.lines(KEPT) == lines {
                // Of what an earlier run left nothing was open: this one began a journal of its own after its last call.
                assert!(may_end, "the journal is not that of the run ({point})");
                return self.remove(KEPT);
            }
            std::fs::rename(self.stack.path(KEPT), self.stack.path(JOURNAL)).unwrap();
        }
        self.put(LOCK, lock);
        if point.when == When::Unwritten {
            self.put(STATE, state);
        }
    }

    fn keep_journal(&self) {
        if self.is_there(JOURNAL) && !self.is_there(KEPT) {
            std::fs::hard_link(self.stack.path(JOURNAL), self.stack.path(KEPT)).unwrap();
        }
    }

    fn is_there(&self, name: &str) -> bool {
        self.stack.path(name).exists()
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.stack.path(name)).unwrap();
    }

    fn content_of(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.stack.path(name)).ok()
    }

    fn put(&self, name: &str, content: Option<Vec<u8>>) {
        match content {
            Some(bytes) => self.stack.write(name, bytes),
            None if self.is_there(name) => self.remove(name),
            None => {}
        }
    }

    fn lines(&self, name: &str) -> usize {
        self.content_of(name).map_or(0, |bytes| {
            bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).count()
        })
    }

    /// How many lines the journal of a killed run has; none where it is in a bucket.
    pub fn lines_left(&self) -> usize {
        self.lines(JOURNAL)
    }

    /// The journal as it was after so many lines.
    fn cut(&self, lines: usize, is_torn: bool) {
        let bytes = self.content_of(JOURNAL).unwrap_or_default();
        let mut all = bytes.split_inclusive(|byte| *byte == b'\n');
        let mut kept: Vec<u8> = all.by_ref().take(lines).flatten().copied().collect();
        let next = all.next().unwrap_or_default();
        if is_torn {
            kept.extend(&next[..next.len() / 2]);
        }
        self.put(JOURNAL, Some(kept).filter(|kept| !kept.is_empty()));
    }

    /// Fails unless the run is over for good: no journal, no lock, and no mark of ours in the state.
    pub fn assert_over(&self, point: &Point) {
        let files = self.stack.files();
        assert!(!files.iter().any(|name| name.contains("journal")), "{point}: {files:?}");
        if self.place == Place::Bucket {
            let (_, keys) = self.stack.emulator().exchange("s3", "GET", "/states?list-type=2", "");
            assert_eq!(keys.matches("<Key>").count(), 1, "{point}: more than the state is in the bucket: {keys}");
        }
        let state = self.state();
        assert!(!state.contains("glaz:"), "{point}: a mark is left in the state");
    }

    /// The text of the state.
    fn state(&self) -> String {
        match self.place {
            Place::File => String::from_utf8(self.content_of(STATE).unwrap_or_default()).unwrap(),
            Place::Bucket => self.stack.emulator().exchange("s3", "GET", "/states/a/state", "").1,
        }
    }

    /// How many objects the state has.
    pub fn objects(&self) -> usize {
        let state: serde_json::Value = serde_json::from_str(&self.state()).unwrap();
        let managed = state["resources"].as_array().into_iter().flatten().filter(|one| one["mode"] == "managed");
        managed.map(|one| one["instances"].as_array().map_or(0, Vec::len)).sum()
    }

    /// Whether the point can be tried: in a bucket there is nothing between two calls.
    pub fn can_try(&self, point: &Point) -> bool {
        self.place == Place::File || matches!(point.when, When::Before(_) | When::Effect(_)) && point.lines.is_none()
    }
}
