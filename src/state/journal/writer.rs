//! Writing the journal: one thread appends and syncs; steps that wait at the same time share one sync.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::{Entry, Records, StepRef, line};
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;
use crate::state::store::atomic;

/// Journals hold secrets, as states do; nobody else needs to read them.
const MODE: u32 = 0o600;

/// Most bytes that are made durable together.
const GROUP: usize = 4 << 20;

/// A journal that is being written. Share it behind a reference; dropping it waits for what was recorded.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    run: u32,
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    syncs: Arc<AtomicU64>,
}

struct Job {
    entry: Box<RawValue>,
    /// Who waits for it to be durable.
    reply: Option<oneshot::Sender<Result<u64, Diagnostic>>>,
}

impl Journal {
    /// Goes on after `before`, which [`read`](super::read) gave, or starts anew. The file is made with the first entry.
    pub fn open(path: &Path, before: Option<&Records>, clock: &Clock) -> Result<Self, Diagnostic> {
        let empty = Records::default();
        let before = before.unwrap_or(&empty);
        if before.torn {
            // What is torn must not stand in the middle once more lines follow.
            atomic::replace(path, before.text.as_bytes(), MODE).map_err(|error| cannot(path, &error))?;
        }
        let next = before.entries.last().map_or(0, |last| last.seq) + 1;
        let (jobs, todo) = channel();
        let syncs = Arc::new(AtomicU64::new(0));
        let writer =
            Writer { path: path.to_owned(), file: None, length: 0, next, clock: clock.clone(), syncs: syncs.clone() };
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || writer.serve(&todo));
        let thread = thread.map_err(|error| cannot(path, &error))?;
        Ok(Self { path: path.to_owned(), run: before.runs() + 1, jobs: Some(jobs), thread: Some(thread), syncs })
    }

    /// The number of this run in the journal.
    pub fn run(&self) -> u32 {
        self.run
    }

    /// Starts anew with these entries, of which the last begins the run: a journal that was there is replaced in one
    /// go, so that a crash leaves the one or the other.
    pub fn start(path: &Path, entries: &[Entry], clock: &Clock) -> Result<Self, Diagnostic> {
        let mut text = String::new();
        for (seq, entry) in (1..).zip(entries) {
            let entry = to_json(entry)?;
            let line = line::print(seq, 1, clock.now(), &entry).map_err(|error| cannot(path, &error.into()))?;
            text.push_str(&line);
        }
        atomic::replace(path, text.as_bytes(), MODE).map_err(|error| cannot(path, &error))?;
        let records = line::parse(text.as_bytes(), &path.display().to_string())?;
        let mut journal = Self::open(path, Some(&records), clock)?;
        journal.run = records.runs();
        Ok(journal)
    }

    /// A step of this run.
    pub fn step(&self, step: u64) -> StepRef {
        StepRef { run: self.run, step }
    }

    /// Writes the entry; returns its number once it is durable.
    pub async fn record(&self, entry: &Entry) -> Result<u64, Diagnostic> {
        let (reply, answer) = oneshot::channel();
        self.send(entry, Some(reply))?;
        answer.await.unwrap_or_else(|_| Err(gone(&self.path)))
    }

    /// Writes the entry without waiting; it is durable before any entry recorded after it. For what has no effect
    /// outside the state.
    pub fn note(&self, entry: &Entry) -> Result<(), Diagnostic> {
        self.send(entry, None)
    }

    /// How often something was made durable so far.
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    /// Removes the journal, durably: everything is part of the state.
    pub fn remove(mut self) -> Result<(), Diagnostic> {
        self.finish();
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.and_then(|()| atomic::sync_folder(&self.path)).map_err(|error| cannot(&self.path, &error)),
        }
    }

    fn send(&self, entry: &Entry, reply: Option<oneshot::Sender<Result<u64, Diagnostic>>>) -> Result<(), Diagnostic> {
        let entry = to_json(entry)?;
        let jobs = self.jobs.as_ref().ok_or_else(|| gone(&self.path))?;
        jobs.send(Job { entry, reply }).map_err(|_| gone(&self.path))
    }

    fn finish(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.finish();
    }
}

struct Writer {
    path: PathBuf,
    file: Option<File>,
    /// Bytes that are whole lines.
    length: u64,
    next: u64,
    clock: Clock,
    syncs: Arc<AtomicU64>,
}

impl Writer {
    fn serve(mut self, todo: &Receiver<Job>) {
        // Entries nobody waits for that could not be written: tried again before anything after them.
        let mut group: Vec<Job> = Vec::new();
        while let Ok(job) = todo.recv() {
            let mut size = job.entry.get().len();
            group.push(job);
            while size < GROUP {
                let Ok(job) = todo.try_recv() else { break };
                size += job.entry.get().len();
                group.push(job);
            }
            let first = self.next;
            let done = self.append(&group).map_err(|error| cannot(&self.path, &error));
            let failed = done.is_err();
            let mut kept = Vec::new();
            for (seq, job) in (first..).zip(group) {
                match job.reply {
                    // Whoever waited may have gone away; that does not matter here.
                    Some(reply) => drop(reply.send(done.clone().map(|()| seq))),
                    None if failed => kept.push(job),
                    None => {}
                }
            }
            group = kept;
        }
        if !group.is_empty() {
            let _ = self.append(&group); // the last chance; the state is still to be written
        }
    }

    fn append(&mut self, group: &[Job]) -> io::Result<()> {
        let now = self.clock.now();
        let mut text = String::new();
        for (seq, job) in (self.next..).zip(group) {
            text.push_str(&line::print(seq, self.next, now, &job.entry)?);
        }
        if self.file.is_none() {
            let file = OpenOptions::new().append(true).create(true).mode(MODE).open(&self.path)?;
            atomic::sync_folder(&self.path)?;
            self.length = file.metadata()?.len();
            self.file = Some(file);
        }
        let Some(file) = &mut self.file else { return Err(io::ErrorKind::NotFound.into()) };
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        self.syncs.fetch_add(1, Ordering::Relaxed);
        if written.is_err() {
            // Take back the half that was written. After a failed sync nothing is certain: open anew next time.
            let taken_back = file.set_len(self.length);
            self.file = None;
            return written.and(taken_back);
        }
        self.length += text.len() as u64;
        self.next += group.len() as u64;
        Ok(())
    }
}

fn to_json(entry: &Entry) -> Result<Box<RawValue>, Diagnostic> {
    let json = serde_json::value::to_raw_value(entry);
    json.map_err(|error| Diagnostic::bug(format!("A journal entry has no JSON: {error}")))
}

fn cannot(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(
        "The journal cannot be written",
        format!(
            "{}: {error}. What cannot be written down is not begun; what was begun before is in the journal and the next run \
             goes on from there.",
            path.display()
        ),
    )
    .help("Free some space or check the permissions of the folder, then run the command again.")
}

fn gone(path: &Path) -> Diagnostic {
    Diagnostic::bug(format!("The writer of {} ended early", path.display()))
}
