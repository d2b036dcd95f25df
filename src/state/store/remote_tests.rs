use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::lease::Leases;
use super::remote::Remote;
use super::{RemoteStore, Store};
use crate::clock::Clock;
use crate::state::bucket::{Answer, Attribute, Bucket, LockTable, Made, Object, Reason, Refused, When};
use crate::state::journal::{self, Action, Entry, Intent};
use crate::state::lock::{Holder, LockRequest, Process};
use crate::state::{Instance, InstanceKey, State, begin, commit, load};
use crate::value::Value;

/// A bucket and a table in memory. Keys of `fails` refuse every write.
#[derive(Debug, Default)]
struct Memory {
    objects: Mutex<BTreeMap<String, (Vec<u8>, u64)>>,
    items: Mutex<BTreeMap<String, (Attribute, String)>>,
    versions: Mutex<u64>,
    fails: Mutex<Option<String>>,
    /// How many puts were made.
    puts: Mutex<Vec<String>>,
    /// Whether the next put succeeds and says that it failed.
    loses_answer: Mutex<bool>,
}

fn refused(reason: Reason) -> Refused {
    Refused { reason, call: None, text: "refused".to_owned() }
}

impl Memory {
    fn keys(&self) -> Vec<String> {
        self.objects.lock().expect("a lock").keys().cloned().collect()
    }

    fn set(&self, key: &str, text: &str) {
        *self.versions.lock().expect("a lock") += 1;
        let version = *self.versions.lock().expect("a lock");
        self.objects.lock().expect("a lock").insert(key.to_owned(), (text.as_bytes().to_vec(), version));
    }

    fn text(&self, key: &str) -> String {
        let objects = self.objects.lock().expect("a lock");
        String::from_utf8(objects.get(key).expect("an object").0.clone()).expect("text")
    }

    fn do_put(&self, key: &str, bytes: Vec<u8>, when: When<'_>) -> Result<String, Refused> {
        if self.fails.lock().expect("a lock").as_ref().is_some_and(|part| key.contains(part.as_str())) {
            return Err(refused(Reason::Other));
        }
        self.puts.lock().expect("a lock").push(key.to_owned());
        let mut objects = self.objects.lock().expect("a lock");
        let now = objects.get(key).map(|(_, version)| version.to_string());
        let fits = match when {
            When::Always => true,
            When::Absent => now.is_none(),
            When::Is(etag) => now.as_deref() == Some(etag),
        };
        if !fits {
            return Err(refused(Reason::Condition));
        }
        let mut versions = self.versions.lock().expect("a lock");
        *versions += 1;
        objects.insert(key.to_owned(), (bytes, *versions));
        if std::mem::take(&mut *self.loses_answer.lock().expect("a lock")) {
            return Err(refused(Reason::Condition)); // as the second try of the SDK is told
        }
        Ok(versions.to_string())
    }
}

impl Bucket for Memory {
    fn name(&self) -> &'static str {
        "states"
    }

    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Object>> {
        let objects = self.objects.lock().expect("a lock");
        let found = objects.get(key).map(|(bytes, version)| Object { bytes: bytes.clone(), etag: version.to_string() });
        Box::pin(async move { Ok(found) })
    }

    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, when: When<'a>) -> Answer<'a, String> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.do_put(key, bytes, when)
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> Answer<'a, ()> {
        self.objects.lock().expect("a lock").retain(|key, _| !keys.contains(key));
        Box::pin(async { Ok(()) })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Answer<'a, Vec<String>> {
        let keys = self.keys().into_iter().filter(|key| key.starts_with(prefix)).collect();
        Box::pin(async { Ok(keys) })
    }

    fn make(&self) -> Answer<'_, Made> {
        Box::pin(async { Ok(Made::Before) })
    }
}

