//! What deployment controllers have to do with a plan: what they govern is seen, what only they can change becomes a
//! deployment, and what would cross them is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::change::{Action, Change};
use super::draw::{Plan, Request};
use super::live::Live;
use super::provider::Connections;
use crate::address::{Address, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Path, Spans, Step as PathStep};
use crate::resource::{Registry, Schema};
use crate::rollout::{
    Ask, Controller, Governance, Refused, Rollout, configured, controller, govern, governable, observed, resumed,
    rollout,
};
use crate::state::{Instance, InstanceKey, State};
use crate::value::{Entries, Type, Value, json};

/// The note of an object that holds what was configured at the last apply.
const NOTE: &str = "configured";
/// The note of a service that holds the revision that `deploy -rollback` went back to.
const WENT_BACK: &str = "went_back";
/// The type whose old revisions go last.
const REVISION: &str = "aws_ecs_task_definition";
/// The type of services.
pub(super) const SERVICE: &str = "aws_ecs_service";

/// What was configured at the last apply, of objects of which that is remembered.
pub(super) fn remembered(state: &State, registry: &Registry) -> BTreeMap<Address, Value> {
    let mut all = BTreeMap::new();
    for (InstanceKey { address, deposed }, instance) in &state.instances {
        if deposed.is_some() || governable(address.type_name()).is_empty() {
            continue;
        }
        let Some(resource) = registry.resource(address.type_name()) else { continue };
        let note = instance.note(NOTE);
        if let Some(value) = note.as_ref().and_then(Json::as_object).map(|note| read(note, resource.schema())) {
            all.insert(address.clone(), value);
        }
    }
    all
}

/// Revisions that `deploy -rollback` went back to, by service.
pub(super) fn went_back(state: &State) -> BTreeMap<Address, String> {
    let services =
        state.instances.iter().filter(|(key, _)| key.deposed.is_none() && key.address.type_name() == SERVICE);
    let noted = |(key, instance): (&InstanceKey, &Instance)| {
        Some((key.address.clone(), instance.note(WENT_BACK)?.as_str()?.to_owned()))
    };
    services.filter_map(noted).collect()
}

/// Remembers with a service that somebody went back to the revision that it runs: until another one runs, the stack's own
/// is not what is wanted.
pub fn remember_way_back(service: &mut Instance, revision: &str) {
    service.set_note(WENT_BACK, Some(revision.into()));
}

/// Forgets that, once something else is brought out: where that fails, nobody went back. Whether there was anything to
/// forget.
pub fn forget_way_back(service: &mut Instance) -> bool {
    let is_noted = service.note(WENT_BACK).is_some();
    service.set_note(WENT_BACK, None);
    is_noted
}

/// Attributes that cannot be read, such as those of a later version, count as not remembered.
fn read(note: &Map<String, Json>, schema: &Schema) -> Value {
    let mut entries = Entries::new();
    for (name, said) in note {
        let Some(attr) = schema.get(name) else { continue };
        let raw = serde_json::value::to_raw_value(said).ok();
        if let Some(decoded) = raw.and_then(|raw| json::from_state(&raw, &attr.shape.ty()).ok()) {
            entries.insert(name.as_str().into(), decoded.value);
        }
    }
    Value::object(entries)
}

/// Remembers with an object what is configured now. What is not known keeps what was remembered. Of a task definition,
/// which is what was registered, only what differs from that.
pub fn remember(instance: &mut Instance, type_name: &str, schema: &Schema, now: Option<&Value>) {
    let Some(now) = now else { return };
    let before = instance.note(NOTE).and_then(|note| note.as_object().map(|note| read(note, schema)));
    let mut all = configured::merged(before.as_ref(), now);
    if type_name == REVISION {
        let registered = instance.decode(&schema.ty).ok();
        all = registered.map_or(all.clone(), |registered| super::sharing::differing(schema, &all, &registered.value));
    }
    let mut note = Map::new();
    for (name, value) in all.entries().into_iter().flatten() {
        let Some(attr) = schema.get(name) else { continue };
        let text = json::to_state(value, &attr.shape.ty()).ok();
        if let Some(said) = text.and_then(|text| serde_json::from_str(&text).ok()) {
            note.insert(name.to_string(), said);
        }
    }
    instance.set_note(NOTE, (!note.is_empty()).then_some(Json::Object(note)));
}

/// What is governed, by what is known of the world so far.
pub(super) fn governance(live: &Live) -> Governance {
    let objects = live.objects.iter().map(|(address, object)| (address, &object.attributes));
    let mut governance = govern(objects, &live.observed);
    governance.taken_over(&live.taken_over);
    governance
}

/// Notes which services ECS is to take over from CodeDeploy; whether those are others than known before. Their listeners,
/// which are evaluated before them, have to be told.
pub(super) fn take_over(live: &mut Live, changes: &[Change]) -> bool {
    let is_it = |change: &&Change| {
        change.action == Action::Update
            && change.address.type_name() == SERVICE
            && controller(&change.before) == Controller::CodeDeploy
            && controller(&change.after) == Controller::Gradual
    };
    let now = changes.iter().filter(is_it).map(|change| change.address.clone()).collect();
    std::mem::replace(&mut live.taken_over, now) != live.taken_over
}

