//! After an interrupted run: looks up every call whose end is not known, and takes over what it made.
//!
//! A making call can outlive the run that sent it. One that has made nothing when it is looked up is looked up again, by
//! following runs, until its time is up; what comes then is taken over, or set aside to be deleted where
//! another object took its place.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use sha2::{Digest as _, Sha256};

use super::dependencies::both;
use super::retry::Patience;
use crate::address::Address;
use crate::clock::Clock;
use crate::diagnostic::Report;
use crate::plan::live::mark_schema;
use crate::plan::{Connections, problem};
use crate::resource::{AnyResource, Cloud, Error, Found, Id, Identity, Making, Registry, Settled, Wanted, read_all};
use crate::state::journal::{Action, Entry, Left};
use crate::state::{Instance, InstanceKey, ObjectRef, OpenIntent, State};
use crate::value::Value;

/// How long a making call of a run that ended may go on: what it makes can come later than the next run looks. Services
/// answer or give up within a minute, and tell of new objects soon after.
const LATE: Duration = Duration::from_secs(120);
/// How long reads may go on telling what was true before a change. Services that copy what they know say seconds.
const STALE: Duration = Duration::from_secs(30);
/// Pause between two looks at an object that is not told of yet, or still.
const PAUSE: Duration = Duration::from_secs(2);

/// How many calls are looked up at a time. Records of a zone, and others that one call can tell of, share it.
const AT_A_TIME: usize = 100;

/// What open intents are looked up with.
pub struct LookUp<'a> {
    /// The types.
    pub registry: &'a Registry,
    /// The services.
    pub connections: &'a Connections,
    /// How late it is.
    pub clock: &'a Clock,
    /// Tells the person what is waited for, in one line.
    pub tell: &'a dyn Fn(&str),
    /// Whether the run that follows wants the object to be there, rather than gone.
    pub keeps: &'a dyn Fn(&InstanceKey) -> bool,
}

/// What is still to be done about an object that the interrupted run made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Everything that comes after the making call.
    All,
    /// The mark of the making call is taken off.
    Mark,
    /// Nothing: it is deleted.
    Nothing,
}

/// What became of one call whose end was not known.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The service that it was looked up with.
    cloud: Cloud,
    intent: OpenIntent,
    /// Where what was found is remembered.
    key: InstanceKey,
    end: End,
    /// All attributes of the object, when there is one.
    object: Option<Value>,
    /// Its id, when it is known.
    id: Option<Id>,
    /// What the call was asked for.
    asked: Value,
    /// What was found, for people: one line.
    pub line: String,
}

/// What is remembered from now on.
#[derive(Clone, Debug)]
enum End {
    /// The object like this.
    Is(Box<Instance>),
    /// It is gone.
    Gone,
    /// What was remembered.
    Unchanged,
    /// The same, but what the call makes may still come.
    Awaited,
}

impl Recovered {
    /// The object that the call was about; an object that came late, where another one was made meanwhile, is set aside.
    pub fn key(&self) -> &InstanceKey {
        &self.key
    }

    /// What the call was to do.
    pub fn action(&self) -> Action {
        self.intent.intent.action
    }

    /// All attributes of the object.
    pub fn object(&self) -> Option<&Value> {
        self.object.as_ref()
    }

    /// The call, when what it makes may still come: it is to be looked up again.
    pub fn awaited(&self) -> Option<OpenIntent> {
        let is_awaited = matches!(self.end, End::Awaited);
        is_awaited.then(|| {
            let mut open = OpenIntent { is_awaited, ..self.intent.clone() };
            open.intent.aside = None; // it is the current object again
            open
        })
    }

    /// Puts what was found into the state.
    pub fn put_into(&self, state: &mut State) {
        match &self.end {
            End::Is(instance) => drop(state.instances.insert(self.key.clone(), (**instance).clone())),
            End::Gone => drop(state.instances.remove(&self.key)),
            End::Unchanged | End::Awaited => self.intent.intent.give_back(state),
        }
    }

