//! What an operation does beyond the configuration: objects that the state has, steps that a plan has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::inferred::{Reasons, drawn};
use crate::address::{Address, Resource};
use crate::cli::render::graph::{Edge, Picture, Spot};
use crate::lang::Config;
use crate::lang::dependencies::{Dependencies, Kind};
use crate::plan::saved::Saved;
use crate::plan::steps::Join;
use crate::plan::{Plan, Purpose, Step, What};
use crate::state::State;

/// The block without instance keys.
fn block(resource: &Resource) -> Resource {
    let mut block = resource.clone();
    block.module =
        block.module.0.iter().fold(crate::address::ModulePath::root(), |path, step| path.child(&step.name, None));
    block
}

/// A node for an object, with its provider at its beginning and end.
fn object(all: &mut Dependencies, name: String, resource: &Resource, provider: &str) -> usize {
    let resource = block(resource);
    let module = resource.module.names();
    let at = all.add(name, Kind::Resource(resource), module);
    let root = all.add("root".to_owned(), Kind::Root, Vec::new());
    let begin = all.add(provider.to_owned(), Kind::Provider, Vec::new());
    let close = all.add(format!("{provider} (close)"), Kind::Other, Vec::new());
    for (from, to) in [(at, begin), (close, at), (close, begin), (root, close)] {
        all.need(from, to);
    }
    at
}

/// Adds objects that have no block any more.
pub(super) fn orphans(all: &mut Dependencies, config: &Config, state: &State) {
    for (key, instance) in &state.instances {
        let resource = &key.address.resource;
        if key.address.is_managed() && config.block(resource).is_none() {
            object(all, format!("{} (orphan)", block(resource)), resource, &instance.provider);
        }
    }
}

/// Adds outputs that the state has and the configuration does not.
pub(super) fn gone_outputs(all: &mut Dependencies, config: &Config, state: &State) {
    let outputs = config.root().map(|root| &root.body.outputs);
    for name in state.outputs.keys() {
        if !outputs.is_some_and(|outputs| outputs.contains_key(&**name)) {
            gone_output(all, name);
        }
    }
}

/// Only a plan reports checks before anything is read.
pub(super) fn without_reports(all: &Dependencies) -> Dependencies {
    all.without(|node| node.kind == Kind::Other && node.name.ends_with(" (report)"))
}

fn gone_output(all: &mut Dependencies, name: &str) {
    let root = all.add("root".to_owned(), Kind::Root, Vec::new());
    let output = all.add(format!("output.{name} (destroy)"), Kind::Output, Vec::new());
    all.need(root, output);
}

/// Deleting everything that the state has: what depends on an object goes first.
pub(super) fn destroy(config: &Config, state: &State) -> Dependencies {
    let mut all = Dependencies::default();
    let root = all.add("root".to_owned(), Kind::Root, Vec::new());
    for name in config.root().into_iter().flat_map(|root| root.body.outputs.keys()) {
        let output = all.add(format!("output.{name} (expand)"), Kind::Other, Vec::new());
        all.need(root, output);
    }
    let name = |resource: &Resource| format!("{} (destroy)", block(resource));
    let managed = || state.instances.iter().filter(|(key, _)| key.address.is_managed());
    for (key, instance) in managed() {
        object(&mut all, name(&key.address.resource), &key.address.resource, &instance.provider);
    }
    for (key, instance) in managed() {
        let Some(own) = all.find(&name(&key.address.resource)) else { continue };
        for needed in &instance.dependencies {
            if let Some(needed) = all.find(&name(needed)) {
                all.need(needed, own);
            }
        }
    }
    all
}

/// The name of a step.
fn step_name(address: &Address, what: What) -> String {
    match what {
        What::Delete => format!("{address} (destroy)"),
        What::Deploy => format!("{address} (deploy)"),
        What::Create | What::Update | What::Read => address.to_string(),
    }
}