/// Looks at services that were read and not yet looked at; whether that tells anything new.
pub(super) async fn observe(plan: &mut Plan, request: Request<'_>) -> Result<bool, Report> {
    let Some(controllers) = request.rollouts else { return Ok(false) };
    let governance = governance(&plan.live);
    let mut asks = Vec::new();
    for (address, object) in &plan.live.objects {
        let is_new = plan.live.fresh.contains(address) && !plan.live.observed.contains_key(address);
        if address.type_name() != SERVICE || !is_new {
            continue;
        }
        let Some(cloud) = plan.connections.get(&Connections::parse(&object.provider)) else { continue };
        let governed = governance.services.get(address);
        asks.push(Ask {
            address: address.clone(),
            cloud: cloud.clone(),
            service: super::known(&object.attributes),
            controller: governed.map(|governed| governed.controller).unwrap_or_default(),
            group: governed.and_then(|governed| governed.group.clone()),
        });
    }
    if asks.is_empty() {
        return Ok(false);
    }
    let seen = controllers.observe(&asks).await.map_err(|error| {
        let address = &asks[0].address;
        Report::from(super::problem::from_error(&error, address, "Looking at the deployments of"))
    })?;
    for ask in asks {
        // One that vanished in between is looked at no more.
        let observed = seen.get(&ask.address).cloned().unwrap_or_default();
        plan.live.observed.insert(ask.address, observed);
    }
    Ok(true)
}

/// Attributes that a controller moves on are no drift.
pub(super) fn forget_governed_drift(plan: &mut Plan) {
    let (live, governance) = (&mut plan.live, &plan.governance);
    for address in governance.objects() {
        let (Some(before), Some(object)) = (live.drifted.get(address), live.objects.get(address)) else { continue };
        let Some(mut entries) = before.entries().cloned() else { continue };
        for name in governance.attributes(address) {
            if let Some(now) = object.attributes.get(name) {
                entries.insert((*name).into(), now.clone());
            }
        }
        let kept = Value { marks: before.marks.clone(), ..Value::object(entries) };
        if kept.unmarked() == object.attributes.unmarked() {
            live.drifted.remove(address);
        } else {
            live.drifted.insert(address.clone(), kept);
        }
    }
}

/// Blocks of revisions that give way by a deployment: the old ones go after it.
pub(super) fn old_revisions(change: &Change, governance: &Governance) -> BTreeSet<Resource> {
    let is_moved = change.action == Action::Update
        && governance.services.contains_key(&change.address)
        && names(change).contains(&"task_definition");
    let revisions = change.dependencies.iter().filter(|address| is_moved && address.type_name() == REVISION);
    revisions.map(|address| address.resource.without_keys()).collect()
}

/// The block of a revision that gives way while a service runs one of its family, whoever brings out the next: it stays.
pub(super) fn running_revision(change: &Change, governance: &Governance) -> Option<Resource> {
    let is_it = matches!(change.action, Action::Replace { .. }) && governance.revision(&change.address).is_some();
    is_it.then(|| change.address.resource.without_keys())
}

/// What others see of an object: which target group a service stands on is known once CodeDeploy has deployed it.
pub(super) fn until_deployed(address: &Address, action: Action, before: &Value, after: Value) -> Value {
    let differs = |name: &&str| before.get(name).map(Value::unmarked) != after.get(name).map(Value::unmarked);
    let is_codedeploy = |service: &Value| controller(service) == Controller::CodeDeploy;
    let is_deployed = action == Action::Update
        && address.type_name() == SERVICE
        && is_codedeploy(before)
        && is_codedeploy(&after)
        && crate::rollout::DEPLOYED.iter().any(differs);
    let (Some(balancers), true) = (after.get("load_balancer"), is_deployed) else { return after };
    let group = || ("target_group_arn".into(), Value::unknown_not_null(Type::String));
    let unknown = balancers.map_children(&|one| match one.entries() {
        Some(entries) => Value::object(entries.clone().into_iter().chain([group()]).collect()).with_marks(&one.marks),
        None => one.clone(),
    });
    let mut entries = after.entries().cloned().unwrap_or_default();
    entries.insert("load_balancer".into(), unknown);
    Value { marks: after.marks.clone(), ..Value::object(entries) }
}

/// Attributes of the service that change.
fn names(change: &Change) -> Vec<&'static str> {
    let known = ["desired_count", "deployment_configuration", "deployment_controller"]
        .into_iter()
        .chain(crate::rollout::DEPLOYED.iter().copied());
    let known: Vec<&'static str> = known.collect();
    let first = |path: &Path| match path.0.first() {
        Some(PathStep::Attr(name)) => known.iter().find(|one| **one == &**name).copied().unwrap_or("other"),
        _ => "other",
    };
    let mut all: Vec<_> = change.changed.iter().map(|one| first(&one.path)).collect();
    all.dedup();
    all
}

