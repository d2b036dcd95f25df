//! Random stacks on random states with calls that fail: one operation, and what must hold after it, whatever happens.
//!
//! - What is recorded exists, and what exists is recorded or is an open intent that the next run looks up.
//! - No step runs before what it needs: no call ever names what is not there, or deletes what is in use.
//! - Planning twice gives the same plan, and a saved plan is the plan.
//! - After an apply there is nothing to do; after a destroy there is nothing.
//! - `complete` twice is `complete` once.
//!
//! Seeds are fixed. `GLAZ_PROPERTY_CASES=20000 cargo test properties` runs more of them, `GLAZ_PROPERTY_SEED` others.

mod world;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use glaz::apply::{self, Job, Stop};
use glaz::clock::Clock;
use glaz::diagnostic::Report;
use glaz::lang::{Environment, Phase, load};
use glaz::plan::complete::complete;
use glaz::plan::saved::Saved;
use glaz::plan::{self, Action, Options, Plan, Purpose, Request, What};
use glaz::resource::model::Field as _;
use glaz::resource::{Registry, Surroundings};
use glaz::state::{self, State, Store};
use glaz::value::Value;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use self::world::{Fault, Shared, Toy, lock, registry};

/// Resources that a stack may have.
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// A resource block.
#[derive(Clone, Debug)]
struct Block {
    is_named: bool,
    count: Option<usize>,
    size: Option<i64>,
    material: &'static str,
    create_first: bool,
    /// Earlier resources it uses, as bits.
    uses: u8,
    /// Whether it uses them only through `depends_on`.
    by_depends_on: bool,
}

/// A stack: for each name a block, or none. The order says who may use whom.
#[derive(Clone, Debug)]
struct StackFile {
    blocks: Vec<Option<Block>>,
    order: Vec<usize>,
}

fn block() -> impl Strategy<Value = Block> {
    let material = prop_oneof![Just("wood"), Just("steel")];
    let size = proptest::option::of(1..4_i64);
    let count = proptest::option::weighted(0.4, 0..4_usize);
    (any::<bool>(), count, size, material, any::<bool>(), any::<u8>(), proptest::bool::weighted(0.2)).prop_map(
        |(is_named, count, size, material, create_first, uses, by_depends_on)| Block {
            is_named,
            count,
            size,
            material,
            create_first,
            uses,
            by_depends_on,
        },
    )
}

fn stack_file() -> impl Strategy<Value = StackFile> {
    let blocks = proptest::collection::vec(proptest::option::weighted(0.7, block()), NAMES.len());
    let order = Just((0..NAMES.len()).collect::<Vec<_>>()).prop_shuffle();
    (blocks, order).prop_map(|(blocks, order)| StackFile { blocks, order })
}

impl StackFile {
    /// In the Terraform language.
    fn text(&self) -> String {
        let mut text = String::new();
        for (place, &at) in self.order.iter().enumerate() {
            let Some(block) = &self.blocks[at] else { continue };
            let kind = block.kind();
            let _ = writeln!(text, "resource \"{kind}\" \"{}\" {{", NAMES[at]);
            let index = block.count.map_or("", |_| "-${count.index}");
            if let Some(count) = block.count {
                let _ = writeln!(text, "  count = {count}");
            }
            let _ = writeln!(text, "  name = \"{kind}-{}-{}{index}\"", NAMES[at], block.material);
            if let Some(size) = block.size {
                let _ = writeln!(text, "  size = {size}");
            }
            let used = self.order[..place].iter().filter(|&&used| block.uses >> used & 1 == 1);
            let used: Vec<String> = used
                .filter_map(|&used| Some((used, self.blocks[used].as_ref()?)))
                .map(|(used, other)| format!("{}.{}", other.kind(), NAMES[used]))
                .collect();
            if block.by_depends_on && !used.is_empty() {
                let _ = writeln!(text, "  depends_on = [{}]", used.join(", "));
            } else {
                let all = used.iter().map(|used| format!("flatten([{used}[*].id])")).collect::<Vec<_>>();
                let _ = writeln!(
                    text,
                    "  uses = concat([], {})",
                    if all.is_empty() { "[]".to_owned() } else { all.join(", ") }
                );
            }
            if block.create_first {
                text.push_str("  lifecycle {\n    create_before_destroy = true\n  }\n");
            }
            text.push_str("}\n\n");
        }
        text
    }
}

