//! Reads what exists: objects of state in batches, and data sources that can be read now.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;

use super::draw::Options;
use super::live::{Live, Object, copy_marks, mark_schema};
use super::problem;
use super::provider::Connections;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Config, Desired, ProviderRef};
use crate::resource::{AnyResource, Cloud, Found, Registry, Settled, Wanted, read_all};
use crate::state::{InstanceKey, State};
use crate::value::Value;

/// Decodes state with the attribute tables. Objects of unknown types cannot be planned and are an error, reported at their
/// block in `config`; and so are those that something newer wrote: what they have of it would be lost.
///
/// # Errors
/// A type nobody knows or a newer version of one, or attributes that cannot be decoded.
pub fn decode(state: &State, registry: &Registry, config: &Config) -> Result<Live, Report> {
    let (mut live, mut report) = (Live::default(), Report::default());
    for (key, instance) in &state.instances {
        if !key.address.is_managed() {
            continue;
        }
        let Some(resource) = registry.resource(key.address.type_name()) else {
            report.push(unknown_type(&key.address));
            continue;
        };
        if resource.newest_version().is_some_and(|newest| instance.schema_version > newest) {
            let header = config.block(&key.address.resource).map(|block| block.block.header_span);
            report.push(of_newer_version(key, instance.schema_version, resource.as_ref()).at(header));
            continue;
        }
        match instance.decode(&resource.schema().ty) {
            Ok(decoded) => {
                let object = Object {
                    attributes: decoded.value,
                    provider: instance.provider.to_string(),
                    is_tainted: instance.tainted,
                    dependencies: Arc::new(instance.dependencies.iter().cloned().collect()),
                    create_before_destroy: instance.create_before_destroy,
                };
                match &key.deposed {
                    None => drop(live.objects.insert(key.address.clone(), object)),
                    Some(deposed) => drop(live.deposed.insert((key.address.clone(), deposed.clone()), object)),
                }
            }
            Err(diagnostic) => report.push(diagnostic.about(&key.address)),
        }
    }
    live.configured = super::rollouts::remembered(state, registry);
    live.went_back = super::rollouts::went_back(state);
    report.or(live)
}

fn unknown_type(address: &Address) -> Diagnostic {
    let text = format!(
        "The state holds {address}, and glaz has no resource type \"{}\". Nothing was changed. Manage it with Terraform, or take it out of this state.",
        address.type_name()
    );
    Diagnostic::error("Unknown resource type in state", text).about(address)
}

fn of_newer_version(key: &InstanceKey, version: u64, resource: &dyn AnyResource) -> Diagnostic {
    let text = format!(
        "The current state of {key} was created by a newer provider version than the one that is built in: it has version {version} of {}, and glaz knows versions up to {}. Nothing was changed. Use a newer glaz, or the program that wrote it.",
        resource.type_name(),
        resource.schema_version()
    );
    Diagnostic::error("Resource instance managed by newer provider version", text).about(&key.address)
}

/// One batch of objects of a type behind one connection.
struct Batch {
    resource: Arc<dyn AnyResource>,
    cloud: Cloud,
    objects: Vec<(Address, Wanted)>,
}

/// Reads every current object that was not read yet and notes what was changed or removed by others. What
/// is read, and how many calls run at a time, the options say; objects whose provider cannot be connected yet stay as state has them. `config`
/// tells where a failed read is reported. The answer is whether anything newly read differs from state.
///
/// # Errors
/// Every failed read.
pub async fn refresh(
    live: &mut Live,
    registry: &Registry,
    connections: &Connections,
    refs: &BTreeMap<Address, ProviderRef>,
    config: &Config,
    options: &Options,
) -> Result<bool, Report> {
    let mut report = Report::default();
    let known = live.drifted.len() + live.vanished.len();
    let batches = batches(live, registry, connections, refs, options.reads, &mut report);
    let mut reads = futures_util::stream::iter(batches.into_iter().map(|batch| async move {
        let wanted: Vec<Wanted> = batch.objects.iter().map(|(_, wanted)| wanted.clone()).collect();
        let found = read_all(batch.resource.as_ref(), &batch.cloud, &wanted).await;
        (batch, found)
    }))
    .buffer_unordered(options.parallelism.max(1));
    while let Some((batch, found)) = reads.next().await {
        match found {
            Ok(found) => {
                let mut by_id: BTreeMap<&str, &Found> = found.iter().map(|one| (one.id.as_str(), one)).collect();
                for (address, wanted) in &batch.objects {
                    note(live, batch.resource.as_ref(), address, by_id.remove(wanted.id.as_str()));
                }
            }
            Err(error) => {
                let first = &batch.objects[0].0;
                let others = batch.objects.len() - 1;
                let header = config.block(&first.resource).map(|block| block.block.header_span);
                let problem = problem::from_error(&error, first, "Reading").at(header);
                report.push(if others > 0 {
                    problem.note(None, format!("The same call reads {others} more objects."))
                } else {
                    problem
                });
            }
        }
    }
    let is_changed = live.drifted.len() + live.vanished.len() > known;
    report.or(is_changed)
}

