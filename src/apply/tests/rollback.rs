//! Undoing: crates in a shop whose calls fail when they are told to.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::apply::recover::{LookUp, owner, recover};
use crate::resource::ErrorKind;
use crate::state::journal::{Action, Intent, StepRef};
use crate::state::{Instance, InstanceKey, OpenIntent};

crate::model! {
    /// Something to put things in.
    pub struct Crate {
        /// Id.
        id: Option<String> = computed(),
        /// Its name.
        name: Option<String> = optional().force_new(),
        /// How much fits in.
        size: Option<i64> = optional(),
        /// Id of the crate it stands on.
        on: Option<String> = optional(),
    }
}

/// All crates there are, and what goes wrong next.
#[derive(Default)]
struct Shop {
    /// Name and size by id.
    crates: BTreeMap<String, (String, Option<i64>)>,
    /// Calls that fail, each once, and whether they have their effect all the same.
    faults: Vec<(&'static str, bool, ErrorKind)>,
    /// Names of crates that never become ready.
    broken: BTreeSet<&'static str>,
    calls: Vec<String>,
}

impl Shop {
    fn id_of(&self, name: &str) -> Option<String> {
        self.crates.iter().find(|(_, (own, _))| own == name).map(|(id, _)| id.clone())
    }
}

fn failure(kind: ErrorKind, code: &str) -> Error {
    Error { kind, code: code.into(), ..Error::local("call", "The shop says no") }
}

#[derive(Clone)]
struct CrateType(Arc<Mutex<Shop>>, &'static str);

impl CrateType {
    fn call<T: Send + 'static>(
        &self,
        call: String,
        effect: impl FnOnce(&mut Shop) -> Result<T, Error>,
    ) -> Pending<'static, T> {
        let mut shop = self.0.lock().expect("the shop");
        let fault = shop.faults.iter().position(|(name, ..)| *name == call);
        let fault = fault.map(|at| shop.faults.remove(at));
        shop.calls.push(call);
        let result = match fault {
            Some((_, true, kind)) => effect(&mut shop).and(Err(failure(kind, ""))),
            Some((_, false, kind)) => Err(failure(kind, "")),
            None => effect(&mut shop),
        };
        Box::pin(std::future::ready(result))
    }

    fn name_of(&self, id: &str) -> String {
        let shop = self.0.lock().expect("the shop");
        shop.crates.get(id).map(|(name, _)| name.clone()).unwrap_or_default()
    }
}

impl AnyResource for CrateType {
    fn type_name(&self) -> &'static str {
        self.1
    }
    fn schema(&self) -> &'static Schema {
        Crate::schema()
    }
    fn schema_version(&self) -> u64 {
        3
    }
    fn identity(&self) -> Identity {
        Identity::Assigned { recover_by: &["name"] }
    }
    fn pace(&self) -> Pace {
        crate::resource::attr::secs(1, 1, 1)
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn revise(&self, _: Option<&Cloud>, _: &mut Draft) {}
    fn id(&self, attributes: &Value) -> Result<Id, Error> {
        Ok(text(attributes.get("id")))
    }
    fn read<'a>(&'a self, _: &'a Cloud, wanted: &'a [Wanted]) -> Pending<'a, Vec<Found>> {
        let shop = self.0.lock().expect("the shop");
        let found = wanted.iter().filter_map(|wanted| {
            let (name, size) = shop.crates.get(&wanted.id)?;
            let on = wanted.prior.get("on").and_then(Value::as_str).map(str::to_owned);
            let one = Crate { id: Some(wanted.id.clone()), name: Some(name.clone()), size: *size, on };
            let is_broken = shop.broken.contains(&**name);
            let settled = if is_broken { Settled::Failed("It is broken.".into()) } else { Settled::Yes };
            Some(Found { id: wanted.id.clone(), attributes: one.encode_element(), settled })
        });
        ready(found.collect())
    }
    fn create<'a>(&'a self, _: &'a Cloud, want: &'a Value) -> Pending<'a, Id> {
        let (name, size) = (text(want.get("name")), want.get("size").and_then(Value::as_i64));
        self.call(format!("create {name}"), |shop| {
            if shop.id_of(&name).is_some() {
                return Err(failure(ErrorKind::Refused, "Taken"));
            }
            let id = format!("c{}", shop.calls.len());
            shop.crates.insert(id.clone(), (name, size));
            Ok(id)
        })
    }
    fn finish<'a>(&'a self, _: &'a Cloud, _: &'a Id, _: &'a Value) -> Pending<'a, ()> {
        ready(())
    }
    fn update<'a>(&'a self, _: &'a Cloud, id: &'a Id, _: &'a Value, want: &'a Value) -> Pending<'a, ()> {
        let size = want.get("size").and_then(Value::as_i64);
        self.call(format!("update {}", self.name_of(id)), |shop| {
            shop.crates.get_mut(id).map(|one| one.1 = size).ok_or_else(|| failure(ErrorKind::Refused, "Missing"))
        })
    }
    fn delete<'a>(&'a self, _: &'a Cloud, id: &'a Id, _: &'a Value) -> Pending<'a, ()> {
        self.call(format!("delete {}", self.name_of(id)), |shop| {
            shop.crates.remove(id);
            Ok(())
        })
    }
    fn recover<'a>(&'a self, _: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Id>> {
        let name = text(want.get("name"));
        self.call(format!("recover {name}"), |shop| Ok(shop.id_of(&name)))
    }
    fn is_taken(&self, error: &Error) -> bool {
        error.is(&["Taken"])
    }
    fn find<'a>(&'a self, _: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Id>> {
        let name = text(want.get("name"));
        self.call(format!("find {name}"), |shop| Ok(shop.id_of(&name)))
    }
    fn import_text(&self, attributes: &Value) -> Result<String, Error> {
        match text(attributes.get("name")).as_str() {
            "nameless" => Err(failure(ErrorKind::Local, "")),
            name => Ok(name.to_owned()),
        }
    }
    fn import<'a>(&'a self, _: &'a Cloud, text: &'a str) -> Pending<'a, Wanted> {
        ready(Wanted { id: text.to_owned(), prior: Crate::default().encode_element() })
    }
}

