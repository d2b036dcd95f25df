//! The lock on a state in a bucket: an object beside it, an item of a table, or both, as Terraform has them.
//!
//! glaz's own locks are leases: they say when they expire and are renewed in the background. A lease that expired and
//! that nobody renews is taken over. That of a process of this machine is taken over at once when it does not run any
//! more, and not at all while it does. A lock without lease, Terraform's, holds until it is released.
//!
//! Clocks differ and jump, so an expired lease is watched for longer than its holder takes to renew it; one that changes
//! meanwhile is held like any other. And every replacement is conditional: of two that take over at once one is refused.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Store;
use super::remote::no_bucket;
use super::slot::Slot;
use crate::clock::Clock;
use crate::diagnostic::{Diagnostic, Report};
use crate::state::bucket::{Reason, Refused, When};
use crate::state::lock::{LeaseInfo, LockInfo, LockRequest, Process, Traces, timestamp};

/// The summary of what stops a run whose lock is not its own any more.
pub const LOST: &str = "The state lock was lost";
/// How long a lease holds.
const LEASE: Duration = Duration::from_secs(120);
/// How often it is renewed.
const RENEW: Duration = Duration::from_secs(20);
/// An expired lease is watched for this long before it is taken over: a holder that lives renews it meanwhile.
const WATCH: Duration = Duration::from_secs(30);
/// Pause after a renewal that failed.
const AGAIN: Duration = Duration::from_secs(5);
/// Renewing may fail for this long; then the lock counts as lost, long before others may take it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between the first two tries to get a lock; each further one is twice as long, as Terraform does it.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(16);
/// How often a lock may change under our eyes (it is there and then it is not, or others take it over first) before
/// that counts as being held by somebody.
const MOVES: u32 = 3;

/// A slot that is ours, or that we are about to take.
#[derive(Debug)]
struct Hold {
    slot: Slot,
    /// Names what we wrote last; none as long as nobody said that we have it.
    token: Option<String>,
}

/// A lock that is held and renewed.
#[derive(Debug)]
pub(super) struct Lease {
    held: Arc<Held>,
    renewal: JoinHandle<()>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

#[derive(Debug)]
struct Held {
    /// Those that are not removed yet.
    slots: tokio::sync::Mutex<Vec<Hold>>,
    info: LockInfo,
    command: String,
    process: Process,
    shown: String,
    lost: watch::Sender<Option<Diagnostic>>,
    is_released: AtomicBool,
}

/// All locks that a process holds, so that none outlives it whichever way a command ends.
#[derive(Clone, Debug, Default)]
pub struct Leases {
    held: Arc<Mutex<Vec<Arc<Held>>>>,
    files: Arc<Mutex<Vec<Arc<Traces>>>>,
}

impl Leases {
    /// Adds a lock on a file. It ends with the process; what it leaves in the folder goes with the others.
    pub fn add(&self, store: &Store) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).extend(store.traces());
    }

    /// Releases those that are still held, also what an earlier try could not; that was told then.
    pub async fn release(&self) -> Report {
        std::mem::take(&mut *self.files.lock().unwrap_or_else(PoisonError::into_inner))
            .iter()
            .for_each(|one| one.remove());
        let all = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        let mut report = Report::default();
        for held in all {
            let was_told = held.is_released.load(Ordering::Acquire);
            if let (Err(problem), false) = (held.release().await, was_told) {
                report.push(problem);
            }
        }
        report
    }
}

/// Tells when a lock is lost.
#[derive(Debug)]
pub struct Watch(watch::Receiver<Option<Diagnostic>>);

