use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::state::fold::{OpenIntent, Standing, fold, standing};
use crate::state::{State, Store, begin, commit, load, stop};
use crate::value::Value;

fn clock() -> Clock {
    Clock::pinned(Duration::from_secs(1_700_000_000), 1)
}

fn key(address: &str) -> InstanceKey {
    InstanceKey::current(address.parse().expect("an address"))
}

fn instance(id: &str) -> Instance {
    let value = Value::object([("id".into(), Value::from(id).sensitive())].into());
    let mut instance = Instance::new("provider[\"p\"]", 3, &value, &value.ty()).expect("stored");
    instance.dependencies = vec![std::sync::Arc::new(crate::address::Resource::managed("a", "dep"))];
    instance
}

fn intent(step: StepRef, address: &str) -> Intent {
    Intent {
        recover: BTreeMap::from([("name".to_owned(), "web".to_owned())]),
        planned: Some(Raw::parse(r#"{"name": "web<"}"#).expect("JSON")),
        ..Intent::of(step, key(address), Action::Create)
    }
}

fn done(step: StepRef, address: &str, id: &str) -> Entry {
    Entry::Done { step, key: key(address), instance: Some(Box::new(instance(id))) }
}

const fn step(step: u64) -> StepRef {
    StepRef { run: 1, step }
}

fn all_entries() -> Vec<Entry> {
    let outputs = BTreeMap::from([("o".to_owned(), Output { value: Value::from("x"), sensitive: true })]);
    vec![
        Entry::Begin {
            run: 1,
            lineage: "l".to_owned(),
            serial: 4,
            digest: "d".to_owned(),
            command: "apply".to_owned(),
        },
        Entry::Intent(intent(step(1), "module.m[\"k\"].a.b[0]")),
        Entry::Made { step: step(1), id: "id-1".to_owned() },
        done(step(1), "module.m[\"k\"].a.b[0]", "id-1"),
        Entry::Failed { step: step(2), key: key("a.c"), message: "no".to_owned(), left: Left::Nothing },
        Entry::Failed { step: step(2), key: key("a.c"), message: "no".to_owned(), left: Left::Unclear },
        Entry::Failed {
            step: step(2),
            key: key("a.c"),
            message: "no".to_owned(),
            left: Left::Partial(Box::new(instance("x"))),
        },
        Entry::Set { changes: vec![(key("a.b"), None), (key("a.c"), Some(Box::new(instance("x"))))] },
        Entry::Outputs(outputs),
        Entry::CheckResults(Some(Raw::parse("[]").expect("JSON"))),
        Entry::CheckResults(None),
        Entry::Folded { serial: 5, digest: "e".to_owned() },
        Entry::End { run: 1 },
    ]
}

async fn written(path: &Path, entries: &[Entry]) -> Records {
    let before = read(&(path).into()).await.expect("readable");
    let journal = Journal::open(path, before.as_ref(), &clock()).expect("opened");
    for entry in entries {
        journal.record(entry).await.expect("recorded");
    }
    drop(journal);
    read(&(path).into()).await.expect("readable").expect("entries")
}

#[tokio::test]
async fn every_entry_survives() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    let records = written(&path, &all_entries()).await;
    assert!(!records.torn);
    assert_eq!(records.entries.iter().map(|recorded| recorded.seq).collect::<Vec<_>>(), (1..=13).collect::<Vec<_>>());
    assert_eq!(records.entries.iter().map(|recorded| recorded.entry.clone()).collect::<Vec<_>>(), all_entries());
    assert_eq!(records.entries[0].at, Duration::from_secs(1_700_000_000));
    assert_eq!(std::fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
    assert!(!format!("{records:?}").contains("id-1\\\""), "values are not shown");
}

#[tokio::test]
async fn a_journal_cut_anywhere_keeps_its_whole_lines_and_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    let whole = written(&path, &all_entries()).await.entries;
    let bytes = std::fs::read(&path).expect("a file");
    let ends: Vec<_> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    for cut in (0..bytes.len()).step_by(13) {
        let lines = ends.iter().filter(|end| **end <= cut).count();
        let records = line::parse(&bytes[..cut], "journal").expect("a torn end is no damage");
        assert_eq!(records.entries, whole[..lines], "{cut}");
        assert_eq!(records.torn, cut > 0 && !ends.contains(&cut), "{cut}");
    }
    let file = std::fs::OpenOptions::new().write(true).open(&path).expect("a file");
    file.set_len(bytes.len() as u64 - 9).expect("cut");
    let records = written(&path, &[Entry::End { run: 7 }]).await;
    assert_eq!((records.torn, records.entries.len()), (false, 13));
    assert_eq!(records.entries[12].entry, Entry::End { run: 7 });
}

#[tokio::test]
async fn damage_in_what_was_safe_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    written(&path, &all_entries()).await;
    let text = std::fs::read_to_string(&path).expect("text");
    let problem =
        line::parse(text.replace("\"id-1\"},", "\"id-2\"},").replace("\"made\"", "\"mode\"").as_bytes(), "journal");
    let problem = problem.expect_err("damaged");
    assert_eq!(problem.summary, "The journal is damaged");
    assert!(problem.detail.contains("journal, line 3:"), "{}", problem.detail);
    // Within the last group a crash may have lost any line.
    let lines: Vec<String> = (1..=4)
        .map(|seq| {
            let entry = serde_json::value::to_raw_value(&Entry::End { run: 1 }).expect("JSON");
            line::print(seq, if seq == 1 { 1 } else { 2 }, Duration::ZERO, &entry).expect("JSON")
        })
        .collect();
    let torn = lines.concat().replacen("\"seq\":3", "\"seq\":\0", 1);
    let records = line::parse(torn.as_bytes(), "journal").expect("a torn group is no damage");
    assert_eq!((records.entries.len(), records.torn), (3, true));
    // Whole, but nothing we know.
    let newer = serde_json::value::to_raw_value(&BTreeMap::from([("newer", 1)])).expect("JSON");
    let newer = line::print(1, 1, Duration::ZERO, &newer).expect("JSON");
    let problem = line::parse(newer.as_bytes(), "journal").expect_err("another version");
    assert_eq!(problem.summary, "The journal is of another version");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_that_wait_together_share_a_sync() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    let journal = std::sync::Arc::new(Journal::open(&path, None, &clock()).expect("opened"));
    let mut steps = tokio::task::JoinSet::new();
    for at in 0..10_000 {
        let journal = journal.clone();
        steps.spawn(async move { journal.record(&Entry::Made { step: step(at), id: "i".to_owned() }).await });
    }
    let mut numbers = std::collections::BTreeSet::new();
    while let Some(done) = steps.join_next().await {
        numbers.insert(done.expect("no panic").expect("recorded"));
    }
    assert_eq!(numbers.len(), 10_000);
    assert!(journal.syncs() < 5_000, "{} syncs", journal.syncs());
    drop(journal);
    assert_eq!(read(&(&path).into()).await.expect("readable").expect("entries").entries.len(), 10_000);
}