/// A world with a shop. A run that fails is undone.
fn shop() -> (World, CrateType) {
    shop_of("toy_crate", "toy")
}

fn shop_of(type_name: &'static str, provider: &'static str) -> (World, CrateType) {
    static NOTHING: std::sync::LazyLock<Schema> =
        std::sync::LazyLock::new(|| Schema::new("Nothing to configure.", Vec::new()));
    let crates = CrateType(Arc::default(), type_name);
    let toys = Toys {
        name: provider,
        source: if provider == "aws" {
            "registry.terraform.io/hashicorp/aws"
        } else {
            "registry.terraform.io/hashicorp/toy"
        },
        schema: &NOTHING,
        resources: vec![Arc::new(crates.clone())],
        ephemerals: Vec::new(),
    };
    let mut world = World::of(vec![Arc::new(toys)], Shared::default());
    world.rollback = true;
    (world, crates)
}

/// Crates by name with what else is said of them.
fn stack(crates: &[(&str, &str)]) -> String {
    let block = |(name, rest): &(&str, &str)| {
        let name_is = if rest.contains("name ") { String::new() } else { format!("  name = \"{name}\"\n") };
        format!("resource \"toy_crate\" \"{name}\" {{\n{name_is}  {rest}\n}}\n")
    };
    crates.iter().map(block).collect()
}

fn names(crates: &CrateType) -> Vec<String> {
    let mut names: Vec<_> = crates.0.lock().expect("the shop").crates.values().map(|one| one.0.clone()).collect();
    names.sort();
    names
}

fn size(crates: &CrateType, name: &str) -> Option<i64> {
    let shop = crates.0.lock().expect("the shop");
    shop.crates.values().find(|one| one.0 == name).and_then(|one| one.1)
}

fn remembered(world: &World) -> Vec<String> {
    world.state.instances.keys().map(ToString::to_string).collect()
}

