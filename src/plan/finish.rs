//! From what is planned for each instance to the whole plan: objects without configuration, the order of replacements,
//! what is protected, steps and outputs. No io.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::change::{Action, Change, Reason};
use super::create_first;
use super::draw::{Plan, Planned, Purpose, Request};
use super::hidden;
use super::live::Live;
use super::moved::Moves;
use super::narrow;
use super::orphans;
use super::output::OutputChange;
use super::removed::{self, Forgotten};
use super::replan;
use super::rollouts;
use super::sharing;
use super::singles;
use super::steps;
use super::turned;
use crate::address::{Address, ModulePath};
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::{Config, Outcome, Selection};
use crate::state::State;

/// Adds orphans, spreads create-first, and turns changes into steps.
pub(super) fn finish(
    mut plan: Plan,
    request: Request<'_>,
    outcome: Outcome,
    planned: Planned,
    moves: &Moves,
) -> Result<Plan, Report> {
    let mut mistakes = moves.check(request.config, &outcome);
    mistakes.extend(removed::check(request.config));
    mistakes.or(())?;
    plan.warnings.0.extend(moves.warning());
    let forgotten = Forgotten::of(request.config);
    let modules: BTreeSet<&ModulePath> = outcome.modules.iter().collect();
    plan.warnings.0.extend(narrow::warning(&request.options.selection));
    let is_destroy = request.options.mode == Purpose::Destroy;
    let mut changes: Vec<Change> = if is_destroy { Vec::new() } else { planned.changes };
    create_first::mark(&mut changes, &planned.create_first, &planned.revisions, request.registry);
    let configured = addresses(&changes, &plan.live);
    let orphans: Vec<Change> = plan
        .live
        .objects
        .iter()
        .filter(|(address, _)| !configured.contains(address))
        .map(|(address, object)| {
            let has_moved = moves.origin(address).is_some();
            let reason = || orphans::reason(address, request.config, &modules, has_moved);
            let reason = if is_destroy { Reason::None } else { reason() };
            orphans::deletion(address, None, object, reason)
        })
        .collect();
    drop(configured);
    let deposed = plan
        .live
        .deposed
        .iter()
        .map(|((address, key), object)| orphans::deletion(address, Some(key.clone()), object, Reason::None));
    changes.extend(orphans.into_iter().chain(deposed));
    plan.changes = changes;
    for change in &mut plan.changes {
        change.moved_from = moves.origin(&change.address).cloned();
        change.importing = plan.live.imported.get(&change.address).cloned();
        if !is_destroy && change.action == Action::Delete && forgotten.contains(&change.address) {
            change.action = Action::Forget;
        }
    }
    let from = |address: &Address| Some((address.clone(), moves.origin(address)?.clone()));
    plan.live.vanished_from = plan.live.vanished.keys().filter_map(from).collect();
    plan.changes.shrink_to_fit();
    orphans::without_provider(&plan.changes, request.config).or(())?;
    rollouts::forget_governed_drift(&mut plan);
    plan.configured = planned.configured;
    (plan.sharing, plan.takes, plan.conflicts) = (planned.sharing, request.options.takes.clone(), planned.conflicts);
    sharing::unknown(&plan).or(())?;
    if !plan.takes.asks {
        sharing::problems(&plan.conflicts).or(())?;
    }
    if plan.mode == Purpose::RefreshOnly {
        replan::stay(&mut plan.changes);
    } else {
        forget_idle_drift(&mut plan);
    }
    plan.warnings.0.extend(replan::imprecise(&request.options.replace, &plan.changes));
    plan.warnings.0.extend(removed::warning(&plan.changes));
    protect(&plan.changes, request.config)?;
    plan.rollouts = rollouts::deployments(&plan, &planned.spans)?;
    plan.warnings.extend(turned::warnings(&plan));
    let leaving = leaving(&plan);
    plan.warnings.0.extend(leaving);
    let notes =
        plan.live.observed.iter().flat_map(|(address, seen)| seen.notes.iter().map(move |note| (address, note)));
    let note = |(address, note): (&Address, &String)| {
        Diagnostic::warning("Deployment controller not wholly seen", note.clone()).about(address)
    };
    plan.warnings.0.extend(notes.map(note));
    let hidden = hidden::hidden(&plan, request);
    let in_the_way = singles::in_the_way(request.registry, &plan.changes);
    plan.steps = steps::ordered(&plan.changes, &plan.rollouts, &planned.late, &hidden, &in_the_way)?;
    plan.outputs = outputs(request.state, if is_destroy { None } else { Some(&outcome) }, &plan.selection);
    if is_destroy && request.options.refresh && plan.selection.is_whole() {
        refreshed(&mut plan.outputs, &outcome);
    }
    plan.checks = outcome.checks;
    if is_destroy && !plan.selection.is_whole() {
        // Nothing was looked at, not even outputs.
        plan.checks.iter_mut().for_each(|check| check.object.clear());
    }
    plan.warnings.extend(outcome.warnings);
    plan.warnings.extend(planned.warnings);
    Ok(plan)
}

