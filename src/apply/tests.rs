//! Ephemeral resources and write-only attributes from plan to state, with toys that write down what they are told.

#![allow(unreachable_pub)] // `model!` makes public items

mod rollback;

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Act, Durations, Event, Job, Outcome, Stage, Stop, run};
use crate::clock::Clock;
use crate::diagnostic::Report;
use crate::lang::{Config, Environment, Phase, load};
use crate::plan::{Options, Plan, Purpose, Request, draw};
use crate::resource::model::{Field as _, Model as _};
use crate::resource::{
    AnyEphemeral, AnyResource, AnySource, Cloud, Draft, Error, Found, Id, Identity, Opened, Pace, Pending, Problems,
    Provider, Registry, Schema, Settled, Surroundings, Wanted,
};
use crate::rollout::Choices;
use crate::state::journal::Journal;
use crate::state::{State, file_v4};
use crate::value::Value;

crate::model! {
    /// Something with a password.
    pub struct Vault {
        /// Id.
        id: Option<String> = computed(),
        /// Any text.
        name: Option<String> = optional(),
        /// Another kind is another vault.
        kind: Option<String> = optional().force_new(),
        /// The password.
        password_wo: Option<String> = optional().write_only(),
        /// Changed with the password.
        password_wo_version: Option<i64> = optional(),
        /// Doors with codes.
        door: Vec<Door> = optional(),
    }
}

crate::model! {
    /// A door.
    pub struct Door {
        /// Where it leads.
        to: Option<String> = optional(),
        /// Its code.
        code_wo: Option<String> = optional().write_only(),
    }
}

crate::model! {
    /// A token.
    pub struct Token {
        /// For whom.
        user: String = required(),
        /// The token.
        token: Option<String> = computed().sensitive(),
    }
}

crate::model! {
    /// How vaults are reached.
    pub struct Access {
        /// Token.
        token: Option<String> = optional(),
    }
}

/// What the toys were told, and how many tokens there were.
#[derive(Default)]
struct Log {
    lines: Vec<String>,
    tokens: usize,
}

type Shared = Arc<Mutex<Log>>;

fn say(log: &Shared, line: String) {
    log.lock().expect("the log").lines.push(line);
}

fn ready<T: Send + 'static>(value: T) -> Pending<'static, T> {
    Box::pin(std::future::ready(Ok(value)))
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or("nothing").to_owned()
}

fn told(value: &Value) -> String {
    let doors = value.get("door").and_then(Value::elements).unwrap_or_default();
    let codes: Vec<String> = doors.iter().map(|door| text(door.get("code_wo"))).collect();
    format!("{} {:?}", text(value.get("password_wo")), codes)
}

struct VaultType(Shared);

impl AnyResource for VaultType {
    fn type_name(&self) -> &'static str {
        "toy_vault"
    }
    fn schema(&self) -> &'static Schema {
        Vault::schema()
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
        let found = |wanted: &Wanted| {
            let is_broken = text(wanted.prior.get("name")) == "broken";
            let settled = if is_broken { Settled::Failed("The door is stuck.".to_owned()) } else { Settled::Yes };
            Found { id: wanted.id.clone(), attributes: wanted.prior.clone(), settled }
        };
        ready(wanted.iter().map(found).collect())
    }
    fn create<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Id> {
        let token = cloud.get::<String>().cloned().unwrap_or_default();
        say(&self.0, format!("create {} with {token}", told(want)));
        ready("v1".to_owned())
    }
    fn finish<'a>(&'a self, _: &'a Cloud, _: &'a Id, want: &'a Value) -> Pending<'a, ()> {
        say(&self.0, format!("finish {}", told(want)));
        ready(())
    }
    fn update<'a>(&'a self, _: &'a Cloud, _: &'a Id, have: &'a Value, want: &'a Value) -> Pending<'a, ()> {
        say(&self.0, format!("update from {} to {}", told(have), told(want)));
        ready(())
    }
    fn delete<'a>(&'a self, cloud: &'a Cloud, _: &'a Id, have: &'a Value) -> Pending<'a, ()> {
        let token = cloud.get::<String>().cloned().unwrap_or_default();
        say(&self.0, format!("delete {} with {token}", told(have)));
        ready(())
    }
    fn recover<'a>(&'a self, _: &'a Cloud, _: &'a Value) -> Pending<'a, Option<Id>> {
        ready(None)
    }
    fn import<'a>(&'a self, _: &'a Cloud, text: &'a str) -> Pending<'a, Wanted> {
        ready(Wanted { id: text.to_owned(), prior: Vault::default().encode_element() })
    }
}