#[tokio::test]
async fn what_cannot_be_written_is_said_and_notes_are_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("not-yet/journal");
    let journal = Journal::open(&path, None, &clock()).expect("opened");
    journal.note(&Entry::End { run: 1 }).expect("noted");
    assert_eq!(
        journal.record(&Entry::End { run: 2 }).await.expect_err("no folder").summary,
        "The journal cannot be written"
    );
    std::fs::create_dir(folder.path().join("not-yet")).expect("a folder");
    assert_eq!(journal.record(&Entry::End { run: 3 }).await, Ok(2));
    drop(journal);
    let runs: Vec<_> = read(&(&path).into())
        .await
        .expect("readable")
        .expect("entries")
        .entries
        .into_iter()
        .map(|line| line.entry)
        .collect();
    assert_eq!(runs, [Entry::End { run: 1 }, Entry::End { run: 3 }]);
}

fn recorded(entries: Vec<Entry>) -> Vec<Recorded> {
    (1..).zip(entries).map(|(seq, entry)| Recorded { seq, at: Duration::ZERO, entry }).collect()
}

#[test]
fn folding_says_what_is_there_and_what_is_open() {
    let mut snapshot = State::of_lineage("l");
    snapshot.instances.insert(key("a.gone"), instance("gone"));
    snapshot.instances.insert(key("a.replaced"), instance("old"));
    let aside = InstanceKey { deposed: Some("01234567".to_owned()), ..key("a.replaced") };
    let entries = recorded(vec![
        Entry::Intent(intent(step(1), "a.made")),
        Entry::Made { step: step(1), id: "made".to_owned() },
        Entry::Intent(intent(step(2), "a.done")),
        done(step(2), "a.done", "done"),
        Entry::Intent(intent(step(3), "a.half")),
        Entry::Failed {
            step: step(3),
            key: key("a.half"),
            message: String::new(),
            left: Left::Partial(Box::new(instance("half"))),
        },
        Entry::Intent(intent(step(4), "a.refused")),
        Entry::Failed { step: step(4), key: key("a.refused"), message: String::new(), left: Left::Nothing },
        Entry::Intent(intent(step(5), "a.lost")),
        Entry::Failed { step: step(5), key: key("a.lost"), message: String::new(), left: Left::Unclear },
        Entry::Awaited { step: step(5) },
        Entry::Intent(Intent { action: Action::Delete, ..intent(step(6), "a.gone") }),
        Entry::Done { step: step(6), key: key("a.gone"), instance: None },
        Entry::Set { changes: vec![(aside, Some(Box::new(instance("old")))), (key("a.replaced"), None)] },
        done(step(7), "a.replaced", "new"),
    ]);
    let folded = fold(snapshot, &entries);
    let objects: Vec<_> = folded
        .state
        .instances
        .iter()
        .map(|(key, instance)| {
            format!("{key}{} {}", if instance.tainted { " tainted" } else { "" }, instance.attributes.as_str())
        })
        .collect();
    assert_eq!(
        objects,
        [
            r#"a.done {"id":"done"}"#,
            r#"a.half tainted {"id":"half"}"#,
            r#"a.replaced {"id":"new"}"#,
            r#"a.replaced (deposed object 01234567) {"id":"old"}"#,
        ]
    );
    let open: Vec<_> =
        folded.open.iter().map(|open| (open.intent.key.to_string(), open.made.as_deref(), open.is_awaited)).collect();
    assert_eq!(open, [("a.made".to_owned(), Some("made"), false), ("a.lost".to_owned(), None, true)]);
    assert_eq!(fold(folded.state.clone(), &entries), folded, "folding twice does no harm");
}

