//! Files: written and read again, damaged, foreign.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::address::{Address, Resource};
use crate::diagnostic::Span;
use crate::lang::{CheckKind, CheckResult, CheckStatus, Given, Origin, Path as ValuePath, Step as PathStep};
use crate::plan::change::{Action, Change, Reason};
use crate::plan::diff::Changed;
use crate::plan::live::Object;
use crate::plan::{Connections, OutputChange, Purpose, steps};
use crate::value::{Type, Value};

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

fn object(secret: &str) -> Value {
    let entries = [
        ("id".into(), Value::unknown(Type::String)),
        ("secret".into(), Value::from(secret).sensitive()),
        ("tags".into(), Value::map(Type::String, [("a".into(), "b".into())].into())),
    ];
    Value::object(entries.into())
}

fn change(name: &str, action: Action) -> Change {
    Change {
        address: address(name),
        deposed: None,
        moved_from: Some(address("t.before")),
        importing: Some("id".to_owned()),
        provider: Connections::parse("module.m.provider[\"registry.terraform.io/hashicorp/aws\"].west"),
        action,
        reason: Reason::CannotUpdate,
        before: Value::null(Type::Any),
        after: object("hush"),
        changed: vec![Changed {
            path: ValuePath(vec![PathStep::Attr("tags".into()), PathStep::Key("a".into()), PathStep::Index(2)]),
            forces_replacement: true,
        }],
        dependencies: crate::address::Addresses::one(address("module.m[\"x\"].t.other[0]")),
        recorded: std::sync::Arc::new([Resource::managed("t", "other").into()].into()),
        had: std::sync::Arc::new([Resource::managed("t", "before").into()].into()),
        create_before_destroy: true,
        span: Some(Span { file: 1, start: 2, end: 3 }),
    }
}

fn saved() -> Saved {
    let changes = vec![change("t.a", Action::Create), change("t.b", Action::Replace { create_first: true })];
    let mut plan = Plan { steps: steps::steps(&changes).expect("steps"), changes, ..Plan::default() };
    plan.selection.targets.push("module.m[0]".parse().expect("a target"));
    let output = OutputChange {
        before: None,
        after: Some(Value::from("out").sensitive()),
        was_sensitive: false,
        is_sensitive: true,
    };
    plan.outputs.insert("o".into(), output);
    let live = Object {
        attributes: object("live"),
        provider: "provider[\"p\"]".to_owned(),
        is_tainted: true,
        dependencies: std::sync::Arc::new([Resource::managed("t", "other").into()].into()),
        create_before_destroy: true,
    };
    plan.live.objects.insert(address("t.b"), live.clone());
    plan.live.deposed.insert((address("t.b"), "0123abcd".to_owned()), live.clone());
    plan.live.vanished.insert(address("t.gone"), live);
    plan.live.drifted.insert(address("t.b"), object("before"));
    plan.live.fresh.insert(address("t.b"));
    plan.live.left_out.insert(address("t.d[1]"), object("left out"));
    plan.data.insert(address("data.d.x"), object("data"));
    plan.generated.insert(address("t.b"), "resource \"t\" \"b\" {\n}".to_owned());
    plan.checks.push(CheckResult {
        kind: CheckKind::Check,
        object: "check.c".to_owned(),
        config: "check.c".to_owned(),
        status: CheckStatus::Unknown,
        messages: vec!["no".to_owned()],
    });
    let input = |name: &str, value| VariableInput { name: name.into(), value, origin: Origin::CommandLine };
    let files = Snapshot {
        folders: [(PathBuf::from("."), vec!["main.tf".to_owned()])].into(),
        files: [(PathBuf::from("main.tf"), "a = 1".into())].into(),
    };
    Saved {
        plan,
        options: Options { mode: Purpose::Destroy, replace: BTreeSet::from([address("t.b")]), ..Options::default() },
        variables: vec![input("text", Given::Text("1".into())), input("value", Given::Value(object("given")))],
        ephemeral: vec!["e".to_owned()],
        files,
        root: PathBuf::from("."),
        folder: String::new(),
        workspace: "default".to_owned(),
        state_file: None,
        had_state: true,
        state: State::of_lineage("l"),
        time: Duration::from_secs(5),
    }
}

fn in_folder(test: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().expect("a folder");
    test(&folder.path().join("plan"));
}

/// Everything, as text: values are compared by their exact form.
fn text(saved: &Saved) -> [String; 3] {
    [
        form::write(&saved.plan).expect("written"),
        inputs::write(saved).expect("written"),
        inputs::write_files(&saved.files).expect("written"),
    ]
}