/// What applying a plan evaluates: the configuration, unless everything goes, with the steps of the plan; and the needs of
/// steps that have these reasons.
pub(super) fn apply(config: &Dependencies, saved: &Saved, reasons: &Reasons) -> (Dependencies, Vec<Edge>) {
    let plan = &saved.plan;
    let is_destroy = saved.options.mode == Purpose::Destroy;
    let mut all = if is_destroy { Dependencies::default() } else { without_reports(config) };
    // By instance, the node of its block.
    let mut instances: BTreeMap<usize, usize> = BTreeMap::new();
    let mut places = Vec::new();
    for step in &plan.steps {
        let resource = &step.address.resource;
        let provider = plan.changes.get(step.change).map(|change| change.provider.in_state()).unwrap_or_default();
        let at = object(&mut all, step_name(&step.address, step.what), resource, &provider);
        if step.what != What::Delete
            && let Some(block) = all.find(&format!("{} (expand)", block(resource)))
        {
            all.need(at, block);
            instances.insert(at, block);
        }
        places.push(at);
    }
    // What refers to a block waits for its instances.
    let waits: Vec<(usize, usize)> = instances
        .iter()
        .flat_map(|(instance, block)| {
            let needs_it = |from: &usize| all.nodes[*from].needs.contains(block) && !instances.contains_key(from);
            (0..all.nodes.len()).filter(needs_it).map(|from| (from, *instance)).collect::<Vec<_>>()
        })
        .collect();
    for (from, to) in waits {
        all.need(from, to);
    }
    need_each_other(&mut all, plan, &places, reasons);
    let gone = plan.outputs.iter().filter(|(_, output)| is_destroy || output.after.is_none());
    gone.map(|(name, _)| name.clone()).collect::<Vec<_>>().iter().for_each(|name| gone_output(&mut all, name));
    all.reduce();
    let edges = inferred(&all, &places, reasons);
    (all, edges)
}

/// Notes what steps need at their places, but for what has a reason of its own.
fn need_each_other(all: &mut Dependencies, plan: &Plan, places: &[usize], reasons: &Reasons) {
    for (at, step) in plan.steps.iter().enumerate() {
        let stated = needs(step).into_iter().filter(|need| !reasons.contains_key(&(at, *need)));
        stated.filter_map(|need| places.get(need)).for_each(|need| all.need(places[at], *need));
    }
}

/// Edges for the needs that have a reason of their own.
fn inferred(all: &Dependencies, places: &[usize], reasons: &Reasons) -> Vec<Edge> {
    let edge = |((at, need), why): (&(usize, usize), &&'static str)| Edge {
        from: places[*at],
        to: places[*need],
        why: Some(*why),
    };
    drawn(all, &reasons.iter().map(edge).collect::<Vec<_>>())
}

/// All steps that one waits for, also those that it waits for together with others.
pub(super) fn needs(step: &Step) -> BTreeSet<usize> {
    let mut all: BTreeSet<usize> = step.needs.iter().copied().collect();
    let mut seen = BTreeSet::new();
    let mut todo: Vec<&Arc<Join>> = step.joins.iter().collect();
    while let Some(join) = todo.pop() {
        if seen.insert(join.number) {
            all.extend(&join.steps);
            todo.extend(&join.joins);
        }
    }
    all
}

/// The steps of a plan as a picture, without needs that others imply; those that have these reasons are dashed.
pub(super) fn steps(plan: &Plan, reasons: &Reasons) -> Picture {
    let mut all = Dependencies::default();
    let places: Vec<usize> = plan
        .steps
        .iter()
        .map(|step| all.add(step_name(&step.address, step.what), Kind::Other, step.address.module().names()))
        .collect();
    need_each_other(&mut all, plan, &places, reasons);
    all.reduce();
    let mut picture = Picture::of(&all).with(&inferred(&all, &places, reasons));
    for (step, place) in plan.steps.iter().zip(&places) {
        if let Some(spot) = picture.nodes.get_mut(*place) {
            *spot = spot_of(step);
        }
    }
    picture
}

fn spot_of(step: &Step) -> Spot {
    let resource = &step.address.resource;
    let key = step.address.key.as_ref().map(ToString::to_string).unwrap_or_default();
    let module = step
        .address
        .module()
        .0
        .iter()
        .map(|one| one.key.as_ref().map_or_else(|| one.name.clone(), |key| format!("{}{key}", one.name).into()));
    Spot {
        kind: resource.type_name.to_string(),
        label: format!("{}{key}", resource.name),
        module: module.collect(),
        what: Some(step.what),
    }
}
