//! A stack whose runs are killed at given points.

use std::collections::BTreeMap;

use super::points::{Course, Point, Seen, When};
use crate::support::stack::{Running, Stack};

const STATE: &str = "terraform.tfstate";
const JOURNAL: &str = "terraform.tfstate.journal";
/// A second name of the journal, by which it is still there when the run has removed it.
const KEPT: &str = "kept.journal";
/// What says who holds the lock; a killed run leaves it.
const LOCK: &str = ".terraform.tfstate.lock.info";

/// A stack whose runs are killed.
pub struct Rig {
    pub stack: Stack,
}

/// What the account holds, counted by kind.
pub type Content = BTreeMap<String, usize>;

impl Rig {
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
        for one in self.stack.emulator().leftovers() {
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
        match point.when {
            When::Before(call) | When::Effect(call) => {
                self.hold(call, matches!(point.when, When::Effect(_)));
                let run = self.start(args);
                let run = self.until_held(run, point);
                run.kill();
                run.wait();
                self.stack.emulator().drop_held();
            }
            When::Unwritten | When::Written => self.undo_the_end(args, course, point),
        }
        if let Some(lines) = point.lines {
            self.cut(lines, point.is_torn);
        }
    }

    fn hold(&self, call: usize, after: bool) {
        self.stack.emulator().hold(&format!(r#"{{"call": {call}, "after": {after}}}"#));
    }

    fn until_held(&self, mut run: Running, point: &Point) -> Running {
        while self.stack.emulator().held().is_empty() {
            assert!(!run.is_over(), "the run ended before the point ({point}):\n{}", run.wait().raw());
        }
        run
    }

    /// No call follows the last one by which the run could be held: it ends, and its end is taken back on disk.
    fn undo_the_end(&self, args: &[&str], course: &Course, point: &Point) {
        self.hold(course.calls.len(), false);
        let run = self.until_held(self.start(args), point);
        self.keep_journal();
        let (state, lock) = (self.content_of(STATE), self.content_of(LOCK));
        self.stack.emulator().release();
        run.wait().succeeds();
        if self.is_there(KEPT) {
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

    /// Fails unless the run is over for good: no journal, and no mark of ours in the state.
    pub fn assert_over(&self, point: &Point) {
        let files = self.stack.files();
        assert!(!files.iter().any(|name| name.contains("journal")), "{point}: {files:?}");
        let state = self.content_of(STATE).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&state).contains("glaz:"), "{point}: a mark is left in the state");
    }
}
