//! Task definitions that a pipeline registers revisions of as well: what both changed since the last apply comes
//! together by field ([`crate::rollout::merge`]).
//!
//! The last apply is the base: what was configured then (a note of the object, where that differs from what was
//! registered), else what was registered; where ours never went live, the one before it. The stack file is one side, the
//! revision that a service runs the other, where it was registered after ours, or where `deploy -rollback` went back to
//! it. Any other that runs and is older than ours was put back by a deployment that failed: nobody changed anything then,
//! and where it is what the stack file says it becomes ours again.

mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::complete::complete;
use super::draw::{Plan, Request};
use super::ignore::is_ignored;
use super::live::{Live, Object};
use super::problem;
use super::provider::Connections;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Desired, Path, Step};
use crate::resource::attr::{Attr, Schema};
use crate::resource::{Registry, Wanted, read_all};
use crate::rollout::govern::Governance;
use crate::rollout::merge::{Conflict, Field, Findings, merge};
use crate::rollout::take::{Decided, Side, Takes};
use crate::rollout::{Theirs, governable};
use crate::value::{Entries, Value, json};
pub(super) use words::unknown;
use words::{Told, Whose};
pub use words::{Undecided, problems};

/// Where the stack's own revision stands beside the one that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing is registered: what runs is what is wanted, and has a say.
    Theirs,
    /// Nothing is registered: ours is what is wanted.
    Ours,
    /// Nothing is registered: what runs is what is wanted, and older than ours, which did not make it or was taken back.
    Earlier,
    /// A new revision is registered, with what both changed.
    New,
}

/// How one task definition is shared with a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Where its revisions stand.
    pub standing: Standing,
    /// ARN of the stack's own revision.
    pub own: String,
    /// The revision that runs, as the service names it.
    pub live: String,
    /// Whether the one that runs has a say: it was registered after ours, or somebody went back to it.
    pub has_say: bool,
    /// What is kept of a pipeline, a line each.
    pub kept: Vec<String>,
}

/// A revision that becomes the stack's own again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Its ARN.
    pub live: String,
    /// ARN of the one that gives way.
    pub gone: String,
    /// The key under which the state had it as deposed; the one that gives way takes its place.
    pub deposed: Option<String>,
}

/// What came out for one task definition.
pub struct Shared {
    /// The configuration of a new revision.
    pub merged: Value,
    /// The configuration by which nothing is registered.
    pub settled: Value,
    /// What there is to say.
    pub sharing: Sharing,
    /// What nothing was decided about.
    pub conflicts: Vec<Undecided>,
}

impl Shared {
    /// What is planned.
    pub fn config(&self) -> &Value {
        if self.sharing.standing == Standing::New { &self.merged } else { &self.settled }
    }
}