    /// Makes calls that follow the making call: the interrupted run may not have come to them. Nothing happens for
    /// what was not made, or was set aside.
    ///
    /// # Errors
    /// A call failed. What is missing then is the plan's matter.
    pub async fn finish(&self, rest: Rest, registry: &Registry, clock: &Clock) -> Result<(), Report> {
        let intent = &self.intent.intent;
        let (Action::Create, End::Is(_), None, Some(id)) = (intent.action, &self.end, &self.key.deposed, &self.id)
        else {
            return Ok(());
        };
        let Some(resource) = registry.resource(&intent.type_name) else { return Ok(()) };
        let [limit, ..] = resource.pace().limit;
        let mut patience = Patience::new(clock, resource.retries(), limit).with_new(resource.missing());
        let calls = || match rest {
            Rest::All => resource.finish(&self.cloud, id, &self.asked),
            Rest::Mark => resource.unmark(&self.cloud, id, self.object.as_ref().unwrap_or(&self.asked)),
            Rest::Nothing => Box::pin(async { Ok(()) }),
        };
        while let Err(error) = calls().await {
            let last = patience.after(error, &|_| ()).await;
            last.map_err(|error| problem::from_error(&error, &intent.key.address, "Finishing"))?;
        }
        Ok(())
    }

    /// The journal entry that comes before [`Self::finish`]: that may take off the mark by which the object was known again,
    /// and a run that is killed meanwhile must know the object all the same.
    pub fn made(&self) -> Option<Entry> {
        let is_known = self.intent.made.is_some() || !matches!(self.end, End::Is(_)) || self.key.deposed.is_some();
        let id = self.id.clone().filter(|_| self.intent.intent.action == Action::Create && !is_known)?;
        Some(Entry::Made { step: self.intent.intent.step, id })
    }

    /// The journal entry that closes the intent, or says that it stays open.
    pub fn entry(&self) -> Entry {
        let (step, key) = (self.intent.intent.step, self.key.clone());
        match &self.end {
            End::Is(instance) => Entry::Done { step, key, instance: Some(instance.clone()) },
            End::Gone => Entry::Done { step, key, instance: None },
            End::Unchanged => Entry::Failed { step, key, message: "It made nothing".into(), left: Left::Nothing },
            End::Awaited => Entry::Awaited { step },
        }
    }
}

/// Looks up every open intent and puts what was found into the state.
///
/// # Errors
/// A look-up failed: going on without it could make an object twice.
pub async fn recover(state: &mut State, open: &[OpenIntent], with: &LookUp<'_>) -> Result<Vec<Recovered>, Report> {
    let (mut recovered, mut report) = (Vec::new(), Report::default());
    // What has an id is the object of its instance; another one that comes late is set aside.
    let (made, others): (Vec<_>, Vec<_>) = open.iter().partition(|one| one.made.is_some());
    let all = made.into_iter().chain(others);
    let looks: Vec<_> = all.map(|one| async move { (one, look(one, with).await) }).collect();
    let looked: Vec<_> = stream::iter(looks).buffered(AT_A_TIME).collect().await;
    for (one, seen) in looked {
        match seen.and_then(|seen| seen.end(one, state, with.clock)) {
            Ok(found) => {
                found.put_into(state);
                recovered.push(found);
            }
            Err(error) => report.push(problem::from_error(&error, &one.intent.key.address, "Looking up")),
        }
    }
    report.or(recovered)
}

/// Looks up what became of one call, with what is remembered in `state`.
pub(super) async fn look_up(one: &OpenIntent, state: &State, with: &LookUp<'_>) -> Result<Recovered, Error> {
    look(one, with).await?.end(one, state, with.clock)
}

/// What there is of what a call was to make or change.
struct Seen {
    resource: Arc<dyn AnyResource>,
    cloud: Cloud,
    asked: Value,
    id: Option<Id>,
    found: Option<Found>,
}