impl Block {
    fn kind(&self) -> &'static str {
        if self.is_named { "toy_named" } else { "toy" }
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::Refused),
        1 => Just(Fault::Before),
        1 => Just(Fault::After),
        1 => Just(Fault::Lost),
    ]
}

/// What happens in a case.
#[derive(Clone, Debug)]
struct Case {
    before: StackFile,
    after: StackFile,
    /// What others did to the objects meanwhile: each number picks one, which is deleted or resized.
    meddling: Vec<(usize, bool)>,
    is_destroy: bool,
    faults: Vec<Fault>,
    parallelism: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let meddling = proptest::collection::vec((0..12_usize, any::<bool>()), 0..3);
    let faults = proptest::collection::vec(fault(), 0..40);
    let parallelism = prop_oneof![Just(1_usize), Just(2), Just(10)];
    (stack_file(), stack_file(), meddling, proptest::bool::weighted(0.3), faults, parallelism).prop_map(
        |(before, after, meddling, is_destroy, faults, parallelism)| Case {
            before,
            after,
            meddling,
            is_destroy,
            faults,
            parallelism,
        },
    )
}

/// A folder with stack and state, and the service.
struct Place {
    dir: tempfile::TempDir,
    world: Shared,
    registry: Registry,
    around: Surroundings,
    options: Options,
    /// Whether a plan was drawn up that cannot be carried out.
    is_impossible: Cell<bool>,
}

impl Place {
    fn new(parallelism: usize) -> Self {
        let world = Shared::default();
        let clock = Clock::pinned(Duration::from_secs(1_767_225_600), 1);
        Self {
            dir: tempfile::tempdir().unwrap(),
            registry: registry(&world),
            world,
            around: Surroundings { clock, environment: Arc::default(), agent: "test".into() },
            options: Options { parallelism, ..Options::default() },
            is_impossible: Cell::default(),
        }
    }

    fn state_path(&self) -> std::path::PathBuf {
        self.dir.path().join("terraform.tfstate")
    }