/// Deployments that the changes call for, and what is wrong with them.
pub(super) fn deployments(plan: &Plan, spans: &BTreeMap<Address, Spans>) -> Result<BTreeMap<Address, Rollout>, Report> {
    let (mut found, mut report) = (unfinished(&plan.changes, &plan.configured, plan), Report::default());
    for change in plan.changes.iter().filter(|change| change.action == Action::Update) {
        let at = |name: &str| {
            let path = Path(vec![PathStep::Attr(name.into())]);
            spans.get(&change.address).map(|spans| spans.of(&path)).or(change.span)
        };
        report.0.extend(crossing(change, plan, &at));
        match called_for(change, &plan.changes, &plan.governance) {
            Ok(None) => {}
            Ok(Some(rollout)) => drop(found.insert(change.address.clone(), rollout)),
            Err(refused) => {
                let problem = Diagnostic::error(refused.summary, refused.text);
                report.push(problem.at(at(refused.attribute)).about(&change.address));
            }
        }
    }
    report.or(found)
}

/// The deployment that a change of a service calls for.
fn called_for(change: &Change, all: &[Change], governance: &Governance) -> Result<Option<Rollout>, Refused> {
    if change.address.type_name() != SERVICE || change.action != Action::Update {
        return Ok(None);
    }
    let planned = all.iter().filter(|one| one.deposed.is_none()).map(|one| (&one.address, &one.after));
    rollout(&change.address, (&change.before, &change.after), &names(change), governance, planned)
}

/// Deployments that the changes call for, as far as somebody can bring them out; the plan does not have them yet.
pub(super) fn brought_out(
    changes: &[Change],
    configured: &BTreeMap<Address, Value>,
    plan: &Plan,
) -> BTreeMap<Address, Rollout> {
    let mut all = unfinished(changes, configured, plan);
    let called_for = |change: &Change| called_for(change, changes, &plan.governance).ok().flatten();
    all.extend(changes.iter().filter_map(|change| Some((change.address.clone(), called_for(change)?))));
    all
}

/// Deployments of ECS's own that an interrupted run started: the services are as they are to be, but nobody saw yet
/// that what they run was brought out.
fn unfinished(
    changes: &[Change],
    configured_now: &BTreeMap<Address, Value>,
    plan: &Plan,
) -> BTreeMap<Address, Rollout> {
    let is_meant = |change: &&Change| change.action == Action::NoOp && change.address.type_name() == SERVICE;
    let kept = changes.iter().filter(is_meant).filter(|_| plan.mode == super::Purpose::Normal);
    let found = kept.filter_map(|change| {
        let now = configured_now.get(&change.address)?;
        let before = plan.live.configured.get(&change.address);
        let governed = plan.governance.services.get(&change.address)?;
        let is_news = configured::differs(crate::rollout::DEPLOYED, before, now);
        let rollout = is_news.then(|| resumed(&change.before, governed)).flatten()?;
        Some((change.address.clone(), rollout))
    });
    found.collect()
}

/// What a change of a listener or rule would do to the traffic that a controller moves.
fn crossing(change: &Change, plan: &Plan, at: &dyn Fn(&str) -> Option<crate::diagnostic::Span>) -> Option<Diagnostic> {
    let (service, governed) = plan.governance.service_of(&change.address)?;
    if *service == change.address {
        return None;
    }
    let name = plan.governance.attributes(&change.address).first().copied()?;
    if change.before.get(name).map(Value::unmarked) == change.after.get(name).map(Value::unmarked) {
        return None;
    }
    let seen = governed.observed.as_ref()?;
    let problem =
        |summary: &'static str, text: String| Diagnostic::error(summary, text).at(at(name)).about(&change.address);
    if let Some(running) = &seen.running {
        let text = format!(
            "Deployment {} of service {} is under way and moves the traffic of {}; changing where it leads would cross it. Nothing was changed. Wait until it is over, or stop it with:\n\n    glaz deploy {} -stop",
            running.name(),
            governed.name,
            change.address,
            governed.name
        );
        return Some(problem("A deployment is under way", text));
    }
    let has_tasks = |name: &str| {
        let of = |set: &&crate::rollout::TaskSet| {
            set.target_group.as_deref().is_some_and(|arn| observed::target_group_name(arn) == name)
        };
        seen.task_sets.iter().any(|set| of(&set))
    };
    let idle = crate::rollout::forwards(change.after.get(name)?)?.into_iter().find(|(arn, weight)| {
        let name = observed::target_group_name(arn);
        *weight > 0 && governed.pair.iter().any(|one| one == name) && !has_tasks(name)
    })?;
    let idle = observed::target_group_name(&idle.0);
    let text = format!(
        "This sends requests to {idle}, where service {} has no tasks at the moment: clients would get status 503. {} decides which of the two target groups is live. Leave `{name}` as it was; a deployment moves it.",
        governed.name,
        governed.controller.name()
    );
    (!seen.task_sets.is_empty()).then(|| problem("Traffic would reach no tasks", text))
}