async fn look(one: &OpenIntent, with: &LookUp<'_>) -> Result<Seen, Error> {
    let intent = &one.intent;
    let lost = |message: &str| Error::local("recover", message.to_owned());
    let resource = with
        .registry
        .resource(&intent.type_name)
        .ok_or_else(|| lost("The journal names a type that glaz does not know."))?;
    let provider = Connections::parse(&intent.provider);
    let cloud = with
        .connections
        .get(&provider)
        .ok_or_else(|| lost("Its provider is not configured any more, or with values that are not known before other changes. Put the provider block back, or write such values into it for one run."))?;
    let asked = asked(one, resource.as_ref())?;
    let id = match (&one.made, &intent.id) {
        (Some(id), _) | (None, Some(id)) => Some(id.clone()),
        (None, None) => resource.recover(cloud, &asked).await?,
    };
    let found = match &id {
        Some(id) => {
            let wanted = Wanted { id: id.clone(), prior: asked.clone() };
            read_patiently(one, resource.as_ref(), cloud, wanted, with).await?
        }
        None => None,
    };
    Ok(Seen { resource: resource.clone(), cloud: cloud.clone(), found, asked, id })
}

impl Seen {
    /// What became of the call, with what is remembered in `state`.
    fn end(self, one: &OpenIntent, state: &State, clock: &Clock) -> Result<Recovered, Error> {
        let Self { resource, cloud, asked, id, found } = self;
        let looked = Looked { one, resource: resource.as_ref(), asked: &asked, state, now: clock.now() };
        let (key, end, line) = looked.end(found.as_ref())?;
        let object = found.map(|found| mark_schema(resource.schema(), &found.attributes));
        Ok(Recovered { cloud, intent: one.clone(), key, end, object, id, asked, line })
    }
}

/// What a read after a call may tell wrongly.
struct Doubt {
    /// For how long since the call.
    limit: Duration,
    /// Whether this may be wrong.
    misleads: fn(Option<&Found>) -> bool,
    /// What is said of an object that is looked at again.
    text: &'static str,
}

impl Doubt {
    /// `keeps`: whether the run that follows wants the object to be there.
    fn of(one: &OpenIntent, resource: &dyn AnyResource, keeps: bool) -> Self {
        let is_remote = resource.making() != Making::Here;
        match one.intent.action {
            // Who was told its id knows that it was made.
            Action::Create if one.made.is_some() => Self {
                limit: LATE,
                misleads: |found| found.is_none(),
                text: "was made by the interrupted run, but cannot be read yet. It is waited for",
            },
            // It was there when its change was planned.
            Action::Update if is_remote => Self {
                limit: STALE,
                misleads: |found| found.is_none(),
                text: "was there when the interrupted run changed it, but cannot be read now. It is looked for",
            },
            // Who wants it gone may delete it again; who wants it would rely on what is about to go.
            Action::Delete if is_remote && keeps => Self {
                limit: STALE,
                misleads: |found| found.is_some_and(|found| !matches!(found.settled, Settled::Leaving(_))),
                text: "is told of, but the interrupted run may have deleted it. It is looked at again",
            },
            Action::Create | Action::Update | Action::Delete | Action::Read => {
                Self { limit: Duration::ZERO, misleads: |_| false, text: "" }
            }
        }
    }
}

/// The object as it is. Reads may not tell yet what the call did, and mislead the run that follows: they are repeated
/// for as long as that may be, which is said first.
async fn read_patiently(
    one: &OpenIntent,
    resource: &dyn AnyResource,
    cloud: &Cloud,
    wanted: Wanted,
    with: &LookUp<'_>,
) -> Result<Option<Found>, Error> {
    let (clock, key) = (with.clock, &one.intent.key);
    let doubt = Doubt::of(one, resource, (with.keeps)(key));
    let (start, patience) = (clock.steady(), time_left(one, doubt.limit, clock.now()));
    let mut was_said = false;
    loop {
        let found = read_all(resource, cloud, std::slice::from_ref(&wanted)).await?.into_iter().next();
        if !(doubt.misleads)(found.as_ref()) || clock.steady().saturating_sub(start) >= patience {
            return Ok(found);
        }
        if !std::mem::replace(&mut was_said, true) {
            (with.tell)(&format!("{key}: {} {}, {} s at most.", wanted.id, doubt.text, patience.as_secs()));
        }
        clock.sleep(PAUSE).await;
    }
}

/// How much of `limit` since the call is left; also when somebody set the clock back.
fn time_left(one: &OpenIntent, limit: Duration, now: Duration) -> Duration {
    limit.saturating_sub(now.abs_diff(one.at))
}