#[test]
fn an_object_gives_way_until_it_is_known_that_nothing_was_made() {
    let mut snapshot = State::of_lineage("l");
    snapshot.instances.insert(key("a.b"), instance("old"));
    let aside = InstanceKey { deposed: Some("01234567".to_owned()), ..key("a.b") };
    let gives_way = Aside { deposed: "01234567".to_owned(), instance: Box::new(instance("old")) };
    let intent = Entry::Intent(Intent { aside: Some(gives_way), ..intent(step(1), "a.b") });
    let failed = |left| Entry::Failed { step: step(1), key: key("a.b"), message: String::new(), left };
    let with = |entries: Vec<Entry>| {
        let entries = recorded(std::iter::once(intent.clone()).chain(entries).collect());
        let folded = fold(snapshot.clone(), &entries);
        assert_eq!(fold(folded.state.clone(), &entries), folded, "folding twice does no harm");
        let id = |key: &InstanceKey| folded.state.instances.get(key).map(|one| one.attributes.as_str().to_owned());
        (id(&key("a.b")), id(&aside))
    };
    let [old, new] = ["old", "new"].map(|id| Some(format!(r#"{{"id":"{id}"}}"#)));
    assert_eq!(with(vec![]), (None, old.clone()));
    assert_eq!(with(vec![failed(Left::Unclear)]), (None, old.clone()));
    assert_eq!(with(vec![failed(Left::Unclear), done(step(1), "a.b", "new")]), (new, old.clone()));
    assert_eq!(with(vec![failed(Left::Nothing)]), (old.clone(), None));
    assert_eq!(with(vec![Entry::Awaited { step: step(1) }]), (old.clone(), None));
    assert_eq!(with(vec![Entry::Awaited { step: step(1) }, failed(Left::Nothing)]), (old, None));
}

#[test]
fn a_journal_knows_its_state() {
    let begin = |run, digest: &str| Entry::Begin {
        run,
        lineage: "l".to_owned(),
        serial: 1,
        digest: digest.to_owned(),
        command: "apply".to_owned(),
    };
    let folded = |digest: &str| Entry::Folded { serial: 2, digest: digest.to_owned() };
    let records = |entries| Records { entries: recorded(entries), ..Records::default() };
    let first = records(vec![begin(1, ""), done(step(1), "a.b", "x"), folded("d1")]);
    assert_eq!(standing(&first, None, ""), Standing::Current);
    assert_eq!(standing(&first, Some("l"), "d1"), Standing::Folded);
    assert_eq!(standing(&first, Some("l"), "other"), Standing::Overtaken);
    assert_eq!(standing(&first, Some("m"), "other"), Standing::Foreign);
    let second = records(vec![
        begin(1, "d0"),
        done(step(1), "a.b", "x"),
        folded("d1"),
        begin(2, "d1"),
        done(step(1), "a.c", "x"),
    ]);
    assert_eq!(standing(&second, Some("l"), "d1"), Standing::Current);
    assert_eq!(standing(&second, Some("l"), "d0"), Standing::Current);
    assert_eq!(standing(&second, None, ""), Standing::Foreign, "the state was deleted");
    let end = || Entry::End { run: 1 };
    let ended = records(vec![begin(1, "d0"), done(step(1), "a.b", "x"), folded("d1"), end()]);
    assert_eq!(standing(&ended, Some("l"), "d1"), Standing::Folded);
    assert_eq!(standing(&ended, Some("l"), "d0"), Standing::Overtaken, "the backup was put back");
    let again = records(vec![folded("d1"), end(), begin(2, "d0"), done(step(1), "a.c", "x")]);
    assert_eq!(standing(&again, Some("l"), "d0"), Standing::Current, "and a run began from it");
}

struct Run {
    folder: tempfile::TempDir,
}

impl Run {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn store(&self) -> Store {
        Store::file(&self.path())
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("terraform.tfstate")
    }

    fn journal_path(&self) -> std::path::PathBuf {
        self.folder.path().join("terraform.tfstate.journal")
    }

    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        let mut names: Vec<_> =
            files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Begins, records, and stops there.
    async fn crash(&self, entries: &[Entry]) {
        let mut store = self.store();
        let loaded = load(&mut store, &clock()).await.expect("loaded");
        let journal = begin(&store, &loaded, "apply", &clock()).await.expect("begun");
        for entry in entries {
            journal.record(entry).await.expect("recorded");
        }
    }

    /// Loads and commits; the warnings, what is open, and the objects.
    async fn finish(&self) -> (Vec<String>, Vec<String>, Vec<String>) {
        let mut store = self.store();
        let loaded = load(&mut store, &clock()).await.expect("loaded");
        let journal = begin(&store, &loaded, "apply", &clock()).await.expect("begun");
        commit(&mut store, journal, &loaded.state, &loaded.open, &clock()).await.expect("committed");
        let name = |open: &OpenIntent| open.intent.key.to_string();
        (
            loaded.warnings.0.iter().map(|warning| warning.summary.to_string()).collect(),
            loaded.open.iter().map(name).collect(),
            loaded.state.instances.keys().map(ToString::to_string).collect(),
        )
    }
}

#[tokio::test]
async fn an_interrupted_first_run_is_finished_by_the_next() {
    let run = Run::new();
    run.crash(&[done(step(1), "a.b", "x")]).await;
    run.crash(&[]).await;
    run.crash(&[done(StepRef { run: 3, step: 1 }, "a.c", "x")]).await;
    assert_eq!(run.files(), ["terraform.tfstate.journal"]);
    let lineage = load(&mut run.store(), &clock()).await.expect("loaded").state.lineage;
    assert_eq!(run.finish().await, (vec![], vec![], vec!["a.b".to_owned(), "a.c".to_owned()]));
    assert_eq!(run.files(), ["terraform.tfstate"]);
    let state = run.store().read(&clock()).await.expect("read").expect("a state");
    assert_eq!((state.lineage, state.serial), (lineage, 1));
}

#[tokio::test]
async fn open_intents_outlive_the_state_being_written() {
    let run = Run::new();
    run.crash(&[Entry::Intent(intent(step(1), "a.open")), done(step(2), "a.b", "x")]).await;
    for serial in [1, 1, 1] {
        assert_eq!(run.finish().await, (vec![], vec!["a.open".to_owned()], vec!["a.b".to_owned()]));
        assert_eq!(run.store().read(&clock()).await.expect("read").map(|state| state.serial), Some(serial));
    }
    run.crash(&[done(step(1), "a.open", "found")]).await;
    assert_eq!(run.finish().await, (vec![], vec![], vec!["a.b".to_owned(), "a.open".to_owned()]));
    assert_eq!(run.files(), ["terraform.tfstate", "terraform.tfstate.backup"]);
}

#[tokio::test]
async fn a_crash_between_state_and_journal_is_known_for_what_it_is() {
    let run = Run::new();
    run.crash(&[done(step(1), "a.b", "x")]).await;
    let journal = std::fs::read(run.journal_path()).expect("a file");
    run.finish().await;
    // The state is written, the journal was about to be removed.
    let digest = {
        let mut store = run.store();
        store.read(&clock()).await.expect("read");
        store.digest()
    };
    let mut file = std::fs::File::create(run.journal_path()).expect("a file");
    file.write_all(&journal).expect("written");
    written(&run.journal_path(), &[Entry::Folded { serial: 1, digest }]).await;
    let mut store = run.store();
    let loaded = load(&mut store, &clock()).await.expect("loaded");
    assert!(loaded.warnings.0.is_empty() && loaded.open.is_empty());
    run.finish().await;
    assert_eq!(run.files(), ["terraform.tfstate"]);
    assert_eq!(run.store().read(&clock()).await.expect("read").map(|state| state.serial), Some(1));
}

#[tokio::test]
async fn a_state_written_by_somebody_else_since_is_believed_and_the_journal_kept() {
    let run = Run::new();
    run.crash(&[]).await;
    run.finish().await;
    run.crash(&[done(step(1), "a.b", "x"), Entry::Intent(intent(step(2), "a.open"))]).await;
    let mut other = run.store();
    let mut state = other.read(&clock()).await.expect("read").expect("a state");
    state.instances.insert(key("a.theirs"), instance("y"));
    other.write(&state, &clock()).await.expect("written");
    let (warnings, open, objects) = run.finish().await;
    assert_eq!(warnings, ["The state was changed after an interrupted run"]);
    assert_eq!((open, objects), (vec!["a.open".to_owned()], vec!["a.theirs".to_owned()]));
    // What is open goes on in the new journal, the old one is put away.
    assert_eq!(run.finish().await, (vec![], vec!["a.open".to_owned()], vec!["a.theirs".to_owned()]));
    assert!(run.files().contains(&"terraform.tfstate.journal.1700000000".to_owned()), "{:?}", run.files());

    let run = Run::new();
    run.crash(&[done(step(1), "a.b", "x")]).await;
    run.store().overwrite(&State { serial: 9, ..State::of_lineage("other") }).await.expect("written");
    assert_eq!(run.finish().await, (vec!["The journal belongs to another state".to_owned()], vec![], vec![]));
}

#[tokio::test]
async fn what_the_state_has_already_is_not_done_again() {
    let run = Run::new();
    run.crash(&[done(step(1), "a.b", "x"), done(step(2), "a.kept", "x")]).await;
    // The next run finds that one of them is gone, and is stopped.
    let mut store = run.store();
    let loaded = load(&mut store, &clock()).await.expect("loaded");
    let origin = loaded.origin(&store, "apply");
    let journal = begin(&store, &loaded, "apply", &clock()).await.expect("begun");
    let mut state = loaded.state.clone();
    state.instances.remove(&key("a.b"));
    let _ = stop(&mut store, journal, &state, &[], origin, &clock()).await.expect("stopped");
    assert_eq!(run.files(), ["terraform.tfstate", "terraform.tfstate.journal"], "there is a way back");
    assert_eq!(run.finish().await, (vec![], vec![], vec!["a.kept".to_owned()]));
}

#[tokio::test]
async fn a_file_that_cannot_be_removed_is_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, beside) = (folder.path().join("terraform.tfstate"), folder.path().join("terraform.tfstate.journal"));
    let mut store = Store::file(&path);
    let loaded = load(&mut store, &clock()).await.expect("loaded");
    let journal = begin(&store, &loaded, "apply", &clock()).await.expect("begun");
    journal.record(&Entry::Set { changes: Vec::new() }).await.expect("recorded");
    std::fs::remove_file(&beside).and_then(|()| std::fs::create_dir(&beside)).expect("a folder in its place");
    let warnings = commit(&mut store, journal, &loaded.state, &[], &clock()).await.expect("the state is written");
    assert_eq!((warnings.0.len(), warnings.has_errors()), (1, false));
    assert_eq!(warnings.0[0].summary, "The journal was not removed");
    assert!(path.exists());
}

#[tokio::test]
async fn a_journal_of_another_run_is_not_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    let begin = &all_entries()[..1];
    let first = Journal::start(&path, begin, 0, &clock()).await.expect("started");
    let second = Journal::start(&path, begin, 0, &clock()).await.expect("started");
    let refused = first.record(&done(step(1), "a.b", "id-1")).await.expect_err("not its own any more");
    assert!(refused.detail.contains("journal.1"), "{}", refused.detail);
    second.record(&done(step(1), "a.b", "id-2")).await.expect("recorded");
    first.remove().await.expect("left");
    assert!(path.exists());
    // One that another run took up is that run's.
    let before = read(&(&path).into()).await.expect("readable");
    let third = Journal::open(&path, before.as_ref(), &clock()).expect("opened");
    third.record(&done(step(2), "a.c", "id-3")).await.expect("recorded");
    second.remove().await.expect("left");
    assert!(path.exists());
    third.remove().await.expect("removed");
    assert!(!path.exists());
    let kept = std::fs::read_to_string(folder.path().join("journal.1")).expect("kept");
    assert!(kept.contains("id-1") && !kept.contains("id-2"), "{kept}");
}