fn faults(crates: &CrateType, faults: &[(&'static str, bool, ErrorKind)]) {
    crates.0.lock().expect("the shop").faults = faults.to_vec();
}

fn says(report: &Report) -> String {
    let lines: Vec<String> = report.0.iter().map(|one| format!("{}: {}", one.summary, one.detail)).collect();
    lines.join("\n")
}

/// Said of a crate whose replacement is made first.
const FIRST: &str = "lifecycle { create_before_destroy = true }";
const NO: ErrorKind = ErrorKind::Refused;

#[tokio::test]
async fn what_cannot_be_looked_up_stays_open_with_what_it_needs() {
    let (mut world, crates) = shop();
    let all = stack(&[("a", ""), ("b", "on = toy_crate.a.id"), ("d", "")]);
    let (lost, down) = (ErrorKind::NoAnswer, ErrorKind::Server);
    faults(
        &crates,
        &[
            ("create b", true, lost),
            ("recover b", false, down),
            ("recover b", false, down),
            ("create d", true, lost),
            ("recover d", false, down),
        ],
    );
    let (_, outcome) = world.apply(&all, Purpose::Normal).await.expect("a plan");
    assert_eq!(names(&crates), ["a", "b"], "{}", says(&outcome.report));
    let open: Vec<_> = outcome.open.iter().map(|open| open.intent.key.to_string()).collect();
    assert_eq!(open, ["toy_crate.b"]);
    assert_eq!(remembered(&world), ["toy_crate.a"]);
    let said = says(&outcome.report);
    assert!(said.contains("Looking up toy_crate.b failed") && said.contains("undone in part"), "{said}");
    assert!(said.contains("What stays needs these") && said.contains("\n  toy_crate.a"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_deleted_keeps_what_it_needs() {
    let (mut world, crates) = shop();
    let all = stack(&[("a", ""), ("b", "on = toy_crate.a.id"), ("c", "on = toy_crate.b.id")]);
    faults(&crates, &[("create c", false, NO), ("delete b", false, NO)]);
    let (_, outcome) = world.apply(&all, Purpose::Normal).await.expect("a plan");
    assert_eq!(names(&crates), ["a", "b"], "{}", says(&outcome.report));
    assert_eq!(remembered(&world), ["toy_crate.a", "toy_crate.b"]);
    assert!(!crates.0.lock().expect("the shop").calls.contains(&"delete a".to_owned()));
}

#[tokio::test]
async fn changes_go_back_with_all_that_was_remembered() {
    let (mut world, crates) = shop();
    world.apply(&stack(&[("a", "size = 1")]), Purpose::Normal).await.expect("a plan");
    let key = InstanceKey::current("toy_crate.a".parse().expect("an address"));
    world.state.instances.get_mut(&key).expect("a crate").private = Some("bm90ZQ==".into());
    let before = world.state.instances.clone();
    faults(&crates, &[("create b", false, NO)]);
    let more = stack(&[("a", "size = 2"), ("b", "on = toy_crate.a.id")]);
    let (_, outcome) = world.apply(&more, Purpose::Normal).await.expect("a plan");
    assert_eq!(size(&crates, "a"), Some(1), "{}", says(&outcome.report));
    assert!(says(&outcome.report).contains("was undone: 0 of the objects it made are deleted, 1 are changed back."));
    assert!(world.state.instances == before, "{}", world.stored());
}

#[tokio::test]
async fn what_was_taken_over_is_as_it_was_found_and_forgotten() {
    let (mut world, crates) = shop();
    world.adopt = true;
    crates.0.lock().expect("the shop").crates.insert("old".into(), ("a".into(), Some(1)));
    faults(&crates, &[("create b", false, NO)]);
    let all = stack(&[("a", "size = 2"), ("b", "on = toy_crate.a.id")]);
    let (_, outcome) = world.apply(&all, Purpose::Normal).await.expect("a plan");
    assert_eq!(size(&crates, "a"), Some(1), "{}", says(&outcome.report));
    assert!(world.state.instances.is_empty(), "{:?}", remembered(&world));
    let said = says(&outcome.report);
    assert!(said.contains("0 of the objects it made are deleted, 0 are changed back. 1 that it took over"), "{said}");
    // Without a failure it is ours.
    let (_, outcome) = world.apply(&all, Purpose::Normal).await.expect("a plan");
    assert!(!outcome.report.has_errors(), "{}", says(&outcome.report));
    assert_eq!((outcome.counts.imported, size(&crates, "a")), (1, Some(2)));
}

#[tokio::test]
async fn what_cannot_be_offered_leaves_nothing_open() {
    let (mut world, crates) = shop();
    crates.0.lock().expect("the shop").crates.insert("old".into(), ("nameless".into(), None));
    let (_, outcome) = world.apply(&stack(&[("nameless", "")]), Purpose::Normal).await.expect("a plan");
    assert!(outcome.report.has_errors() && outcome.open.is_empty(), "{:?}", outcome.open);
}

#[tokio::test]
async fn the_old_object_of_a_replacement_is_the_current_one_again() {
    for fault in ["create y", "create b"] {
        let (mut world, crates) = shop();
        world.apply(&stack(&[("a", &format!("name = \"x\"\n{FIRST}"))]), Purpose::Normal).await.expect("a plan");
        let before = world.state.instances.clone();
        faults(&crates, &[(fault, false, NO)]);
        let next = stack(&[("a", &format!("name = \"y\"\n{FIRST}")), ("b", "on = toy_crate.a.id")]);
        let (_, outcome) = world.apply(&next, Purpose::Normal).await.expect("a plan");
        assert_eq!(names(&crates), ["x"], "{fault}: {}", says(&outcome.report));
        assert_eq!(remembered(&world), ["toy_crate.a"], "{fault}");
        let attributes = |all: &BTreeMap<InstanceKey, crate::state::Instance>| {
            all.values().next().map(|one| one.attributes.value().to_string())
        };
        assert_eq!(attributes(&world.state.instances), attributes(&before), "{fault}");
    }
}

#[tokio::test]
async fn revisions_that_were_kept_go_before_the_one_that_knows_them() {
    let (mut world, crates) = shop_of("aws_ecs_task_definition", "aws");
    let new = stack(&[("new", "")]).replace("toy_crate", "aws_ecs_task_definition");
    world.apply(&new, Purpose::Normal).await.expect("a plan");
    crates.0.lock().expect("the shop").crates.insert("c0".into(), ("old".into(), None));
    world.state.instances.values_mut().next().expect("one").set_note("kept", Some(serde_json::json!(["c0"])));
    faults(&crates, &[("delete old", false, NO)]);
    let (_, outcome) = world.apply(&new, Purpose::Destroy).await.expect("a plan");
    assert!(outcome.report.has_errors() && outcome.open.is_empty());
    assert_eq!((names(&crates).len(), remembered(&world).len()), (2, 1));
    let (_, outcome) = world.apply(&new, Purpose::Destroy).await.expect("a plan");
    assert!(!outcome.report.has_errors() && names(&crates).is_empty(), "{}", says(&outcome.report));
}

#[tokio::test]
async fn words_for_what_is_not_ready() {
    let (mut world, crates) = shop();
    world.rollback = false;
    world.apply(&stack(&[("a", "size = 1")]), Purpose::Normal).await.expect("a plan");
    crates.0.lock().expect("the shop").broken = BTreeSet::from(["a", "b"]);
    let next = stack(&[("a", "size = 2"), ("b", "")]);
    let (_, outcome) = world.apply(&next, Purpose::Normal).await.expect("a plan");
    let said = says(&outcome.report);
    assert!(said.contains("toy_crate.a was changed but is not ready"), "{said}");
    assert!(said.contains("toy_crate.b was made but is not ready"), "{said}");
}

#[tokio::test]
async fn what_is_read_again_follows_the_schema_of_today() {
    let (mut world, _) = shop();
    let (plan, _) = world.apply(&stack(&[("a", "size = 1")]), Purpose::Normal).await.expect("a plan");
    let key = InstanceKey::current("toy_crate.a".parse().expect("an address"));
    let known = world.state.instances.get_mut(&key).expect("a crate");
    known.schema_version = 1;
    known.private = Some("bm90ZQ==".into());
    known.sensitive_attributes = vec![vec![crate::state::PathStep::Attr("size".into())]];
    let intent = Intent {
        type_name: "toy_crate".into(),
        provider: known.provider.to_string(),
        id: Some("c1".into()),
        dependencies: vec!["toy_crate.b".into()],
        ..Intent::of(StepRef { run: 1, step: 0 }, key.clone(), Action::Update)
    };
    let open = OpenIntent { intent, made: None, at: Duration::ZERO, is_awaited: false };
    let (clock, registry, connections) = (Clock::pinned(Duration::ZERO, 1), &world.registry, &plan.connections);
    let with = LookUp { registry, connections, clock: &clock, tell: &|_| {}, keeps: &|_| false };
    let found = recover(&mut world.state, &[open], &with).await;
    assert_eq!(found.expect("a look").len(), 1);
    let now = &world.state.instances[&key];
    assert_eq!((now.schema_version, now.private.as_deref()), (3, Some("bm90ZQ==")));
    assert!(now.sensitive_attributes.is_empty() && now.dependencies.len() == 1);
}

#[test]
fn the_owner_of_an_object_has_that_of_the_same_region_and_provider() {
    const HOME: &str = "provider[\"toy\"]";
    const OTHER: &str = "provider[\"toy\"].other";
    let value = |region: &str| Value::object([("id".into(), "c1".into()), ("region".into(), region.into())].into());
    let remembered = |region: &str| Instance::new(HOME, 3, &value(region), &value(region).ty()).expect("an instance");
    let key = |name: &str| InstanceKey::current(format!("toy_crate.{name}").parse().expect("an address"));
    let mut state = State::of_lineage("x");
    state.instances.insert(key("a"), remembered("r1"));
    state.instances.insert(key("b"), remembered("r2"));
    let found = |region| Found { id: "c1".into(), attributes: value(region), settled: Settled::Yes };
    let crates = CrateType(Arc::default(), "toy_crate");
    let owner = |provider, region| owner(&state, &crates, provider, &found(region));
    assert_eq!(owner(HOME, "r1"), Some(key("a")));
    assert_eq!(owner(HOME, "r2"), Some(key("b")));
    assert_eq!(owner(HOME, "r3"), None);
    assert_eq!(owner(OTHER, "r1"), None);
}