impl LockTable for Memory {
    fn name(&self) -> &'static str {
        "locks"
    }

    fn get<'a>(&'a self, id: &'a str, what: Attribute) -> Answer<'a, Option<String>> {
        let items = self.items.lock().expect("a lock");
        let found = items.get(id).filter(|(found, _)| *found == what).map(|(_, text)| text.clone());
        Box::pin(async { Ok(found) })
    }

    fn put<'a>(&'a self, id: &'a str, what: Attribute, text: String, when: When<'a>) -> Answer<'a, ()> {
        let mut items = self.items.lock().expect("a lock");
        let now = items.get(id).map(|(_, text)| text.clone());
        let fits = match when {
            When::Always => true,
            When::Absent => now.is_none(),
            When::Is(text) => now.as_deref() == Some(text),
        };
        if fits {
            items.insert(id.to_owned(), (what, text));
        }
        Box::pin(async move { if fits { Ok(()) } else { Err(refused(Reason::Condition)) } })
    }

    fn delete<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        self.items.lock().expect("a lock").remove(id);
        Box::pin(async { Ok(()) })
    }
}

fn clock() -> Clock {
    Clock::pinned(Duration::from_secs(1_700_000_000), 1)
}

fn request(timeout: u64) -> LockRequest {
    let process = Process { pid: 1, machine: "here".to_owned(), started: "0".to_owned() };
    LockRequest {
        operation: "OperationTypeApply".to_owned(),
        info: String::new(),
        who: "me@here".to_owned(),
        timeout: Duration::from_secs(timeout),
        command: "apply".to_owned(),
        process,
    }
}

fn remote(memory: &Arc<Memory>, has_table: bool) -> Remote {
    let table = has_table.then(|| memory.clone() as Arc<dyn LockTable>);
    Remote { bucket: memory.clone(), table, has_lock_file: true, leases: Leases::default() }
}

fn store(memory: &Arc<Memory>, has_table: bool) -> Store {
    RemoteStore::open(&remote(memory, has_table), "a/state").into()
}

fn key(text: &str) -> InstanceKey {
    InstanceKey::current(text.parse().expect("an address"))
}

fn instance(id: &str) -> Instance {
    let value = Value::object([("id".into(), id.into())].into());
    Instance::new("provider[\"terraform.io/builtin/terraform\"]", 0, &value, &value.ty()).expect("stored")
}

fn set(name: &str) -> Entry {
    Entry::Set { changes: vec![(key(name), Some(Box::new(instance("x"))))] }
}

async fn written(memory: &Arc<Memory>, name: &str) -> u64 {
    let (mut store, clock) = (store(memory, true), clock());
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let mut state = loaded.state;
    state.instances.insert(key(name), instance("x"));
    store.write(&state, &clock).await.expect("written")
}

#[tokio::test]
async fn keys_and_items_are_those_of_terraform() {
    let memory = Arc::new(Memory::default());
    let (mut store, clock) = (store(&memory, true), clock());
    store.lock(&request(0), &clock).await.expect("locked");
    assert_eq!(memory.keys(), ["a/state.tflock"]);
    let info: serde_json::Value = serde_json::from_str(&memory.text("a/state.tflock")).expect("JSON");
    assert_eq!((&info["Path"], &info["Operation"]), (&"states/a/state".into(), &"OperationTypeApply".into()));
    assert_eq!(info["Lease"]["Expires"], "2023-11-14T22:15:20Z");
    assert_eq!((&info["Lease"]["Command"], &info["Lease"]["Pid"]), (&"apply".into(), &1.into()));
    assert_eq!(memory.items.lock().expect("a lock").keys().collect::<Vec<_>>(), ["states/a/state"]);
    assert_eq!(store.read(&clock).await.expect("read"), None);
    assert_eq!(store.write(&State::of_lineage("l"), &clock).await, Ok(1));
    store.unlock().await.expect("unlocked");
    assert_eq!(memory.keys(), ["a/state"]);
    let items = memory.items.lock().expect("a lock").clone();
    let (attribute, sum) = items.get("states/a/state-md5").expect("a checksum");
    assert_eq!((items.len(), attribute.name(), sum.len()), (1, "Digest", 32));
}