    fn request<'a>(
        &'a self,
        config: &'a Arc<glaz::lang::Config>,
        env: &'a Environment,
        state: &'a State,
        options: &'a Options,
    ) -> Request<'a> {
        Request {
            config,
            inputs: &[],
            env,
            state,
            registry: &self.registry,
            around: &self.around,
            options,
            rollouts: None,
        }
    }

    /// Recovers, plans and applies as the command does; the problems that came up while applying.
    async fn run(&self, stack: &str, mode: Purpose) -> Report {
        // A future of this size stays off the stack.
        Box::pin(self.plan_and_apply(stack, mode)).await
    }

    async fn plan_and_apply(&self, stack: &str, mode: Purpose) -> Report {
        std::fs::write(self.dir.path().join("main.tf"), stack).unwrap();
        let loaded = load(self.dir.path());
        assert!(!loaded.report.has_errors(), "{:?}\n{stack}", loaded.report);
        let env = environment(self.dir.path(), &self.around.clock);
        let options = Options { mode, ..self.options.clone() };
        let mut store = Store::file(&self.state_path());
        let mut known = state::load(&mut store, &self.around.clock).await.unwrap();
        let mut recovered = Vec::new();
        if !known.open.is_empty() {
            let connections =
                plan::connect(self.request(&loaded.config, &env, &known.state, &options), &BTreeSet::new())
                    .await
                    .unwrap();
            let (registry, connections, clock) = (&self.registry, &connections, &self.around.clock);
            let with = apply::recover::LookUp { registry, connections, clock, tell: &|_| {}, keeps: &|_| true };
            recovered = apply::recover::recover(&mut known.state, &known.open, &with).await.unwrap();
        }
        let plan = plan::draw(self.request(&loaded.config, &env, &known.state, &options))
            .await
            .unwrap_or_else(|report| panic!("{:?}\n{stack}", report.0));
        if is_impossible(&plan) {
            self.is_impossible.set(true);
            return Report::default();
        }
        let again = plan::draw(self.request(&loaded.config, &env, &known.state, &options)).await.unwrap();
        assert_eq!(shown(&plan), shown(&again), "planned twice");
        self.assert_saved_is_the_same(
            &plan,
            &loaded.files,
            &known.state,
            &options,
            self.request(&loaded.config, &env, &known.state, &options),
        )
        .await;
        let journal = state::begin(&store, &known, "apply", &self.around.clock).await.unwrap();
        for one in &recovered {
            journal.record(&one.entry()).await.unwrap();
        }
        let job = Job {
            plan: &plan,
            config: &loaded.config,
            inputs: &[],
            env: &env,
            registry: &self.registry,
            around: &self.around,
            parallelism: options.parallelism,
            is_destroy: mode == Purpose::Destroy,
            stop: &Stop::default(),
            watch: &|_| (),
            rollouts: None,
            choices: &glaz::rollout::Choices::default(),
            awaited: &[],
            durations: &apply::Durations::default(),
            adopt: &|_| false,
            empties: false,
            drain: None,
            images: None,
            on_missing_image: &|_| glaz::rollout::OnMissing::Fail,
            rollback: false,
        };
        let outcome = apply::run(job, known.state, &journal).await;
        state::commit(&mut store, journal, &outcome.state, &outcome.open, &self.around.clock).await.unwrap();
        let shown = || format!("{}\n{stack}", shown(&plan));
        assert_eq!(lock(&self.world).broken, Vec::<String>::new(), "{}", shown());
        let open: Vec<String> = outcome.open.iter().map(|open| name_of(&open.intent.recover)).collect();
        self.assert_valid(&open, &shown()).await;
        outcome.report
    }

    /// What is recorded exists, and the other way round.
    async fn assert_valid(&self, open: &[String], shown: &str) {
        let mut store = Store::file(&self.state_path());
        let known = state::load(&mut store, &self.around.clock).await.unwrap();
        let mut recorded: Vec<String> = Vec::new();
        for (key, instance) in &known.state.instances {
            let decoded = instance.decode(&world_type()).unwrap_or_else(|problem| panic!("{problem:?}")).value;
            let toy = Toy::decode_element(&decoded).unwrap();
            let id = toy.id.clone().unwrap_or_default();
            assert!(lock(&self.world).toys.contains_key(&id), "{key} ({id}) is recorded and does not exist\n{shown}");
            recorded.push(id);
        }
        for (id, toy) in &lock(&self.world).toys {
            let is_open =
                open.contains(&toy.name) || known.open.iter().any(|open| name_of(&open.intent.recover) == toy.name);
            assert!(recorded.contains(id) || is_open, "{id} ({}) exists and is not recorded\n{shown}", toy.name);
        }
        recorded.sort();
        let count = recorded.len();
        recorded.dedup();
        assert_eq!(recorded.len(), count, "an object is recorded twice\n{shown}");
    }

    async fn assert_saved_is_the_same(
        &self,
        plan: &Plan,
        files: &glaz::lang::Snapshot,
        state: &State,
        options: &Options,
        request: Request<'_>,
    ) {
        let saved = Saved {
            plan: plan.clone(),
            options: options.clone(),
            variables: Vec::new(),
            ephemeral: Vec::new(),
            files: files.clone(),
            root: self.dir.path().to_owned(),
            folder: String::new(),
            workspace: "default".into(),
            state_file: None,
            had_state: true,
            state: state.clone(),
            time: Duration::ZERO,
        };
        let path = self.dir.path().join("plan");
        saved.write(&path, None).unwrap();
        let read = Saved::read(&path).unwrap();
        assert_eq!(shown(&read.plan), shown(plan), "saved and read");
        let drawn = plan::redraw(read.plan, request).await.unwrap_or_else(|report| panic!("{:?}", report.0));
        assert_eq!(shown(&drawn), shown(plan), "saved, read and drawn again");
    }

    /// Whether nothing is to be done.
    async fn is_done(&self, stack: &str) -> bool {
        std::fs::write(self.dir.path().join("main.tf"), stack).unwrap();
        let loaded = load(self.dir.path());
        let env = environment(self.dir.path(), &self.around.clock);
        let mut store = Store::file(&self.state_path());
        let known = state::load(&mut store, &self.around.clock).await.unwrap();
        let plan = plan::draw(self.request(&loaded.config, &env, &known.state, &self.options)).await.unwrap();
        !plan.has_changes()
    }

    /// Others delete or resize objects.
    fn meddle(&self, meddling: &[(usize, bool)]) {
        let mut world = lock(&self.world);
        for &(at, deletes) in meddling {
            let Some(id) = world.toys.keys().nth(at).cloned() else { continue };
            if deletes {
                // Others cannot break references either.
                let is_used = world.toys.values().any(|toy| toy.uses.iter().flatten().any(|used| *used == id));
                if !is_used {
                    world.toys.remove(&id);
                }
            } else if let Some(toy) = world.toys.get_mut(&id) {
                toy.size = Some(99);
            }
        }
    }
}