impl Watch {
    /// Comes back when the lock is lost, and never while it is held.
    pub async fn lost(mut self) -> Diagnostic {
        loop {
            if let Some(problem) = self.0.borrow_and_update().clone() {
                return problem;
            }
            if self.0.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Lease {
    /// Takes the lock in all slots, in this order. `path` is the state's name in the lock, `shown` that in messages.
    pub(super) async fn take(
        slots: Vec<Slot>,
        path: &str,
        shown: &str,
        request: &LockRequest,
        clock: &Clock,
        leases: &Leases,
    ) -> Result<Self, Diagnostic> {
        let info = request.info(path, clock).map_err(|error| Diagnostic::bug(format!("No randomness: {error}")))?;
        let (lost, _) = watch::channel(None);
        let held = Arc::new(Held {
            slots: tokio::sync::Mutex::default(),
            info,
            command: request.command.clone(),
            process: request.process.clone(),
            shown: shown.to_owned(),
            lost,
            is_released: AtomicBool::new(false),
        });
        // From the first try on: a command may be stopped while it waits for the second slot, for longer than a lease.
        leases.held.lock().unwrap_or_else(PoisonError::into_inner).push(held.clone());
        let lease = Self { renewal: tokio::spawn(renew(held.clone(), clock.clone())), held };
        let until = clock.now() + request.timeout;
        for slot in slots {
            if let Err(mut problem) = lease.held.take(slot, until, request.timeout, clock).await {
                if let Err(left) = lease.release().await {
                    problem.notes.push((None, left.detail));
                }
                return Err(problem);
            }
        }
        Ok(lease)
    }

    /// Tells when the lock is lost.
    pub(super) fn watch(&self) -> Watch {
        Watch(self.held.lost.subscribe())
    }

    /// Whether it is still held: looks.
    pub(super) async fn check(&self) -> Result<(), Diagnostic> {
        let known = self.held.lost.borrow().clone();
        if let Some(problem) = known {
            return Err(problem);
        }
        self.held.check().await
    }

    /// Releases it.
    pub(super) async fn release(self) -> Result<(), Diagnostic> {
        self.renewal.abort();
        self.held.release().await
    }
}

async fn renew(held: Arc<Held>, clock: Clock) {
    let (mut pause, mut last) = (RENEW, clock.now());
    loop {
        clock.pass(pause).await;
        let renewed = tokio::select! {
            renewed = held.renew(&clock) => renewed,
            () = clock.limit(PATIENCE) => Err(Trouble::Failed("no answer".to_owned())),
        };
        match renewed {
            Ok(()) => (pause, last) = (RENEW, clock.now()),
            Err(Trouble::Failed(_)) if clock.now().saturating_sub(last) < PATIENCE => pause = AGAIN,
            Err(Trouble::Failed(why)) => {
                held.lost.send_replace(Some(unrenewed(&held.shown, &why)));
                return;
            }
            Err(Trouble::Lost(problem)) => {
                held.lost.send_replace(Some(*problem));
                return;
            }
        }
    }
}

/// An expired lease that is watched.
struct Expired {
    token: String,
    /// Since when it is the same.
    since: Duration,
    /// Whether it changed meanwhile: somebody lives whose clock is behind ours, and is waited for as long as for anybody.
    is_renewed: bool,
}

impl Expired {
    fn seen(before: Option<Self>, token: &str, now: Duration) -> Self {
        match before {
            Some(before) if before.token == token => before,
            before => Self { token: token.to_owned(), since: now, is_renewed: before.is_some() },
        }
    }
}

enum Trouble {
    Lost(Box<Diagnostic>),
    Failed(String),
}

impl Held {
    /// What others are told now.
    fn info(&self, clock: &Clock) -> LockInfo {
        let lease = LeaseInfo {
            expires: timestamp(clock.now() + LEASE),
            command: self.command.clone(),
            process: self.process.clone(),
        };
        LockInfo { lease: Some(lease), ..self.info.clone() }
    }

    /// Takes a slot. Until that is certain it counts as one that may be ours: the answer to a try can be lost.
    async fn take(&self, slot: Slot, until: Duration, timeout: Duration, clock: &Clock) -> Result<(), Diagnostic> {
        self.slots.lock().await.push(Hold { slot: slot.clone(), token: None });
        let token = self.acquire(&slot, until, timeout, clock).await?;
        if let Some(hold) = self.slots.lock().await.last_mut() {
            hold.token = Some(token);
        }
        // Those taken before may be lost by now.
        let lost = self.lost.borrow().clone();
        lost.map_or(Ok(()), Err)
    }

    async fn acquire(
        &self,
        slot: &Slot,
        until: Duration,
        timeout: Duration,
        clock: &Clock,
    ) -> Result<String, Diagnostic> {
        let cannot = |refused: Refused| cannot(refused, &self.shown, slot);
        let mut expired: Option<Expired> = None;
        let (mut pause, mut moves) = (PAUSE, 0);
        loop {
            match slot.put(&self.info(clock), When::Absent).await {
                Err(refused) if refused.reason == Reason::Condition => {}
                other => return other.map_err(cannot),
            }
            let Some(seen) = slot.look().await.map_err(cannot)? else {
                if moves >= MOVES && clock.now() >= until {
                    return Err(busy(&self.shown, slot, &LockInfo::default(), timeout));
                }
                moves += 1;
                clock.sleep(PAUSE).await; // it went away meanwhile
                continue;
            };
            if seen.info.id == self.info.id {
                return Ok(seen.token); // the answer to an earlier try was lost
            }
            let now = clock.now();
            let watched = Expired::seen(expired.take(), &seen.token, now);
            let is_alive = self.is_alive(&seen.info);
            // One of this machine that runs, however busy or late it is, is not passed over.
            let is_expired = is_alive.is_none() && is_expired(&seen.info, now);
            let is_over = is_alive == Some(false) || (is_expired && now >= watched.since + WATCH);
            if is_over && moves < MOVES {
                match slot.put(&self.info(clock), When::Is(&seen.token)).await {
                    Err(refused) if refused.reason == Reason::Condition => {
                        moves += 1;
                        continue;
                    }
                    other => return other.map_err(cannot),
                }
            }
            let is_left = is_expired && !is_over && !watched.is_renewed;
            if !is_left && now >= until {
                return Err(busy(&self.shown, slot, &seen.info, timeout));
            }
            let end = if is_left { watched.since + WATCH } else { until };
            expired = is_expired.then_some(watched);
            clock.sleep(pause.min(end.saturating_sub(now))).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether the holder runs; none when that cannot be told: it is on another machine.
    fn is_alive(&self, info: &LockInfo) -> Option<bool> {
        let process = &info.lease.as_ref()?.process;
        let is_here = !process.machine.is_empty() && process.machine == self.process.machine;
        is_here.then(|| *process == self.process || process.is_running())
    }

    async fn renew(&self, clock: &Clock) -> Result<(), Trouble> {
        let mut slots = self.slots.lock().await;
        if self.is_released.load(Ordering::Acquire) {
            return Ok(());
        }
        for Hold { slot, token } in slots.iter_mut() {
            let Some(token) = token else { continue };
            match slot.put(&self.info(clock), When::Is(token)).await {
                Ok(new) => *token = new,
                Err(refused) if refused.reason == Reason::Condition => {
                    let seen = slot.look().await.map_err(|refused| Trouble::Failed(refused.text))?;
                    match seen.filter(|seen| seen.info.id == self.info.id) {
                        Some(seen) => *token = seen.token, // the answer to an earlier renewal was lost
                        None => return Err(Trouble::Lost(Box::new(self.gone(slot).await))),
                    }
                }
                Err(refused) => return Err(Trouble::Failed(refused.text)),
            }
        }
        Ok(())
    }

    async fn check(&self) -> Result<(), Diagnostic> {
        for Hold { slot, .. } in self.slots.lock().await.iter().filter(|hold| hold.token.is_some()) {
            let seen = slot.look().await.map_err(|refused| cannot(refused, &self.shown, slot))?;
            if seen.is_none_or(|seen| seen.info.id != self.info.id) {
                return Err(self.gone(slot).await);
            }
        }
        Ok(())
    }

    /// Removes it from all slots. Those where that fails are tried again by the next call.
    async fn release(&self) -> Result<(), Diagnostic> {
        let mut slots = self.slots.lock().await;
        self.is_released.store(true, Ordering::Release);
        let mut problem: Option<Diagnostic> = None;
        for Hold { slot, token } in std::mem::take(&mut *slots).into_iter().rev() {
            let removed = match slot.look().await {
                Ok(Some(seen)) if seen.info.id == self.info.id => slot.remove().await,
                other => other.map(drop),
            };
            // One that was never ours need not be removed, and why it was not to be had is told already.
            if let (Err(refused), Some(token)) = (removed, token) {
                let one = unreleased(refused, &self.info.id, &slot);
                match &mut problem {
                    Some(first) => first.notes.push((None, one.detail)),
                    None => problem = Some(one),
                }
                slots.insert(0, Hold { slot, token: Some(token) });
            }
        }
        problem.map_or(Ok(()), Err)
    }

    /// Says who has the lock now.
    async fn gone(&self, slot: &Slot) -> Diagnostic {
        let now = match slot.look().await {
            Ok(Some(seen)) => format!("Somebody else holds it now:\n\n{}", seen.info.lines()),
            _ => "Somebody released it with force-unlock or removed it, or took it over when it had expired and is done since.".to_owned(),
        };
        taken_away(&self.shown, &now)
    }
}

fn is_expired(info: &LockInfo, now: Duration) -> bool {
    let expires = info.lease.as_ref().and_then(|lease| lease.expires.parse::<jiff::Timestamp>().ok());
    let expires = expires.and_then(|time| u64::try_from(time.as_second()).ok());
    expires.is_some_and(|seconds| now > Duration::from_secs(seconds))
}

fn busy(shown: &str, slot: &Slot, info: &LockInfo, waited: Duration) -> Diagnostic {
    let mut detail = format!("Somebody else is working with {shown}");
    if !waited.is_zero() {
        detail.push_str(&format!(", and was not done after {} seconds", waited.as_secs_f64()));
    }
    detail.push_str(". Nothing was changed.");
    if info.id.is_empty() {
        return Diagnostic::error("The state is locked", detail).help(format!(
            "The lock does not say who holds it. Wait until it is released, or let glaz wait with -lock-timeout=10m. When you are sure that nobody works with it any more, remove {}.",
            slot.shown()
        ));
    }
    detail.push_str(&format!("\n\n{}", info.lines()));
    let ends = if info.lease.is_some() {
        "When that process ends without releasing it, glaz takes the lock over once it has expired."
    } else {
        "It holds until it is released."
    };
    Diagnostic::error("The state is locked", detail).help(format!(
        "Wait until it is done, or let glaz wait with -lock-timeout=10m. {ends} When you are sure that nobody works with it any more:\n\n    glaz force-unlock {}",
        info.id
    ))
}

fn cannot(refused: Refused, shown: &str, slot: &Slot) -> Diagnostic {
    let summary = "Error acquiring the state lock";
    match slot {
        Slot::Object { bucket, .. } if refused.reason == Reason::Missing => return no_bucket(bucket.name(), refused),
        Slot::Item { table, .. } if refused.reason == Reason::Missing => {
            let text = format!(
                "The DynamoDB table \"{}\", which is to hold the lock on {shown}, does not exist. Nothing was changed. Make it, with LockID, a text, as its partition key; or use `use_lockfile` in place of `dynamodb_table`.",
                table.name()
            );
            return Diagnostic { aws: refused.call, ..Diagnostic::error(summary, text) };
        }
        _ => {}
    }
    if refused.reason == Reason::Unsupported {
        let text = format!(
            "{} is to be the lock on {shown}, but this storage does not know conditional writes, which a lock is made of. Nothing was changed. Use `dynamodb_table` in place of `use_lockfile`, or a storage that has them.",
            slot.shown()
        );
        return Diagnostic::error(summary, text);
    }
    refused.problem(
        summary,
        &format!("{} is the lock on {shown}, and could not be used. Nothing was changed", slot.shown()),
    )
}

fn unreleased(refused: Refused, id: &str, slot: &Slot) -> Diagnostic {
    let problem = refused.problem("Error releasing the state lock", &format!("{} could not be removed", slot.shown()));
    problem.help(format!(
        "The lock expires by itself for glaz. For Terraform, or to be rid of it at once, release it:\n\n    glaz force-unlock {id}"
    ))
}

fn lost(what: &str) -> Diagnostic {
    Diagnostic::error(
        LOST,
        format!(
            "{what}\n\nThe state was not written. What this run began is in the journal beside the state: the next run goes on from there, unless another one did so already."
        ),
    )
    .help("Make sure that nobody else is changing the stack, then run the command again.")
}

fn taken_away(shown: &str, now: &str) -> Diagnostic {
    lost(&format!("The lock on {shown} was taken away while this run was under way. {now}"))
}

/// Nobody may have taken it: only that cannot be relied on any more.
fn unrenewed(shown: &str, why: &str) -> Diagnostic {
    let (why, seconds) = (why.trim_end_matches('.'), PATIENCE.as_secs());
    lost(&format!(
        "The lock on {shown} could not be renewed for {seconds} seconds: {why}. Others may take it over soon; this run stops before they may."
    ))
}

impl Process {
    /// Whether a process of this machine runs. When that cannot be told, it does.
    fn is_running(&self) -> bool {
        match std::fs::read_to_string(format!("/proc/{}/stat", self.pid)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(_) => true,
            // The number may have gone to another process since.
            Ok(stat) => !is_over(&stat) && started(&stat).is_none_or(|started| started == self.started),
        }
    }
}

/// When the process of a `/proc/PID/stat` started: the 22nd field. The second, in brackets, may hold anything.
pub fn started(stat: &str) -> Option<&str> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)
}

/// Whether the process of a `/proc/PID/stat` has ended, and only its parent has not asked how: as in a container whose first
/// process asks nobody.
fn is_over(stat: &str) -> bool {
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
    state.is_some_and(|state| matches!(state, "Z" | "X" | "x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_has_ended_does_not_run_though_nobody_asked_how() {
        let stat = |state: &str| format!("7 (a) b) {state} 1 7 7 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 1 0 12345 0");
        assert!(is_over(&stat("Z")) && is_over(&stat("X")));
        assert!(!is_over(&stat("S")) && !is_over(&stat("R")) && !is_over("7 (Z) S 1"));
        assert_eq!(started(&stat("S")), Some("12345"));
    }
}