fn batches(
    live: &Live,
    registry: &Registry,
    connections: &Connections,
    refs: &BTreeMap<Address, ProviderRef>,
    reads: fn(&str) -> bool,
    report: &mut Report,
) -> Vec<Batch> {
    let mut groups: BTreeMap<(&str, ProviderRef, Option<String>), Batch> = BTreeMap::new();
    let is_wanted = |address: &Address| reads(address.type_name()) && !live.fresh.contains(address);
    for (address, object) in live.objects.iter().filter(|(address, _)| is_wanted(address)) {
        let Some(resource) = registry.resource(address.type_name()) else { continue };
        let provider = refs.get(address).cloned().unwrap_or_else(|| Connections::parse(&object.provider));
        let Some(cloud) = connections.get(&provider) else { continue };
        match resource.id(&object.attributes) {
            Ok(id) => {
                let wanted = Wanted { id, prior: object.attributes.clone() };
                let region = wanted.region().map(str::to_owned);
                let batch = || Batch { resource: resource.clone(), cloud: cloud.clone(), objects: Vec::new() };
                groups
                    .entry((resource.type_name(), provider, region))
                    .or_insert_with(batch)
                    .objects
                    .push((address.clone(), wanted));
            }
            Err(error) => report.push(problem::from_error(&error, address, "Reading")),
        }
    }
    let split = |batch: Batch| {
        let size = batch.resource.read_batch().max(1);
        let parts: Vec<Vec<_>> = batch.objects.chunks(size).map(<[_]>::to_vec).collect();
        parts.into_iter().map(move |objects| Batch {
            resource: batch.resource.clone(),
            cloud: batch.cloud.clone(),
            objects,
        })
    };
    groups.into_values().flat_map(split).collect()
}

/// Compares what was read with what state has.
fn note(live: &mut Live, resource: &dyn AnyResource, address: &Address, found: Option<&Found>) {
    let Some(object) = live.objects.get_mut(address) else { return };
    live.fresh.insert(address.clone());
    let Some(found) = found else {
        live.vanished.extend(live.objects.remove_entry(address));
        return;
    };
    if let Settled::Leaving(why) = &found.settled {
        object.is_tainted = true;
        live.leaving.insert(address.clone(), why.clone());
    }
    let now = copy_marks(&object.attributes, &found.attributes);
    if !super::diff::changes(resource.schema(), &object.attributes, &now).is_empty() {
        live.drifted.insert(address.clone(), std::mem::replace(&mut object.attributes, now));
    }
}

/// What was read, and what is wrong with data sources that cannot be read.
pub type Answers = (Vec<(Address, Value)>, Vec<(Address, Report)>);

/// Reads data sources, all at once up to `parallelism`. One that cannot be read keeps nothing from being looked at but what
/// follows from it.
pub async fn read_data(
    wanted: &[Arc<Desired>],
    registry: &Registry,
    connections: &Connections,
    parallelism: usize,
) -> Answers {
    let reads = wanted.iter().map(|want| async move {
        let (Some(source), Some(cloud)) = (registry.source(want.address.type_name()), connections.get(&want.provider))
        else {
            let text = format!("{} was to be read without a connection", want.address);
            return (want, Err(Report::from(Diagnostic::bug(text))));
        };
        let asked = super::complete::complete(source.schema(), &want.config, None);
        let value = source.read_as(&want.address, cloud, &super::known(&asked)).await;
        let value = value.map(|value| copy_marks(&want.config, &mark_schema(source.schema(), &value)));
        let fail = |error| Report::from(problem::from_error(&error, &want.address, "Reading").at(want.spans.header()));
        (want, value.map_err(fail))
    });
    let answers: Vec<_> = futures_util::stream::iter(reads).buffer_unordered(parallelism.max(1)).collect().await;
    let (mut read, mut unread) = (Vec::new(), Vec::new());
    for (want, answer) in answers {
        match answer {
            Ok(value) => read.push((want.address.clone(), value)),
            Err(problems) => unread.push((want.address.clone(), problems)),
        }
    }
    (read, unread)
}