fn world_type() -> glaz::value::Type {
    use glaz::resource::model::Model as _;
    Toy::schema().ty.clone()
}

fn name_of(recover: &std::collections::BTreeMap<String, String>) -> String {
    recover.get("name").cloned().unwrap_or_default()
}

fn environment(root: &Path, clock: &Clock) -> Environment {
    Environment {
        workspace: "default".into(),
        root: root.to_owned(),
        cwd: root.to_owned(),
        home: None,
        clock: clock.clone(),
        plan_time: Duration::ZERO,
        phase: Phase::Plan,
    }
}

/// A plan as text: every change with its values, and every step.
fn shown(plan: &Plan) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        let _ = writeln!(
            text,
            "{:?} {} {:?} {:?} -> {:?}",
            change.action, change.address, change.deposed, change.before, change.after
        );
    }
    text + &plan::steps::to_text(&plan.steps)
}

/// Whether an object is deleted to be made anew while one that stays stands on it, and goes over to the new one: no order
/// helps, only `create_before_destroy`, and that is for a person to say, as with Terraform.
fn is_impossible(plan: &Plan) -> bool {
    let step = |what: What, change: usize| plan.steps.iter().position(|one| one.what == what && one.change == change);
    let is_met = |used: usize, user: usize| {
        let id = plan.changes[used].before.get("id");
        let stands_on = plan.changes[user].before.get("uses").and_then(Value::elements).unwrap_or_default();
        let pair = step(What::Delete, used).zip(step(What::Update, user));
        stands_on.iter().any(|one| Some(one) == id) && pair.is_some_and(|(delete, update)| waits(plan, update, delete))
    };
    let of = |fits: fn(&Action) -> bool| {
        let changes = plan.changes.iter().enumerate();
        changes.filter(move |(_, change)| fits(&change.action)).map(|(at, _)| at)
    };
    let mut replaced = of(|action| *action == Action::Replace { create_first: false });
    replaced.any(|used| of(|action| *action == Action::Update).any(|user| is_met(used, user)))
}

/// Whether the step waits for the other, through others too.
fn waits(plan: &Plan, step: usize, other: usize) -> bool {
    let (mut steps, mut joins, mut seen) = (vec![step], Vec::new(), BTreeSet::new());
    while let Some(at) = steps.pop() {
        if at == other {
            return true;
        }
        if !seen.insert(at) {
            continue;
        }
        steps.extend(&plan.steps[at].needs);
        joins.extend(&plan.steps[at].joins);
        while let Some(join) = joins.pop() {
            steps.extend(&join.steps);
            joins.extend(&join.joins);
        }
    }
    false
}

async fn holds(case: Case) {
    let place = Place::new(case.parallelism);
    let (before, after) = (case.before.text(), case.after.text());
    let report = place.run(&before, Purpose::Normal).await;
    assert!(!report.has_errors(), "{:?}\n{before}", report.0);
    assert!(!place.is_impossible.get(), "{before}");
    place.meddle(&case.meddling);

    // The one operation, among failures.
    lock(&place.world).faults.clone_from(&case.faults);
    let mode = if case.is_destroy { Purpose::Destroy } else { Purpose::Normal };
    let report = place.run(&after, mode).await;
    lock(&place.world).faults.clear();

    // The same again, without failures.
    let mended = place.run(&after, mode).await;
    if place.is_impossible.get() {
        return;
    }
    assert!(!mended.has_errors(), "{:?}\nafter {:?}\n{before}\n---\n{after}", mended.0, report.0);
    if case.is_destroy {
        assert!(lock(&place.world).toys.is_empty());
    } else {
        assert!(place.is_done(&after).await, "something is left to do\n{before}\n---\n{after}");
    }
    let gone = place.run(&after, Purpose::Destroy).await;
    assert!(!gone.has_errors(), "{:?}", gone.0);
    assert!(lock(&place.world).toys.is_empty());
}