struct TokenType(Shared);

impl AnyEphemeral for TokenType {
    fn type_name(&self) -> &'static str {
        "key_token"
    }
    fn schema(&self) -> &'static Schema {
        Token::schema()
    }
    fn check(&self, draft: &Draft, found: &mut Problems) {
        if draft.known(Token::user).is_some_and(|user| user.is_empty()) {
            found.at(Token::user, "A token is for somebody.");
        }
    }
    fn open<'a>(&'a self, _: &'a Cloud, want: &'a Value) -> Pending<'a, Opened> {
        let user = text(want.get("user"));
        if user == "nobody" {
            return Box::pin(std::future::ready(Err(Error::local("open", "Nobody gets no token."))));
        }
        let number = {
            let mut log = self.0.lock().expect("the log");
            log.tokens += 1;
            log.tokens
        };
        say(&self.0, format!("open {number} for {user}"));
        let token = Token { user, token: Some(format!("secret {number}")) };
        ready(Opened { lease: Some(number.to_string()), ..Opened::new(token.encode_element()) })
    }
    fn close<'a>(&'a self, _: &'a Cloud, opened: &'a Opened) -> Pending<'a, ()> {
        say(&self.0, format!("close {}", opened.lease.as_deref().unwrap_or_default()));
        ready(())
    }
}

/// The provider `toy` takes a token; `key` gives them.
struct Toys {
    name: &'static str,
    source: &'static str,
    schema: &'static Schema,
    resources: Vec<Arc<dyn AnyResource>>,
    ephemerals: Vec<Arc<dyn AnyEphemeral>>,
}

impl Provider for Toys {
    fn name(&self) -> &'static str {
        self.name
    }
    fn source(&self) -> &'static str {
        self.source
    }
    fn schema(&self) -> &'static Schema {
        self.schema
    }
    fn resources(&self) -> &[Arc<dyn AnyResource>] {
        &self.resources
    }
    fn sources(&self) -> &[Arc<dyn AnySource>] {
        &[]
    }
    fn ephemerals(&self) -> &[Arc<dyn AnyEphemeral>] {
        &self.ephemerals
    }
    fn check(&self, _: &Draft, _: &mut Problems) {}
    fn connect<'a>(&'a self, config: &'a Value, _: &'a Surroundings) -> Pending<'a, Cloud> {
        ready(Cloud::new(text(config.get("token"))))
    }
}

/// A stack, its state, and what was said while it was planned and applied.
struct World {
    dir: tempfile::TempDir,
    state: State,
    log: Shared,
    registry: Registry,
    adopt: bool,
    rollback: bool,
}

impl World {
    fn new() -> Self {
        static NOTHING: std::sync::LazyLock<Schema> =
            std::sync::LazyLock::new(|| Schema::new("Nothing to configure.", Vec::new()));
        let log = Shared::default();
        let keys = Toys {
            name: "key",
            source: "registry.terraform.io/hashicorp/key",
            schema: &NOTHING,
            resources: Vec::new(),
            ephemerals: vec![Arc::new(TokenType(log.clone()))],
        };
        let vaults = Toys {
            name: "toy",
            source: "registry.terraform.io/hashicorp/toy",
            schema: Access::schema(),
            resources: vec![Arc::new(VaultType(log.clone()))],
            ephemerals: Vec::new(),
        };
        Self::of(vec![Arc::new(keys), Arc::new(vaults)], log)
    }