/// Attributes of which each change is a new revision.
fn definition(schema: &'static Schema) -> impl Iterator<Item = &'static Attr> {
    schema.attrs.iter().filter(|attr| attr.spec.force_new && attr.is_input() && attr.name != "family")
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn number(object: &Value) -> Option<u32> {
    object.get("revision").and_then(Value::as_i64)?.try_into().ok()
}

/// What the attribute holds, in one spelling; `None` for what says nothing.
fn held(attr: &Attr, object: &Value) -> Option<Json> {
    let value = object.get(attr.name)?.unmarked();
    let plain = || serde_json::from_str(&json::to_state(&value, &attr.shape.ty()).ok()?).ok();
    let held: Json = attr.spec.fields.and_then(|fields| fields(&value, object)).or_else(plain)?;
    let is_empty = match &held {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Object(object) => object.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    };
    (!is_empty).then_some(held)
}

/// What two spellings share: the value of `object` as `prior` has it, where both mean the same.
fn spelled(attr: &Attr, object: &Value, prior: &Value) -> Value {
    let absent = attr.shape.absent();
    let [now, before] = [object, prior].map(|one| one.get(attr.name).unwrap_or(&absent).unmarked());
    if attr.means_same(&before, &now) { before } else { now }
}

/// The object with other values of some attributes.
fn with(object: &Value, values: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut entries: Entries = object.entries().cloned().unwrap_or_default();
    for (name, value) in values {
        let marks = entries.get(name).map(Value::marks_deep).unwrap_or_default();
        entries.insert(name.into(), value.with_marks(&marks));
    }
    Value { marks: object.marks.clone(), ..Value::object(entries) }
}

/// Puts together what the stack file and a pipeline changed; `None` where the stack file alone counts.
pub fn share(
    live: &Live,
    governance: &Governance,
    takes: &Takes,
    want: &Desired,
    schema: &'static Schema,
) -> Option<Shared> {
    let address = &want.address;
    let theirs = governance.revision(address)?;
    let own = live.objects.get(address).filter(|object| !object.is_tainted)?;
    let prior = &own.attributes;
    let ours = number(prior)?;
    let note = live.configured.get(address);
    let is_left = |attr: &Attr| is_ignored(&want.lifecycle.ignore_changes, attr.name);
    let is_alone = theirs.number == ours && note.is_none() && !definition(schema).any(is_left);
    if is_alone || text(&want.config, "family") != text(prior, "family") {
        return None;
    }
    let overtaken = overtaken(live, address, theirs.number, ours);
    let is_newer = theirs.number > ours || overtaken.is_some();
    let running = if theirs.number == ours { Some(prior) } else { read(live, address, theirs) };
    if is_newer && running.is_none() {
        return None;
    }
    let went_back = !is_newer && running.is_some() && live.went_back.values().any(|to| *to == theirs.name);
    let has_say = is_newer || went_back;
    let decided = takes.of(address);
    let base_of_all = overtaken.or_else(|| before_ours(live, address, ours).filter(|_| is_newer));
    let wanted = complete(schema, &want.config, Some(prior));
    let before = note.map(|note| complete(schema, note, Some(prior)));
    let is_counted = is_newer || went_back && decided.all != Some(Side::Stack);
    let changed = running.filter(|_| is_counted).unwrap_or(prior);
    let mut merging = Merging { decided: &decided, found: Findings::default(), values: Vec::new(), is: [true; 2] };
    for attr in definition(schema) {
        let noted = before.as_ref().filter(|_| note.is_some_and(|note| note.get(attr.name).is_some()));
        let base = base_of_all.or(noted).unwrap_or(prior);
        let ours = if is_left(attr) { base } else { &wanted };
        if attr.name == CONTAINERS && text(ours, attr.name).is_none() || !is_known(attr, ours) {
            merging.is = [false; 2];
            continue;
        }
        merging.attribute(attr, [base, ours, changed], [prior, running.unwrap_or(prior)], is_left(attr));
    }
    let Merging { mut found, values, is: [is_ours, is_theirs], .. } = merging;
    if went_back {
        // Nobody but the stack file wants anything new since: what it changed counts.
        found.conflicts.clear();
    }
    let standing = match (is_ours, is_theirs && running.is_some()) {
        (_, true) if is_newer || is_counted && !found.kept.is_empty() => Standing::Theirs,
        (true, _) => Standing::Ours,
        (false, true) => Standing::Earlier,
        (false, false) => Standing::New,
    };
    let absent = |attr: &Attr| prior.get(attr.name).cloned().unwrap_or_else(|| attr.shape.absent());
    let settled = definition(schema).map(|attr| (attr.name, absent(attr).unmarked()));
    let is_hidden = [prior, &want.config]
        .iter()
        .any(|of| of.get(CONTAINERS).is_some_and(|value| value.marks_deep().is_sensitive()));
    let whose = match (is_newer, went_back) {
        (true, _) => Whose::Pipeline(theirs.number),
        (false, true) => Whose::WentBack(theirs.number),
        (false, false) => Whose::Before,
    };
    let told = Told { is_hidden, whose };
    let undecided = |conflict: Conflict| {
        let attribute = conflict.field.0.first().map_or(CONTAINERS, String::as_str);
        let span = want.spans.of(&Path(vec![Step::Attr(attribute.into())]));
        Undecided { address: address.clone(), conflict, is_hidden, live: theirs.name.clone(), span }
    };
    Some(Shared {
        settled: with(&want.config, settled),
        merged: with(&want.config, values),
        sharing: Sharing {
            standing,
            own: text(prior, "arn")?.to_owned(),
            live: theirs.name.clone(),
            has_say,
            kept: found.kept.iter().map(|kept| told.kept(kept)).collect(),
        },
        conflicts: found.conflicts.into_iter().map(undecided).collect(),
    })
}

/// The revision before ours, when ours never went live as far as anybody saw: a service is remembered with that one.
/// Then what a pipeline registered since has nothing of ours.
fn before_ours<'a>(live: &'a Live, address: &Address, ours: u32) -> Option<&'a Value> {
    let deposed = live.deposed.iter().filter(|((of, _), _)| of == address).map(|(_, object)| &object.attributes);
    let is_remembered = |one: &&Value| {
        let arn = text(one, "arn");
        let names_it = |note: &Value| arn.is_some() && text(note, "task_definition") == arn;
        number(one).is_some_and(|before| before < ours) && live.configured.values().any(names_it)
    };
    deposed.filter(is_remembered).max_by_key(|one| number(one))
}