#[tokio::test]
async fn of_two_one_is_refused_or_waits() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    let (mut ours, mut theirs) = (store(&memory, true), store(&memory, true));
    ours.lock(&request(0), &clock).await.expect("locked");
    let problem = theirs.lock(&request(0), &clock).await.expect_err("locked");
    assert_eq!(problem.summary, "The state is locked");
    for part in ["me@here", "OperationTypeApply", "Process:   1 (apply)", "Expires:   2023-11-14T22:15:20Z"] {
        assert!(problem.detail.contains(part), "{}", problem.detail);
    }
    let problem = theirs.lock(&request(10), &clock).await.expect_err("locked");
    assert!(problem.detail.contains("after 10 seconds"), "{}", problem.detail);
    let waiting = tokio::spawn(async move { theirs.lock(&request(60), &self::clock()).await.map(|()| theirs) });
    tokio::task::yield_now().await;
    ours.unlock().await.expect("unlocked");
    let theirs = waiting.await.expect("no panic").expect("locked");
    assert!(matches!(theirs.holder().await, Ok(Holder::Named(_))));
}

#[tokio::test]
async fn a_lease_is_renewed_and_an_expired_one_taken_over() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    let mut ours = store(&memory, true);
    ours.lock(&request(0), &clock).await.expect("locked");
    let expires = || {
        let info: serde_json::Value = serde_json::from_str(&memory.text("a/state.tflock")).expect("JSON");
        info["Lease"]["Expires"].as_str().expect("a time").to_owned()
    };
    let first = expires();
    for _ in 0..30 {
        clock.sleep(Duration::from_secs(10)).await;
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }
    assert!(expires() > first, "renewed");
    // A lease that nobody renews: its process is on another machine.
    let text = memory.text("a/state.tflock").replace("\"here\"", "\"there\"").replace("T22:", "T01:");
    drop(ours);
    memory.set("a/state.tflock", &text);
    memory.items.lock().expect("a lock").clear();
    let mut theirs = store(&memory, true);
    theirs.lock(&request(0), &clock).await.expect("taken over");
    assert_ne!(memory.text("a/state.tflock"), text);
}

#[tokio::test]
async fn the_lock_of_a_dead_process_of_this_machine_is_taken_at_once() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    let mut ours = store(&memory, false);
    ours.lock(&request(0), &clock).await.expect("locked");
    let text = memory.text("a/state.tflock").replace("\"Pid\":1,", "\"Pid\":4194305,");
    drop(ours);
    memory.set("a/state.tflock", &text);
    store(&memory, false).lock(&request(0), &clock).await.expect("taken over");
}

#[tokio::test]
async fn a_lock_of_terraform_never_expires() {
    let memory = Arc::new(Memory::default());
    memory.set(
        "a/state.tflock",
        r#"{"ID":"d60a82f2-64ee-2a2f-b534-091b72ff0e08","Operation":"OperationTypeApply","Info":"","Who":"root@vm","Version":"1.11.4","Created":"2001-11-21T11:24:48.790362167Z","Path":"states/a/state"}"#,
    );
    let (mut store, clock) = (store(&memory, false), clock());
    let problem = store.lock(&request(100_000), &clock).await.expect_err("locked");
    assert!(problem.help.is_some_and(|help| help.contains("It holds until it is released")));
    assert_eq!(store.force_unlock("other").await.expect_err("another").summary, "Failed to unlock state");
    store.force_unlock("d60a82f2-64ee-2a2f-b534-091b72ff0e08").await.expect("unlocked");
    assert!(memory.keys().is_empty());
    store.lock(&request(0), &clock).await.expect("locked");
}