    fn of(providers: Vec<Arc<dyn Provider>>, log: Shared) -> Self {
        let (dir, state) = (tempfile::tempdir().expect("a folder"), State::of_lineage("toys"));
        Self { dir, state, log, registry: Registry::new(providers), adopt: false, rollback: false }
    }

    fn config(&self, text: &str) -> Arc<Config> {
        #[allow(clippy::disallowed_methods)] // a test's own folder
        std::fs::write(self.dir.path().join("main.tf"), text).expect("a file");
        let loaded = load(self.dir.path());
        assert!(!loaded.report.has_errors(), "{:?}", loaded.report);
        loaded.config
    }

    fn env(&self, clock: &Clock) -> Environment {
        Environment {
            workspace: "default".into(),
            root: self.dir.path().to_owned(),
            cwd: self.dir.path().to_owned(),
            home: None,
            clock: clock.clone(),
            plan_time: Duration::ZERO,
            phase: Phase::Plan,
        }
    }

    /// Plans and applies; the plan and how the apply ended.
    async fn apply(&mut self, text: &str, mode: Purpose) -> Result<(Plan, Outcome), Report> {
        let (config, clock) = (self.config(text), Clock::pinned(Duration::ZERO, 1));
        let (env, options) = (self.env(&clock), Options { mode, ..Options::default() });
        let around = Surroundings { clock: clock.clone(), environment: Arc::default(), agent: "test".into() };
        let request = Request {
            config: &config,
            inputs: &[],
            env: &env,
            state: &self.state,
            registry: &self.registry,
            around: &around,
            options: &options,
            rollouts: None,
        };
        let plan = draw(request).await?;
        say(&self.log, "planned".into());
        let events = RefCell::new(Vec::new());
        let watch = |event| {
            if let Event::Ephemeral { address, act, stage: Stage::Done(_) } = event {
                events.borrow_mut().push(format!("{} {address}", if act == Act::Open { "opened" } else { "closed" }));
            }
        };
        let (stop, choices) = (Stop::default(), Choices::default());
        let job = Job {
            plan: &plan,
            config: &config,
            inputs: &[],
            env: &env,
            registry: &self.registry,
            around: &around,
            parallelism: 4,
            is_destroy: mode == Purpose::Destroy,
            rollouts: None,
            choices: &choices,
            stop: &stop,
            adopt: &|_| self.adopt,
            empties: false,
            drain: None,
            images: None,
            on_missing_image: &|_| crate::rollout::OnMissing::Fail,
            rollback: self.rollback,
            awaited: &[],
            durations: &Durations::default(),
            watch: &watch,
        };
        let journal = Journal::open(&self.dir.path().join("journal"), None, &clock).expect("a journal");
        let outcome = run(job, self.state.clone(), &journal).await;
        drop(journal);
        self.log.lock().expect("the log").lines.extend(events.into_inner());
        self.state = outcome.state.clone();
        Ok((plan, outcome))
    }

    /// What was said since this was asked last.
    fn said(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().expect("the log").lines)
    }

    /// Everything that is on disk, and the state as it will be.
    fn stored(&self) -> String {
        let journal = std::fs::read_to_string(self.dir.path().join("journal")).unwrap_or_default();
        journal + &file_v4::write(&self.state).expect("a state")
    }
}

const STACK: &str = r#"
ephemeral "key_token" "access" { user = "provider" }
provider "toy" { token = ephemeral.key_token.access.token }
resource "toy_vault" "first" { name = "first" }
ephemeral "key_token" "late" {
  for_each   = { one = toy_vault.first.id }
  user       = each.value
  depends_on = [toy_vault.first]
}
ephemeral "key_token" "unused" { user = "unused" }
resource "toy_vault" "second" {
  name                = "second"
  password_wo         = ephemeral.key_token.late["one"].token
  password_wo_version = 1
  door {
    to      = "garden"
    code_wo = "1234"
  }
}
"#;