/// The revision before ours, when a pipeline registered its own after that and before ours, which never went live: then
/// nothing of ours is in what runs.
fn overtaken<'a>(live: &'a Live, address: &Address, theirs: u32, ours: u32) -> Option<&'a Value> {
    let deposed = live.deposed.iter().filter(|((of, _), _)| of == address).map(|(_, object)| &object.attributes);
    let is_before = |one: &&Value| number(one).is_some_and(|before| before < theirs && theirs < ours);
    deposed.filter(is_before).max_by_key(|one| number(one))
}

/// The type of task definitions.
const DEFINITION: &str = "aws_ecs_task_definition";
/// The attribute that holds containers.
const CONTAINERS: &str = "container_definitions";

fn is_known(attr: &Attr, object: &Value) -> bool {
    object.get(attr.name).is_none_or(Value::is_wholly_known)
}

/// The revision that runs, as far as it was read.
fn read<'a>(live: &'a Live, address: &Address, theirs: &Theirs) -> Option<&'a Value> {
    let is_it = |value: &&Value| number(value) == Some(theirs.number);
    let deposed = live.deposed.iter().filter(|((of, _), _)| of == address).map(|(_, object)| &object.attributes);
    live.revisions.get(address).into_iter().chain(deposed).find(is_it)
}

/// A merge, attribute by attribute.
struct Merging<'a> {
    decided: &'a Decided,
    found: Findings,
    /// What differs from what the stack file says.
    values: Vec<(&'static str, Value)>,
    /// Whether all is as in our own revision, and as in the one that runs.
    is: [bool; 2],
}

impl Merging<'_> {
    fn attribute(&mut self, attr: &'static Attr, sides: [&Value; 3], revisions: [&Value; 2], is_left: bool) {
        let prior = revisions[0];
        let respelled = |object: &Value| with(object, [(attr.name, spelled(attr, object, prior))]);
        let objects = sides.map(respelled);
        let held_by = |object: &Value| held(attr, object);
        let [base, ours, theirs] = [&objects[0], &objects[1], &objects[2]].map(held_by);
        let field = Field(vec![attr.name.to_owned()]);
        let merged = merge(&field, [base.as_ref(), ours.as_ref(), theirs.as_ref()], self.decided, &mut self.found);
        for (is, revision) in self.is.iter_mut().zip(revisions) {
            *is &= held(attr, &respelled(revision)) == merged;
        }
        let of = |object: &Value| object.get(attr.name).cloned().unwrap_or_else(|| attr.shape.absent()).unmarked();
        let value = if merged == ours {
            is_left.then(|| of(&objects[1]))
        } else if merged == theirs {
            Some(of(&objects[2]))
        } else {
            merged.map(|merged| Value::from(merged.to_string()))
        };
        self.values.extend(value.map(|value| (attr.name, value)));
    }
}