#[tokio::test]
async fn a_lost_lock_is_noticed_at_renewal_and_before_writing() {
    let memory = Arc::new(Memory::default());
    let (mut store, clock) = (store(&memory, false), clock());
    store.lock(&request(0), &clock).await.expect("locked");
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    journal.record(&set("a.b")).await.expect("recorded");
    Bucket::delete(&*memory, &["a/state.tflock".to_owned()]).await.expect("deleted");
    let watch = store.watch().expect("a lock");
    clock.sleep(Duration::from_secs(60)).await;
    let problem = watch.lost().await;
    assert_eq!(problem.summary, "The state lock was lost");
    assert!(problem.detail.contains("force-unlock"), "{}", problem.detail);
    let problem = commit(&mut store, journal, &loaded.state, &[], &clock).await.expect_err("lost");
    assert_eq!(problem.summary, "The state lock was lost");
    assert!(memory.keys().iter().all(|key| key.starts_with("a/state.journal/")), "{:?}", memory.keys());
    // The next run goes on from the journal.
    let mut next = self::store(&memory, false);
    next.lock(&request(0), &clock).await.expect("locked");
    let loaded = load(&mut next, &clock).await.expect("loaded");
    assert!(loaded.has_journal() && loaded.state.instances.contains_key(&key("a.b")));
}

#[tokio::test]
async fn what_somebody_else_wrote_is_not_lost() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    assert_eq!(written(&memory, "a.b").await, 1);
    let (mut ours, mut theirs) = (store(&memory, true), store(&memory, true));
    let mut state = ours.read(&clock).await.expect("read").expect("a state");
    theirs.read(&clock).await.expect("read");
    state.instances.insert(key("a.c"), instance("x"));
    assert_eq!(ours.write(&state, &clock).await, Ok(2));
    state.instances.insert(key("a.d"), instance("x"));
    assert_eq!(theirs.write(&state, &clock).await.expect_err("changed").summary, "The state was changed meanwhile");
    // An answer that was lost on the way is no conflict.
    *memory.loses_answer.lock().expect("a lock") = true;
    assert_eq!(ours.write(&state, &clock).await, Ok(3));
}

#[tokio::test]
async fn a_checksum_that_does_not_fit_is_an_error_after_ten_seconds() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    written(&memory, "a.b").await;
    memory.set("a/state", "{}");
    let start = clock.now();
    let problem = store(&memory, true).read(&clock).await.expect_err("another");
    assert_eq!(problem.summary, "state data in S3 does not have the expected content");
    for part in ["Bucket: states", "Key:    a/state", "Calculated checksum: 99914b932bd37a50b983c5e7c90ae93b"] {
        assert!(problem.detail.contains(part), "{}", problem.detail);
    }
    assert!(clock.now().saturating_sub(start) >= Duration::from_secs(10));
    Bucket::delete(&*memory, &["a/state".to_owned()]).await.expect("deleted");
    let problem = store(&memory, true).read(&clock).await.expect_err("gone");
    assert!(problem.help.is_some_and(|help| help.contains("remove the item: states/a/state-md5")));
}

#[tokio::test]
async fn a_run_killed_before_the_checksum_heals_itself() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    let mut store = store(&memory, true);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    journal.record(&set("a.b")).await.expect("recorded");
    let mut state = loaded.state.clone();
    state.instances.insert(key("a.b"), instance("x"));
    let prepared = store.prepare(&state, &clock).await.expect("prepared");
    journal.record(&Entry::Folded { serial: prepared.serial, digest: prepared.digest() }).await.expect("recorded");
    journal.close().await;
    store.write_prepared(&prepared, &state.lineage).await.expect("written");
    LockTable::put(&*memory, "states/a/state-md5", Attribute::Digest, "0".repeat(32), When::Always).await.expect("put");

    let mut next = self::store(&memory, true);
    next.lock(&request(0), &clock).await.expect("locked");
    let loaded = load(&mut next, &clock).await.expect("loaded");
    assert!(!loaded.has_journal() && loaded.state.instances.contains_key(&key("a.b")));
    assert_ne!(memory.items.lock().expect("a lock")["states/a/state-md5"].1, "0".repeat(32));
}