/// Seconds from `now`, since 1970-01-01 UTC, after which nothing comes of the call any more.
pub fn seconds_left(one: &OpenIntent, now: Duration) -> u64 {
    LATE.saturating_sub(now.saturating_sub(one.at)).as_secs()
}

/// What the call was asked for.
fn asked(one: &OpenIntent, resource: &dyn AnyResource) -> Result<Value, Error> {
    let schema = resource.schema();
    match &one.intent.planned {
        Some(raw) => {
            crate::value::json::from_state(raw.value(), &schema.ty).map(|read| read.value).map_err(|_| unreadable())
        }
        None => Ok(schema.absent()),
    }
}

fn unreadable() -> Error {
    Error::local("recover", "The journal holds attributes that cannot be read.".to_owned())
}

/// Whether the object, found through the provider configuration, is what one of these calls has made.
///
/// # Errors
/// Looking failed.
pub(super) async fn has_made(
    calls: &[OpenIntent],
    resource: &dyn AnyResource,
    (cloud, provider): (&Cloud, &str),
    found: &Found,
) -> Result<bool, Error> {
    let found = referred(resource, provider, &found.id, &found.attributes);
    let is_of = |one: &&OpenIntent| one.intent.type_name == resource.type_name() && one.intent.provider == provider;
    for one in calls.iter().filter(is_of) {
        let asked = asked(one, resource)?;
        let made = resource.recover(cloud, &asked).await?;
        if made.is_some_and(|id| referred(resource, provider, &id, &asked).is(&found)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A call that was looked up.
struct Looked<'a> {
    one: &'a OpenIntent,
    resource: &'a dyn AnyResource,
    asked: &'a Value,
    state: &'a State,
    now: Duration,
}

impl Looked<'_> {
    /// What is remembered where from now on, and what to say of it.
    fn end(&self, found: Option<&Found>) -> Result<(InstanceKey, End, String), Error> {
        let (key, action) = (&self.one.intent.key, self.one.intent.action);
        let address = &key.address;
        let known = self.state.instances.get(key);
        let (key, end, said) = match (found, action) {
            (Some(found), Action::Create) => {
                // Types that only state remembers have the whole object as their id, secrets included.
                let id = found.attributes.get("id").and_then(Value::as_str).unwrap_or("it");
                let provider = &self.one.intent.provider;
                let is_known = self.resource.making() != Making::Here
                    && owner(self.state, self.resource, provider, found).is_some();
                if is_known {
                    (key.clone(), End::Unchanged, format!("the interrupted run made {id}, which is in the state"))
                } else if known.is_some() {
                    let aside = set_aside(address, &found.id);
                    let said = format!(
                        "the interrupted run made {id} after all; another one took its place, so it is to be deleted"
                    );
                    (aside, End::Is(self.instance(found, None)?), said)
                } else {
                    let said = format!("the interrupted run made {id}; taken over");
                    (key.clone(), End::Is(self.instance(found, None)?), said)
                }
            }
            (Some(found), Action::Update | Action::Read) => {
                let said = "the interrupted run was changing it; read again".to_owned();
                (key.clone(), End::Is(self.instance(found, known)?), said)
            }
            (Some(found), Action::Delete) => {
                let is_leaving = matches!(found.settled, Settled::Leaving(_));
                let so_far = if is_leaving { "that goes on" } else { "it is still there" };
                let said = format!("the interrupted run was deleting it; {so_far}");
                (key.clone(), End::Is(self.instance(found, known)?), said)
            }
            (None, Action::Delete) => (key.clone(), End::Gone, "the interrupted run deleted it".to_owned()),
            (None, Action::Create) if self.may_come(known) => {
                let said = "the interrupted run made nothing so far; looked up again by the next run".to_owned();
                (key.clone(), End::Awaited, said)
            }
            (None, Action::Create) => (key.clone(), End::Unchanged, "the interrupted run made nothing".to_owned()),
            // The plan looks again, and says so when others deleted it.
            (None, Action::Update | Action::Read) => {
                (key.clone(), End::Unchanged, "the interrupted run was changing it; it cannot be read now".to_owned())
            }
        };
        Ok((key, end, format!("{address}: {said}")))
    }

    /// Whether what the making call makes may still come. `known` is what was made in its place meanwhile.
    fn may_come(&self, known: Option<&Instance>) -> bool {
        let is_recent = !time_left(self.one, LATE, self.now).is_zero();
        let is_possible = match self.resource.making() {
            Making::Here => false,
            Making::Again => true,
            Making::Once => !known.is_some_and(|known| self.is_in_its_place(known)),
        };
        is_recent && is_possible && self.one.made.is_none()
    }

    /// Whether the service would refuse what was asked for, because of this object.
    fn is_in_its_place(&self, known: &Instance) -> bool {
        let Ok(known) = known.decode(&self.resource.schema().ty) else { return false };
        let names = match self.resource.identity() {
            Identity::Chosen(names) | Identity::Assigned { recover_by: names } => names,
        };
        let is_same =
            |name: &&&str| known.value.get(name).map(Value::unmarked) == self.asked.get(name).map(Value::unmarked);
        names.iter().filter(|name| **name != "tags").all(|name| is_same(&name))
    }

    /// The object as it is, with what was remembered of it.
    fn instance(&self, found: &Found, known: Option<&Instance>) -> Result<Box<Instance>, Error> {
        let (intent, schema) = (&self.one.intent, self.resource.schema());
        let value = mark_schema(schema, &found.attributes);
        let fresh = Instance::new(&intent.provider, self.resource.schema_version(), &value, &schema.ty);
        let fresh = fresh.map_err(|_| unreadable())?;
        let tainted = intent.tainted && intent.action == Action::Create;
        let blocks = intent.dependencies.iter().map(|block| block.parse::<Address>().map(|block| block.resource));
        let mut dependencies: Vec<_> = blocks.collect::<Result<_, _>>().map_err(|_| unreadable())?;
        // Nobody knows whether the object refers to the old ones or to the new ones.
        dependencies.extend(known.into_iter().flat_map(|old| &old.dependencies).cloned());
        dependencies.sort_unstable();
        dependencies.dedup();
        let create_before_destroy = intent.create_before_destroy;
        let fresh = Instance { dependencies, create_before_destroy, ..fresh };
        let Some(old) = known else { return Ok(Box::new(Instance { tainted, ..fresh })) };
        Ok(Box::new(Instance {
            schema_version: fresh.schema_version,
            attributes: fresh.attributes,
            attributes_flat: None,
            sensitive_attributes: fresh.sensitive_attributes,
            // The call may have had its effect, or not.
            dependencies: both(&old.dependencies, &fresh.dependencies),
            tainted: old.tainted || tainted,
            ..old.clone()
        }))
    }
}

/// Where an object of the type is in the state that was found through the provider configuration.
pub(super) fn owner(state: &State, resource: &dyn AnyResource, provider: &str, found: &Found) -> Option<InstanceKey> {
    let found = referred(resource, provider, &found.id, &found.attributes);
    let same = |(key, instance): &(&InstanceKey, &Instance)| {
        if key.address.type_name() != resource.type_name() {
            return false;
        }
        let value = crate::value::json::from_state(instance.attributes.value(), &resource.schema().ty);
        let id = value.ok().and_then(|read| resource.id(&read.value).ok());
        ObjectRef { id, ..ObjectRef::of(key, instance) }.is(&found)
    };
    state.instances.iter().find(same).map(|(key, _)| key.clone())
}

/// An object by the id that its type finds it with, which need not be the attribute.
fn referred<'a>(resource: &dyn AnyResource, provider: &'a str, id: &Id, attributes: &Value) -> ObjectRef<'a> {
    let text = |name: &str| attributes.get(name).and_then(Value::as_str).map(str::to_owned);
    ObjectRef { id: Some(id.clone()), ..ObjectRef::new(resource.type_name(), provider, text) }
}

/// Where an object goes that came when another one had taken its place: the same in every run that finds it.
fn set_aside(address: &Address, id: &Id) -> InstanceKey {
    let digest = Sha256::digest(id);
    let deposed = digest.iter().take(4).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    InstanceKey { address: address.clone(), deposed: Some(deposed) }
}