/// What others see of the task definition: the revision that runs, where that is the one wanted.
pub fn seen(live: &Live, sharing: Option<&Sharing>, address: &Address, own: Value) -> Value {
    match (sharing.map(|sharing| sharing.standing), live.revisions.get(address)) {
        (Some(Standing::Theirs), Some(running)) => run_by(&own, running),
        _ => own,
    }
}

/// Our own object with the revision that runs.
fn run_by(own: &Value, running: &Value) -> Value {
    // What the stack alone owns stays: tags, and what is told nobody.
    const OURS: [&str; 5] = ["id", "tags", "tags_all", "skip_destroy", "track_latest"];
    let entries = running.entries().into_iter().flatten().filter(|(name, _)| !OURS.contains(&&***name));
    let mut all = own.entries().cloned().unwrap_or_default();
    for (name, value) in entries {
        let marks = all.get(name).map(Value::marks_deep).unwrap_or_default();
        all.insert(name.clone(), value.unmarked().with_marks(&marks));
    }
    Value { marks: own.marks.clone(), ..Value::object(all) }
}

/// The configuration of a governed object with what belongs to its controller as it is. Where the stack file names a
/// task definition, it means the stack's own revision, whichever of the family runs.
pub fn hold(
    governance: &Governance,
    live: &Live,
    sharing: &BTreeMap<Address, Sharing>,
    address: &Address,
    config: &Value,
    prior: &Value,
) -> Value {
    let config = by_own_name(sharing, config);
    let remembered = live.configured.get(address);
    let is_about = |one: &&Sharing| {
        one.has_say
            && matches!(one.standing, Standing::Ours | Standing::Theirs)
            && text(&config, "task_definition") == Some(&one.own)
    };
    let Some(one) = sharing.values().find(is_about) else {
        return governance.hold(address, config, prior, remembered);
    };
    // For ours, against the one that runs: as far as the service goes, the person changed it. For the one that runs
    // nobody changed anything, also where ours is not what the service ran at the last apply.
    let before = if one.standing == Standing::Ours { &one.live } else { &one.own };
    let entries = remembered.and_then(Value::entries).cloned().unwrap_or_default();
    let changed = with(&Value::object(entries), [("task_definition", Value::from(before.as_str()))]);
    governance.hold(address, config, prior, Some(&changed))
}

/// The configuration of a service with the stack's own revision in place of the one that others see.
pub fn by_own_name(sharing: &BTreeMap<Address, Sharing>, config: &Value) -> Value {
    let Some(said) = text(config, "task_definition") else { return config.clone() };
    let is_it = |one: &&Sharing| one.standing == Standing::Theirs && one.live == said;
    match sharing.values().find(is_it) {
        Some(one) => with(config, [("task_definition", Value::from(one.own.as_str()))]),
        None => config.clone(),
    }
}

