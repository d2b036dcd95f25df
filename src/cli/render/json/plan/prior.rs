//! The state that the plan starts from, brought up to date.

use crate::address::Address;
use crate::cli::render::json::state::{Whole, whole};
use crate::diagnostic::Diagnostic;
use crate::plan::saved::Saved;
use crate::plan::{Action, Purpose};
use crate::resource::Registry;
use crate::state::{Instance, InstanceKey, Output, State};

/// What was remembered, as it was found when the plan was made, and the data sources that were read; `None` when that is
/// nothing.
pub(super) fn state(saved: &Saved, registry: &Registry) -> Result<Option<Whole>, Diagnostic> {
    // Results of checks are those of the plan, which stand beside it.
    let mut state = State { check_results: None, ..saved.state.clone() };
    state.instances.retain(|key, _| key.address.is_managed());
    moved(&mut state, saved);
    let live = &saved.plan.live;
    for address in live.gone() {
        state.instances.remove(&InstanceKey::current(address.clone()));
    }
    for (address, object) in &live.objects {
        let schema = registry.resource(address.type_name()).map(|resource| resource.schema());
        let instance = state.instances.get_mut(&InstanceKey::current(address.clone()));
        if let (Some(schema), Some(instance)) = (schema, instance) {
            instance.encode(&object.attributes, &schema.ty)?;
        }
    }
    for change in saved.plan.changes.iter().filter(|change| change.importing.is_some()) {
        let Some(resource) = registry.resource(change.address.type_name()) else { continue };
        let (provider, version) = (change.provider.in_state(), resource.schema_version());
        let instance = Instance::new(&provider, version, &change.before, &resource.schema().ty)?;
        state.instances.insert(InstanceKey::current(change.address.clone()), instance);
    }
    for change in saved.plan.changes.iter().filter(|change| !change.address.is_managed()) {
        let Some(source) = registry.source(change.address.type_name()) else { continue };
        if change.action == Action::NoOp {
            let instance = Instance::new(&change.provider.in_state(), 0, &change.after, &source.schema().ty)?;
            state.instances.insert(InstanceKey::current(change.address.clone()), instance);
        }
    }
    outputs(&mut state, saved);
    if state.is_empty() && state.outputs.is_empty() {
        return Ok(None);
    }
    whole(&state, registry).map(Some)
}

/// Objects have the names that the plan gives them.
fn moved(state: &mut State, saved: &Saved) {
    let mut taken = Vec::new();
    for change in &saved.plan.changes {
        let Some(from) = &change.moved_from else { continue };
        let key = |address: &Address| InstanceKey { address: address.clone(), deposed: change.deposed.clone() };
        taken.extend(state.instances.remove(&key(from)).map(|instance| (key(&change.address), instance)));
    }
    state.instances.extend(taken);
}

/// Outputs are what they come to with what exists; those that are known only after apply are what they were.
fn outputs(state: &mut State, saved: &Saved) {
    if saved.plan.mode == Purpose::Destroy {
        return;
    }
    for (name, change) in &saved.plan.outputs {
        let Some(after) = change.after.as_ref().filter(|after| after.is_wholly_known()) else { continue };
        if after.is_null() {
            state.outputs.remove(&**name);
        } else {
            let output = Output { value: after.unmarked(), sensitive: change.is_hidden() };
            state.outputs.insert(name.to_string(), output);
        }
    }
}
