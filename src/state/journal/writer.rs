//! Writing the journal: one writer, in a thread for a file and in a task for a bucket, writes a group and waits until
//! it is durable; steps that wait meanwhile share the next one.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::value::RawValue;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::file::{Lines, Mark, Trouble};
use super::location::{self, Location, MODE, Medium, Objects, Put};
use super::{Entry, Records, StepRef, line};
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;
use crate::state::bucket::Refused;
use crate::state::seal::SharedSeal;
use crate::state::store::atomic;

/// Most bytes that are made durable together.
const GROUP: usize = 4 << 20;

/// A journal that is being written. Share it behind a reference; dropping one in a file waits for what was recorded.
#[derive(Debug)]
pub struct Journal {
    location: Location,
    run: u32,
    jobs: Option<UnboundedSender<Job>>,
    worker: Option<Worker>,
    syncs: Arc<AtomicU64>,
    /// What a file is known by.
    mark: Mark,
}

#[derive(Debug)]
enum Worker {
    Thread(std::thread::JoinHandle<()>),
    Task(tokio::task::JoinHandle<()>),
}

#[derive(Debug)]
struct Job {
    entry: Box<RawValue>,
    /// Who waits for it to be durable.
    reply: Option<oneshot::Sender<Result<u64, Diagnostic>>>,
}

impl Journal {
    /// Goes on after `before`, which [`read`](super::read) gave, or starts anew. It is made with the first entry.
    pub fn open(location: impl Into<Location>, before: Option<&Records>, clock: &Clock) -> Result<Self, Diagnostic> {
        let location = location.into();
        let empty = Records::default();
        let before = before.unwrap_or(&empty);
        if let (true, Medium::File(path)) = (before.torn, &location.medium) {
            // What is torn must not stand in the middle once more lines follow. Objects are never torn.
            let text = line::seal(before.text.as_bytes(), location.seal.as_ref())?;
            atomic::replace(path, &text, MODE)
                .map_err(|error| location::unwritable(&location.shown(), &error.to_string()))?;
        }
        let next = before.entries.last().map_or(0, |last| last.seq) + 1;
        let (jobs, todo) = unbounded_channel();
        let syncs = Arc::new(AtomicU64::new(0));
        let sink = match &location.medium {
            // Where it cannot be opened, the first group says so.
            Medium::File(path) if !before.entries.is_empty() => {
                Sink::File(Lines::of(path).unwrap_or_else(|_| Lines::new(path)))
            }
            Medium::File(path) => Sink::File(Lines::new(path)),
            Medium::Bucket { bucket, folder } => Sink::Bucket(Objects::new(bucket, folder, before)),
        };
        let mark = match &sink {
            Sink::File(lines) => lines.mark(),
            Sink::Bucket(_) => Mark::default(),
        };
        let writer = Writer {
            sink,
            shown: location.shown(),
            seal: location.seal.clone(),
            next,
            clock: clock.clone(),
            syncs: syncs.clone(),
        };
        let worker = match &location.medium {
            Medium::Bucket { .. } => Worker::Task(tokio::spawn(writer.serve(todo))),
            Medium::File(_) => {
                let failed = |error: io::Error| location::unwritable(&location.shown(), &error.to_string());
                // Neither network nor time: the future only waits for entries.
                let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(failed)?;
                let thread = std::thread::Builder::new().name("journal".to_owned());
                Worker::Thread(thread.spawn(move || runtime.block_on(writer.serve(todo))).map_err(failed)?)
            }
        };
        Ok(Self { location, run: before.runs() + 1, jobs: Some(jobs), worker: Some(worker), syncs, mark })
    }

    /// The number of this run in the journal.
    pub fn run(&self) -> u32 {
        self.run
    }