#[tokio::test]
async fn what_is_ephemeral_is_opened_when_needed_and_told_once() {
    let mut world = World::new();
    let (plan, outcome) = world.apply(STACK, Purpose::Normal).await.expect("a plan");
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report);
    assert_eq!(
        world.said(),
        [
            "open 1 for provider",
            "open 2 for unused",
            "close 2",
            "close 1",
            "planned",
            "open 3 for provider",
            "create nothing [] with secret 3",
            "finish nothing []",
            "open 4 for v1",
            "create secret 4 [\"1234\"] with secret 3",
            "finish secret 4 [\"1234\"]",
            "close 4",
            "close 3",
            "opened ephemeral.key_token.access",
            "opened ephemeral.key_token.late[\"one\"]",
            "closed ephemeral.key_token.late[\"one\"]",
            "closed ephemeral.key_token.access",
        ]
    );
    assert!(plan.changes.iter().all(|change| !change.address.is_ephemeral()));
    let after = plan.changes.iter().find(|change| &*change.address.resource.name == "second").expect("a change");
    assert_eq!(after.after.get("password_wo").map(Value::is_null), Some(true));
    let stored = world.stored();
    assert!(!stored.contains("secret") && !stored.contains("1234"), "{stored}");
    assert!(stored.contains("\"password_wo\": null") || stored.contains("\"password_wo\":null"), "{stored}");
    assert!(stored.contains("ephemeral.key_token.late"), "{stored}");
}

#[tokio::test]
async fn a_new_version_tells_the_value_again_and_nothing_else_does() {
    let mut world = World::new();
    world.apply(STACK, Purpose::Normal).await.expect("a plan");
    world.said();
    let (plan, _) = world.apply(&STACK.replace("1234", "5678"), Purpose::Normal).await.expect("a plan");
    assert!(!plan.has_changes());
    world.said();
    let (_, outcome) =
        world.apply(&STACK.replace("version = 1", "version = 2"), Purpose::Normal).await.expect("a plan");
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report);
    let said = world.said();
    let update = said.iter().find(|line| line.starts_with("update")).expect("an update");
    assert!(update.starts_with("update from nothing [\"nothing\"] to secret "), "{update}");
    let (_, outcome) = world.apply(STACK, Purpose::Destroy).await.expect("a plan");
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report);
    let said = world.said();
    assert!(said.iter().any(|line| line.starts_with("delete nothing") && line.contains("with secret")), "{said:?}");
    let count = |word: &str| said.iter().filter(|line| line.starts_with(word)).count();
    assert_eq!(count("open "), count("close "), "{said:?}");
}

#[tokio::test]
async fn what_is_not_ready_was_made_or_changed() {
    const BROKEN: &str = "resource \"toy_vault\" \"v\" { name = \"broken\" }\n";
    let mut world = World::new();
    let (_, outcome) = world.apply(BROKEN, Purpose::Normal).await.expect("a plan");
    assert_eq!(outcome.report.0[0].detail, "toy_vault.v was made but is not ready. The door is stuck.");
    let mut world = World::new();
    world.apply(&BROKEN.replace("broken", "whole"), Purpose::Normal).await.expect("a plan");
    let (_, outcome) = world.apply(BROKEN, Purpose::Normal).await.expect("a plan");
    assert_eq!(outcome.report.0[0].detail, "toy_vault.v was changed but is not ready. The door is stuck.");
}

