//! Locks on states in buckets: who gets them, who waits, and what goes wrong on the way.

use std::time::Duration;

use super::memory::{Call, Memory, What};
use super::{clock, key, remote, request, set, store};
use crate::state::bucket::{Attribute, Reason};
use crate::state::lock::Holder;
use crate::state::store::{RemoteStore, Store};
use crate::state::{begin, commit, load};

#[tokio::test]
async fn of_two_one_is_refused_or_waits() {
    let memory = Memory::default();
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
    let memory = Memory::default();
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
    memory.content().items.clear();
    let mut theirs = store(&memory, true);
    theirs.lock(&request(0), &clock).await.expect("taken over");
    assert_ne!(memory.text("a/state.tflock"), text);
}

#[tokio::test]
async fn the_lock_of_a_dead_process_of_this_machine_is_taken_at_once() {
    let memory = Memory::default();
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
    let memory = Memory::default();
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

/// Of somebody who locks with the object alone, and somebody who locks with the item alone.
#[tokio::test]
async fn each_of_two_locks_is_released_by_its_own_identity() {
    let memory = Memory::default();
    let info =
        |id: &str| format!(r#"{{"ID":"{id}","Operation":"","Info":"","Who":"","Version":"","Created":"","Path":""}}"#);
    memory.set("a/state.tflock", &info("one"));
    memory.set_item("states/a/state", Attribute::Info, &info("two"));
    let store = store(&memory, true);
    let problem = store.force_unlock("three").await.expect_err("another");
    assert!(problem.detail.contains("Nothing was changed"), "{}", problem.detail);
    store.force_unlock("two").await.expect("unlocked");
    assert!(memory.content().items.is_empty());
    assert!(matches!(store.holder().await, Ok(Holder::Named(info)) if info.id == "one"));
    // One that does not say who holds it has no identity to name.
    memory.set("a/state.tflock", "?");
    for id in ["", "one"] {
        let problem = store.force_unlock(id).await.expect_err("unknown");
        assert!(problem.detail.contains("does not say who holds it"), "{}", problem.detail);
    }
    memory.remove("a/state.tflock");
    let problem = store.force_unlock("one").await.expect_err("nobody");
    assert!(problem.detail.contains("Nobody holds a lock"), "{}", problem.detail);
}

#[tokio::test]
async fn a_lost_lock_is_noticed_at_renewal_and_before_writing() {
    let memory = Memory::default();
    let (mut store, clock) = (store(&memory, false), clock());
    store.lock(&request(0), &clock).await.expect("locked");
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    journal.record(&set("a.b")).await.expect("recorded");
    memory.remove("a/state.tflock");
    let watch = store.watch().expect("a lock");
    clock.sleep(Duration::from_secs(60)).await;
    let problem = watch.lost().await;
    assert_eq!(problem.summary, "The state lock was lost");
    for way in ["force-unlock", "took it over when it had expired and is done since"] {
        assert!(problem.detail.contains(way), "{}", problem.detail);
    }
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
async fn no_lock_outlives_a_command() {
    let memory = Memory::default();
    let clock = clock();
    let remote = remote(&memory, true);
    let mut store: Store = RemoteStore::open(&remote, "a/state").into();
    store.lock(&request(0), &clock).await.expect("locked");
    drop(store); // a command that failed
    assert!(!remote.leases.release().await.has_errors());
    assert!(memory.keys().is_empty() && memory.content().items.is_empty());
}

#[tokio::test]
async fn an_item_that_does_not_say_whose_it_is_is_not_waited_for_longer_than_asked() {
    let memory = Memory::default();
    memory.set_item("states/a/state", Attribute::Digest, "another attribute");
    let (mut store, clock) = (store(&memory, true), clock());
    for (timeout, waited) in [(0, 0), (30, 30)] {
        let start = clock.now();
        let problem = store.lock(&request(timeout), &clock).await.expect_err("locked");
        assert_eq!(problem.summary, "The state is locked");
        let help = problem.help.expect("what to do");
        assert!(help.contains("does not say who") && help.contains("the item states/a/state of the table"), "{help}");
        assert_eq!(clock.now().saturating_sub(start), Duration::from_secs(waited));
    }
    assert!(matches!(store.holder().await, Ok(Holder::Unnamed)));
    assert!(memory.keys().is_empty(), "the other slot is released");
}

#[tokio::test]
async fn a_lock_that_comes_and_goes_is_not_waited_for_longer_than_asked() {
    let memory = Memory::default();
    let (mut ours, mut theirs, clock) = (store(&memory, false), store(&memory, false), clock());
    theirs.lock(&request(0), &clock).await.expect("locked");
    memory.fail(Call::Get, "a/state.tflock", What::Nothing, usize::MAX);
    let problem = ours.lock(&request(0), &clock).await.expect_err("locked");
    assert_eq!(problem.summary, "The state is locked");
    // Once is no reason to give up.
    memory.heal();
    theirs.unlock().await.expect("unlocked");
    memory.fail(Call::Put, "a/state.tflock", What::Refused(Reason::Condition), 2);
    ours.lock(&request(0), &clock).await.expect("locked");
}

#[tokio::test]
async fn an_expired_lease_that_others_always_take_first_is_not_waited_for_longer_than_asked() {
    let memory = Memory::default();
    let (mut ours, mut theirs, clock) = (store(&memory, false), store(&memory, false), clock());
    theirs.lock(&request(0), &clock).await.expect("locked");
    let text = memory.text("a/state.tflock").replace("\"Pid\":1,", "\"Pid\":4194305,");
    drop(theirs);
    memory.set("a/state.tflock", &text);
    memory.fail(Call::Put, "a/state.tflock", What::Refused(Reason::Condition), 100);
    let problem = ours.lock(&request(5), &clock).await.expect_err("locked");
    assert!(problem.detail.contains("4194305"), "{}", problem.detail);
}

#[tokio::test]
async fn a_slot_that_cannot_be_released_does_not_hold_up_the_others() {
    let memory = Memory::default();
    let (remote, clock) = (remote(&memory, true), clock());
    let mut store: Store = RemoteStore::open(&remote, "a/state").into();
    store.lock(&request(0), &clock).await.expect("locked");
    memory.fail(Call::Delete, "states/a/state", What::Refused(Reason::Other), 2);
    memory.fail(Call::Delete, "a/state.tflock", What::Refused(Reason::Other), 1);
    let problem = store.unlock().await.expect_err("refused");
    assert_eq!(problem.summary, "Error releasing the state lock");
    assert!(problem.detail.contains("the item states/a/state"), "{}", problem.detail);
    assert!(problem.notes.iter().any(|(_, note)| note.contains("s3://states/a/state.tflock")), "{:?}", problem.notes);
    // At the end of the command both are tried again; what fails once more was told before.
    assert!(!remote.leases.release().await.has_errors());
    assert!(memory.keys().is_empty());
    assert_eq!(memory.content().items.len(), 1);
}

#[tokio::test]
async fn the_end_of_a_command_tells_what_it_cannot_release() {
    let memory = Memory::default();
    let (remote, clock) = (remote(&memory, true), clock());
    let mut store: Store = RemoteStore::open(&remote, "a/state").into();
    store.lock(&request(0), &clock).await.expect("locked");
    memory.fail(Call::Get, "states/a/state", What::Refused(Reason::Other), 1);
    let report = remote.leases.release().await;
    assert_eq!(report.0.len(), 1, "{report:?}");
    assert!(memory.keys().is_empty(), "the other slot is released");
}

#[tokio::test]
async fn the_first_slot_is_renewed_while_the_second_is_waited_for() {
    let memory = Memory::default();
    memory.set_item("states/a/state", Attribute::Info, r#"{"ID":"another"}"#);
    let (mut store, clock) = (store(&memory, true), clock());
    let problem = store.lock(&request(600), &clock).await.expect_err("locked");
    assert_eq!(problem.summary, "The state is locked");
    let puts = memory.content().puts.iter().filter(|key| *key == "a/state.tflock").count();
    assert!(puts > 10, "{puts}");
    assert!(memory.keys().is_empty(), "and released at the end");
}

#[tokio::test]
async fn a_first_slot_that_is_lost_while_the_second_is_waited_for_is_no_lock() {
    let memory = Memory::default();
    memory.set_item("states/a/state", Attribute::Info, r#"{"ID":"another"}"#);
    let (mut store, clock) = (store(&memory, true), clock());
    let waiting = tokio::spawn({
        let clock = clock.clone();
        async move { store.lock(&request(6_000), &clock).await }
    });
    while memory.content().puts.len() < 3 {
        tokio::task::yield_now().await;
    }
    memory.remove("a/state.tflock");
    let puts = memory.content().puts.len();
    while memory.content().puts.len() == puts {
        tokio::task::yield_now().await;
    }
    memory.content().items.clear();
    let problem = waiting.await.expect("no panic").expect_err("lost");
    assert_eq!(problem.summary, "The state lock was lost");
    assert!(memory.keys().is_empty() && memory.content().items.is_empty());
}

#[tokio::test]
async fn a_command_that_is_stopped_while_it_waits_leaves_no_lock() {
    let memory = Memory::default();
    memory.set_item("states/a/state", Attribute::Info, r#"{"ID":"another"}"#);
    let remote = remote(&memory, true);
    let mut store: Store = RemoteStore::open(&remote, "a/state").into();
    let waiting = tokio::spawn(async move { store.lock(&request(100_000), &clock()).await });
    while memory.content().puts.len() < 2 {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    assert!(waiting.await.is_err());
    assert!(!remote.leases.release().await.has_errors());
    assert!(memory.keys().is_empty());
    assert_eq!(memory.item("states/a/state"), r#"{"ID":"another"}"#);
}

#[tokio::test]
async fn a_lock_whose_answer_was_lost_is_released() {
    let memory = Memory::default();
    let (mut store, clock) = (store(&memory, true), clock());
    memory.fail(Call::Put, "states/a/state", What::Answered(Reason::Other), 1);
    let problem = store.lock(&request(0), &clock).await.expect_err("no answer");
    assert_eq!(problem.summary, "Error acquiring the state lock");
    assert!(memory.keys().is_empty() && memory.content().items.is_empty());
    // As the second try of the SDK is told: it is there already, and ours.
    memory.fail(Call::Put, "a/state.tflock", What::Answered(Reason::Condition), 1);
    store.lock(&request(0), &clock).await.expect("locked");
}

#[tokio::test]
async fn a_lock_that_cannot_be_renewed_was_not_taken_away() {
    let memory = Memory::default();
    let (mut store, clock) = (store(&memory, false), clock());
    store.lock(&request(0), &clock).await.expect("locked");
    memory.fail(Call::Put, "a/state.tflock", What::Refused(Reason::Other), usize::MAX);
    let watch = store.watch().expect("a lock");
    for _ in 0..30 {
        clock.sleep(Duration::from_secs(5)).await;
        tokio::task::yield_now().await;
    }
    let problem = watch.lost().await;
    assert_eq!(problem.summary, "The state lock was lost");
    assert!(problem.detail.contains("could not be renewed for 60 seconds: refused."), "{}", problem.detail);
    assert!(!problem.detail.contains("taken away"), "{}", problem.detail);
}

/// Changes the lock as a holder does who lives and whose clock is an hour behind: whatever it writes has expired.
fn renew_behind(memory: &Memory, number: u32) {
    let text = memory.text("a/state.tflock");
    let behind = regex::Regex::new("\"Expires\":\"[^\"]*\"").expect("a pattern");
    let expires = format!("\"Expires\":\"2023-11-14T21:00:{number:02}Z\"");
    let text = behind.replace(&text, &expires).replace("\"here\"", "\"there\"");
    memory.set("a/state.tflock", &text);
}

#[tokio::test]
async fn a_holder_whose_clock_is_behind_is_not_waited_for_longer_than_asked() {
    for (timeout, most) in [(0, 40), (100, 110)] {
        let (memory, clock) = (Memory::default(), clock());
        let (mut ours, mut theirs) = (store(&memory, false), store(&memory, false));
        theirs.lock(&request(0), &clock).await.expect("locked");
        theirs.check_lock().await.expect("held");
        drop(theirs);
        renew_behind(&memory, 0);
        let start = clock.now();
        let holder = tokio::spawn({
            let (memory, clock) = (memory.clone(), clock.clone());
            async move {
                for number in 1..40 {
                    clock.pass(Duration::from_secs(20)).await;
                    renew_behind(&memory, number);
                }
            }
        });
        let problem = ours.lock(&request(timeout), &clock).await.expect_err("held");
        assert_eq!(problem.summary, "The state is locked");
        let waited = clock.now().saturating_sub(start).as_secs();
        assert!((timeout..=most).contains(&waited), "{waited} seconds");
        // Once it ends without releasing the lock, it is taken over as any other.
        holder.abort();
        ours.lock(&request(0), &clock).await.expect("taken over");
    }
}