#[test]
fn everything_comes_back() {
    in_folder(|path| {
        let saved = saved();
        saved.write(path, None).expect("written");
        let read = Saved::read(path).expect("read");
        assert_eq!(text(&read), text(&saved));
        assert_eq!(read.state, saved.state);
        assert_eq!(steps::to_text(&read.plan.steps), steps::to_text(&saved.plan.steps));
        assert!(!format!("{read:?}").contains("hush"));
    });
}

#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    in_folder(|path| {
        #[allow(clippy::disallowed_methods)] // a file that is there before, readable by all
        std::fs::write(path, "old").expect("written");
        saved().write(path, None).expect("written");
        let mode = path.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    });
}

/// The archive with one part changed, as somebody with a zip tool would.
fn tampered(path: &Path, part: &str, change: impl Fn(&str) -> String) -> String {
    use std::io::{Read as _, Write as _};
    saved().write(path, None).expect("written");
    let bytes = std::fs::read(path).expect("read");
    let mut from = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut to = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for at in 0..from.len() {
        let mut file = from.by_index(at).expect("a part");
        let name = file.name().expect("a name").into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).expect("text");
        to.start_file(&name, zip::write::SimpleFileOptions::default()).expect("started");
        to.write_all(if name == part { change(&text) } else { text }.as_bytes()).expect("written");
    }
    #[allow(clippy::disallowed_methods)] // damaged on purpose
    std::fs::write(path, to.finish().expect("finished").into_inner()).expect("written");
    Saved::read(path).expect_err("refused").detail
}

#[test]
fn what_was_changed_is_refused() {
    in_folder(|path| {
        let detail = tampered(path, "configuration.json", |text| text.replace("a = 1", "a = 2"));
        assert!(detail.contains("not those that were written"), "{detail}");
        let detail = tampered(path, "manifest.json", |text| text.replace("\"format\":2", "\"format\":9"));
        assert!(detail.contains("in format 9"), "{detail}");
        let detail = tampered(path, "manifest.json", |text| text.replace("glaz plan", "tea plan"));
        assert!(detail.contains("no plan that glaz saved"), "{detail}");
    });
}

#[test]
fn what_is_no_plan_is_refused() {
    in_folder(|path| {
        let refused = Saved::read(path).expect_err("refused");
        assert_eq!(refused.summary, format!("Failed to load \"{}\" as a plan file", path.display()));
        for (bytes, says) in [("text", "no plan"), ("PK\u{3}\u{4}", "damaged"), ("", "no plan")] {
            #[allow(clippy::disallowed_methods)] // no plan on purpose
            std::fs::write(path, bytes).expect("written");
            let detail = Saved::read(path).expect_err("refused").detail;
            assert!(detail.contains(says), "{bytes}: {detail}");
        }
    });
}

#[test]
fn a_cut_off_file_is_refused() {
    in_folder(|path| {
        saved().write(path, None).expect("written");
        let bytes = std::fs::read(path).expect("read");
        for length in (0..bytes.len()).step_by(97) {
            #[allow(clippy::disallowed_methods)] // damaged on purpose
            std::fs::write(path, &bytes[..length]).expect("written");
            assert!(Saved::read(path).is_err(), "{length}");
        }
    });
}

#[test]
fn the_state_must_be_the_one_that_the_plan_starts_from() {
    let mut saved = saved();
    let then = saved.state.clone();
    let newer = State { serial: 7, ..then.clone() };
    assert_eq!(saved.standing(&then, true), Standing::Same);
    assert_eq!(saved.standing(&newer, true), Standing::Stale);
    assert_eq!(saved.standing(&State::of_lineage("other"), true), Standing::Other);
    assert_eq!(saved.standing(&then, false), Standing::Other);
    saved.had_state = false;
    assert_eq!(saved.standing(&State::of_lineage("fresh"), false), Standing::Same);
    assert_eq!(saved.standing(&then, true), Standing::Stale);
}

#[test]
fn what_many_depend_on_is_written_once() {
    let mut saved = saved();
    let shared = saved.plan.changes[0].dependencies.clone();
    let many = (0..50).map(|at| {
        let address = address(&format!("t.many[{at}]"));
        Change { address, dependencies: shared.clone(), ..change("t.c", Action::Create) }
    });
    saved.plan.changes.extend(many);
    let text = form::write(&saved.plan).expect("a form");
    assert_eq!(
        text.matches("t.other[0]").count(),
        2,
        "once by the first change and those that share its set, once by the second"
    );
    let back = form::read(&text).expect("the plan");
    assert!(back.changes.iter().all(|change| change.dependencies == shared));
    assert!(back.changes[10].dependencies.is_same(&back.changes[40].dependencies));
}