#[tokio::test]
async fn what_cannot_be_opened_ends_the_plan_and_the_others_are_closed() {
    let mut world = World::new();
    let stack = "ephemeral \"key_token\" \"a\" { user = \"a\" }\nephemeral \"key_token\" \"b\" { user = \"nobody\" }\n";
    let report = world.apply(stack, Purpose::Normal).await.expect_err("a refusal");
    assert!(report.0.iter().any(|one| one.detail.contains("Nobody gets no token")), "{report:?}");
    assert_eq!(world.said(), ["open 1 for a", "close 1"]);
    let report = world.apply("ephemeral \"key_token\" \"a\" { user = \"\" }", Purpose::Normal).await;
    assert!(report.is_err_and(|report| report.0[0].detail.contains("for somebody")));
}

/// Summaries of what is wrong with a stack, for each a stack.
#[tokio::test]
async fn ephemeral_values_go_nowhere_else() {
    const TOKEN: &str = "ephemeral \"key_token\" \"t\" { user = \"u\" }\n";
    for (stack, summary) in [
        ("resource \"toy_vault\" \"v\" { name = ephemeral.key_token.t.token }", "Invalid use of ephemeral value"),
        ("resource \"toy_vault\" \"v\" { count = length(ephemeral.key_token.t.token) }", "Invalid count argument"),
        (
            "resource \"toy_vault\" \"v\" { for_each = toset([ephemeral.key_token.t.token]) }",
            "Invalid for_each argument",
        ),
        ("output \"o\" { value = ephemeral.key_token.t.token }", "Ephemeral value not allowed"),
        (
            "output \"o\" {\n  value     = ephemeral.key_token.t.token\n  ephemeral = true\n}",
            "Ephemeral output not allowed",
        ),
        ("ephemeral \"toy_vault\" \"v\" {}", "Invalid ephemeral resource"),
        ("locals {\n  a = ephemeral.key_token.nope.token\n}", "Reference to undeclared resource"),
        (
            "resource \"toy_vault\" \"v\" {\n  lifecycle {\n    precondition {\n      condition     = ephemeral.key_token.t.token == \"\"\n      \
             error_message = \"x${nonsensitive(ephemeral.key_token.t.token)}\"\n    }\n  }\n}",
            "Error message refers to ephemeral values",
        ),
    ] {
        let mut world = World::new();
        let refused = world.apply(&format!("{TOKEN}{stack}\n"), Purpose::Normal).await;
        let report = refused.map(|_| ()).expect_err(stack);
        let summaries: Vec<_> = report.0.iter().map(|one| one.summary.to_string()).collect();
        assert!(summaries.iter().any(|one| one == summary), "{stack}: {summaries:?}");
        assert!(report.0.iter().all(|one| !one.detail.contains("secret 1")), "{report:?}");
    }
    let mut world = World::new();
    let fine =
        "locals {\n  t = \"x${ephemeral.key_token.t.user}\"\n}\noutput \"o\" { value = ephemeralasnull(local.t) }\n";
    world.apply(&format!("{TOKEN}{fine}"), Purpose::Normal).await.expect("a plan");
}

/// State says that the inner one goes before what its provider is configured with: that is as it was before then.
#[tokio::test]
async fn what_goes_before_its_provider_is_configured_anew_goes_with_the_old_configuration() {
    const BASE: &str = r#"
provider "toy" {
  alias = "late"
  token = toy_vault.base.id
}
resource "toy_vault" "base" { kind = "base" }
"#;
    const INNER: &str = r#"
resource "toy_vault" "inner" {
  provider = toy.late
  name     = "inner"
}
"#;
    let mut world = World::new();
    let (_, outcome) = world.apply(&format!("{BASE}{INNER}"), Purpose::Normal).await.expect("a plan");
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report);
    world.said();
    let (_, outcome) = world.apply(&BASE.replace("\"base\" }", "\"other\" }"), Purpose::Normal).await.expect("a plan");
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report);
    assert_eq!(
        world.said(),
        [
            "planned",
            "delete nothing [] with v1",
            "delete nothing [] with nothing",
            "create nothing [] with nothing",
            "finish nothing []",
        ]
    );
}
