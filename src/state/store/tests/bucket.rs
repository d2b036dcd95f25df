//! States in a bucket: keys, conditions, checksums and the journal.

use std::sync::Arc;
use std::time::Duration;

use super::memory::{Call, Memory, What};
use super::{clock, instance, key, request, set, store, written};
use crate::diagnostic::Report;
use crate::state::bucket::{Attribute, Reason};
use crate::state::journal::{self, Action, Entry, Intent};
use crate::state::{State, begin, commit, load};

#[tokio::test]
async fn keys_and_items_are_those_of_terraform() {
    let memory = Memory::default();
    let (mut store, clock) = (store(&memory, true), clock());
    store.lock(&request(0), &clock).await.expect("locked");
    assert_eq!(memory.keys(), ["a/state.tflock"]);
    let info: serde_json::Value = serde_json::from_str(&memory.text("a/state.tflock")).expect("JSON");
    assert_eq!((&info["Path"], &info["Operation"]), (&"states/a/state".into(), &"OperationTypeApply".into()));
    assert_eq!(info["Lease"]["Expires"], "2023-11-14T22:15:20Z");
    assert_eq!((&info["Lease"]["Command"], &info["Lease"]["Pid"]), (&"apply".into(), &1.into()));
    assert_eq!(memory.content().items.keys().collect::<Vec<_>>(), ["states/a/state"]);
    assert_eq!(store.read(&clock).await.expect("read"), None);
    assert_eq!(store.write(&State::of_lineage("l"), &clock).await, Ok(1));
    store.unlock().await.expect("unlocked");
    assert_eq!(memory.keys(), ["a/state"]);
    let items = memory.content().items.clone();
    let (attribute, sum) = items.get("states/a/state-md5").expect("a checksum");
    assert_eq!((items.len(), attribute.name(), sum.len()), (1, "Digest", 32));
}

#[tokio::test]
async fn what_somebody_else_wrote_is_not_lost() {
    let memory = Memory::default();
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
    memory.fail(Call::Put, "a/state", What::Answered(Reason::Condition), 1);
    assert_eq!(ours.write(&state, &clock).await, Ok(3));
    state.instances.insert(key("a.e"), instance("x"));
    memory.fail(Call::Put, "a/state", What::Answered(Reason::Other), 1);
    assert_eq!(ours.write(&state, &clock).await, Ok(4));
    assert!(memory.text("a/state").contains("\"serial\": 4"));
    // Nothing was written, and that is said.
    state.instances.insert(key("a.f"), instance("x"));
    memory.fail(Call::Put, "a/state", What::Refused(Reason::Other), 1);
    let problem = ours.write(&state, &clock).await.expect_err("refused");
    assert!(problem.detail.contains("was not written, as far as can be told"), "{}", problem.detail);
    memory.fail(Call::Put, "a/state", What::Refused(Reason::Denied), 1);
    let problem = ours.write(&state, &clock).await.expect_err("refused");
    assert!(problem.detail.contains("was left as it was"), "{}", problem.detail);
    assert_eq!(ours.write(&state, &clock).await, Ok(5));
}

#[tokio::test]
async fn a_checksum_that_does_not_fit_is_an_error_after_ten_seconds() {
    let memory = Memory::default();
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
    memory.remove("a/state");
    let problem = store(&memory, true).read(&clock).await.expect_err("gone");
    assert!(problem.help.is_some_and(|help| help.contains("remove the item: states/a/state-md5")));
}

#[tokio::test]
async fn a_run_killed_before_the_checksum_heals_itself() {
    let memory = Memory::default();
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
    memory.set_item("states/a/state-md5", Attribute::Digest, &"0".repeat(32));

    let mut next = self::store(&memory, true);
    next.lock(&request(0), &clock).await.expect("locked");
    let loaded = load(&mut next, &clock).await.expect("loaded");
    assert!(!loaded.has_journal() && loaded.state.instances.contains_key(&key("a.b")));
    assert_ne!(memory.item("states/a/state-md5"), "0".repeat(32));
}