/// Says of objects that are to be there, and that the service is deleting, why they are made anew.
fn leaving(plan: &Plan) -> Vec<Diagnostic> {
    let stays =
        |change: &&Change| change.deposed.is_none() && !matches!(change.action, Action::Delete | Action::Forget);
    let warning = |change: &Change| {
        let why = plan.live.leaving.get(&change.address)?;
        let then = match change.action {
            Action::Replace { .. } => " A new one is made when it is gone.",
            _ => "",
        };
        let text = format!("{}: {why}{then}", change.address);
        Some(Diagnostic::warning("An object is being deleted", text).about(&change.address))
    };
    plan.changes.iter().filter(stays).filter_map(warning).collect()
}

/// The addresses of the changes, to be compared with what exists; none when nothing does.
fn addresses<'a>(changes: &'a [Change], live: &Live) -> HashSet<&'a Address> {
    if live.objects.is_empty() {
        return HashSet::new();
    }
    changes.iter().map(|change| &change.address).collect()
}

/// Keeps of what others changed only what matters: objects that are planned to change. A security group whose rules are
/// resources of their own always looks changed, and nobody needs to know.
fn forget_idle_drift(plan: &mut Plan) {
    let active = plan.changes.iter().filter(|change| change.is_action());
    let matters: BTreeSet<&Address> = active.map(|change| &change.address).collect();
    plan.live.drifted.retain(|address, _| matters.contains(address));
}

/// Refuses a plan that destroys what `prevent_destroy` protects.
fn protect(changes: &[Change], config: &Config) -> Result<(), Report> {
    let hit = changes.iter().filter(|change| change.deletes() && change.deposed.is_none());
    let hit = hit
        .filter(|change| config.block(&change.address.resource).is_some_and(|block| block.lifecycle.prevent_destroy));
    let problem = |change: &Change| {
        let text = format!(
            "{} has `lifecycle.prevent_destroy` set, but the plan calls for it to be destroyed. Remove `prevent_destroy`, or keep the resource as it is.",
            change.address
        );
        let block = config.block(&change.address.resource).map(|block| block.block.header_span);
        Diagnostic::error("Instance cannot be destroyed", text).at(block).about(&change.address)
    };
    Report(hit.map(problem).collect()).or(())
}

/// Where everything goes, outputs are what they came to when all was looked at just before.
fn refreshed(outputs: &mut IndexMap<Arc<str>, OutputChange>, outcome: &Outcome) {
    for (name, output) in outcome.outputs.iter().filter(|(_, one)| one.value.is_wholly_known() && !one.value.is_null())
    {
        let was_sensitive = output.sensitive || output.value.marks_deep().is_sensitive();
        let before = Some(output.value.clone());
        let change = OutputChange { before, after: None, was_sensitive, is_sensitive: was_sensitive };
        outputs.insert(name.clone(), change);
    }
    outputs.sort_keys();
}

/// Root outputs. Those that are not part of the plan stay as they are.
fn outputs(state: &State, outcome: Option<&Outcome>, selection: &Selection) -> IndexMap<Arc<str>, OutputChange> {
    let mut all = IndexMap::new();
    for (name, output) in outcome.iter().flat_map(|outcome| &outcome.outputs) {
        let known = state.outputs.get(&**name);
        let change = OutputChange {
            before: known.map(|output| output.value.clone()),
            // A plan knows of no minus zero.
            after: Some(if output.value.has_minus_zero() {
                output.value.with_plain_zeros()
            } else {
                output.value.clone()
            }),
            was_sensitive: known.is_some_and(|output| output.sensitive),
            is_sensitive: output.sensitive || output.value.marks_deep().is_sensitive(),
        };
        all.insert(name.clone(), change);
    }
    for (name, output) in state.outputs.iter().filter(|_| selection.is_whole()) {
        let gone = || OutputChange {
            before: Some(output.value.clone()),
            after: None,
            was_sensitive: output.sensitive,
            is_sensitive: output.sensitive,
        };
        all.entry(name.as_str().into()).or_insert_with(gone);
    }
    all.sort_keys();
    all
}
