//! `-target` and `-exclude`: which of the objects that exist a plan is about. Of the others expressions see what state
//! remembers; nothing else is done about them, and state keeps them as they are.

use std::collections::{BTreeSet, HashMap};

use super::draw::{Purpose, Request};
use super::live::{Live, Object, mark_schema};
use super::moved::Moves;
use crate::address::{Address, Mode, ModulePath, Resource};
use crate::diagnostic::{Diagnostic, Report, shell_word};
use crate::lang::{Evaluator, Selection};
use crate::value::Value;

/// Leaves out the objects that the plan is not about.
///
/// # Errors
/// One of them was moved: it would have to be planned at its new address.
pub(super) fn narrow(live: &mut Live, moves: &Moves, request: Request<'_>) -> Result<(), Report> {
    let selection = &request.options.selection;
    if selection.is_whole() {
        return Ok(());
    }
    let kept = match request.options.mode {
        Purpose::Destroy => destroyed(live, selection),
        Purpose::Normal | Purpose::RefreshOnly | Purpose::Validate => wanted(live, request),
    };
    moved_stay(live, moves, &kept, selection).or(()).map_err(|report| warned(report, selection))?;
    live.deposed.retain(|(address, _), _| kept.contains(address));
    let left: Vec<_> = live.objects.extract_if(.., |address, _| !kept.contains(address)).collect();
    let seen = |(address, object): (Address, Object)| {
        let schema = request.registry.resource(address.type_name()).map(|resource| resource.schema());
        let value = schema.map_or_else(|| object.attributes.clone(), |schema| mark_schema(schema, &object.attributes));
        (address, value)
    };
    live.left_out = left.into_iter().map(seen).collect();
    live.left_out.extend(unread(request));
    Ok(())
}

/// Data sources that the plan is not about, as they were read last. One that cannot be decoded is not known.
fn unread(request: Request<'_>) -> impl Iterator<Item = (Address, Value)> {
    let Request { state, registry, options, .. } = request;
    let current = state.instances.iter().filter(|(key, _)| key.deposed.is_none());
    let is_left = |address: &Address| address.resource.mode == Mode::Data && !options.selection.takes(address);
    current.filter(move |(key, _)| is_left(&key.address)).filter_map(move |(key, instance)| {
        let schema = registry.source(key.address.type_name())?.schema();
        let value = instance.decode(&schema.ty).ok()?.value;
        Some((key.address.clone(), mark_schema(schema, &value)))
    })
}

fn all(live: &Live) -> impl Iterator<Item = (&Address, &Object)> {
    live.objects.iter().chain(live.deposed.iter().map(|((address, _), object)| (address, object)))
}

/// Objects of the blocks that are evaluated, and those without a block that are named.
fn wanted(live: &Live, request: Request<'_>) -> BTreeSet<Address> {
    let selection = &request.options.selection;
    let evaluator = Evaluator::new(request.config.clone(), request.inputs, request.env);
    let every = evaluator.selected_blocks();
    let selected = evaluator.within(selection).selected_blocks();
    let is_wanted = |address: &&Address| {
        let block = address.resource.without_keys();
        if every.contains(&block) {
            selected.contains(&block) && selection.takes(address)
        } else {
            selection.names(address)
        }
    };
    all(live).map(|(address, _)| address).filter(is_wanted).cloned().collect()
}

/// Of a deletion: with a target goes what depends on it; with what is kept stays what it depends on.
fn destroyed(live: &Live, selection: &Selection) -> BTreeSet<Address> {
    let named = all(live).map(|(address, _)| address).filter(|address| selection.names(address)).collect();
    let going = if selection.targets.is_empty() { without_needed(live, named) } else { with_users(live, named) };
    going.into_iter().cloned().collect()
}

/// Where an object finds what it depends on: a block, in a module instance or anywhere inside it.
type Place = (Resource, ModulePath);