/// Of what was configured only what differs from what was registered: that alone must be remembered.
pub(super) fn differing(schema: &Schema, note: &Value, registered: &Value) -> Value {
    let completed = complete(schema, note, Some(registered));
    let differs = |name: &str| {
        schema.get(name).is_none_or(|attr| {
            let now = with(&completed, [(attr.name, spelled(attr, &completed, registered))]);
            held(attr, &now) != held(attr, registered)
        })
    };
    let entries = note.entries().into_iter().flatten().filter(|(name, _)| differs(name));
    Value::object(entries.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// With `track_latest` the newest revision is read in place of the stack's own. What that one was is what was configured at
/// the last apply, as far as nothing else is remembered: without it nobody could tell what a pipeline changed.
pub(super) fn remember_own(live: &mut Live, registry: &Registry) {
    for (address, before) in &live.drifted {
        let Some(resource) = registry.resource(address.type_name()) else { continue };
        let is_moved = live.objects.get(address).is_some_and(|now| number(&now.attributes) != number(before));
        if resource.type_name() != DEFINITION || !is_moved {
            continue;
        }
        let own = governable(DEFINITION).iter().filter_map(|name| Some(((*name).into(), before.get(name)?.unmarked())));
        let mut entries: Entries = own.collect();
        let noted = live.configured.get(address).and_then(Value::entries).into_iter().flatten();
        entries.extend(noted.map(|(name, value)| (name.clone(), value.clone())));
        live.configured.insert(address.clone(), Value::object(entries));
    }
}

/// Reads revisions that services run and that are not the stack's own; whether that tells anything new.
pub(super) async fn read_revisions(plan: &mut Plan, request: Request<'_>) -> Result<bool, Report> {
    let governance = super::rollouts::governance(&plan.live);
    let mut is_new = false;
    for (address, theirs) in governance.revisions() {
        let Some(own) = plan.live.objects.get(address) else { continue };
        let is_read = plan.live.revisions.contains_key(address) || read(&plan.live, address, theirs).is_some();
        if number(&own.attributes) == Some(theirs.number) || is_read {
            continue;
        }
        let (Some(resource), Some(cloud)) =
            (request.registry.resource(address.type_name()), plan.connections.get(&Connections::parse(&own.provider)))
        else {
            continue;
        };
        let prior = with(&own.attributes, [("arn", Value::from(theirs.name.as_str()))]);
        let wanted = Wanted { id: theirs.name.clone(), prior };
        let found = read_all(resource.as_ref(), cloud, &[wanted]).await;
        let found = found.map_err(|error| problem::from_error(&error, address, "Reading the revision that runs of"))?;
        let seen = found.into_iter().next().map(|found| found.attributes);
        if seen.is_none() {
            let text = format!(
                "{} runs and was deregistered, so what it changed beside the stack file is not known and is not kept.",
                theirs.name
            );
            plan.warnings.push(Diagnostic::warning("Revision that runs cannot be read", text).about(address));
        }
        plan.live.revisions.insert(address.clone(), seen.unwrap_or_else(|| Value::null(crate::value::Type::Any)));
        is_new = true;
    }
    Ok(is_new)
}

/// Makes revisions that run the stack's own again, where they are what is wanted; whether any is.
pub(super) fn take_back(live: &mut Live, sharing: &BTreeMap<Address, Sharing>, registry: &Registry) -> bool {
    let mut is_any = false;
    for (address, one) in sharing.iter().filter(|(_, one)| one.standing == Standing::Earlier) {
        let is_it = |object: &Object| text(&object.attributes, "arn") == Some(&one.live);
        let key =
            live.deposed.iter().find(|((of, _), object)| of == address && is_it(object)).map(|(key, _)| key.clone());
        let Some(own) = live.objects.get(address).cloned() else { continue };
        let (object, deposed) = if let Some(key) = key {
            let Some(object) = live.deposed.insert(key.clone(), own) else { continue };
            (object, Some(key.1))
        } else {
            let Some(running) = live.revisions.get(address) else { continue };
            let attributes = run_by(&own.attributes, running);
            let schema = registry.resource(address.type_name()).map(|resource| resource.schema());
            let attributes = schema.map_or(attributes.clone(), |schema| super::live::mark_schema(schema, &attributes));
            (Object { attributes, ..own }, None)
        };
        live.objects.insert(address.clone(), object);
        live.configured.remove(address);
        live.drifted.remove(address);
        live.returned.insert(address.clone(), Returned { live: one.live.clone(), gone: one.own.clone(), deposed });
        is_any = true;
    }
    is_any
}