#[tokio::test]
async fn entries_are_durable_in_groups_and_a_killed_run_is_taken_up() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    let mut store = store(&memory, false);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = Arc::new(begin(&store, &loaded, "apply", &clock).await.expect("begun"));
    let mut steps = tokio::task::JoinSet::new();
    for at in 0..200 {
        let journal = journal.clone();
        steps.spawn(async move { journal.record(&set(&format!("a.b{at}"))).await });
    }
    while let Some(done) = steps.join_next().await {
        done.expect("no panic").expect("recorded");
    }
    let intent = Intent {
        step: journal.step(1),
        key: key("a.open"),
        action: Action::Create,
        type_name: "a".to_owned(),
        provider: "provider[\"terraform.io/builtin/terraform\"]".to_owned(),
        id: None,
        recover: BTreeMap::new(),
        tainted: false,
        planned: None,
        dependencies: Vec::new(),
        create_before_destroy: false,
    };
    journal.record(&Entry::Intent(intent)).await.expect("recorded");
    assert!(journal.syncs() < 100, "{} writes", journal.syncs());
    let objects = memory.keys();
    assert!(objects.iter().all(|key| key.starts_with("a/state.journal/00000001/")), "{objects:?}");
    drop(journal); // killed

    let mut next = self::store(&memory, false);
    let loaded = load(&mut next, &clock).await.expect("loaded");
    assert_eq!((loaded.state.instances.len(), loaded.open.len()), (200, 1));
    let journal = begin(&next, &loaded, "apply", &clock).await.expect("begun");
    assert_eq!(journal.run(), 2);
    commit(&mut next, journal, &loaded.state, &loaded.open, &clock).await.expect("committed");
    let loaded = load(&mut next, &clock).await.expect("loaded");
    assert_eq!((loaded.state.instances.len(), loaded.open.len(), loaded.has_journal()), (200, 1, false));
    let journal = begin(&next, &loaded, "apply", &clock).await.expect("begun");
    commit(&mut next, journal, &loaded.state, &[], &clock).await.expect("committed");
    assert_eq!(memory.keys(), ["a/state"]);
}

#[tokio::test]
async fn two_runs_cannot_write_the_same_journal() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    let mut store = store(&memory, false);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let ours = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    ours.record(&set("a.b")).await.expect("recorded");
    // Somebody takes over while we are still there.
    let mut next = self::store(&memory, false);
    let loaded = load(&mut next, &clock).await.expect("loaded");
    let theirs = begin(&next, &loaded, "apply", &clock).await.expect("begun");
    let problem = ours.record(&set("a.c")).await.expect_err("taken over");
    assert_eq!(problem.summary, "The journal belongs to another run now");
    theirs.record(&set("a.d")).await.expect("recorded");
    let records = journal::read(&next.journal()).await.expect("read").expect("entries");
    assert_eq!(records.entries.len(), 4, "{records:?}");
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_says_so() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    let mut store = store(&memory, false);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    *memory.fails.lock().expect("a lock") = Some("journal".to_owned());
    let problem = journal.record(&set("a.b")).await.expect_err("refused");
    assert_eq!(problem.summary, "The journal cannot be written");
    assert!(problem.detail.starts_with("s3://states/a/state.journal: refused."), "{}", problem.detail);
    *memory.fails.lock().expect("a lock") = None;
    journal.record(&set("a.b")).await.expect("recorded");
}

#[tokio::test]
async fn deleting_leaves_nothing() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    written(&memory, "a.b").await;
    let mut store = store(&memory, true);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    journal.record(&set("a.c")).await.expect("recorded");
    journal.close().await;
    store.delete().await.expect("deleted");
    assert!(memory.keys().is_empty() && memory.items.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn no_lock_outlives_a_command() {
    let memory = Arc::new(Memory::default());
    let clock = clock();
    let remote = remote(&memory, true);
    let mut store: Store = RemoteStore::open(&remote, "a/state").into();
    store.lock(&request(0), &clock).await.expect("locked");
    drop(store); // a command that failed
    assert!(!remote.leases.release().await.has_errors());
    assert!(memory.keys().is_empty() && memory.items.lock().expect("a lock").is_empty());
}
