//! `-target` and `-exclude`: which of the objects that exist a plan is about. The others are left out of it as if they
//! were not there, and state keeps them as they are.

use std::collections::BTreeSet;

use super::draw::{Mode, Request};
use super::live::{Live, Object};
use super::moved::Moves;
use super::steps::without_keys;
use crate::address::{Address, Resource};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Evaluator, Selection};

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
        Mode::Destroy => destroyed(live, selection),
        Mode::Normal | Mode::RefreshOnly | Mode::Validate => wanted(live, request),
    };
    moved_stay(live, moves, &kept).or(())?;
    live.objects.retain(|address, _| kept.contains(address));
    live.deposed.retain(|(address, _), _| kept.contains(address));
    Ok(())
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
        let block = without_keys(&address.resource);
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
    let mut named: BTreeSet<&Address> =
        all(live).map(|(address, _)| address).filter(|address| selection.names(address)).collect();
    let blocks = |addresses: &BTreeSet<&Address>| -> BTreeSet<Resource> {
        addresses.iter().map(|address| without_keys(&address.resource)).collect()
    };
    if !selection.targets.is_empty() {
        loop {
            let going = blocks(&named);
            let count = named.len();
            named.extend(
                all(live)
                    .filter(|(_, object)| object.dependencies.iter().any(|on| going.contains(&without_keys(on))))
                    .map(|(address, _)| address),
            );
            if named.len() == count {
                return named.into_iter().cloned().collect();
            }
        }
    }
    loop {
        let staying = all(live).filter(|(address, _)| !named.contains(address));
        let needed: BTreeSet<Resource> =
            staying.flat_map(|(_, object)| object.dependencies.iter().map(|block| without_keys(block))).collect();
        let count = named.len();
        named.retain(|address| !needed.contains(&without_keys(&address.resource)));
        if named.len() == count {
            return named.into_iter().cloned().collect();
        }
    }
}

/// An object that has moved must be part of the plan, or state could not follow.
fn moved_stay(live: &Live, moves: &Moves, kept: &BTreeSet<Address>) -> Report {
    let left = |address: &&Address| !kept.contains(*address) && moves.origin(address).is_some();
    let left: Vec<String> =
        all(live).map(|(address, _)| address).filter(left).map(|address| format!("  -target={address}")).collect();
    if left.is_empty() {
        return Report::default();
    }
    let text = format!(
        "Objects have moved in the configuration that this plan is not about. Nobody can tell yet whether anything is to be done for them. Name them too:\n\n{}",
        left.join("\n")
    );
    Diagnostic::error("Moved resource instances excluded by targeting", text).into()
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
