//! After an interrupted run: looks up every call whose end is not known, and takes over what it made.

use super::dependencies::both;
use super::retry::Patience;
use crate::address::Address;
use crate::clock::Clock;
use crate::diagnostic::Report;
use crate::plan::live::mark_schema;
use crate::plan::{Connections, problem};
use crate::resource::{Error, Found, Id, Registry, Wanted, read_all};
use crate::state::journal::{Action, Entry};
use crate::state::{Instance, InstanceKey, OpenIntent, State};
use crate::value::Value;

/// What became of one call whose end was not known.
#[derive(Clone, Debug)]
pub struct Recovered {
    intent: OpenIntent,
    /// The object as it is; `None` when there is none.
    instance: Option<Instance>,
    /// All its attributes.
    object: Option<Value>,
    /// Its id, when it is known.
    id: Option<Id>,
    /// What the call was asked for.
    asked: Value,
    /// What was found, for people: one line.
    pub line: String,
}

impl Recovered {
    /// The object that the call was about.
    pub fn key(&self) -> &InstanceKey {
        &self.intent.intent.key
    }

    /// What the call was to do.
    pub fn action(&self) -> Action {
        self.intent.intent.action
    }

    /// All attributes of the object.
    pub fn object(&self) -> Option<&Value> {
        self.object.as_ref()
    }

    /// The object as it is; `None` when there is none.
    pub fn instance(&self) -> Option<&Instance> {
        self.instance.as_ref()
    }

    /// Makes the calls that follow the making call: the interrupted run may not have come to them. Nothing happens for
    /// what was not made.
    ///
    /// # Errors
    /// A call failed. What is missing then is the plan's matter.
    pub async fn finish(&self, registry: &Registry, connections: &Connections, clock: &Clock) -> Result<(), Report> {
        let intent = &self.intent.intent;
        let (Action::Create, Some(_), Some(id)) = (intent.action, &self.instance, &self.id) else { return Ok(()) };
        let Some(resource) = registry.resource(&intent.type_name) else { return Ok(()) };
        let Some(cloud) = connections.get(&Connections::parse(&intent.provider)) else { return Ok(()) };
        let [limit, ..] = resource.pace().limit;
        let mut patience = Patience::new(clock, resource.retries(), limit).with_new(resource.missing());
        while let Err(error) = resource.finish(cloud, id, &self.asked).await {
            let last = patience.after(error, &|_| ()).await;
            last.map_err(|error| problem::from_error(&error, &intent.key.address, "Finishing"))?;
        }
        Ok(())
    }

    /// The journal entry that closes the intent.
    pub fn entry(&self) -> Entry {
        Entry::Done {
            step: self.intent.intent.step,
            key: self.intent.intent.key.clone(),
            instance: self.instance.clone().map(Box::new),
        }
    }
}

/// Looks up every open intent and puts what was found into the state.
///
/// # Errors
/// A look-up failed: going on without it could make an object twice.
pub async fn recover(
    state: &mut State,
    open: &[OpenIntent],
    registry: &Registry,
    connections: &Connections,
) -> Result<Vec<Recovered>, Report> {
    let (mut recovered, mut report) = (Vec::new(), Report::default());
    for one in open {
        let key = &one.intent.key;
        match look_up(one, state.instances.get(key), registry, connections).await {
            Ok(found) => {
                match &found.instance {
                    Some(instance) => drop(state.instances.insert(key.clone(), instance.clone())),
                    None => drop(state.instances.remove(key)),
                }
                recovered.push(found);
            }
            Err(error) => report.push(problem::from_error(&error, &key.address, "Looking up")),
        }
    }
    report.or(recovered)
}

/// Looks up what became of one call. `known` is what is remembered of the object.
pub(super) async fn look_up(
    one: &OpenIntent,
    known: Option<&Instance>,
    registry: &Registry,
    connections: &Connections,
) -> Result<Recovered, Error> {
    let intent = &one.intent;
    let address = &intent.key.address;
    let lost = |message: &str| Error::local("recover", message.to_owned());
    let resource = registry
        .resource(&intent.type_name)
        .ok_or_else(|| lost("The journal names a type that glaz does not know."))?;
    let provider = Connections::parse(&intent.provider);
    let cloud = connections
        .get(&provider)
        .ok_or_else(|| lost("Its provider is not configured any more. Put the provider block back."))?;
    let schema = resource.schema();
    let bad = || lost("The journal holds attributes that cannot be read.");
    let planned = match &intent.planned {
        Some(raw) => crate::value::json::from_state(raw.value(), &schema.ty).map_err(|_| bad())?.value,
        None => schema.absent(),
    };
    let id = match (&one.made, &intent.id) {
        (Some(id), _) | (None, Some(id)) => Some(id.clone()),
        (None, None) => resource.recover(cloud, &planned).await?,
    };
    let found = match &id {
        Some(id) => read_all(resource.as_ref(), cloud, &[Wanted { id: id.clone(), prior: planned.clone() }]).await?,
        None => Vec::new(),
    };
    let found: Option<Found> = found.into_iter().next();
    let line = match (&found, intent.action) {
        (Some(found), Action::Create) => {
            // Types that only state remembers have the whole object as their id, secrets included.
            let id = found.attributes.get("id").and_then(Value::as_str).unwrap_or("it");
            format!("{address}: the interrupted run made {id}; taken over")
        }
        (Some(_), Action::Update | Action::Read) => {
            format!("{address}: the interrupted run was changing it; read again")
        }
        (Some(_), Action::Delete) => format!("{address}: the interrupted run was deleting it; it is still there"),
        (None, Action::Delete) => format!("{address}: the interrupted run deleted it"),
        (None, _) => format!("{address}: the interrupted run made nothing"),
    };
    let object = found.as_ref().map(|found| mark_schema(schema, &found.attributes));
    let instance = match found {
        None => None,
        Some(found) => {
            let value = mark_schema(schema, &found.attributes);
            let fresh =
                Instance::new(&intent.provider, resource.schema_version(), &value, &schema.ty).map_err(|_| bad())?;
            let tainted = intent.tainted && intent.action == Action::Create;
            let blocks = intent.dependencies.iter().map(|block| block.parse::<Address>().map(|block| block.resource));
            let mut dependencies: Vec<_> = blocks.collect::<Result<_, _>>().map_err(|_| bad())?;
            // Nobody knows whether the object refers to the old ones or to the new ones.
            dependencies.extend(known.into_iter().flat_map(|old| &old.dependencies).cloned());
            dependencies.sort_unstable();
            dependencies.dedup();
            let create_before_destroy = intent.create_before_destroy;
            let fresh = Instance { dependencies, create_before_destroy, ..fresh };
            Some(known.map_or_else(
                || Instance { tainted, ..fresh.clone() },
                |old| Instance {
                    schema_version: fresh.schema_version,
                    attributes: fresh.attributes.clone(),
                    attributes_flat: None,
                    sensitive_attributes: fresh.sensitive_attributes.clone(),
                    // The call may have had its effect, or not.
                    dependencies: both(&old.dependencies, &fresh.dependencies),
                    tainted: old.tainted || tainted,
                    ..old.clone()
                },
            ))
        }
    };
    Ok(Recovered { intent: one.clone(), instance, object, id, asked: planned, line })
}