/// The place of a dependency. State records it without the keys of module instances. Where the module of the dependency
/// and that of its user have calls in common, these are the user's own; below them it may be any instance.
fn place_of(on: &Resource, user: &Address) -> Place {
    let (block, own) = (on.without_keys(), &user.module().0);
    let shared = own.iter().zip(block.module.0.iter()).take_while(|(own, other)| own.name == other.name).count();
    (block, ModulePath(own[..shared].into()))
}

/// All places in which an object is found.
fn places(address: &Address) -> impl Iterator<Item = Place> {
    let (block, path) = (address.resource.without_keys(), &address.module().0);
    (0..=path.len()).map(move |shared| (block.clone(), ModulePath(path[..shared].into())))
}

/// These and what depends on them, directly or through others.
fn with_users<'a>(live: &'a Live, mut going: BTreeSet<&'a Address>) -> BTreeSet<&'a Address> {
    let mut users: HashMap<Place, Vec<&Address>> = HashMap::new();
    for (address, object) in all(live) {
        for on in object.dependencies.iter() {
            users.entry(place_of(on, address)).or_default().push(address);
        }
    }
    let mut todo: Vec<&Address> = going.iter().copied().collect();
    while let Some(address) = todo.pop() {
        // What is found in the same place has the same users there, so that the first one takes them all.
        let users = places(address).filter_map(|place| users.remove(&place)).flatten();
        todo.extend(users.filter(|user| going.insert(user)));
    }
    going
}

/// These without what others than these depend on, directly or through others.
fn without_needed<'a>(live: &'a Live, mut going: BTreeSet<&'a Address>) -> BTreeSet<&'a Address> {
    let mut objects: HashMap<Place, Vec<(&Address, &Object)>> = HashMap::new();
    for (address, object) in all(live) {
        for place in places(address) {
            objects.entry(place).or_default().push((address, object));
        }
    }
    let is_staying = |(address, _): &(&Address, &Object)| !going.contains(address);
    let mut todo: Vec<(&Address, &Object)> = all(live).filter(is_staying).collect();
    while let Some((user, object)) = todo.pop() {
        for on in object.dependencies.iter() {
            for (address, needed) in objects.remove(&place_of(on, user)).unwrap_or_default() {
                going.remove(address);
                todo.push((address, needed));
            }
        }
    }
    going
}

/// An object that has moved must be part of the plan, or state could not follow. Targets name it as it was called and as it
/// is called, as Terraform has it.
fn moved_stay(live: &Live, moves: &Moves, kept: &BTreeSet<Address>, selection: &Selection) -> Report {
    let moved = all(live).filter_map(|(address, _)| Some([moves.origin(address)?, address]));
    let left = |address: &&Address| {
        if selection.targets.is_empty() {
            moves.origin(address).is_some() && !kept.contains(*address)
        } else {
            !selection.names(address)
        }
    };
    let flag = |address: &Address| format!("  -target={}", shell_word(&address.to_string()));
    let left: Vec<String> = moved.flatten().filter(left).map(flag).collect();
    if left.is_empty() {
        return Report::default();
    }
    let text = format!(
        "Objects have moved in the configuration that this plan is not about. Nobody can tell yet whether anything is to be done for them. Name them too:\n\n{}",
        left.join("\n")
    );
    Diagnostic::error("Moved resource instances excluded by targeting", text).into()
}

/// Problems of a plan that is not about everything; those that the files have by themselves do not come from that.
pub(super) fn warned(mut report: Report, selection: &Selection) -> Report {
    report.0.extend(warning(selection));
    report
}

/// Says that the plan is not about everything.
pub(super) fn warning(selection: &Selection) -> Option<Diagnostic> {
    let flag = match (selection.targets.is_empty(), selection.excludes.is_empty()) {
        (true, true) => return None,
        (false, _) => "-target",
        (true, false) => "-exclude",
    };
    let text = format!(
        "The plan is made with {flag}, so it may leave out changes that the configuration asks for. That is for repairs and mistakes, not for every day: plan without it afterwards to see what is left."
    );
    Some(Diagnostic::warning("Resource targeting is in effect", text))
}