/// How many cases a property is tried with; `few` unless told otherwise.
fn runner(few: u32) -> TestRunner {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("GLAZ_PROPERTY_CASES").map_or(few, |cases| u32::try_from(cases).unwrap());
    let seed = RngSeed::Fixed(number("GLAZ_PROPERTY_SEED").unwrap_or(2026));
    TestRunner::new(Config {
        cases,
        rng_seed: seed,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    })
}

#[test]
fn states_stay_valid_whatever_fails() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runner(30).run(&case(), |case| {
        runtime.block_on(holds(case));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Who uses whom is turned around by replacements that are made first, and one call is refused: each of them in turn.
#[test]
fn a_dependency_that_was_turned_around_can_be_destroyed() {
    let toy =
        |name: &str, more: &str| format!("resource \"toy\" \"{}\" {{\n  name = \"{name}\"\n  {more}\n}}\n", &name[..1]);
    let first = "lifecycle {\n    create_before_destroy = true\n  }";
    let before = [toy("f-1", ""), toy("a-1", "uses = [toy.f.id]"), toy("e-1", "uses = [toy.a.id, toy.f.id]")].concat();
    let after = [
        toy("a-2", ""),
        toy("f-2", &format!("uses = [toy.a.id]\n  {first}")),
        toy("e-2", &format!("uses = [toy.a.id, toy.f.id]\n  {first}")),
    ]
    .concat();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for refused in 0..12 {
            let place = Place::new(1);
            assert!(!place.run(&before, Purpose::Normal).await.has_errors());
            lock(&place.world).faults = vec![Fault::None; refused];
            lock(&place.world).faults.push(Fault::Refused);
            place.run(&after, Purpose::Normal).await;
            lock(&place.world).faults.clear();
            let gone = place.run(&after, Purpose::Destroy).await;
            assert!(!gone.has_errors(), "call {refused} refused: {:?}", gone.0);
            assert!(lock(&place.world).toys.is_empty());
        }
    });
}

/// What used an object that is made anew, and uses it no more, lets go of it first: the new one even uses it.
#[test]
fn what_is_replaced_is_let_go_of_first() {
    let toy = |name: &str, uses: &str| {
        format!("resource \"toy\" \"{}\" {{\n  name = \"{name}\"\n  uses = [{uses}]\n}}\n", &name[..1])
    };
    let before = [toy("b-1", ""), toy("d-1", "toy.b.id")].concat();
    let after = [toy("d-1", ""), toy("b-2", "toy.d.id")].concat();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let place = Place::new(1);
        assert!(!place.run(&before, Purpose::Normal).await.has_errors());
        assert!(!place.run(&after, Purpose::Normal).await.has_errors());
    });
}

#[test]
fn completing_twice_changes_nothing() {
    use glaz::resource::model::Model as _;
    let text = || proptest::option::of("[a-c]{0,2}");
    let toy = || {
        let uses = proptest::option::of(proptest::collection::vec("[a-c]{1,2}", 0..3));
        (text(), "[a-c]{1,2}", proptest::option::of(0..3_i64), uses, text())
            .prop_map(|(id, name, size, uses, revision)| Toy { id, name, size, uses, revision })
    };
    let both = (toy(), proptest::option::of(toy()));
    let result = runner(300).run(&both, |(config, prior)| {
        // What the service decides alone is in no stack file.
        let config = Toy { id: None, ..config };
        let (config, prior) = (config.encode_element(), prior.map(|prior| prior.encode_element()));
        let once = complete(Toy::schema(), &config, prior.as_ref());
        prop_assert_eq!(complete(Toy::schema(), &once, prior.as_ref()), once);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