    /// Starts anew with these entries, of which the last begins the run: a journal that was there, of this generation,
    /// is replaced in one go, so that a crash leaves the one or the other.
    pub async fn start(
        location: impl Into<Location>,
        entries: &[Entry],
        generation: u64,
        clock: &Clock,
    ) -> Result<Self, Diagnostic> {
        let location = location.into();
        let mut text = String::new();
        for (seq, entry) in (1..).zip(entries) {
            text.push_str(&line::print(seq, 1, clock.now(), &to_json(entry)?).map_err(|error| no_json(&error))?);
        }
        let sealed = line::seal(text.as_bytes(), location.seal.as_ref())?;
        let last = location::replace(&location, &sealed, generation).await?;
        let records = Records { generation: generation + 1, last, ..line::parse(text.as_bytes(), &location.shown())? };
        let mut journal = Self::open(location, Some(&records), clock)?;
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
        answer.await.unwrap_or_else(|_| Err(self.gone()))
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

    /// Where it stands.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Removes the journal, durably: everything was recorded and is part of the state. One that stays is ended in order:
    /// nobody is to take it for that of an interrupted run once others wrote the state. A file that is another run's, or that
    /// another run writes to, is left to that.
    pub async fn remove(self) -> Result<(), Refused> {
        if let Medium::File(path) = &self.location.medium
            && !self.mark.is_at(path)
        {
            self.close().await;
            return Ok(());
        }
        let removed = location::remove(&self.location).await;
        if removed.is_err() {
            drop(self.record(&Entry::End { run: self.run }).await);
        }
        self.close().await;
        removed
    }

    /// Waits until everything is durable that can be, and leaves the journal where it is.
    pub async fn close(mut self) {
        self.finish().await;
    }

    fn send(&self, entry: &Entry, reply: Option<oneshot::Sender<Result<u64, Diagnostic>>>) -> Result<(), Diagnostic> {
        let entry = to_json(entry)?;
        let jobs = self.jobs.as_ref().ok_or_else(|| self.gone())?;
        jobs.send(Job { entry, reply }).map_err(|_| self.gone())
    }

    async fn finish(&mut self) {
        self.jobs = None;
        match self.worker.take() {
            Some(Worker::Thread(thread)) => drop(thread.join()),
            Some(Worker::Task(task)) => drop(task.await),
            None => {}
        }
    }

    fn gone(&self) -> Diagnostic {
        Diagnostic::bug(format!("The writer of {} ended early", self.location.shown()))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(Worker::Thread(thread)) = self.worker.take() {
            let _ = thread.join();
        }
    }
}

enum Sink {
    File(Lines),
    Bucket(Objects),
}

struct Writer {
    sink: Sink,
    shown: String,
    seal: Option<SharedSeal>,
    next: u64,
    clock: Clock,
    syncs: Arc<AtomicU64>,
}

impl Writer {
    async fn serve(mut self, mut todo: UnboundedReceiver<Job>) {
        // Entries nobody waits for that could not be written: tried again before anything after them.
        let mut group: Vec<Job> = Vec::new();
        while let Some(job) = todo.recv().await {
            let mut size = job.entry.get().len();
            group.push(job);
            while size < GROUP {
                let Ok(job) = todo.try_recv() else { break };
                size += job.entry.get().len();
                group.push(job);
            }
            let done = self.append(&group).await;
            let failed = done.is_err();
            let mut kept = Vec::new();
            for (at, job) in (0..).zip(group) {
                match job.reply {
                    // Whoever waited may have gone away; that does not matter here.
                    Some(reply) => drop(reply.send(done.clone().map(|first| first + at))),
                    None if failed => kept.push(job),
                    None => {}
                }
            }
            group = kept;
        }
        if !group.is_empty() {
            let _ = self.append(&group).await; // the last chance; the state is still to be written
        }
    }

    /// Makes a group durable; the number of its first entry.
    async fn append(&mut self, group: &[Job]) -> Result<u64, Diagnostic> {
        let entries = group.len() as u64;
        loop {
            let (first, bytes) = (self.next, self.print(group)?);
            let done = match &mut self.sink {
                Sink::File(lines) => {
                    let written = lines.append(&bytes);
                    written.map(|()| Put::Done).map_err(|trouble| match trouble {
                        Trouble::Failed(error) => location::unwritable(&self.shown, &error.to_string()),
                        Trouble::Taken(kept) => location::taken(&self.shown, kept),
                    })
                }
                Sink::Bucket(objects) => {
                    let put = objects.put(first, &bytes, entries).await;
                    put.map_err(|refused| location::refused_write(&self.shown, refused))
                }
            };
            self.syncs.fetch_add(1, Ordering::Relaxed);
            match done? {
                Put::Done => {
                    self.next += entries;
                    return Ok(first);
                }
                Put::TakenBy(earlier) => self.next += earlier,
            }
        }
    }

    /// The lines of a group, in their envelope.
    fn print(&self, group: &[Job]) -> Result<Vec<u8>, Diagnostic> {
        let now = self.clock.now();
        let mut text = String::new();
        for (seq, job) in (self.next..).zip(group) {
            text.push_str(&line::print(seq, self.next, now, &job.entry).map_err(|error| no_json(&error))?);
        }
        line::seal(text.as_bytes(), self.seal.as_ref())
    }
}

fn to_json(entry: &Entry) -> Result<Box<RawValue>, Diagnostic> {
    serde_json::value::to_raw_value(entry).map_err(|error| no_json(&error))
}

fn no_json(error: &serde_json::Error) -> Diagnostic {
    Diagnostic::bug(format!("A journal entry has no JSON: {error}"))
}