#[tokio::test]
async fn entries_are_durable_in_groups_and_a_killed_run_is_taken_up() {
    let memory = Memory::default();
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
    let intent = Intent::of(journal.step(1), key("a.open"), Action::Create);
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
    let memory = Memory::default();
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
async fn a_run_that_was_taken_over_writes_nothing_when_the_other_one_is_done() {
    for ends in [1, 2] {
        let memory = Memory::default();
        let clock = clock();
        let mut store = store(&memory, false);
        let loaded = load(&mut store, &clock).await.expect("loaded");
        let ours = begin(&store, &loaded, "apply", &clock).await.expect("begun");
        ours.record(&set("a.b")).await.expect("recorded");
        // Somebody takes over and ends; another run may have begun since.
        let mut next = self::store(&memory, false);
        for _ in 0..ends {
            let loaded = load(&mut next, &clock).await.expect("loaded");
            let theirs = begin(&next, &loaded, "apply", &clock).await.expect("begun");
            commit(&mut next, theirs, &loaded.state, &[], &clock).await.expect("committed");
        }
        let loaded = load(&mut next, &clock).await.expect("loaded");
        let third = begin(&next, &loaded, "apply", &clock).await.expect("begun");
        for name in ["a.c", "a.d"] {
            let intent = Entry::Intent(Intent::of(ours.step(1), key(name), Action::Create));
            let problem = ours.record(&intent).await.expect_err("taken over");
            assert_eq!(problem.summary, "The journal belongs to another run now");
        }
        third.record(&set("a.e")).await.expect("recorded");
        commit(&mut next, third, &loaded.state, &[], &clock).await.expect("committed");
        ours.record(&set("a.f")).await.expect_err("taken over");
        assert_eq!(memory.keys(), ["a/state"]);
    }
}

#[tokio::test]
async fn what_a_journal_tells_whose_beginning_was_removed_is_not_passed_over() {
    let memory = Memory::default();
    let clock = clock();
    written(&memory, "a.known").await;
    let mut store = store(&memory, false);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    let step = journal.step(1);
    journal.record(&set("a.done")).await.expect("recorded");
    journal.record(&Entry::Intent(Intent::of(step, key("a.open"), Action::Create))).await.expect("recorded");
    journal.close().await;
    memory.remove("a/state.journal/00000001/0000000001");
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let told = &loaded.warnings.0[0];
    assert!(told.summary == "The state was changed after an interrupted run", "{told:?}");
    assert!(told.detail.contains("a.done") && !told.detail.contains("a.known"), "{told:?}");
    assert_eq!(loaded.open.iter().map(|open| open.intent.key.to_string()).collect::<Vec<_>>(), ["a.open"]);
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_says_so() {
    let memory = Memory::default();
    let clock = clock();
    let mut store = store(&memory, false);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    memory.fail(Call::Put, "journal", What::Refused(Reason::Other), 9);
    let problem = journal.record(&set("a.b")).await.expect_err("refused");
    assert_eq!(problem.summary, "The journal cannot be written");
    assert!(problem.detail.starts_with("s3://states/a/state.journal: refused."), "{}", problem.detail);
    memory.heal();
    journal.record(&set("a.b")).await.expect("recorded");
}

#[tokio::test]
async fn a_journal_outlives_answers_that_are_lost() {
    let memory = Memory::default();
    let clock = clock();
    let mut store = store(&memory, false);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    // Written, and answered with an error.
    memory.fail(Call::Put, "journal", What::Answered(Reason::Other), 1);
    assert_eq!(journal.record(&set("a.a")).await, Ok(2));
    // The same, and what is there cannot be looked at: told as a failure.
    memory.fail(Call::Put, "journal", What::Answered(Reason::Other), 1);
    memory.fail(Call::Get, "0000000003", What::Refused(Reason::Other), 1);
    let problem = journal.record(&set("a.b")).await.expect_err("unclear");
    assert_eq!(problem.summary, "The journal cannot be written");
    // Twice at the same place: neither seems to be there, and the first one was.
    memory.fail(Call::Put, "journal", What::Refused(Reason::Other), 1);
    memory.fail(Call::Get, "0000000003", What::Nothing, 1);
    journal.record(&set("a.c")).await.expect_err("refused");
    assert_eq!(journal.record(&set("a.d")).await, Ok(4));
    assert_eq!(journal.record(&set("a.e")).await, Ok(5));
    let records = journal::read(&store.journal()).await.expect("read").expect("entries");
    let state = crate::state::fold(loaded.state.clone(), &records.entries).state;
    let names: Vec<String> = state.instances.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["a.a", "a.b", "a.d", "a.e"]);
    assert_eq!(commit(&mut store, journal, &state, &[], &clock).await, Ok(Report::default()));
    assert_eq!(memory.keys(), ["a/state"]);
}

#[tokio::test]
async fn deleting_leaves_nothing() {
    let memory = Memory::default();
    let clock = clock();
    written(&memory, "a.b").await;
    let mut store = store(&memory, true);
    let loaded = load(&mut store, &clock).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
    journal.record(&set("a.c")).await.expect("recorded");
    journal.close().await;
    store.delete().await.expect("deleted");
    assert!(memory.keys().is_empty() && memory.content().items.is_empty());
}

#[tokio::test]
async fn a_journal_that_cannot_be_removed_is_passed_over() {
    let memory = Memory::default();
    let clock = clock();
    memory.fail(Call::Delete, "journal", What::Refused(Reason::Denied), usize::MAX);
    let run = async |name: &str| {
        let mut store = store(&memory, true);
        let loaded = load(&mut store, &clock).await.expect("loaded");
        assert!(!loaded.has_journal() && !loaded.can_be_undone() && loaded.warnings.0.is_empty(), "{loaded:?}");
        let journal = begin(&store, &loaded, "apply", &clock).await.expect("begun");
        journal.record(&set(name)).await.expect("recorded");
        let mut state = loaded.state;
        state.instances.insert(key(name), instance("x"));
        commit(&mut store, journal, &state, &[], &clock).await.expect("the state is written")
    };
    for name in ["a.b", "a.c", "a.d"] {
        let warnings = run(name).await;
        let help = warnings.0[0].help.clone().unwrap_or_default();
        assert!(warnings.0[0].summary == "The journal was not removed" && !warnings.has_errors(), "{warnings:?}");
        assert!(help.contains("s3:DeleteObject on a/state.journal/* in the bucket states"), "{help}");
    }
    // Others write the state: nobody was interrupted before that.
    written(&memory, "a.e").await;
    // Where removing breaks off, what is left is still passed over.
    memory.heal();
    memory.fail(Call::Delete, "journal/00000004/0000000002", What::Refused(Reason::Other), 1);
    assert_eq!(run("a.f").await.0.len(), 1);
    assert!(memory.keys().iter().all(|key| !key.contains("journal/00000003")), "{:?}", memory.keys());
    assert_eq!(run("a.g").await, Report::default());
    assert_eq!(memory.keys(), ["a/state"]);
    let loaded = load(&mut store(&memory, true), &clock).await.expect("loaded");
    assert_eq!(loaded.state.instances.len(), 6);
}

#[tokio::test]
async fn an_older_version_is_named_where_the_state_is_not_whole() {
    let (memory, clock) = (Memory::default(), clock());
    written(&memory, "a.b").await;
    let text = memory.text("a/state");
    memory.content().items.clear();
    memory.set("a/state", &text[..text.len() / 2]);
    let problem = store(&memory, false).read(&clock).await.expect_err("cut off");
    assert_eq!(problem.summary, "The state is cut off");
    assert!(problem.help.is_some_and(|help| help.contains("older version of the object")));
    let envelope = r#"{"serial":1,"lineage":"l","meta":{},"encrypted_data":"","encryption_version":"v0"}"#;
    memory.set("a/state", envelope);
    let problem = store(&memory, false).read(&clock).await.expect_err("encrypted");
    assert_eq!((problem.summary.as_ref(), problem.help), ("The state is encrypted", None));
}
